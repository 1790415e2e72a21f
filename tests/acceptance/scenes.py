"""Wrappers brought into a state: what the tests of stop and resume begin with."""

import io
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import openpyxl

from service import Service, eventually
from slackwater.model.instants import WEEK, from_micros, iso
from sources import Endpoint, Feed, SourceServer

FEED = ("2000-01-01T00:00:00Z", WEEK, 1400)
API = {"records": "items", "paging": "offset", "page_size": 50, "max_page_size": 50, "time_filter": ("from", "to")}

SLOW_FILE = """
import asyncio
from slackwater import FileWrapper

class Slow(FileWrapper):
    async def pages(self, window, token, run):
        async for page in super().pages(window, token, run):
            yield page
            await asyncio.sleep(0.15)

wrapper = Slow(time="time", values=["level"])
"""
ROWS = 25_000


def rows(count: int = ROWS) -> list[tuple[int, float]]:
    """(µs, value) of a file with a row every minute."""
    start = 1_577_836_800_000_000
    return [(start + 60_000_000 * n, (n % 977) / 4) for n in range(count)]


@cache
def csv_of(count: int) -> bytes:
    """A CSV file of so many rows; made once."""
    return csv(rows(count))


@cache
def xlsx_of(count: int) -> bytes:
    """An Excel file of so many rows; made once, because that takes longer than reading it."""
    return xlsx(rows(count))


def csv(points: list[tuple[int, float]]) -> bytes:
    return ("time,level\n" + "".join(f"{iso(x)},{y}\n" for x, y in points)).encode()


def xlsx(points: list[tuple[int, float]]) -> bytes:
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("Data")
    sheet.append(["time", "level"])
    for x, y in points:
        sheet.append([from_micros(x).replace(tzinfo=None), y])
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


@dataclass
class Scene:
    """A wrapper, and the truth about its source."""

    service: Service
    wrapper_id: str
    source_type: str
    truth: Callable[[], dict[str, dict[int, float]]]
    endpoint: Endpoint | None = None

    def assert_complete(self) -> None:
        assert self.service.stored(self.wrapper_id) == self.truth()


def api(
    service: Service, source: SourceServer, *, delay: float = 0.03, feed: Feed | None = None, **shape: object
) -> Scene:
    """An API wrapper whose back-fill takes a while; it is being generated when this returns."""
    feed = feed or Feed.regular(*FEED)
    endpoint = source.serve("/v1/levels", feed, **({"delay": delay} | API | shape))
    wrapper_id = service.generate("API", {"location": endpoint.url}, periodicity="weekly")
    return Scene(service, wrapper_id, "API", feed.points, endpoint)


def file(service: Service, source_type: str, *, slow: bool = True, count: int = ROWS) -> Scene:
    """A file wrapper that has read its file; `slow` makes the next reading take about a second."""
    points = rows(count)
    name, content = ("level.csv", csv_of(count)) if source_type == "CSV" else ("level.xlsx", xlsx_of(count))
    upload = service.upload(name, content)
    assert upload["validation_status"] == "valid", upload
    wrapper_id = service.generate(source_type, {"file_id": upload["file_id"]})
    service.wait_for(wrapper_id, "completed")
    if slow:
        service.patch(wrapper_id, generated_code=SLOW_FILE)
    return Scene(service, wrapper_id, source_type, lambda: {"level": dict(points)})


def reading(scene: Scene) -> None:
    """Wait until a run of the wrapper has stored some points and has a process."""
    eventually(
        lambda: (
            scene.service.process_id(scene.wrapper_id)
            and any(
                run["outcome"] == "running" and run["points_received"] > 0
                for run in scene.service.runs(scene.wrapper_id)
            )
        )
    )


def module(body: str) -> str:
    """A hand-written module whose `fetch` runs `body`; `window` and `http` are there, and os, time, signal, asyncio."""
    return (
        "import asyncio, os, signal, sys, time\n"
        "from datetime import timedelta\n"
        "from slackwater import Point, Wrapper\n\n"
        "class Hand(Wrapper):\n"
        "    whole = True\n"
        "    async def fetch(self, window, http):\n"
        + textwrap.indent(textwrap.dedent(body).strip() + "\n", " " * 8)
        + "\nwrapper = Hand()\n"
    )
