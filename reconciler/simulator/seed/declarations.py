"""Seed -> the validation rules, duplicate rules and triggers that it declares, and all that is wrong with them."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import MISSING, Field, dataclass, fields
from typing import Any

from reconciler.simulator.declared import EVENTS, KINDS, Action, Declared, made
from reconciler.simulator.errors import ApiError
from reconciler.simulator.org import Org
from reconciler.simulator.schema import SObject
from reconciler.simulator.seed.load import hint
from reconciler.simulator.soql.matching import check_condition

_DOES = ("error", "exception", "updates")


def read_declared(org: Org, seed: Mapping[str, Any]) -> tuple[Declared, list[str]]:
    """The declarations of a seed; nothing of them when there are findings."""
    items = [_Item(org, f"{name}[{index}]", KINDS[name], given) for name, index, given in _listed(seed)]
    wrong = [f"{name}: a list was expected" for name in KINDS if not isinstance(seed.get(name) or [], list)]
    findings = wrong + [f"{item.place}{finding}" for item in items for finding in item.findings()]
    if findings:
        return Declared(), findings
    found = {name: tuple(item.made() for item in items if item.kind is kind) for name, kind in KINDS.items()}
    return Declared(**found), []


def _listed(seed: Mapping[str, Any]) -> Iterator[tuple[str, int, Any]]:
    for name in KINDS:
        listed = seed.get(name) or ()
        for index, given in enumerate(listed if isinstance(listed, list) else ()):
            yield name, index, _plain(given) if isinstance(given, Mapping) else given


def _plain(given: Mapping[Any, Any]) -> Mapping[Any, Any]:
    """What an item says; YAML 1.1 reads the word `on` as true when it is not quoted."""
    return {"on" if key is True else key: value for key, value in given.items() if value is not None}


@dataclass(frozen=True, slots=True)
class _Item:
    """One declaration of a seed, and where it stands there."""

    org: Org
    place: str
    kind: type[Any]
    given: Any

    def findings(self) -> Iterator[str]:
        """What is wrong with it, each with the key that it is about; of a wrong shape nothing else is asked."""
        if not isinstance(self.given, Mapping):
            yield ": a mapping was expected"
            return
        wrong = list(self._wrong_shape())
        yield from wrong
        if wrong:
            return
        sobject = self.org.schema.object(self.given["object"])
        if sobject is None:
            names = [item.name for item in self.org.schema]
            yield f".object: no such object{hint(self.given['object'], names)}"
            return
        for name, check in _CHECKS.items():
            if name in self.given:
                yield from (f".{name}: {finding}" for finding in check(self, sobject))
        if "updates" in self._known() and sum(name in self.given for name in _DOES) != 1:
            yield f": one of {', '.join(_DOES)} was expected"

    def made(self) -> Any:
        """The declaration, its names spelled as the schema spells them."""
        sobject = self.org.schema.objects[self.given["object"].lower()]
        spelled = dict(self.given)
        for name in {"field", "match"} & spelled.keys():
            value = spelled[name]
            spelled[name] = (
                [sobject.fields[one.lower()].name for one in value]
                if isinstance(value, list)
                else sobject.fields[value.lower()].name
            )
        if "updates" in spelled:
            spelled["updates"] = self.org.schema.objects[spelled["updates"].lower()].name
        return made(self.kind, {**spelled, "object": sobject.name})

    def _known(self) -> Mapping[str, Field[Any]]:
        return {item.name: item for item in fields(self.kind)}

    def _wrong_shape(self) -> Iterator[str]:
        known = self._known()
        for name, item in known.items():
            if item.default is MISSING and not self.given.get(name):
                yield f".{name}: is required"
        for name, value in self.given.items():
            if name not in known:
                yield f".{name}: no such key{hint(str(name), known)}"
            elif str(known[name].type).startswith("tuple"):
                if not isinstance(value, list) or not value or not all(isinstance(one, str) for one in value):
                    yield f".{name}: a list of texts was expected"
            elif not isinstance(value, str):
                yield f".{name}: a text was expected"

    def _field(self, sobject: SObject, name: str) -> Iterator[str]:
        if sobject.field(name) is None:
            yield f'{sobject.name} has no field "{name}"{hint(name, [item.name for item in sobject])}'

    def check_condition(self, sobject: SObject) -> Iterator[str]:
        """Whether `when` is a condition of SOQL."""
        try:
            check_condition(self.org, sobject.name, self.given["when"])
        except ApiError as error:
            yield error.message.rpartition("\n")[2]

    def check_field(self, sobject: SObject) -> Iterator[str]:
        """Whether `field` is a field."""
        yield from self._field(sobject, self.given["field"])

    def check_match(self, sobject: SObject) -> Iterator[str]:
        """Whether `match` names fields of an object that may have duplicate rules."""
        if sobject.is_setup:
            yield f"{sobject.name} has no duplicate rules"
        for name in self.given["match"]:
            yield from self._field(sobject, name)
            item = sobject.field(name)
            if item is not None and item.derived:
                yield f"{name} is made of other fields"

    def check_action(self, _: SObject) -> Iterator[str]:
        """Whether `action` is one."""
        if self.given["action"] not in set(Action):
            yield f'"{self.given["action"]}" is none of {", ".join(Action)}'

    def check_on(self, _: SObject) -> Iterator[str]:
        """Whether `on` names events."""
        for event in self.given["on"]:
            if event not in EVENTS:
                yield f'"{event}" is none of {", ".join(EVENTS)}'

    def check_updates(self, _: SObject) -> Iterator[str]:
        """Whether `updates` is an object."""
        if self.org.schema.object(self.given["updates"]) is None:
            names = [item.name for item in self.org.schema]
            yield f"no such object{hint(self.given['updates'], names)}"


_CHECKS: Mapping[str, Callable[[_Item, SObject], Iterator[str]]] = {
    "when": _Item.check_condition,
    "field": _Item.check_field,
    "match": _Item.check_match,
    "action": _Item.check_action,
    "on": _Item.check_on,
    "updates": _Item.check_updates,
}
