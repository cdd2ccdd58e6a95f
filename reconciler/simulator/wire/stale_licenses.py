"""UsedLicenses that lag behind: Salesforce counts them now and then, as UsedLicensesLastUpdated tells.

Source: https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference/sforce_api_objects_userlicense.htm
"""

import json
from collections.abc import Iterator
from typing import Any

from werkzeug.wrappers import Response

from reconciler.simulator.faults import Encounter, Faults, Met
from reconciler.simulator.org import Org

_OBJECTS = ("UserLicense", "PermissionSetLicense")
_COUNT = "UsedLicenses"


def remember_licenses(org: Org, faults: Faults) -> None:
    """Keep the counts of now, for answers that will be told them later."""
    faults.remember({str(row["Id"]): row[_COUNT] for name in _OBJECTS for row in org.store.find(name)})


def has_licenses(_encounter: Encounter, response: Response) -> bool:
    """Whether an answer tells how many licenses are used."""
    return _COUNT.encode() in response.get_data() and next(_counted(_json(response)), None) is not None


def tell_old_licenses(encounter: Encounter, _met: Met, response: Response) -> None:
    """Put the counts that were kept into an answer; a license that is newer keeps its own."""
    content = _json(response)
    for row in _counted(content):
        row[_COUNT] = encounter.faults.remembered.get(row["attributes"]["url"].rpartition("/")[2], row[_COUNT])
    response.set_data(json.dumps(content))


def _json(response: Response) -> Any:
    return json.loads(response.get_data()) if response.mimetype == "application/json" else None


def _counted(content: Any) -> Iterator[dict[str, Any]]:
    """The licenses of an answer with a count, however deep they stand."""
    if isinstance(content, dict):
        attributes = content.get("attributes")
        if _COUNT in content and isinstance(attributes, dict) and attributes.get("type") in _OBJECTS:
            yield content
        content = list(content.values())
    if isinstance(content, list):
        for item in content:
            yield from _counted(item)
