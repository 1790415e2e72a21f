"""What discovery said of a source, made ready to be shown and changed. Pure."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from slackwater.model.config import ApiConfig, FileConfig, takes_several
from slackwater.model.instants import DAY, SECOND, parse_iso
from slackwater.model.wrapper import SourceType
from slackwater.web.api.discovery import DiscoveredShape, FindingShape, QuestionShape, SampleShape
from slackwater.web.console.formats import Formats
from slackwater.web.console.words import WORDS, Translate

CHARTED = 6  # series in the chart; more are a tangle
SURE, LIKELY = 0.9, 0.7
_SIGNS = {"sure": ("good", "check"), "likely": ("", "right"), "doubtful": ("warn", "warning")}


@dataclass(frozen=True)
class Control:
    """The field of `source_config` that decides: what can be chosen, what is chosen, whether it may be several."""

    field: str
    choices: Sequence[str] = ()
    chosen: Sequence[str] = ()
    many: bool = False


@dataclass(frozen=True)
class Told:
    """One finding as a row."""

    what_said: str
    value_said: str | None
    confidence: float
    sure: str
    reason: str
    control: Control | None

    @property
    def sure_chip(self) -> str:
        """The look of its chip."""
        return _SIGNS[self.sure][0]

    @property
    def sure_icon(self) -> str:
        """The sign in its chip."""
        return _SIGNS[self.sure][1]


@dataclass(frozen=True)
class Asked:
    """A question of discovery, with the fields that answer it."""

    message: str
    controls: Sequence[Control]


@dataclass(frozen=True)
class SamplePoint:
    """A point of the preview."""

    x: str
    x_said: str
    series: str
    y: float


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What the page shows of a source."""

    found: bool
    code: str | None
    period_seconds: float | None
    series_said: str
    sample: Sequence[SamplePoint]
    chart: str  # JSON: times in seconds, and each series' values at them
    findings: Sequence[Told]
    questions: Sequence[Asked]
    suggested_name: str = ""


@dataclass(frozen=True)
class Overrides:
    """What the person decided otherwise: field of source_config → texts."""

    source_type: SourceType
    given: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def knows(self, name: str) -> bool:
        """Say whether source_config has the field."""
        return name in form_of(self.source_type).model_fields

    def control(self, name: str, choices: Sequence[Any], found: Any = None) -> Control:
        """Return the control of a field; a list of names is ticked as it was found until somebody changes it."""
        said = list(dict.fromkeys(map(said_as_text, choices)))
        many = takes_several(form_of(self.source_type), name)
        chosen = list(self.given.get(name, ()))
        if many and isinstance(found, list):
            said = list(dict.fromkeys([*map(str, found), *said]))
            chosen = chosen or list(map(str, found))
        said = [*said, *(each for each in chosen if said and each not in said)]
        return Control(name, said, chosen, many)


def seen(answer: DiscoveredShape, overrides: Overrides, fmt: Formats, suggested_name: str) -> Seen:
    """Return the answer of `/discover` as the page shows it."""
    # Days are enough where no point has an hour.
    said = fmt.day if all(parse_iso(each.x) % DAY == 0 for each in answer.sample) else fmt.text
    sample = [SamplePoint(each.x, said(parse_iso(each.x)), each.series, each.y) for each in answer.sample]
    t = fmt.t
    return Seen(
        found=answer.found,
        code=answer.code,
        period_seconds=answer.period_seconds,
        series_said=t("new.series.count", n=len(answer.series)),
        sample=sample,
        chart=_chart(answer.sample),
        findings=[_told(each, overrides, t) for each in answer.findings],
        questions=[_asked(each, overrides) for each in answer.questions],
        suggested_name=suggested_name,
    )


def _told(finding: FindingShape, overrides: Overrides, t: Translate) -> Told:
    confidence, name, value = finding.confidence, finding.field, finding.value
    alternatives = [each.value for each in finding.alternatives]
    return Told(
        what_said=t(known) if (known := f"new.what.{finding.what}") in WORDS else finding.what.capitalize(),
        value_said=None if value in (None, [], {}) else said_as_text(value),
        confidence=confidence,
        sure="sure" if confidence >= SURE else "likely" if confidence >= LIKELY else "doubtful",
        reason=finding.reason,
        control=overrides.control(name, alternatives, value) if name and overrides.knows(name) else None,
    )


def _asked(question: QuestionShape, overrides: Overrides) -> Asked:
    known = [name for each in (question.field or "").split(",") if overrides.knows(name := each.strip())]
    choices = question.choices if len(known) == 1 else ()
    return Asked(question.message, [overrides.control(name, choices) for name in known])


def _chart(sample: Sequence[SampleShape]) -> str:
    values: dict[str, dict[float, float]] = {}
    for each in sample:
        values.setdefault(each.series, {})[parse_iso(each.x) / SECOND] = each.y
    shown = dict(list(values.items())[:CHARTED])
    times = sorted({moment for points in shown.values() for moment in points})
    series = [{"name": name, "values": [points.get(moment) for moment in times]} for name, points in shown.items()]
    return json.dumps({"times": times, "series": series})


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
