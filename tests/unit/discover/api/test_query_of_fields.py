"""Sources whose parameters are fields: json-server's signs and brackets, Datasette's columns, Django's decimals."""

import re

import pytest

from discovering import all_of, look
from slackwater.model.instants import HOUR, iso
from sources import Answer, Feed, SourceServer


@pytest.fixture
def server():
    with SourceServer() as server:
        yield server


@pytest.fixture
def feed():
    return Feed.regular("2024-03-01", HOUR, 240)


def rows_of(feed, form=iso):
    return [{"id": n, "taken": form(time), "level": y} for n, (time, y) in enumerate(feed.points()["value"].items(), 1)]


def between(rows, query, low, high):
    return [row for row in rows if query.get(low, "") <= row["taken"] <= query.get(high, "~")]


def json_server(feed):
    """Version 0.17: `_limit`, `_page`, `taken_gte`; `taken[gte]` is an object, which no `taken` is like."""

    def answer(request):
        query, rows = request.query, rows_of(feed)
        if any(name.startswith("taken[") for name in query):
            return Answer([])
        rows = between(rows, query, "taken_gte", "taken_lte")
        if any(name.startswith(("_page[", "_limit[")) for name in query):
            return Answer({"error": "not a number"}, 500)
        size = int(query.get("_limit", 10)) if {"_limit", "_page"} & set(query) else len(rows)
        first = (int(query.get("_page", 1)) - 1) * size
        return Answer(rows[first : first + size], headers={"X-Total-Count": str(len(rows))})

    return answer


def datasette(feed, form):
    """A table as an array: whatever is asked for is compared as text, with a text where there is no such column."""

    def answer(request):
        query, rows = request.query, rows_of(feed, form)
        for name in query:
            column, _, sign = name.partition("__")
            if column in ("from", "end", "limit", "$limit"):
                return Answer({"ok": False, "error": f"no such column: {column}"}, 400)
            if name not in ("_next", "_size") and (column != "taken" or sign not in ("gte", "lte")):
                return Answer([])
        rows = between(rows, query, "taken__gte", "taken__lte")
        size, skipped = int(query.get("_size", 100)), int(query.get("_next", 0))
        if size > 1000:
            return Answer({"ok": False, "error": "_size must be <= 1000"}, 400)
        more = "&".join(f"{name}={value}" for name, value in {**query, "_next": skipped + size}.items())
        link = {"Link": f'<?{more}>; rel="next"'} if skipped + size < len(rows) else {}
        return Answer(rows[skipped : skipped + size], headers=link)

    return answer


@pytest.mark.parametrize("asked", ["", "?_page=1", "?_limit=50"])
async def test_names_with_brackets_are_apart_and_signs_are_kept(server, feed, asked):
    found = await look(server.route("/levels", json_server(feed)) + asked)
    assert 'TimeFilter("taken_gte", "taken_lte"' in found.code, found.code
    assert ("_page" in found.code and "_limit" in found.code) or not asked, found.code
    run = await all_of(found, feed)
    assert list(run.points.values()) == [feed.points()["value"]]


@pytest.mark.parametrize("written", [r"\g<0>", r"\1T\2", r"\1 \2"], ids=["zoned", "naive", "with a blank"])
async def test_a_source_that_takes_any_name_for_a_field(server, feed, written):
    def form(time):
        return re.sub(r"(.{10})T(.{5}):00Z", written, iso(time))

    found = await look(server.route("/levels", datasette(feed, form)))
    assert 'TimeFilter("taken__gte", "taken__lte"' in found.code, found.code
    run = await all_of(found, feed)
    assert list(run.points.values()) == [feed.points()["value"]]


async def test_decimals_of_a_cursor_of_django(server):
    rows = [{"taken": f"2024-03-0{day}", "level": f"{level}"} for day, level in enumerate(("11.440", "10.871"), 1)]
    found = await look(server.route("/levels", lambda _: Answer({"next": None, "previous": None, "results": rows})))
    assert "decimal" not in found.code, found.code
