"""Whatever a text holds, a script says just that text; an id or a name is one or is refused."""

import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from reconciler.apex_text import NotApex, api_name, comment, id_literal, literal, quoted
from reconciler.simulator.apex import execute_anonymous
from tests.simulator.orgs import demo, id_of

WHOLE_CHARACTERS = st.text(st.characters(exclude_categories=["Cs"]), max_size=80)
ORG = demo()
ADMIN = id_of(ORG, "User", Username="admin@acme.example")
BREAKOUTS = (
    "'; delete [SELECT Id FROM Contact]; //",
    "\\'; delete [SELECT Id FROM Contact]; //",
    "\\",
    "\\u0027 + 1 + \\u0027",
    "*/ delete [SELECT Id FROM Contact]; /*",
    "a\r\nb\tc\u2028d\u0085e\x00f\x1f",
    "\U0001f600 caf\u00e9",
)


@given(WHOLE_CHARACTERS)
@pytest.mark.parametrize("around", BREAKOUTS)
def test_any_text_comes_back_from_a_script_as_it_was(around: str, text: str) -> None:
    whole = text + around
    code = f"List<String> told = new List<String>{{{quoted(whole)}}};\nSystem.debug('told:' + JSON.serialize(told));"

    outcome = execute_anonymous(ORG, ADMIN, code)

    assert outcome.success, outcome.compile_problem
    line = next(line for line in outcome.log.split("\n") if "|USER_DEBUG|" in line)
    assert json.loads(line.partition("told:")[2]) == [whole]
    assert code.count("\n") == 1
    assert "Number of DML statements: 0 out of" in outcome.log
    assert "Number of SOQL queries: 0 out of" in outcome.log


@given(WHOLE_CHARACTERS)
@example("\u2028\u2029\x85\x1c\x0b\x0c")
def test_a_literal_is_one_line_of_printable_ascii_and_of_characters_beyond_sixteen_bits(text: str) -> None:
    assert all(" " <= character <= "~" or ord(character) > 0xFFFF for character in quoted(text))


@pytest.mark.parametrize("half", ["\ud800", "a\udfffb", "\udc00\ud800"])
def test_half_a_character_is_refused_because_no_script_can_be_compiled_that_has_one(half: str) -> None:
    with pytest.raises(NotApex) as refused:
        quoted(half)

    assert half not in str(refused.value)


@given(st.text(max_size=20))
@example("005000000000001' + x + '")
@example("005000000000001AA\n")
@example("005000000000001\n")
@example("\uff10\uff1505000000000001")
@example("")
def test_nothing_but_fifteen_or_eighteen_letters_and_digits_is_an_id(text: str) -> None:
    is_id = len(text) in {15, 18} and text.isascii() and text.isalnum()

    if is_id:
        assert id_literal(text) == f"'{text}'"
    else:
        with pytest.raises(NotApex):
            id_literal(text)


@pytest.mark.parametrize("id_", ["005000000000001", "005000000000001AAA"])
def test_both_forms_of_an_id_are_taken(id_: str) -> None:
    assert id_literal(id_) == f"'{id_}'"


@given(st.text(max_size=20))
@example("Title = 'x', Phone")
@example("Title\n")
@example("\u00c9tat")
@example("1st")
@example("")
def test_nothing_but_a_plain_word_is_a_name(text: str) -> None:
    is_name = text.isascii() and text[:1].isalpha() and text.replace("_", "a").isalnum()

    if is_name:
        assert api_name(text) == text
    else:
        with pytest.raises(NotApex):
            api_name(text)


@pytest.mark.parametrize("name", ["ContactId", "ERP_Key__c", "acme__Level__c"])
def test_standard_custom_and_packaged_fields_have_names(name: str) -> None:
    assert api_name(name) == name


def test_truth_values_and_null_are_words_not_texts() -> None:
    assert [literal(value) for value in (True, False, None, "true", "null")] == [
        "true",
        "false",
        "null",
        "'true'",
        "'null'",
    ]


@given(st.text(max_size=60))
@pytest.mark.parametrize("around", [*BREAKOUTS, "\\u000a delete [SELECT Id FROM Contact];", "\ud800", "\u202e"])
def test_nothing_ends_a_line_comment_but_its_own_line(around: str, text: str) -> None:
    shown = comment(text + around)

    outcome = execute_anonymous(ORG, ADMIN, f"// {shown}\nSystem.debug('reached');")

    assert shown.isprintable()
    assert "\\" not in shown
    assert "|DEBUG|reached" in outcome.log
    assert "Number of DML statements: 0 out of" in outcome.log


def test_a_comment_keeps_what_a_person_can_read() -> None:
    assert comment("Ann O'Hara, Caf\u00e9 <ann@x.example>") == "Ann O'Hara, Caf\u00e9 <ann@x.example>"
