"""The switches of a simulated org: what an admin sets in Setup, and what the facts leave open."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Settings:
    """Defaults are a new org's where documented, and the stricter reading where inferred.

    contactless_users: users of External Identity may be without a contact (F1.2, documented; off in a new org, on here
        because the org exists to upgrade them).
    standard_external_profiles: users may be created and updated on standard external profiles (F2.7, documented).
    portal_role_levels: roles made for an account with its first role-based user, 1 to 3 (F3.1, documented).
    combined_contact_profile: a user's ContactId and a license that needs it may be set in one update (F1.10, inferred).
    contact_identity_needs_owner_role: the owner of a contact's account needs a role even for an External Identity user
        (F3.7, inferred).
    plus_to_lite: Customer Community Plus users may move back to Customer Community (F2.9 against F2.11, inferred).
    license_bound_permission_sets: a license move is refused while a permission set bound to the old license is assigned
        (F7.5, inferred).
    """

    contactless_users: bool = True
    standard_external_profiles: bool = False
    portal_role_levels: int = 3
    combined_contact_profile: bool = False
    contact_identity_needs_owner_role: bool = True
    plus_to_lite: bool = False
    license_bound_permission_sets: bool = True
