"""What stands around a query's rows: names that FROM gives, the scope that is asked for, who may ask what where.

Source: https://developer.salesforce.com/docs/atlas.en-us.soql_sosl.meta/soql_sosl/sforce_api_calls_soql_select.htm
"""

from collections.abc import Mapping

from reconciler.simulator.soql import tree
from reconciler.simulator.soql.parse import unexpected_token
from reconciler.simulator.soql.refusal import malformed
from reconciler.simulator.soql.scope import Request, Scope

SHOWN = frozenset({"TOLABEL", "FORMAT"})
"""Functions that change how a field is shown, and so stand in queries that group nothing."""

_SCRIPTS_ONLY = frozenset({"ALL ROWS", "FOR UPDATE", "WITH SECURITY_ENFORCED", "WITH USER_MODE", "WITH SYSTEM_MODE"})
"""Clauses that Apex alone may use."""

_ARTICLES_ONLY = frozenset({"UPDATE TRACKING", "UPDATE VIEWSTAT"})


def opened(request: Request, query: tree.Query) -> Scope:
    """The scope of a query; raises MALFORMED_QUERY for a clause that has no meaning there."""
    for option in query.options:
        if option in _ARTICLES_ONLY or (option in _SCRIPTS_ONLY and not request.is_bound):
            raise malformed(f"{option} not allowed in this context")
    if len(set(query.options)) < len(query.options):
        raise malformed(f"duplicate clause: {query.options[-1]}")
    sobject = request.sobject(query.sobject)
    is_mine = query.using == "mine"
    if query.using not in {None, "everything", "mine"} or (is_mine and not sobject.field("OwnerId")):
        raise malformed(f"unsupported scope: {query.using}")
    return Scope(request, sobject, aliases=_aliases(request, query), is_mine=is_mine)


_RESERVED = frozenset(
    [
        "and",
        "asc",
        "desc",
        "excludes",
        "first",
        "from",
        "group",
        "having",
        "in",
        "includes",
        "last",
        "like",
        "limit",
        "not",
        "null",
        "nulls",
        "or",
        "order",
        "select",
        "using",
        "where",
        "with",
    ]
)
"""Words that are no alias.

Source: https://developer.salesforce.com/docs/atlas.en-us.soql_sosl.meta/soql_sosl/sforce_api_calls_soql_select_reservedwords.htm
"""


def _aliases(request: Request, query: tree.Query) -> Mapping[str, tuple[str, ...]]:
    """`FROM Contact c, c.Account a, a.Owner o`: each name leads where the one before it in its path led."""
    known: dict[str, tuple[str, ...]] = {}
    for name in ([query.alias] if query.alias else []) + [alias for alias, _ in query.aliases]:
        if name.text.lower() in _RESERVED or "." in name.text:
            raise unexpected_token(request.text, name.text, name.at)
    if query.alias is not None:
        known[query.alias.text.lower()] = ()
    for name, path in query.aliases:
        first, *rest = path.text.split(".")
        if first.lower() not in known or not rest or name.text.lower() in known:
            raise malformed(f"the alias {name.text} leads nowhere")
        known[name.text.lower()] = (*known[first.lower()], *rest)
    return known
