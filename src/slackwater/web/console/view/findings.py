"""What discovery said of a source, made ready to be shown and changed. Pure."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from slackwater.formats.units import unit_in
from slackwater.model.instants import DAY, SECOND, parse_iso
from slackwater.model.periodicity import name_of
from slackwater.model.source.config import ApiConfig, FileConfig, takes_several
from slackwater.model.wrapper import SourceType
from slackwater.store.records.row_problems import LEFT_OUT
from slackwater.web.api.discovery import DiscoveredShape, FindingShape, QuestionShape, SampleShape
from slackwater.web.console.view.formats import Formats
from slackwater.web.console.view.plain_terms import example_of, form_in_words, form_with_example
from slackwater.web.console.view.zones import IN_UTC
from slackwater.web.console.words import WORDS

CHARTED = 6  # series in the chart; more are a tangle
SURE, LIKELY = 0.9, 0.7
MAIN = frozenset({"sheet", "time", "time form", "dates", "values", LEFT_OUT, "series", "period"})
"""Findings that everybody who knows the data can judge; the others are technical as long as they are no doubt."""
_SIGNS = {"sure": ("good", "check"), "likely": ("", "right"), "doubtful": ("warn", "warning")}


@dataclass(frozen=True)
class Control:
    """The input of a `source_config` field: its choices, its value, single or several."""

    field: str
    choices: Sequence[str] = ()
    chosen: Sequence[str] = ()
    words: Mapping[str, str] | None = None  # choice → how it is called, where that says more
    many: bool = False
    changed: bool = False


@dataclass(frozen=True)
class Told:
    """One finding as a row."""

    what_said: str
    value_said: str | None
    confidence: float
    sure: str
    reason: str
    control: Control | None
    main: bool
    example: str | None = None
    uses: Sequence[tuple[str, str]] = ()  # what was left out, and the JSON of the fields that take it in

    @property
    def changed(self) -> bool:
        """Whether somebody decided otherwise than it was found."""
        return self.control is not None and self.control.changed

    @property
    def sure_chip(self) -> str:
        """The look of its chip."""
        return _SIGNS[self.sure][0]

    @property
    def sure_icon(self) -> str:
        """The sign in its chip."""
        return _SIGNS[self.sure][1]


@dataclass(frozen=True)
class AskedQuestion:
    """A question of discovery, with the fields that answer it."""

    message: str
    controls: Sequence[Control]
    offers: Sequence["Offer"]


@dataclass(frozen=True)
class Offer:
    """One complete answer to a question: fields, words, JSON and resulting points."""

    said: str
    sets: str
    adds: str  # JSON, as `source_config` takes it
    points: Sequence["SamplePoint"]
    chart: str


@dataclass(frozen=True)
class SamplePoint:
    """A point of the preview."""

    x: str
    x_said: str
    series: str
    y: float


@dataclass(frozen=True, kw_only=True)
class SeenSource:
    """What the page shows of a source."""

    found: bool
    discovery: str | None
    code: str | None
    period_said: str | None
    series_said: str
    sample: Sequence[SamplePoint]
    time_said: str  # the head of their times
    chart: str  # JSON: times in seconds, each series' values at them, and the zone of the axis
    findings: Sequence[Told]
    questions: Sequence[AskedQuestion]
    kept: Mapping[str, Sequence[str]]  # decided before, and without a control now
    suggested_name: str = ""

    @property
    def fields(self) -> set[str]:
        """The fields of source_config that have a control."""
        controls = [each.control for each in self.findings if each.control]
        return {each.field for each in [*controls, *(one for asked in self.questions for one in asked.controls)]}

    @property
    def main(self) -> Sequence[Told]:
        """What somebody who knows the data can judge."""
        return [each for each in self.findings if each.main]

    @property
    def technical(self) -> Sequence[Told]:
        """How it is read."""
        return [each for each in self.findings if not each.main]


@dataclass(frozen=True)
class Overrides:
    """What the person decided otherwise: field of source_config → texts."""

    source_type: SourceType
    given: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def knows(self, name: str) -> bool:
        """Say whether source_config has the field."""
        return name in form_of(self.source_type).model_fields

    def control(self, name: str, choices: Sequence[Any], found: Any = None) -> Control:
        """Return a field's control; lists keep the findings until the user changes them."""
        said = list(dict.fromkeys(map(said_as_text, choices)))
        many = takes_several(form_of(self.source_type), name)
        chosen = list(self.given.get(name, ()))
        changed = bool(chosen)
        if many and isinstance(found, list):
            said = list(dict.fromkeys([*map(str, found), *said]))
            chosen = chosen or list(map(str, found))
        said = [*said, *(each for each in chosen if said and each not in said)]
        return Control(name, said, chosen, many=many, changed=changed)


def seen(answer: DiscoveredShape, overrides: Overrides, fmt: Formats, suggested_name: str) -> SeenSource:
    """Return the answer of `/discover` as the page shows it."""
    shown_in = _zoned(answer.sample, fmt, answer.period_seconds)
    sample = _points(answer.sample, shown_in)
    t = fmt.t
    values = {each.field: each.value for each in answer.findings if each.what == "values"}
    findings = [
        _left_out(each, overrides, values.get(each.field), fmt)
        if each.what == LEFT_OUT
        else _shown(each, overrides, sample, fmt)
        for each in sorted(answer.findings, key=lambda each: each.what == LEFT_OUT)
    ]
    questions = [_shown_question(each, overrides, fmt) for each in answer.questions]
    controls = [each.control for each in findings if each.control]
    controls += [control for each in questions for control in each.controls]
    shown = {control.field for control in controls}
    return SeenSource(
        found=answer.found,
        discovery=answer.discovery,
        code=answer.code,
        period_said=None if answer.period_seconds is None else _every(answer.period_seconds, fmt),
        series_said=t("new.series.count", n=len(answer.series)),
        sample=sample,
        time_said=t("code.time") if _are_days(answer.sample) else t("data.time", zone=shown_in.zone.name),
        chart=_chart(answer.sample, shown_in),
        findings=findings,
        questions=questions,
        kept={name: texts for name, texts in overrides.given.items() if name not in shown},
        suggested_name=suggested_name,
    )


def _are_days(sample: Sequence[SampleShape]) -> bool:
    return all(parse_iso(each.x) % DAY == 0 for each in sample)


def _zoned(sample: Sequence[SampleShape], fmt: Formats, period: float | None = None) -> Formats:
    """Return the formats that a stored source of these points would be shown in."""
    return fmt.dated(*(parse_iso(each.x) for each in sample), period=DAY if period is None else int(period * SECOND))


def _points(sample: Sequence[SampleShape], fmt: Formats) -> list[SamplePoint]:
    # Days are enough where no point has an hour.
    said = fmt.day if _are_days(sample) else fmt.text
    return [SamplePoint(each.x, said(parse_iso(each.x)), each.series, each.y) for each in sample]


def _shown(finding: FindingShape, overrides: Overrides, sample: Sequence[SamplePoint], fmt: Formats) -> Told:
    t = fmt.t
    confidence, name, value = finding.confidence, finding.field, finding.value
    alternatives = [each.value for each in finding.alternatives]
    return Told(
        what_said=t(known) if (known := f"new.what.{finding.what}") in WORDS else finding.what.capitalize(),
        value_said=_value(finding, fmt),
        confidence=confidence,
        sure="sure" if confidence >= SURE else "likely" if confidence >= LIKELY else "doubtful",
        reason=finding.reason,
        control=_worded(overrides.control(name, alternatives, value), fmt) if name and overrides.knows(name) else None,
        main=finding.what in MAIN or confidence < LIKELY,
        example=_example(finding, overrides, sample, fmt),
    )


def _example(finding: FindingShape, overrides: Overrides, sample: Sequence[SamplePoint], fmt: Formats) -> str | None:
    """Return how a date in the form that holds is read, else the first point."""
    form = (overrides.given.get("date_format") or [finding.value])[-1] if finding.field == "date_format" else None
    if isinstance(form, str) and example_of(form) is not None:
        return _dated_form(form, fmt)
    return fmt.t("new.example", first=sample[0].x_said) if finding.what in ("time", "dates") and sample else None


def _left_out(finding: FindingShape, overrides: Overrides, values: Any, fmt: Formats) -> Told:
    """Return numbers that are not stored, each with what stores it beside the others."""
    names = list(map(str, finding.value))
    stored = overrides.given.get(finding.field or "") or (list(map(str, values)) if isinstance(values, list) else [])
    told = _shown(finding.model_copy(update={"field": None}), overrides, (), fmt)
    uses = [(name, json.dumps({finding.field: [*stored, name]}, ensure_ascii=False)) for name in names]
    return replace(told, uses=uses)


def _every(seconds: float, fmt: Formats) -> str:
    """Return a period as people call it."""
    named = name_of(round(seconds * SECOND))
    return fmt.t(f"new.every.{named}") if named else fmt.t("new.every", period=fmt.duration(seconds))


def _value(finding: FindingShape, fmt: Formats) -> str | None:
    value = finding.value
    if value in (None, [], {}):
        return None
    if finding.what == "period" and isinstance(value, int | float):
        return _every(value, fmt)
    if finding.field == "date_format" and isinstance(value, str):
        return form_in_words(value, fmt.t)
    text = found_as_text(finding.what, value)
    named = (f"settings.choice.{finding.field}.{text}", f"new.value.{text}")
    return next((fmt.t(key) for key in named if key in WORDS), text)


def _shown_question(question: QuestionShape, overrides: Overrides, fmt: Formats) -> AskedQuestion:
    known = [name for each in (question.field or "").split(",") if overrides.knows(name := each.strip())]
    choices = question.choices if len(known) == 1 else ()
    # An answer that is refused can be corrected, whatever the question is about.
    known = known or [name for name in overrides.given if overrides.knows(name)]
    offers = [
        Offer(
            said=", ".join(f"{_label(name, fmt)}: {_offered(name, value, fmt)}" for name, value in each.set.items()),
            sets=json.dumps({name: _texts(value) for name, value in each.set.items()}, ensure_ascii=False),
            adds=json.dumps(each.set, ensure_ascii=False),
            points=_points(each.preview, _zoned(each.preview, fmt)),
            chart=_chart(each.preview, _zoned(each.preview, fmt)),
        )
        for each in question.alternatives
    ]
    return AskedQuestion(question.message, [_worded(overrides.control(name, choices), fmt) for name in known], offers)


def _worded(control: Control, fmt: Formats) -> Control:
    """Return a control whose choices say what they mean: forms of dates."""
    if control.field != "date_format":
        return control
    return replace(control, words={each: _dated_form(each, fmt) for each in control.choices})


def _offered(name: str, value: Any, fmt: Formats) -> str:
    return _dated_form(value, fmt) if name == "date_format" and isinstance(value, str) else said_as_text(value)


def _dated_form(form: str, fmt: Formats) -> str:
    example = example_of(form)
    day = replace(fmt, zone=IN_UTC).day(example) if example is not None else ""
    return form_with_example(form, fmt.t, day)


def _label(name: str, fmt: Formats) -> str:
    return fmt.t(known) if (known := f"settings.field.{name}") in WORDS else name


def _texts(value: Any) -> list[str]:
    return list(map(said_as_text, value)) if isinstance(value, list) else [said_as_text(value)]


def _chart(sample: Sequence[SampleShape], fmt: Formats) -> str:
    values: dict[str, dict[float, float]] = {}
    for each in sample:
        values.setdefault(each.series, {})[parse_iso(each.x) / SECOND] = each.y
    shown = dict(list(values.items())[:CHARTED])
    times = sorted({moment for points in shown.values() for moment in points})
    series = [
        {"name": name, "unit": unit_in(name), "values": [points.get(moment) for moment in times]}
        for name, points in shown.items()
    ]
    return json.dumps({"times": times, "series": series, "zone": fmt.zone.name})


def found_as_text(what: str, value: Any) -> str:
    """Return a finding's value as one line, by its name in the settings."""
    match what, value:
        case "paging", {"style": style}:
            return str(style)
        case "numbers", [[decimal, _]]:  # the only pair of marks that was found
            return str(decimal)
        case "numbers", [*pairs]:
            return " · ".join(_number_with(*pair) for pair in pairs)
        case "header", [first, last] if first == last:
            return str(first)
    return said_as_text(value)


def _number_with(decimal: str, thousands: str) -> str:
    """Return how a number looks with a pair of marks; `none` stands for no mark."""
    return f"1{'' if thousands == 'none' else thousands}234{decimal}5"


def said_as_text(value: Any) -> str:
    """Return a value of a finding as one line."""
    if isinstance(value, str):
        return value
    if isinstance(value, Mapping):
        return ", ".join(f"{name}: {said_as_text(each)}" for name, each in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(map(said_as_text, value))
    return json.dumps(value, ensure_ascii=False)


def form_of(source_type: SourceType) -> type[FileConfig | ApiConfig]:
    """Return the form of `source_config` that sources of that type have."""
    return FileConfig if source_type.is_file else ApiConfig
