"""Detects a year, month, week or day that the user's URL pins.

The name of the parameter does not matter: the times of the sample all lie in what its value says, and those that come
for the value before or after all lie in that one. A year may begin in any month.
"""

import re
from collections.abc import Awaitable, Callable, Iterator
from datetime import datetime, timedelta

import httpx

from slackwater.discover.api.paging.pagination import Pages
from slackwater.discover.api.probe import Probe
from slackwater.discover.api.records.layout import Layout
from slackwater.discover.api.time_filter.time_filter_names import OTHER_FORMS, Filter, names_of
from slackwater.discover.inference.words import set_of
from slackwater.errors import Question
from slackwater.model.checkpoint import Interval
from slackwater.model.instants import DAY, EARLIEST, HOUR, LATEST, YEAR, from_micros
from slackwater.runtime.api.time_filters import TimeFilter, TimeRange
from slackwater.runtime.api.url_parameters import called, days_in_path, in_path, parts_of_path, with_params

_AWAY = 14  # hours; no zone is further from UTC
_FURTHEST = 366  # days to a time in another year, month, week or day
_TODAY = set_of("today hoje hoy heute oggi vandaag")
_MONTHS_OF_QUARTER = 3  # of 12

Writer = Callable[[datetime], str]


def _strftime(form: str) -> Writer:
    return lambda at: at.strftime(form)


def _quarter(at: datetime) -> str:
    return str((at.month - 1) // _MONTHS_OF_QUARTER + 1)


_FORMS = ("%Y", "%Y-%m", "%Y/%m", "%Y%m", "%m-%Y", "%m/%Y", "%m.%Y", "%m", "%b", "%B", "%G-W%V", "%V", "%Y-%m-%d")
_CLOCK = re.compile(r"(?<=\d{4}-\d\d-\d\d)[T ][\d:.]+(?:Z|[+-]\d\d:?\d\d)?", re.ASCII)  # behind a day, for all of it
_FILE_TYPE = re.compile(r"\.(?:json|csv|tsv|xml|txt|geojson)$", re.IGNORECASE)  # behind a year: `2026.json`
_LISTED = re.compile(r"[,;|]")  # between several
_YEARS = re.compile(r"((?:19|20)\d\d)(?:([-/])((?:19|20)?\d\d))?", re.ASCII)  # one, or a season of two: 2025/26
_WRITERS: tuple[Writer, ...] = (
    *map(_strftime, (*_FORMS, *OTHER_FORMS)),
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


def _season(value: str, step: int) -> str | None:
    """Return the year, or the season of two years, that is so many later."""
    match = _YEARS.fullmatch(value)
    if match is None:
        return None
    first, mark, second = match.groups()
    if second is None:
        return str(int(first) + step)
    if not first.endswith(str(int(second[-2:]) - 1).zfill(2)[-2:]):
        return None
    return f"{int(first) + step}{mark}{str(int(first) + 1 + step)[-len(second) :]}"


def _beside_by_a_year(known: list[int], came: list[int], step: int) -> bool:
    """Check for times of the year before the known ones, or of the one after."""
    if not came:
        return False
    first, second = (came, known) if step < 0 else (known, came)
    whole = YEAR + 2 * DAY
    return max(first) < min(second) and max(came) - min(came) <= whole and abs(min(second) - min(first)) <= whole


async def refuse_pinned(probe: Probe, layout: Layout, pages: Pages, found: Filter | None = None) -> None:
    """Raise a Question if the URL pins one year, month, week or day of several.

    `found` is the time filter that the source honours, perhaps within that part alone. What names pages pins nothing.
    """
    times = layout.times([*pages.widest.records, *pages.more])  # what lies on a second page is not left out
    known = [time for time in times if time is not None]
    params = [*httpx.URL(probe.begun).params.items(), *days_in_path(probe.begun), *parts_of_path(probe.begun)]
    taken = {*pages.params, *(vars(pages.paging).values() if pages.paging else ()), *(names_of(found) if found else ())}
    ends_today = not found and (
        len(set(known)) > 1 and probe.now() - DAY <= max(known) <= probe.now() + DAY and max(known) - min(known) <= DAY
    )
    for name, value in params if ends_today else ():
        if value.lower() in _TODAY:
            raise Question(
                f"The URL asks for {value} alone by {called(name, probe.begun)}, and no parameters for a time range "
                "were found: other days would be missing. Give time_filter, the names of the two parameters, or set "
                "time_filter to none to keep to this.",
                field="time_filter",
                alternatives=[{"time_filter": "none"}],
            )
    pinned: list[str] = []
    for name, value in params if known else ():
        if name in taken or (in_path(name) and any(map(in_path, pinned))):  # parts of one that are looked at together
            continue
        if await _pins(probe, layout, known, name, value):
            pinned.append(name)
    if not pinned or await _reaches_out(probe, layout, known, found):
        return
    names = " and ".join(called(each, probe.begun) for each in pinned)
    raise Question(
        f"The URL selects a part of the time by {names}, and other records came for another one: what lies outside "
        "would be missing. Leave it out of location if the source gives all then, or set time_filter to none to keep "
        "to this part.",
        field="time_filter",
        alternatives=[{"time_filter": "none"}],
    )


async def _reaches_out(probe: Probe, layout: Layout, known: list[int], found: Filter | None) -> bool:
    """Check whether the time filter selects what lies before the known times all the same."""
    if not isinstance(found, TimeFilter | TimeRange):
        return False
    end = min(known) - found.unit
    start = end - min(max(max(known) - min(known), found.unit), found.widest or YEAR)
    answer = await probe.ask(found.params(Interval(max(start, EARLIEST + YEAR), end), layout.zone))
    return bool(answer and any(time is not None and time < min(known) for time in layout.times(answer.records)))


async def _pins_several(known: list[int], parts: list[str], times_for: Callable[[str], Awaitable[list[int]]]) -> bool:
    """Check whether a list names the sample's years, months or days, and selects."""
    for write in _WRITERS:
        said = {write(from_micros(time)) for time in known}
        if said <= set(parts) and 2 * len(said) > len(parts):
            for other in _beside(known, write(from_micros(min(known))), write):
                if other not in parts and _all_in(came := await times_for(other), other, write):
                    return not set(came) & set(known)
    return False


async def _pins(probe: Probe, layout: Layout, known: list[int], name: str, value: str) -> bool:
    """Check whether other times come for the value before, or the one after."""

    async def times_for(other: str) -> list[int]:
        answer = await probe.ask({}, with_params(probe.begun, {name: other}))
        return [time for time in layout.times(answer.records) if time is not None] if answer else []

    if len(parts := _LISTED.split(value)) > 1:
        return await _pins_several(known, parts, times_for)
    more = _CLOCK.search(value) or _FILE_TYPE.search(value)
    day, behind = (value[: more.start()], more[0]) if more else (value, "")
    for write in _WRITERS:
        if not _all_in(known, day, write):
            continue
        for other in _beside(known, day, write):
            came = await times_for(other + behind)
            if _all_in(came, other, write) and not set(came) & set(known):
                return True
    years = {from_micros(time).year for time in (min(known), max(known))}
    if max(known) - min(known) > YEAR + 2 * DAY or not any(str(year) in value for year in (*years, max(years) + 1)):
        return False
    beside = [(step, season) for step in (-1, 1) if (season := _season(day, step)) is not None]
    return any([_beside_by_a_year(known, await times_for(season + behind), step) for step, season in beside])
