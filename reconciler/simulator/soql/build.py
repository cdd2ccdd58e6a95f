"""What the grammar matches, as our tree."""

import math
from typing import Any

from lark import Token, Transformer

from reconciler.simulator.soql import tree
from reconciler.simulator.soql.refusal import malformed

_LONGEST_WHOLE = 9


def transformer() -> Transformer[Token, Any]:
    """What makes the tree while a query is parsed; it raises ApiError."""
    return _Build()


class _Build(Transformer[Token, Any]):
    """Each method is named for its rule."""

    def query(self, parts: list[Any]) -> tree.Query:
        found: dict[str, Any] = {}
        items, clauses, unbound = [], [], []
        for part in parts:
            if isinstance(part, tree.Clause):
                clauses.append(part)
            elif isinstance(part, dict):
                unbound += [item for item in part.items() if isinstance(item[1], tree.Literal)]
                found |= {name: value for name, value in part.items() if not isinstance(value, tree.Literal)}
            elif isinstance(part, tree.Alias):
                found["aliases"] = (*found["aliases"], part)
            elif isinstance(part, list):
                clauses += part
            else:
                items.append(part)
        return tree.Query(tuple(items), **found, clauses=tuple(clauses), unbound=tuple(unbound))

    def source(self, parts: list[Token]) -> dict[str, Any]:
        path = _path(parts[0])
        aliases = (tree.Alias(_path(parts[1]), path),) if len(parts) > 1 else ()
        return {"sobject": path, "aliases": aliases}

    def joined(self, parts: list[Token]) -> tree.Alias:
        return tree.Alias(_path(parts[1]), _path(parts[0]))

    def column(self, parts: list[Any]) -> tree.Item:
        of = parts[0]
        alias = str(parts[1]) if len(parts) > 1 else None
        name = of.name.upper() if isinstance(of, tree.Call) and alias is None else ""
        if name == "COUNT" and not of.arguments:
            return tree.CountRows()
        if name == "FIELDS" and len(of.arguments) == 1 and isinstance(of.arguments[0], tree.Path):
            return tree.FieldsItem(of.arguments[0])
        return tree.ColumnItem(of, alias)

    def children(self, parts: list[tree.Query]) -> tree.ChildrenItem:
        return tree.ChildrenItem(parts[0])

    def typeof(self, parts: list[Any]) -> tree.TypeofItem:
        whens = tuple(part for part in parts if isinstance(part, tree.When))
        otherwise = parts[-1] if isinstance(parts[-1], tuple) else ()
        return tree.TypeofItem(_path(parts[0]), whens, otherwise)

    def when(self, parts: list[Any]) -> tree.When:
        return tree.When(_path(parts[0]), parts[1])

    def paths(self, parts: list[Token]) -> tuple[tree.Path, ...]:
        return tuple(map(_path, parts))

    def path(self, parts: list[Token]) -> tree.Path:
        return _path(parts[0])

    def call(self, parts: list[Any]) -> tree.Call:
        return tree.Call(str(parts[0]), tuple(parts[1:]), parts[0].start_pos or 0)

    def using(self, parts: list[Token]) -> tree.Clause:
        return tree.Clause("USING SCOPE", _path(parts[0]))

    def where(self, parts: list[tree.Condition]) -> dict[str, Any]:
        return {"where": parts[0]}

    def access(self, parts: list[Token]) -> tree.Clause:
        return tree.Clause("WITH", _path(parts[0]))

    def group(self, parts: list[Any]) -> dict[str, Any]:
        having = parts[-1] if isinstance(parts[-1], dict) else {}
        by = parts[:-1] if having else parts
        first = by[0]
        totals = first.name.upper() if isinstance(first, tree.Call) else ""
        if len(by) == 1 and totals in {"ROLLUP", "CUBE"} and first.arguments:
            return {"group": first.arguments, "totals": totals, **having}
        return {"group": tuple(by), **having}

    def having(self, parts: list[tree.Condition]) -> dict[str, Any]:
        return {"having": parts[0]}

    def order(self, parts: list[tree.Ordering]) -> dict[str, Any]:
        return {"order": tuple(parts)}

    def ordering(self, parts: list[Any]) -> tree.Ordering:
        words = {str(part).upper() for part in parts[1:]}
        return tree.Ordering(parts[0], "DESC" in words, "LAST" in words)

    def limit(self, parts: list[Token]) -> dict[str, Any]:
        return {"limit": _count(parts[0])}

    def offset(self, parts: list[Token]) -> dict[str, Any]:
        return {"offset": _count(parts[0])}

    def clause(self, parts: list[Token]) -> list[tree.Clause]:
        return [tree.Clause(str(parts[0]).upper(), _path(part)) for part in parts[1:]]

    def all_of(self, parts: list[tree.Condition]) -> tree.Junction:
        return tree.Junction("AND", tuple(parts))

    def any_of(self, parts: list[tree.Condition]) -> tree.Junction:
        return tree.Junction("OR", tuple(parts))

    def negation(self, parts: list[tree.Condition]) -> tree.Condition:
        inner = parts[0]
        return inner.condition if isinstance(inner, tree.Negation) else tree.Negation(inner)

    def comparison(self, parts: list[Any]) -> tree.Comparison:
        operator = "!=" if parts[1] == "<>" else str(parts[1])
        return tree.Comparison(parts[0], operator, parts[2])

    def like(self, parts: list[Any]) -> tree.Comparison:
        return tree.Comparison(parts[0], "LIKE", parts[1])

    def is_in(self, parts: list[Any]) -> tree.Membership:
        return tree.Membership(parts[0], "IN", parts[1])

    def not_in(self, parts: list[Any]) -> tree.Membership:
        return tree.Membership(parts[0], "NOT IN", parts[1])

    def includes(self, parts: list[Any]) -> tree.Membership:
        return tree.Membership(parts[0], "INCLUDES", parts[1])

    def excludes(self, parts: list[Any]) -> tree.Membership:
        return tree.Membership(parts[0], "EXCLUDES", parts[1])

    def in_query(self, parts: list[Any]) -> tree.SemiJoin:
        return tree.SemiJoin(parts[0], "IN", parts[1])

    def not_in_query(self, parts: list[Any]) -> tree.SemiJoin:
        return tree.SemiJoin(parts[0], "NOT IN", parts[1])

    def bound_list(self, parts: list[Token]) -> tuple[tree.Literal, ...]:
        return (_literal("bind", parts, _expression(parts[0])),)

    def unquoted_list(self, parts: list[Token]) -> tuple[tree.Literal, ...]:
        return (_literal("unquoted", parts, str(parts[0])),)

    def values(self, parts: list[tree.Literal]) -> tuple[tree.Literal, ...]:
        return tuple(parts)

    def string(self, parts: list[Token]) -> tree.Literal:
        return _literal("string", parts, str(parts[0])[1:-1])

    def number(self, parts: list[Token]) -> tree.Literal:
        return _literal("number", parts, _number(parts[0]))

    def datetime(self, parts: list[Token]) -> tree.Literal:
        return _literal("datetime", parts, str(parts[0]))

    def date(self, parts: list[Token]) -> tree.Literal:
        return _literal("date", parts, str(parts[0]))

    def currency(self, parts: list[Token]) -> tree.Literal:
        return _literal("currency", parts, str(parts[0]))

    def true(self, parts: list[Token]) -> tree.Literal:
        return _literal("boolean", parts, value=True)

    def false(self, parts: list[Token]) -> tree.Literal:
        return _literal("boolean", parts, value=False)

    def null(self, parts: list[Token]) -> tree.Literal:
        return _literal("null", parts, None)

    def bind(self, parts: list[Token]) -> tree.Literal:
        return _literal("bind", parts, _expression(parts[0]))

    def date_literal(self, parts: list[Token]) -> tree.Literal:
        count, bind = None, None
        if len(parts) > 1 and parts[1].type == "BIND":
            bind = _expression(parts[1])
        elif len(parts) > 1:
            count = _whole(parts[1])
        return _literal("date_literal", parts, tree.DateLiteral(str(parts[0]), count, bind))


def _path(token: Token) -> tree.Path:
    return tree.Path(str(token), token.start_pos or 0)


def _literal(kind: str, parts: list[Token], value: tree.Value) -> tree.Literal:
    return tree.Literal(kind, value, parts[0].start_pos or 0)


def _expression(token: Token) -> str:
    return str(token)[1:].strip()


def _number(token: Token) -> int | float:
    text = str(token)
    if text.lstrip("+-").isdigit() and len(text) <= 2 * _LONGEST_WHOLE:
        return int(text)
    value = float(text)
    if math.isinf(value):
        raise malformed("numeric value out of range")
    return value


def _count(token: Token) -> int | tree.Literal:
    return _literal("bind", [token], _expression(token)) if token.type == "BIND" else _whole(token)


def _whole(token: Token) -> int:
    text = str(token)
    if not text.isdigit() or len(text) > _LONGEST_WHOLE:
        raise malformed(f"unexpected token: '{text}'")
    return int(text)
