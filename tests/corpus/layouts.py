"""A known series in any of the layouts that APIs use: shape × time × number × order × paging × filter × noise."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from api.serving import NEVER, NOW, Answer, Api, Ask, Points, Span, csv, epoch, iso, quarter, text, wall
from slackwater.model.instants import MINUTE

TIMES: Mapping[str, Callable[[int], Any]] = {  # how a time is written; the forms of a field, not of a key
    "iso": iso,
    "iso_offset": lambda time: wall(time + 60 * MINUTE, "%Y-%m-%dT%H:%M:%S+01:00"),
    "iso_no_zone": lambda time: wall(time, "%Y-%m-%d %H:%M:%S"),
    "epoch_s": epoch,
    "epoch_ms": lambda time: time // 1000,
    "day_first": lambda time: wall(time, "%d/%m/%Y %H:%M"),
}
DATES: Mapping[str, Callable[[int], Any]] = {  # of steps of whole months
    "date": lambda time: wall(time, "%Y-%m-%d"),
    "month": lambda time: wall(time, "%Y-%m"),
    "m_month": lambda time: wall(time, "%YM%m"),
    "words": lambda time: wall(time, "%B %Y"),
}
QUARTERS: Mapping[str, Callable[[int], Any]] = {
    "quarter": quarter,
    "spaced_quarter": lambda time: quarter(time, "{year} Q{quarter}"),
}
NUMBERS: Mapping[str, Callable[[float], Any]] = {
    "number": lambda value: value,
    "text": lambda value: text(value, 2),
    "comma": lambda value: text(value, 2, ","),
}
NOISE: Mapping[str, Callable[[int, int], Any]] = {
    "id": lambda n, time: 40_000 + n,
    "created_at": lambda n, time: iso(time + (5 + n % 7) * MINUTE),
    "quality": lambda n, time: 1,
    "station_name": lambda n, time: "Faro",
    "latitude": lambda n, time: 37.0194,
    "version": lambda n, time: 2026,
}
FLAT, PAGED = ("wide", "long", "features"), ("none", "offset", "page", "link", "next", "token")
SHAPES = (*FLAT, "rows", "columns", "keyed", "groups", "csv", "coverage")


@dataclass(frozen=True, kw_only=True)
class Layout:
    """How a provider writes a series down and hands it out."""

    shape: str = "wide"
    time: str = "iso"
    number: str = "number"
    newest_first: bool = False
    paging: str = "none"
    size: int = 40
    filtered: bool = False
    noise: tuple[str, ...] = ()
    place: str | None = "data"  # where the records are; None: the answer itself

    def api(self, points: Points) -> Api:
        """The series behind an API of this layout. All of them have the same times."""
        provider = _Provider(self, points)
        return Api(name="a_law", target="/law", answer=provider.answer, points=points)


class _Provider:
    def __init__(self, layout: Layout, points: Points) -> None:
        self.layout = layout
        self.points = points
        self.times = list(next(iter(points.values())))
        self.when = {**TIMES, **DATES, **QUARTERS}[layout.time]
        self.number = NUMBERS[layout.number]

    def answer(self, ask: Ask) -> Any:
        times = self._span(ask).of(self.times)[:: -1 if self.layout.newest_first else 1]
        match self.layout.shape:
            case "rows":
                return [["time", *self.points], *self._rows(times)]
            case "csv":
                return csv([["time", *self.points], *self._rows(times)], ";")
            case "columns":
                columns = {name: [self.number(line[time]) for time in times] for name, line in self.points.items()}
                return {"unit": "m", "data": {"time": [self.when(time) for time in times], **columns}}
            case "coverage":
                axes = {"t": {"values": [self.when(time) for time in times]}, "x": {"values": [-9.4]}}
                return {
                    "type": "Coverage",
                    "domain": {"type": "Domain", "axes": axes},
                    "ranges": {
                        name: {
                            "type": "NdArray",
                            "axisNames": ["t", "x"],
                            "shape": [len(times), 1],
                            "values": [self.number(line[time]) for time in times],
                        }
                        for name, line in self.points.items()
                    },
                }
            case "keyed":
                return {
                    "meta": {"count": len(times)},
                    "data": {
                        str(self.when(time)): {name: self.number(line[time]) for name, line in self.points.items()}
                        for time in times
                    },
                }
            case "groups":
                return {
                    "series": [
                        {
                            "name": name,
                            "unit": "m",
                            "points": [{"time": self.when(time), "value": self.number(line[time])} for time in times],
                        }
                        for name, line in self.points.items()
                    ]
                }
        return self._paged(ask, self._records(times))

    def _span(self, ask: Ask) -> Span:
        return ask.span("start", "end") if self.layout.filtered else Span(self.times[0], NEVER)

    def _rows(self, times: list[int]) -> list[list[Any]]:
        return [[self.when(time), *(self.number(line[time]) for line in self.points.values())] for time in times]

    def _records(self, times: list[int]) -> list[dict[str, Any]]:
        records = []
        for n, time in enumerate(times):
            noise = {name: NOISE[name](n, time) for name in self.layout.noise}
            if self.layout.shape == "long":
                records += [
                    {"time": self.when(time), "sensor": name, "value": self.number(line[time]), **noise}
                    for name, line in self.points.items()
                ]
            else:
                values = {name: self.number(line[time]) for name, line in self.points.items()}
                records.append({**noise, "time": self.when(time), **values})
        if self.layout.shape == "features":
            return [
                {"type": "Feature", "geometry": {"type": "Point", "coordinates": [-7.9, 37.0]}, "properties": each}
                for each in records
            ]
        return records

    def _paged(self, ask: Ask, records: list[dict[str, Any]]) -> Any:
        size = ask.integer("limit", self.layout.size, least=1, most=200, cut=True)
        match self.layout.paging:
            case "none":
                return self._put(records)
            case "page":
                start = (ask.integer("page", 1, least=1) - 1) * size
            case "token":
                start = int(ask.get("cursor", "t0").lstrip("t") or 0)
            case _:
                start = ask.integer("offset", 0)
        page, more = records[start : start + size], start + size < len(records)
        following = ask.url(offset=start + size) if more else None
        match self.layout.paging:
            case "link":
                headers = {"Link": f'<{following}>; rel="next"'} if more else {}
                return Answer(self._put(page), headers=headers)
            case "next":
                return {"next": following, "data": page}
            case "token":
                return {"data": page, "next_cursor": f"t{start + size}" if more else None}
        return self._put(page)

    def _put(self, records: list[dict[str, Any]]) -> Any:
        if self.layout.shape == "features":
            return {"type": "FeatureCollection", "features": records}
        if self.layout.place is None:
            return records
        return {"generated": iso(NOW), "count": len(records), self.layout.place: records}
