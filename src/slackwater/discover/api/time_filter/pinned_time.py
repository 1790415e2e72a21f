"""Detects a year, month, week or day that the user's URL pins.

The name of the parameter does not matter: the times of the sample all lie in what its value says, and those that come
for the value before or after all lie in that one.
"""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import httpx

from slackwater.discover.api.probe import Probe
from slackwater.discover.api.records.layout import Layout
from slackwater.discover.inference.words import set_of
from slackwater.errors import Question
from slackwater.model.instants import DAY, EARLIEST, HOUR, LATEST, from_micros
from slackwater.runtime.api.pagination import with_params

_AWAY = 14  # hours; no zone is further from UTC
_FURTHEST = 366  # days to a time in another year, month, week or day
_TODAY = set_of("today hoje hoy heute oggi vandaag")
_MONTHS_OF_QUARTER = 3  # of 12

Writer = Callable[[datetime], str]


def _strftime(form: str) -> Writer:
    return lambda at: at.strftime(form)


def _quarter(at: datetime) -> str:
    return str((at.month - 1) // _MONTHS_OF_QUARTER + 1)


_FORMS = ("%Y", "%Y-%m", "%Y/%m", "%Y%m", "%m-%Y", "%m/%Y", "%m", "%b", "%B", "%G-W%V", "%V", "%Y-%m-%d", "%Y%m%d")
_WRITERS: tuple[Writer, ...] = (
    *map(_strftime, _FORMS),
    _strftime("%d"),
    lambda at: str(at.month),
    lambda at: str(at.day),
    lambda at: f"{at.year}-Q{_quarter(at)}",
    lambda at: f"{at.year}Q{_quarter(at)}",
    lambda at: f"Q{_quarter(at)}",
)


def _all_in(times: list[int], text: str, write: Writer) -> bool:
    """Check whether all times lie in what a text says, on some zone's clocks."""
    inside = (any(write(from_micros(time + hours * HOUR)) == text for hours in (-_AWAY, 0, _AWAY)) for time in times)
    return bool(times) and all(inside) and any(write(from_micros(time)) == text for time in times)


def _beside(times: list[int], text: str, write: Writer) -> Iterator[str]:
    """Yield the texts that are written before and after the times."""
    room = _FURTHEST * DAY
    for edge, way in ((max(min(times), EARLIEST + room), -1), (min(max(times), LATEST - room), 1)):
        moments = (from_micros(edge) + timedelta(days=way * days) for days in range(1, _FURTHEST + 1))
        if other := next((found for at in moments if (found := write(at)) != text), None):
            yield other


async def refuse_pinned(probe: Probe, layout: Layout, times: list[int | None]) -> None:
    """Raise a Question if the URL pins one year, month, week or day of several."""
    known = [time for time in times if time is not None]
    params = httpx.URL(probe.begun).params.items()
    ends_today = (
        len(set(known)) > 1 and probe.now() - DAY <= max(known) <= probe.now() + DAY and max(known) - min(known) <= DAY
    )
    for name, value in params if ends_today else ():
        if value.lower() in _TODAY:
            raise Question(
                f"The URL asks for {value} alone by `{name}`, and no parameters for a time range were found: other "
                "days would be missing. Give time_filter, the names of the two parameters, or set time_filter to none "
                "to keep to this.",
                field="time_filter",
                alternatives=[{"time_filter": "none"}],
            )
    pinned = [name for name, value in params if await _pins(probe, layout, known, name, value)]
    if not pinned:
        return
    names = " and ".join(f"`{each}`" for each in pinned)
    raise Question(
        f"The URL selects a part of the time by {names}, and other records came for another one: what lies outside "
        "would be missing. Leave it out of location if the source gives all then, or set time_filter to none to keep "
        "to this part.",
        field="time_filter",
        alternatives=[{"time_filter": "none"}],
    )


async def _pins(probe: Probe, layout: Layout, known: list[int], name: str, value: str) -> bool:
    """Check whether other times come for the value before, or the one after."""
    for write in _WRITERS:
        if not _all_in(known, value, write):
            continue
        for other in _beside(known, value, write):
            answer = await probe.ask({}, with_params(probe.begun, {name: other}))
            came = [time for time in layout.times(answer.records) if time is not None] if answer else []
            if _all_in(came, other, write) and not set(came) & set(known):
                return True
    return False
