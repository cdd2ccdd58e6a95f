"""Whatever text is sent as a query, it is answered or refused: soon, and without a traceback."""

import random
import string
from collections.abc import Iterator

import pytest

from reconciler.simulator.errors import ApiError
from reconciler.simulator.soql import run_first_page, run_query
from tests.rule_org import RuleOrg, rule_org

QUERIES = (
    "SELECT Id, Name, Owner.Username, (SELECT LastName FROM Contacts LIMIT 2) FROM Account WHERE Name LIKE 'A%' ORDER BY Name",
    "SELECT COUNT(Id) c, CALENDAR_YEAR(CreatedDate) y FROM User GROUP BY ROLLUP(CALENDAR_YEAR(CreatedDate)) HAVING COUNT(Id) > 0",
    "SELECT FIELDS(STANDARD) FROM Profile WHERE UserType IN ('Standard', 'CspLitePortal') AND NOT (Name = null) LIMIT 5 OFFSET 1",
    "SELECT c.LastName, a.Name FROM Contact c, c.Account a USING SCOPE everything WHERE a.CreatedDate = LAST_N_DAYS:3 FOR VIEW",
    "SELECT TYPEOF UserOrGroup WHEN User THEN Username ELSE Name END FROM GroupMember WHERE UserOrGroup.Type != 'User'",
    "SELECT AVG(NumberOfEmployees), MAX(Name) FROM Account WHERE Id IN (SELECT AccountId FROM Contact WHERE Email != null)",
)  # fmt: skip
TOKENS = (
    "SELECT", "FROM", "WHERE", "GROUP BY", "HAVING", "ORDER BY", "LIMIT", "OFFSET", "AND", "OR", "NOT", "IN", "LIKE", "ASC",
    "NULLS LAST", "TYPEOF", "WHEN", "THEN", "END", "COUNT()", "COUNT(", "SUM(", "ROLLUP(", "FIELDS(ALL)", "Id", "Name", "User",
    "Account", "Owner.Name", "(", ")", ",", "=", "!=", "<", ">=", "'a'", "'", "1", "-1.5", "null", "TRUE", "TODAY",
    "LAST_N_DAYS:2", "2026-01-01", "2026-01-01T00:00:00Z", ":x", "\n", "\u00e9", "\U0001f600", "\\", "ALL ROWS", "FOR UPDATE",
)  # fmt: skip


def texts(seed: int, count: int) -> Iterator[str]:
    """Queries with letters changed, lost and doubled; tokens in any order; deep nesting; long lists."""
    dice = random.Random(seed)
    for number in range(count):
        match number % 4:
            case 0 | 1:
                text = list(dice.choice(QUERIES))
                for _ in range(dice.randint(1, 4)):
                    at = dice.randrange(len(text))
                    new = dice.choice([dice.choice(string.printable), f" {dice.choice(TOKENS)} ", ""])
                    text[at : at + dice.randint(0, 2)] = new
                yield "".join(text)
            case 2:
                yield "SELECT " + " ".join(dice.choices(TOKENS, k=dice.randint(1, 25)))
            case _:
                opening = dice.choice(
                    ["(", "NOT ", "NOT (", "(SELECT Id FROM ", "SUM(", "A.", "Id = 'x' OR ", "'", "Id,"]
                )
                yield f"SELECT Id FROM User WHERE {opening * dice.randint(1, 1_500)}Id = null"


@pytest.fixture(name="org", scope="module")
def _org() -> Iterator[RuleOrg]:
    with rule_org() as org:
        yield org


def _told(org: RuleOrg, text: str, *, is_paged: bool) -> ApiError | int:
    """The size of a query's answer, or its refusal."""
    try:
        return run_first_page(org.org, text, 200).result.total_size if is_paged else run_query(org.org, text).total_size
    except ApiError as refused:
        return refused


def _endure(org: RuleOrg, seed: int, count: int) -> None:
    for number, text in enumerate(texts(seed, count)):
        told = _told(org, text, is_paged=number % 2 == 0)
        if isinstance(told, ApiError):
            assert told.status == 400, text
            assert told.message, text


def test_three_thousand_queries_are_answered_or_refused(org: RuleOrg) -> None:
    _endure(org, 1, 3_000)


@pytest.mark.slow
def test_a_hundred_thousand_queries_are_answered_or_refused(org: RuleOrg) -> None:
    _endure(org, 2, 100_000)
