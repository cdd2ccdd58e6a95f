"""How a query is refused: Salesforce's code, and its sentence below the place that it is about."""

from reconciler.simulator.errors import ApiError

_BEFORE, _AFTER = 60, 40
_CUSTOM_NAMES = {
    "object": ("__c", "entity"),
    "field": ("__c", "custom field"),
    "relationship": ("__r", "custom relationship"),
}


def unknown_name(what: str, message: str) -> str:
    """The sentence about an object, field or relationship that does not exist, with Salesforce's standing advice."""
    suffix, name = _CUSTOM_NAMES[what]
    return (
        f"{message} If you are attempting to use a custom {what}, be sure to append the '{suffix}' after the {name} "
        "name. Please reference your WSDL or the describe call for the appropriate names."
    )


def too_complicated() -> ApiError:
    """The answer to a query that is well formed and too much.

    Source: https://developer.salesforce.com/docs/atlas.en-us.api.meta/api/sforce_api_calls_concepts_core_data_objects.htm
    """
    message = "Query is either selecting too many fields or the filter conditions are too complicated."
    return ApiError(400, "QUERY_TOO_COMPLICATED", message)


def malformed(message: str) -> ApiError:
    """The answer to a query that can't be understood."""
    return ApiError(400, "MALFORMED_QUERY", message)


def refused_at(text: str, position: int, code: str, message: str) -> ApiError:
    """A refusal as Salesforce frames it: the query around the place, a caret, row and column, the sentence."""
    line_start = text.rfind("\n", 0, position) + 1
    row, column = text.count("\n", 0, position) + 1, position - line_start + 1
    start = max(line_start, position - _BEFORE)
    excerpt = text[start : position + _AFTER].partition("\n")[0]
    framed = f"\n{excerpt}\n{' ' * (position - start)}^\nERROR at Row:{row}:Column:{column}\n{message}"
    return ApiError(400, code, framed)
