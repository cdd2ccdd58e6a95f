"""What a bulk job does not answer.

Source: https://developer.salesforce.com/docs/atlas.en-us.api_asynch.meta/api_asynch/queries.htm
"""

from reconciler.simulator.errors import ApiError
from reconciler.simulator.soql.aggregate import is_grouped
from reconciler.simulator.soql.parse import parse
from reconciler.simulator.soql.tree import ChildrenItem, TypeofItem


def check_bulk_query(text: str) -> None:
    """Refuse groups, records inside records and OFFSET; raises ApiError."""
    query = parse(text)
    is_nested = any(isinstance(item, ChildrenItem | TypeofItem) for item in query.items)
    if is_nested or is_grouped(query) or query.offset is not None:
        # Inferred code; Bulk API 1.0 answers so: "FeatureNotEnabled : Aggregate Relationships not supported ...".
        message = "Aggregate Relationships not supported in Bulk V2 Query with CSV content type"
        raise ApiError(400, "FEATURENOTENABLED", message)
