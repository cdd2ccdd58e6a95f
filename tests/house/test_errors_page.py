"""docs/errors.md says what the tables of errors say."""

from reconciler.salesforce.login_errors import REFUSALS, remedy
from reconciler.salesforce.retry import DOES, TABLE, Verdict, judge
from tests.house.errors_page import PAGE, page


def test_the_tables_of_the_page_are_those_of_the_code() -> None:
    text = PAGE.read_text(encoding="utf-8")

    assert page(text) == text, "python -m tests.house.errors_page writes it anew"


def test_of_every_verdict_the_page_says_what_is_done() -> None:
    assert set(DOES) == set(Verdict)
    assert {row.verdict for row in TABLE} == set(Verdict)


def test_no_row_of_the_table_is_hidden_by_one_above_it() -> None:
    for row in TABLE:
        first = next(other for other in TABLE if other.fits(row.code, row.part, row.status or 200))

        assert first is row
        assert judge(row.code, row.part, row.status or 200) is row.verdict


def test_no_remedy_for_a_login_is_hidden_by_one_above_it() -> None:
    for row in REFUSALS:
        assert remedy(row.error or "any_error", f"WELL, {row.part.upper()}!") == row.remedy
