"""Answers of an org that a simulated one never gives."""

from collections.abc import Mapping

import pytest

from reconciler.errors import IncompleteRead
from reconciler.live import facts, read
from reconciler.model import State
from tests.salesforce.scripted_org import Answer, reader_of, scripted


def rows(*records: Mapping[str, object]) -> Answer:
    return Answer(body={"totalSize": len(records), "done": True, "records": list(records)})


def test_an_organization_that_the_login_can_not_read_is_no_complete_read() -> None:
    with pytest.raises(IncompleteRead, match="View Setup"):
        read(reader_of(scripted(rows())), State({}))


def test_a_role_that_users_of_an_account_share_has_no_level_and_is_left_out() -> None:
    shared = {"Id": "00E1", "Name": "owner Customer Person Account", "PortalRole": "PersonAccount"}
    own = {"Id": "00E2", "Name": "Acme Customer User", "PortalRole": "Worker"}
    of_acme = {"PortalAccountId": "001A", "PortalType": "CustomerPortal"}
    reader = reader_of(scripted(rows({**shared, **of_acme}, {**own, **of_acme})))

    (found,) = facts.portal_roles(reader, ["001A"])

    assert (found.id, found.level, found.account_id) == ("00E2", "User", "001A")


def test_a_license_without_counts_or_key_has_no_seats() -> None:
    row = {"Id": "1001", "Name": "Odd", "LicenseDefinitionKey": None, "TotalLicenses": None, "UsedLicenses": None}

    (found,) = facts.licenses(reader_of(scripted(rows(row))))

    assert (found.key, found.total, found.used) == (None, 0, 0)
