"""Checks the demo: stored equals source, and nothing covered is requested again. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from slackwater.cli.demo.source import Points, Served

# A filter by whole days asks for up to a day more at either end than the window it is meant for.
TOLERANCE = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """Numbers of points."""

    expected: int
    stored: int
    missing: int  # in the source, not stored
    extra: int  # stored, not in the source; a second point of the same time counts, too
    different: int  # stored with another value

    @property
    def same(self) -> bool:
        """Whether stored equals source exactly."""
        return not (self.missing or self.extra or self.different)


def compare(expected: Points, stored: Iterable[dict[str, Any]]) -> Comparison:
    """Compare a source with the points of a resource, as `GET /resources/{id}/data` gives them."""
    found: Points = {}
    total = 0
    for point in stored:
        total += 1
        found[datetime.fromisoformat(point["x"])] = point["y"]
    both = expected.keys() & found.keys()
    return Comparison(
        expected=len(expected),
        stored=total,
        missing=len(expected.keys() - found.keys()),
        extra=len(found.keys() - expected.keys()) + total - len(found),
        different=sum(expected[moment] != found[moment] for moment in both),
    )


@dataclass(frozen=True, kw_only=True)
class Reread:
    """Counts of requests into covered windows, and of stored records served again."""

    requests: int
    records: int


def reread(served: Sequence[Served], covered: Sequence[dict[str, str]], stored_dates: set[str]) -> Reread:
    """Count the requests after a resume that the checkpoint (`covered`) already contained."""
    windows = [(datetime.fromisoformat(part["start"]), datetime.fromisoformat(part["end"])) for part in covered]
    return Reread(
        requests=sum(any(_overlap(page, *window) > TOLERANCE for window in windows) for page in served),
        records=sum(date in stored_dates for page in served for date in page.dates),
    )


def _overlap(page: Served, start: datetime, end: datetime) -> timedelta:
    since = page.since or datetime.min.replace(tzinfo=UTC)
    until = page.until or datetime.max.replace(tzinfo=UTC)
    return min(until, end) - max(since, start)
