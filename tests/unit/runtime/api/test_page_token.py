"""The page token: one type in code, one flat object in checkpoints, and those of earlier versions are read on."""

import json

import msgspec
import pytest

from slackwater.errors import BadSource
from slackwater.model.checkpoint import Checkpoint, Interval
from slackwater.runtime.api.page_token import PageToken, stored
from slackwater.runtime.api.pagination import Cursor, LinkHeader, NextUrl, Offset, PageNumber
from slackwater.runtime.api.time_filters import TimeFilter
from slackwater.runtime.api.window_splits import Parts

URL = "https://data.example.org/v1/items"

# What checkpoints hold that 0.2 has written.
WRITTEN = [
    ({"offset": 100, "size": 50, "before": "ab"}, PageToken(offset=100, size=50, before="ab")),
    ({"page": 3, "size": 50, "seen": 100}, PageToken(page=3, size=50, seen=100)),
    ({"url": URL + "?page=2", "before": "ab"}, PageToken(url=URL + "?page=2", before="ab")),
    ({"cursor": "n2"}, PageToken(cursor="n2")),
    ({"since": 5, "count": 2, "beyond": True}, PageToken(since=5, count=2, beyond=True)),
    ({"until": 9, "width": 4, "page": None}, PageToken(until=9, width=4)),
    ({"until": 9, "width": 4, "page": {"page": 3, "size": 50}}, PageToken(until=9, width=4, page=3, size=50)),
    ({"until": 9, "width": 4, "page": {"offset": 7, "size": 7}}, PageToken(until=9, width=4, offset=7, size=7)),
]


@pytest.mark.parametrize(("written", "token"), WRITTEN)
def test_what_earlier_versions_wrote_is_read(written, token):
    form = {"covered": [], "page": {"window": [5, 9], "token": written, "points": 2}, "step": 0, "version": 3}
    page = msgspec.json.decode(json.dumps(form), type=Checkpoint).page
    assert page is not None
    assert PageToken.of(page.token) == token


@pytest.mark.parametrize(("_written", "token"), WRITTEN)
def test_a_token_is_stored_flat_and_read_again(_written, token):
    kept = stored(token)
    assert not any(isinstance(value, dict | list) for value in kept.values())
    assert PageToken.of(json.loads(json.dumps(kept))) == token


@pytest.mark.parametrize("none", [7, "n2", ["n2"], {"offset": "many"}, {"until": 9, "width": 4, "page": "x"}])
def test_what_is_no_token_is_said(none):
    with pytest.raises(BadSource, match=r"page token cannot be used .* Delete the checkpoint"):
        PageToken.of(none)


@pytest.mark.parametrize("style", [Offset(), PageNumber(), LinkHeader(), NextUrl("next"), Cursor("cursor", "next")])
@pytest.mark.parametrize(("_written", "token"), WRITTEN)
def test_a_token_of_another_style_begins_at_the_first_page(style, _written, token):
    own = {Offset: "offset", PageNumber: "page", LinkHeader: "url", NextUrl: "url", Cursor: "cursor"}[type(style)]
    assert (style.place(URL, token) == style.place(URL, None)) == (getattr(token, own) is None)


def test_a_part_of_a_window_is_gone_on_with_at_its_page():
    window = Interval(0, 10**12)
    requested = TimeFilter("from", "to", longest="P1D")
    parts, begun = Parts.of(
        window, PageToken.of({"until": 9 * 10**11, "width": 10**10, "page": {"offset": 7}}), requested
    )
    assert (parts.until, parts.width, begun) == (9 * 10**11, 10**10, PageToken(offset=7))
    assert Parts.of(window, parts.token(begun), requested) == (parts, begun)
    assert Parts.of(window, parts.done().token(None), requested) == (parts.done(), None)
