"""Provides the demo's sources: two files, and an HTTP API with pages and windows."""

import csv
import json
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources import files
from pathlib import Path
from threading import Lock, Thread
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, urlencode, urlsplit

DATA = Path(str(files("slackwater.cli") / "demo_data"))
PAGE = 40  # records in one, whatever is asked for: enough pages to watch
DELAY = 0.1  # seconds before each answer: a source on loopback would be read before anybody can stop it

Points = dict[datetime, float]


def co2_records() -> list[dict[str, Any]]:
    """Return the weekly Mauna Loa record, oldest first; None for a missing measurement."""
    with (DATA / "co2.csv").open() as file:
        return [
            {
                "date": datetime.strptime(row["date"], "%Y%m%d").replace(tzinfo=UTC).date().isoformat(),
                "co2": float(row["co2"]) if row["co2"] else None,
            }
            for row in csv.DictReader(file)
        ]


def co2_points() -> Points:
    """Return what is to be stored of the Mauna Loa record."""
    return {_day(row["date"]): row["co2"] for row in co2_records() if row["co2"] is not None}


def sunspot_points() -> Points:
    """Return what is to be stored of `sunspots.csv`."""
    with (DATA / "sunspots.csv").open() as file:
        return {_day(f"{row['YEAR']}-01-01"): float(row["SUNACTIVITY"]) for row in csv.DictReader(file)}


def elnino_points() -> Points:
    """Return the expected points of `elnino.xlsx`, from the workbook's original table."""
    with (DATA / "elnino.csv").open() as file:
        rows = csv.reader(file)
        next(rows)
        return {
            datetime(int(row[0]), month, 1, tzinfo=UTC): float(cell)
            for row in rows
            for month, cell in enumerate(row[1:], start=1)
        }


@dataclass(frozen=True)
class Served:
    """One page request: its window, and the dates of its answer."""

    since: datetime | None
    until: datetime | None
    dates: tuple[str, ...]


class DemoSource:
    """The API on a free loopback port within the `with` block; `served` records pages."""

    def __init__(self, *, delay: float = DELAY) -> None:
        self.records = co2_records()
        self.delay = delay
        self._served: list[Served] = []
        self._lock = Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}/v1/mauna-loa/co2"

    def __enter__(self) -> Self:
        Thread(target=self._server.serve_forever, args=(0.05,), name="demo-source", daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def served(self) -> list[Served]:
        """Every page asked for so far, in order, noted before it is answered."""
        with self._lock:
            return list(self._served)

    def answer(self, query: dict[str, str]) -> dict[str, Any]:
        """Return the page for the query parameters; ValueError names the wrong one."""
        since, until = _moment(query, "from"), _moment(query, "to")
        offset, limit = _number(query, "offset", 0), min(_number(query, "limit", PAGE), PAGE)
        found = list(_between(self.records, since, until))
        page = found[offset : offset + limit]
        with self._lock:
            self._served.append(Served(since, until, tuple(row["date"] for row in page)))
        following = {**query, "offset": offset + limit, "limit": limit}
        return {
            "station": "Mauna Loa",
            "unit": "ppmv",
            "total": len(found),
            "items": page,
            "next": f"{self.url}?{urlencode(following)}" if offset + limit < len(found) else None,
        }


def _handler(source: DemoSource) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            if parts.path.rstrip("/") != urlsplit(source.url).path:
                self._send(HTTPStatus.NOT_FOUND, {"error": f"There is nothing at {parts.path}"})
                return
            try:
                answer = source.answer({name: values[-1] for name, values in parse_qs(parts.query).items()})
            except ValueError as error:
                self._send(HTTPStatus.BAD_REQUEST, {"error": str(error)})
            else:
                time.sleep(source.delay)
                self._send(HTTPStatus.OK, answer)

        def _send(self, status: HTTPStatus, form: dict[str, Any]) -> None:
            content = json.dumps(form).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            # Who asked may have been stopped meanwhile.
            with suppress(ConnectionError):
                self.end_headers()
                self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing: the terminal belongs to the demo."""

    return Handler


def _between(records: list[dict[str, Any]], since: datetime | None, until: datetime | None) -> Iterator[dict[str, Any]]:
    for row in records:
        moment = _day(row["date"])
        if (since is None or moment >= since) and (until is None or moment <= until):
            yield row


def _moment(query: dict[str, str], name: str) -> datetime | None:
    if name not in query:
        return None
    try:
        moment = datetime.fromisoformat(query[name])
    except ValueError:
        raise ValueError(f"{name}={query[name]} is not an ISO 8601 date or time") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _number(query: dict[str, str], name: str, default: int) -> int:
    text = query.get(name, str(default))
    if not text.isdecimal():
        raise ValueError(f"{name}={text} is not a whole number")
    return int(text)


def _day(text: str) -> datetime:
    return datetime.combine(date.fromisoformat(text), datetime.min.time(), UTC)
