"""Declares time filters and turns windows into query parameters."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Protocol

from slackwater.errors import BadSource
from slackwater.model.checkpoint import Interval
from slackwater.model.instants import DAY, EARLIEST, HOUR, LATEST, MINUTE, SECOND, from_micros, parse_iso
from slackwater.model.periodicity import parse_duration
from slackwater.runtime.api.alignment import LABELS, Steps, steps_of

_UNITS = {  # form → µs that it can tell apart
    "iso": SECOND,
    "date": DAY,
    "quarter": 92 * DAY,
    "epoch_s": SECOND,
    "epoch_ms": 1000,
    "epoch_us": 1,
}
_DIRECTIVES = (  # finest first: the unit of a strptime form is that of the finest directive in it
    ("%f", 1),
    ("%S", SECOND),
    ("%X", SECOND),
    ("%T", SECOND),
    ("%M", MINUTE),
    ("%H", HOUR),
    ("%I", HOUR),
    ("%d", DAY),
    ("%j", DAY),
    ("%x", DAY),
    ("%F", DAY),
    ("%m", 31 * DAY),
    ("%b", 31 * DAY),
    ("%B", 31 * DAY),
    ("%Y", 366 * DAY),
    ("%y", 366 * DAY),
)


class WindowFilter(Protocol):
    """A way to ask for a time range; TimeFilter, TimeRange and TimeSince are."""

    @property
    def unit(self) -> int:
        """The span in µs that the parameters can tell apart."""
        ...

    @property
    def widest(self) -> int | None:
        """The widest span (µs) of one request, None without bound."""
        ...

    @property
    def empty(self) -> int | None:
        """The status of a range without data, None where that is a success like others."""
        ...

    @property
    def most(self) -> int | None:
        """The most records of one answer, None where it is not known."""
        ...

    @property
    def label(self) -> str:
        """What the times of buckets are: their `start`, their `end`, or a `moment`."""
        ...

    def params(self, window: Interval, zone: tzinfo = UTC, latest: int | None = None) -> Mapping[str, str]:
        """Return the query parameters for `window`.

        `zone` is that of forms that name none. No end after `latest` (µs) is asked for.
        """
        ...

    def steps(self, zone: tzinfo = UTC) -> Steps | None:
        """Return the multiples that edges of windows lie on, None where they may lie anywhere."""
        ...


@dataclass(frozen=True)
class TimeFilter:
    """The pair of query parameters that asks for a time range.

    A name such as `/3` is the third part of the URL's path, `/3-5` the third to the fifth with `/` between them.
    `form` is `iso`, `date`, `quarter`, `epoch_s`, `epoch_ms`, `epoch_us` or a strptime format. A form that is coarser
    than the range asks for more, never for less. `inclusive_start` and `inclusive_end` say whether a record at exactly
    that moment comes back; where it does not, one unit more is asked for. `longest` is the longest range that the
    source answers at once (`P31D`); wider windows are read in parts. `empty` is the status of a range
    without data, where that is no success; 500 and more count only beside words that say so. `most` is how many
    records the source gives at once, if it has no pages: of an answer with so many it is not known whether it is all,
    and shorter ranges are asked for. That it gives no fewer than that is found out while reading.

    `align` is the step of a source whose answer depends on where the range begins and ends (`PT1H`, `P1M`): each edge
    is moved outwards to a multiple of it, counted from `anchor` (without: 1970 in UTC; days and months begin where the
    wrapper's time zone says). `label` says what a time is: `start` or `end` of its bucket, or a `moment`, where the
    source counts its steps from the asked start. A bucket that is not over yet is left for a later run.
    """

    from_param: str
    to_param: str
    form: str = "iso"
    inclusive_start: bool = True
    inclusive_end: bool = True
    longest: str | None = None
    empty: int | None = None
    most: int | None = None
    align: str | None = None
    anchor: str | None = None
    label: str = "start"

    def __post_init__(self) -> None:
        _check("TimeFilter", self)

    @property
    def unit(self) -> int:
        """The span in µs that the parameters can tell apart."""
        return _unit_requested(self)

    @property
    def widest(self) -> int | None:
        """The widest span (µs) of one request, None without bound."""
        return parse_duration(self.longest) if self.longest else None

    def steps(self, zone: tzinfo = UTC) -> Steps | None:
        """Return the multiples that edges of windows lie on, None where they may lie anywhere."""
        return _steps(self, zone)

    def params(self, window: Interval, zone: tzinfo = UTC, latest: int | None = None) -> Mapping[str, str]:
        """Return the query parameters for `window`, with no end after `latest`."""
        start, end = _edges(self, window, zone, latest)
        return {self.from_param: start, self.to_param: end}


@dataclass(frozen=True)
class TimeRange:
    """A time filter of one query parameter; `template` holds both ends of the range.

    `TimeRange("datetime")` is `datetime=2024-01-01T00:00:00Z/2024-02-01T00:00:00Z`; `TimeRange("$where", "day between
    '{start}' and '{end}'")` a condition. The rest is as in TimeFilter.
    """

    param: str
    template: str = "{start}/{end}"
    form: str = "iso"
    inclusive_start: bool = True
    inclusive_end: bool = True
    longest: str | None = None
    empty: int | None = None
    most: int | None = None
    align: str | None = None
    anchor: str | None = None
    label: str = "start"

    def __post_init__(self) -> None:
        _check("TimeRange", self)
        if "{start}" not in self.template or "{end}" not in self.template:
            raise BadSource(f"TimeRange: the template {self.template!r:.200} must contain {{start}} and {{end}}.")

    @property
    def unit(self) -> int:
        """The span in µs that the parameters can tell apart."""
        return _unit_requested(self)

    @property
    def widest(self) -> int | None:
        """The widest span (µs) of one request, None without bound."""
        return parse_duration(self.longest) if self.longest else None

    def steps(self, zone: tzinfo = UTC) -> Steps | None:
        """Return the multiples that edges of windows lie on, None where they may lie anywhere."""
        return _steps(self, zone)

    def params(self, window: Interval, zone: tzinfo = UTC, latest: int | None = None) -> Mapping[str, str]:
        """Return the query parameter for `window`, with no end after `latest`."""
        start, end = _edges(self, window, zone, latest)
        return {self.param: self.template.replace("{start}", start).replace("{end}", end)}


@dataclass(frozen=True)
class TimeSince:
    """A time filter of one query parameter for a start, without an end.

    `TimeSince("since")` is `since=2024-01-01T00:00:00Z`. `earliest` is the first day that the source understands, where
    that is not the first of the calendar. The rest is as in TimeFilter. The history is read in one go, and then what is
    newer.
    """

    param: str
    form: str = "iso"
    inclusive_start: bool = True
    earliest: str | None = None
    empty: int | None = None
    align: str | None = None
    anchor: str | None = None
    label: str = "start"

    def __post_init__(self) -> None:
        _check_form("TimeSince", self.form)
        _check_steps("TimeSince", self)
        try:
            parse_iso(self.earliest or "2000-01-01")
        except ValueError as error:
            raise BadSource(f"TimeSince: earliest: {error}.") from None

    @property
    def unit(self) -> int:
        """The span in µs that the parameter can tell apart."""
        return _unit_requested(self)

    @property
    def widest(self) -> None:
        """No bound: there is no end to ask for."""
        return

    @property
    def most(self) -> None:
        """Not known; what comes is gone on from."""
        return

    def steps(self, zone: tzinfo = UTC) -> Steps | None:
        """Return the multiples that the start lies on, None where it may lie anywhere."""
        return _steps(self, zone)

    def params(self, window: Interval, zone: tzinfo = UTC, latest: int | None = None) -> Mapping[str, str]:
        """Return the query parameter for the start of `window`; `zone` completes zoneless forms."""
        start = _start(self, window, zone)
        earliest = parse_iso(self.earliest) if self.earliest else EARLIEST
        return {self.param: written(max(start, earliest), self.form, zone)}


def _edges(time_filter: TimeFilter | TimeRange, window: Interval, zone: tzinfo, latest: int | None) -> tuple[str, str]:
    """Return both ends of what to ask for, as the source wants them written."""
    unit = _unit_in(time_filter, zone)
    start = _start(time_filter, window, zone)
    end = window.end + unit - 1 + (0 if time_filter.inclusive_end else unit)
    if (steps := time_filter.steps(zone)) is not None:
        end = steps.ceil(window.end) + unit - 1  # what comes of the next bucket is no point of this window
    end = end if latest is None else min(end, latest)
    return written(start, time_filter.form, zone), written(end, time_filter.form, zone)


def _start(time_filter: TimeFilter | TimeRange | TimeSince, window: Interval, zone: tzinfo) -> int:
    start = window.start - (0 if time_filter.inclusive_start else _unit_in(time_filter, zone))
    if (steps := time_filter.steps(zone)) is None:
        return start
    # Where times are the ends of buckets, the one that ends where the window begins is part of it.
    return steps.floor(steps.floor(start) - 1) if time_filter.label == "end" else steps.floor(start)


def _unit_in(time_filter: TimeFilter | TimeRange | TimeSince, zone: tzinfo) -> int:
    unit = unit_of(time_filter.form) or SECOND
    return unit + (HOUR if unit >= DAY and zone is not UTC else 0)  # a day with a change of clocks has 25 hours


def written(moment: int, form: str, zone: tzinfo = UTC) -> str:
    """Return a moment (µs) in a form, cut to its unit."""
    # A day from either end of the calendar, so that every zone can say it.
    moment = min(max(moment, EARLIEST + DAY), LATEST - DAY)
    if form.startswith("epoch"):
        return str(moment // _UNITS[form])
    if form == "iso":
        return from_micros(moment).replace(microsecond=0, tzinfo=None).isoformat() + "Z"
    local = from_micros(moment).astimezone(zone)
    if form == "date":
        return local.date().isoformat()
    if form == "quarter":
        return f"{local.year:04}-Q{(local.month + 2) // 3}"
    # strftime leaves out the zeros of a year before 1000.
    return local.strftime(form.replace("%Y", f"{local.year:04}"))


def unit_of(form: str) -> int | None:
    """Return the resolution (µs) of a time form, None for an unknown form."""
    return _UNITS.get(form) or _unit(form)


def _check_form(what: str, form: str) -> None:
    if unit_of(form) is None:
        raise BadSource(f"{what}: form {form!r} is none of {', '.join(_UNITS)}, nor a format such as %Y-%m-%d %H:%M.")


def _steps(time_filter: TimeFilter | TimeRange | TimeSince, zone: tzinfo) -> Steps | None:
    if time_filter.align is None:
        return None
    return steps_of(time_filter.align, parse_iso(time_filter.anchor) if time_filter.anchor else 0, zone)


def _unit_requested(time_filter: TimeFilter | TimeRange | TimeSince) -> int:
    steps = time_filter.steps()
    return max(unit_of(time_filter.form) or SECOND, steps.width if steps else 0)


def _check(what: str, time_filter: TimeFilter | TimeRange) -> None:
    _check_form(what, time_filter.form)
    _check_steps(what, time_filter)
    if time_filter.most is not None and time_filter.most < 1:
        raise BadSource(f"{what}: most must be at least 1, not {time_filter.most}.")
    if time_filter.longest is not None:
        try:
            parse_duration(time_filter.longest)
        except ValueError as error:
            raise BadSource(f"{what}: longest: {error}.") from None


def _check_steps(what: str, time_filter: TimeFilter | TimeRange | TimeSince) -> None:
    if time_filter.label not in LABELS:
        raise BadSource(f"{what}: label {time_filter.label!r:.40} is none of {', '.join(LABELS)}.")
    if time_filter.align is not None:
        try:
            steps_of(time_filter.align)
        except ValueError as error:
            raise BadSource(f"{what}: align: {error}.") from None
    if time_filter.anchor is not None:
        try:
            parse_iso(time_filter.anchor)
        except ValueError as error:
            raise BadSource(f"{what}: anchor: {error}.") from None


def _unit(form: str) -> int | None:
    try:
        datetime.strptime(datetime(2001, 12, 29, tzinfo=UTC).strftime(form), form)  # noqa: DTZ007 - only tried
    except ValueError:
        return None
    return next((unit for directive, unit in _DIRECTIVES if directive in form), None)
