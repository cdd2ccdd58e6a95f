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
    records_in_use_are_kept: a role that has users or roles below it, or an assigned permission set, can't be deleted
        (F3.4).
    """

    contactless_users: bool = True
    standard_external_profiles: bool = False
    portal_role_levels: int = 3
    duplicate_contact_rule: bool = False
    daily_api_requests: int = 15_000
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
    records_in_use_are_kept: bool = True
