"""The journal, and what is made of it: reports, recovery, the way back."""

import json
from pathlib import Path

import pytest

from reconciler import pipeline
from reconciler.apply import Control, Journal, killed, recover
from reconciler.errors import ConnectionFailed, UsageError
from reconciler.model import Outcome, Result, RunRecord, Severity
from reconciler.render import history_json, history_text, run_text
from tests.live.simulated import Simulated, a_seed, contact, simulated, upgrade, user

ANN = upgrade("ann", contact="{Title: Buyer}", more="role: Manager\nfields: {Division: North}")


def run(org: Simulated, runs: Path, *documents: str) -> RunRecord:
    """Apply these documents under a journal, to the end."""
    plan = org.plans(*documents)
    journal = Journal.begun(runs, plan)
    results = list(pipeline.run(plan, org.org, Control(journal.note)))
    verified = pipeline.verify(plan, org.org, results)
    journal.verified(verified.count, verified.differences)
    journal.end()
    return pipeline.read_run(runs, journal.id)


def test_a_run_is_read_back_as_it_was(tmp_path: Path) -> None:
    with simulated(tmp_path, a_seed(User=[user("ann")])) as org:
        plan = org.plans(ANN)
        record = run(org, tmp_path / "runs", ANN)

    assert record.plan.steps == plan.steps
    assert record.plan.ids == plan.ids
    assert record.is_whole
    assert len(record.results) == sum(len(step.changes) for step in plan.steps)
    assert (record.pending, record.jobs, record.ended_by) == ((), (), None)
    assert "verified" in history_text([record])
    assert json.loads(history_json([record]))["runs"][0]["summary"]["done"] == len(record.results)
    assert "contact/ann@acme.example done" in run_text(record)


def test_a_line_that_a_crash_cut_off_counts_for_nothing(tmp_path: Path) -> None:
    with simulated(tmp_path, a_seed(User=[user("ann")])) as org:
        record = run(org, tmp_path / "runs", ANN)
    path = tmp_path / "runs" / record.id / "journal.jsonl"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join(lines[:-1]) + lines[-1][:9], encoding="utf-8")

    cut = pipeline.read_run(tmp_path / "runs", record.id)

    assert (cut.ended, cut.verified) == (None, record.verified)
    assert "killed" in history_text([cut])


def test_a_run_that_nobody_knows_or_whose_files_are_broken_is_told(tmp_path: Path) -> None:
    with simulated(tmp_path, a_seed(User=[user("ann")])) as org:
        record = run(org, tmp_path / "runs", ANN)
    (tmp_path / "runs" / record.id / "plan.json").write_text("{", encoding="utf-8")

    with pytest.raises(UsageError, match="no run"):
        pipeline.read_run(tmp_path / "runs", "../elsewhere")
    with pytest.raises(UsageError, match="can't be read"):
        pipeline.read_run(tmp_path / "runs", record.id)
    assert list(killed(tmp_path / "runs")) == []


def test_nothing_is_sent_without_a_journal(tmp_path: Path) -> None:
    (tmp_path / "runs").write_text("a file", encoding="utf-8")
    with simulated(tmp_path, a_seed(User=[user("ann")])) as org, pytest.raises(UsageError, match="nothing was sent"):
        Journal.begun(tmp_path / "runs", org.plans(ANN))


def test_a_run_that_goes_on_is_left_to_its_process(tmp_path: Path) -> None:
    with simulated(tmp_path, a_seed(User=[user("ann")])) as org:
        journal = Journal.begun(tmp_path / "runs", org.plans(ANN))

        assert list(killed(tmp_path / "runs")) == []
        assert "goes on" in history_text([pipeline.read_run(tmp_path / "runs", journal.id)])
        journal.close()
        assert [record.id for record in killed(tmp_path / "runs")] == [journal.id]


@pytest.mark.parametrize("state", ["Open", "UploadComplete"])
def test_a_job_of_a_killed_run_is_found_and_ended(tmp_path: Path, state: str) -> None:
    with simulated(tmp_path, a_seed(User=[user("ann")], Contact=[contact("ann")])) as org:
        session = org.org.writer.session
        plan = org.plans(ANN)
        (link,) = (step for step in plan.steps if step.phase.name == "LINK")
        body = {"object": "User", "operation": "update", "contentType": "CSV", "lineEnding": "LF"}
        job = str(session.json("POST", "jobs/ingest", json=body)["id"])
        ids = (link.changes[0].id, plan.ids[next(a for a in plan.ids if a.kind.value == "contact")])
        csv = f"Id,ContactId\n{ids[0]},{ids[1]}\n"
        session.send("PUT", f"jobs/ingest/{job}/batches", data=csv, headers={"Content-Type": "text/csv"})
        if state != "Open":
            session.send("PATCH", f"jobs/ingest/{job}", json={"state": state})
        journal = Journal.begun(tmp_path / "runs", plan)
        from reconciler.model import BatchSent, JobCreated

        journal.note(BatchSent(link, 1, link.changes))
        journal.note(JobCreated(link, 1, job))
        journal.close()

        (found,) = recover(tmp_path / "runs", list(killed(tmp_path / "runs")), org.org, Control())

        assert (found.jobs, found.done, found.not_done) == (1, int(state != "Open"), int(state == "Open"))
        ended = str(session.json("GET", f"jobs/ingest/{job}")["state"])
        assert ended == ("Aborted" if state == "Open" else "JobComplete")
        record = pipeline.read_run(tmp_path / "runs", journal.id)
        assert record.ended_by == "a later apply"
        assert Outcome.NOT_SENT in {result.outcome for result in record.results}


def test_a_job_that_is_no_more_needs_no_end(tmp_path: Path) -> None:
    from reconciler.salesforce.abandoned import end_job

    with simulated(tmp_path, a_seed()) as org:
        session, patience = org.org.writer.session, org.org.writer.patience

        assert end_job(session, patience, "750000000000001AAA", lambda _: None) == "Deleted"


def test_a_job_that_never_ends_is_told() -> None:
    from reconciler.salesforce.abandoned import end_job
    from tests.salesforce.scripted_org import Answer, Clock, scripted

    org = scripted(Answer(body={"id": "750A", "state": "InProgress", "numberRecordsProcessed": 0}))

    with pytest.raises(ConnectionFailed, match="still not finished"):
        end_job(org.session(), Clock().patience(), "750A", lambda _: None)


def test_undo_sets_back_what_can_be_set_back_and_tells_the_rest(tmp_path: Path) -> None:
    seed = a_seed(User=[user("ann", Division="South"), user("bob", IsActive=False)])
    with simulated(tmp_path, seed) as org:
        bob = "user: bob@acme.example\nactive: true"
        record = run(org, tmp_path / "runs", ANN, bob)
        back = pipeline.undo(record)
        told = {f"{problem.message}" for problem in back.problems}

        results = list(pipeline.run(back, org.org))
        people = {person["Username"]: person for person in org.dump()["User"]}

    assert {problem.severity for problem in back.problems} == {Severity.WARNING}
    assert "contact/ann@acme.example was created and stays" in told
    assert any("contact can't be taken back" in text and "profile can't be taken back" in text for text in told)
    assert {result.outcome for result in results} == {Outcome.DONE}
    assert people["ann@acme.example"]["Division"] == "South"
    assert people["ann@acme.example"]["Profile"] == "Acme Plus"
    assert people["bob@acme.example"].get("IsActive") is False
    assert (back.summary.update, back.summary.deactivate, back.summary.create) == (1, 1, 0)


def test_undo_leaves_alone_what_was_changed_since(tmp_path: Path) -> None:
    with simulated(tmp_path, a_seed(User=[user("ann", Division="South")])) as org:
        record = run(org, tmp_path / "runs", "user: ann@acme.example\nfields: {Division: North}")
        ann = record.results[0].id
        org.org.writer.session.send("PATCH", f"sobjects/User/{ann}", json={"Division": "West"})

        (result,) = pipeline.run(pipeline.undo(record), org.org)

    assert (result.outcome, result.code) == (Outcome.NOT_SENT, "MOVED")
    assert "Division has been changed" in str(result.message)


def test_a_read_that_does_not_show_what_was_done_is_told(tmp_path: Path) -> None:
    with simulated(tmp_path, a_seed(User=[user("ann")])) as org:
        plan = org.plans(ANN)
        results = list(pipeline.run(plan, org.org))
        ann = next(result.id for result in results if result.change.address.kind.value == "user")
        org.org.writer.session.send("PATCH", f"sobjects/User/{ann}", json={"Division": "West"})

        verified = pipeline.verify(plan, org.org, results)

    (difference,) = verified.differences
    assert "Division" in difference.why
    assert verified.count == len(results) - 1


def test_a_contact_too_many_is_taken_away_again(tmp_path: Path) -> None:
    with simulated(tmp_path, a_seed(User=[user("ann")])) as org:
        plan = org.plans(ANN)
        results: list[Result] = []
        for result in pipeline.run(plan, org.org):
            results.append(result)
            if len(results) == 1:
                somebody_links(org, str(plan.steps[1].changes[0].id))

        left = org.records("Contact")

    assert [record["LastName"] for record in left] == ["Other"]
    assert {r.outcome for r in results if r.change.address.kind.value == "contact"} == {Outcome.DONE, Outcome.FAILED}
    assert "withdrawn" in str([r.message for r in results])


def somebody_links(org: Simulated, user_id: str) -> None:
    """Somebody else gives the user a contact."""
    session = org.org.writer.session
    account = session.json("GET", "query", params={"q": "SELECT Id FROM Account WHERE Name = 'Acme'"})["records"][0][
        "Id"
    ]
    made = session.json("POST", "sobjects/Contact", json={"LastName": "Other", "AccountId": account})["id"]
    session.send("PATCH", f"sobjects/User/{user_id}", json={"ContactId": made})


def test_a_contact_that_came_meanwhile_is_not_made_again(tmp_path: Path) -> None:
    with simulated(tmp_path, a_seed(User=[user("ann")])) as org:
        plan = org.plans(ANN)
        again = org.plans(ANN)
        list(pipeline.run(again, org.org))

        results = list(pipeline.run(plan, org.org))

        assert len(org.records("Contact")) == 1
    assert (results[0].outcome, results[0].code) == (Outcome.NOT_SENT, "MOVED")
    assert "has come into the org since the plan" in str(results[0].message)
    assert {result.outcome for result in results} == {Outcome.NOT_SENT}
