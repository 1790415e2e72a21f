"""Sources that publish late are followed: what lies after the newest point is not covered, however empty it was."""

import time
from pathlib import Path

import pytest
from followed import following

from budget import some
from slackwater.model.instants import DAY, HOUR, MINUTE
from sources import Feed


def hours(until: int, count: int, series: str = "value", step: int = HOUR) -> list[tuple[int, float, str]]:
    return [(until - step * n, float(n % 97), series) for n in range(count)]


SHAPES = {
    "time filter": {"time_filter": ("from", "to")},
    "pages and time filter": {"paging": "offset", "page_size": 50, "time_filter": ("from", "to")},
    "no time filter": {"paging": "offset", "page_size": 50},
}


@pytest.mark.parametrize("delay", some([1, 24, 40], 24))
@pytest.mark.parametrize("kind", some(SHAPES, "time filter", "no time filter"))
async def test_what_is_published_late_is_stored(tmp_path: Path, kind: str, delay: int) -> None:
    newest = time.time_ns() // 1000 // HOUR * HOUR - delay * HOUR
    async with following(tmp_path, Feed(hours(newest, 300)), "hourly", **SHAPES[kind]) as followed:
        for n in range(3):
            published = newest - 0 + (4 * n + 4) * HOUR
            followed.feed.extend(
                (x, 7.0, "value") for x in range(newest + (4 * n + 1) * HOUR, published + 1, HOUR) if x < _now()
            )
            requests = await followed.poll()
            await followed.is_complete()
            if kind == "time filter":
                assert requests <= 2


async def test_series_that_lag_one_another_lose_nothing(tmp_path: Path) -> None:
    """One series to the minute, one by three days: both advance, and later polls need no deep look."""
    now = _now() // MINUTE * MINUTE
    prompt, slow = now - 2 * MINUTE, now - 3 * DAY
    feed = Feed([*hours(prompt, 400, "a", MINUTE), *hours(slow, 400, "b", MINUTE)])
    async with following(tmp_path, feed, "1m", time_filter=("from", "to"), series_field="station") as followed:
        followed.deep = True
        for n in range(1, 4):
            feed.extend([(slow + n * MINUTE, 1.0, "b")])
            await followed.poll()
            await followed.is_complete()
            followed.deep = False  # it has been seen to advance: it is live now


@pytest.mark.long
async def test_a_dead_station_makes_no_poll_long(tmp_path: Path) -> None:
    now = _now() // HOUR * HOUR
    feed = Feed([*hours(now - HOUR, 300, "a"), *hours(now - 300 * DAY, 300, "dead")])
    async with following(tmp_path, feed, "hourly", time_filter=("from", "to"), series_field="station") as followed:
        await followed.poll()
        feed.extend([(now, 5.0, "a")])
        await followed.poll()
        asked = followed.endpoint.requests[-1].query["from"]
        assert asked > time.strftime("%Y-%m-%d", time.gmtime(now // 1_000_000 - 3 * 86_400)), asked
        await followed.is_complete()


def _now() -> int:
    return time.time_ns() // 1000
