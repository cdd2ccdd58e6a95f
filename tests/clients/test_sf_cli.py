"""The `sf` CLI as it is published on npm, over http, and its main commands over https."""

import csv
import json
from io import StringIO
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tests.clients.asked import ADMIN, VERSION, Asked
from tests.clients.sf import Sf, logged_in

pytestmark = pytest.mark.clients

CONTACTS = "SELECT LastName, Email, Account.Name FROM Contact WHERE Email LIKE '%.example' ORDER BY LastName"
ROWS = [
    ["Berg", "noah.berg@globex.example", "Globex"],
    ["Lee", "kim.lee@acme.example", "Acme"],
    ["Weber", "jonas.weber@initech.example", "Initech"],
]


@pytest.fixture(name="sf", scope="module")
def _sf(plain: Asked, tmp_path_factory: pytest.TempPathFactory) -> Sf:
    return logged_in(plain, tmp_path_factory.mktemp("sf"))


@pytest.fixture(name="secure_sf", scope="module")
def _secure_sf(secure: Asked, tmp_path_factory: pytest.TempPathFactory) -> Sf:
    return logged_in(secure, tmp_path_factory.mktemp("secure-sf"))


def table(text: str) -> list[list[str]]:
    return list(csv.reader(StringIO(text, newline="")))


def named(org: Asked, pattern: str, field: str = "Phone") -> list[tuple[str, str | None]]:
    """The names of such accounts with that field."""
    rows = org.rows(f"SELECT Name, {field} FROM Account WHERE Name LIKE '{pattern}' ORDER BY Name")
    return [(row["Name"], row[field]) for row in rows]


def test_login_by_a_token(sf: Sf) -> None:
    shown = sf.result("org", "display")
    token = sf.result("org", "auth", "show-access-token")

    assert (shown["username"], shown["connectedStatus"], shown["alias"]) == (ADMIN, "Connected", "sim")
    assert shown["id"] == sf.org.values("SELECT Id FROM Organization")[0]
    assert token["accessToken"] == sf.org.org.token


def test_the_list_of_orgs_knows_it(sf: Sf) -> None:
    [other] = sf.result("org", "list")["other"]

    assert (other["alias"], other["connectedStatus"], other["isDevHub"]) == ("sim", "Connected", False)


def test_login_by_a_token_that_is_no_longer_valid_is_refused(plain: Asked, tmp_path: Path) -> None:
    token = f"{plain.org.token}x"

    refused = Sf(plain, tmp_path).refusal(
        "org", "login", "access-token", "--instance-url", plain.url, "--no-prompt", SF_ACCESS_TOKEN=token
    )

    assert refused["name"] == "AuthCodeUsernameRetrievalError"


def test_login_by_jwt(plain: Asked, tmp_path: Path) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    (tmp_path / "jwt.key").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    sf = Sf(plain, tmp_path, {"SF_AUDIENCE_URL": plain.url})
    user = "owner@acme.example"

    login = sf.result("org", "login", "jwt", "-o", user, "-f", "jwt.key", "-i", "app", "-r", plain.url, "-s")
    found = sf.result("data", "query", "-q", "SELECT Id FROM User WHERE Username = 'owner@acme.example'")

    assert (login["username"], login["instanceUrl"], login["isDevHub"]) == (user, plain.url, False)
    assert found["totalSize"] == 1


def test_a_token_is_taken_without_a_login(plain: Asked, tmp_path: Path) -> None:
    sf = Sf(plain, tmp_path, {"SF_ORG_INSTANCE_URL": plain.url})

    found = sf.result("data", "query", "-o", plain.org.token, "-q", "SELECT Id FROM Account WHERE Name = 'Acme'")

    assert found["totalSize"] == 1


def test_query_in_each_format(sf: Sf) -> None:
    as_json = sf.result("data", "query", "-q", CONTACTS)
    as_csv = sf.text("data", "query", "-q", CONTACTS, "-r", "csv")
    as_text = sf.text("data", "query", "-q", CONTACTS)

    found = [[row["LastName"], row["Email"], row["Account"]["Name"]] for row in as_json["records"]]
    assert (found, as_json["totalSize"]) == (ROWS, 3)
    assert table(as_csv)[-4:] == [["LastName", "Email", "Account.Name"], *ROWS]
    assert [
        [cell.strip() for cell in line.split("│")[1:4]] for line in as_text.splitlines() if "example" in line
    ] == ROWS


def test_query_over_pages(sf: Sf) -> None:
    for start in range(0, 2200, 200):
        sf.org.make("Contact", [{"LastName": f"Sp {start + number:04}"} for number in range(200)])

    found = sf.result(
        "data", "query", "-q", "SELECT LastName FROM Contact WHERE LastName LIKE 'Sp %' ORDER BY LastName"
    )

    assert [row["LastName"] for row in found["records"]] == [f"Sp {number:04}" for number in range(2200)]


def test_query_with_children(sf: Sf) -> None:
    soql = "SELECT Name, (SELECT LastName, Email FROM Contacts) FROM Account WHERE Name IN ('Acme', 'Globex')"

    found = sf.text("data", "query", "-q", f"{soql} ORDER BY Name", "-r", "csv")

    assert table(found)[-2:] == [
        ["Acme", "1", "Lee", "kim.lee@acme.example"],
        ["Globex", "1", "Berg", "noah.berg@globex.example"],
    ]


def test_query_of_groups_and_counts(sf: Sf) -> None:
    soql = "SELECT Account.Name n, COUNT(Id) FROM Contact WHERE Email LIKE '%.example' GROUP BY Account.Name"

    as_json = sf.result("data", "query", "-q", f"{soql} ORDER BY Account.Name")
    as_csv = sf.text("data", "query", "-q", f"{soql} ORDER BY Account.Name", "-r", "csv")
    counted = sf.result("data", "query", "-q", "SELECT COUNT() FROM Account WHERE Name = 'Acme'")

    assert [(row["n"], row["expr0"]) for row in as_json["records"]] == [("Acme", 1), ("Globex", 1), ("Initech", 1)]
    assert table(as_csv)[-4:] == [["n", "count(Id)"], ["Acme", "1"], ["Globex", "1"], ["Initech", "1"]]
    assert counted["totalSize"] == 1


def test_a_wrong_query_is_told(sf: Sf) -> None:
    refused = sf.refusal("data", "query", "-q", "SELECT Nope FROM Contact")

    assert refused["name"] == "INVALID_FIELD"
    assert "No such column 'Nope' on entity 'Contact'" in refused["message"]


def test_query_of_deleted_records(sf: Sf) -> None:
    [gone] = sf.org.make("Account", [{"Name": "Sf binned"}])
    sf.result("data", "delete", "record", "-s", "Account", "-i", gone)
    soql = "SELECT Id FROM Account WHERE Name = 'Sf binned'"

    assert sf.result("data", "query", "-q", soql)["totalSize"] == 0
    assert sf.result("data", "query", "-q", soql, "--all-rows")["totalSize"] == 1


def test_a_record_is_made_read_changed_and_deleted(sf: Sf) -> None:
    made = sf.result("data", "create", "record", "-s", "Account", "-v", "Name='Sf one' Phone=1 ERP_Key__c=SF-1")
    updated = sf.result("data", "update", "record", "-s", "Account", "-w", "Name='Sf one'", "-v", "Site='Étage 2'")
    read = sf.result("data", "get", "record", "-s", "Account", "-i", made["id"])
    by_key = sf.result("data", "get", "record", "-s", "Account", "-w", "ERP_Key__c=SF-1")

    assert (made["success"], updated["success"]) == (True, True)
    assert (read["Name"], read["Site"], by_key["Id"]) == ("Sf one", "Étage 2", made["id"])
    assert named(sf.org, "Sf one", "Site") == [("Sf one", "Étage 2")]

    sf.result("data", "delete", "record", "-s", "Account", "-w", "ERP_Key__c=SF-1")
    assert named(sf.org, "Sf one") == []


def test_a_refused_record_is_told(sf: Sf) -> None:
    refused = sf.refusal("data", "create", "record", "-s", "Contact", "-v", "FirstName=Nobody")

    assert refused["name"] == "REQUIRED_FIELD_MISSING"
    assert "LastName" in refused["message"]


def test_bulk_import_update_upsert_and_delete(sf: Sf) -> None:
    new = sf.file("new.csv", "Name,Phone\nSb one,1\nSb two,1\n")
    imported = sf.result("data", "import", "bulk", "-s", "Account", "-f", new, "-w", "1")
    ids = sf.org.values("SELECT Id FROM Account WHERE Name LIKE 'Sb %' ORDER BY Name")
    changed = sf.file("changed.csv", f"Id,Phone\n{ids[0]},#N/A\n{ids[1]},2\n")
    updated = sf.result("data", "update", "bulk", "-s", "Account", "-f", changed, "-w", "1")
    keyed = sf.file("keyed.csv", "ERP_Key__c,Name\nSB-3,Sb three\n")
    upserted = sf.result("data", "upsert", "bulk", "-s", "Account", "-f", keyed, "-i", "ERP_Key__c", "-w", "1")
    gone = sf.file("gone.csv", f"Id\n{ids[1]}\n")
    deleted = sf.result("data", "delete", "bulk", "-s", "Account", "-f", gone, "-w", "1")

    assert (imported["processedRecords"], imported["failedRecords"]) == (2, 0)
    assert (updated["processedRecords"], updated["failedRecords"]) == (2, 0)
    assert [row["sf__Created"] for row in upserted["records"]["successfulResults"]] == ["true"]
    assert [row["sf__Id"] for row in deleted["records"]["successfulResults"]] == [ids[1]]
    assert named(sf.org, "Sb %") == [("Sb one", None), ("Sb three", None)]


def test_rows_that_a_bulk_import_refuses_are_told(sf: Sf) -> None:
    mixed = sf.file("mixed.csv", "LastName,FirstName\nSb good,A\n,B\n")

    refused = sf.refusal("data", "import", "bulk", "-s", "Contact", "-f", mixed, "-w", "1")
    results = sf.run("data", "bulk", "results", "--job-id", refused["data"]["jobId"], "--json")

    told = json.loads(results.stdout)["result"]
    assert refused["name"] == "FailedRecordDetailsError"
    assert (told["processedRecords"], told["successfulRecords"], told["failedRecords"]) == (2, 1, 1)
    assert "REQUIRED_FIELD_MISSING" in (sf.folder / told["failedFilePath"]).read_text()
    assert sf.org.values("SELECT FirstName FROM Contact WHERE LastName = 'Sb good'") == ["A"]


def test_bulk_export(sf: Sf) -> None:
    sf.org.make("Account", [{"Name": f"Se {number}", "Site": 'a "b",\nc'} for number in range(3)])
    soql = "SELECT Name, Site, Owner.Username FROM Account WHERE Name LIKE 'Se %' ORDER BY Name"
    export = ["data", "export", "bulk", "-q", soql, "-w", "1", "--output-file"]

    as_csv = sf.result(*export, "out.csv", "-r", "csv")
    sf.result(*export, "out.json", "-r", "json")

    rows = [[f"Se {number}", 'a "b",\nc', ADMIN] for number in range(3)]
    assert as_csv["totalSize"] == 3
    assert table((sf.folder / "out.csv").read_bytes().decode()) == [["Name", "Site", "Owner.Username"], *rows]
    assert [list(row.values()) for row in json.loads((sf.folder / "out.json").read_text())] == rows


def test_a_tree_is_exported_from_one_org_and_imported_again(sf: Sf) -> None:
    [account] = sf.org.make("Account", [{"Name": "St tree", "Phone": "1"}])
    sf.org.make("Contact", [{"LastName": f"St leaf {number}", "AccountId": account} for number in range(2)])
    soql = "SELECT Name, Phone, (SELECT LastName FROM Contacts) FROM Account WHERE Name = 'St tree'"

    sf.result("data", "export", "tree", "-q", soql, "--plan", "-d", "tree")
    by_plan = sf.result("data", "import", "tree", "-p", "tree/Account-Contact-plan.json")
    sf.result("data", "export", "tree", "-q", soql, "-d", "nested")
    [nested] = (sf.folder / "nested").iterdir()
    by_file = sf.result("data", "import", "tree", "-f", nested)

    leaves = sf.org.rows(
        "SELECT Name, (SELECT LastName FROM Contacts ORDER BY LastName) FROM Account WHERE Name = 'St tree'"
    )
    names = [[leaf["LastName"] for leaf in row["Contacts"]["records"]] for row in leaves]
    assert len(by_plan) == 3
    assert len(by_file) == 6
    assert names == [["St leaf 0", "St leaf 1"]] * 4


def test_a_refused_tree_writes_nothing(sf: Sf) -> None:
    records = [
        {"attributes": {"type": "Account", "referenceId": "a"}, "Name": "St refused"},
        {"attributes": {"type": "Account", "referenceId": "b"}, "Phone": "no name"},
    ]
    sf.file("refused.json", json.dumps({"records": records}))

    refused = sf.refusal("data", "import", "tree", "-f", "refused.json")

    assert "REQUIRED_FIELD_MISSING" in json.dumps(refused)
    assert named(sf.org, "St refused") == []


def test_apex_is_run(sf: Sf) -> None:
    code = "Account a = new Account(Name = 'Sa one');\ninsert a;\nSystem.debug('made ' + a.Name);\n"
    done = sf.result("apex", "run", "-f", sf.file("one.apex", code))

    assert (done["success"], done["compiled"]) == (True, True)
    assert "made Sa one" in done["logs"]
    assert named(sf.org, "Sa one") == [("Sa one", None)]


def test_apex_that_fails_writes_nothing(sf: Sf) -> None:
    thrown = "insert new Account(Name = 'Sa rolled back');\ninsert new Contact();\n"

    wrong = sf.refusal("apex", "run", "-f", sf.file("wrong.apex", "Account a = new Accont();"))
    failed = sf.refusal("apex", "run", "-f", sf.file("thrown.apex", thrown))

    assert (wrong["name"], wrong["data"]["line"]) == ("executeCompileFailure", "1")
    assert failed["name"] == "executeRuntimeFailure"
    assert "System.DmlException" in failed["data"]["exceptionMessage"]
    assert named(sf.org, "Sa rolled back") == []


def test_any_request_can_be_sent(sf: Sf) -> None:
    url = f"/services/data/v{VERSION}"
    body = sf.file("body.json", json.dumps({"Name": "Sr one"}))

    limits = json.loads(sf.text("api", "request", "rest", f"{url}/limits"))
    made = json.loads(sf.text("api", "request", "rest", f"{url}/sobjects/Account", "-X", "POST", "-b", f"@{body}"))

    assert limits["DailyApiRequests"]["Max"] == 15_000
    assert named(sf.org, "Sr one", "Id") == [("Sr one", made["id"])]


def test_limits_and_objects_are_listed(sf: Sf) -> None:
    limits = sf.result("org", "list", "limits")
    objects = sf.result("sobject", "list", "-s", "all")
    contact = sf.result("sobject", "describe", "-s", "Contact")

    assert {"DailyApiRequests", "DataStorageMB"} <= {limit["name"] for limit in limits}
    assert {"Account", "Contact", "User"} <= set(objects)
    assert "Number__c" in {field["name"] for field in contact["fields"]}


def test_users_are_shown_and_given_permission_sets(sf: Sf) -> None:
    shown = sf.result("org", "display", "user")
    assigned = sf.result("org", "assign", "permset", "-n", "Knowledge_Reader")

    assert (shown["username"], shown["profileName"]) == (ADMIN, "System Administrator")
    assert assigned["successes"] == [{"name": ADMIN, "value": "Knowledge_Reader"}]
    assert (
        sf.org.values(
            "SELECT Assignee.Username FROM PermissionSetAssignment WHERE PermissionSet.Name = 'Knowledge_Reader'"
        )[-1]["Username"]
        == ADMIN
    )


def test_the_main_commands_over_https(secure_sf: Sf) -> None:
    org = secure_sf.org
    found = secure_sf.result("data", "query", "-q", CONTACTS)
    secure_sf.result("data", "create", "record", "-s", "Account", "-v", "Name='Stls one'")
    secure_sf.file("keyed.csv", "ERP_Key__c,Name\nSTLS-2,Stls two\n")
    upserted = secure_sf.result(
        "data", "upsert", "bulk", "-s", "Account", "-f", "keyed.csv", "-i", "ERP_Key__c", "-w", "1"
    )
    secure_sf.result(
        "data",
        "export",
        "bulk",
        "-q",
        "SELECT Name FROM Account WHERE Name LIKE 'Stls %'",
        "-r",
        "csv",
        "--output-file",
        "out.csv",
        "-w",
        "1",
    )

    assert (found["totalSize"], org.url[:8]) == (3, "https://")
    assert len(upserted["records"]["successfulResults"]) == 1
    assert named(org, "Stls %") == [("Stls one", None), ("Stls two", None)]
    assert len(table((secure_sf.folder / "out.csv").read_text())) == 3


def test_apex_is_run_over_https(secure_sf: Sf) -> None:
    file = secure_sf.file("one.apex", "insert new Account(Name = 'Satls one');\n")

    assert secure_sf.result("apex", "run", "-f", file)["success"] is True
    assert named(secure_sf.org, "Satls one") == [("Satls one", None)]
