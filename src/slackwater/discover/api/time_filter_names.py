"""Names and forms of the parameters that may ask for a time range, likeliest first."""

import re
from collections.abc import Iterator, Sequence

import httpx

from slackwater.discover.api.layout import Layout
from slackwater.model.instants import DAY
from slackwater.runtime.api.time_filters import TimeFilter, TimeRange, TimeSince, unit_of

Filter = TimeFilter | TimeRange | TimeSince

PAIRS = (
    ("from", "to"),
    ("start", "end"),
    ("start_date", "end_date"),
    ("startDate", "endDate"),
    ("date_from", "date_to"),
    ("since", "until"),
    ("start_time", "end_time"),
    ("startTime", "endTime"),
    ("from_date", "to_date"),
    ("fromDate", "toDate"),
    ("dateFrom", "dateTo"),
    ("datetime_from", "datetime_to"),
    ("startPeriod", "endPeriod"),
    ("begin", "end"),
    ("begin_date", "end_date"),
    ("startdate", "enddate"),
    ("starttime", "endtime"),
    ("sinceTimePeriod", "untilTimePeriod"),
    ("startDT", "endDT"),
    ("from", "until"),
    ("dataInicio", "dataFim"),
    ("data_inicio", "data_fim"),
    ("dataInicial", "dataFinal"),
    ("start", "stop"),
    ("desde", "hasta"),
    ("timeFrom", "timeTo"),
    ("beginDate", "endDate"),
    ("start_at", "end_at"),
    ("observation_start", "observation_end"),
    ("periodStart", "periodEnd"),
    ("period_from", "period_to"),
    ("from_time", "to_time"),
    ("start_datetime", "end_datetime"),
    ("startDateTime", "endDateTime"),
    ("from_ts", "to_ts"),
    ("time_from", "time_to"),
    ("fromTime", "toTime"),
)
YEARS = (
    ("startyear", "endyear"),
    ("start_year", "end_year"),
    ("startYear", "endYear"),
    ("year_from", "year_to"),
    ("from_year", "to_year"),
    ("yearFrom", "yearTo"),
    ("fromYear", "toYear"),
    ("min_year", "max_year"),
    ("year_start", "year_end"),
    ("year_min", "year_max"),
    ("ano_inicio", "ano_fim"),
    ("anoInicio", "anoFim"),
    ("beginYear", "endYear"),
    ("begin_year", "end_year"),
    ("firstYear", "lastYear"),
    ("first_year", "last_year"),
)
"""Pairs of whole years, whatever the form of the times."""
ANCHORED = (("date", "last_date"), ("day", "last_day"))
"""Pairs whose first name alone asks for one day: tried only where the URL or the source itself has it."""
RISKY = (
    ("updated_after", "updated_before"),
    ("modified_since", "modified_until"),
    ("updated_since", "updated_until"),
    ("changed_since", "changed_until"),
    ("created_after", "created_before"),
    ("after", "before"),
    ("min", "max"),
    ("newer_than", "older_than"),
    ("gte", "lte"),
    ("period1", "period2"),
)
"""Pairs whose names often mean something else; not asked for together with the others."""
SINGLE = (
    ("datetime", "{start}/{end}"),
    ("time", "{start}/{end}"),
    ("period", "{start}/{end}"),
    ("interval", "{start}/{end}"),
    ("date_range", "{start},{end}"),
    ("dateRange", "{start},{end}"),
    ("timerange", "{start}/{end}"),
    ("range", "{start},{end}"),
    ("date", "{start}:{end}"),
)
_OPERATORS = (
    "{0}_from {0}_to",
    "{0}[gte] {0}[lte]",
    "{0}__gte {0}__lte",
    "{0}_gte {0}_lte",
    "min_{0} max_{0}",
    "{0}_min {0}_max",
    "{0}_start {0}_end",
    "{0}_after {0}_before",
    "from_{0} to_{0}",
    "start_{0} end_{0}",
    "{0}.gte {0}.lte",
    "{0}From {0}To",
    "filter[{0}][gte] filter[{0}][lte]",
    "{0}[after] {0}[before]",
    "{0}[from] {0}[to]",
    "{0}Start {0}End",
)
_LITERAL = re.compile(
    r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?|\d{4}-\d\d-\d\d|\d{4}-?Q[1-4]|\d{4}M\d\d"
    r"|\d{4}-\d\d|(?<![\d.])\d{13}(?!\d)|(?<![\d.])\d{10}(?:\.\d+)?(?![\d])|(?<!\d)(?:19|20)\d{6}(?!\d)"
    r"|(?<!\d)(?:1[89]|20)\d\d(?!\d)"
)
_FORMS = (
    (r"\d{4}-\d\d-\d\d", "date"),
    (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", "iso"),
    (r"\d{4}-\d\d-\d\dT\d\d:\d\dZ", "%Y-%m-%dT%H:%MZ"),
    (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?", "%Y-%m-%dT%H:%M:%S"),
    (r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)?", "%Y-%m-%d %H:%M:%S"),
    (r"\d{4}-\d\d-\d\dT\d\d:\d\d", "%Y-%m-%dT%H:%M"),
    (r"\d{4}-\d\d-\d\d \d\d:\d\d", "%Y-%m-%d %H:%M"),
    (r".*[+-]\d\d:?\d\d", "iso"),
    (r"\d{4}-Q\d", "quarter"),
    (r"\d{4}M\d\d", "%YM%m"),
    (r"\d{4}-\d\d", "%Y-%m"),
    (r"\d{13}", "epoch_ms"),
    (r"\d{10}(\.\d+)?", "epoch_s"),
    (r"\d{8}", "%Y%m%d"),
    (r"\d{4}", "%Y"),
)
_LIKE_OWN = {  # how the source writes its own times → forms of the parameters, likeliest first
    "epoch_s": ("epoch_s", "iso", "date", "epoch_ms"),
    "epoch_ms": ("epoch_ms", "iso", "date", "epoch_s"),
    "epoch_us": ("epoch_us", "iso", "date", "epoch_s"),
    "epoch_ns": ("iso", "epoch_s", "date", "epoch_ms"),
    "year": ("%Y", "date", "iso"),
    "month": ("%Y-%m", "date", "%YM%m", "%Y"),
    "quarter": ("quarter", "date", "%Y-%m", "%Y"),
    "half": ("date", "%Y", "%Y-%m"),
    "period": ("%Y-%m", "date", "%Y"),
    "words": ("iso", "date", "epoch_s"),
    "dotnet": ("iso", "date", "epoch_ms"),
}
_DATES = ("date", "iso", "%Y%m%d", "epoch_s")
_MOMENTS = ("iso", "date", "epoch_s", "epoch_ms")
_NAIVE = "%Y-%m-%dT%H:%M:%S"


def forms(layout: Layout, records: Sequence[object]) -> tuple[str, ...]:
    """Return the forms that the parameters may have, likeliest first, from how the source writes its own times."""
    own = layout.form.form
    if own != "iso":
        likely = _LIKE_OWN.get(own) or ((own, "date", "iso") if unit_of(own) else _DATES)
        return tuple(dict.fromkeys(likely))
    cells = [str(cell) for cell in layout.written(records) if cell is not None]
    if all(time is None or time % DAY == 0 for time in layout.times(records)) and all(len(c) <= 10 for c in cells):
        return _DATES
    if cells and not any(re.search(r"(Z|[+-]\d\d:?\d\d)$", cell) for cell in cells[:50]):
        return ("iso", "date", _NAIVE, "epoch_s")
    return _MOMENTS


def derived(field: str) -> list[tuple[str, str]]:
    """Return the pairs whose names come from the field of the time."""
    name = field.rpartition(".")[2]
    return [(a, b) for a, _, b in (each.format(name).partition(" ") for each in _OPERATORS)]


def partners(name: str) -> Iterator[tuple[str, str]]:
    """Yield the pairs that a name is one of."""
    yield from (pair for pair in (*PAIRS, *YEARS, *RISKY, *ANCHORED) if name in pair)


def in_url(url: str) -> list[Filter]:
    """Return the time filters that the parameters of a URL show, with the times in them taken out."""
    found: list[Filter] = []
    single: dict[str, tuple[str, str]] = {}
    for name, value in httpx.URL(url).params.items():
        literals = list(_LITERAL.finditer(value))
        if len(literals) == 2 and (form := form_of(literals[0].group())):
            first, second = (each.span() for each in literals)
            template = value[: first[0]] + "{start}" + value[first[1] : second[0]] + "{end}" + value[second[1] :]
            found.append(TimeRange(name, template, form))
        elif len(literals) == 1 and literals[0].group() == value and (form := form_of(value)):
            single[name] = (value, form)
    names = list(single)
    pairs = [pair for name in names for pair in partners(name) if set(pair) <= set(names)]
    if not pairs and len(names) == 2:
        pairs = [(min(names, key=lambda name: single[name]), max(names, key=lambda name: single[name]))]
    if not pairs:
        pairs = [pair for name in names for pair in partners(name)]
    found += [TimeFilter(*pair, single[pair[0] if pair[0] in single else pair[1]][1]) for pair in dict.fromkeys(pairs)]
    return found


def starts_in_url(url: str) -> list[TimeSince]:
    """Return the filters by a start alone that the parameters of a URL show."""
    return [
        TimeSince(name, form)
        for name, value in httpx.URL(url).params.items()
        if _LITERAL.fullmatch(value) and (form := form_of(value))
    ]


def form_of(text: str) -> str | None:
    """Return the form that a time in a URL is written in, None if it is none that is known."""
    return next((form for pattern, form in _FORMS if re.fullmatch(pattern, text)), None)


def names_of(asked: Filter) -> tuple[str, ...]:
    """Return the parameters of a time filter."""
    return (asked.from_param, asked.to_param) if isinstance(asked, TimeFilter) else (asked.param,)
