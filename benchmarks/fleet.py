"""Fleets of users: the files that declare them and the seeds of the orgs that they are for.

Everything is made from a user's number and written as it is made, so that a million users need no memory.
"""

import json
import shutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

USERS_OF_AN_ACCOUNT = 20
FILES_OF_A_FOLDER = 500
FOLDERS_OF_A_REGION = 20
CHANGED_ONE_IN = 100
"""Of the `one_percent` documents, every hundredth declares another title than the org has."""

TITLES = ("Buyer", "Head of Sales", "Support Engineer", "Team Lead", "Analyst")
ADMIN = "admin@bench.example"


@dataclass(frozen=True, slots=True)
class Fleet:
    """One project folder: how many users, how many documents a file, which of them, and with or without changes."""

    users: int
    per_file: int = 1
    is_changed: bool = False
    every: int = 1

    @property
    def name(self) -> str:
        """The folder's name."""
        changed = "-one-percent" if self.is_changed else ""
        sample = f"-every-{self.every}" if self.every > 1 else ""
        return f"{self.users}-users-{self.per_file}-a-file{changed}{sample}"

    @property
    def numbers(self) -> range:
        """The numbers of the users that have a document."""
        return range(0, self.users, self.every)


def username(number: int) -> str:
    """The Username of a user."""
    return f"first{number:07}.last@account{number // USERS_OF_AN_ACCOUNT:05}.example"


def account(number: int) -> str:
    """The name of the account of a user."""
    return f"Account {number // USERS_OF_AN_ACCOUNT:05}"


def changed_users(users: int) -> Iterator[str]:
    """The users whose document of `one_percent` differs from the org."""
    return (username(number) for number in range(0, users, CHANGED_ONE_IN))


def document(number: int, *, is_changed: bool = False) -> str:
    """The YAML document of a user: 14 values."""
    title = "Changed" if is_changed and number % CHANGED_ONE_IN == 0 else TITLES[number % len(TITLES)]
    return (
        f"user: {username(number)}\naccount: {account(number)}\n"
        f"contact:\n  FirstName: First{number}\n  LastName: Last{number}\n  Email: {username(number)}\n"
        f"  Title: {title}\n  Phone: '+1 555 {number:07}'\n"
        "license: Customer Community Plus\nprofile: Team Plus\nrole: User\n"
        "fields:\n  TimeZoneSidKey: Europe/Paris\n  LocaleSidKey: en_GB\nactive: true\n"
    )


def write_project(fleet: Fleet, work: Path) -> Path:
    """The project folder of a fleet; one that is there already is kept."""
    project = work / "projects" / fleet.name
    if project.exists():
        return project
    fresh = project.with_name(f"{project.name}.new")
    shutil.rmtree(fresh, ignore_errors=True)
    numbers = fleet.numbers
    for index, first in enumerate(range(0, len(numbers), fleet.per_file)):
        folder = index // FILES_OF_A_FOLDER
        path = fresh / "desired" / "users" / f"{folder // FOLDERS_OF_A_REGION:03}" / f"{folder:05}"
        if index % FILES_OF_A_FOLDER == 0:
            path.mkdir(parents=True)
        some = numbers[first : first + fleet.per_file]
        text = "---\n".join(document(number, is_changed=fleet.is_changed) for number in some)
        (path / f"users-{some[0]:07}.yaml").write_text(text, encoding="utf-8")
    fresh.rename(project)
    return project


def write_seed(users: int, path: Path, *, is_contactless: bool = False) -> None:
    """The seed of the org of a fleet: every user as declared, or still contactless."""
    accounts = ({"Name": account(number), "Owner": ADMIN} for number in range(0, users, USERS_OF_AN_ACCOUNT))
    live = _contactless_user if is_contactless else _community_user
    with path.open("w", encoding="utf-8") as stream:
        stream.write(json.dumps(_settings(users))[:-1])
        _write_records(stream.write, "Account", accounts)
        _write_records(stream.write, "Contact", () if is_contactless else map(_contact, range(users)))
        _write_records(stream.write, "User", _users(users, live))
        stream.write("}\n")


def _write_records(write: Callable[[str], object], name: str, records: Iterable[object]) -> None:
    write(f',\n"{name}": [')
    for number, record in enumerate(records):
        write(f"{',' if number else ''}\n{json.dumps(record)}")
    write("]")


def _settings(users: int) -> dict[str, object]:
    """What an org has but accounts and people."""
    return {
        "organization": {"Name": "Bench"},
        "UserLicense": [
            {"Name": "Salesforce", "TotalLicenses": 10},
            {"Name": "External Identity", "TotalLicenses": users},
            {"Name": "Customer Community Plus", "TotalLicenses": users},
        ],
        "Profile": [
            {"Name": "System Administrator", "UserLicense": "Salesforce"},
            {"Name": "Team Identity", "UserLicense": "External Identity"},
            {"Name": "Team Plus", "UserLicense": "Customer Community Plus"},
        ],
        "UserRole": [{"Name": "CEO"}],
    }


def _users(users: int, live: Callable[[int], object]) -> Iterator[object]:
    yield {
        "Username": ADMIN,
        "LastName": "Admin",
        "Email": ADMIN,
        "Profile": "System Administrator",
        "UserRole": "CEO",
    }
    yield from map(live, range(users))


def _person(number: int) -> dict[str, object]:
    return {"FirstName": f"First{number}", "LastName": f"Last{number}", "Email": username(number)}


def _contact(number: int) -> dict[str, object]:
    title, phone = TITLES[number % len(TITLES)], f"+1 555 {number:07}"
    return {**_person(number), "Title": title, "Phone": phone, "Account": account(number)}


def _contactless_user(number: int) -> dict[str, object]:
    place = {"TimeZoneSidKey": "Europe/Paris", "LocaleSidKey": "en_GB"}
    return {"Username": username(number), **_person(number), "Profile": "Team Identity", **place}


def _community_user(number: int) -> dict[str, object]:
    return {**_contactless_user(number), "Profile": "Team Plus", "Contact": username(number)}
