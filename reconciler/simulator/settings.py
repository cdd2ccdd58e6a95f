"""The switches of a simulated org: what an admin sets in Setup, and what the facts leave open."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Settings:
    """Defaults are a new org's where documented, and the stricter reading where inferred.

    What an admin sets (documented):

    contactless_users: users of External Identity may be without a contact (F1.2; off in a new org, on here because the
        org exists to upgrade them).
    standard_external_profiles: users may be created and updated on standard external profiles (F2.7).
    portal_role_levels: roles made for an account with its first role-based user, 1 to 3 (F3.1).
    duplicate_contact_rule: a new contact with another's last name and e-mail is refused (F5.5).
    daily_api_requests: API requests in 24 hours; a Developer Edition's number.
    account_role_optimization: the first role-based user of an account shares a role of the account's owner, and the
        account gets its own roles with the second (F3.2).
    email_domains: the domains that users' e-mail addresses may have, joined by commas; none for any (F4.7).
    feature_licenses: users who may have each of the features that UserPermissions... switch on (F2.13).
    callers_need_permissions: a caller writes users, roles and permission sets only with the permissions that this needs
        (F8.2).

    What the facts leave open (inferred):

    combined_contact_profile: a user's ContactId and a license that needs it may be set in one update (F1.10).
    contact_can_change: a user's contact may be changed or cleared (F1.7).
    inactive_users_free_contact: an inactive user does not block its contact (F1.8).
    internal_users_with_contact: a user of an internal license may have a contact (F2.12).
    contact_identity_needs_owner_role: the owner of a contact's account needs a role even for an External Identity user
        (F3.7).
    portal_account_owner_keeps_role: an account that has portal users may not get an owner without a role, nor may its
        owner lose the role (F3.7).
    moved_contact_needs_owner_role: the contact of a user moves only to an account whose owner has a role (F5.3).
    plus_to_lite: Customer Community Plus users may move back to Customer Community (F2.9 against F2.11).
    plus_to_partner: Customer Community Plus users may move to Partner Community (F2.12).
    roles_of_other_accounts: a user may have a portal role of another account than its own (F3.5).
    missing_role_level_falls_back: a PortalRole that the account has no role for means its lowest role (F3.1).
    license_bound_permission_sets: a license move is refused while a permission set bound to the old license is assigned
        (F7.5).
    contacts_of_users_are_kept: a contact that has a user keeps its account and can't be deleted, nor can the account
        (F5.4).
    customer_users_by_own_permission: Manage Customer Users suffices for users who are no partners (F1.4 against F8.2).
    moved_contacts: contacts of users that one call may give another account (F5.3).
    portal_flag_limits: an account's IsPartner can't be cleared over more than 15 users, nor IsCustomerPortal over more
        than 100 (F5.2).
    external_users_have_no_admin_permissions: a permission set that grants more than access to the API can't be assigned
        to external users (F7.2).
    records_in_use_are_kept: a role that has users or roles below it, or an assigned permission set, can't be deleted
        (F3.4).
    """

    contactless_users: bool = True
    standard_external_profiles: bool = False
    portal_role_levels: int = 3
    duplicate_contact_rule: bool = False
    daily_api_requests: int = 15_000
    account_role_optimization: bool = False
    email_domains: str = ""
    feature_licenses: int = 2
    callers_need_permissions: bool = True
    combined_contact_profile: bool = False
    contact_can_change: bool = False
    inactive_users_free_contact: bool = False
    internal_users_with_contact: bool = False
    contact_identity_needs_owner_role: bool = True
    portal_account_owner_keeps_role: bool = True
    moved_contact_needs_owner_role: bool = True
    plus_to_lite: bool = False
    plus_to_partner: bool = False
    roles_of_other_accounts: bool = False
    missing_role_level_falls_back: bool = False
    license_bound_permission_sets: bool = True
    contacts_of_users_are_kept: bool = True
    customer_users_by_own_permission: bool = False
    moved_contacts: int = 50
    portal_flag_limits: bool = True
    external_users_have_no_admin_permissions: bool = True
    records_in_use_are_kept: bool = True
