"""Computes poll times from a cron expression with time zone, or a period. Pure."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, tzinfo
from typing import Annotated

from cronsim import CronSim, CronSimError
from pydantic import AfterValidator, StringConstraints

from slackwater.model.instants import SECOND, from_micros, to_micros
from slackwater.model.periodicity import parse_periodicity
from slackwater.model.time_zones import zone

CRON_FIELDS = 5  # minute, hour, day of the month, month, weekday
SOME_DAY = 1_700_000_000 * SECOND  # µs since the epoch, in 2023; any moment shows how far apart polls are
LOOKED_AHEAD = 32  # polls, among which the longest pause is sought: four weeks of weekdays


@dataclass(frozen=True)
class Schedule:
    """The poll times: of a cron expression in its zone, or every `period` (µs)."""

    cron: str | None = None
    zone: tzinfo = UTC
    period: int = 0

    def after(self, moment: int) -> int:
        """Return the first poll after one that began at a moment.

        Both in µs since the epoch.
        """
        return next(self._polls(moment))

    def longest_pause(self, moment: int) -> int:
        """Return the longest span between two polls (µs) from a moment on."""
        polls = itertools.islice(self._polls(moment), LOOKED_AHEAD)
        return max((later - poll for poll, later in itertools.pairwise(polls)), default=0)

    def _polls(self, moment: int) -> Iterator[int]:
        if self.cron is None:
            return itertools.count(moment + self.period, self.period)
        return map(to_micros, CronSim(self.cron, from_micros(moment).astimezone(self.zone)))


def parse_schedule(text: str) -> Schedule:
    """Return the schedule that a text names; ValueError says what it may be."""
    words = text.split()
    try:
        return Schedule(period=parse_periodicity(text))
    except ValueError:
        if len(words) not in (CRON_FIELDS, CRON_FIELDS + 1):
            raise ValueError(
                f"{text!r} is no schedule; give a period (6h, Daily, P1D), or minute, hour, day, month and weekday of "
                "a cron expression with its time zone, such as 0 11 * * 1-5 Europe/Lisbon"
            ) from None
    cron, place = " ".join(words[:CRON_FIELDS]), words[CRON_FIELDS:]
    found = Schedule(cron, zone(place[0]) if place else UTC)
    try:
        found.after(SOME_DAY)
    except CronSimError as error:
        raise ValueError(
            f"{cron!r} is no cron expression ({str(error).lower()}); its fields are minute, hour, day, month and "
            "weekday, such as 0 11 * * 1-5"
        ) from None
    except StopIteration:
        raise ValueError(f"{cron!r} names no moment that ever comes; correct its day or month") from None
    return found


def _named(text: str) -> str:
    parse_schedule(text)
    return text


Polls = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200), AfterValidator(_named)]
"""A text that names a schedule."""
