"""Wrappers of the campaign, each beside the whole truth about its source: a model that is simple enough to be right."""

import threading
import time
from collections import defaultdict
from dataclasses import dataclass, field

from ledger import Entry, Points, broken_promises, entry, points_of

import scenes
from service import Service, eventually
from slackwater.model.instants import WEEK
from sources import Endpoint, Feed, SourceServer

LOOKBACK = 12 * WEEK  # what a poll of a weekly source fetches again
FILE_ROWS = 12_000
SLOW_FILE = scenes.SLOW_FILE.replace("0.15", "0.08")


@dataclass
class Life:
    """A wrapper as it should be."""

    service: Service
    wrapper_id: str
    kind: str  # windows, whole, or file
    feed: Feed
    endpoint: Endpoint | None = None
    executing: bool = True  # what was asked of it last, and answered
    deleted: bool = False
    ever: dict[str, dict[int, set[float]]] = field(default_factory=lambda: defaultdict(lambda: defaultdict(set)))
    settled: Points = field(default_factory=dict)
    unsure: set[int] = field(default_factory=set)  # published where the wrapper need not look again
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def __post_init__(self) -> None:
        self._saw()
        self.settle()

    def _saw(self) -> None:
        for series, line in self.feed.points().items():
            for x, y in line.items():
                self.ever[series][x].add(y)

    def settle(self) -> None:
        """Note that whatever will be covered from now on is to hold all that the source shows now."""
        self.settled = self.feed.points()
        self.unsure.clear()

    # What the source does

    def publish(self, when: int, value: float) -> None:
        """Let the source show a new point, or another value of one that it has shown."""
        with self._lock:
            known = self.entry()
            series = next(iter(self.feed.points()))
            self.ever[series][when].add(value)
            if known and self.kind == "windows" and self._too_late(known, when):
                self.unsure.add(when)
            self.settled.get(series, {}).pop(when, None)
            self.feed.extend([(when, value, series)])

    def _too_late(self, known: Entry, when: int) -> bool:
        """Whether what is published at `when` comes later than promised: each run looks `lookback` behind the last."""
        return any(start <= when < end - LOOKBACK // 2 for start, end in known.covered)

    # What is looked at

    def entry(self) -> Entry | None:
        return entry(self.service.data_dir, self.wrapper_id)

    def check(self) -> None:
        """Hold the store against the model, whatever is going on; AssertionError names every broken promise."""
        with self._lock:
            stopped = not self.executing
            found = self.entry()
            if found is None:
                assert self.deleted, f"{self} is gone"
                return
            assert not self.deleted, f"{self} is back"
            wrong = broken_promises(found, self.ever, self.settled)
            # Whoever looks is not alone: it counts only when it was stopped before the look and is so after it.
            if stopped and not self.executing and found.status not in ("stopped", "completed", "error"):
                wrong.append(f"it is {found.status} although it was stopped")
            assert not wrong, f"{self}: {'; '.join(wrong)}"

    def check_data(self) -> None:
        """Hold the points of a deleted wrapper against the source."""
        for series, line in points_of(self.service.data_dir, self.wrapper_id).items():
            assert all(y in self.ever[series][x] for x, y in line.items())

    def caught_up(self, now: int, within: float = 30) -> float:
        """Let the wrapper read to its end; stored must be the source then. Return the seconds it took."""
        began = time.monotonic()
        if self.endpoint:
            self.endpoint.faults.clear()
        self.service.stop(self.wrapper_id)
        self.executing = True
        if self.service.wrapper(self.wrapper_id)["generated_code"] is None:
            # Stopped before it had code: it cannot be executed, only generated.
            self.service.http.post(f"/resources/wrappers/{self.wrapper_id}/regenerate").raise_for_status()
            self.settle()
        else:
            self.service.execute(self.wrapper_id, wait=2)
        self.service.caught_up(self.wrapper_id, within=within)
        self.complete(now)
        return time.monotonic() - began

    def complete(self, now: int) -> None:
        """Stored is the source, but for what is dated in the future and what need not be looked at again."""
        found = self.entry()
        assert found is not None
        self.check()
        for series, line in self.feed.points().items():
            due = {x: y for x, y in line.items() if x not in self.unsure and (self.kind != "windows" or x < now)}
            stored = found.stored.get(series, {})
            lost = {x: y for x, y in due.items() if stored.get(x) != y}
            assert not lost, (
                f"{self}: {len(lost)} of {len(due)} points are not in the store as in the source, "
                f"e.g. {next(iter(lost.items()))}, stored {stored.get(next(iter(lost)))}"
            )

    def __str__(self) -> str:
        return f"{self.kind} {self.wrapper_id[:8]}"


def born(
    service: Service,
    source: SourceServer,
    kind: str,
    number: int,
    *,
    count: int = 700,
    delay: float = 0.01,
    name: str = "a test",
    **other: object,
) -> Life:
    """Generate a wrapper of that kind on a source of its own."""
    if kind == "file":
        points = scenes.rows(FILE_ROWS)
        upload = service.upload("level.csv", scenes.csv(points))
        feed = Feed((x, y, "level") for x, y in points)
        wrapper_id = service.generate("CSV", {"file_id": upload["file_id"]}, name=name)
        return Life(service, wrapper_id, kind, feed)
    feed = Feed.regular("2012-01-01", WEEK, count)
    shape = {"delay": delay} | scenes.API | ({"time_filter": None} if kind == "whole" else {}) | other
    endpoint = source.serve(f"/v1/{number}", feed, **shape)
    wrapper_id = service.generate("API", {"location": endpoint.url}, periodicity="weekly", name=name)
    return Life(service, wrapper_id, kind, feed, endpoint)


def quiet(service: Service, pids: list[int]) -> None:
    """Wait until none of these processes is alive."""
    from service import alive

    eventually(lambda: not any(map(alive, pids)), within=10)
