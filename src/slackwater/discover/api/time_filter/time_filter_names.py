"""Names and forms of the parameters that may ask for a time range, likeliest first."""

import re
from collections.abc import Iterator, Sequence
from datetime import UTC
from itertools import pairwise

import httpx

from slackwater.discover.api.parameter_names import Styles, style_of
from slackwater.discover.api.records.layout import Layout
from slackwater.discover.inference.vocabulary import range_pairs
from slackwater.discover.inference.words import set_of, words_of
from slackwater.formats.timestamps import time_parser
from slackwater.model.instants import DAY
from slackwater.runtime.api.time_filters import TimeFilter, TimeRange, TimeSince, unit_of
from slackwater.runtime.api.url_parameters import days_in_path, parts_of_path

Filter = TimeFilter | TimeRange | TimeSince

_LIKELY = (
    ("from", "to"),
    ("start", "end"),
    ("start date", "end date"),
    ("since", "until"),
    ("date from", "date to"),
    ("start time", "end time"),
    ("from date", "to date"),
    ("after", "before"),
    ("begin", "end"),
    ("begin date", "end date"),
    ("from time", "to time"),
    ("time from", "time to"),
    ("start at", "end at"),
    ("start date time", "end date time"),
    ("since time period", "until time period"),
    ("observation start", "observation end"),
    ("oldest", "latest"),
    ("earliest", "latest"),
    ("first date", "last date"),
    ("startDT", "endDT"),
    ("from", "until"),
    ("start", "stop"),
    ("start", "finish"),
    ("data inicio", "data fim"),
    ("dt ini", "dt fim"),
    ("data inicial", "data final"),
    ("fecha inicio", "fecha fin"),
    ("desde", "hasta"),
    ("von", "bis"),
    ("date debut", "date fin"),
    ("newer than", "older than"),
    ("filter[from]", "filter[to]"),
    ("filter[start_date]", "filter[end_date]"),
    ("filter[since]", "filter[until]"),
)
_EDGES = (("from", "to"), ("start", "end"), ("begin", "end"), ("min", "max"), ("after", "before"), ("since", "until"))
_SUBJECTS = ("date", "time", "datetime", "timestamp", "ts", "period", "day")
_CHANGES = ("updated", "created", "modified", "changed")
WORDS = (
    *_LIKELY,
    *range_pairs(),
    *((f"{each} {first}", f"{each} {last}") for each in _SUBJECTS for first, last in _EDGES),
    *((f"{first} {each}", f"{last} {each}") for each in _SUBJECTS for first, last in _EDGES),
    *((f"{each} {first}", f"{each} {last}") for each in _CHANGES for first, last in _EDGES[-2:]),
    ("from", "till"),
    ("time from", "time till"),
)
"""Pairs of words that ask for a range, likeliest first; each is tried in the styles that names are written in."""
COMMON = (
    *_LIKELY,
    *((f"{each} {first}", f"{each} {last}") for each in _SUBJECTS[:3] for first, last in _EDGES[:4]),
    *((f"{first} {each}", f"{last} {each}") for each in _SUBJECTS[:3] for first, last in _EDGES[:4]),
)
"""Those that are tried in styles, too, that the source does not show."""
DAYS_FIRST = (("start date", "end date"), ("from", "to"), ("date from", "date to"))
"""What is likeliest where the source's own times are days."""
YEARS = (
    ("start year", "end year"),
    ("year from", "year to"),
    ("from year", "to year"),
    ("min year", "max year"),
    ("year start", "year end"),
    ("year min", "year max"),
    ("begin year", "end year"),
    ("first year", "last year"),
    ("ano inicio", "ano fim"),
)
"""Pairs of whole years, whatever the form of the times."""
ANCHORED = (("date", "last_date"), ("day", "last_day"))
"""Pairs whose first name alone asks for one day: tried only where the URL or the source itself has it."""
RISKY = (("min", "max"), ("gte", "lte"), ("gt", "lt"), ("period1", "period2"), ("low", "high"), ("t0", "t1"))
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
    ("referencetime", "{start}/{end}"),
    ("ReferenceTime", "{start}/{end}"),
    ("referenceTime", "{start}/{end}"),
    ("phenomenonTime", "{start}/{end}"),
    ("timespan", "{start}/{end}"),
    ("dates", "{start}/{end}"),
    ("temporal", "{start}/{end}"),
)
_OF_FIELD = (  # words behind or before the words of the time's field
    ("{0} from", "{0} to"),
    ("{0} start", "{0} end"),
    ("{0} after", "{0} before"),
    ("{0} since", "{0} until"),
    ("min {0}", "max {0}"),
    ("{0} min", "{0} max"),
    ("{0} gte", "{0} lte"),
    ("from {0}", "to {0}"),
    ("start {0}", "end {0}"),
    ("{0} begin", "{0} end"),
    ("{0} gt", "{0} lt"),
)
_OPERATORS = (  # signs behind the field as it is written
    ("{0}[gte]", "{0}[lte]"),
    ("{0}__gte", "{0}__lte"),
    ("{0}.gte", "{0}.lte"),
    ("filter[{0}][gte]", "filter[{0}][lte]"),
    ("{0}[after]", "{0}[before]"),
    ("{0}[from]", "{0}[to]"),
    ("{0}[gt]", "{0}[lt]"),
    ("{0}>", "{0}<"),
    ("{0}.ge", "{0}.le"),
    ("filter[{0}][from]", "filter[{0}][to]"),
    ("{0}[start]", "{0}[end]"),
    ("{0}[ge]", "{0}[le]"),
    ("{0}__gt", "{0}__lt"),
    ("{0}[min]", "{0}[max]"),
    ("{0}:gte", "{0}:lte"),
)
FIRST = 4  # of the likeliest that come before those of the field
_BEGINNINGS = set_of("from start since begin after min gte gt oldest earliest newer") | {
    word for pair in range_pairs() for word in pair[0].split(" ")[-1:]
}
OTHER_FORMS = ("%d-%m-%Y", "%m-%d-%Y", "%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%Y/%m/%d", "%Y%m%d", "%d%m%Y")
"""Forms of days that are tried where the usual ones are refused; only the right one brings what was asked for."""
_PLAIN = frozenset({"time", "timestamp", "date", "datetime", "day", "ts", "t", "dt", "at", "on", "period"})
_LITERAL = re.compile(
    r"(?<!\d)\d{1,2}(?P<mark>[./-])\d{1,2}(?P=mark)\d{4}(?!\d)"
    r"|(?<!\d)\d{4}/\d\d/\d\d(?!\d)"
    r"|\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?|\d{4}-\d\d-\d\d|\d{4}-?Q[1-4]|\d{4}M\d\d"
    r"|\d{4}-\d\d|(?<!\d)(?:19|20)\d{10}(?:\d\d)?(?!\d)|(?<![\d.])\d{13}(?!\d)|(?<![\d.])\d{10}(?:\.\d+)?(?![\d])|(?<!\d)(?:19|20)\d{6}(?!\d)"
    r"|(?<!\d)(?:1[89]|20)\d\d(?!\d)"
)
_DURATION = r"P(?:(?:[\d.]+[YMWD])+(?:T(?:[\d.]+[HMS])+)?|T(?:[\d.]+[HMS])+)"
_COUNTED = re.compile(rf"{_DURATION}/[^/P]+|[^/P]+/{_DURATION}")  # an interval whose other end is a duration
_MONTH = r"(?:19|20)\d\d/?(?:0[1-9]|1[0-2])|(?:0[1-9]|1[0-2])/(?:19|20)\d\d"
_MONTH_FORMS = {len("202605"): "%Y%m", len("2026/05"): "%Y/%m"}
_DAY_FIRST = re.compile(r"(?:0[1-9]|[12]\d|3[01])(?:0[1-9]|1[0-2])(?:19|20)\d\d", re.ASCII)  # of eight digits
_MONTH_FIRST = re.compile(r"(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?:19|20)\d\d", re.ASCII)
_FORMS = (
    (r"\d{4}-\d\d-\d\d", "date"),
    (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", "iso"),
    (r"\d{4}-\d\d-\d\dT\d\d:\d\dZ", "%Y-%m-%dT%H:%MZ"),
    (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?", "%Y-%m-%dT%H:%M:%S"),
    (r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)?", "%Y-%m-%d %H:%M:%S"),
    (r"\d{4}-\d\d-\d\dT\d\d:\d\d", "%Y-%m-%dT%H:%M"),
    (r"\d{4}-\d\d-\d\d \d\d:\d\d", "%Y-%m-%d %H:%M"),
    (r"\d{4}-\d\d-\d\d[T ].*[+-]\d\d:?\d\d", "iso"),
    (r"\d{4}/\d\d/\d\d", "%Y/%m/%d"),
    (r"\d{1,2}\.\d{1,2}\.\d{4}", "%d.%m.%Y"),
    (r"(?:1[3-9]|2\d|3[01])/\d{1,2}/\d{4}", "%d/%m/%Y"),
    (r"\d{1,2}/(?:1[3-9]|2\d|3[01])/\d{4}", "%m/%d/%Y"),
    (r"\d{1,2}/\d{1,2}/\d{4}", "%d/%m/%Y"),
    (r"\d{1,2}-\d{1,2}-\d{4}", "%d-%m-%Y"),
    (r"\d{4}-Q\d", "quarter"),
    (r"\d{4}M\d\d", "%YM%m"),
    (r"\d{4}-\d\d", "%Y-%m"),
    (r"\d{13}", "epoch_ms"),
    (r"\d{10}(\.\d+)?", "epoch_s"),
    (r"\d{8}", "%Y%m%d"),
    (r"\d{12}", "%Y%m%d%H%M"),
    (r"\d{14}", "%Y%m%d%H%M%S"),
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
    """Return possible parameter forms, likeliest first, by the source's own times."""
    own = layout.form.form
    if own != "iso":
        likely = _LIKE_OWN.get(own) or ((own, "date", "iso") if unit_of(own) else _DATES)
        return tuple(dict.fromkeys(likely))
    cells = [str(cell) for cell in layout.written(records) if cell is not None]
    if all(time is None or time % DAY == 0 for time in layout.times(records)) and all(len(c) <= 10 for c in cells):
        return _DATES
    if cells and all(cell[10:11] == " " for cell in cells[:50]):
        return ("iso", "%Y-%m-%d %H:%M:%S", "date", "epoch_s")
    if cells and not any(re.search(r"(Z|[+-]\d\d:?\d\d)$", cell) for cell in cells[:50]):
        return ("iso", "date", _NAIVE, "epoch_s")
    return _MOMENTS


def pairs(field: str, styles: Styles, *, days: bool) -> list[tuple[str, str]]:
    """Return possible name pairs for a range, likeliest first, by words and field.

    A field that has a name of its own (`settled_at`) is likelier to be filtered by it than one called `time`.
    """
    usual = list(dict.fromkeys([*DAYS_FIRST, *WORDS] if days else WORDS))
    own = derived(field, styles)
    near = styles.near()
    early, late = near.pairs(usual[:FIRST]), near.pairs(usual)
    late += Styles(styles.order[len(near.order) :]).pairs(COMMON)
    if "".join(words_of(field.rpartition(".")[2])) in _PLAIN:
        return list(dict.fromkeys([*early, *late[: 2 * FIRST], *own, *late]))
    return list(dict.fromkeys([*early, *own[: 2 * FIRST], *late[: 3 * FIRST], *own, *late]))


def derived(field: str, styles: Styles) -> list[tuple[str, str]]:
    """Return the pairs derived from the time field's name, also without endings like `_at`."""
    name = field.rpartition(".")[2]
    words = words_of(name)
    stems = [" ".join(words)]
    if len(words) > 1 and words[-1] in ("at", "on", "time", "date"):
        stems.append(" ".join(words[:-1]))
    spelled = [(a.format(stem), b.format(stem)) for a, b in _OF_FIELD for stem in stems if stem]
    near = styles.led_by(style_of(name))
    named = Styles(near.order[:2], near.clear).pairs(spelled)
    verbatim = [(f"{name}_from", f"{name}_to"), (f"{name}_start", f"{name}_end")]
    signs = [(a.format(name), b.format(name)) for a, b in _OPERATORS]
    first = len(spelled) if near.clear else 2 * len(spelled)
    return list(dict.fromkeys([*named[:4], *signs[:2], *named[4:first], *signs[2:], *verbatim, *named[first:]]))


def compared(field: str) -> list[tuple[str, str]]:
    """Return the pairs that compare the time's field itself, likeliest first."""
    name = field.rpartition(".")[2]
    return [(a.format(name), b.format(name)) for a, b in (*_OPERATORS, ("{0}_gte", "{0}_lte"))]


def known_pairs() -> Iterator[tuple[str, str]]:
    """Yield every pair that is known by its words, in every style."""
    yield from Styles().pairs([*WORDS, *YEARS])
    yield from (*RISKY, *ANCHORED)


def yearly_pairs(styles: Styles) -> list[tuple[str, str]]:
    """Return the pairs that ask for whole years, likeliest first."""
    return styles.pairs(YEARS)


def partners(name: str) -> Iterator[tuple[str, str]]:
    """Yield the pairs that a name is one of."""
    yield from (pair for pair in known_pairs() if name in pair)


def are_years(pair: tuple[str, str]) -> bool:
    """Say whether a pair of names asks for whole years."""
    return pair in Styles().pairs(YEARS)


def begins(name: str) -> bool:
    """Say whether a name speaks of the begin of something: from, since, start."""
    return bool(set(words_of(name)) & _BEGINNINGS)


def in_url(url: str) -> list[Filter]:
    """Return the time filters in a URL's parameters, with their times removed."""
    found: list[Filter] = []
    single: dict[str, tuple[str, str]] = {}
    months: dict[str, tuple[str, str]] = {}
    for name, value in httpx.URL(url).params.items():
        literals = list(_LITERAL.finditer(value))
        if len(literals) == 2 and (form := form_of(literals[0].group())):
            first, second = (each.span() for each in literals)
            template = value[: first[0]] + "{start}" + value[first[1] : second[0]] + "{end}" + value[second[1] :]
            found.append(TimeRange(name, template, form))
        elif len(literals) == 1 and _COUNTED.fullmatch(value) and (form := form_of(literals[0].group())):
            found.append(TimeRange(name, "{start}/{end}", form))
        elif len(literals) == 1 and literals[0].group() == value and (form := form_of(value)):
            single[name] = (value, form)
        elif re.fullmatch(_MONTH, value):
            months[name] = (value, _MONTH_FORMS[len(value)] if value.isdecimal() or value[4] == "/" else "%m/%Y")
    days = {name: value for name, value in httpx.URL(url).params.items() if name not in single}
    for form, pattern in (("%d%m%Y", _DAY_FIRST), ("%m%d%Y", _MONTH_FIRST)):
        fitting = {name: value for name, value in days.items() if pattern.fullmatch(value)}
        if any(set(pair) <= fitting.keys() for name in fitting for pair in partners(name)):
            single |= {name: (value, form) for name, value in fitting.items()}
            break
    if any(set(pair) <= months.keys() for name in months for pair in partners(name)):
        single |= months  # such numbers and fractions are other things as often, under other names
    if any(form == "%m/%d/%Y" for _, form in single.values()):  # one of the two that are written alike tells of both
        single = {name: (v, "%m/%d/%Y" if form == "%d/%m/%Y" else form) for name, (v, form) in single.items()}
    names = list(single)
    pairs = [pair for name in names for pair in partners(name) if set(pair) <= set(names)]
    if not pairs and len(names) == 2:
        earlier, later = sorted(names, key=lambda name: _moment(*single[name]))
        pairs = [(earlier, later)]
    if not pairs:
        pairs = [pair for name in names for pair in partners(name)]
    found += [TimeFilter(*pair, single[pair[0] if pair[0] in single else pair[1]][1]) for pair in dict.fromkeys(pairs)]
    return found


def in_path_of(url: str, times: Sequence[int]) -> list[Filter]:
    """Return the time filters in a URL's path, if the sample fits them.

    Numbers in a path are other things as often: a version, a table.
    """
    found: list[Filter] = []
    for parts in (list(parts_of_path(url)), list(days_in_path(url))):
        dated = [(name, text, form) for name, text in parts if _LITERAL.fullmatch(text) and (form := form_of(text))]
        found += [
            TimeFilter(first, last, form)
            for (first, text, form), (last, other, same) in pairwise(dated)
            if form == same and _around(text, other, form, times)
        ]
        for name, text in parts:
            literals = list(_LITERAL.finditer(text))
            if len(literals) == len("ab") and (form := form_of(literals[0].group())):
                template = text.replace(literals[0].group(), "{start}", 1)[::-1]
                template = template.replace(literals[1].group()[::-1], "}dne{", 1)[::-1]
                if "{start}" in template and _around(literals[0].group(), literals[1].group(), form, times):
                    found.append(TimeRange(name, template, form))
    return found


def selecting(url: str, times: Sequence[int]) -> list[Filter]:
    """Return the time filters in a URL whose range holds any of the sample's times.

    What holds none of them is no range: an id, a version.
    """
    params = httpx.URL(url).params

    def holds(each: Filter) -> bool:
        values = [params[name] for name in names_of(each) if name in params]
        texts = [text for value in values for text in [match[0] for match in _LITERAL.finditer(value)] or [value]]
        return len(texts) < len("ab") or not times or _around(texts[0], texts[-1], each.form, times, some=True)

    return [*in_path_of(url, times), *(each for each in in_url(url) if holds(each))]


def _around(first: str, last: str, form: str, times: Sequence[int], *, some: bool = False) -> bool:
    """Check whether all times, or some, lie between two times of a URL.

    Give or take what a zone may be away.
    """
    start, end = sorted((_moment(first, form), _moment(last, form)))
    room = max(unit_of(form) or 0, DAY)
    inside = (start - room <= time <= end + 2 * room for time in times)
    return any(inside) if some else bool(times) and all(inside)


def _moment(text: str, form: str) -> int:
    """Return when a time in a URL is, as well as it can be read."""
    return time_parser("iso" if form == "date" else form, UTC)([text])[0] or 0


def starts_in_url(url: str) -> list[TimeSince]:
    """Return the filters by a start alone that the parameters of a URL show."""
    return [
        TimeSince(name, form)
        for name, value in httpx.URL(url).params.items()
        if _LITERAL.fullmatch(value) and (form := form_of(value))
    ]


def form_of(text: str) -> str | None:
    """Return the form of a time in a URL, None if unknown."""
    return next((form for pattern, form in _FORMS if re.fullmatch(pattern, text)), None)


def names_of(candidate: Filter) -> tuple[str, ...]:
    """Return the parameters of a time filter."""
    return (candidate.from_param, candidate.to_param) if isinstance(candidate, TimeFilter) else (candidate.param,)
