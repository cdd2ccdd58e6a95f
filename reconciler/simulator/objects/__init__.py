"""The objects of a simulated org, parents before children. A table's row is a field; code only walks the tables."""

from collections.abc import Mapping
from typing import Any

from reconciler.simulator.objects import access, people
from reconciler.simulator.objects.permissions import with_permissions
from reconciler.simulator.schema import ChildRelationship, Field, Schema, SObject

_READ_ONLY = {"createable": False, "updateable": False, "deletable": False}


def _sobject(name: str, label: str, plural: str, prefix: str, fields: tuple[Field, ...], **flags: Any) -> SObject:
    return SObject(name, label, plural, prefix, {field.name.lower(): field for field in fields}, **flags)


def _with_children(objects: tuple[SObject, ...]) -> Schema:
    """Fill in the relationships as their parents see them; a reference without a name there can't be asked that way."""
    children: dict[str, list[ChildRelationship]] = {}
    for child in objects:
        for field in child:
            if field.child_relationship:
                relationship = ChildRelationship(field.child_relationship, child.name, field.name)
                children.setdefault(field.reference_to[0], []).append(relationship)
    return Schema({item.name.lower(): _parent(item, children) for item in objects})


def _parent(item: SObject, children: Mapping[str, list[ChildRelationship]]) -> SObject:
    return SObject(
        item.name,
        item.label,
        item.label_plural,
        item.key_prefix,
        item.fields,
        createable=item.createable,
        updateable=item.updateable,
        deletable=item.deletable,
        is_setup=item.is_setup,
        children=tuple(children.get(item.name, ())),
    )


_TABLES = _with_children(
    (
        _sobject("Organization", "Organization", "Organizations", "00D", access.ORGANIZATION, **_READ_ONLY),
        _sobject("UserLicense", "User License", "User Licenses", "100", access.USER_LICENSE, **_READ_ONLY),
        _sobject("Profile", "Profile", "Profiles", "00e", access.PROFILE, **_READ_ONLY),
        _sobject("UserRole", "Role", "Roles", "00E", access.USER_ROLE, is_setup=True),
        _sobject("User", "User", "Users", "005", people.USER, deletable=False, is_setup=True),
        _sobject("Account", "Account", "Accounts", "001", people.ACCOUNT),
        _sobject("Contact", "Contact", "Contacts", "003", people.CONTACT),
        _sobject("PermissionSet", "Permission Set", "Permission Sets", "0PS", access.PERMISSION_SET, is_setup=True),
        _sobject(
            "PermissionSetAssignment",
            "Permission Set Assignment",
            "Permission Set Assignments",
            "0Pa",
            access.PERMISSION_SET_ASSIGNMENT,
            is_setup=True,
        ),
        _sobject(
            "UserPermissionAccess",
            "User Permission Access",
            "User Permission Access",
            "0en",
            access.USER_PERMISSION_ACCESS,
            **_READ_ONLY,
        ),
        _sobject("Network", "Network", "Networks", "0DB", access.NETWORK, createable=False, deletable=False),
        _sobject(
            "NetworkMemberGroup",
            "Network Member Group",
            "Network Member Groups",
            "0DL",
            access.NETWORK_MEMBER_GROUP,
            **_READ_ONLY,
        ),
    )
)

SCHEMA = with_permissions(_TABLES)
"""Every object of a simulated org."""
