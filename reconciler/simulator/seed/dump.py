"""Records -> seed: stable, without ids, without what loading fills in by itself."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any, TypeAlias

import yaml

from reconciler.simulator.objects.permissions import ADMINISTRATOR
from reconciler.simulator.org import Org
from reconciler.simulator.schema import Field, SObject
from reconciler.simulator.seed.defaults import ALL_PERMISSIONS
from reconciler.simulator.seed.keys import AUDIT, ORDER, keys_of, reference_name
from reconciler.simulator.store import Scalar

Record = Mapping[str, Scalar]
_Named: TypeAlias = tuple[str, str]


def dump_seed(org: Org) -> dict[str, Any]:
    """The org in the format of a seed."""
    records = {name: [r for r in org.store.find(name) if not _is_made(name, r)] for name in ORDER}
    names = _names(org, records)
    [organization] = org.store.find("Organization")
    dumped: dict[str, Any] = {
        "organization": dict(_dumped(org.schema.objects["organization"], organization, names)),
        "settings": asdict(org.settings),
        **org.declared.seed(),
    }
    declared = json.loads(org.store.meta_get("fields") or "{}")
    if declared:
        dumped["fields"] = declared
    for name, found in records.items():
        if found:
            dumped[name] = [dict(_dumped(org.schema.objects[name.lower()], record, names)) for record in found]
    for profile in dumped.get("Profile", ()):
        _leave_out_granted(profile)
    return dumped


def _leave_out_granted(profile: dict[str, Scalar]) -> None:
    """The administrator's permissions go without saying."""
    for name in ALL_PERMISSIONS if profile["Name"] == ADMINISTRATOR else ():
        profile.pop(name, None)


def seed_text(org: Org) -> str:
    """The dump as YAML."""
    dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
    return yaml.dump(dump_seed(org), Dumper=dumper, sort_keys=False, allow_unicode=True)


def _is_made(name: str, record: Record) -> bool:
    """Portal roles are made again with the users that have them."""
    return name == "UserRole" and record["PortalType"] not in {None, "None"}


def _names(org: Org, records: Mapping[str, list[dict[str, Scalar]]]) -> Mapping[str, _Named]:
    """Id -> object, and the first of its keys that no other record of its object has, else its place in the list."""
    found = {str(role["Id"]): ("UserRole", str(role["Name"])) for role in org.store.find("UserRole")}
    for name, listed in records.items():
        uses = Counter(key.casefold() for record in listed for key in set(keys_of(name, record)))
        for index, record in enumerate(listed):
            own = (key for key in keys_of(name, record) if uses[key.casefold()] == 1)
            found[str(record["Id"])] = name, next(own, f"#{index}")
    return found


def _dumped(sobject: SObject, record: Record, names: Mapping[str, _Named]) -> Iterator[tuple[str, Any]]:
    for item in sobject:
        value = record[item.name]
        if item.derived or item.name in AUDIT or item.name == "Id" or value is None or value == item.default:
            continue
        name = reference_name(item)
        if name is None:
            yield item.name, value
        elif str(value) in names:
            yield name, _reference(item, *names[str(value)])


def _reference(item: Field, name: str, key: str) -> object:
    """The other record's key, with its object where that is not the first that the field may refer to."""
    return key if name == item.reference_to[0] else {name: key}
