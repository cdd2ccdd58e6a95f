"""A plan as Apex scripts: run one after the other they do what an apply does, and twice no more than once."""

import re
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from reconciler.apex_text import NotApex, api_name, comment, id_literal, literal, quoted
from reconciler.render import apex_scripts
from reconciler.simulator import open_org
from reconciler.simulator.apex import execute_anonymous
from tests.live.simulated import Simulated, a_seed, account, contact, simulated, upgrade, user

HOSTILE = "O'Hara\\'; delete [SELECT Id FROM Account]; //\r\n\t\u2028\U0001f600"


def scripts(text: str) -> list[str]:
    """The scripts of a rendered plan."""
    return re.split(r"^// ---- ", text, flags=re.MULTILINE)[1:]


def run_all(org: Simulated, text: str) -> None:
    """Run the scripts in their order, by anonymous Apex."""
    from reconciler.salesforce.apex import _APEX, _LOGGED
    from reconciler.salesforce.envelope import call, element, text_of

    session = org.org.reader.session
    for script in scripts(text):
        body = f"<t:executeAnonymous>{element('t:String', '// ' + script)}</t:executeAnonymous>"
        answer = call(session, "s/00D000000000001", _APEX, _LOGGED, body)
        problem = text_of(answer, "compileProblem") or text_of(answer, "exceptionMessage")
        assert text_of(answer, "success") == "true", f"{problem}\n{script}"


TEAM = (
    upgrade("ann", contact="{Title: Buyer}", more="role: Manager"),
    upgrade("bob", more="role: User\nfields: {Division: North}"),
    upgrade("cy", account="Globex", profile="Acme Partner", more="role: Executive"),
    upgrade("dee", account="Globex", more="role: User\nactive: true"),
)


def test_the_scripts_do_what_an_apply_does_and_may_be_run_twice(tmp_path: Path) -> None:
    people = [user(name) for name in ("ann", "bob", "cy", "dee")]
    with simulated(tmp_path, a_seed(User=people, Contact=[contact("bob")])) as org:
        text = apex_scripts(org.plans(*TEAM))

        run_all(org, text)

        assert org.plans(*TEAM).is_empty
        before = org.dump()
        run_all(org, text)
        after = org.dump()
    assert len(after["Contact"]) == 4
    assert {**before, "User": None} == {**after, "User": None}


def test_what_somebody_wrote_never_becomes_code(tmp_path: Path) -> None:
    title = "O'Hara\\'; delete new Account(); //\t\u00e9 \U0001f600"
    written = title.replace("\\", "\\\\").replace("\t", "\\t")
    contact_ = f'{{LastName: James, Email: ann@acme.example, Title: "{written}"}}'
    text = f"user: ann@acme.example\naccount: 'A // }}'\nprofile: Acme Plus\ncontact: {contact_}\n"
    with simulated(tmp_path, a_seed(User=[user("ann")], Account=[account("A // }")])) as org:
        run_all(org, apex_scripts(org.plans(text)))

        assert org.plans(text).is_empty
        (made,) = org.records("Contact")
    assert made["Title"] == title


def test_many_users_take_several_scripts_of_a_size_that_can_be_run(tmp_path: Path) -> None:
    names = [f"user{number:03}" for number in range(250)]
    seed = a_seed(User=[user(name) for name in names])
    seed["UserLicense"] = [{**item, "TotalLicenses": 1_000} for item in seed["UserLicense"]]
    with simulated(tmp_path, seed) as org:
        documents = [upgrade(name, more="role: Manager") for name in names]
        text = apex_scripts(org.plans(*documents))

        assert all(len(script) <= 30_000 for script in scripts(text))
        run_all(org, text)

        assert org.plans(*documents).is_empty


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=60).map(str.strip).filter(bool))
@example(HOSTILE)
@settings(max_examples=40)
def test_a_text_comes_back_as_it_was(text: str) -> None:
    org = open_org(":memory:", a_seed())
    code = f"insert new Account(Name = 'A', Description = {quoted(text)});"

    outcome = execute_anonymous(org, str(org.store.find("User")[0]["Id"]), code)

    assert outcome.success, outcome
    (made,) = (record for record in org.store.find("Account") if record["Name"] == "A")
    assert made["Description"] == text
    org.close()


@pytest.mark.parametrize("value", ["", "005", "005000000000001'; //", "005000000000001AA A", "\u0660" * 15])
def test_what_is_no_id_is_not_put_into_a_script(value: str) -> None:
    with pytest.raises(NotApex):
        id_literal(value)


@pytest.mark.parametrize("name", ["", "1a", "a b", "a;", "Ärger", "a" * 81])
def test_what_is_no_name_is_not_put_into_a_script(name: str) -> None:
    with pytest.raises(NotApex):
        api_name(name)


def test_literals_are_texts_truths_and_null() -> None:
    assert [literal(value) for value in (None, True, False, "a'b")] == ["null", "true", "false", "'a\\'b'"]
    assert comment("a\nb\u2028 \u00e9") == "a<U+000A>b<U+2028> \u00e9"
