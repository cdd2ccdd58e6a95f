"""After a refused read: which declared fields the org does not have, and where they stand."""

from collections.abc import Iterator
from difflib import get_close_matches
from typing import TypeAlias

from reconciler.kinds import ACCOUNT, CONTACT, USER, KindSpec
from reconciler.live.accounts import key_parts
from reconciler.live.columns import declared
from reconciler.model import Address, Kind, Position, Problem, Resource, Severity, State
from reconciler.salesforce import Reader

_Named: TypeAlias = Iterator[tuple[str, Resource, str]]
"""A field's name, who declares it, and the field of the resource whose place tells where."""


def unknown_fields(reader: Reader, desired: State) -> tuple[Problem, ...]:
    """One problem for each place that declares a field which the org's object does not have, by place."""
    problems: list[Problem] = []
    for spec, names in (
        (CONTACT, _fields(desired, CONTACT)),
        (USER, _fields(desired, USER)),
        (ACCOUNT, _keys(desired)),
    ):
        known = {str(field["name"]).lower(): str(field["name"]) for field in reader.describe(spec.sobject)["fields"]}
        # Places are asked for of what is unknown only: a file is read again for them.
        problems.extend(
            _problem(spec, name, resource, resource.position(placed), known)
            for name, resource, placed in names
            if name.lower() not in known
        )
    return tuple(sorted(problems, key=lambda problem: (problem.source or ("", 0, 0), problem.message)))


def _fields(desired: State, spec: KindSpec) -> _Named:
    for resource in desired.of(spec.kind):
        for name in declared([resource], spec):
            yield name, resource, name


def _keys(desired: State) -> _Named:
    """The fields by which contacts name their accounts."""
    for contact in desired.of(Kind.CONTACT):
        address = contact.fields.get("AccountId")
        if isinstance(address, Address):
            yield key_parts(address.key)[0], contact, "AccountId"


def _problem(spec: KindSpec, name: str, resource: Resource, place: Position | None, known: dict[str, str]) -> Problem:
    close = get_close_matches(name.lower(), sorted(known), n=1, cutoff=0.6)
    remedy = f"did you mean {known[close[0]]}?" if close else "remove it, or give the login access to it"
    message = f"{spec.sobject} has no field {name}, or the login can't read it"
    return Problem("SF020", Severity.ERROR, message, remedy, resource.address, place)
