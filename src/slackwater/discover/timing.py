"""Which field of a source's records is their time, and how it is written. In doubt, the person is asked."""

from collections.abc import Sequence
from datetime import UTC, datetime, tzinfo
from typing import Any

from slackwater.discover.answers import listed, name_of, set_of, words_of
from slackwater.errors import Question
from slackwater.model.instants import from_micros
from slackwater.pipe.frames import Alternative, Finding
from slackwater.runtime.dates import TimeForm, infer_time_form, time_parser
from slackwater.runtime.records import joined

_TIME_WORDS = set_of(
    "time timestamp datetime date ts t epoch when day year month period at dt utc unix ano año anos jahr annee année "
    "an data fecha hora tempo datum zeit instant moment x"
)
_PLAIN_TIMES = set_of("timestamp time datetime date ts t dt datahora data fecha datum zeit when")
_STARTS_AND_ENDS = (("from", "to"), ("start", "end"), ("begin", "end"), ("since", "until"), ("first", "last"))
_KEEPING_WORDS = set_of("created updated modified inserted ingested fetched published received processed loaded")


def time_fields(
    columns: dict[str, list[Any]],
    config: dict[str, Any],
    zone: tzinfo,
    told: str | None,
    findings: list[Finding],
) -> tuple[tuple[str, ...], TimeForm]:
    """Return the fields of the time and their form: those of `config`, the one `told` by the shape, or the likeliest.

    A Question asks for it.
    """
    given = config.get("date_field")
    if given is None and told in columns:
        given = told
    elif given is not None:
        findings.append(_about_time(given, (), 1.0, f"`{given}` is given as the time."))
        return (given,), _clear(given, _form_of_given(columns, given))
    if given is not None:
        form = _clear(given, _form_of_given(columns, given))
        findings.append(
            _about_time(given, (), 0.95, f"`{given}` is the time ({form.form}), by the shape of the answer.")
        )
        return (given,), form
    found = time_candidates(columns)
    if not found:
        raise Question(
            f"No field of the records looks like a time; they have {listed(columns)}. Give date_field.",
            field="date_field",
            choices=list(columns),
        )
    times = {path: time_parser(form.form, zone)(columns[path]) for path, form in found.items()}
    left = _without_echoes(times)
    plain = [path for path in left if name_of(path) in _PLAIN_TIMES]
    if len(left) > 1 and len(plain) == 1:
        left = plain
    if len(left) > 1:
        count = {2: "Two", 3: "Three", 4: "Four"}.get(len(left), str(len(left)))
        raise Question(
            f"{count} fields look like the time: {listed(left)}. Give date_field.", field="date_field", choices=left
        )
    path = left[0]
    form = _clear(path, found[path])
    others = [other for other in found if other != path]
    besides = f", before {listed(others)} that only repeat it or say less about it" if others else ""
    findings.append(
        _about_time(path, others, 0.85 if others else 0.95, f"`{path}` is the time ({form.form}){besides}.")
    )
    return (path,), form


def _about_time(path: str, others: Sequence[str], confidence: float, reason: str) -> Finding:
    rivals = [Alternative(value=other, reason="It repeats the time or says less about it.") for other in others]
    return Finding(
        what="time", value=path, confidence=confidence, reason=reason, field="date_field", alternatives=rivals
    )


def moments_of(columns: dict[str, list[Any]], time: tuple[str, ...]) -> list[Any]:
    """Return the column of the times, joined if they are spread over several fields."""
    if len(time) == 1:
        return columns[time[0]]
    return [joined(cells, " ") for cells in zip(*(columns[path] for path in time), strict=True)]


def _form_of_given(columns: dict[str, list[Any]], given: str) -> TimeForm:
    if given not in columns:
        raise Question(
            f"No record has the field `{given}`; they have {listed(columns)}. Correct date_field.",
            field="date_field",
            choices=list(columns),
        )
    form = infer_time_form(columns[given])
    if form is None:
        seen = next((cell for cell in columns[given] if cell is not None), None)
        raise Question(
            f"`{given}` does not hold times that can be read (such as {seen!r:.60}). Correct date_field.",
            field="date_field",
        )
    return form


def _clear(path: str, form: TimeForm) -> TimeForm:
    if form.ambiguous:
        raise Question(
            f"The times in `{path}` can be read as {form.form} and as {' or '.join(form.rivals)}. Give date_format, or "
            "another date_field.",
            field="date_format",
            choices=[form.form, *form.rivals],
        )
    return form


def time_candidates(columns: dict[str, list[Any]]) -> dict[str, TimeForm]:
    """Return path → form of the fields that look like times."""
    found = {}
    for path, cells in columns.items():
        form = infer_time_form(cells)
        if form is not None and (not form.numeric or _TIME_WORDS & set(words_of(path.rpartition(".")[2]))):
            found[path] = form
    return found


def _without_echoes(times: dict[str, list[int | None]]) -> list[str]:
    """Return the candidates that are no constant, no end of an interval, and neither repeat nor round another one."""
    left = list(times)
    moving = [path for path in left if len(set(times[path])) > 1]
    left = moving or left
    for path in list(left):
        others = [other for other in left if other != path]
        if any(_ends(path, other) or _cuts(path, other, times) for other in others):
            left.remove(path)
    unique: dict[tuple[int | None, ...], str] = {}
    for path in left:
        key = tuple(times[path])
        if key not in unique or (name_of(path) in _PLAIN_TIMES and name_of(unique[key]) not in _PLAIN_TIMES):
            unique[key] = path
    return list(unique.values())


def _ends(path: str, other: str) -> bool:
    """Say whether `path` is the end of the interval that `other` begins."""
    mine, its = words_of(path), words_of(other)
    return any([start if word == end else word for word in mine] == its != mine for start, end in _STARTS_AND_ENDS)


def _cuts(path: str, other: str, times: dict[str, list[int | None]]) -> bool:
    """Say whether `path` tells less than `other` does, and the same. When a record was written is another matter."""
    if _KEEPING_WORDS & set(words_of(other)) or len(set(times[path])) >= len(set(times[other])):
        return False
    return _rounds(times[path], times[other])


def _rounds(coarse: list[int | None], fine: list[int | None]) -> bool:
    """Say whether `coarse` is `fine` cut to its day, month or year."""
    pairs = [(a, from_micros(b)) for a, b in zip(coarse, fine, strict=True) if a is not None and b is not None]
    if not pairs:
        return False
    days = [(from_micros(a), datetime(b.year, b.month, b.day, tzinfo=UTC)) for a, b in pairs]
    return (
        all(a == day for a, day in days)
        or all(a == day.replace(day=1) for a, day in days)
        or all(a == day.replace(month=1, day=1) for a, day in days)
    )
