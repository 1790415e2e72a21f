"""Sources that are asked by POST with a JSON body, each as strict as those that people meet."""

import base64
import json
import re
from typing import Any

from slackwater.model.instants import from_micros, iso, parse_iso
from sources import Answer, Feed, Recorded, Route

READINGS = (
    "query Readings($from: DateTime, $to: DateTime, $first: Int, $after: String) {"
    " readings(from: $from, to: $to, first: $first, after: $after)"
    " { edges { node { time level } } pageInfo { hasNextPage endCursor } } }"
)
GRAPHQL = {"query": READINGS, "variables": {"first": 20}}
RPC = {"jsonrpc": "2.0", "id": 1, "method": "levels", "params": {"station": 7, "limit": 30}}
PXWEB = {
    "query": [
        {"code": "Region", "selection": {"filter": "item", "values": ["PT"]}},
        {"code": "Tid", "selection": {"filter": "all", "values": ["*"]}},
    ],
    "response": {"format": "json-stat2"},
}
SEARCH = {
    "apiKey": "search-key-0123456789",
    "filter": "time between '{{start}}' and '{{end}}'",
    "page": {"number": "{{page}}", "size": "{{limit}}"},
}


def between(feed: Feed, start: str | None, end: str | None) -> list[tuple[int, float]]:
    """The points of a feed from `start` to `end`, both included, in order."""
    low = parse_iso(start) if start else -(2**62)
    high = parse_iso(end) if end else 2**62
    return sorted((when, value) for when, value in feed.points()["value"].items() if low <= when <= high)


def graphql(feed: Feed, most: int = 50) -> Route:
    """Types are checked as the specification has it; errors come with status 200 and `data: null`."""

    def fail(message: str) -> Answer:
        return Answer({"data": None, "errors": [{"message": message, "path": ["readings"]}]})

    def answer(request: Recorded) -> Answer:
        if request.method != "POST" or "application/json" not in request.headers.get("content-type", ""):
            return Answer({"errors": [{"message": "POST a JSON body"}]}, 405)
        asked = json.loads(request.body)
        given = asked.get("variables") or {}
        for name, kind in (("first", int), ("from", str), ("to", str), ("after", str)):
            if given.get(name) is not None and type(given[name]) is not kind:
                return fail(f'Variable "${name}" got invalid value {given[name]!r}')
        if unknown := given.keys() - {"first", "from", "to", "after"}:
            return fail(f'Variable "${sorted(unknown)[0]}" is not defined')
        try:
            points = between(feed, given.get("from"), given.get("to"))
        except ValueError:
            return fail("Expected an ISO 8601 time")
        begin = int(base64.b64decode(given["after"])) if given.get("after") else 0
        size = min(given.get("first") or 10, most)
        page = points[begin : begin + size]
        more = begin + size < len(points)
        cursor = base64.b64encode(str(begin + size).encode()).decode() if page else None
        edges = [{"node": {"time": iso(when), "level": value}} for when, value in page]
        return Answer({"data": {"readings": {"edges": edges, "pageInfo": {"hasNextPage": more, "endCursor": cursor}}}})

    return answer


def json_rpc(feed: Feed) -> Route:
    """Parameters are by name; what it does not know is an error with status 200."""

    def answer(request: Recorded) -> Answer:
        asked = json.loads(request.body)
        head = {"jsonrpc": "2.0", "id": asked.get("id")}
        given = asked.get("params", {})
        if asked.get("method") != "levels" or given.get("station") != 7:
            return Answer({**head, "error": {"code": -32601, "message": "Method not found"}})
        if not all(isinstance(given.get(name, 0), int) for name in ("limit", "offset")):
            return Answer({**head, "error": {"code": -32602, "message": "Invalid params"}})
        points = between(feed, given.get("from"), given.get("to"))
        begin, size = given.get("offset", 0), min(given.get("limit", 100), 100)
        items = [{"t": iso(when), "v": value} for when, value in points[begin : begin + size]]
        return Answer({**head, "result": {"items": items, "total": len(points)}})

    return answer


def pxweb(feed: Feed) -> Route:
    """A table of a statistics office: GET tells of its variables, POST gives json-stat2."""

    def answer(request: Recorded) -> Answer:
        if request.method == "GET":
            return Answer({"title": "Visitors", "variables": [{"code": "Tid", "values": ["2020M01"]}]})
        asked = json.loads(request.body)
        if asked.get("response", {}).get("format") != "json-stat2" or asked.keys() - {"query", "response"}:
            return Answer("Bad request", 400)
        points = between(feed, None, None)
        times = [f"{from_micros(when):%YM%m}" for when, _ in points]
        category = {
            "index": {time: place for place, time in enumerate(times)},
            "label": dict(zip(times, times, strict=True)),
        }
        return Answer(
            {
                "class": "dataset",
                "version": "2.0",
                "label": "Visitors",
                "id": ["Region", "Tid"],
                "size": [1, len(times)],
                "role": {"time": ["Tid"], "geo": ["Region"]},
                "dimension": {
                    "Region": {"label": "Region", "category": {"index": {"PT": 0}, "label": {"PT": "Portugal"}}},
                    "Tid": {"label": "Month", "category": category},
                },
                "value": [value for _, value in points],
            }
        )

    return answer


def search(feed: Feed) -> Route:
    """A condition as text, pages as objects, the key within the body."""

    def answer(request: Recorded) -> Answer:
        asked: dict[str, Any] = json.loads(request.body)
        if asked.get("apiKey") != SEARCH["apiKey"]:
            return Answer({"error": f"{asked.get('apiKey')} is no key"}, 401)
        found = re.fullmatch(r"time between '(.+)' and '(.+)'", asked["filter"])
        page = asked.get("page", {})
        if found is None or not all(isinstance(each, int) for each in page.values()):
            return Answer({"error": "bad filter or page"}, 400)
        points = between(feed, found[1], found[2])
        number, size = page.get("number", 1), min(page.get("size", 25), 100)
        chosen = points[(number - 1) * size : number * size]
        rows = [{"time": iso(when), "value": value} for when, value in chosen]
        return Answer({"rows": rows, "total": len(points), "echo": asked["apiKey"]})

    return answer
