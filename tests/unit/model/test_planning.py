"""The laws of windows, and a simulation: the real reading loop against random sources, killed at any batch."""

import itertools
from array import array
from dataclasses import dataclass, field
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from slackwater.model.checkpoint import Checkpoint, Interval, Page, gaps, with_interval
from slackwater.model.instants import DAY, EARLIEST, HOUR, LATEST, MINUTE, WEEK, YEAR, iso, parse_iso
from slackwater.model.planning import FIRST_STEP, CaughtUp, Wanted, next_window, onward_window, whole_window
from slackwater.pipe.frames import Read
from slackwater.runtime.read_loop import read
from slackwater.runtime.source import PageRead, Reach

NOW = parse_iso("2026-11-20T12:00:00Z")
HOURLY = Wanted(period=HOUR)
quick = settings(deadline=None, max_examples=200)

periods = st.sampled_from([MINUTE, HOUR, DAY, WEEK, YEAR // 12, YEAR])


@st.composite
def checkpoints(draw, before=NOW):
    """Any checkpoint that reading could have led to: covered up to `before` at most, finished or in a window."""
    covered = ()
    for _ in range(draw(st.integers(0, 5))):
        start = before - draw(st.integers(1, 40 * YEAR))
        covered = with_interval(covered, Interval(start, min(before, start + draw(st.integers(1, 10 * YEAR)))))
    return Checkpoint(
        covered=covered,
        backfill_done=draw(st.booleans()),
        step=draw(st.sampled_from([0, HOUR, WEEK, 30 * YEAR])),
        empty_span=draw(st.sampled_from([0, YEAR, 9 * YEAR, 3000 * YEAR])) if covered else 0,
    )


wanteds = st.builds(
    Wanted,
    period=periods,
    start=st.sampled_from([EARLIEST, NOW - 20 * YEAR, NOW - WEEK, NOW + YEAR]),
    lookback=st.sampled_from([0, DAY, YEAR]),
)


class TestEveryPlan:
    @quick
    @given(checkpoints(), wanteds, st.booleans())
    def test_asks_for_nothing_beyond_now_nor_before_the_start_and_only_for_what_is_missing(self, before, wanted, poll):
        window = next_window(before, wanted, NOW, poll=poll)
        if isinstance(window, CaughtUp):
            return
        assert window.end <= NOW
        floor = min(wanted.start, before.covered[0].start) if before.covered else wanted.start
        assert window.start >= floor
        missing = gaps(before.covered, window)
        assert missing, "every window reads something new"
        if not poll:
            assert missing == [window], "without lookback nothing is read twice"

    @quick
    @given(checkpoints(), wanteds)
    def test_caught_up_means_that_all_wanted_is_covered_or_says_why_not(self, before, wanted):
        plan = next_window(before, wanted, NOW, poll=True)
        if not isinstance(plan, CaughtUp) or wanted.start >= NOW:
            return
        assert before.covered
        assert before.covered[-1].end >= NOW
        if before.backfill_done:
            assert plan.reason is None
            assert len(before.covered) == 1
        else:
            assert plan.reason
            missing = gaps(before.covered, Interval(wanted.start, NOW))
            assert not missing or before.empty_span >= wanted.horizon

    @quick
    @given(checkpoints(), wanteds, st.booleans())
    def test_an_unfinished_window_comes_first(self, before, wanted, poll):
        page = Page(window=Interval(NOW - 3 * YEAR, NOW - YEAR), token=9)
        assert next_window(before.turned(page.window, 9, 1), wanted, NOW, poll=poll) == page.window

    @quick
    @given(checkpoints(before=NOW - DAY), wanteds.filter(lambda wanted: wanted.start < NOW - YEAR))
    def test_the_gap_to_now_is_served_before_history(self, before, wanted):
        if not before.covered:
            return
        window = next_window(before, wanted, NOW, poll=True)
        newest = before.covered[-1].end
        assert window.start <= max(newest, wanted.start) < window.end


class TestBackFill:
    def test_begins_at_now_and_goes_backwards_without_a_seam(self):
        checkpoint, windows = Checkpoint(), []
        for _ in range(6):
            window = next_window(checkpoint, HOURLY, NOW, poll=not windows)
            windows.append(window)
            checkpoint = checkpoint.finished(window, 5_000)
        assert windows[0] == Interval(NOW - FIRST_STEP * HOUR, NOW)
        assert all(later.start == earlier.end for later, earlier in itertools.pairwise(windows))
        assert len(checkpoint.covered) == 1

    def test_the_declared_start_ends_it_and_is_the_reason(self):
        wanted = Wanted(period=HOUR, start=NOW - FIRST_STEP * HOUR - 7)
        checkpoint = Checkpoint().finished(next_window(Checkpoint(), wanted, NOW, poll=True), 9_000)
        last = next_window(checkpoint, wanted, NOW, poll=False)
        assert last == Interval(wanted.start, wanted.start + 7)
        assert next_window(checkpoint.finished(last, 1), wanted, NOW, poll=False) == CaughtUp(
            f"reached the start, {iso(wanted.start)}"
        )

    def test_a_start_in_the_future_asks_for_nothing(self):
        wanted = Wanted(period=HOUR, start=NOW + DAY)
        assert next_window(Checkpoint(), wanted, NOW, poll=True) == CaughtUp(
            f"nothing was requested, since the start, {iso(wanted.start)}, had not come"
        )
        behind = Checkpoint(covered=(Interval(NOW - DAY, NOW - HOUR),), backfill_done=True)
        assert isinstance(next_window(behind, wanted, NOW, poll=True), CaughtUp)

    @pytest.mark.parametrize("period", [MINUTE, HOUR, DAY, YEAR // 12, YEAR])
    def test_empty_windows_double_until_they_span_the_horizon_and_the_reason_says_so(self, period):
        wanted = Wanted(period=period)
        assert wanted.horizon == max(10 * YEAR, 1_000 * period)
        checkpoint, widths = Checkpoint(), []
        while isinstance(plan := next_window(checkpoint, wanted, NOW, poll=not widths), Interval):
            widths.append(plan.width)
            checkpoint = checkpoint.finished(plan, 0)
        assert widths == [FIRST_STEP * period * 2**n for n in range(len(widths))]
        assert sum(widths[:-1]) < wanted.horizon <= sum(widths)
        assert len(widths) < 16
        asked = f"from {iso(NOW - sum(widths))} to {iso(NOW)}"
        assert plan.reason == f"no data {asked}, so nothing older was requested"

    def test_the_reason_names_the_empty_stretch_alone_and_only_what_was_asked_for(self):
        data = Checkpoint().finished(Interval(NOW - DAY, NOW), 24)
        empty = data.finished(Interval(NOW - DAY - 11 * YEAR, NOW - DAY), 0)
        began = NOW - DAY - 11 * YEAR
        assert next_window(empty, HOURLY, NOW, poll=False) == CaughtUp(
            f"no data from {iso(began)} to {iso(NOW - DAY)}, so nothing older was requested"
        )
        cut = Checkpoint(covered=(Interval(began, NOW - 9 * YEAR),), empty_span=11 * YEAR)
        assert next_window(cut, HOURLY, NOW - 9 * YEAR, poll=False) == CaughtUp(
            f"no data from {iso(began)} to {iso(NOW - 9 * YEAR)}, so nothing older was requested"
        )

    def test_a_hole_and_a_checkpoint_without_coverage_are_read_whatever_the_empty_span(self):
        wanted = Wanted(period=HOUR, start=NOW - 15 * DAY)
        holed = Checkpoint(
            covered=(Interval(NOW - 30 * DAY, NOW - 20 * DAY), Interval(NOW - 10 * DAY, NOW)), empty_span=40 * YEAR
        )
        assert next_window(holed, wanted, NOW, poll=False) == Interval(NOW - 15 * DAY, NOW - 10 * DAY)
        assert isinstance(next_window(Checkpoint(empty_span=40 * YEAR), HOURLY, NOW, poll=False), Interval)

    def test_data_begins_the_horizon_anew(self):
        checkpoint = Checkpoint(covered=(Interval(NOW - YEAR, NOW),), step=9 * YEAR, empty_span=10 * YEAR - 1)
        window = next_window(checkpoint, HOURLY, NOW, poll=False)
        assert isinstance(next_window(checkpoint.finished(window, 1), HOURLY, NOW, poll=False), Interval)
        assert isinstance(next_window(checkpoint.finished(window, 0), HOURLY, NOW, poll=False), CaughtUp)

    def test_it_never_ends_because_of_a_failure(self):
        checkpoint = Checkpoint()
        for _ in range(100):
            checkpoint = checkpoint.shrunk(HOUR, HOURLY.first_step)
            assert isinstance(next_window(checkpoint, HOURLY, NOW, poll=True), Interval)
        assert next_window(checkpoint, HOURLY, NOW, poll=True).width == HOUR

    def test_windows_that_are_always_too_full_do_not_shrink_below_a_period(self):
        checkpoint = Checkpoint()
        for _ in range(40):
            window = next_window(checkpoint, HOURLY, NOW, poll=False)
            checkpoint = checkpoint.finished(window, 1_000_000)
        assert window.width == HOUR

    def test_the_first_year_of_the_calendar_is_the_end_of_it(self):
        checkpoint = Checkpoint(covered=(Interval(EARLIEST + DAY, NOW),), step=LATEST)
        window = next_window(checkpoint, HOURLY, NOW, poll=False)
        assert window == Interval(EARLIEST, EARLIEST + DAY)
        done = next_window(checkpoint.finished(window, 1), HOURLY, NOW, poll=False)
        assert done == CaughtUp("read back to the first year of the calendar")


class TestFollowing:
    covered = (Interval(NOW - 9 * YEAR, NOW - HOUR),)
    wanted = Wanted(period=HOUR, lookback=2 * DAY)

    def test_looks_back_at_the_first_plan_of_a_poll_only(self):
        checkpoint = Checkpoint(covered=self.covered, backfill_done=True)
        poll = next_window(checkpoint, self.wanted, NOW, poll=True)
        assert poll == Interval(NOW - HOUR - 2 * DAY, NOW)
        assert next_window(checkpoint, self.wanted, NOW, poll=False) == Interval(NOW - HOUR, NOW)
        assert next_window(checkpoint.finished(poll, 50), self.wanted, NOW + MINUTE, poll=False) == CaughtUp()

    def test_looks_back_in_mid_back_fill_when_a_period_has_passed(self):
        checkpoint = Checkpoint(covered=self.covered)
        assert next_window(checkpoint, self.wanted, NOW, poll=True) == Interval(NOW - HOUR - 2 * DAY, NOW)
        assert next_window(checkpoint, self.wanted, NOW, poll=False) == Interval(NOW - HOUR, NOW)
        soon = NOW - 1
        assert next_window(checkpoint, self.wanted, soon, poll=True) == Interval(NOW - HOUR, soon)

    def test_never_looks_back_beyond_what_was_read_or_the_start(self):
        short = Checkpoint(covered=(Interval(NOW - 3 * HOUR, NOW - HOUR),), backfill_done=True)
        assert next_window(short, self.wanted, NOW, poll=True).start == NOW - 3 * HOUR
        wanted = Wanted(period=HOUR, lookback=DAY, start=NOW - 2 * HOUR)
        assert next_window(short, wanted, NOW, poll=True).start == NOW - 2 * HOUR

    def test_crosses_any_silence_forwards(self):
        checkpoint = Checkpoint(covered=(Interval(NOW - 50 * YEAR, NOW - 30 * YEAR),), backfill_done=True)
        count = 0
        while isinstance(plan := next_window(checkpoint, HOURLY, NOW, poll=count == 0), Interval):
            assert plan.start == checkpoint.covered[-1].end
            checkpoint, count = checkpoint.finished(plan, 0), count + 1
        assert checkpoint.covered == (Interval(NOW - 50 * YEAR, NOW),)
        assert count == -(-30 * YEAR // (FIRST_STEP * HOUR))

    def test_the_head_is_served_again_during_a_long_back_fill(self):
        """History takes longer than a period: what is new meanwhile does not wait for its end."""
        checkpoint, now, order = Checkpoint(), NOW, []
        for turn in range(12):
            plan = next_window(checkpoint, HOURLY, now, poll=turn == 0)
            order.append("head" if checkpoint.covered and plan.start >= checkpoint.covered[-1].end else "history")
            checkpoint = checkpoint.finished(plan, 1_000)
            now += 20 * MINUTE
        assert order == ["history"] * 3 + ["head", "history", "history"] * 3
        assert len(checkpoint.covered) == 1

    def test_holes_after_a_rewind_are_filled_newest_first_even_when_history_is_done(self):
        holes = [Interval(NOW - 4 * YEAR, NOW - 3 * YEAR), Interval(NOW - 2 * YEAR, NOW - YEAR)]
        covered = (Interval(NOW - 5 * YEAR, holes[0].start), Interval(holes[0].end, holes[1].start))
        checkpoint = Checkpoint(covered=(*covered, Interval(holes[1].end, NOW)), backfill_done=True, step=10 * YEAR)
        for hole in reversed(holes):
            assert next_window(checkpoint, HOURLY, NOW, poll=True) == hole
            checkpoint = checkpoint.finished(hole, 3)
        assert next_window(checkpoint, HOURLY, NOW, poll=True) == CaughtUp()

    def test_a_hole_is_filled_even_when_the_horizon_was_crossed(self):
        checkpoint = Checkpoint(
            covered=(Interval(NOW - 50 * YEAR, NOW - 9 * YEAR), Interval(NOW - YEAR, NOW)),
            empty_span=40 * YEAR,
            step=YEAR,
        )
        assert next_window(checkpoint, HOURLY, NOW, poll=True) == Interval(NOW - 2 * YEAR, NOW - YEAR)


class TestWhole:
    def test_is_all_of_the_source_up_to_now(self):
        assert whole_window(Checkpoint(), HOURLY, NOW) == Interval(EARLIEST, NOW)
        assert whole_window(Checkpoint(), Wanted(period=HOUR, start=NOW - DAY), NOW) == Interval(NOW - DAY, NOW)
        assert whole_window(Checkpoint(), Wanted(period=HOUR, start=NOW + DAY), NOW).end == NOW

    def test_goes_on_in_the_window_that_is_not_finished(self):
        before = Interval(EARLIEST, NOW - DAY)
        assert whole_window(Checkpoint().turned(before, 3, 1), HOURLY, NOW) == before


# --- the simulation ---------------------------------------------------------------------------------------------------


class Killed(Exception):
    """The process is killed at a batch boundary."""


@dataclass
class Simulated:
    """A source of points at known times, served in pages; a page may be cut short by a kill after it is stored."""

    times: list[int]
    page_size: int
    reach: Reach = Reach.WINDOW
    delays: dict[int, int] = field(default_factory=dict)  # µs after its date that a point is published
    requests: list[tuple[Interval, bool, Checkpoint]] = field(default_factory=list)  # window, first page?, before

    def shows(self, x, now):
        return x < now and x + self.delays.get(x, 0) <= now

    async def pages(self, window, token, run):
        inside = [x for x in self.times if window.start <= x < window.end and self.shows(x, run.now())]
        at = token or 0
        while True:
            self.requests.append((window, at == 0, run.checkpoint))
            page = inside[at : at + self.page_size]
            at += self.page_size
            last = at >= len(inside)
            columns = {"value": (array("q", page), array("d", map(float, page)))}
            yield PageRead(columns=columns, token=None if last else at, last=last)
            if last:
                return


class SimulatedRun:
    """Commits as the supervisor does, and is killed after `lives` commits (None = never)."""

    def __init__(self, wanted, checkpoint, now, lives, pace=1_000):
        checkpoint = checkpoint.resumed()
        self.pace = pace  # µs from page to page
        self.began = now
        self.left_over = checkpoint.page.window if checkpoint.page else None
        self.orders = Read(source_type="API", wanted=wanted, checkpoint=checkpoint)
        self.checkpoint = checkpoint
        self.clock = now
        self.lives = lives
        self.stored: set[int] = set()

    def now(self):
        return self.clock

    async def store(self, page, window):
        times = page.columns["value"][0]
        self.stored.update(times)
        if page.last:
            before, lookback = self.checkpoint, self.orders.wanted.lookback
            began = window.end if window == self.left_over else self.began
            after = before.finished(window, len(times), exhausted=page.exhausted)
            self.checkpoint = after.looked_again(before, window, lookback, began)
        else:
            self.checkpoint = self.checkpoint.turned(window, page.token, len(times))
        self.clock += self.pace
        if self.lives is not None:
            self.lives -= 1
            if self.lives == 0:
                raise Killed


def drive(coroutine):
    """Run a coroutine that waits for nothing."""
    try:
        coroutine.send(None)
    except StopIteration as end:
        return end.value
    raise AssertionError("it waited for something")


KINDS = ("dense", "sparse", "gappy", "annual", "empty", "burst")


def times_of(kind, period, dice):
    """Point times of one kind of source, none of whose silences is as long as ten years."""
    if kind == "empty":
        return []
    if kind == "annual":
        return [NOW - n * YEAR - dice.randrange(DAY) for n in range(1, dice.randrange(2, 120))]
    if kind == "sparse":
        x, times = NOW, []
        for _ in range(dice.randrange(1, 60)):
            x -= dice.randrange(1, 9 * YEAR)
            times.append(x)
        return times
    count = dice.randrange(1, 3_000)
    times = [NOW - n * period - dice.randrange(min(period, DAY)) for n in range(count)]
    if kind == "gappy":
        gap, at = dice.randrange(2 * YEAR, 9 * YEAR), dice.randrange(count)
        times = times[:at] + [x - gap for x in times[at:]]
    if kind == "burst":
        times += [NOW - 3 * period + dice.randrange(period) for _ in range(2_000)]
    return times


@st.composite
def stories(draw):
    kind = draw(st.sampled_from(KINDS))
    period = draw(st.sampled_from([MINUTE, HOUR, DAY, YEAR // 12]))
    dice = Random(draw(st.integers(0, 2**32)))
    future = [NOW + n * period for n in range(draw(st.integers(0, 40)))]
    times = sorted({x for x in [*times_of(kind, period, dice), *future] if x >= EARLIEST})
    start = draw(st.sampled_from([EARLIEST, NOW - 3 * YEAR, NOW - 60 * DAY]))
    return {
        "source": Simulated(times, draw(st.sampled_from([1_000_000, 977, 100, 23]))),
        "wanted": Wanted(period=period, start=start, lookback=draw(st.sampled_from([0, period, 12 * period]))),
        "kills": draw(st.lists(st.integers(1, 9), max_size=25)),
        "pauses": draw(st.lists(st.integers(0, 3), min_size=1, max_size=6)),
    }


def live(source, wanted, checkpoint, now, stored, kills, pauses, pace=1_000):
    """Run, be killed, resume from what was committed, until a run ends by itself; return checkpoint and time."""
    kills, runs = list(kills), 0
    while True:
        runs += 1
        run = SimulatedRun(wanted, checkpoint, now, kills.pop(0) if kills else None, pace)
        try:
            reason = drive(read(source, run))
        except Killed:
            ended = False
        else:
            ended = True
        stored |= run.stored
        checkpoint, now = run.checkpoint, run.clock
        if ended:
            if reason:
                checkpoint = checkpoint.backfilled(reason)
            return checkpoint, now, runs
        now += pauses[runs % len(pauses)] * wanted.period


def assert_nothing_read_twice(source, wanted):
    for window, first, before in source.requests:
        if not first or (before.page and before.page.window == window):
            continue
        missing = gaps(before.covered, window)
        again = window.width - sum(part.width for part in missing)
        assert again <= wanted.lookback, (window, before)
        assert missing


def expected(source, wanted, checkpoint):
    return {x for x in source.times if wanted.start <= x < checkpoint.covered[-1].end}


@settings(deadline=None, max_examples=120)
@given(stories())
def test_whatever_is_killed_the_stored_points_are_the_sources_and_nothing_is_read_twice(story):
    source, wanted, stored = story["source"], story["wanted"], set()
    checkpoint, now, runs = live(source, wanted, Checkpoint(), NOW, stored, story["kills"], story["pauses"])

    assert checkpoint.backfill_done
    assert checkpoint.backfill_reason
    assert len(checkpoint.covered) == 1
    assert checkpoint.covered[-1].end > now - 1_000 - wanted.period
    assert stored == expected(source, wanted, checkpoint)
    assert_nothing_read_twice(source, wanted)
    # Doublings to the horizon, one window per 500 points at the worst, a head window per run, and the pages.
    points = len(source.times)
    assert len(source.requests) <= 60 + 3 * runs + points // 250 + 2 * points // source.page_size

    # A later poll, after a silence, crosses it and stays exact.
    before = len(source.requests)
    now += 30 * wanted.period
    checkpoint, now, runs = live(source, wanted, checkpoint, now, stored, story["kills"][:3], story["pauses"])
    assert stored == expected(source, wanted, checkpoint)
    assert checkpoint.covered[-1].end > now - 1_000 - wanted.period
    assert_nothing_read_twice(source, wanted)
    assert len(source.requests) - before <= 2 * runs + 2 * points // source.page_size + 8


@settings(deadline=None, max_examples=120)
@given(stories(), st.integers(0, 2**32), st.sampled_from([1_000, 3]))
def test_what_is_published_late_is_found_however_long_the_reading_takes(story, seed, hurry):
    """Up to `lookback` late: while the history is read, while a silence is crossed, while it is killed."""
    source, wanted, stored, dice = story["source"], story["wanted"], set(), Random(seed)
    source.times, source.page_size = source.times[-400:], 5
    source.delays = {x: dice.randrange(wanted.lookback + 1) for x in source.times if dice.random() < 0.7}
    checkpoint, now = Checkpoint(), NOW - 20 * wanted.period
    for kills in (story["kills"], [], story["kills"][:3], []):
        # A page takes up to a third of a period: what the long back-fill reads at last is old news by then.
        lives = live(source, wanted, checkpoint, now, stored, kills, story["pauses"], wanted.period // hurry)
        checkpoint, now = lives[0], lives[1] + dice.randrange(30) * wanted.period
    begun = now
    checkpoint, _, _ = live(source, wanted, checkpoint, begun, stored, [], [1])
    assert {x for x in expected(source, wanted, checkpoint) if source.shows(x, begun)} <= stored


@settings(deadline=None, max_examples=60)
@given(stories(), st.integers(1, 3 * YEAR), st.integers(1, YEAR))
def test_what_a_person_rewinds_is_read_again_and_nothing_else(story, back, width):
    source, wanted, stored = story["source"], story["wanted"], set()
    checkpoint, now, _ = live(source, wanted, Checkpoint(), NOW, stored, [], [1])
    hole = Interval(NOW - back - width, NOW - back)
    form = checkpoint.to_json()
    kept = [part for part in gaps((hole,), checkpoint.covered[0]) if part.width > 1]
    form["covered"] = [{"start": iso(part.start), "end": iso(part.end)} for part in kept]
    stored -= {x for x in stored if not any(part.start <= x < part.end for part in kept)}

    rewound = Checkpoint.from_json(form, version=checkpoint.version, now=now)
    source.requests.clear()
    checkpoint, now, _ = live(source, wanted, rewound, now + wanted.period, stored, story["kills"], story["pauses"])

    wanted_from = rewound.covered[0].start if rewound.covered else wanted.start
    reached = {x for x in expected(source, wanted, checkpoint) if x >= wanted_from}
    assert {x for x in stored if x >= wanted_from} == reached
    assert_nothing_read_twice(source, wanted)


def test_a_two_year_gap_and_an_annual_series_do_not_end_the_back_fill():
    gap = [NOW - n * HOUR for n in range(1, 900)] + [NOW - 2 * YEAR - n * HOUR for n in range(900, 1_800)]
    for times in (gap, [NOW - n * YEAR for n in range(1, 150)]):
        stored = set()
        live(Simulated(sorted(times), 100), HOURLY, Checkpoint(), NOW, stored, [], [0])
        assert stored == set(times)


def test_points_of_the_future_do_not_stop_it_from_following_today():
    """A window holds what the source dates in it; planning never looks at the newest point."""
    stored = set()
    source = Simulated([NOW - HOUR, NOW + 5 * HOUR, NOW + YEAR], 10)
    checkpoint, _now, _ = live(source, HOURLY, Checkpoint(), NOW, stored, [], [0])
    live(source, HOURLY, checkpoint, NOW + 6 * HOUR, stored, [], [0])
    assert stored == {NOW - HOUR, NOW + 5 * HOUR}


def test_a_source_without_an_end_to_ask_for_is_read_whole_once_and_then_from_where_reading_ended():
    wanted = Wanted(period=HOUR, start=NOW - YEAR, lookback=DAY)
    first = onward_window(Checkpoint(), wanted, NOW)
    assert first == Interval(NOW - YEAR, NOW)
    part = Checkpoint(covered=(Interval(NOW - WEEK, NOW),))  # left by another module: there may be more before it
    assert onward_window(part, wanted, NOW + HOUR) == Interval(NOW - YEAR, NOW + HOUR)
    after = Checkpoint().finished(first, 10, exhausted="read")
    assert onward_window(after, wanted, NOW + HOUR) == Interval(NOW - DAY, NOW + HOUR)
    begun = after.turned(Interval(NOW - DAY, NOW + HOUR), {"since": NOW}, 5)
    assert onward_window(begun, wanted, NOW + DAY) == Interval(NOW - DAY, NOW + HOUR)
