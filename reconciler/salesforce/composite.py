"""Several long queries in one request: a query inside a Composite body may be as long as SOQL allows.

Source: https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/resources_composite_composite.htm
"""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote_plus

from reconciler.errors import ConnectionFailed, IncompleteRead, RequestRefused
from reconciler.salesforce.insist import insist
from reconciler.salesforce.retry import PASSING, Patience, judge
from reconciler.salesforce.select import Page
from reconciler.salesforce.session import API_VERSION, Session, decoded

QUERIES = 5
"""Queries of one Composite request (F6.4, inferred)."""


def first_pages(session: Session, patience: Patience, queries: Sequence[str]) -> list[Page]:
    """The first page of each of at most five queries; raises RequestRefused for the first that is refused for good."""
    last = ConnectionFailed("no try was left")
    for _ in patience.waits():
        answers = _answers(session, patience, queries)
        refusals = [_refusal(answer) for answer in answers if int(answer["httpStatusCode"]) >= 300]
        if not refusals:
            return [Page.of(answer["body"]) for answer in answers]
        final = next((item for item in refusals if judge(item.code, item.message, item.status) not in PASSING), None)
        if final is not None:
            raise final
        last = ConnectionFailed(f"{session.instance_url} is busy: {refusals[0].code}: {refusals[0].message}")
    raise last


def _answers(session: Session, patience: Patience, queries: Sequence[str]) -> list[Mapping[str, Any]]:
    """What became of each subrequest, in the order of the queries."""
    body = {
        "allOrNone": False,
        "compositeRequest": [
            {
                "method": "GET",
                "url": f"/services/data/v{API_VERSION}/query?q={quote_plus(query)}",
                "referenceId": f"query{number}",
            }
            for number, query in enumerate(queries)
        ],
    }
    answer = decoded(insist(session, patience, "POST", "composite", json=body))
    try:
        found = {str(item["referenceId"]): item for item in answer["compositeResponse"]}
        return [found[f"query{number}"] for number in range(len(queries))]
    except (KeyError, TypeError):
        msg = "the org's answer does not tell what became of each query; nothing is planned from it"
        raise IncompleteRead(msg) from None


def _refusal(answer: Mapping[str, Any]) -> RequestRefused:
    body = answer.get("body")
    first: Any = body[0] if isinstance(body, list) and body else {}
    status = int(answer["httpStatusCode"])
    known = first if isinstance(first, Mapping) else {}
    return RequestRefused(status, str(known.get("errorCode") or f"HTTP_{status}"), str(known.get("message") or ""))
