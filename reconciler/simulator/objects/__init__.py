"""The objects of a simulated org, parents before children. A table's row is a field; code only walks the tables."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from reconciler.simulator.objects import access, groups, people, setup
from reconciler.simulator.objects.permissions import with_permissions
from reconciler.simulator.schema import ChildRelationship, Field, Schema, SObject

_SHOWN: Mapping[str, Any] = {"createable": False, "updateable": False, "deletable": False}
_PAIR: Mapping[str, Any] = {"updateable": False, "is_setup": True}
"""Of an object that joins two others: it is made and deleted, but never changed."""

_SETUP: Mapping[str, Any] = {"is_setup": True}


def _sobject(name: str, labels: str, prefix: str, fields: tuple[Field, ...], flags: str = "", **more: Any) -> SObject:
    """`labels` is the label and its plural, parted by a bar; `flags` are those that the describe result has on."""
    label, plural = labels.split("|")
    by_name = {field.name.lower(): field for field in fields}
    return SObject(name, label, plural, prefix, by_name, flags=frozenset(flags.split()), **more)


def _with_children(objects: Iterable[SObject]) -> Schema:
    """Fill in the relationships as their parents see them."""
    children: dict[str, list[ChildRelationship]] = {}
    listed = tuple(objects)
    for child in listed:
        for field in child:
            relationship = ChildRelationship(field.child_relationship or "", child.name, field.name, field.on_delete)
            for parent in field.reference_to:
                children.setdefault(parent, []).append(relationship)
    return Schema({item.name.lower(): replace(item, children=tuple(children.get(item.name, ()))) for item in listed})


def with_fields(schema: Schema, fields: Mapping[str, Iterable[Field]]) -> Schema:
    """A schema whose objects, by their names, have these fields besides their own."""
    return _with_children(
        replace(item, fields={**item.fields, **{field.name.lower(): field for field in fields.get(item.name, ())}})
        for item in schema
    )


# Flags of Account, Contact, Organization, User, UserLicense and UserRole: a recorded global describe result.
_DATA = "compactLayoutable feedEnabled layoutable mergeable mruEnabled replicateable searchable triggerable"

_TABLES = _with_children(
    (
        _sobject("Organization", "Organization|Organizations", "00D", setup.ORGANIZATION, "replicateable",
                 createable=False, deletable=False, is_setup=True),
        _sobject("UserLicense", "User License|User Licenses", "100", access.USER_LICENSE, **_SHOWN),
        _sobject("PermissionSetLicense", "Permission Set License|Permission Set Licenses", "0PL",
                 access.PERMISSION_SET_LICENSE, **_SHOWN),
        _sobject("Profile", "Profile|Profile", "00e", access.PROFILE, **_SHOWN),
        _sobject("UserRole", "Role|Role", "00E", access.USER_ROLE,
                 "compactLayoutable replicateable searchable", **_SETUP),
        _sobject("RecordType", "Record Type|Record Types", "012", setup.RECORD_TYPE, deletable=False,
                 named_by=("SobjectType", "DeveloperName")),
        _sobject("User", "User|Users", "005", people.USER,
                 "compactLayoutable feedEnabled layoutable mruEnabled replicateable searchable triggerable",
                 deletable=False, is_setup=True),
        _sobject("Account", "Account|Accounts", "001", people.ACCOUNT, _DATA, undeletable=True),
        _sobject("Contact", "Contact|Contacts", "003", people.CONTACT, _DATA, undeletable=True),
        _sobject("CustomPermission", "Custom Permission|Custom Permissions", "0CP", access.CUSTOM_PERMISSION, **_SHOWN),
        _sobject("PermissionSetGroup", "Permission Set Group|Permission Set Groups", "0PG",
                 access.PERMISSION_SET_GROUP, named_by=("DeveloperName",), **_SETUP),
        _sobject("PermissionSet", "Permission Set|Permission Sets", "0PS", access.PERMISSION_SET, named_by=("Name",),
                 **_SETUP),
        _sobject("PermissionSetGroupComponent", "Permission Set Group Component|Permission Set Group Components",
                 "0PM", access.PERMISSION_SET_GROUP_COMPONENT, **_PAIR),
        _sobject("PermissionSetAssignment", "Permission Set Assignment|Permission Set Assignments", "0Pa",
                 access.PERMISSION_SET_ASSIGNMENT, one_of=("PermissionSetId", "PermissionSetGroupId"), **_SETUP),
        _sobject("PermissionSetLicenseAssign", "Permission Set License Assignment|Permission Set License Assignments",
                 "2LA", access.PERMISSION_SET_LICENSE_ASSIGN, **_PAIR),
        _sobject("SetupEntityAccess", "Setup Entity Access|Setup Entity Access", "0J0", access.SETUP_ENTITY_ACCESS,
                 **_PAIR),
        _sobject("UserPermissionAccess", "User Permission Access|User Permission Access", "0en",
                 access.USER_PERMISSION_ACCESS, **_SHOWN),
        _sobject("Group", "Group|Group", "00G", groups.GROUP, named_by=("Type", "DeveloperName"), **_SETUP),
        _sobject("GroupMember", "Group Member|Group Members", "011", groups.GROUP_MEMBER, **_PAIR),
        _sobject("QueueSobject", "Queue Sobject|Queue Sobjects", "03g", groups.QUEUE_SOBJECT, **_PAIR),
        _sobject("Network", "Network|Networks", "0DB", groups.NETWORK, createable=False, deletable=False),
        _sobject("NetworkMemberGroup", "Network Member Group|Network Member Groups", "0DL",
                 groups.NETWORK_MEMBER_GROUP, **_SHOWN),
        _sobject("NetworkMember", "Network Member|Network Members", "0DO", groups.NETWORK_MEMBER, createable=False,
                 deletable=False),
        _sobject("LoginHistory", "Login History|Login History", "0Ya", setup.LOGIN_HISTORY, **_SHOWN),
    )
)  # fmt: skip

SCHEMA = with_permissions(_TABLES)
"""Every object of a simulated org, but for the fields that its seed declares."""
