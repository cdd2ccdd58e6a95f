"""Every kind of fault: what happens, to which requests, and whether what was asked is done all the same."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Fault(StrEnum):
    """What goes wrong."""

    SESSION_EXPIRED = "session-expired"
    CONCURRENT_LIMIT = "concurrent-limit"
    DAILY_LIMIT = "daily-limit"
    UNAVAILABLE = "unavailable"
    BAD_GATEWAY = "bad-gateway"
    GATEWAY_TIMEOUT = "gateway-timeout"
    CUT_BEFORE = "cut-before"
    LOST_RESPONSE = "lost-response"
    CUT_AFTER = "cut-after"
    CUT_MIDWAY = "cut-midway"
    SLOW = "slow"
    ROW_LOCK = "row-lock"
    GROUP_LOCK = "group-lock"
    QUERY_TIMEOUT = "query-timeout"
    TRUNCATED = "truncated"
    WRONG_CHARSET = "wrong-charset"
    DUPLICATED_ROWS = "duplicated-rows"
    REORDERED_ROWS = "reordered-rows"
    STALE_LICENSES = "stale-licenses"
    SLOW_JOB = "slow-job"
    JOB_FAILED = "job-failed"
    JOB_ABORTED = "job-aborted"


class Moment(StrEnum):
    """When a request can meet a fault; the text says which requests that are."""

    REQUEST = "any request but a login"
    QUERY = "a query"
    ROWS = "a write of records"
    USERS = "a write of users"
    JOB = "the closing of an ingest job, the making of a query job (Bulk API 2.0)"
    CONTENT = "an answer with a body"
    FOREIGN = "an answer with letters beyond ASCII"
    PAGE = "a page of a query, a result file of a job"
    LICENSES = "an answer in JSON with UsedLicenses"


class Execution(StrEnum):
    """Whether what was asked is done."""

    NO = "no"
    PARTLY = "partly"
    YES = "yes"


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of fault; `amount` of `unit` is what a spec without an amount means, and no unit takes no amount."""

    what: str
    meets: Moment
    executed: Execution = Execution.YES
    amount: int = 0
    unit: str = ""


def usual_amount(kind: Kind) -> str:
    """The amount of a kind where a spec tells none, with its unit; empty where it takes none."""
    return f"{kind.amount}{kind.unit}" if kind.unit else ""


_NO, _PARTLY = Execution.NO, Execution.PARTLY

KINDS: Mapping[Fault, Kind] = {
    Fault.SESSION_EXPIRED: Kind("401 INVALID_SESSION_ID", Moment.REQUEST, _NO),
    Fault.CONCURRENT_LIMIT: Kind("403 REQUEST_LIMIT_EXCEEDED, ConcurrentRequests", Moment.REQUEST, _NO),
    Fault.DAILY_LIMIT: Kind("403 REQUEST_LIMIT_EXCEEDED, TotalRequests", Moment.REQUEST, _NO),
    Fault.UNAVAILABLE: Kind("503 SERVER_UNAVAILABLE", Moment.REQUEST, _NO),
    Fault.BAD_GATEWAY: Kind("502 and a proxy's page of HTML", Moment.REQUEST, _NO),
    Fault.GATEWAY_TIMEOUT: Kind("504 and a proxy's page of HTML", Moment.REQUEST),
    Fault.CUT_BEFORE: Kind("the connection is cut before the request is read", Moment.REQUEST, _NO),
    Fault.LOST_RESPONSE: Kind("503 SERVER_UNAVAILABLE", Moment.REQUEST),
    Fault.CUT_AFTER: Kind("the connection is cut, not a byte is answered", Moment.REQUEST),
    Fault.CUT_MIDWAY: Kind("half of the answer, then the connection is cut", Moment.CONTENT),
    Fault.SLOW: Kind("the answer comes late, by AMOUNT milliseconds", Moment.REQUEST, amount=1000, unit="ms"),
    Fault.ROW_LOCK: Kind("AMOUNT of the rows are refused: UNABLE_TO_LOCK_ROW", Moment.ROWS, _PARTLY, 100, "%"),
    Fault.GROUP_LOCK: Kind("AMOUNT of the rows are refused: UNKNOWN_EXCEPTION", Moment.USERS, _PARTLY, 100, "%"),
    Fault.QUERY_TIMEOUT: Kind("400 QUERY_TIMEOUT", Moment.QUERY, _NO),
    Fault.TRUNCATED: Kind("half of the body, under a Content-Length that is right", Moment.CONTENT),
    Fault.WRONG_CHARSET: Kind("the body in Latin-1, under a header that says UTF-8 or nothing", Moment.FOREIGN),
    Fault.DUPLICATED_ROWS: Kind("AMOUNT of the rows come twice, one at least", Moment.PAGE, amount=10, unit="%"),
    Fault.REORDERED_ROWS: Kind("the rows come in another order", Moment.PAGE),
    Fault.STALE_LICENSES: Kind("UsedLicenses as it was when the fault was armed", Moment.LICENSES),
    Fault.SLOW_JOB: Kind("the job is InProgress for AMOUNT more polls", Moment.JOB, amount=3, unit=" polls"),
    Fault.JOB_FAILED: Kind("Failed after AMOUNT of the rows; the rest is unprocessed", Moment.JOB, _PARTLY, 50, "%"),
    Fault.JOB_ABORTED: Kind("Aborted after AMOUNT of the rows; the rest is unprocessed", Moment.JOB, _PARTLY, 50, "%"),
}
"""What a query job that fails has processed is lost with it: it has no results."""
