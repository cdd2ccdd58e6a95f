"""Describe results: what a generic client needs to know of an object and its fields.

Source: https://developer.salesforce.com/docs/atlas.en-us.api.meta/api/sforce_api_calls_describesobjects_describesobjectresult.htm
"""

from collections.abc import Mapping
from typing import Any

from reconciler.simulator.org import Org
from reconciler.simulator.schema import Field, FieldType, SObject

_SOAP: Mapping[FieldType, str] = {
    FieldType.ID: "tns:ID",
    FieldType.REFERENCE: "tns:ID",
    FieldType.BOOLEAN: "xsd:boolean",
    FieldType.INT: "xsd:int",
    FieldType.DOUBLE: "xsd:double",
    FieldType.CURRENCY: "xsd:double",
    FieldType.DATE: "xsd:date",
    FieldType.DATETIME: "xsd:dateTime",
}


def describe_global(org: Org, version: str) -> Mapping[str, Any]:
    """The list of all objects."""
    return {"encoding": "UTF-8", "maxBatchSize": 200, "sobjects": [_head(item, version) for item in org.schema]}


def describe_object(sobject: SObject, version: str) -> Mapping[str, Any]:
    """One object with its fields and relationships."""
    return {
        **_head(sobject, version),
        "actionOverrides": [],
        "childRelationships": [
            {
                "cascadeDelete": False,
                "childSObject": child.child_object,
                "deprecatedAndHidden": False,
                "field": child.field,
                "junctionIdListNames": [],
                "junctionReferenceTo": [],
                "relationshipName": child.name,
                "restrictedDelete": False,
            }
            for child in sobject.children
        ],
        "fields": [_field(field) for field in sobject],
        "namedLayoutInfos": [],
        "networkScopeFieldName": None,
        "recordTypeInfos": [],
        "supportedScopes": [{"label": f"All {sobject.label_plural}", "name": "everything"}],
    }


def _head(sobject: SObject, version: str) -> Mapping[str, Any]:
    base = f"/services/data/v{version}/sobjects/{sobject.name}"
    off = (
        "activateable", "custom", "customSetting", "deepCloneable", "deprecatedAndHidden", "feedEnabled", "hasSubtypes",
        "isInterface", "isSubtype", "mergeable", "mruEnabled",
    )  # fmt: skip
    on = ("layoutable", "queryable", "replicateable", "retrieveable", "searchable", "triggerable")
    return {
        **dict.fromkeys(off, False),
        **dict.fromkeys(on, True),
        "createable": sobject.createable,
        "updateable": sobject.updateable,
        "deletable": sobject.deletable,
        "undeletable": sobject.undeletable,
        "keyPrefix": sobject.key_prefix,
        "label": sobject.label,
        "labelPlural": sobject.label_plural,
        "name": sobject.name,
        "urls": {"sobject": base, "describe": f"{base}/describe", "rowTemplate": f"{base}/{{ID}}"},
    }


_FIELD_OFF = (
    "aiPredictionField", "autoNumber", "cascadeDelete", "dependentPicklist", "deprecatedAndHidden",
    "displayLocationInDecimal", "encrypted", "formulaTreatNullNumberAsZero", "highScaleNumber", "htmlFormatted",
    "namePointing", "queryByDistance", "restrictedDelete", "searchPrefilterable", "writeRequiresMasterRead",
)  # fmt: skip
_FIELD_EMPTY = (
    "calculatedFormula", "compoundFieldName", "controllerName", "defaultValueFormula", "extraTypeInfo",
    "filteredLookupInfo", "inlineHelpText", "mask", "maskType", "referenceTargetField", "relationshipOrder",
)  # fmt: skip
"""Flags and texts that no field of a simulated org has."""


def _field(field: Field) -> Mapping[str, Any]:
    is_text = field.type not in _SOAP
    return {
        **dict.fromkeys(_FIELD_OFF, False),
        **dict.fromkeys(_FIELD_EMPTY),
        "aggregatable": True,
        "byteLength": field.length * 3 if is_text else field.length,
        "calculated": False,
        "caseSensitive": field.case_sensitive,
        "createable": field.createable,
        "custom": field.custom,
        "defaultValue": field.default,
        "defaultedOnCreate": field.defaulted_on_create,
        "digits": 9 if field.type is FieldType.INT else 0,
        "externalId": field.external_id,
        "filterable": field.filterable,
        "groupable": field.groupable,
        "idLookup": field.id_lookup,
        "label": field.label,
        "length": field.length,
        "name": field.name,
        "nameField": field.name_field,
        "nillable": field.nillable,
        "permissionable": field.nillable and field.createable,
        "picklistValues": [
            {"active": True, "defaultValue": value == field.default, "label": value, "validFor": None, "value": value}
            for value in field.picklist
        ],
        "polymorphicForeignKey": len(field.reference_to) > 1,
        "precision": field.precision,
        "referenceTo": list(field.reference_to),
        "relationshipName": field.relationship_name,
        "restrictedPicklist": field.restricted,
        "scale": field.scale,
        "soapType": _SOAP.get(field.type, "xsd:string"),
        "sortable": field.sortable,
        "type": field.type.value,
        "unique": field.unique,
        "updateable": field.updateable,
    }
