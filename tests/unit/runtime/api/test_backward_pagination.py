"""Pages by what lies before the oldest record."""

from datetime import UTC

import pytest

from slackwater.errors import BadSource
from slackwater.model.instants import SECOND, parse_iso
from slackwater.runtime.api.backward_pagination import Backwards, Earlier
from slackwater.runtime.api.page_token import PageToken
from slackwater.runtime.api.pagination import Answer

AT = parse_iso("2026-05-01")


def walk(inclusive: bool = False) -> Backwards:
    return Backwards(Earlier("before", inclusive=inclusive), UTC, lambda records: records)


def page(*times: int) -> Answer:
    return Answer("http://x/", {}, list(times))


@pytest.mark.parametrize(
    ("inclusive", "asked"), [(False, "2026-05-01T00%3A00%3A01Z"), (True, "2026-05-01T00%3A00%3A00Z")]
)
def test_the_oldest_moment_is_asked_for_once_more(inclusive, asked):
    token = walk(inclusive).after(None, page(AT + 9 * SECOND, AT))
    assert token == PageToken(since=AT, size=2)
    assert walk(inclusive).place("http://x/", token) == f"http://x/?before={asked}"


def test_it_ends_where_nothing_is_older():
    assert walk().after(PageToken(since=AT, size=3), page(AT)) is None
    assert walk().after(PageToken(since=AT, size=3), page()) is None


def test_a_full_page_of_one_moment_is_no_end():
    with pytest.raises(BadSource, match="one moment"):
        walk().after(PageToken(since=AT, size=2), page(AT, AT))


def test_a_form_must_be_one():
    with pytest.raises(BadSource, match="form"):
        Earlier("before", "fortnights")
