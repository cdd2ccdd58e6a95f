"""Records -> seed: stable, without ids, without what loading fills in by itself."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

import yaml

from reconciler.simulator.objects import SCHEMA
from reconciler.simulator.objects.permissions import ADMINISTRATOR
from reconciler.simulator.org import Org
from reconciler.simulator.schema import SObject
from reconciler.simulator.seed.defaults import ALL_PERMISSIONS
from reconciler.simulator.seed.keys import AUDIT, ORDER, keys_of
from reconciler.simulator.store import Scalar

Record = Mapping[str, Scalar]


def dump_seed(org: Org) -> dict[str, Any]:
    """The org in the format of a seed."""
    records = {name: [r for r in org.store.find(name) if not _is_made(name, r)] for name in ORDER}
    names = _names(org, records)
    organization = org.store.find("Organization")[0]
    dumped: dict[str, Any] = {
        "organization": dict(_dumped(SCHEMA.objects["organization"], organization, names)),
        "settings": asdict(org.settings),
        **org.declared.seed(),
    }
    for name, found in records.items():
        if found:
            dumped[name] = [dict(_dumped(SCHEMA.objects[name.lower()], record, names)) for record in found]
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


def _names(org: Org, records: Mapping[str, list[dict[str, Scalar]]]) -> Mapping[str, str]:
    """Id -> the first of its keys that no other record of its object has, else its place in the list."""
    found = {str(role["Id"]): str(role["Name"]) for role in org.store.find("UserRole")}
    for name, listed in records.items():
        uses = Counter(key.casefold() for record in listed for key in set(keys_of(name, record)))
        for index, record in enumerate(listed):
            own = (key for key in keys_of(name, record) if uses[key.casefold()] == 1)
            found[str(record["Id"])] = next(own, f"#{index}")
    return found


def _dumped(sobject: SObject, record: Record, names: Mapping[str, str]) -> Iterator[tuple[str, Scalar]]:
    for item in sobject:
        value = record[item.name]
        if item.derived or item.name in AUDIT or item.name == "Id" or value is None or value == item.default:
            continue
        if item.relationship_name:
            yield item.relationship_name, names.get(str(value), str(value))
        else:
            yield item.name, value
