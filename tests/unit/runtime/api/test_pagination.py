import json
from contextlib import nullcontext
from datetime import datetime
from zoneinfo import ZoneInfo

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from slackwater.errors import BadSource
from slackwater.formats.payload.json_path import MISSING, at
from slackwater.model.checkpoint import Interval
from slackwater.model.instants import DAY, MINUTE, SECOND, YEAR, iso, parse_iso
from slackwater.runtime.api.loop_guard import Trail, refuse_depth
from slackwater.runtime.api.page_token import PageToken, stored
from slackwater.runtime.api.pagination import (
    Answer,
    Cursor,
    LinkHeader,
    NextUrl,
    Offset,
    OutOfReach,
    PageNumber,
    Paging,
)
from slackwater.runtime.api.time_filters import TimeFilter, TimeRange

URL = "https://data.example.org/v1/items?unit=m"


def answer(count: int = 0, body: object = None, url: str = URL, link: str | None = None) -> Answer:
    return Answer(url, body, list(range(count)), link)


def walk(paging: Paging, counts: list[int], bodies: list[object] | None = None) -> list[str]:
    """The URLs that are asked for when the pages hold that many records."""
    requested, token = [], None
    for count, body in zip(counts, bodies or [None] * len(counts), strict=True):
        requested.append(paging.place(URL, token))
        token = paging.after(token, answer(count, body))
        if token is None:
            break
        assert PageToken.of(json.loads(json.dumps(stored(token)))) == token
    return [url.partition("unit=m")[2] for url in requested] + ([] if token is None else ["more"])


@pytest.mark.parametrize(
    ("paging", "counts", "requested"),
    [
        (Offset(limit=10), [10, 10, 3], ["&limit=10&offset=0", "&limit=10&offset=10", "&limit=10&offset=20"]),
        (Offset(limit=10), [10, 0], ["&limit=10&offset=0", "&limit=10&offset=10"]),
        (Offset(limit=10), [0], ["&limit=10&offset=0"]),
        # capped at 4 by the source: a page shorter than asked for is not the end
        (Offset(limit=10), [4, 4, 2], ["&limit=10&offset=0", "&limit=10&offset=4", "&limit=10&offset=8"]),
        (Offset(limit=10), [4, 0], ["&limit=10&offset=0", "&limit=10&offset=4"]),
        (Offset(limit=10, limit_param=None, offset_param="$skip"), [10, 9], ["&%24skip=0", "&%24skip=10"]),
        (PageNumber(size=10), [10, 10, 3], ["&page=1", "&page=2", "&page=3"]),
        (PageNumber(size=10, size_param="per_page", first=0), [10, 1], ["&per_page=10&page=0", "&per_page=10&page=1"]),
        (PageNumber(size=10), [4, 4, 1], ["&page=1", "&page=2", "&page=3"]),
        (PageNumber(size=10), [0], ["&page=1"]),
    ],
)
def test_pages_by_count(paging, counts, requested):
    assert walk(paging, counts) == requested


def test_a_total_ends_and_carries_over_short_pages():
    paging = Offset(limit=10, total="meta.total")
    assert walk(paging, [7, 2, 3], [{"meta": {"total": 12}}] * 3) == [
        "&limit=10&offset=0",
        "&limit=10&offset=7",
        "&limit=10&offset=9",
    ]
    assert walk(paging, [3], [{"meta": {"total": "3"}}]) == ["&limit=10&offset=0"]
    with pytest.raises(BadSource, match="holds 12 records, but gives none after the first 10"):
        walk(paging, [10, 0], [{"meta": {"total": 12}}] * 2)
    with pytest.raises(BadSource, match=r"gives none after the first 10\. .* PageNumber\(\.\.\.\)"):
        walk(PageNumber(size=10, total="meta.total"), [10, 0], [{"meta": {"total": 12}}] * 2)
    with pytest.raises(BadSource, match=r"`meta\.total` should be the number of records, but it is missing"):
        walk(paging, [10], [{}])


@pytest.mark.parametrize(
    ("link", "url"),
    [
        ("https://other.example.org/x?cursor=2", "https://other.example.org/x?cursor=2"),
        ("/v1/items?cursor=2", "https://data.example.org/v1/items?cursor=2"),
        ("?cursor=2", "https://data.example.org/v1/items?cursor=2"),
        ("http://data.example.org/v1/items?cursor=2", "https://data.example.org/v1/items?cursor=2"),
    ],
)
def test_a_next_page_is_found_absolute_and_relative(link, url):
    by_header = LinkHeader().after(None, answer(3, link=link))
    by_body = NextUrl("paging.next").after(None, answer(3, {"paging": {"next": link}}))
    assert by_header == by_body == PageToken(url=url)
    assert LinkHeader().place(URL, by_header) == url
    assert LinkHeader().place(URL, None) == NextUrl("next").place(URL, None) == URL


@pytest.mark.parametrize(
    ("paging", "counts", "bodies", "requested"),
    [
        (
            Cursor("after", "meta.next"),
            [3, 3, 3],
            [{"meta": {"next": "b+c"}}, {"meta": {"next": 7}}, {}],
            ["", "&after=b%2Bc", "&after=7"],
        ),
        (
            Cursor("c", "next", more="has_more"),
            [3, 3],
            [{"next": "x", "has_more": True}, {"next": "y", "has_more": False}],
            ["", "&c=x"],
        ),
        (
            Offset(limit=10, more="more"),
            [10, 4, 0],
            [{"more": "true"}, {"more": True}, {"more": "false"}],
            ["&limit=10&offset=0", "&limit=10&offset=10", "&limit=10&offset=14"],
        ),
        (
            Offset(limit=10, first=1, offset_param="startIndex"),
            [10, 2],
            None,
            ["&limit=10&startIndex=1", "&limit=10&startIndex=11"],
        ),
        (PageNumber(size=10, last="pages"), [10, 10], [{"pages": 2}, {"pages": "2"}], ["&page=1", "&page=2"]),
        (PageNumber(size=10, first=0, last="pages"), [10, 10], [{"pages": 2}] * 2, ["&page=0", "&page=1"]),
        (PageNumber(size=10, total="n"), [10, 8, 2], [{"n": 20}] * 3, ["&page=1", "&page=2", "&page=3"]),
        (PageNumber(size=10, more="more"), [4, 2], [{"more": True}, {"more": False}], ["&page=1", "&page=2"]),
    ],
)
def test_what_the_source_says_of_its_end_is_believed(paging, counts, bodies, requested):
    assert walk(paging, counts, bodies) == requested


def test_a_cursor_in_a_header_and_in_the_last_record():
    by_header = Cursor("page_token", "header:X-Next")
    assert by_header.after(None, Answer(URL, [], [1], headers=httpx.Headers({"x-next": "n2"}))) == PageToken(
        cursor="n2"
    )
    assert by_header.after(PageToken(cursor="n2"), Answer(URL, [], [1], headers=httpx.Headers({}))) is None
    by_record = Cursor("after", "id", of_last=True)
    assert by_record.after(None, Answer(URL, [], [{"id": 4}, {"id": 9}])) == PageToken(cursor="9")
    assert by_record.after(PageToken(cursor="9"), Answer(URL, [], [])) is None


def test_a_cursor_that_does_not_move_is_an_error_unless_nothing_came():
    with pytest.raises(BadSource, match="does not move"):
        Cursor("c", "next").after(PageToken(cursor="a"), answer(2, {"next": "a"}))
    assert Cursor("c", "next").after(PageToken(cursor="a"), answer(0, {"next": "a"})) is None
    with pytest.raises(BadSource, match="should be the token of the next page"):
        Cursor("c", "next").after(None, answer(2, {"next": {"a": 1}}))


def test_more_than_the_source_hands_out_to_one_question():
    paging = Offset(limit=100, total="n", most=10_000)
    with pytest.raises(OutOfReach, match=r"no more than 10,000 records"):
        paging.after(None, answer(100, {"n": 10_001}))
    assert paging.after(None, answer(100, {"n": 10_000})) == PageToken(offset=100, size=100)
    with pytest.raises(OutOfReach):
        Offset(limit=100, most=200).after(PageToken(offset=100, size=100), answer(100))


@pytest.mark.parametrize("style", [Offset(past_end=404), PageNumber(past_end=404)])
def test_a_status_is_the_end_only_where_it_is_declared_and_never_on_the_first_page(style):
    assert style.ends(PageToken(page=2, offset=2), 404)
    assert not style.ends(None, 404)
    assert not style.ends(PageToken(page=2, offset=2), 400)
    assert not LinkHeader().ends(PageToken(url="x"), 404)
    assert not PageNumber().ends(PageToken(page=2), 404)


@pytest.mark.parametrize("body", [{}, {"next": None}, {"next": ""}, {"next": False}, [], None])
def test_no_next_page_is_the_end(body):
    assert NextUrl("next").after(None, answer(3, body)) is None
    assert LinkHeader().after(None, answer(3, body)) is None


def test_a_next_page_that_is_none_is_an_error():
    with pytest.raises(BadSource, match="does not move"):
        NextUrl("next").after(None, answer(3, {"next": "?unit=m"}))
    with pytest.raises(BadSource, match="should be the URL of the next page, but it is 7"):
        NextUrl("next").after(None, answer(3, {"next": 7}))


def test_a_page_that_repeats_is_an_error():
    trail = Trail()
    token = trail.turn("u1", [1, 2], PageToken(offset=2))
    with pytest.raises(BadSource, match="hold the same records"):
        Trail.resumed(token).turn("u2", [1, 2], PageToken(offset=4))
    trail.turn("u2", [3, 4], PageToken(offset=4))
    with pytest.raises(BadSource, match="hold the same records"):
        trail.turn("u3", [1, 2], None)
    assert trail.turn("u4", [], None) is None
    assert trail.turn("u5", [], None) is None


def test_a_place_that_comes_again_is_an_error_and_its_query_is_not_told():
    trail = Trail()
    trail.enter("https://x.org/a?key=s3cret")
    trail.enter("https://x.org/b")
    with pytest.raises(BadSource, match=r"was read already \(https://x\.org/a\)"):
        trail.enter("https://x.org/a?key=s3cret")


@pytest.mark.parametrize(
    ("body", "path", "found"),
    [
        ({"a": {"b": [1]}}, "a.b", [1]),
        ({"a": {"b": [1, 5]}}, "a.b.1", 5),
        ({"links": [{"rel": "self", "href": 1}, 7, {"rel": "next", "href": 2}]}, "links.rel=next.href", 2),
        ({"links": [{"rel": "self", "href": 1}]}, "links.rel=next.href", MISSING),
        ({"@odata.next": 1}, "@odata.next", 1),
        ({"a": {"b.c": 1}}, "a.b.c", 1),
        ({"a.b": {"c": 1}}, "a.b.c", 1),
        ({"a": None}, "a", None),
        ({"a": None}, "a.b", MISSING),
        ({}, "a", MISSING),
        ([], "0", MISSING),
        (3, "a", MISSING),
    ],
)
def test_paths(body, path, found):
    assert at(body, path) == found


@pytest.mark.parametrize(
    "make",
    [
        lambda: Offset(limit=0),
        lambda: PageNumber(size=-1),
        lambda: TimeFilter("a", "b", "x"),
        lambda: TimeFilter("a", "b", longest="long"),
        lambda: TimeRange("a", "{start}"),
    ],
)
def test_declarations_are_valid_from_birth(make):
    with pytest.raises(BadSource):
        make()


@pytest.mark.parametrize(
    ("form", "start", "end"),
    [
        ("iso", "2024-03-05T10:00:00Z", "2024-03-06T11:30:01Z"),
        ("date", "2024-03-05", "2024-03-07"),
        ("epoch_s", "1709632800", "1709724601"),
        ("epoch_ms", "1709632800000", "1709724600001"),
        ("%Y%m%d%H", "2024030510", "2024030612"),
        ("%d/%m/%Y %H:%M", "05/03/2024 10:00", "06/03/2024 11:31"),
        ("%Y", "2024", "2025"),
        ("quarter", "2024-Q1", "2024-Q2"),
        ("%Y-%m", "2024-03", "2024-04"),
    ],
)
def test_time_filters_ask_for_the_window_or_more(form, start, end):
    window = Interval(parse_iso("2024-03-05T10:00:00Z"), parse_iso("2024-03-06T11:30:00.000001Z"))
    assert TimeFilter("from", "to", form).params(window) == {"from": start, "to": end}
    assert TimeRange("w", "t ge {start} and t lt {end}", form).params(window) == {"w": f"t ge {start} and t lt {end}"}
    assert TimeRange("datetime", form=form).params(window) == {"datetime": f"{start}/{end}"}


def test_edges_that_the_source_leaves_out_are_asked_around():
    window = Interval(parse_iso("2024-03-05"), parse_iso("2024-03-06"))
    assert TimeFilter("a", "b", "date").params(window) == {"a": "2024-03-05", "b": "2024-03-06"}
    outer = TimeFilter("a", "b", "date", inclusive_start=False, inclusive_end=False)
    assert outer.params(window) == {"a": "2024-03-04", "b": "2024-03-07"}


moments = st.integers(parse_iso("0002-01-01"), parse_iso("9998-01-01"))
zones = st.sampled_from(
    [ZoneInfo("UTC"), ZoneInfo("Europe/Lisbon"), ZoneInfo("Pacific/Kiritimati"), ZoneInfo("America/St_Johns")]
)


@given(moments, st.integers(1, 3 * YEAR), zones, st.sampled_from(["date", "%Y-%m-%d %H:%M", "%Y-%m-%d", "%Y-%m"]))
def test_nothing_at_the_edges_is_lost_in_any_zone(start, width, zone, form):
    """Whatever the source takes the two texts for, their beginnings in its zone enclose the window."""
    window = Interval(start, start + width)
    texts = TimeFilter("a", "b", form).params(window, zone)
    form = "%Y-%m-%d" if form == "date" else form
    low, high = (datetime.strptime(texts[name], form).replace(tzinfo=zone) for name in ("a", "b"))
    assert low.timestamp() * SECOND <= window.start
    # The hour that a change of clocks repeats has two beginnings; the source may take either.
    assert (high.timestamp() + 3600 * (form.endswith("%M"))) * SECOND >= window.end - MINUTE


def test_windows_at_the_ends_of_the_calendar_can_be_written():
    window = Interval(parse_iso("0001-01-01"), parse_iso("0950-01-01"))
    for form in ("iso", "date", "%Y-%m-%d", "epoch_s"):
        texts = TimeFilter("a", "b", form).params(window, ZoneInfo("America/New_York"))
        assert len(set(texts.values())) == 2
    assert TimeFilter("a", "b", "%d/%m/%Y").params(window)["a"] == "02/01/0001"
    assert iso(parse_iso("0001-01-01") + DAY).startswith("0001-01-02")


@pytest.mark.parametrize(
    ("read", "repeated", "ends"),
    [(700, 100, True), (10_000, 37, True), (10_000, 100, False), (2_500, 100, False), (5_000, 100, False)],
)
def test_a_full_page_that_repeats_at_a_usual_depth_may_hide_others(read, repeated, ends):
    with nullcontext() if ends else pytest.raises(OutOfReach):
        refuse_depth(Offset(limit=100, repeats=True, doubtful=True), PageToken(offset=read), repeated)
    with nullcontext() if ends else pytest.raises(OutOfReach):
        refuse_depth(PageNumber(size=100, repeats=True, doubtful=True), PageToken(page=read // 100 + 1), repeated)
