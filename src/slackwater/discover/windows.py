"""Does a source honour a time range? Proven by asking for one that lies inside what is known of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product

from slackwater.discover.fields import Layout
from slackwater.discover.probes import Pages, Probe, Sample, single_out
from slackwater.model.checkpoint import Interval
from slackwater.model.instants import DAY
from slackwater.runtime.dates import OUR_FORMS
from slackwater.runtime.filters import TimeFilter
from slackwater.runtime.paging import Offset, PageNumber

PAIRS = (
    ("from", "to"), ("start", "end"), ("start_date", "end_date"), ("startDate", "endDate"),
    ("date_from", "date_to"), ("since", "until"),
)  # fmt: skip
_FORMS = {  # how the source writes its own times → forms of the parameters, likeliest first
    "epoch_s": ("epoch_s", "iso", "date", "epoch_ms"),
    "epoch_ms": ("epoch_ms", "iso", "date", "epoch_s"),
    "year": ("date", "%Y", "iso"),
}


@dataclass(frozen=True)
class _Question:
    """A window, the known times strictly inside it that must come back, and the bounds of what may come back."""

    window: Interval
    inside: frozenset[int]
    low: int
    high: int


@dataclass(frozen=True)
class Filtered:
    """What was found about the time filter, in a sentence, and the answer that proves it."""

    note: str
    filter: TimeFilter | None = None
    proof: Sample | None = None


async def find_filter(probe: Probe, layout: Layout, pages: Pages) -> Filtered:
    """Return the time filter that the source has been seen to honour."""
    known = sorted({time for time in layout.times(pages.widest.records) if time is not None})
    if len(known) < 3:
        return Filtered(f"The sample's {len(known)} different times are too few to try a time range; it is read whole.")
    questions = {
        form: asked for form in _forms(layout, pages) if (asked := _question(TimeFilter("a", "b", form), known))
    }
    refused = []
    for form, question in questions.items():
        if await _honoured(probe, layout, pages, PAIRS, form, question):
            if found := await _among(probe, layout, pages, form, question):
                return found
        elif probe.refused:
            refused.append(form)
    # Refused together, because it knows no parameters but its own: then one by one.
    for form, pair in product(refused[:2], PAIRS):
        if answer := await _honoured(probe, layout, pages, [pair], form, questions[form]):
            return _filtered(layout, pages, pair, form, questions[form], answer)
    return Filtered("No pair of parameters for a time range is honoured; it is read whole each time.")


def _forms(layout: Layout, pages: Pages) -> tuple[str, ...]:
    """Return the forms that the parameters may have, likeliest first."""
    if layout.form.form == "iso":
        return (
            ("date", "iso", "epoch_s") if _dates_only(layout, pages.widest) else ("iso", "date", "epoch_s", "epoch_ms")
        )
    own = () if layout.form.form in OUR_FORMS else (layout.form.form,)
    return _FORMS.get(layout.form.form) or ("iso", "date", *own)


async def _among(probe: Probe, layout: Layout, pages: Pages, form: str, question: _Question) -> Filtered | None:
    pairs = dict(PAIRS)

    async def narrows(some: Sequence[str]) -> bool:
        asked = [(name, pairs[name]) for name in some]
        return await _honoured(probe, layout, pages, asked, form, question) is not None

    name = await single_out(list(pairs), narrows)
    pair = (name, pairs[name])
    answer = await _honoured(probe, layout, pages, [pair], form, question)
    return _filtered(layout, pages, pair, form, question, answer) if answer else None


def _filtered(
    layout: Layout, pages: Pages, pair: tuple[str, str], form: str, question: _Question, answer: Sample
) -> Filtered:
    times = set(layout.times(answer.records))
    start, end = question.window.start, question.window.end
    unit = TimeFilter(*pair, form).unit
    known = set(layout.times(pages.widest.records))

    def left_out(edge: int) -> bool:
        return edge in known and edge not in times and edge % unit == 0

    found = TimeFilter(*pair, form, inclusive_start=not left_out(start), inclusive_end=not left_out(end))
    return Filtered(
        f"`{pair[0]}` and `{pair[1]}` select a time range ({form}): asked for one inside the sample, the source gave "
        f"{len(answer.records):,} records, all of them in it, instead of {len(pages.widest.records):,}.",
        found,
        answer,
    )


async def _honoured(
    probe: Probe, layout: Layout, pages: Pages, pairs: Sequence[tuple[str, str]], form: str, question: _Question
) -> Sample | None:
    """Return the answer if it proves that one of the pairs is honoured."""
    params: dict[str, str] = {}
    for pair in pairs:
        params.update(TimeFilter(*pair, form).params(question.window, layout.zone))
    answer = await probe.ask({**_paged(pages), **params})
    return answer if answer is not None and _proves(layout, answer, question) else None


def _paged(pages: Pages) -> Mapping[str, int]:
    """Return what asks for pages as large as the sample that the answer is compared with."""
    match pages.paging:
        case Offset(limit_param=str(param), limit=size) | PageNumber(size_param=str(param), size=size):
            return {**pages.params, param: size}
    return pages.params


def _question(like: TimeFilter, known: Sequence[int]) -> _Question | None:
    """Return a window with known times before, in and after it; None where the form is too coarse for the sample."""
    unit, count = like.unit, len(known)
    for start, end in ((known[count // 3], known[2 * count // 3]), (known[count // 2], known[count // 2] + unit)):
        window = Interval(start, max(end, start + unit))
        low, high = window.start - 2 * unit, window.end + 2 * unit
        if known[0] < low and high < known[-1]:
            inside = frozenset(time for time in known if window.start < time < window.end)
            return _Question(window, inside, low, high)
    return None


def _proves(layout: Layout, answer: Sample, question: _Question) -> bool:
    """Say whether the answer holds what was asked for: something, all that is known of it, and nothing else."""
    times = {time for time in layout.times(answer.records) if time is not None}
    return bool(times) and question.low <= min(times) and max(times) <= question.high and question.inside <= times


def _dates_only(layout: Layout, sample: Sample) -> bool:
    return all(time is None or time % DAY == 0 for time in layout.times(sample.records)) and all(
        len(str(cell)) <= 10 for cell in layout.written(sample.records)
    )
