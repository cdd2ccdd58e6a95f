"""What a query says about itself: its scope, who may see what, what is done with the records that it finds.

Source: https://developer.salesforce.com/docs/atlas.en-us.soql_sosl.meta/soql_sosl/sforce_api_calls_soql_select.htm
"""

from collections.abc import Iterator, Mapping, Sequence

from reconciler.simulator.errors import ApiError
from reconciler.simulator.messages import OWN_WORDS
from reconciler.simulator.soql import tree
from reconciler.simulator.soql.parse import unexpected_token
from reconciler.simulator.soql.refusal import malformed
from reconciler.simulator.soql.scope import Request, Scope

_WORDS: Mapping[str, frozenset[str]] = {
    "WITH": frozenset({"SECURITY_ENFORCED", "USER_MODE", "SYSTEM_MODE"}),
    "FOR": frozenset({"VIEW", "REFERENCE", "UPDATE"}),
    "UPDATE": frozenset({"TRACKING", "VIEWSTAT"}),
    "ALL": frozenset({"ROWS"}),
}
"""What may follow a word; scopes are looked up elsewhere."""

_APEX_ONLY = frozenset({"ALL ROWS", "FOR UPDATE", "WITH SECURITY_ENFORCED", "WITH USER_MODE", "WITH SYSTEM_MODE"})
_SENTENCE_KNOWN = frozenset({"ALL ROWS"})
_SEEN: Mapping[str, str] = {"FOR VIEW": "LastViewedDate", "FOR REFERENCE": "LastReferencedDate"}
"""The field that tells when a record was last looked at that way."""


def check_clauses(request: Request, query: tree.Query, *, is_root: bool = True) -> None:
    """Raises ApiError for a clause that has no meaning where the query stands."""
    told = [_said(clause) for clause in query.clauses]
    if len(set(told)) < len(told):
        raise malformed(f"duplicate clause: {told[-1]}" + OWN_WORDS)
    for clause, said in zip(query.clauses, told, strict=True):
        if clause.what.text.upper() not in _WORDS.get(clause.word, {clause.what.text.upper()}):
            raise unexpected_token(request.text, clause.what.text, clause.what.at)
        if said in _APEX_ONLY and not request.is_apex:
            unknown = "" if said in _SENTENCE_KNOWN else OWN_WORDS
            raise request.refused(clause.what, "MALFORMED_QUERY", f"{said} not allowed in this context{unknown}")
        if clause.word == "UPDATE":
            raise request.refused_own(clause.what, f"{said} is for articles of Salesforce Knowledge")
        if not is_root:
            raise request.refused_own(clause.what, f"{clause.word} is not allowed in a subquery")
        if said == "FOR UPDATE" and query.order:
            raise request.refused_own(clause.what, "FOR UPDATE and ORDER BY can't be used together")


def sees_all_rows(query: tree.Query) -> bool:
    """Whether the query asks for what lies in the recycle bin too."""
    return any(_said(clause) == "ALL ROWS" for clause in query.clauses)


def within_scope(scope: Scope, clauses: Sequence[tree.Clause]) -> Iterator[str]:
    """The SQL for `USING SCOPE`; raises INVALID_QUERY_SCOPE for a scope that the object has not.

    Source: https://developer.salesforce.com/docs/atlas.en-us.soql_sosl.meta/soql_sosl/sforce_api_calls_soql_select_using_scope.htm
    """
    for clause in clauses:
        if clause.word == "USING SCOPE":
            name = clause.what.text.lower()
            if name == "mine" and scope.sobject.field("OwnerId"):
                yield f"{scope.alias}.OwnerId = caller()"
            elif name != "everything":
                raise _no_scope(scope, clause.what)


def touch(scope: Scope, clauses: Sequence[tree.Clause], ids: Sequence[str]) -> None:
    """Note of the records found that they were looked at now, where the query says so."""
    org = scope.request.org
    fields = [_SEEN[said] for said in map(_said, clauses) if said in _SEEN]
    values = {field: org.now() for field in fields if scope.sobject.field(field)}
    if values and ids:
        with org.store.transaction():
            for record_id in ids:
                org.store.update(scope.sobject.name, record_id, values)


def _said(clause: tree.Clause) -> str:
    return f"{clause.word} {clause.what.text}".upper()


def _no_scope(scope: Scope, what: tree.Path) -> ApiError:
    message = f"{scope.sobject.name} has no scope {what.text}" + OWN_WORDS
    return scope.request.refused(what, "INVALID_QUERY_SCOPE", message)
