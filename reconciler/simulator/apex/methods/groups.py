"""Methods of List, Set and Map.

Source: https://developer.salesforce.com/docs/atlas.en-us.apexref.meta/apexref/apex_methods_system_list.htm
and its sisters
"""

from functools import cmp_to_key

from reconciler.simulator.apex.conversion import converted
from reconciler.simulator.apex.failure import out_of_bounds, thrown
from reconciler.simulator.apex.methods.method import Method, Site, Table
from reconciler.simulator.apex.operators import order
from reconciler.simulator.apex.values import (
    ApexList,
    ApexMap,
    ApexSet,
    Record,
    Value,
    are_equal,
    key_of,
    kind_of,
    text_of,
)


def _members(site: Site, value: Value) -> list[Value]:
    match value:
        case ApexList():
            return list(value.items)
        case ApexSet():
            return list(value.items.values())
        case _:
            pass
    raise thrown(site.at, "System.TypeException", f"not a collection: {kind_of(value)}")


def _at(site: Site, found: ApexList, index: int) -> int:
    if not 0 <= index < len(found.items):
        raise out_of_bounds(site.at, index)
    return index


def _add(site: Site, found: ApexList, first: Value, *rest: Value) -> None:
    site.run.budget.hold(len(found.items) + 1)
    if not rest:
        found.items.append(converted(site.run.org.schema, found.of, first, site.at))
        return
    if not isinstance(first, int) or not 0 <= first <= len(found.items):
        raise out_of_bounds(site.at, first if isinstance(first, int) else -1)
    found.items.insert(first, converted(site.run.org.schema, found.of, rest[0], site.at))


def _add_all(site: Site, found: ApexList, other: Value) -> None:
    members = _members(site, other)
    site.run.budget.hold(len(found.items) + len(members))
    found.items += [converted(site.run.org.schema, found.of, item, site.at) for item in members]


def _get(site: Site, found: ApexList, index: int) -> Value:
    return found.items[_at(site, found, index)]


def _set(site: Site, found: ApexList, index: int, value: Value) -> None:
    found.items[_at(site, found, index)] = converted(site.run.org.schema, found.of, value, site.at)


def _remove(site: Site, found: ApexList, index: int) -> Value:
    return found.items.pop(_at(site, found, index))


def _sort(site: Site, found: ApexList) -> None:
    """Nulls first, records by their text, everything else by its own order."""

    def compare(left: Value, right: Value) -> int:
        if left is None or right is None:
            return (left is not None) - (right is not None)
        if isinstance(left, Record) or isinstance(right, Record):
            return order(text_of(left), text_of(right), site.at)
        return order(left, right, site.at)

    found.items.sort(key=cmp_to_key(compare))


def _index(_: Site, found: ApexList, value: Value) -> int:
    return next((number for number, item in enumerate(found.items) if are_equal(item, value)), -1)


def _clone_list(_: Site, found: ApexList) -> ApexList:
    return ApexList(list(found.items), found.of)


def _deep_clone(_: Site, found: ApexList, *keeps: bool) -> ApexList:
    return ApexList([_copy(item, keeps_id=bool(keeps and keeps[0])) for item in found.items], found.of)


def _copy(item: Value, *, keeps_id: bool) -> Value:
    if not isinstance(item, Record):
        return item
    values = {name: value for name, value in item.values.items() if keeps_id or name != "Id"}
    return Record(item.sobject, values, None, set(values) - {"Id"})


def _clear(_: Site, found: ApexList | ApexSet | ApexMap) -> None:
    found.items.clear()


LIST: Table = {
    "add": Method(_add, (object, object), 1, takes_null=True),
    "addall": Method(_add_all, ((ApexList, ApexSet),)),
    "get": Method(_get, (int,)),
    "set": Method(_set, (int, object), takes_null=True),
    "remove": Method(_remove, (int,)),
    "size": Method(lambda _, found: len(found.items)),
    "isempty": Method(lambda _, found: not found.items),
    "contains": Method(lambda site, found, value: _index(site, found, value) >= 0, (object,), takes_null=True),
    "indexof": Method(_index, (object,), takes_null=True),
    "sort": Method(_sort),
    "clear": Method(_clear),
    "clone": Method(_clone_list),
    "deepclone": Method(_deep_clone, (bool, bool, bool), 3),
    "equals": Method(lambda _, found, other: are_equal(found, other), (object,), takes_null=True),
    "tostring": Method(lambda _, found: text_of(found)),
}
"""Methods of a list."""


def _put_in(site: Site, found: ApexSet, value: Value) -> bool:
    site.run.budget.hold(len(found.items) + 1)
    item = converted(site.run.org.schema, found.of, value, site.at)
    is_new = key_of(item) not in found.items
    found.items.setdefault(key_of(item), item)
    return is_new


def _put_all_in(site: Site, found: ApexSet, other: Value) -> bool:
    changes = [_put_in(site, found, item) for item in _members(site, other)]
    return any(changes)


def _drop_all(site: Site, found: ApexSet, other: Value) -> bool:
    dropped = [found.items.pop(key_of(item), _ABSENT) for item in _members(site, other)]
    return any(item is not _ABSENT for item in dropped)


_ABSENT = Record("absent")


def _retain(site: Site, found: ApexSet, other: Value) -> bool:
    kept = {key_of(item) for item in _members(site, other)}
    before = len(found.items)
    found.items = {key: item for key, item in found.items.items() if key in kept}
    return len(found.items) < before


def _typed(site: Site, found: ApexSet, value: Value) -> Value:
    return converted(site.run.org.schema, found.of, value, site.at)


def _has(site: Site, found: ApexSet, value: Value) -> bool:
    return key_of(_typed(site, found, value)) in found.items


SET: Table = {
    "add": Method(_put_in, (object,), takes_null=True),
    "addall": Method(_put_all_in, ((ApexList, ApexSet),)),
    "contains": Method(_has, (object,), takes_null=True),
    "containsall": Method(
        lambda site, found, other: all(_has(site, found, item) for item in _members(site, other)),
        ((ApexList, ApexSet),),
    ),
    "remove": Method(
        lambda site, found, value: _drop_all(site, found, ApexList([_typed(site, found, value)])),
        (object,),
        takes_null=True,
    ),
    "removeall": Method(_drop_all, ((ApexList, ApexSet),)),
    "retainall": Method(_retain, ((ApexList, ApexSet),)),
    "size": Method(lambda _, found: len(found.items)),
    "isempty": Method(lambda _, found: not found.items),
    "clear": Method(_clear),
    "clone": Method(lambda _, found: ApexSet(dict(found.items), found.of)),
    "equals": Method(lambda _, found, other: are_equal(found, other), (object,), takes_null=True),
    "tostring": Method(lambda _, found: text_of(found)),
}
"""Methods of a set."""


def _key(site: Site, found: ApexMap, key: Value) -> object:
    return key_of(converted(site.run.org.schema, found.key, key, site.at))


def _put(site: Site, found: ApexMap, key: Value, value: Value) -> Value:
    site.run.budget.hold(len(found.items) + 1)
    schema = site.run.org.schema
    own = converted(schema, found.key, key, site.at)
    before = found.items.get(key_of(own), (None, None))[1]
    found.items[key_of(own)] = (own, converted(schema, found.of, value, site.at))
    return before


def _put_all(site: Site, found: ApexMap, other: Value) -> None:
    if isinstance(other, ApexMap):
        for key, value in list(other.items.values()):
            _put(site, found, key, value)
        return
    for item in _members(site, other):
        record_id = item.values.get("Id") if isinstance(item, Record) else None
        _put(site, found, record_id, item)


def _value_at(site: Site, found: ApexMap, key: Value) -> Value:
    return found.items.get(_key(site, found, key), (None, None))[1]


MAP: Table = {
    "put": Method(_put, (object, object), takes_null=True),
    "putall": Method(_put_all, ((ApexMap, ApexList),)),
    "get": Method(_value_at, (object,), takes_null=True),
    "containskey": Method(lambda site, found, key: _key(site, found, key) in found.items, (object,), takes_null=True),
    "remove": Method(
        lambda site, found, key: found.items.pop(_key(site, found, key), (None, None))[1], (object,), takes_null=True
    ),
    "keyset": Method(lambda _, found: ApexSet({key: pair[0] for key, pair in found.items.items()}, found.key)),
    "values": Method(lambda _, found: ApexList([value for _, value in found.items.values()], found.of)),
    "size": Method(lambda _, found: len(found.items)),
    "isempty": Method(lambda _, found: not found.items),
    "clear": Method(_clear),
    "clone": Method(lambda _, found: ApexMap(dict(found.items), found.key, found.of)),
    "equals": Method(lambda _, found, other: are_equal(found, other), (object,), takes_null=True),
    "tostring": Method(lambda _, found: text_of(found)),
}
"""Methods of a map."""
