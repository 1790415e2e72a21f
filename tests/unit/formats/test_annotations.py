"""Banners and rulers of asterisks are no footnotes: they take no longer to look at than any other text."""

import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from slackwater.formats.annotations import are_bare, bare_number, bare_time, is_nothing, without_notes
from slackwater.formats.cells import is_sum, looks_number
from slackwater.formats.numbers import are_plain

BANNERS = [
    "*" * 60 + " Report 2024",
    "*** 12" + " *" * 60 + " x",
    "¹" * 60 + "x 3",
    "** " * 5_000 + "1 x",
    "(1) " * 5_000 + "x",
]


@pytest.mark.parametrize("text", BANNERS, ids=range(len(BANNERS)))
@pytest.mark.parametrize("bare", [bare_number, bare_time, without_notes])
def test_a_banner_is_looked_at_in_no_time(bare, text):
    before = time.process_time()
    bare(text)
    assert time.process_time() - before < 0.5


def test_footnotes_are_taken_off_all_the_same():
    assert bare_number("1.5 **") == "1.5"
    assert bare_number("*** 1.5 (1) †") == "1.5"
    assert bare_time("2024**") == "2024"
    assert without_notes("Total ***¹ (2)") == "Total"


@given(st.text("0123456789:.,/+-T pe(1)*", min_size=1, max_size=14))
@example("2024-01-01T00:00")
@example("2024p")
def test_what_is_bare_needs_no_closer_look(text):
    if are_bare([text]):
        assert bare_time(text) == text
        assert not is_sum(text)


@given(st.one_of(st.text("0123456789.,+-eE_ \u0665\uff12nafi", max_size=8), st.floats(), st.integers(), st.booleans()))
@example("\uff12")  # a digit that Python reads and tables do not
@example("\u0665")
@example("nan")
@example("1_000")
@example("1,5")
@example("1,234,5")
def test_what_is_plain_is_written_as_a_number(cell):
    if are_plain([cell]):
        assert looks_number(cell)
        assert not is_nothing(cell)


@pytest.mark.parametrize("text", ["₹ 1.5", "1.5 ₽", "₺1.5", "1.5₴", "₦1.5", "¥ 1.5", "1.5 ฿"])
def test_the_sign_of_any_currency_is_no_part_of_a_number(text):
    assert bare_number(text) == "1.5"
