"""Records in scripts: queries with binds, DML, exceptions of DML, one transaction."""

from collections.abc import Iterator

import pytest

from tests.rule_org import RuleOrg, rule_org
from tests.simulator.apex_scripts import failure, problem, run, said, value


@pytest.fixture(name="org")
def _org() -> Iterator[RuleOrg]:
    with rule_org() as org:
        yield org


UPGRADE = """
Account a = [SELECT Id FROM Account WHERE Id = '{account}'];
Contact c = new Contact();
c.FirstName = 'Sonia';
c.LastName = 'James';
c.AccountId = a.id;
insert c;
User u =  [SELECT Id FROM User WHERE Id = '{user}'];
u.ContactId=c.id;
update u;
"""

DOWNGRADE = """
User u = [SELECT Id, Username FROM User WHERE Id = '{user}'];
String name = u.Username;
u.IsPortalEnabled = false;
update u;
"""

REACTIVATE = """
User u = [SELECT Id, Username, IsActive FROM User WHERE Id = '{user}'];
u.Username = '{name}';
u.ProfileId = [SELECT Id FROM Profile WHERE Name = 'Identity'].Id;
u.IsActive = true;
update u;
"""


def test_the_articles_upgrade_runs_as_it_is_written(org: RuleOrg) -> None:
    user = org.user()

    outcome = run(org, UPGRADE.format(account=org.acme, user=user))

    found = org.org.store.get("User", user) or {}
    contact = org.org.store.get("Contact", str(found["ContactId"])) or {}
    assert outcome.success, outcome
    assert (contact["Name"], contact["AccountId"], found["AccountId"]) == ("Sonia James", org.acme, org.acme)


def test_the_articles_downgrade_leads_back_to_external_identity(org: RuleOrg) -> None:
    user = org.user()
    run(org, UPGRADE.format(account=org.acme, user=user))
    name = (org.org.store.get("User", user) or {})["Username"]
    run(org, f"User u = [SELECT Id FROM User WHERE Id = '{user}']; u.ProfileId = '{org.profile('Plus')}'; update u;")

    disabled = run(org, DOWNGRADE.format(user=user))
    between = org.org.store.get("User", user) or {}
    enabled = run(org, REACTIVATE.format(user=user, name=name))
    after = org.org.store.get("User", user) or {}

    assert disabled.success, disabled
    assert enabled.success, enabled
    assert (between["IsActive"], between["ContactId"]) == (False, None)
    assert between["Username"] != name
    assert (after["IsActive"], after["Username"], after["UserType"]) == (True, name, "CspLitePortal")


def test_an_upgrade_in_one_script_mixes_setup_and_other_objects(org: RuleOrg) -> None:
    user = org.user()
    code = UPGRADE.format(account=org.acme, user=user) + f"u.ProfileId = '{org.profile('Plus')}'; update u;"

    message = str(failure(org, code))

    assert message.startswith(
        f"System.DmlException: Update failed. First exception on row 0 with id {user}; first error: "
    )
    assert "MIXED_DML_OPERATION, DML operation on setup object is not permitted" in message
    assert (org.org.store.get("User", user) or {})["ContactId"] is None
    assert not org.org.store.find("Contact", LastName="James")


def test_queries_take_the_scripts_variables(org: RuleOrg) -> None:
    code = """
        String name = 'Acme'; List<String> names = new List<String>{'Acme', 'Globex'}; Integer most = 1;
        Set<Id> none = new Set<Id>(); Account a = [SELECT Id FROM Account WHERE Name = :name];
        System.debug([SELECT COUNT() FROM Account WHERE Name IN :names]);
        System.debug([SELECT Id FROM Account WHERE Name IN :names ORDER BY Name LIMIT :most].size());
        System.debug([SELECT Id FROM Account WHERE Id IN :none].size());
        System.debug([SELECT COUNT() FROM Account WHERE Id NOT IN :none] > 1);
        System.debug([SELECT Name FROM Account WHERE Id = :a.Id AND CreatedDate <= :Datetime.now()].Name);
        System.debug([SELECT Name FROM Account WHERE Name = :names[1]][0].Name);
        System.debug([SELECT COUNT() FROM User WHERE IsActive = :true AND CreatedDate >= :Date.newInstance(2020, 1, 1)] > 0);
        Map<Id, Account> byId = new Map<Id, Account>([SELECT Id FROM Account WHERE Name IN :names]);
        System.debug([SELECT COUNT() FROM Account WHERE Id IN :byId.keySet()]);
        System.debug([SELECT COUNT() FROM Account WHERE Name LIKE :('Ac' + '%')]);
    """.replace(":('Ac' + '%')", ":like").replace("Integer most", "String like = 'Ac%'; Integer most")

    assert said(org, code) == ["2", "1", "0", "true", "Acme", "Globex", "true", "2", "1"]


def test_a_bound_text_is_never_read_as_soql(org: RuleOrg) -> None:
    code = "String name = 'x\\' OR Name != \\'\\\\'; System.debug([SELECT COUNT() FROM Account WHERE Name = :name]);"

    assert said(org, code) == ["0"]


def test_dynamic_queries_see_variables_too(org: RuleOrg) -> None:
    code = """
        String name = 'Acme';
        List<Account> found = Database.query('SELECT Name FROM Account WHERE Name = :name');
        System.debug(found[0].Name + Database.countQuery('SELECT COUNT() FROM Account WHERE Name = :name'));
    """

    assert said(org, code) == ["Acme1"]
    assert str(failure(org, "Database.query('SELECT Nothing FROM Account');")).startswith(
        "System.QueryException: No such column 'Nothing'"
    )


def test_a_query_is_read_through_parents_and_children(org: RuleOrg) -> None:
    run(org, f"insert new Contact(LastName = 'Kim', AccountId = '{org.acme}'); insert new Contact(LastName = 'Lone');")

    code = """
        Contact c = [SELECT Account.Name, Account.Owner.Username, CreatedDate, IsDeleted FROM Contact WHERE LastName = 'Kim'];
        System.debug(c.Account.Name + c.Account.Owner.Username + c.CreatedDate + c.IsDeleted);
        System.debug([SELECT Account.Name FROM Contact WHERE LastName = 'Lone'].Account.Name);
        Account a = [SELECT (SELECT LastName FROM Contacts) FROM Account WHERE Name = 'Acme'];
        for (Contact k : a.Contacts) System.debug(k.LastName + c?.Account?.Name);
        for (List<Account> page : [SELECT Id FROM Account]) System.debug(page.size() > 1);
        for (AggregateResult r : [SELECT LastName l, COUNT(Id) n FROM Contact GROUP BY LastName ORDER BY LastName])
            System.debug(r.get('L') + '' + r.get('n'));
    """

    assert said(org, code) == [
        "Acmeadmin@acme.example2026-03-01 12:30:00false",
        "null",
        "KimAcme",
        "true",
        "Kim1",
        "Lone1",
    ]


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("Account a = [SELECT Id FROM Account WHERE Name = 'No'];", "List has no rows for assignment to SObject"),
        ("Account a = [SELECT Id FROM Account];", "List has more than 1 row for assignment to SObject"),
        ("String s = [SELECT Name FROM Account WHERE Name = 'No'].Name;", "List has no rows for assignment to SObject"),
    ],
)
def test_a_query_for_one_record_finds_exactly_one(org: RuleOrg, code: str, message: str) -> None:
    assert failure(org, code) == f"System.QueryException: {message}"


def test_a_field_that_was_not_asked_for_is_not_there(org: RuleOrg) -> None:
    message = (
        "System.SObjectException: SObject row was retrieved via SOQL without querying the requested field: Account."
    )

    assert failure(org, "Account a = [SELECT Id FROM Account LIMIT 1]; System.debug(a.Name);") == f"{message}Name"
    assert failure(org, "Account a = [SELECT Id FROM Account LIMIT 1]; System.debug(a.Owner);") == f"{message}Owner"
    assert (
        failure(org, "Account a = [SELECT Id FROM Account LIMIT 1]; System.debug(a.Contacts);") == f"{message}Contacts"
    )
    assert (
        value(org, "new Contact().LastName + '' + new Contact().Account + new Account().Contacts.size()") == "nullnull0"
    )


def test_an_unknown_column_is_a_compile_problem(org: RuleOrg) -> None:
    assert str(problem(org, "Account a = [SELECT Nothing FROM Account];")[2]).startswith("No such column 'Nothing'")


def test_records_are_made_changed_deleted_and_restored(org: RuleOrg) -> None:
    code = """
        List<Account> xs = new List<Account>{new Account(Name = 'A'), new Account(Name = 'B')};
        insert xs;
        System.debug(xs[0].Id != null);
        xs[0].Phone = '1'; xs[1].Name = 'C';
        update as user xs;
        delete xs[1];
        undelete xs[1];
        delete as system new Account(Id = xs[0].Id);
    """

    assert said(org, code) == ["true"]
    assert not org.org.store.find("Account", Name="A")
    assert org.find("Account", Name="C")["Phone"] is None


def test_an_update_sends_only_what_the_script_set(org: RuleOrg) -> None:
    code = "Account a = [SELECT Id, Name, CreatedDate FROM Account WHERE Name = 'Acme']; a.Phone = '7'; update a;"

    assert run(org, code).success
    assert org.find("Account", Name="Acme")["Phone"] == "7"


def test_an_upsert_goes_by_its_key(org: RuleOrg) -> None:
    code = """
        Account known = [SELECT Id FROM Account WHERE Name = 'Acme'];
        known.Phone = '5';
        upsert new List<Account>{known, new Account(Name = 'New')};
        User u = new User(Username = 'admin@acme.example', Title = 'Boss');
        Database.UpsertResult r = Database.upsert(u, User.Username, false);
        System.debug(r.isSuccess() + ' ' + r.isCreated() + ' ' + (r.getId() == u.Id));
    """

    assert said(org, code) == ["true false true"]
    assert org.find("Account", Name="Acme")["Phone"] == "5"
    assert org.find("User", Username="admin@acme.example")["Title"] == "Boss"


def test_a_refused_row_undoes_its_statement_and_the_script(org: RuleOrg) -> None:
    code = "insert new Account(Name = 'First'); insert new List<Contact>{new Contact(LastName = 'x'), new Contact()};"

    message = (
        "Insert failed. First exception on row 1; first error: REQUIRED_FIELD_MISSING, Required fields are missing: "
    )
    assert failure(org, code) == f"System.DmlException: {message}[LastName]: [LastName]"
    assert not org.org.store.find("Account", Name="First")


def test_a_caught_exception_tells_row_by_row(org: RuleOrg) -> None:
    code = """
        List<Contact> cs = new List<Contact>{new Contact(LastName = 'x'), new Contact(FirstName = 'y')};
        try { insert cs; } catch (DmlException e) {
            System.debug(e.getNumDml() + ' ' + e.getDmlIndex(0) + ' ' + e.getDmlType(0) + ' ' + e.getDmlMessage(0));
            System.debug(e.getDmlFieldNames(0) + ' ' + e.getDmlId(0) + ' ' + (e.getDmlType(0) == StatusCode.REQUIRED_FIELD_MISSING));
        }
        insert new Account(Name = 'Kept');
    """

    assert said(org, code) == [
        "1 1 REQUIRED_FIELD_MISSING Required fields are missing: [LastName]",
        "(LastName) null true",
    ]
    assert org.find("Account", Name="Kept")
    assert not org.org.store.find("Contact", LastName="x")


def test_database_methods_tell_row_by_row(org: RuleOrg) -> None:
    code = """
        List<Contact> cs = new List<Contact>{new Contact(LastName = 'kept'), new Contact()};
        for (Database.SaveResult r : Database.insert(cs, false)) {
            System.debug(r.isSuccess() + ' ' + (r.getId() != null));
            for (Database.Error e : r.getErrors()) System.debug(e.getStatusCode() + e.getMessage() + e.getFields());
        }
        cs[0].Title = 'Dr';
        System.debug(Database.update(cs[0]).isSuccess());
        System.debug(Database.delete(cs[0].Id, true).getId() == cs[0].Id);
        System.debug(Database.undelete(cs[0]).isSuccess() + ' ' + Database.delete(new List<Contact>(), false).size());
    """

    assert said(org, code) == [
        "true true",
        "false false",
        "REQUIRED_FIELD_MISSINGRequired fields are missing: [LastName](LastName)",
        "true",
        "true",
        "true 0",
    ]


def test_dml_options_save_duplicates_and_rows_that_are_right() -> None:
    with rule_org(duplicate_contact_rule=True) as org:
        code = """
            insert new Contact(LastName = 'Lee', Email = 'lee@acme.example');
            Database.DMLOptions o = new Database.DMLOptions();
            Contact again = new Contact(LastName = 'Lee', Email = 'lee@acme.example');
            System.debug(Database.insert(again, false).getErrors()[0].getStatusCode());
            o.DuplicateRuleHeader.allowSave = true; o.EmailHeader.triggerUserEmail = false; o.optAllOrNone = false;
            System.debug(o.DuplicateRuleHeader.allowSave && !o.EmailHeader.triggerUserEmail && !o.optAllOrNone);
            System.debug(Database.insert(again, o).isSuccess());
        """

        assert said(org, code) == ["DUPLICATES_DETECTED", "true", "true"]


def test_a_savepoint_undoes_what_came_after_it(org: RuleOrg) -> None:
    code = """
        insert new Account(Name = 'Before');
        Savepoint p = Database.setSavepoint();
        insert new Account(Name = 'After');
        Database.rollback(p);
    """

    assert run(org, code).success
    assert org.find("Account", Name="Before")
    assert not org.org.store.find("Account", Name="After")


def test_records_are_read_and_set_by_name(org: RuleOrg) -> None:
    code = """
        SObject s = new Contact(LastName = 'a');
        s.put('FirstName', 'b'); s.put('AccountId', null);
        Contact copy = (Contact) s.clone();
        System.debug(s.get('firstname') + copy.FirstName + s.isSet('Email') + s.getSObjectType());
        System.debug(s.getPopulatedFieldsAsMap().keySet());
        Contact named = new Contact(LastName = 'c', Account = new Account(Name = 'x'));
        System.debug(named.getSObject('Account').get('Name'));
        System.debug(new Contact(LastName = 'a') == new Contact(LastName = 'a'));
        System.debug([SELECT (SELECT Id FROM Contacts) FROM Account LIMIT 1].getSObjects('Contacts').size());
    """

    assert said(org, code) == ["bbfalseContact", "{LastName, FirstName, AccountId}", "x", "true", "0"]


@pytest.mark.parametrize(
    ("code", "message"),
    [
        (
            "insert new Account(Id = '001000000000001', Name = 'x');",
            "INVALID_FIELD_FOR_INSERT_UPDATE, cannot specify Id in an insert call: [Id]",
        ),
        ("update new Account(Name = 'x');", "MISSING_ARGUMENT, Id not specified in an update call: []"),
    ],
)
def test_an_id_is_where_it_belongs(org: RuleOrg, code: str, message: str) -> None:
    assert message in str(failure(org, code))


def test_nothing_is_no_record(org: RuleOrg) -> None:
    null = "System.NullPointerException: Attempt to de-reference a null object"

    assert failure(org, "Account a; insert a;") == null
    assert failure(org, "insert new List<Account>{null};") == null
    assert failure(org, "Account a; a.Name = 'x';") == null
    assert run(org, "insert new List<Account>();").success
    assert str(failure(org, "Database.delete('999000000000001AAA');")).startswith("System.StringException: Invalid id")


def test_a_list_of_different_objects_is_written_in_order(org: RuleOrg) -> None:
    code = "insert new List<SObject>{new Account(Name = 'Mixed'), new Contact(LastName = 'Mixed')};"

    assert run(org, code).success
    assert org.find("Account", Name="Mixed")
    assert org.find("Contact", LastName="Mixed")
