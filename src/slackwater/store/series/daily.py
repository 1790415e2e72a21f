"""Counts the new points of each day, over all wrappers.

Whoever stores points holds the row until its commit is on the disk, and with one row for all of them no two commits
could be on their way at once. So a day has several, each for a share of the wrappers.
"""

from zlib import crc32

import sqlalchemy as sa

from slackwater.model.instants import DAY
from slackwater.store.engine.driver import driver_of
from slackwater.store.schema import daily

ROWS = 16  # of a day; chosen: as many commits at once are more than one disk has any use for
STEP = 1_000_000  # between the numbers of two rows of a day; days since 1970 reach it in the year 4707

_COUNT = (
    "INSERT INTO daily (day, points) VALUES (?, ?) "
    "ON CONFLICT (day) DO UPDATE SET points = daily.points + excluded.points"
)


def count(c: sa.Connection, wrapper_id: str, new: int, now: int) -> None:
    """Add the new points of a wrapper to those of today.

    `now` is in µs since the epoch.
    """
    driver_of(c).run(c, _COUNT, (row_of(wrapper_id, now), new))


def row_of(wrapper_id: str, now: int) -> int:
    """Return the number of the row that a wrapper shares today.

    `now` is in µs since the epoch.
    """
    return now // DAY + crc32(wrapper_id.encode()) % ROWS * STEP


def points_of_today(c: sa.Connection, now: int) -> int:
    """Return how many points were new since midnight, UTC.

    `now` is in µs since the epoch.
    """
    mine = daily.c.day.in_([now // DAY + row * STEP for row in range(ROWS)])
    counted: int | None = c.execute(sa.select(sa.func.sum(daily.c.points)).where(mine)).scalar()
    return int(counted or 0)
