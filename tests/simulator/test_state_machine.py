"""Random writes and queries over HTTP, on the simulated org and on a plain model: after each step they agree."""

import csv
import io
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

import pytest
import requests
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from tests.simulator.orgs import NOON
from tests.simulator.plain_org import BLANK, SEATS, SETUP_FIELDS, STANDARD_PROFILE, PlainOrg, Record
from tests.simulator.plain_queries import ADDRESSES, CONDITIONS, NUMBERS, SIGNS, WORDS, folded, orders, value_of
from tests.simulator.wired import Api, served_api

ROLLED_BACK, HALTED, MIXED = "ALL_OR_NONE_OPERATION_ROLLED_BACK", "PROCESSING_HALTED", "MIXED_DML_OPERATION"
BASE = "/services/data/v66.0"
TAGS = {"Account": "AccountNumber", "Contact": "Department", "User": "EmployeeNumber"}
"""A field of each object by which the rows of a file are told apart."""

ADMINISTRATOR = "System Administrator"
KINDS = {ADMINISTRATOR: "Salesforce/own", STANDARD_PROFILE: "Customer Community/standard"}
"""The license of a profile, and whether it is the team's own; other profiles are named so."""

OPERATIONS = ("insert", "update", "delete")
NEW_USER = {
    "Alias": "x",
    "Email": "x@acme.example",
    "TimeZoneSidKey": "Europe/Paris",
    "LocaleSidKey": "en_US",
    "EmailEncodingKey": "UTF-8",
    "LanguageLocaleKey": "en_US",
}
WAY = ("ContactId", "ProfileId", "PortalRole", "ContactId", "ProfileId", "UserRoleId", "IsActive", "IsPortalEnabled")
USERNAMES = ("a@acme.example", "A@acme.example", "b@acme.example", "c@acme.example", "d@acme.example", "nonsense")


def _seed() -> Mapping[str, Any]:
    admin, owner, integration = (f"{name}@acme.example" for name in ("admin", "owner", "integration"))
    internal = {"Profile": ADMINISTRATOR, "Email": "x@acme.example"}
    plus = {"Profile": "Customer Community Plus/own", "Contact": "z@acme.example"}
    return {
        "settings": {"portal_role_levels": 2, "daily_api_requests": 1_000_000_000},
        "UserLicense": [{"Name": name, "TotalLicenses": seats} for name, seats in SEATS.items()],
        "Profile": [
            {"Name": ADMINISTRATOR, "UserLicense": "Salesforce"},
            *({"Name": f"{name}/own", "UserLicense": name} for name in SEATS),
            {"Name": "External Identity/other", "UserLicense": "External Identity"},
            {"Name": STANDARD_PROFILE, "UserLicense": "Customer Community"},
        ],
        "UserRole": [{"Name": "CEO"}],
        "User": [
            {"Username": admin, "LastName": "admin", "UserRole": "CEO", **internal},
            {"Username": owner, "LastName": "owner", "UserRole": "CEO", **internal},
            {"Username": integration, "LastName": "integration", **internal},
            {"Username": "x@acme.example", "LastName": "x", **internal, "Profile": "External Identity/own"},
            {"Username": "y@acme.example", "LastName": "y", **internal, "Profile": "External Identity/own"},
            {"Username": "z@acme.example", "LastName": "z", **internal, **plus},
        ],
        "Account": [{"Name": "apple", "Owner": owner}, {"Name": "cherry", "Owner": integration}],
        "Contact": [
            {"LastName": "date", "Account": "apple"},
            {"LastName": "apple", "Account": "cherry"},
            {"LastName": "z", "Account": "apple", "Email": "z@acme.example"},
        ],
    }


@dataclass
class Write:
    """One record to be written; a new one has a stand-in for its id."""

    operation: str
    sobject: str
    id: str
    given: Record = field(default_factory=dict)

    def is_setup(self) -> bool | None:
        """Whether it is of a setup object; None where it goes with any other (F6.2)."""
        if self.sobject != "User":
            return False
        touched = {name for name, value in self.given.items() if value is not None or self.operation == "update"}
        setup = {"UserRoleId"} if self.operation == "insert" else SETUP_FIELDS
        return True if setup & touched else None


@dataclass(frozen=True)
class Told:
    """What the org told of one write: the id of what was written, or the code of what was refused."""

    id: str | None
    code: str | None


class Machine(RuleBasedStateMachine):
    """The org behind its listener, and the model of it."""

    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()
        self.numbers = iter(range(1_000_000))

    @initialize()
    def serve(self) -> None:
        """Serve an org, and read into the model what it begins with."""
        self.api: Api = self.stack.enter_context(served_api(seed=_seed(), clock=lambda: NOON))
        self.profiles = {row["Id"]: row["Name"] for row in self.api.rows("SELECT Id, Name FROM Profile")}
        licenses = {key: KINDS.get(name, name) for key, name in self.profiles.items()}
        self.ceo = self.api.id_of("UserRole", "CEO")
        self.model = PlainOrg("", licenses, {name: {} for name in BLANK})
        self.model.tables = self.stored()
        self.model.roles = set(self.role_ids)
        people = self.model.tables["User"]
        self.internal = [key for key, user in people.items() if user["LastName"] in {"admin", "owner", "integration"}]
        self.model.admin = next(key for key in self.internal if people[key]["LastName"] == "admin")

    def teardown(self) -> None:
        """Stop serving."""
        self.stack.close()

    # What both hold

    def stored(self) -> dict[str, dict[str, Record]]:
        """The org's records as the model keeps them."""
        asked = "SELECT Id, PortalAccountId, PortalType, PortalRole FROM UserRole WHERE PortalAccountId != null"
        self.role_ids = {
            (row["PortalAccountId"], row["PortalType"], row["PortalRole"]): row["Id"] for row in self.api.rows(asked)
        }
        by_id = {record_id: role for role, record_id in self.role_ids.items()}
        tables = {
            name: {row.pop("Id"): row for row in self.api.rows(f"SELECT Id, {', '.join(fields)} FROM {name}")}
            for name, fields in BLANK.items()
        }
        for user in tables["User"].values():
            user["UserRoleId"] = by_id.get(user["UserRoleId"], user["UserRoleId"])
        return tables

    def agree(self) -> None:
        """Compare every record and every role."""
        stored = self.stored()
        for name, table in self.model.tables.items():
            assert stored[name] == table, name
        live = {role for role in self.role_ids if role[0] in stored["Account"]}
        assert live == {role for role in self.model.roles if role[0] in stored["Account"]}

    # Writes that are drawn

    def ids(self, sobject: str) -> list[str]:
        """The records that there are or were; internal users are left alone."""
        gone = sorted(key for key in self.model.deleted if key[:3] == {"Account": "001", "Contact": "003"}.get(sobject))
        known = [key for key in sorted(self.model.tables[sobject]) if key not in self.internal]
        return [*known, *gone[:2]]

    def drawn(
        self, data: st.DataObject, sobject: str, operations: Sequence[str] = ("insert", "update", "delete")
    ) -> Write:
        """A write of an object."""
        ids = self.ids(sobject)
        possible = [name for name in operations if name == "insert" or (ids and (sobject, name) != ("User", "delete"))]
        operation = data.draw(st.sampled_from(possible or ["insert"]), label=sobject)
        if operation == "delete":
            return Write(operation, sobject, data.draw(st.sampled_from(ids)))
        given = data.draw(_few_or_many(self.fields(sobject, operation)), label="fields")
        if operation == "update":
            return Write(operation, sobject, data.draw(st.sampled_from(ids)), given)
        number = next(self.numbers)
        defaults = {
            "Account": {"Name": "date"},
            "Contact": {"LastName": "date"},
            "User": {
                "LastName": "date",
                "Username": f"u{number}@acme.example",
                "CommunityNickname": f"u{number}",
                "ProfileId": next(key for key, name in self.profiles.items() if name == "External Identity/own"),
            },
        }
        return Write(operation, sobject, f"new {number}", {**defaults[sobject], **given})

    def fields(self, sobject: str, operation: str) -> dict[str, Any]:
        """The values that the fields of an object may get."""
        word = st.sampled_from([*WORDS, None])
        accounts, contacts = self.ids("Account"), self.ids("Contact")
        if sobject == "Account":
            numbers = st.sampled_from([*NUMBERS, None])
            owners = st.sampled_from(self.internal)
            return {"Name": word, "Site": word, "NumberOfEmployees": numbers, "OwnerId": owners}
        if sobject == "Contact":
            signs = st.sampled_from([*SIGNS, *WORDS, None])
            addresses = st.sampled_from([*ADDRESSES, None, "nonsense"])
            account = st.sampled_from([*accounts, None])
            return {"LastName": word, "FirstName": signs, "Email": addresses, "AccountId": account}
        flag = {"IsPortalEnabled": st.just(value=False)} if operation == "update" else {}
        return {
            "LastName": word,
            "Username": st.sampled_from(USERNAMES),
            "CommunityNickname": st.sampled_from(["one", "two", "three"]),
            "ProfileId": st.sampled_from(sorted(self.profiles)),
            "ContactId": st.sampled_from([*contacts, None]),
            "IsActive": st.booleans(),
            "UserRoleId": st.sampled_from([*sorted(self.role_ids), self.ceo, None]),
            "PortalRole": st.sampled_from(["Worker", "Manager", "Executive", None]),
            **flag,
        }

    def several(self, data: st.DataObject, sobject: str, operation: str) -> list[Write]:
        """Writes of one kind, each of another record."""
        writes: dict[str, Write] = {}
        for _ in range(data.draw(st.integers(1, 4))):
            write = self.drawn(data, sobject, (operation,))
            if write.operation == operation:
                writes.setdefault(write.id, write)
        return list(writes.values())

    # What the model foretells

    def foretold(self, write: Write) -> set[str]:
        """What the model objects to; without objections it has done the write."""
        if write.operation == "insert":
            return self.model.insert(write.sobject, write.id, write.given)
        if write.operation == "update":
            return self.model.update(write.sobject, write.id, write.given)
        return self.model.delete(write.sobject, write.id)

    def foretold_together(self, writes: Sequence[Write]) -> list[set[str]]:
        """The objections to writes of one transaction, in which setup and other objects don't go together (F6.1)."""
        objections, written = [], set()
        for write in writes:
            before, kind = self.model.snapshot(), write.is_setup()
            found = self.foretold(write)
            if kind is not None and (not kind) in written:
                self.model.restore(before)
                found = found | {MIXED}
            elif not found and kind is not None:
                written.add(kind)
            objections.append(found)
        return objections

    def check(self, writes: Sequence[Write], objections: Sequence[set[str]], told: Sequence[Told]) -> None:
        """Each write was refused with one of the objections to it, or done where there was none."""
        assert len(told) == len(writes)
        for write, objected, answer in zip(writes, objections, told, strict=True):
            assert (answer.code in objected) if objected else (answer.code is None), (write, objected, answer)
            if answer.code is None and write.operation == "insert":
                assert answer.id
                self.model.adopt(write.id, answer.id)
        self.agree()

    def row(self, write: Write) -> Record:
        """A write's fields as they are sent."""
        role = write.given.get("UserRoleId")
        given = {**write.given, **({"UserRoleId": self.role_ids[role]} if isinstance(role, tuple) else {})}
        return {**NEW_USER, **given} if (write.operation, write.sobject) == ("insert", "User") else given

    # Through each API

    @rule(data=st.data(), sobject=st.sampled_from(sorted(BLANK)))
    def write_one(self, data: st.DataObject, sobject: str) -> None:
        """A record by itself."""
        write = self.drawn(data, sobject)
        path, row = f"sobjects/{sobject}", self.row(write)

        if write.operation == "insert":
            told = _single(self.api.post(path, row))
        elif write.operation == "update":
            told = _single(self.api.patch(f"{path}/{write.id}", row))
        else:
            told = _single(self.api.call("DELETE", f"{path}/{write.id}"))

        self.check([write], [self.foretold(write)], [told])

    @rule(data=st.data(), steps=st.integers(1, 4))
    def lead_a_user_on(self, data: st.DataObject, steps: int) -> None:
        """The way of an external user: a contact, a license, a level, and the end of it."""
        user = data.draw(st.sampled_from(self.ids("User")), label="user")
        for _ in range(steps):
            values, name = self.fields("User", "update"), data.draw(st.sampled_from(WAY))
            write = Write("update", "User", user, {name: data.draw(values[name])})

            told = _single(self.api.patch(f"sobjects/User/{user}", self.row(write)))

            self.check([write], [self.foretold(write)], [told])

    @rule(data=st.data(), has_role=st.booleans())
    def change_an_owner(self, data: st.DataObject, *, has_role: bool) -> None:
        """An internal user, which may own accounts of portal users, gets or loses its role."""
        user = data.draw(st.sampled_from([key for key in self.internal if key != self.model.admin]))
        write = Write("update", "User", user, {"UserRoleId": self.ceo if has_role else None})

        told = _single(self.api.patch(f"sobjects/User/{user}", self.row(write)))

        self.check([write], [self.foretold(write)], [told])

    @rule(
        data=st.data(),
        sobject=st.sampled_from(sorted(BLANK)),
        operation=st.sampled_from(OPERATIONS),
        together=st.booleans(),
    )
    def write_collection(self, data: st.DataObject, sobject: str, operation: str, *, together: bool) -> None:
        """Records of one type, each alone or all or none."""
        writes = self.several(data, sobject, operation)
        if not writes:
            return
        before, objections = self.model.snapshot(), self.foretold_together(writes)

        told = self.sent_together(writes, together=together)

        if together and any(objections):
            self.model.restore(before)
            assert all(answer.code in (found or {ROLLED_BACK}) for answer, found in zip(told, objections, strict=True))
            self.agree()
        else:
            self.check(writes, objections, told)

    @rule(data=st.data(), sobjects=st.permutations(["Account", "Contact", "User"]))
    def write_mixed_collection(self, data: st.DataObject, sobjects: list[str]) -> None:
        """Records of several types in one transaction, each alone."""
        operation = data.draw(st.sampled_from(["insert", "update"]))
        writes = [write for sobject in sobjects[:2] for write in self.several(data, sobject, operation)]
        objections = self.foretold_together(writes)

        self.check(writes, objections, self.sent_together(writes, together=False) if writes else [])

    def sent_together(self, writes: Sequence[Write], *, together: bool) -> list[Told]:
        """What sObject Collections tells of writes of one operation."""
        if writes[0].operation == "delete":
            ids = ",".join(write.id for write in writes)
            parameters = {"ids": ids, "allOrNone": str(together).lower()}
            return _many(self.api.call("DELETE", "composite/sobjects", params=parameters))
        is_update = writes[0].operation == "update"
        records = [
            {"attributes": {"type": write.sobject}, **({"id": write.id} if is_update else {}), **self.row(write)}
            for write in writes
        ]
        method = "PATCH" if is_update else "POST"
        return _many(self.api.call(method, "composite/sobjects", json={"allOrNone": together, "records": records}))

    @rule(
        data=st.data(),
        together=st.booleans(),
        sobjects=st.lists(st.sampled_from(sorted(BLANK)), min_size=1, max_size=4),
    )
    def write_composite(self, data: st.DataObject, sobjects: list[str], *, together: bool) -> None:
        """Several requests in one, of one transaction or each of its own; a new contact may be of a new account."""
        writes = [self.drawn(data, sobject) for sobject in sobjects]
        new = [write.id for write in writes if (write.operation, write.sobject) == ("insert", "Account")]
        for write in writes:
            is_later = new and (write.operation, write.sobject) == ("insert", "Contact") and write.id > new[0]
            if is_later and data.draw(st.booleans(), label="of the new account"):
                write.given["AccountId"] = new[0]
        parts = [self.part(write) for write in writes]
        before = self.model.snapshot()

        answer = self.api.post("composite", {"allOrNone": together, "compositeRequest": parts})

        told = [_part(item) for item in answer.json()["compositeResponse"]]
        if not together:
            self.check_one_by_one(writes, told)
            return
        objections = self.foretold_together(writes)
        culprit = next((number for number, found in enumerate(objections) if found), None)
        if culprit is None:
            self.check(writes, objections, told)
            return
        self.model.restore(before)
        for number, found in enumerate(told):
            assert found.code in (objections[culprit] if number == culprit else {HALTED}), (writes, objections, told)
        self.agree()

    def check_one_by_one(self, writes: Sequence[Write], told: Sequence[Told]) -> None:
        """Requests of their own transactions; one that refers to what was not made is halted."""
        objections = []
        for write in writes:
            hangs = (
                str(write.given.get("AccountId")).startswith("new")
                and write.given["AccountId"] not in self.model.tables["Account"]
            )
            objections.append({HALTED} if hangs else self.foretold(write))
        self.check(writes, objections, told)

    def part(self, write: Write) -> Mapping[str, Any]:
        """A write as a subrequest."""
        path, row = f"{BASE}/sobjects/{write.sobject}", self.row(write)
        reference = write.id.replace(" ", "_") if write.operation == "insert" else f"r{next(self.numbers)}"
        if str(row.get("AccountId")).startswith("new"):
            row["AccountId"] = f"@{{{row['AccountId'].replace(' ', '_')}.id}}"
        if write.operation == "insert":
            return {"method": "POST", "url": path, "referenceId": reference, "body": row}
        if write.operation == "update":
            return {"method": "PATCH", "url": f"{path}/{write.id}", "referenceId": reference, "body": row}
        return {"method": "DELETE", "url": f"{path}/{write.id}", "referenceId": reference}

    @rule(
        data=st.data(),
        sobject=st.sampled_from(sorted(BLANK)),
        operation=st.sampled_from(OPERATIONS),
    )
    def write_file(self, data: st.DataObject, sobject: str, operation: str) -> None:
        """Records as the rows of a bulk job."""
        writes = self.several(data, sobject, operation)
        for write in writes if operation != "delete" else ():
            write.given[TAGS[sobject]] = str(next(self.numbers))
        rows = [self.row(write) for write in writes]
        header = sorted({name for row in rows for name in row}) + (["Id"] if operation != "insert" else [])
        if not writes:
            return
        lines = [
            [_cell(write.id if name == "Id" else row.get(name, "")) for name in header]
            for write, row in zip(writes, rows, strict=True)
        ]

        answers = self.loaded(sobject, operation, [header, *lines])

        key = "Id" if operation != "insert" else TAGS[sobject]
        told = [answers[line[header.index(key)]] for line in lines]
        self.check(writes, [self.foretold(write) for write in writes], told)

    def loaded(self, sobject: str, operation: str, lines: Sequence[Sequence[str]]) -> Mapping[str, Told]:
        """What became of each row of a file, by its id or tag."""
        job = self.api.post("jobs/ingest", {"object": sobject, "operation": operation}).json()["id"]
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows(lines)
        self.api.call("PUT", f"jobs/ingest/{job}/batches", data=text.getvalue().encode())
        self.api.patch(f"jobs/ingest/{job}", {"state": "UploadComplete"})
        assert self.api.get(f"jobs/ingest/{job}").json()["state"] == "JobComplete"
        key, answers = "Id" if operation != "insert" else TAGS[sobject], {}
        for name in ("successfulResults", "failedResults"):
            for row in csv.DictReader(io.StringIO(self.api.get(f"jobs/ingest/{job}/{name}").text)):
                error = row.get("sf__Error")
                answers[row[key]] = Told(row["sf__Id"], error.partition(":")[0] if error else None)
        return answers

    @rule(data=st.data(), address=st.sampled_from(ADDRESSES))
    def upsert_contact(self, data: st.DataObject, address: str) -> None:
        """A contact by its address: made, or changed where there is one, or refused where there are several."""
        given = self.drawn(data, "Contact", ("insert",)).given
        found = [key for key, contact in self.model.tables["Contact"].items() if contact["Email"] == address]
        row = {name: value for name, value in given.items() if name != "Email"}

        answer = self.api.patch(f"sobjects/Contact/Email/{address}", row)

        if len(found) > 1:
            assert answer.status_code == 300
            assert len(answer.json()) == len(found)
            return
        new = Write("insert", "Contact", f"new {next(self.numbers)}", {**row, "Email": address})
        write = Write("update", "Contact", found[0], row) if found else new
        told = _single(answer)
        if told.code is None:
            assert answer.json()["created"] is not bool(found)
        self.check([write], [self.foretold(write)], [told])

    # Queries

    @rule(data=st.data(), sobject=st.sampled_from(sorted(BLANK)))
    def ask(self, data: st.DataObject, sobject: str) -> None:
        """Records for which a condition holds, in an order, a few of them or all."""
        condition, order = data.draw(CONDITIONS[sobject]), data.draw(orders(sobject))
        limit, offset = (
            data.draw(st.sampled_from([None, None, None, 0, 1, 3])),
            data.draw(st.sampled_from([None, None, None, 1, 2])),
        )
        clauses = [f"LIMIT {limit}" if limit is not None else "", f"OFFSET {offset}" if offset else ""]
        expected = {key: row for key, row in self.model.tables[sobject].items() if condition.holds(self.model, row)}
        start, end = offset or 0, None if limit is None else (offset or 0) + limit
        keys = order.sort([value_of(self.model, row, order.path) for row in expected.values()])[start:end]

        where = f"FROM {sobject} WHERE {condition.text}"
        found = [row["Id"] for row in self.api.rows(f"SELECT Id {where} {order.text()} {' '.join(clauses)}")]

        assert len(set(found)) == len(found)
        assert set(found) <= set(expected)
        values = [value_of(self.model, expected[key], order.path) for key in found]
        assert [folded(value) for value in values] == [folded(key) for key in keys]
        assert self.api.count(f"SELECT COUNT() {where}") == len(expected)

    @rule(data=st.data(), sobject=st.sampled_from(["Account", "Contact"]))
    def count_groups(self, data: st.DataObject, sobject: str) -> None:
        """How many records there are of each value."""
        condition, path = data.draw(CONDITIONS[sobject]), {"Account": "Site", "Contact": "LastName"}[sobject]
        expected: dict[Any, int] = {}
        for row in self.model.tables[sobject].values():
            if condition.holds(self.model, row):
                expected[folded(row[path])] = expected.get(folded(row[path]), 0) + 1

        soql = f"SELECT {path}, COUNT(Id) n FROM {sobject} WHERE {condition.text} GROUP BY {path}"

        assert {folded(row[path]): row["n"] for row in self.api.rows(soql)} == expected

    @rule(data=st.data())
    def ask_for_children(self, data: st.DataObject) -> None:
        """Accounts with their contacts."""
        outer, inner = (
            data.draw(CONDITIONS["Account"]),
            data.draw(CONDITIONS["Contact"].filter(lambda c: "SELECT" not in c.text)),
        )
        contacts = self.model.tables["Contact"]
        expected = {
            key: {child for child, row in contacts.items() if row["AccountId"] == key and inner.holds(self.model, row)}
            for key, row in self.model.tables["Account"].items()
            if outer.holds(self.model, row)
        }

        rows = self.api.rows(f"SELECT Id, (SELECT Id FROM Contacts WHERE {inner.text}) FROM Account WHERE {outer.text}")

        told = {row["Id"]: {child["Id"] for child in (row["Contacts"] or {"records": []})["records"]} for row in rows}
        assert told == expected


def _few_or_many(fields: Mapping[str, st.SearchStrategy[Any]]) -> st.SearchStrategy[Record]:
    """Values of one field more often than of many: the more that is asked for, the more there is to object to."""
    one = st.sampled_from(sorted(fields)).flatmap(lambda name: st.fixed_dictionaries({name: fields[name]}))
    return one | one | st.fixed_dictionaries({}, optional=dict(fields))


def _single(answer: requests.Response) -> Told:
    if answer.status_code >= 400:
        return Told(None, answer.json()[0]["errorCode"])
    return Told(answer.json()["id"] if answer.content else None, None)


def _many(answer: requests.Response) -> list[Told]:
    assert answer.status_code == 200, answer.text
    return [Told(row.get("id"), row["errors"][0]["statusCode"] if row["errors"] else None) for row in answer.json()]


def _part(answer: Mapping[str, Any]) -> Told:
    if answer["httpStatusCode"] >= 400:
        return Told(None, answer["body"][0]["errorCode"])
    return Told((answer["body"] or {}).get("id"), None)


def _cell(value: Any) -> str:
    if value is None:
        return "#N/A"
    return str(value).lower() if isinstance(value, bool) else str(value)


@pytest.mark.hypothesis
def test_the_simulated_org_and_a_plain_model_agree() -> None:
    """A run of the machine serves an org of its own, so that there are fewer of them than of plain examples."""
    profile = settings()

    run_state_machine_as_test(
        Machine,
        settings=settings(
            max_examples=max(10, profile.max_examples // 5),
            stateful_step_count=20,
            deadline=None,
            report_multiple_bugs=False,
            suppress_health_check=list(HealthCheck),
        ),
    )
