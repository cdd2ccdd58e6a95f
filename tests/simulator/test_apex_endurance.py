"""Whatever text is sent as a script, it is answered: with an outcome, soon, and without a traceback."""

import random
import string
from collections.abc import Iterator

import pytest

from tests.rule_org import RuleOrg, rule_org
from tests.simulator.apex_scripts import run

SCRIPTS = (
    "Account a = [SELECT Id, Name FROM Account WHERE Name = :x LIMIT 1]; a.Name += 'x'; update a;",
    "Map<Id, List<User>> m = new Map<Id, List<User>>(); for (User u : [SELECT Id FROM User]) { m.put(u.Id, null); }",
    "try { insert new Contact(LastName = 'a'); } catch (DmlException e) { System.debug(e.getMessage()); } finally { }",
    "public Integer f(Integer n) { return n <= 1 ? 1 : n * f(n - 1); } System.debug(f(5) + 'x'.repeat(3));",
    "for (Integer i = 0; i < 3; i++) { if (i == 1) continue; else break; } switch on 1 { when 1, 2 { } when else { } }",
    "Database.SaveResult[] rs = Database.insert(new List<SObject>{new Account(Name = 'b')}, false); String s = (String) null;",
)
TOKENS = (
    *(
        [
            "if",
            "else",
            "for",
            "while",
            "do",
            "try",
            "catch",
            "finally",
            "throw",
            "return",
            "new",
            "insert",
            "update",
            "upsert",
            "delete",
            "null",
            "true",
            "false",
        ]
    ),
    *(
        [
            "(",
            ")",
            "{",
            "}",
            "[",
            "]",
            ";",
            ",",
            ".",
            "?",
            ":",
            "=",
            "==",
            "!=",
            "<",
            ">",
            "<=",
            ">=",
            "+",
            "-",
            "*",
            "/",
            "!",
            "&&",
            "||",
            "++",
            "--",
            "+=",
            "=>",
            "?.",
            "??",
            "'",
        ]
    ),
    *(
        [
            "Account",
            "Contact",
            "User",
            "List<Id>",
            "Map<Id,User>",
            "Set<String>",
            "Integer",
            "String",
            "x",
            "y",
            "[SELECT",
            "Id",
            "FROM",
            "User]",
            "'a'",
            "1",
            "2.5",
            "3L",
        ]
    ),
    "/*",
    "*/",
    "//",
    "\n",
    "\u00e9",
    "\U0001f600",
    "\\",
)


def texts(seed: int, count: int) -> Iterator[str]:
    """Scripts with letters changed, lost and doubled; tokens in any order; characters; deep nesting."""
    dice = random.Random(seed)
    for number in range(count):
        match number % 4:
            case 0 | 1:
                text = list(dice.choice(SCRIPTS))
                for _ in range(dice.randint(1, 4)):
                    at = dice.randrange(len(text))
                    text[at : at + dice.randint(0, 2)] = dice.choice(
                        [dice.choice(string.printable), dice.choice(TOKENS), ""]
                    )
                yield "".join(text)
            case 2:
                yield " ".join(dice.choices(TOKENS, k=dice.randint(1, 30)))
            case _:
                opening = dice.choice(["(", "{", "[", "new List<", "if (", "!", "-", "f(", "try {", "'"])
                yield opening * dice.randint(1, 3_000) + dice.choice(["1", ";", "", ")"])


@pytest.fixture(name="org", scope="module")
def _org() -> Iterator[RuleOrg]:
    with rule_org() as org:
        yield org


def _endure(org: RuleOrg, seed: int, count: int) -> None:
    for text in texts(seed, count):
        outcome = run(org, text)
        told = outcome.compile_problem or outcome.exception_message
        assert outcome.success is (told is None), text
        if told:
            assert outcome.line >= 1, text
            assert outcome.column >= 1, text


def test_three_thousand_texts_are_answered(org: RuleOrg) -> None:
    _endure(org, 1, 3_000)


@pytest.mark.slow
def test_a_hundred_thousand_texts_are_answered(org: RuleOrg) -> None:
    _endure(org, 2, 100_000)


def test_a_long_script_is_parsed_in_one_go(org: RuleOrg) -> None:
    assert run(org, "Integer i = 0;" + "i++;" * 6_000).success
    assert run(org, "Integer i = " + "+".join(["1"] * 300) + ";").success
