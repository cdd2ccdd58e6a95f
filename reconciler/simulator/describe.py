"""Describe results: what a generic client needs to know of an object and its fields.

The keys are those of a recorded describe result.
Source: https://developer.salesforce.com/docs/atlas.en-us.api.meta/api/sforce_api_calls_describesobjects_describesobjectresult.htm
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from reconciler.simulator.org import Org
from reconciler.simulator.schema import ChildRelationship, Field, FieldType, OnDelete, SObject
from reconciler.simulator.store import Scalar

_SOAP: Mapping[FieldType, str] = {
    FieldType.ID: "tns:ID",
    FieldType.REFERENCE: "tns:ID",
    FieldType.BOOLEAN: "xsd:boolean",
    FieldType.INT: "xsd:int",
    FieldType.DOUBLE: "xsd:double",
    FieldType.CURRENCY: "xsd:double",
    FieldType.PERCENT: "xsd:double",
    FieldType.DATE: "xsd:date",
    FieldType.DATETIME: "xsd:dateTime",
    FieldType.ADDRESS: "urn:address",
}

_MASTER = "012000000000000AAA"
"""The Id of the record type that stands for none, in every org."""

_FLAGS = (
    "activateable", "customSetting", "deepCloneable", "deprecatedAndHidden", "feedEnabled", "hasSubtypes",
    "isInterface", "isSubtype", "layoutable", "mergeable", "mruEnabled", "replicateable", "searchable", "triggerable",
)  # fmt: skip
_ON = ("queryable", "retrieveable")
_NOTHING = ("associateEntityType", "associateParentEntity")
_NOTHING_MORE = (
    "defaultImplementation", "extendedBy", "extendsInterfaces", "implementedBy", "implementsInterfaces",
    "listviewable", "lookupLayoutable", "networkScopeFieldName",
)  # fmt: skip


def describe_global(org: Org, version: str) -> Mapping[str, Any]:
    """The list of all objects, by name."""
    listed = sorted(org.schema, key=lambda item: item.name)
    return {"encoding": "UTF-8", "maxBatchSize": 200, "sobjects": [_head(item, version) for item in listed]}


def describe_object(
    sobject: SObject, version: str, record_types: Sequence[Mapping[str, Scalar]] = ()
) -> Mapping[str, Any]:
    """One object with its fields and relationships; `record_types` are the org's for this object."""
    return {
        **_head(sobject, version),
        **dict.fromkeys(_NOTHING_MORE),
        "actionOverrides": [],
        "childRelationships": [_child(child) for child in sobject.children],
        "compactLayoutable": "compactLayoutable" in sobject.flags,
        "fields": [_field(field) for field in sobject],
        "namedLayoutInfos": [],
        "recordTypeInfos": list(_record_types(sobject, record_types)),
        "searchLayoutable": "searchable" in sobject.flags,
        "sobjectDescribeOption": "FULL",
        "supportedScopes": list(_scopes(sobject)),
    }


def describe_short(sobject: SObject, version: str) -> Mapping[str, Any]:
    """One object as the list of all objects tells it."""
    return _head(sobject, version)


def record_types_of(org: Org, sobject: SObject) -> Sequence[Mapping[str, Scalar]]:
    """The org's record types for an object."""
    return org.store.find("RecordType", SobjectType=sobject.name) if sobject.field("RecordTypeId") else ()


def _head(sobject: SObject, version: str) -> Mapping[str, Any]:
    return {
        **{name: name in sobject.flags for name in _FLAGS},
        **dict.fromkeys(_ON, True),
        **dict.fromkeys(_NOTHING),
        "createable": sobject.createable,
        "custom": False,
        "deletable": sobject.deletable,
        "keyPrefix": sobject.key_prefix,
        "label": sobject.label,
        "labelPlural": sobject.label_plural,
        "name": sobject.name,
        "undeletable": sobject.undeletable,
        "updateable": sobject.updateable,
        "urls": _urls(sobject, version),
    }


def _urls(sobject: SObject, version: str) -> Mapping[str, str]:
    """The resources of an object that a simulated org answers."""
    base = f"/services/data/v{version}/sobjects/{sobject.name}"
    urls = {"rowTemplate": f"{base}/{{ID}}", "describe": f"{base}/describe", "sobject": base}
    return {**urls, "passwordUtilities": f"{base}/{{ID}}/password"} if sobject.name == "User" else urls


def _child(child: ChildRelationship) -> Mapping[str, Any]:
    return {
        "cascadeDelete": child.on_delete is OnDelete.CASCADE,
        "childSObject": child.child_object,
        "deprecatedAndHidden": False,
        "field": child.field,
        "junctionIdListNames": [],
        "junctionReferenceTo": [],
        "relationshipName": child.name or None,
        "restrictedDelete": child.on_delete is OnDelete.RESTRICT,
    }


def _record_types(sobject: SObject, listed: Sequence[Mapping[str, Scalar]]) -> Sequence[Mapping[str, Any]]:
    if sobject.field("RecordTypeId") is None:
        return []
    # Which record type a profile has as its default is not simulated: it is that of no record type.
    own = [_record_type(item, is_master=False) for item in listed]
    master: Mapping[str, Scalar] = {"Id": _MASTER, "Name": "Master", "DeveloperName": "Master", "IsActive": True}
    return [*own, _record_type(master, is_master=True)]


def _record_type(item: Mapping[str, Scalar], *, is_master: bool) -> Mapping[str, Any]:
    return {
        "active": item["IsActive"],
        "available": item["IsActive"],
        "defaultRecordTypeMapping": is_master,
        "developerName": item["DeveloperName"],
        "master": is_master,
        "name": item["Name"],
        "recordTypeId": item["Id"],
        "urls": {},
    }


def _scopes(sobject: SObject) -> Sequence[Mapping[str, str]]:
    plural = sobject.label_plural.lower()
    everything = {"label": f"All {plural}", "name": "everything"}
    mine = {"label": f"My {plural}", "name": "mine"}
    return [everything, mine] if sobject.field("OwnerId") else [everything]


_FIELD_OFF = (
    "aiPredictionField", "autoNumber", "calculated", "cascadeDelete", "dependentPicklist", "deprecatedAndHidden",
    "displayLocationInDecimal", "encrypted", "formulaTreatNullNumberAsZero", "highScaleNumber", "htmlFormatted",
    "restrictedDelete", "writeRequiresMasterRead",
)  # fmt: skip
_FIELD_EMPTY = (
    "calculatedFormula", "controllerName", "filteredLookupInfo", "inlineHelpText", "mask", "maskType",
    "referenceTargetField", "relationshipOrder",
)  # fmt: skip
"""Flags and texts that no field of a simulated org has."""


def _field(field: Field) -> Mapping[str, Any]:
    is_address = field.type is FieldType.ADDRESS
    is_long = field.type is FieldType.TEXTAREA and not field.filterable
    permissionable = _is_permissionable(field)
    return {
        **dict.fromkeys(_FIELD_OFF, False),
        **dict.fromkeys(_FIELD_EMPTY),
        **_sizes(field),
        "aggregatable": field.type is not FieldType.BOOLEAN and not is_address and not is_long,
        "caseSensitive": field.case_sensitive,
        "compoundFieldName": field.compound,
        "createable": field.createable,
        "custom": field.custom,
        "defaultValue": field.default if field.type is FieldType.BOOLEAN else None,
        "defaultValueFormula": _formula(field),
        "defaultedOnCreate": field.defaulted_on_create,
        "externalId": field.external_id,
        "extraTypeInfo": field.extra,
        "filterable": field.filterable,
        "groupable": field.groupable,
        "idLookup": field.id_lookup,
        "label": field.label,
        "name": field.name,
        "nameField": field.name_field,
        "namePointing": len(field.reference_to) > 1,
        "nillable": field.nillable,
        "permissionable": permissionable,
        "picklistValues": _values(field),
        "polymorphicForeignKey": len(field.reference_to) > 1,
        "queryByDistance": is_address,
        "referenceTo": list(field.reference_to),
        "relationshipName": field.relationship_name,
        "restrictedPicklist": field.restricted,
        "searchPrefilterable": permissionable and field.type is FieldType.REFERENCE,
        "soapType": _SOAP.get(field.type, "xsd:string"),
        "sortable": field.sortable,
        "type": field.type.value,
        "unique": field.unique,
        "updateable": field.updateable,
    }


def _sizes(field: Field) -> Mapping[str, int]:
    return {
        "byteLength": field.length if field.type in _SOAP else field.length * 3,
        "digits": (field.digits or 9) if field.type is FieldType.INT else 0,
        "length": field.length,
        "precision": field.precision,
        "scale": field.scale,
    }


def _is_permissionable(field: Field) -> bool:
    """Whether a permission decides who sees the field: it may be empty, be set, and is no part of a name."""
    if field.permissionable is not None:
        return field.permissionable
    is_owner = field.name == "OwnerId"
    return field.nillable and field.createable and not is_owner and field.compound != "Name"


def _formula(field: Field) -> str | None:
    """The default of a custom field, which is a formula: a text stands in quotes."""
    is_shown = field.custom and field.default is not None and field.type is not FieldType.BOOLEAN
    return json.dumps(field.default) if is_shown and not field.picklist else None


def _values(field: Field) -> Sequence[Mapping[str, Any]]:
    labels = field.labels or field.picklist
    return [
        {"active": True, "defaultValue": value == field.default, "label": label, "validFor": None, "value": value}
        for value, label in zip(field.picklist, labels, strict=True)
    ]
