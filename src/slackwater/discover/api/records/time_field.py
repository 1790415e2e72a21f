"""Detects the time field and its form; in doubt, a question follows."""

from collections.abc import Iterable, Sequence
from datetime import UTC
from itertools import pairwise
from typing import Any

from slackwater.discover.api.records.columns import is_number, list_of
from slackwater.discover.api.records.split_time import refuse_clock_within, refuse_one_hour, spread_time, whole_number
from slackwater.discover.inference.period_parts import refuse_months
from slackwater.discover.inference.planned import lies_ahead
from slackwater.discover.inference.roles import home_of, of_fiscal_years
from slackwater.discover.inference.vocabulary import plain_words, words_for
from slackwater.discover.inference.words import ENDS, is_about_keeping, listed, name_of, set_of, words_of
from slackwater.errors import Question
from slackwater.formats.timestamp_inference import TimeForm, infer_time_form
from slackwater.formats.timestamps import time_parser
from slackwater.model.instants import DAY, HOUR, MINUTE, from_micros
from slackwater.pipe.frames import Alternative, Finding
from slackwater.runtime.api.records import joined

_TIME_WORDS = (words_for("time") | words_for("instant")) - {"interval"}  # a number of seconds, in an API
PLAIN_TIMES = words_for("plain_time")
_STARTS_AND_ENDS = (
    ("from", "to"),
    ("start", "end"),
    ("begin", "end"),
    ("since", "until"),
    ("first", "last"),
    ("open", "close"),
)
_BEGINNINGS = set_of("start begin from beginning inicio debut beginn")
SEEN = frozenset({"observed", "observation", "measured", "measurement", "reading", "sampled", "recorded", "reported"})
_PLAIN_VALUES = frozenset({"value", "raw", "text", "code"})
_EVEN = 5  # numbers that are whole minutes apart by no chance

Columns = dict[str, list[Any]]


def time_fields(
    columns: Columns,
    config: dict[str, Any],
    told: str | None,
    findings: list[Finding],
    carried: frozenset[str] = frozenset(),
    split: tuple[tuple[str, ...], TimeForm] | None = None,
) -> tuple[tuple[str, ...], TimeForm]:
    """Return the time fields and their form: given, from the shape, or likeliest.

    `told` and `split` are the shape's; `carried` fields are from beside the way to the records, and come last.
    """
    format_given = config.get("date_format")
    if given := _given(columns, config.get("date_field")):
        form = _form_of_given(columns, given, format_given)
        findings.append(_about_time(given, (), 1.0, f"{listed(given)} is given as the time."))
        return _settled(columns, given, form, format_given, findings)
    if told in columns and told is not None:
        form = _form_of_given(columns, (told,), format_given)
        reason = f"`{told}` is the time ({form.form}), by the shape of the answer."
        findings.append(_about_time((told,), (), 0.95, reason))
        return _settled(columns, (told,), form, format_given, findings)
    found = nearest_times(columns, carried) if format_given is None else _of_form(columns, format_given)
    apart = spread_time(columns) if format_given is None else None
    if split is not None and format_given is None:
        apart, found = split, {}
    if apart and not _finer(columns, found, apart):
        fields, form = apart
        refuse_clock_within(columns, fields if split is None else ())
        findings.append(_about_time(fields, (), 0.9, f"{listed(fields)} together are the time ({form.form})."))
        return _settled(columns, fields, form, format_given, findings)
    if _without_names(columns):
        raise Question(
            "Both numbers of each record look like a time: `0`, `1`. Give date_field.",
            field="date_field",
            choices=list(columns),
        )
    if not found:
        raise Question(
            f"No field of the records looks like a time; they have {listed(columns)}. Give date_field.",
            field="date_field",
            choices=list(columns),
        )
    path = _likeliest(columns, found)
    if format_given is None:
        refuse_one_hour(columns, path, found[path].form)
    others = [other for other in found if other != path]
    besides = f", before {listed(others)} that only repeat it or say less about it" if others else ""
    form = found[path]
    reason = f"`{path}` is the time ({form.form}){besides}."
    findings.append(_about_time((path,), others, 0.85 if others else 0.95, reason))
    return _settled(columns, (path,), form, format_given, findings)


def _beside_numbers(columns: Columns, times: list[int | None]) -> bool:
    """Check whether most records with a number of some column have a time."""
    rows = ([place for place, cell in enumerate(cells) if is_number(cell)] for cells in columns.values())
    return any(sum(times[place] is not None for place in each) * 2 > len(each) for each in rows if each)


def _likeliest(columns: Columns, found: dict[str, TimeForm]) -> str:
    times = {path: time_parser(form.form, UTC)(columns[path]) for path, form in found.items()}
    present = {path: sum(time is not None for time in each) for path, each in times.items()}
    # A time that most records lack is none of theirs, unless they lack a number as well.
    most, others = max(present.values()), {path: cells for path, cells in columns.items() if path not in found}
    times = {path: each for path, each in times.items() if present[path] * 2 >= most or _beside_numbers(others, each)}
    every = _without_echoes(times, columns)
    left = [path for path in every if not _of_a_part(path, columns, times)] or every
    if len(left) == 1 < len(every) and is_about_keeping(left[0]):
        left = every
    told = [path for path in left if not is_about_keeping(path)]
    sure = [path for path in told if not _lies_ahead(path, left, times)]
    for better in ([path for path in left if name_of(path) in PLAIN_TIMES], sure if sure == told else []):
        if len(left) > 1 and len(better) == 1:
            return better[0]
    if len(left) > 1:
        count = {2: "Two", 3: "Three", 4: "Four"}.get(len(left), str(len(left)))
        raise Question(
            f"{count} fields look like the time: {listed(left)}. Give date_field.", field="date_field", choices=left
        )
    return left[0]


def _lies_ahead(path: str, left: Sequence[str], times: dict[str, list[int | None]]) -> bool:
    """Check whether a time is planned: days after each record was made."""
    return any(lies_ahead(times[path], times[made]) for made in filter(is_about_keeping, left))


def _settled(
    columns: Columns, fields: tuple[str, ...], form: TimeForm, given: str | None, findings: list[Finding]
) -> tuple[tuple[str, ...], TimeForm]:
    if given is None and len(fields) == 1:
        words = words_of(fields[0].rpartition(".")[2])
        refuse_months(fields[0], words, form.form, columns[fields[0]])
    if form.ambiguous:
        raise Question(
            f"The times in {listed(fields)} can be read as {form.form} and as {' or '.join(form.rivals)}. Give "
            "date_format, or another date_field.",
            field="date_format",
            choices=[form.form, *form.rivals],
        )
    reason = f"The times have the form {form.form}{', which is given' if given else ''}."
    confidence = 1.0 if given else 0.95
    findings.append(
        Finding(what="time form", value=form.form, confidence=confidence, reason=reason, field="date_format")
    )
    return fields, form


def _about_time(fields: Sequence[str], others: Sequence[str], confidence: float, reason: str) -> Finding:
    rivals = [Alternative(value=other, reason="It repeats the time or says less about it.") for other in others]
    value = fields[0] if len(fields) == 1 else list(fields)
    return Finding(
        what="time", value=value, confidence=confidence, reason=reason, field="date_field", alternatives=rivals
    )


def moments_of(columns: Columns, time: tuple[str, ...]) -> list[Any]:
    """Return the column of the times, joined if they are spread over several fields."""
    if len(time) == 1:
        return columns[time[0]]
    return [joined(cells, " ") for cells in zip(*(columns[path] for path in time), strict=True)]


def _given(columns: Columns, given: str | list[str] | None) -> tuple[str, ...]:
    if given is None:
        return ()
    if isinstance(given, str):
        given = [given] if given in columns or "," not in given else [field.strip() for field in given.split(",")]
    for field in given:
        if field not in columns:
            raise Question(
                f"No record has the field `{field}`; they have {listed(columns)}. Correct date_field.",
                field="date_field",
                choices=list(columns),
            )
    return tuple(given)


def _form_of_given(columns: Columns, given: tuple[str, ...], form: str | None) -> TimeForm:
    cells = moments_of(columns, given)
    seen = next((cell for cell in cells if cell is not None), None)
    if form is not None:
        if all(time is None for time in time_parser(form, UTC)(cells)):
            raise Question(
                f"The times in {listed(given)} (such as {seen!r:.60}) do not have the form {form!r:.60}. Correct "
                "date_format.",
                field="date_format",
            )
        return TimeForm(form)
    apart = spread_time({path: columns[path] for path in given}) if len(given) > 1 else None
    found = apart[1] if apart and apart[0] == given else infer_time_form(cells)
    if found is None:
        raise Question(
            f"{listed(given)} does not hold times that can be read (such as {seen!r:.60}). Correct date_field.",
            field="date_field",
        )
    return found


def time_candidates(columns: Columns) -> dict[str, TimeForm]:
    """Return path → form of the fields that look like times."""
    found, kept, ticks = {}, {}, {}
    for path, cells in columns.items():
        words = _words_of_time(path)
        form = infer_time_form(cells)
        if form is None:
            continue
        if (
            not form.numeric
            or _TIME_WORDS & words
            or (path.isdecimal() and _runs(cells, form))
            or _of_a_pair(path, columns, form)
            or (form.form.startswith("epoch") and words & (_BEGINNINGS | SEEN))
        ):
            found[path] = form
        elif is_about_keeping(path):
            kept[path] = form
        elif form.form.startswith("epoch") or _packed(cells, form):
            ticks[path] = form
    # One number without the name of a time is a time only where no other could be.
    if found and all(len(set(columns[path])) == 1 for path in found):
        found |= {path: form for path, form in ticks.items() if _packed(columns[path], form)}
    return found or kept or (ticks if all(_ticks(columns[path], form) for path, form in ticks.items()) else {})


def _words_of_time(path: str) -> set[str]:
    """Return the words of a field's name, or of its object's too.

    The object counts where the field is only called its value.
    """
    *above, last = path.split(".")
    own = set(plain_words(last))
    return own | set(plain_words(above[-1])) if above and own <= _PLAIN_VALUES else own


def nearest_times(columns: Columns, carried: frozenset[str]) -> dict[str, TimeForm]:
    """Return the fields that look like times, the records' own first."""
    own = {path: cells for path, cells in columns.items() if path.split(".")[0] not in carried}
    near = time_candidates(own)
    times = [path for path in near if not is_about_keeping(path) and (len(own[path]) == 1 or len(set(own[path])) > 1)]
    return near if times else time_candidates(columns)


def _without_names(columns: Columns) -> bool:
    """Check whether the records are unnamed pairs of moments, ambiguous in role."""
    forms = [infer_time_form(cells) for cells in columns.values()] if sorted(columns) == ["0", "1"] else []
    return len(forms) == 2 and all(form is not None and form.form.startswith("epoch") for form in forms)


def _of_form(columns: Columns, form: str) -> dict[str, TimeForm]:
    """Return the fields whose cells have a given form, time-like ones first."""
    read = time_parser(form, UTC)
    fitting = {
        path: TimeForm(form)
        for path, cells in columns.items()
        if (times := read(cells)) and sum(time is not None for time in times) >= len(times) * 0.9
    }
    likely = time_candidates(columns).keys() & fitting.keys()
    return {path: each for path, each in fitting.items() if path in likely} or fitting


def _runs(cells: list[Any], form: TimeForm) -> bool:
    """Say whether numbers without a name are times of an epoch: whole, and in order."""
    whole = [number for cell in cells if (number := whole_number(cell)) is not None]
    if len(whole) < max(2, len(cells)) or not form.form.startswith("epoch"):
        return False
    ups = sum(later > earlier for earlier, later in pairwise(whole))
    downs = sum(later < earlier for earlier, later in pairwise(whole))
    # Several series one after another begin anew.
    return min(ups, downs) <= max((ups + downs) // 20, ups + downs > _EVEN)


def _packed(cells: list[Any], form: TimeForm) -> bool:
    """Check whether texts of digits are all months, days or hours of these centuries."""
    return (
        form.form in ("%Y%m", "%Y%m%d", "%Y%m%d%H")
        and len(set(cells)) >= _EVEN
        and all(cell is None or isinstance(cell, str) for cell in cells)
    )


def _of_a_pair(path: str, columns: Columns, form: TimeForm) -> bool:
    """Check whether a list's number is its only epoch time."""
    above = list_of(path)
    others = [cells for each, cells in columns.items() if above and list_of(each) == above and each != path]
    forms = [infer_time_form(cells) for cells in others]
    rivals = [each for each in forms if each is not None and each.form == form.form]
    return bool(others) and not rivals and form.form.startswith("epoch")


def _ticks(cells: list[Any], form: TimeForm) -> bool:
    """Check whether numbers are epoch times: in order, and whole minutes apart."""
    if not form.form.startswith("epoch"):
        return True
    if not _runs(cells, form) or len(set(cells)) < _EVEN:
        return False
    minute = {"epoch_s": 60, "epoch_ms": 60_000, "epoch_us": 60_000_000, "epoch_ns": 60_000_000_000}[form.form]
    whole = [number for cell in cells if (number := whole_number(cell)) is not None]
    odd = [earlier for earlier, later in pairwise(whole) if (later - earlier) % minute]
    return len(odd) * 10 <= len(whole)


def _finer(columns: Columns, found: dict[str, TimeForm], apart: tuple[tuple[str, ...], TimeForm]) -> bool:
    """Check whether a single field holds the time as well as several do together."""
    fields, form = apart
    together = time_parser(form.form, UTC)(moments_of(columns, fields))
    for path, its in found.items():
        if path not in fields:
            alone = time_parser(its.form, UTC)(columns[path])
            if len(set(alone)) >= len(set(together)):
                return True
    return False


def _without_echoes(times: dict[str, list[int | None]], columns: Columns) -> list[str]:
    """Return the candidates without constants, interval ends, repetitions and roundings."""
    left = list(times)
    moving = [path for path in left if len(set(times[path])) > 1]
    left = moving or left
    for path in list(left):
        others = [other for other in left if other != path]
        if any(_ends(path, other) or _cuts(path, other, times) or _local(path, other, times) for other in others):
            left.remove(path)
    if len(left) > 1:
        # `lastUpdate` is the end of no interval.
        left = [
            path for path in left if is_about_keeping(path) or not ENDS & set(words_of(path.rpartition(".")[2]))
        ] or left
    if len(columns) > 2 and len(left) > 1 and all(path.isdecimal() for path in left):
        left = left[:1]  # columns without names: a record begins with its time
    unique: dict[tuple[int | None, ...], str] = {}
    for path in left:
        key = tuple(times[path])
        if key not in unique or _says_more(path, unique[key]):
            unique[key] = path
    return list(unique.values())


def _says_more(path: str, other: str) -> bool:
    """Check whether a name tells more of the measurement than another."""
    if is_about_keeping(path) != is_about_keeping(other):
        return is_about_keeping(other)
    return name_of(path) in PLAIN_TIMES and name_of(other) not in PLAIN_TIMES


def _of_a_part(path: str, columns: Columns, times: Iterable[str]) -> bool:
    """Check whether `path` dates only its own object, with most numbers outside."""
    home = home_of(path)
    numbers = [each for each, cells in columns.items() if each not in times and any(map(is_number, cells))]
    inside = sum(each.startswith(f"{home}.") for each in numbers)
    return home != "" and 0 < inside * 2 < len(numbers)


def _ends(path: str, other: str) -> bool:
    """Say whether `path` is the end of the interval that `other` begins."""
    mine, its = words_of(path), words_of(other)
    return any([start if word == end else word for word in mine] == its != mine for start, end in _STARTS_AND_ENDS)


def _local(path: str, other: str, times: dict[str, list[int | None]]) -> bool:
    """Say whether `path` is the wall clock's reading of `other`, the same moments in UTC."""
    mine, its = set(words_of(path)), set(words_of(other))
    if not (
        ("local" in mine and "local" not in its)
        or ({"utc", "gmt", "epoch", "unix"} & its and not {"utc", "gmt"} & mine)
    ):
        return False
    shifts = [a - b for a, b in zip(times[path], times[other], strict=True) if a is not None and b is not None]
    return any(shifts) and all(abs(shift) <= 14 * HOUR and shift % (15 * MINUTE) == 0 for shift in shifts)


def _cuts(path: str, other: str, times: dict[str, list[int | None]]) -> bool:
    """Check whether `path` holds the same time as `other`, less precisely.

    When a record was written is another matter.
    """
    dates = all(time is None or time % DAY == 0 for time in times[path])
    end = _ends(other, path) or ENDS & set(words_of(other.rpartition(".")[2]))
    clocks = not end and any(time is not None and time % DAY for time in times[other])
    if is_about_keeping(other) or (len(set(times[path])) >= len(set(times[other])) and not (dates and clocks)):
        return False
    return _rounds(times[path], times[other])


def _rounds(coarse: list[int | None], fine: list[int | None]) -> bool:
    """Say whether `coarse` is `fine` cut to its day, month, year or fiscal year."""
    both = [(a, b) for a, b in zip(coarse, fine, strict=True) if a is not None and b is not None]
    days = [(from_micros(a), from_micros(b // DAY * DAY)) for a, b in both]
    return bool(both) and (
        all(a == day for a, day in days)
        or all(a == day.replace(day=1) for a, day in days)
        or all(a == day.replace(month=1, day=1) for a, day in days)
        or all(a % DAY == 0 and abs(a - b) <= DAY for a, b in both)
        or (
            all(day.month == day.day == 1 for day, _ in days)
            and of_fiscal_years([(d.year, b) for (d, _), (_, b) in zip(days, both, strict=True)])
        )
    )
