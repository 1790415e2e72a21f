"""What holds of every layout: a known series comes back exactly, or a person is asked. Never other points.

`make chaos` looks longer, and elsewhere each time.
"""

import asyncio

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

import budget
from api.serving import every, months, wave
from budget import LONG, examples
from layouts import DATES, FLAT, NOISE, NUMBERS, PAGED, QUARTERS, SHAPES, TIMES, Layout
from not_yet import NOT_PLAIN
from reading import Outcome, Trial
from slackwater.model.instants import DAY, HOUR
from sources import SourceServer

EXAMPLES = examples(16, 200)
NAMES = ("level", "flow", "salinity")


def judged(layout: Layout, times: list[int], count: int, seed: int = 0) -> Outcome:
    """Read a few series, of these times, in a layout."""
    points = {name: wave(times, 31.7 + 40 * n, 9, 2, seed=seed + n) for n, name in enumerate(NAMES[:count])}
    with SourceServer() as server:
        return asyncio.run(Trial(layout.api(points), server).judge())


def told(outcome: Outcome) -> str:
    return f"{outcome.kind}: {outcome.said}\n{outcome.found.code if outcome.found else ''}"


PLAIN = [Layout(shape=shape) for shape in SHAPES]
PLAIN += [Layout(time=time) for time in TIMES]
PLAIN += [Layout(time=time) for time in (*DATES, *QUARTERS)]
PLAIN += [Layout(number=number) for number in NUMBERS]
PLAIN += [Layout(paging=paging, filtered=filtered) for paging in PAGED for filtered in (False, True)]
PLAIN += [Layout(noise=(noise,)) for noise in NOISE]


def name_of(layout: Layout) -> str:
    """What a layout has that the plainest has not."""
    plain = vars(Layout())
    odd = {name: value for name, value in vars(layout).items() if value != plain[name]}
    return ",".join(
        f"{name}={value if isinstance(value, str | bool) else '+'.join(value)}" for name, value in odd.items()
    )


def instants(layout: Layout, count: int = 130) -> list[int]:
    if layout.time in DATES:
        return months(2012, count)
    return months(1985, count, 3) if layout.time in QUARTERS else every(HOUR, "2026-05-20", count)


@pytest.mark.parametrize("layout", budget.every(2, dict.fromkeys(PLAIN)), ids=name_of)
def test_a_layout_with_one_oddity_is_read_exactly(layout: Layout) -> None:
    outcome = judged(layout, instants(layout), 2)
    if name_of(layout) in NOT_PLAIN:
        assert outcome.kind != "exact", "take it off NOT_PLAIN"
    else:
        assert outcome.kind == "exact", told(outcome)


@st.composite
def layouts(draw: st.DrawFn) -> tuple[Layout, list[int]]:
    shape = draw(st.sampled_from(SHAPES))
    step = draw(st.sampled_from(["hours", "days", "months", "quarters"]))
    forms = {"hours": TIMES, "days": TIMES, "months": DATES, "quarters": QUARTERS}[step]
    flat = shape in FLAT
    layout = Layout(
        shape=shape,
        time=draw(st.sampled_from(sorted(forms))),
        number=draw(st.sampled_from(sorted(NUMBERS))),
        newest_first=draw(st.booleans()),
        paging=draw(st.sampled_from(PAGED)) if flat else "none",
        size=draw(st.sampled_from([10, 25, 40, 100])),
        filtered=draw(st.booleans()),
        noise=tuple(draw(st.sets(st.sampled_from(sorted(NOISE)), max_size=3))) if flat else (),
        place=draw(st.sampled_from(["data", "items", "results", None])) if flat else "data",
    )
    count = draw(st.integers(3, 220))
    first = draw(st.integers(0, 300))
    times = {
        "hours": lambda: every(HOUR, "2025-01-01", first + count)[first:],
        "days": lambda: every(DAY, "2023-01-01", first + count)[first:],
        "months": lambda: months(1990, min(300, first) + count)[min(300, first) :],
        "quarters": lambda: months(1960, first % 90 + count, 3)[first % 90 :][:170],
    }[step]()
    return layout, times


@settings(
    max_examples=EXAMPLES,
    derandomize=not LONG,
    deadline=None,
    database=None,
    print_blob=True,
    suppress_health_check=list(HealthCheck),
)
@given(drawn=layouts(), count=st.integers(1, 3), seed=st.integers(0, 50))
def test_any_layout_is_read_exactly_or_asked(drawn: tuple[Layout, list[int]], count: int, seed: int) -> None:
    layout, times = drawn
    outcome = judged(layout, times, count, seed)
    event(outcome.kind)
    assert outcome.kind in ("exact", "question"), told(outcome)
