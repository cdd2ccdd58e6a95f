"""Public groups, queues and sites, and who is a member of them.

Source: https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference/sforce_api_objects_group.htm
and its sisters.
"""

from reconciler.simulator.objects.columns import (
    area,
    audit,
    flag,
    picklist,
    read_only,
    record_id,
    reference,
    shown_reference,
    text,
    typed,
)
from reconciler.simulator.objects.people import FREQUENCIES
from reconciler.simulator.schema import Field, FieldType, OnDelete

GROUP_TYPES = (
    "AllCustomerPortal", "ChannelProgramGroup", "CollaborationGroup", "Manager", "ManagerAndSubordinatesInternal",
    "Organization", "PRMOrganization", "Queue", "Regular", "Role", "RoleAndSubordinates",
    "RoleAndSubordinatesInternal", "Territory", "TerritoryAndSubordinates",
)  # fmt: skip

GROUP: tuple[Field, ...] = (
    record_id("Group ID"),
    text("Name", "Name", 40, nillable=False, name_field=True, id_lookup=True),
    text("DeveloperName", "Group Name", 80),
    shown_reference("RelatedId", "Related ID", ("UserRole", "User"), "Related"),
    picklist("Type", "Type", GROUP_TYPES, restricted=True, nillable=False, updateable=False, defaulted_on_create=True,
             default="Regular"),
    typed(FieldType.EMAIL, "Email", "Email", 255),
    shown_reference("OwnerId", "Owner ID", ("User", "Organization"), "Owner", nillable=False,
                    defaulted_on_create=True),
    flag("DoesSendEmailToMembers", "Send Email to Members"),
    flag("DoesIncludeBosses", "Include Bosses", default=True),
    *audit(),
    area("Description", "Description", 1000, filterable=True, sortable=True),
)  # fmt: skip

GROUP_MEMBER: tuple[Field, ...] = (
    record_id("Group Member ID"),
    reference("GroupId", "Group ID", "Group", "Group", updateable=False, nillable=False,
              child_relationship="GroupMembers", on_delete=OnDelete.CASCADE),
    reference("UserOrGroupId", "User/Group ID", ("User", "Group"), "UserOrGroup", updateable=False, nillable=False),
    audit()[-1],
)  # fmt: skip

QUEUE_SOBJECT: tuple[Field, ...] = (
    record_id("Queue Sobject ID"),
    reference("QueueId", "Queue ID", "Group", "Queue", updateable=False, nillable=False,
              child_relationship="QueueSobjects", on_delete=OnDelete.CASCADE),
    picklist("SobjectType", "Sobject Type", (), nillable=False, updateable=False),
    *(field for field in audit() if field.name in {"CreatedById", "SystemModstamp"}),
)  # fmt: skip

NETWORK: tuple[Field, ...] = (
    record_id("Network ID"),
    text("Name", "Name", 765, nillable=False, name_field=True, createable=False),
    *audit(),
    text("UrlPathPrefix", "URL Path Prefix", 100, createable=False),
    area("Description", "Description", 3000, createable=False),
    picklist("Status", "Status", ("UnderConstruction", "Live", "DownForMaintenance"),
             labels=("Under Construction", "Live", "Down For Maintenance"), restricted=True, createable=False),
    typed(FieldType.EMAIL, "EmailSenderAddress", "Email Sender Address", 80, createable=False),
    text("EmailSenderName", "Email Sender Name", 255, createable=False),
    typed(FieldType.EMAIL, "NewSenderAddress", "New Sender Address", 80, createable=False),
    reference("SelfRegProfileId", "Self-Registration Profile ID", "Profile", "SelfRegProfile", createable=False),
    read_only(FieldType.DATE, "FirstActivationDate", "First Activation Date"),
    flag("OptionsSendWelcomeEmail", "Send welcome email", default=True, createable=False),
    flag("OptionsSelfRegistrationEnabled", "Self-registration", createable=False),
    flag("OptionsAllowInternalUserLogin", "Allow internal users to log in", createable=False),
    flag("OptionsAllowMembersToFlag", "Allow members to flag content", createable=False),
    flag("OptionsGuestChatterEnabled", "Guest Chatter", createable=False),
    flag("OptionsInvitationsEnabled", "Invitations", createable=False),
    flag("OptionsNicknameDisplayEnabled", "Show nicknames", createable=False),
    flag("OptionsPrivateMessagesEnabled", "Private messages", createable=False),
)  # fmt: skip

NETWORK_PREFERENCES = (
    "DisCommentAfterLikeEmail", "DisMentionsCommentEmail", "DisProfPostCommentEmail", "DisableAllFeedsEmail",
    "DisableBestAnswerEmail", "DisableBookmarkEmail", "DisableChangeCommentEmail", "DisableDirectMessageEmail",
    "DisableEndorsementEmail", "DisableFollowersEmail", "DisableItemFlaggedEmail", "DisableLaterCommentEmail",
    "DisableLikeEmail", "DisableMentionsPostEmail", "DisableMessageEmail", "DisablePendingReviewEmail",
    "DisableProfilePostEmail", "DisableSharePostEmail",
)  # fmt: skip
"""A member's preferences, without `Preferences`."""

NETWORK_MEMBER: tuple[Field, ...] = (
    record_id("Network Member ID"),
    shown_reference("NetworkId", "Network ID", "Network", "Network", nillable=False,
                    child_relationship="NetworkMembers"),
    shown_reference("MemberId", "User ID", "User", "Member", nillable=False, child_relationship="NetworkMemberUsers"),
    *(field for field in audit() if not field.name.startswith("LastModified")),
    *(flag(f"Preferences{name}", name, createable=False) for name in NETWORK_PREFERENCES),
    picklist("DigestFrequency", "Chatter Email Highlights Frequency", ("D", "W", "N"),
             labels=("Daily", "Weekly", "Never"), restricted=True, createable=False, default="W"),
    picklist("DefaultGroupNotificationFrequency", "Default Notification Frequency when Joining Groups", FREQUENCIES,
             restricted=True, createable=False, default="P"),
    read_only(FieldType.DATE, "LastChatterActivityDate", "Last Chatter Activity Date"),
    typed(FieldType.DOUBLE, "ReputationPoints", "Reputation Points", precision=9, createable=False),
)  # fmt: skip

NETWORK_MEMBER_GROUP: tuple[Field, ...] = (
    record_id("Network Member Group ID"),
    shown_reference("NetworkId", "Network ID", "Network", "Network", nillable=False,
                    child_relationship="NetworkMemberGroups"),
    shown_reference("ParentId", "Parent ID", ("Profile", "PermissionSet"), "Parent", nillable=False),
    read_only(FieldType.PICKLIST, "AssignmentStatus", "Assignment Status", 40, default="Added", restricted=True,
              picklist=("WaitingForAdd", "Added", "WaitingForRemove")),
    *audit(),
)  # fmt: skip
