"""Banners and rulers of asterisks are no footnotes: they take no longer to look at than any other text."""

import time

import pytest

from slackwater.formats.annotations import bare_number, bare_time, without_notes

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
