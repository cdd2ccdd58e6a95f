"""The budget of requests: what is not left is not sent, and what was begun is told truthfully."""

import pytest

from reconciler.errors import DailyReserveReached, OrgError, RequestBudgetExceeded
from reconciler.model import Outcome, Via
from reconciler.salesforce import Budget, RowOutcome
from reconciler.salesforce.outcome import Record
from tests.salesforce.scripted_org import LOST, Answer, ScriptedOrg, refusal, scripted, writer_of

GET = ("GET", "limits")
JOB = "jobs/ingest/750000000000001AAA"
USERS: list[Record] = [{"Id": "005a", "ContactId": "003a"}, {"Id": "005b", "ContactId": "003b"}]
MANY: list[Record] = [{"LastName": str(n)} for n in range(401)]
LOCKED = {"success": False, "errors": [{"statusCode": "UNABLE_TO_LOCK_ROW", "message": "locked"}]}
UPLOADED = Answer(201, b"")
FILE = Answer(body=b"sf__Id,Id\n005a,005a\n005b,005b\n")


def told(used: int, limit: int = 15_000, body: object = None) -> Answer:
    return Answer(body=body or {}, headers={"Sforce-Limit-Info": f"api-usage={used}/{limit}"})


def job(state: str, processed: int = 0, failed: int = 0, used: int | None = None) -> Answer:
    counters = {"numberRecordsProcessed": processed, "numberRecordsFailed": failed}
    headers = {} if used is None else {"Sforce-Limit-Info": f"api-usage={used}/15000"}
    return Answer(body={"id": JOB.rpartition("/")[2], "state": state, **counters}, headers=headers)


STARTED = (job("Open"), UPLOADED, job("UploadComplete"))


def rows(count: int) -> Answer:
    return Answer(body=[{"id": str(n), "success": True, "errors": []} for n in range(count)])


def send_until_refused(org: ScriptedOrg, budget: Budget, most: int = 50) -> OrgError | None:
    session = org.session(budget)
    for _ in range(most):
        try:
            session.send(*GET)
        except (RequestBudgetExceeded, DailyReserveReached) as refused:
            return refused
    return None


def write(org: ScriptedOrg, budget: Budget, records: list[Record], via: Via) -> list[RowOutcome]:
    writer = writer_of(org, budget=budget)
    return list((writer.update if "Id" in records[0] else writer.create)("User", records, via))


def test_the_request_after_the_last_allowed_one_is_never_sent() -> None:
    org = scripted(Answer(body={}))

    refused = send_until_refused(org, Budget(3))

    assert isinstance(refused, RequestBudgetExceeded)
    assert str(refused) == (
        "--max-requests (SFREC_MAX_REQUESTS) is 3: 0 left, 1 needed; allow more, or leave the option out"
    )
    assert len(org.asked) == 3
    assert refused.exit_code == 1


def test_a_try_whose_answer_is_lost_counts() -> None:
    org = scripted(LOST)
    session = org.session(Budget(1))

    with pytest.raises(OrgError):
        session.send(*GET)
    with pytest.raises(RequestBudgetExceeded):
        session.send(*GET)

    assert session.requests == len(org.asked) == 1


@pytest.mark.parametrize(
    ("reserve", "sent"), [(None, 6), (300, 6), (299, 7), (301, 5), (14_999, 1), (20_000, 1), (0, 50)]
)
def test_the_last_part_of_the_daily_limit_is_left_to_others(reserve: int | None, sent: int) -> None:
    org = scripted(*(told(used) for used in range(14_695, 14_760)))

    refused = send_until_refused(org, Budget(reserve=reserve))

    assert len(org.asked) == sent
    assert (refused is None) == (reserve == 0)


def test_the_sentence_names_used_limit_reserve_and_need() -> None:
    refused = send_until_refused(scripted(told(14_700)), Budget())

    assert isinstance(refused, DailyReserveReached)
    assert (
        "has used 14700 of its 15000 daily requests and the last 300 are kept for other integrations: 1 needed"
        in str(refused)
    )
    assert "SFREC_RESERVE_REQUESTS" in str(refused)
    assert refused.exit_code == 1


def test_of_a_small_limit_ten_requests_are_kept() -> None:
    org = scripted(*(told(used, 100) for used in range(80, 100)))

    send_until_refused(org, Budget())

    assert len(org.asked) == 11


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "api-usage",
        "api-usage=/",
        "api-usage=15000",
        "api-usage=15000/",
        "api-usage=-1/15000",
        "api-usage=15000/0",
        "api-usage=x/y",
        "api-usage=15000/99999999999999999999",
        "per-app-api-usage=250/250(appName=x)",
    ],
)
def test_a_usage_that_can_not_be_read_stops_nothing(header: str | None) -> None:
    org = scripted(Answer(body={}, headers={} if header is None else {"Sforce-Limit-Info": header}))

    assert send_until_refused(org, Budget()) is None


def test_the_usage_of_the_org_is_found_beside_that_of_the_app() -> None:
    both = {"Sforce-Limit-Info": "per-app-api-usage=1/250(appName=x); api-usage=15000/15000"}

    assert isinstance(send_until_refused(scripted(Answer(body={}, headers=both)), Budget()), DailyReserveReached)


def test_a_refusal_tells_the_usage_too() -> None:
    org = scripted(Answer(404, [], {"Sforce-Limit-Info": "api-usage=15000/15000"}))
    session = org.session(Budget())

    with pytest.raises(OrgError, match="404"):
        session.send(*GET)
    with pytest.raises(DailyReserveReached):
        session.send(*GET)


def test_requests_since_the_last_count_are_added_to_it() -> None:
    org = scripted(told(14_698), Answer(body={}))

    send_until_refused(org, Budget())

    assert len(org.asked) == 3


@pytest.mark.parametrize("via", Via)
def test_when_no_request_is_left_the_rest_is_not_sent_with_the_reason(via: Via) -> None:
    org = scripted(rows(200))
    writer = writer_of(org, budget=Budget(1))

    first = list(writer.create("Contact", MANY, Via.COLLECTIONS))
    later = list(writer.update("User", USERS, via))

    assert [row.outcome for row in first] == [Outcome.DONE] * 200 + [Outcome.NOT_SENT] * 201
    assert all("(SFREC_MAX_REQUESTS) is 1: 0 left" in str(row.message) for row in first[200:] + later)
    assert {row.outcome for row in later} == {Outcome.NOT_SENT}
    assert len(org.asked) == 1


def test_an_update_that_was_lost_stays_unknown_when_no_request_is_left_to_repeat_it() -> None:
    org = scripted(LOST)

    outcomes = write(org, Budget(1), USERS, Via.COLLECTIONS)

    assert [row.outcome for row in outcomes] == [Outcome.UNKNOWN] * 2
    assert "no answer" in str(outcomes[0].message)


def test_an_update_that_was_lost_stays_unknown_when_the_org_takes_nothing_more() -> None:
    org = scripted(LOST, refusal(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded."))

    outcomes = write(org, Budget(), USERS, Via.COLLECTIONS)

    assert [row.outcome for row in outcomes] == [Outcome.UNKNOWN] * 2


def test_a_locked_row_stays_refused_when_no_request_is_left_to_repeat_it() -> None:
    org = scripted(Answer(body=[LOCKED, {"id": "005b", "success": True}]))

    outcomes = write(org, Budget(1), USERS, Via.COLLECTIONS)

    assert [(row.outcome, row.code) for row in outcomes] == [
        (Outcome.FAILED, "UNABLE_TO_LOCK_ROW"),
        (Outcome.DONE, None),
    ]


def test_a_job_is_begun_only_when_all_that_it_may_take_is_left() -> None:
    org = scripted(*STARTED, job("JobComplete", 2), FILE)

    few = write(org, Budget(11), USERS, Via.BULK)
    assert org.asked == []
    enough = write(org, Budget(12), USERS, Via.BULK)

    assert [row.outcome for row in few] == [Outcome.NOT_SENT] * 2
    assert "11 left, 12 needed" in str(few[0].message)
    assert [row.outcome for row in enough] == [Outcome.DONE] * 2


def test_what_a_jobs_result_files_take_is_kept_while_it_is_polled() -> None:
    org = scripted(*STARTED, *[job("InProgress")] * 5, job("Failed", 1), FILE, Answer(body=b"Id\n005b\n"))

    outcomes = write(org, Budget(12), USERS, Via.BULK)

    assert [row.outcome for row in outcomes] == [Outcome.DONE, Outcome.FAILED]
    assert len(org.asked) == 11


def test_a_job_that_is_not_finished_when_no_poll_is_left_is_unknown() -> None:
    org = scripted(*STARTED, job("InProgress"))

    outcomes = write(org, Budget(12), USERS, Via.BULK)

    assert [row.outcome for row in outcomes] == [Outcome.UNKNOWN] * 2
    assert "what became of it could not be read: --max-requests (SFREC_MAX_REQUESTS) is 12" in str(outcomes[0].message)
    assert len(org.asked) == 9


def test_a_job_that_has_begun_is_read_to_its_end_though_others_have_reached_the_reserve_meanwhile() -> None:
    org = scripted(job("Open", used=14_000), UPLOADED, job("UploadComplete", used=14_999), job("JobComplete", 2), FILE)
    writer = writer_of(org, budget=Budget())

    done = list(writer.update("User", USERS, Via.BULK))
    later = list(writer.update("User", USERS, Via.BULK))

    assert [row.outcome for row in done] == [Outcome.DONE] * 2
    assert [row.outcome for row in later] == [Outcome.NOT_SENT] * 2
    assert "15001 of its 15000" in str(later[0].message)
    assert len(org.asked) == 5


def test_what_was_set_aside_and_not_used_is_free_for_the_next_job() -> None:
    run = (*STARTED, job("JobComplete", 2), FILE)
    org = scripted(*run, *run)
    writer = writer_of(org, budget=Budget(17))

    outcomes = [*writer.update("User", USERS, Via.BULK), *writer.update("User", USERS, Via.BULK)]

    assert {row.outcome for row in outcomes} == {Outcome.DONE}
    assert len(org.asked) == 10
