"""Titles that stand above the names of a table."""

import pytest

from slackwater.formats.table.sections import title_above


@pytest.mark.parametrize(
    ("rows", "title"),
    [
        ([["Station: Faro", ""], ["", None]], ["Station: Faro", ""]),
        ([["Faro"], ["2024"]], ()),  # the year of the rows below
        ([["Faro", "metres"]], ()),
        ([[], [""]], ()),
        ([], ()),
    ],
)
def test_the_last_row_with_a_text_alone_is_the_title_unless_it_is_a_time(rows, title):
    assert title_above(rows) == title
