"""Seed -> the custom fields that it declares, and all that is wrong with them.

Names and limits are those of Salesforce's custom fields.
Source: https://developer.salesforce.com/docs/atlas.en-us.api_meta.meta/api_meta/customfield.htm
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from reconciler.simulator.coerce import coerce
from reconciler.simulator.errors import RowError
from reconciler.simulator.objects import with_fields
from reconciler.simulator.objects.columns import area, flag, typed
from reconciler.simulator.org import Org
from reconciler.simulator.schema import Field, FieldType, Schema, SObject
from reconciler.simulator.seed.keys import hint

_NAME = re.compile(r"(?=.{1,43}\Z)[A-Za-z](?:[A-Za-z0-9]|_(?!_))*(?<!_)__c\Z")
_RELATIONSHIP = re.compile(r"(?=.{1,40}\Z)[A-Za-z](?:[A-Za-z0-9]|_(?!_))*(?<!_)\Z")
_LONGEST_SHORT_TEXT = 255
_LONGEST_TEXT = 131_072
_MOST_DIGITS = 18


@dataclass(frozen=True, slots=True)
class _Type:
    """A type of custom field: what it is in a describe result, its sizes unless said, the keys that only it takes."""

    type: FieldType
    keys: frozenset[str] = frozenset()
    length: int = 0
    scale: int = 0
    needs: str | None = None


_KEYED = frozenset({"unique", "external_id"})
_NUMBER = frozenset({"precision", "scale"})
_CHOICE = frozenset({"values", "restricted"})

_TYPES: Mapping[str, _Type] = {
    "text": _Type(FieldType.STRING, _KEYED | {"length", "case_sensitive"}, 255),
    "number": _Type(FieldType.DOUBLE, _KEYED | _NUMBER),
    "currency": _Type(FieldType.CURRENCY, _NUMBER, scale=2),
    "percent": _Type(FieldType.PERCENT, _NUMBER, scale=2),
    "checkbox": _Type(FieldType.BOOLEAN),
    "date": _Type(FieldType.DATE),
    "datetime": _Type(FieldType.DATETIME),
    "picklist": _Type(FieldType.PICKLIST, _CHOICE, 255, needs="values"),
    "multipicklist": _Type(FieldType.MULTIPICKLIST, _CHOICE, 4099, needs="values"),
    "email": _Type(FieldType.EMAIL, _KEYED, 80),
    "phone": _Type(FieldType.PHONE, length=40),
    "url": _Type(FieldType.URL, length=255),
    "textarea": _Type(FieldType.TEXTAREA, frozenset({"length"}), 255),
    "lookup": _Type(FieldType.REFERENCE, frozenset({"reference_to", "relationship_name"}), needs="reference_to"),
}
_ALIASES: Mapping[str, str] = {"string": "text", "double": "number", "boolean": "checkbox", "reference": "lookup"}
"""A describe result's names of the types, where they are others."""

_COMMON: Mapping[str, tuple[type, ...]] = {
    "name": (str,),
    "type": (str,),
    "label": (str,),
    "required": (bool,),
    "default": (str, bool, int, float),
}
_OWN: Mapping[str, tuple[type, ...]] = {
    "length": (int,),
    "precision": (int,),
    "scale": (int,),
    "unique": (bool,),
    "external_id": (bool,),
    "case_sensitive": (bool,),
    "values": (list,),
    "restricted": (bool,),
    "reference_to": (str,),
    "relationship_name": (str,),
}
_KEYS: Mapping[str, tuple[type, ...]] = {**_COMMON, **_OWN}
_WORDS: Mapping[type, str] = {str: "text", bool: "true or false", int: "number", list: "list", float: "number"}


def read_fields(org: Org, given: object) -> tuple[Mapping[str, Sequence[Mapping[str, Any]]], list[str]]:
    """The declarations of a seed by the names of their objects, those that are right, and what is wrong with others."""
    if given is None:
        return {}, []
    if not isinstance(given, Mapping):
        return {}, ["fields: a mapping of objects to lists of fields was expected"]
    kept: dict[str, list[Mapping[str, Any]]] = {}
    findings: list[str] = []
    for name, listed in given.items():
        sobject = org.schema.object(str(name))
        if sobject is None or "layoutable" not in sobject.flags:
            able = [item.name for item in org.schema if "layoutable" in item.flags]
            findings.append(f"fields.{name}: no object that takes custom fields{hint(str(name), able)}")
        elif not isinstance(listed, list):
            findings.append(f"fields.{name}: a list of fields was expected")
        else:
            right = kept.setdefault(sobject.name, [])
            for index, item in enumerate(listed):
                declaration = _Declaration(org, sobject, f"fields.{name}[{index}]", item, right)
                wrong = declaration.findings()
                findings += wrong
                right += [] if wrong else [item]
    return kept, findings


def fields_text(declared: Mapping[str, Sequence[Mapping[str, Any]]]) -> str:
    """Declarations as they are kept."""
    return json.dumps(declared)


def with_declared(schema: Schema, kept: str | None) -> Schema:
    """A schema with the custom fields that were declared."""
    declared = json.loads(kept or "{}")
    fields = {name: [custom_field(item) for item in listed] for name, listed in declared.items()}
    return with_fields(schema, fields) if fields else schema


def custom_field(given: Mapping[str, Any]) -> Field:
    """The field that a declaration makes."""
    name = given["name"]
    kind = _TYPES[_type_name(given)]
    label = given.get("label") or name.removesuffix("__c").replace("_", " ")
    flags: dict[str, Any] = {
        "custom": True,
        "default": given.get("default"),
        "nillable": not given.get("required"),
        "unique": given.get("unique", False),
        "external_id": given.get("external_id", False),
        "id_lookup": given.get("external_id", False),
        "case_sensitive": given.get("case_sensitive", False),
        "defaulted_on_create": given.get("default") is not None,
    }
    return _SHAPES.get(kind.type, _plain)(given, kind, (name, label), flags)


_Flags: TypeAlias = dict[str, Any]
_Names: TypeAlias = tuple[str, str]


def _plain(given: Mapping[str, Any], kind: _Type, names: _Names, flags: _Flags) -> Field:
    if "values" in kind.keys:
        flags |= {"picklist": tuple(given["values"]), "restricted": given.get("restricted", False)}
    if "precision" in kind.keys:
        flags |= {"precision": given.get("precision", _MOST_DIGITS), "scale": given.get("scale", kind.scale)}
    return typed(kind.type, *names, given.get("length", kind.length), **flags)


def _checkbox(given: Mapping[str, Any], _: _Type, names: _Names, flags: _Flags) -> Field:
    own = {"default": given.get("default", False), "nillable": False, "defaulted_on_create": True}
    return flag(*names, **{**flags, **own, "permissionable": True})


def _area(given: Mapping[str, Any], kind: _Type, names: _Names, flags: _Flags) -> Field:
    return area(*names, given.get("length", kind.length), **flags)


def _lookup(given: Mapping[str, Any], kind: _Type, names: _Names, flags: _Flags) -> Field:
    child = given.get("relationship_name")
    flags["reference_to"] = (given["reference_to"],)
    flags["relationship_name"] = names[0].removesuffix("c") + "r"
    flags["child_relationship"] = f"{child}__r" if child else None
    return typed(kind.type, *names, 18, **flags)


_SHAPES: Mapping[FieldType, Callable[[Mapping[str, Any], _Type, _Names, _Flags], Field]] = {
    FieldType.BOOLEAN: _checkbox,
    FieldType.TEXTAREA: _area,
    FieldType.REFERENCE: _lookup,
}


def _type_name(given: Mapping[str, Any]) -> str:
    name = str(given.get("type")).lower()
    return _ALIASES.get(name, name)


@dataclass(frozen=True, slots=True)
class _Declaration:
    """One declaration of a seed, where it stands there, and those of its object before it."""

    org: Org
    sobject: SObject
    place: str
    given: Any
    before: Sequence[Mapping[str, Any]] = field(default_factory=tuple)

    def findings(self) -> list[str]:
        """What is wrong with it; of a wrong shape nothing else is asked."""
        return [f"{self.place}{finding}" for finding in list(self._wrong_shape()) or self._wrong_values()]

    def _wrong_shape(self) -> Iterator[str]:
        if not isinstance(self.given, Mapping):
            yield ": a field is a mapping"
            return
        for name, value in self.given.items():
            types = _KEYS.get(name)
            if types is None:
                yield f".{name}: no such key{hint(str(name), _KEYS)}"
            elif type(value) not in types:
                words = " or ".join(dict.fromkeys(_WORDS[one] for one in types))
                yield f".{name}: a {words} was expected"
        if _type_name(self.given) not in _TYPES:
            yield f".type: one of {', '.join(_TYPES)} was expected{hint(_type_name(self.given), _TYPES)}"
        if not _NAME.match(str(self.given.get("name"))):
            yield '.name: a name of letters, digits and single underscores that ends in "__c" was expected'

    def _wrong_values(self) -> Iterator[str]:
        kind_name = _type_name(self.given)
        kind = _TYPES[kind_name]
        for name in self.given:
            if name in _OWN and name not in kind.keys:
                yield f".{name}: a {kind_name} field has none"
        if kind.needs and not self.given.get(kind.needs):
            yield f".{kind.needs}: a {kind_name} field needs it"
        if kind_name == "checkbox" and self.given.get("required"):
            yield ".required: a checkbox field has none"
        yield from self._wrong_name()
        yield from self._wrong_sizes(kind)
        yield from self._wrong_choices()
        yield from self._wrong_reference()
        yield from self._wrong_default(kind)

    def _wrong_name(self) -> Iterator[str]:
        name = self.given["name"].lower()
        if any(other["name"].lower() == name for other in self.before):
            yield f".name: {self.given['name']} stands twice"

    def _wrong_sizes(self, kind: _Type) -> Iterator[str]:
        longest = _LONGEST_TEXT if kind.type is FieldType.TEXTAREA else _LONGEST_SHORT_TEXT
        digits = self.given.get("precision", _MOST_DIGITS)
        for name, value, least, most in (
            ("length", self.given.get("length", 1), 1, longest),
            ("precision", digits, 1, _MOST_DIGITS),
            ("scale", self.given.get("scale", 0), 0, digits),
        ):
            if not least <= value <= most:
                yield f".{name}: {least} to {most} was expected"

    def _wrong_choices(self) -> Iterator[str]:
        values = self.given.get("values", [])
        if not all(isinstance(value, str) and value and ";" not in value for value in values):
            yield ".values: a list of texts without semicolons was expected"
        elif len({value.lower() for value in values}) < len(values):
            yield ".values: a value stands twice"

    def _wrong_reference(self) -> Iterator[str]:
        target, child = self.given.get("reference_to"), self.given.get("relationship_name")
        if target is not None and not any(item.name == target for item in self.org.schema):
            yield f".reference_to: no such object{hint(target, [item.name for item in self.org.schema])}"
        if child is not None and not _RELATIONSHIP.match(child):
            yield ".relationship_name: a name of letters, digits and single underscores was expected"

    def _wrong_default(self, kind: _Type) -> Iterator[str]:
        if self.given.get("default") is None:
            return
        if kind.type is FieldType.REFERENCE:
            yield ".default: a lookup field has none"
            return
        plain = typed(kind.type, self.given["name"], "default", self.given.get("length", kind.length))
        try:
            stored = coerce(self.org, plain, self.given["default"])
        except RowError as error:
            yield f".{error.message}"
            return
        if "values" in self.given and stored not in self.given["values"]:
            yield f".default: {stored} is none of the values"
