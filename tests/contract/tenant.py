"""An org under contract: plain HTTP to it, and the records that a test makes there."""

import secrets
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
import requests

VERSION = "66.0"
PREFIX = "sfrec-contract-"
"""Begins the name of every record that the suite makes."""

_NO_STANDARD_PROFILES = "To create or update users for this profile, go to Setup"
_NO_CONTACTLESS = "Cannot create a portal user without contact"
_LONGEST_JOB_SECONDS = 300


class Bearer:
    """Authorises requests; neither a repr nor a .netrc file gets at the token."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Authorise one request."""
        request.headers["Authorization"] = f"Bearer {self._token}"
        return request

    def told_to(self, text: str) -> str:
        """A text with the token where it says TOKEN, for the APIs that take it in a header or body of their own."""
        return text.replace("TOKEN", self._token)


@dataclass(frozen=True)
class Connection:
    """A session with an org; `is_real` says whether Salesforce itself answers."""

    url: str
    bearer: Bearer
    is_real: bool
    http: requests.Session = field(default_factory=requests.Session, repr=False)
    known: dict[str, Any] = field(default_factory=dict, repr=False)

    def send(self, method: str, path: str, **options: Any) -> requests.Response:
        """Send a request; no redirect is followed, for it could carry the token elsewhere."""
        given = {"auth": self.bearer, "timeout": 120, "allow_redirects": False, **options}
        return self.http.request(method, self.url + path, **given)


@dataclass
class Tenant:
    """What a contract test speaks to: an org, and a marker that no other test has."""

    connection: Connection
    is_known: bool
    told: Callable[[str, object, object], None] = field(repr=False)
    marker: str = field(default_factory=lambda: PREFIX + secrets.token_hex(5))
    _count: int = 0

    @property
    def is_real(self) -> bool:
        """Whether Salesforce itself answers."""
        return self.connection.is_real

    def expect(self, what: str, got: object, expected: object, *, is_known: bool | None = None) -> None:
        """Tell the report; what no source says for certain fails the simulated org alone."""
        self.told(what, expected, got)
        if not self.is_real or (self.is_known if is_known is None else is_known):
            assert got == expected, f"{what}: expected {expected!r}, got {got!r}"

    # HTTP

    def call(self, method: str, path: str, *, version: str = VERSION, **options: Any) -> requests.Response:
        """Send a request; the path starts after the version, or is a whole one."""
        whole = path if path.startswith("/") else f"/services/data/v{version}/{path}"
        return self.connection.send(method, whole, **options)

    def get(self, path: str, **options: Any) -> requests.Response:
        """Send a GET."""
        return self.call("GET", path, **options)

    def post(self, path: str, body: object, **options: Any) -> requests.Response:
        """Send a POST with a JSON body."""
        return self.call("POST", path, json=body, **options)

    def patch(self, path: str, body: object, **options: Any) -> requests.Response:
        """Send a PATCH with a JSON body."""
        return self.call("PATCH", path, json=body, **options)

    def query(self, soql: str, **options: Any) -> requests.Response:
        """Send a query."""
        return self.get("query", params={"q": soql}, **options)

    def rows(self, soql: str) -> list[dict[str, Any]]:
        """All records of a query, without their attributes."""
        answer = self.query(soql)
        assert answer.status_code == 200, answer.text
        body = answer.json()
        found = list(body["records"])
        while not body["done"]:
            body = self.get(body["nextRecordsUrl"]).json()
            found += body["records"]
        return [{key: value for key, value in row.items() if key != "attributes"} for row in found]

    def row(self, sobject: str, record_id: str, *fields: str) -> dict[str, Any]:
        """Those fields of one record."""
        (found,) = self.rows(f"SELECT {', '.join(fields)} FROM {sobject} WHERE Id = '{record_id}'")
        return found

    def once(self, key: str, ask: Callable[[], Any]) -> Any:
        """What was asked of the org before, for what no test changes."""
        if key not in self.connection.known:
            self.connection.known[key] = ask()
        return self.connection.known[key]

    # Records

    def name(self, word: str = "") -> str:
        """A name that no other record has."""
        self._count += 1
        return f"{self.marker} {word or self._count}"

    def insert(self, sobject: str, **fields: Any) -> str:
        """The Id of a new record, which must be accepted."""
        answer = self.post(f"sobjects/{sobject}", fields)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    def update(self, sobject: str, record_id: str, **fields: Any) -> None:
        """A change that must be accepted."""
        answer = self.patch(f"sobjects/{sobject}/{record_id}", fields)
        assert answer.status_code == 204, answer.text

    def account(self, **fields: Any) -> str:
        """A new account."""
        return self.insert("Account", **{"Name": self.name(), **fields})

    def contact(self, account_id: str | None = None, **fields: Any) -> str:
        """A new contact."""
        return self.insert("Contact", **{"LastName": self.name(), "AccountId": account_id, **fields})

    def typed(self, sobject: str, *records: Mapping[str, Any]) -> list[Mapping[str, Any]]:
        """Records of sObject Collections."""
        return [{"attributes": {"type": sobject}, **record} for record in records]

    # What the org has; a test that needs what it lacks is skipped

    def owner(self) -> str:
        """The Id of an internal user that has a role and may own accounts of portal users."""
        soql = "SELECT Id FROM User WHERE IsActive = true AND UserType = 'Standard' AND UserRoleId != null LIMIT 1"
        found = self.once("owner", lambda: self.rows(soql))
        if not found:
            pytest.skip("no active internal user has a role: give one to a user of the org")
        return str(found[0]["Id"])

    def owner_without_role(self) -> str:
        """The Id of an internal user that has no role."""
        soql = "SELECT Id FROM User WHERE IsActive = true AND UserType = 'Standard' AND UserRoleId = null LIMIT 1"
        found = self.once("owner without role", lambda: self.rows(soql))
        if not found:
            pytest.skip("every active internal user of the org has a role")
        return str(found[0]["Id"])

    def profile(self, license_name: str) -> str:
        """The Id of a profile of that license, the team's own before the standard one."""
        soql = "SELECT Id, Name, UserLicense.Name FROM Profile"
        found = [
            row for row in self.once("profiles", lambda: self.rows(soql)) if row["UserLicense"]["Name"] == license_name
        ]
        if not found:
            pytest.skip(f"the org has no profile of the license {license_name}")
        return str(min(found, key=lambda row: row["Name"] == f"{license_name} User")["Id"])

    def describe(self, sobject: str) -> Mapping[str, Any]:
        """The describe result of an object."""

        def ask() -> Any:
            answer = self.get(f"sobjects/{sobject}/describe")
            assert answer.status_code == 200, answer.text
            return answer.json()

        return dict(self.once(f"describe {sobject}", ask))

    def external_id(self, sobject: str) -> str:
        """The name of a text field of that object that is an external id and no more."""
        wanted = {"externalId": True, "createable": True, "type": "string"}
        for item in self.describe(sobject)["fields"]:
            if all(item[key] == value for key, value in wanted.items()):
                return str(item["name"])
        pytest.skip(f"{sobject} has no text field that is an external id")

    # Users, which can't be deleted: those of earlier tests are used again

    def user_fields(self, license_name: str, **fields: Any) -> dict[str, Any]:
        """The fields of a new user."""
        self._count += 1
        username = f"{self.marker}.{self._count}@contract.example"
        required = {
            "Username": username,
            "Email": username,
            "LastName": self.name(),
            "Alias": self.marker[-8:],
            "CommunityNickname": username[:40],
            "TimeZoneSidKey": "Europe/Paris",
            "LocaleSidKey": "en_US",
            "EmailEncodingKey": "UTF-8",
            "LanguageLocaleKey": "en_US",
            "ProfileId": self.profile(license_name),
        }
        return {**required, **fields}

    def contactless(self, **fields: Any) -> str:
        """The Id of an active user of External Identity without a contact."""
        values = self.user_fields("External Identity", **fields)
        spare = self.rows(
            f"SELECT Id FROM User WHERE Username LIKE '{PREFIX}%' AND IsActive = false AND ContactId = null LIMIT 1"
        )
        for user in spare:
            answer = self.patch(f"sobjects/User/{user['Id']}", {**values, "IsActive": True})
            if answer.status_code == 204:
                return str(user["Id"])
        answer = self.post("sobjects/User", values)
        skip_what_is_switched_off(answer)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    def linked(self, account_id: str | None = None) -> str:
        """The Id of an active user of External Identity with a contact."""
        user = self.contactless()
        contact = self.contact(account_id or self.account(OwnerId=self.owner()))
        self.update("User", user, ContactId=contact)
        return user

    def upgraded(self, license_name: str, account_id: str | None = None, **fields: Any) -> str:
        """The Id of a user that went the whole way from contactless to that license."""
        profile, user = self.profile(license_name), self.linked(account_id)
        answer = self.patch(f"sobjects/User/{user}", {"ProfileId": profile, **fields})
        skip_what_is_switched_off(answer)
        assert answer.status_code == 204, answer.text
        return user

    # Bulk

    def finished(self, job: str, kind: str = "ingest") -> Mapping[str, Any]:
        """The job when it has come to its end."""
        deadline = time.monotonic() + _LONGEST_JOB_SECONDS
        while time.monotonic() < deadline:
            state = dict(self.get(f"jobs/{kind}/{job}").json())
            if state["state"] in {"JobComplete", "Failed", "Aborted"}:
                return state
            time.sleep(1)  # a real org works on it; the simulated one is done when it is asked
        pytest.fail(f"job {job} did not end within {_LONGEST_JOB_SECONDS} s")

    # Leaving

    def sweep(self) -> Iterator[str]:
        """Delete what carries the marker and retire its users; tells what could not be."""
        yield from self._retire_users()
        for sobject, name in _SWEPT:
            found = self.rows(f"SELECT Id FROM {sobject} WHERE {name.format(marker=self.marker)}")
            ids = [str(row["Id"]) for row in found]
            for start in range(0, len(ids), 200):
                yield from self._delete(ids[start : start + 200], sobject)

    def _retire_users(self) -> Iterator[str]:
        users = self.rows(
            f"SELECT Id, IsActive, IsPortalEnabled FROM User WHERE Username LIKE '{self.marker}%' AND IsActive = true"
        )
        for user in users:
            change = {"IsPortalEnabled": False} if user["IsPortalEnabled"] else {"IsActive": False}
            answer = self.patch(f"sobjects/User/{user['Id']}", change)
            if answer.status_code != 204:
                yield f"User {user['Id']}: {answer.text}"

    def _delete(self, ids: Sequence[str], sobject: str) -> Iterator[str]:
        answer = self.call("DELETE", "composite/sobjects", params={"ids": ",".join(ids), "allOrNone": "false"})
        if answer.status_code != 200:
            yield f"{sobject} {', '.join(ids)}: {answer.text}"
            return
        for record_id, result in zip(ids, answer.json(), strict=True):
            if not result["success"] and result["errors"][0]["statusCode"] != "ENTITY_IS_DELETED":
                yield f"{sobject} {record_id}: {result['errors'][0]['message']}"


_SWEPT = (
    ("Contact", "LastName LIKE '{marker}%'"),
    ("Account", "Name LIKE '{marker}%'"),
    ("PermissionSet", "Label LIKE '{marker}%'"),
    ("UserRole", "Name LIKE '{marker}%' AND PortalType = 'None'"),
)
"""Objects that tests make records of, in the order in which they can be deleted, and which of them are the test's.

An account's portal roles are named for it, but are Salesforce's own.
"""


def refusal(answer: requests.Response) -> tuple[int, str]:
    """The status and the code of a refused request, in the shape that all of them have."""
    body = answer.json()
    assert isinstance(body, list), answer.text
    assert isinstance(body[0]["message"], str), answer.text
    return answer.status_code, str(body[0]["errorCode"])


def skip_what_is_switched_off(answer: requests.Response) -> None:
    """Skip the test when a user is refused for a setting or for want of seats."""
    if answer.status_code < 400:
        return
    error = answer.json()[0]
    if error["message"].startswith(_NO_STANDARD_PROFILES):
        pytest.skip("the org has no profile of its own for the license, and doesn't allow the standard one")
    if error["errorCode"] == "LICENSE_LIMIT_EXCEEDED":
        pytest.skip(f"the org has no free seat: {error['message']}")
    if error["message"] == _NO_CONTACTLESS:
        pytest.skip("the org doesn't allow contactless users")
