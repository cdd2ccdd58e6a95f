"""What an error says about the request or the record that met it, and how long to wait before another try.

One table decides for every API; docs/errors.md is written from it. The codes are Salesforce's, the verdicts are this
project's judgement.
"""

import random
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

_REST = "https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/errorcodes.htm"
_SOAP = "https://developer.salesforce.com/docs/atlas.en-us.api.meta/api/sforce_api_calls_concepts_core_data_objects.htm"
_LIMITS = (
    "https://developer.salesforce.com/docs/atlas.en-us.salesforce_app_limits_cheatsheet.meta/"
    "salesforce_app_limits_cheatsheet/salesforce_app_limits_platform_api.htm"
)
_ACCESS = "https://developer.salesforce.com/docs/atlas.en-us.draes.meta/draes/"


class Verdict(StrEnum):
    """What may be done after an error."""

    NOT_EXECUTED = "not executed"
    LOCKED = "locked"
    EXPIRED = "expired"
    STOP = "stop"
    UNKNOWN = "unknown outcome"
    ALREADY_DONE_ELSEWHERE = "there already"
    CULPRIT_ELSEWHERE = "culprit elsewhere"
    REFUSED = "refused"


DOES: Mapping[Verdict, str] = {
    Verdict.NOT_EXECUTED: "Nothing was done: it is sent again, after waits that grow, until a minute is over.",
    Verdict.LOCKED: "That record was not written: it alone is sent again, with fewer others and not beside them.",
    Verdict.EXPIRED: "Nothing was done: sfrec logs in again, once, and repeats the request.",
    Verdict.STOP: "Whatever follows would be refused as well: nothing more is sent, and the rest is reported as such.",
    Verdict.UNKNOWN: "It may have been done. A read is repeated, and so is a write of fixed values to known Ids; after "
    "any other write sfrec looks at the org before it decides.",
    Verdict.ALREADY_DONE_ELSEWHERE: "The record fails. Where an earlier try has an unknown outcome, this tells "
    "that it was done: the record is read and taken over.",
    Verdict.CULPRIT_ELSEWHERE: "The record was right and another one was not, which is reported as the reason.",
    Verdict.REFUSED: "The record or the request fails with Salesforce's own sentence, and what depends on it is not "
    "sent. The others go on.",
}
"""What sfrec does after each verdict."""

PASSING = frozenset({Verdict.NOT_EXECUTED, Verdict.LOCKED, Verdict.UNKNOWN})
"""Verdicts after which a request that changes no record is worth another try."""

NOT_DONE = frozenset({Verdict.NOT_EXECUTED, Verdict.LOCKED})
"""Verdicts after which a record that is created may be sent again: it is sure not to have been written."""

ENDING = frozenset({Verdict.STOP, Verdict.EXPIRED})
"""Verdicts after which the org takes nothing more; the session has logged in again where that could help."""


@dataclass(frozen=True, slots=True)
class Row:
    """One error: its code, what its sentence contains and its HTTP status, as far as each of them tells it apart."""

    code: str
    verdict: Verdict
    means: str
    source: str
    part: str = ""
    status: int = 0
    where: str = "a record"

    def fits(self, code: str, told: str, status: int) -> bool:
        """Whether it is that error; the sentence in lower case."""
        return self.code in {code, ""} and self.part in told and self.status in {status, 0}


def _refused(means: str, *codes: str, where: str = "a record") -> tuple[Row, ...]:
    return tuple(Row(code, Verdict.REFUSED, means, _SOAP, where=where) for code in codes)


_PASSED, _ASKED = "a request", "a query"
_WRONG_REQUEST = "The request is wrong: a defect of sfrec, or a name that the org does not have."
_TOO_LARGE = "The request is larger than the API takes: a defect of sfrec."
_BUSY = "Too many long requests at once; refused before it was executed."
_HICCUP = "The org, or something before it, failed while it had the request."
_THERE = "Another record has this value, or this contact."

TABLE: tuple[Row, ...] = (
    Row(
        "", Verdict.LOCKED, "Salesforce is at work on roles and groups.", _ACCESS, "group membership operation already"
    ),
    Row("", Verdict.LOCKED, "Salesforce is at work on roles and groups.", _ACCESS, "could not acquire lock"),
    Row("UNABLE_TO_LOCK_ROW", Verdict.LOCKED, "Another transaction writes the record or its parent.", _SOAP),
    Row("INVALID_SESSION_ID", Verdict.EXPIRED, "The access token has expired or was revoked.", _REST, where=_PASSED),
    # One code for limits that pass and for the daily one, which no wait within a run lifts: the sentence tells them.
    Row("REQUEST_LIMIT_EXCEEDED", Verdict.NOT_EXECUTED, _BUSY, _LIMITS, "concurrent api requests", 0, _PASSED),
    Row("REQUEST_LIMIT_EXCEEDED", Verdict.NOT_EXECUTED, _BUSY, _LIMITS, "concurrentperorg", 0, _PASSED),
    Row("REQUEST_LIMIT_EXCEEDED", Verdict.STOP, "The org's requests of 24 hours are used up.", _LIMITS, where=_PASSED),
    Row("API_CURRENTLY_DISABLED", Verdict.STOP, "The org's API is switched off for now.", _SOAP, where=_PASSED),
    Row("API_DISABLED_FOR_ORG", Verdict.STOP, "The org's edition or license has no API.", _SOAP, where=_PASSED),
    Row("SERVER_UNAVAILABLE", Verdict.UNKNOWN, _HICCUP, _REST, where=_PASSED),
    Row("REQUEST_RUNNING_TOO_LONG", Verdict.UNKNOWN, "The request took longer than it may.", _SOAP, where=_PASSED),
    Row("QUERY_TIMEOUT", Verdict.UNKNOWN, "The query took longer than it may.", _SOAP, where=_ASKED),
    Row("UNKNOWN_EXCEPTION", Verdict.UNKNOWN, _HICCUP, _REST, status=500, where=_PASSED),
    *_refused("The owner of the contact's account has no role (F3.7), or another final no.", "UNKNOWN_EXCEPTION"),
    *_refused("A page of a query was asked for too late; run sfrec again.", "INVALID_QUERY_LOCATOR", where=_ASKED),
    Row(
        "ALL_OR_NONE_OPERATION_ROLLED_BACK", Verdict.CULPRIT_ELSEWHERE, "Another record of the same call failed.", _SOAP
    ),
    Row("PROCESSING_HALTED", Verdict.CULPRIT_ELSEWHERE, "Another part of the same transaction failed.", _REST),
    *(
        Row(code, Verdict.ALREADY_DONE_ELSEWHERE, _THERE, _SOAP)
        for code in (
            "DUPLICATE_VALUE",
            "DUPLICATE_USERNAME",
            "DUPLICATE_COMM_NICKNAME",
            "DUPLICATES_DETECTED",
            "PORTAL_USER_ALREADY_EXISTS_FOR_CONTACT",
            "CONFLICTING_SSO_USER_MAPPING",
        )
    ),
    *_refused(_TOO_LARGE, "EXCEEDED_ID_LIMIT", "EXCEEDED_MAX_SIZE_REQUEST", where=_PASSED),
    *_refused(_WRONG_REQUEST, "MALFORMED_QUERY", "INVALID_TYPE", where=_ASKED),
    *_refused(_WRONG_REQUEST, "INVALID_FIELD", "INVALID_FIELD_FOR_INSERT_UPDATE", "MALFORMED_ID", where=_PASSED),
    *_refused(_WRONG_REQUEST, "JSON_PARSER_ERROR", "NOT_FOUND", where=_PASSED),
    *_refused("A field that the org demands is missing.", "REQUIRED_FIELD_MISSING"),
    *_refused("A validation rule of the org says no.", "FIELD_CUSTOM_VALIDATION_EXCEPTION"),
    *_refused("A trigger or a flow of the org says no.", "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY"),
    *_refused("Values that don't go together.", "FIELD_INTEGRITY_EXCEPTION"),
    *_refused("A value that is too long.", "STRING_TOO_LONG"),
    *_refused("A value that is not in the field's list.", "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"),
    *_refused("An Id of nothing, or of another object.", "INVALID_CROSS_REFERENCE_KEY"),
    *_refused("No seat of the license is free.", "LICENSE_LIMIT_EXCEEDED"),
    *_refused("The owner, or the user, is inactive.", "INACTIVE_OWNER_OR_USER"),
    *_refused("The user owns an account that it may not own.", "USER_OWNS_PORTAL_ACCOUNT_EXCEPTION"),
    *_refused("The user's license doesn't allow it.", "PORTAL_NO_ACCESS", "LIGHT_PORTAL_USER_EXCEPTION"),
    *_refused("The login may not write this record.", "INSUFFICIENT_ACCESS_OR_READONLY"),
    *_refused("The login may not use a record that is referred to.", "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY"),
    *_refused("The org's storage is full.", "STORAGE_LIMIT_EXCEEDED"),
    *_refused("Setup and other objects in one transaction (F6.1).", "MIXED_DML_OPERATION"),
    *_refused("The record was deleted since the plan.", "ENTITY_IS_DELETED"),
    *_refused("An approval process has locked the record.", "ENTITY_IS_LOCKED"),
    *_refused("The org does not have a feature that is needed.", "FUNCTIONALITY_NOT_ENABLED", where=_PASSED),
    # Errors without a code that is known: those of proxies and gateways among them.
    Row("", Verdict.EXPIRED, "The access token is not accepted.", _REST, status=401, where=_PASSED),
    *(Row("", Verdict.REFUSED, _TOO_LARGE, _REST, status=status, where=_PASSED) for status in (413, 414, 431)),
    *(Row("", Verdict.UNKNOWN, _HICCUP, _REST, status=status, where=_PASSED) for status in (420, 500, 502, 503, 504)),
)
"""The errors that are known, the first that fits counts; all others are refusals."""


def judge(code: str | None, message: str | None, status: int = 200) -> Verdict:
    """Judge an error by its code, its sentence and, for a refused request, its HTTP status."""
    told = (message or "").lower()
    return next((row.verdict for row in TABLE if row.fits(code or "", told, status)), Verdict.REFUSED)


@dataclass(frozen=True, slots=True)
class Patience:
    """How often and for how long something is tried again, in seconds.

    A wait is anything up to a bound that doubles: tries that failed together don't come back together.
    Source: https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
    """

    tries: int = 8
    budget_seconds: float = 60.0
    first_wait: float = 0.2
    longest_wait: float = 20.0
    sleep: Callable[[float], None] = field(default=time.sleep, compare=False)
    dice: Callable[[], float] = field(default=random.random, compare=False)

    def waits(self) -> Iterator[None]:
        """Yield before each try but the first one after a wait; ends when tries or time are used up."""
        deadline = time.monotonic() + self.budget_seconds
        yield
        for attempt in range(self.tries - 1):
            wait = min(self.longest_wait, self.first_wait * 2**attempt) * self.dice()
            if time.monotonic() + wait > deadline:
                return
            self.sleep(wait)
            yield
