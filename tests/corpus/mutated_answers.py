"""Mutations of answers of APIs: shapes of JSON, ways of times and numbers in it, fields beside, order and pages."""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import httpx

from mutated_tables import PLACES, Draft, Kind, measured, wall
from mutated_times import (
    day_first,
    interval,
    iso,
    month_codes,
    offsets,
    packed,
    quarters,
    short_year,
    twelve_hours,
    words,
    years,
)
from slackwater.model.instants import DAY, MINUTE, SECOND, from_micros

URL = "http://source.test/v1/readings"
Answer = Callable[[dict[str, str]], tuple[Any, dict[str, str]]]


class Provider(httpx.AsyncBaseTransport):
    """Answers the requests of a client from a draft, in this process."""

    def __init__(self, draft: "AnswerDraft") -> None:
        self.answer = draft.answer()
        self.asked = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Answer as the provider does."""
        self.asked += 1
        body, headers = self.answer(dict(request.url.params))
        content = json.dumps(body, ensure_ascii=False).encode()
        return httpx.Response(
            200, headers={"Content-Type": "application/json", **headers}, content=content, request=request
        )


class AnswerDraft(Draft):
    """A known series behind an API."""

    shape = "records"
    place: tuple[str, ...] = ()
    paging = "none"
    size = 25
    time_name = "time"
    as_text: Callable[[float], Any] | None = None
    beside: tuple[tuple[str, Callable[[int, int], Any]], ...] = ()
    newest = False

    def plain(self) -> None:
        """Name times and series as APIs do."""
        names = ("temperature", "flow", "energy", "price", "visitors")
        self.series = dict(zip(self.rng.sample(names, len(self.series)), self.series.values(), strict=True))
        if not self.of_days:
            self.when = wall("%Y-%m-%dT%H:%M:%SZ")

    def answer(self) -> Answer:
        """Return what answers a request by its parameters."""
        records = getattr(self, f"_{self.shape}")()
        if self.newest and isinstance(records, list):
            head = 1 if self.shape == "table" else 0  # names come first, whatever the order of what they name
            records = records[:head] + records[head:][::-1]
        if self.paging == "none" or not isinstance(records, list):
            body = self._put(records, {})
            return lambda query: (body, {})
        return lambda query: self._page(records, query)

    def _page(self, records: list[Any], query: dict[str, str]) -> tuple[Any, dict[str, str]]:
        size = int(query.get("limit", self.size))
        match self.paging:
            case "page":
                start = (int(query.get("page", 1)) - 1) * size
            case "cursor":
                start = int(query.get("cursor", "c0").lstrip("c") or 0)
            case _:
                start = int(query.get("offset", 0))
        more = start + size < len(records)
        following = f"{URL}?{urlencode({**query, 'offset': start + size})}"
        extra: dict[str, Any] = {}
        headers = {}
        match self.paging:
            case "cursor":
                extra = {"next_cursor": f"c{start + size}" if more else None}
            case "next":
                extra = {"next": following if more else None}
            case "link":
                headers = {"Link": f'<{following}>; rel="next"'} if more else {}
            case _:
                extra = {"total": len(records)}
        return self._put(records[start : start + size], extra), headers

    def _put(self, records: Any, extra: dict[str, Any]) -> Any:
        body = records
        for name in reversed(self.place or (("data",) if extra else ())):
            body = {name: body}
        return {**body, **extra} if extra else body

    def _value(self, name: str, time: int) -> Any:
        value = self.series[name].get(time)
        return None if value is None else self.as_text(value) if self.as_text else value

    def _others(self, n: int, time: int) -> dict[str, Any]:
        return {name: write(n, time) for name, write in self.beside}

    def _records(self) -> list[Any]:
        return [
            {
                self.time_name: self.when(time)[0],
                **self._others(n, time),
                **{name: self._value(name, time) for name in self.series},
            }
            for n, time in enumerate(self.times)
        ]

    def _long(self) -> list[Any]:
        return [
            {
                **self._others(n, time),
                self.time_name: self.when(time)[0],
                "sensor": name,
                "value": self._value(name, time),
            }
            for n, time in enumerate(self.times)
            for name in self.series
        ]

    def _nested(self) -> list[Any]:
        return [
            {
                self.time_name: self.when(time)[0],
                **self._others(n, time),
                "values": {name: self._value(name, time) for name in self.series},
            }
            for n, time in enumerate(self.times)
        ]

    def _columns_of(self) -> dict[str, Any]:
        return {
            self.time_name: [self.when(time)[0] for time in self.times],
            **{name: [self._value(name, time) for time in self.times] for name in self.series},
        }

    def _rows_of(self) -> dict[str, Any]:
        return {
            "columns": [self.time_name, *self.series],
            "rows": [[self.when(time)[0], *(self._value(name, time) for name in self.series)] for time in self.times],
        }

    def _table(self) -> list[Any]:
        rows = [[self.when(time)[0], *(self._value(name, time) for name in self.series)] for time in self.times]
        return [[self.time_name, *self.series], *rows]

    def _keyed(self) -> dict[str, Any]:
        return {str(self.when(time)[0]): {name: self._value(name, time) for name in self.series} for time in self.times}

    def _groups(self) -> list[Any]:
        return [
            {
                "name": name,
                "unit": "mm",
                "points": [
                    {self.time_name: self.when(time)[0], "value": self._value(name, time)} for time in self.times
                ],
            }
            for name in self.series
        ]

    def _features(self) -> dict[str, Any]:
        place = {"type": "Point", "coordinates": [-7.93, 37.01]}
        return {
            "type": "FeatureCollection",
            "features": [{"type": "Feature", "geometry": place, "properties": each} for each in self._records()],
        }


def _shaped(name: str) -> Kind:
    def shape(draft: AnswerDraft) -> bool | None:
        draft.shape = name
        return not (name in {"groups", "long"} and draft.beside)

    shape.__name__ = f"json_{name.removesuffix('_of')}"
    return shape  # type: ignore[return-value]


def _paged(name: str) -> Kind:
    def paging(draft: AnswerDraft) -> bool | None:
        draft.paging, draft.size = name, draft.rng.choice([10, 25, 50])
        if name in {"page", "offset"} and not draft.place:
            draft.place = ("data",)
        return (
            draft.shape in {"records", "long", "nested"}
            and len(draft.times) * (len(draft.series) if draft.shape == "long" else 1) > 60
        )

    paging.__name__ = f"paged_{name}"
    return paging  # type: ignore[return-value]


def envelope(draft: AnswerDraft) -> None:
    draft.place = draft.rng.choice(
        [("data",), ("results",), ("response", "items"), ("d", "results"), ("payload", "series", "values")]
    )


def seconds(draft: AnswerDraft) -> bool | None:
    draft.when = lambda time: [time // SECOND]
    draft.time_name = draft.rng.choice(["time", "ts", "timestamp", "dt", "epoch"])
    return draft.times[0] // SECOND > 10**8


def milliseconds(draft: AnswerDraft) -> bool | None:
    draft.when = lambda time: [time // 1000]
    return draft.times[0] // SECOND > 10**8


def time_name(draft: AnswerDraft) -> None:
    draft.time_name = draft.rng.choice(
        ["observedAt", "date_time", "datum", "fecha", "phenomenonTime", "t", "periodo", "Datum/Zeit"]
    )


def numbers_as_text(draft: AnswerDraft) -> None:
    mark = draft.rng.choice([".", ".", ","])
    draft.as_text = lambda value: repr(value).replace(".", mark)
    digits = {len(repr(value).partition(".")[2]) for line in draft.series.values() for value in line.values()}
    if max(digits) == 3:
        draft.doubts.append("three decimals")


def holes(draft: AnswerDraft) -> None:
    for name, line in draft.series.items():
        gone = draft.rng.sample(draft.times, max(1, len(draft.times) // draft.rng.choice([4, 8, 20])))
        draft.series[name] = {time: value for time, value in line.items() if time not in gone}


def null_at_the_head(draft: AnswerDraft) -> bool | None:
    name = list(draft.series)[-1]
    draft.series[name] = {time: draft.series[name][time] for time in draft.times[len(draft.times) // 2 :]}
    return len(draft.series) > 1


def newest(draft: AnswerDraft) -> None:
    draft.newest = True


def _with(name: str, *fields: tuple[str, Callable[[int, int], Any]]) -> Kind:
    def beside(draft: AnswerDraft) -> None:
        draft.beside = (*draft.beside, *fields)

    beside.__name__ = f"with_{name}"
    return beside  # type: ignore[return-value]


def created(draft: AnswerDraft) -> None:
    draft.beside = (
        *draft.beside,
        ("created_at", lambda n, time: f"{from_micros(time + 3 * DAY + n % 7 * MINUTE):%Y-%m-%dT%H:%M:%SZ}"),
    )
    draft.doubts.append("two times")


def places(draft: AnswerDraft) -> None:
    """Several stations with names of their own."""
    names = draft.rng.sample(PLACES, draft.rng.randint(2, 4))
    draft.series = {name: measured(draft) for name in names}
    draft.shape = "long"


SHAPES = ("records", "long", "nested", "columns_of", "rows_of", "table", "keyed", "groups", "features")
GROUPS: dict[str, tuple[Kind, ...]] = {
    "shapes": (*map(_shaped, SHAPES), places),
    "places": (envelope,),
    "times": (
        seconds, milliseconds, iso, offsets, day_first, short_year, interval, month_codes, quarters, words, years,
        packed, twelve_hours,
    ),
    "names": (time_name,),
    "numbers": (numbers_as_text, holes, null_at_the_head),
    "beside": (
        _with("id", ("id", lambda n, time: 40_000 + n)),
        _with("station", ("station_id", lambda n, time: 4711), ("station", lambda n, time: "Faro")),
        _with("coordinates", ("latitude", lambda n, time: 37.0194), ("longitude", lambda n, time: -7.93)),
        _with("quality", ("quality", lambda n, time: 1)),
        _with("flag", ("status", lambda n, time: "AAV"[n * 5 % 3])),
        _with("year", ("year", lambda n, time: from_micros(time).year)),
        _with("uuid", ("uuid", lambda n, time: f"{n * 7919:08x}-{n:04x}")),
        _with("text", ("remark", lambda n, time: "ok")),
        created,
    ),
    "order": (newest,),
    "pages": tuple(map(_paged, ("page", "offset", "cursor", "next", "link"))),
}  # fmt: skip
