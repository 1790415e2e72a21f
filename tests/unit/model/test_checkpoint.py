"""Laws of the checkpoint: intervals as sets, an unfinished window never covers, and what a client may put."""

import itertools

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from slackwater.errors import BadInput, Conflict
from slackwater.model.checkpoint import FULL, SPARSE, Checkpoint, Interval, Page, gaps, with_interval
from slackwater.model.instants import DAY, EARLIEST, HOUR, LATEST, WEEK, YEAR, iso, parse_iso

NOW = parse_iso("2026-11-20T12:00:00Z")
quick = settings(deadline=None, max_examples=150)

# Few distinct ends, so that intervals touch, overlap and nest all the time.
small = st.tuples(st.integers(0, 40), st.integers(1, 12)).map(lambda pair: Interval(pair[0], pair[0] + pair[1]))
coverings = st.lists(small, max_size=12).map(lambda parts: union(parts))  # noqa: PLW0108 - defined below
moments = st.integers(EARLIEST, NOW - 1)


def union(parts):
    covered = ()
    for part in parts:
        covered = with_interval(covered, part)
    return covered


def ticks(parts):
    return {tick for part in parts for tick in range(part.start, part.end)}


def assert_normal(covered):
    """Sorted, disjoint, coalesced: a real gap between any two."""
    assert all(one.end < other.start for one, other in itertools.pairwise(covered))


class TestInterval:
    @pytest.mark.parametrize(("start", "end"), [(5, 5), (6, 5), (EARLIEST - 1, 0), (0, LATEST + 2)])
    def test_is_never_empty_backwards_or_out_of_the_calendar(self, start, end):
        with pytest.raises(ValueError, match="not an interval"):
            Interval(start, end)

    def test_may_span_the_whole_calendar_and_still_be_shown(self):
        assert str(Interval(EARLIEST, LATEST + 1)).startswith("[0001-01-01T00:00:00Z, 9999-12-31")

    def test_cannot_be_decoded_into_an_invalid_one(self):
        with pytest.raises(msgspec.ValidationError):
            msgspec.json.decode(b"[7, 3]", type=Interval)


class TestSets:
    @quick
    @given(st.lists(small, max_size=15))
    def test_with_interval_is_set_union_in_normal_form(self, parts):
        covered = union(parts)
        assert ticks(covered) == ticks(parts)
        assert_normal(covered)

    @quick
    @given(st.lists(small, max_size=10), st.randoms())
    def test_the_order_of_adding_does_not_matter(self, parts, dice):
        shuffled = parts[:]
        dice.shuffle(shuffled)
        assert union(shuffled) == union(parts)

    @quick
    @given(coverings, small)
    def test_adding_what_is_covered_changes_nothing(self, covered, part):
        once = with_interval(covered, part)
        assert with_interval(once, part) == once

    @quick
    @given(coverings, small)
    def test_gaps_and_covered_make_up_what_is_wanted(self, covered, wanted):
        missing = gaps(covered, wanted)
        assert ticks(missing) == ticks([wanted]) - ticks(covered)
        assert_normal(missing)
        filled = covered
        for gap in missing:
            filled = with_interval(filled, gap)
        assert gaps(filled, wanted) == []


class TestAdvancing:
    @quick
    @given(coverings, small, st.integers(0, 50_000))
    def test_an_unfinished_window_never_covers(self, covered, window, points):
        before = Checkpoint(covered=covered, version=3)
        turned = before.turned(window, {"cursor": "x"}, points)
        assert turned.covered == covered
        assert turned.page == Page(window=window, token={"cursor": "x"}, points=points)
        assert turned.version == 4
        assert turned.turned(window, 2, 7).page.points == points + 7
        assert turned.turned(Interval(100, 101), 2, 7).page.points == 7, "pages of another window do not count"

    @quick
    @given(coverings, small, st.integers(0, 50_000))
    def test_a_finished_window_covers_exactly_itself(self, covered, window, points):
        after = Checkpoint(covered=covered).finished(window, points)
        assert ticks(after.covered) == ticks(covered) | ticks([window])
        assert after.page is None
        assert not after.backfill_done
        assert after.version == 1

    def test_neither_a_failure_nor_the_end_of_the_back_fill_covers(self):
        before = Checkpoint(covered=(Interval(10, 20),), step=8)
        assert before.shrunk(1, 100).covered == before.covered
        assert before.backfilled("because").covered == before.covered

    @pytest.mark.parametrize(
        ("points", "step"), [(0, 2 * DAY), (SPARSE - 1, 2 * DAY), (SPARSE, DAY), (FULL, DAY), (FULL + 1, DAY // 2)]
    )
    def test_the_window_adapts_to_what_it_held(self, points, step):
        assert Checkpoint(step=DAY).finished(Interval(NOW - DAY, NOW), points).step == step

    def test_the_pages_before_count_too(self):
        window = Interval(NOW - DAY, NOW)
        half = Checkpoint(step=DAY).turned(window, 1, SPARSE)
        assert half.finished(window, 0).step == DAY
        assert half.finished(window, 0).empty_span == 0

    def test_only_windows_at_the_old_end_steer_the_back_fill(self):
        covered = (Interval(NOW - 10 * DAY, NOW - 5 * DAY),)
        before = Checkpoint(covered=covered, step=DAY, empty_span=DAY)
        head = before.finished(Interval(NOW - 5 * DAY, NOW), 0)
        assert (head.step, head.empty_span) == (DAY, DAY)
        older = before.finished(Interval(NOW - 12 * DAY, NOW - 10 * DAY), 0)
        assert (older.step, older.empty_span) == (4 * DAY, 3 * DAY)
        assert older.finished(Interval(NOW - 13 * DAY, NOW - 12 * DAY), 1).empty_span == 0, "data begins the count anew"

    def test_the_sources_own_word_ends_the_back_fill_and_the_first_reason_stays(self):
        done = Checkpoint().finished(Interval(0, 9), 1, exhausted="nothing older")
        assert (done.phase, done.backfill_reason) == ("continuous", "nothing older")
        assert done.finished(Interval(9, 12), 1, exhausted="again").backfill_reason == "nothing older"
        assert done.finished(Interval(9, 12), 1).backfill_done

    def test_a_window_that_failed_makes_the_next_one_half_as_wide(self):
        assert Checkpoint(step=DAY).shrunk(HOUR, 500 * HOUR).step == DAY // 2
        assert Checkpoint(step=HOUR).shrunk(HOUR, 500 * HOUR).step == HOUR
        assert Checkpoint().shrunk(HOUR, 500 * HOUR).step == 250 * HOUR, "the first guess can be too wide as well"

    def test_reading_again_forgets_what_was_covered(self):
        again = Checkpoint(covered=(Interval(0, 5),), page=Page(Interval(5, 9), 3), backfill_done=True).reread()
        assert (again.covered, again.page, again.backfill_done) == ((), None, False)


class TestClipped:
    def test_is_the_same_when_the_clock_was_right(self):
        checkpoint = Checkpoint(covered=(Interval(0, NOW),), page=Page(Interval(0, NOW), 1))
        assert checkpoint.clipped(NOW) is checkpoint

    def test_drops_what_lies_beyond_now(self):
        covered = (Interval(0, 10), Interval(NOW - 5, NOW + 5), Interval(NOW + 7, NOW + 9))
        clipped = Checkpoint(covered=covered).clipped(NOW)
        assert clipped.covered == (Interval(0, 10), Interval(NOW - 5, NOW))
        assert clipped.version == 1

    @pytest.mark.parametrize("covered", [(), (Interval(0, NOW - 9),)])
    def test_drops_a_page_that_lies_beyond_now_even_when_nothing_covered_does(self, covered):
        clipped = Checkpoint(covered=covered, page=Page(Interval(NOW - 9, NOW + DAY), 4)).clipped(NOW)
        assert (clipped.covered, clipped.page) == (covered, None)

    def test_begins_anew_when_all_it_had_seen_lies_beyond_now(self):
        ahead = Checkpoint(covered=(Interval(NOW + DAY, NOW + YEAR),), empty_span=YEAR, step=DAY).backfilled("empty")
        clipped = ahead.clipped(NOW)
        assert (clipped.covered, clipped.empty_span, clipped.phase) == ((), 0, "historical")


class TestForm:
    @quick
    @given(st.lists(st.tuples(moments, st.integers(1, 50 * YEAR)), max_size=6), st.booleans(), st.integers(0, 99))
    def test_round_trip(self, stretches, done, version):
        covered = union([Interval(start, min(start + width, NOW)) for start, width in stretches])
        checkpoint = Checkpoint(
            covered=covered, backfill_done=done, backfill_reason="why" if done else None, version=version
        )
        form = msgspec.json.decode(msgspec.json.encode(checkpoint.to_json()))
        back = Checkpoint.from_json(form, version=version, now=NOW)
        assert back.covered == covered
        assert (back.backfill_done, back.backfill_reason) == (done, checkpoint.backfill_reason)
        assert back.version == version + 1
        assert back.page is None

    @quick
    @given(coverings, st.none() | st.integers() | st.dictionaries(st.text(max_size=3), st.integers(), max_size=2))
    def test_the_stored_form_is_the_same_value_again(self, covered, token):
        checkpoint = Checkpoint(covered=covered, page=Page(Interval(1, 2), "t"), step=5, empty_span=9, version=2)
        checkpoint = checkpoint.turned(Interval(3, 4), token if not isinstance(token, int) else token % 2**60, 1)
        assert msgspec.json.decode(msgspec.json.encode(checkpoint), type=Checkpoint) == checkpoint

    def test_shows_what_people_need(self):
        window = Interval(NOW - DAY, NOW)
        form = Checkpoint(covered=(window,), page=Page(window, {"offset": 3}), version=7).to_json()
        times = {"start": "2026-11-19T12:00:00Z", "end": "2026-11-20T12:00:00Z"}
        assert form == {
            "phase": "historical",
            "covered": [times],
            "page": {"window": times, "token": {"offset": 3}},
            "backfill_done": False,
            "backfill_reason": None,
            "version": 7,
        }

    def test_what_is_said_twice_or_unsorted_is_put_in_order(self):
        parts = [{"start": iso(n), "end": iso(n + 2 * DAY)} for n in (5 * DAY, 0, DAY, 0)]
        back = Checkpoint.from_json({"covered": parts}, version=0, now=NOW)
        assert back.covered == (Interval(0, 3 * DAY), Interval(5 * DAY, 7 * DAY))

    def test_a_back_fill_that_is_declared_done_has_a_reason(self):
        assert Checkpoint.from_json({"backfill_done": True}, version=0, now=NOW).backfill_reason == "set by hand"
        assert Checkpoint.from_json({"backfill_reason": "x"}, version=0, now=NOW).backfill_reason is None

    @pytest.mark.parametrize(
        ("form", "field"),
        [
            ({"covered": None}, "covered"),
            ({"covered": 3}, "covered"),
            ({"covered": "all"}, "covered"),
            ({"covered": {"start": "2020-01-01", "end": "2021-01-01"}}, "covered"),
            ({"covered": [["2020-01-01", "2021-01-01"]]}, "covered"),
            ({"covered": [{"start": "2020-01-01"}]}, "covered"),
            ({"covered": [{"start": 0, "end": 5}]}, "covered"),
            ({"covered": [{"start": "yesterday", "end": "2021-01-01"}]}, "covered"),
            ({"covered": [{"start": "2021-01-01", "end": "2020-01-01"}]}, "covered"),
            ({"covered": [{"start": "2021-01-01", "end": "2021-01-01"}]}, "covered"),
            ({"covered": [{"start": "0001-01-01T00:00:00+14:00", "end": "2021-01-01"}]}, "covered"),
            ({"covered": [{"start": "2021-01-01", "end": "2026-11-20T12:00:00.000001Z"}]}, "future"),
            ({"backfill_done": "false"}, "backfill_done"),
            ({"backfill_done": 1}, "backfill_done"),
            ({"backfill_done": True, "backfill_reason": 5}, "backfill_reason"),
            ({"backfill_done": True, "backfill_reason": "x" * 501}, "backfill_reason"),
        ],
    )
    def test_refuses_what_is_no_checkpoint_and_names_the_field(self, form, field):
        with pytest.raises(BadInput, match=field):
            Checkpoint.from_json(form, version=0, now=NOW)


class TestSeam:
    """What a run has read when it was young, the next run reads again."""

    first = Interval(NOW - 40 * DAY, NOW)

    def test_a_first_window_is_looked_at_again_from_the_moment_it_was_read(self):
        after = Checkpoint().finished(self.first, 9).looked_again(Checkpoint(), self.first, WEEK, NOW - 5)
        assert after.seam == NOW

    def test_what_comes_during_a_long_run_is_read_again_by_the_next(self):
        begun = Checkpoint(covered=(self.first,), seam=NOW)
        window = Interval(NOW, NOW + 30 * DAY)
        after = begun.finished(window, 9).looked_again(begun, window, WEEK, NOW)
        assert after.covered == (Interval(NOW - 40 * DAY, NOW + 30 * DAY),)
        assert after.seam == NOW, "nothing of before was looked at again"
        assert after.resumed().covered == (self.first,)

    def test_history_leaves_the_seam_where_it_is(self):
        begun = Checkpoint(covered=(self.first,), seam=NOW)
        window = Interval(NOW - 90 * DAY, NOW - 40 * DAY)
        assert begun.finished(window, 9).looked_again(begun, window, WEEK, NOW + DAY).seam == NOW

    def test_a_poll_moves_it_to_its_own_moment(self):
        begun = Checkpoint(covered=(self.first,), seam=NOW, backfill_done=True)
        poll = Interval(NOW - WEEK, NOW + DAY)
        after = begun.finished(poll, 9).looked_again(begun, poll, WEEK, NOW + DAY)
        assert after.seam == NOW + DAY
        assert after.resumed() is after, "nothing of an ordinary poll is read twice but `lookback`"

    def test_the_first_step_of_a_long_catch_up_settles_what_the_others_read(self):
        """All of it was published before the catch-up began, but the last `lookback`."""
        begun, now = Checkpoint(covered=(self.first,), seam=NOW, backfill_done=True), NOW + 400 * DAY
        step = Interval(NOW - WEEK, NOW + 100 * DAY)
        after = begun.finished(step, 9).looked_again(begun, step, WEEK, now)
        assert after.seam == now
        assert after.resumed() is after, "a catch-up that is cut off does not begin anew"

    def test_less_than_all_of_it_moves_nothing(self):
        begun = Checkpoint(covered=(self.first,), seam=NOW)
        short = Interval(NOW - WEEK + 1, NOW + DAY)
        assert begun.finished(short, 9).looked_again(begun, short, WEEK, NOW + DAY).seam == NOW

    def test_looks_back_no_further_than_anything_was_read(self):
        young = Checkpoint(covered=(Interval(NOW - DAY, NOW),), seam=NOW)
        poll = Interval(NOW - DAY, NOW + DAY)
        assert young.finished(poll, 9).looked_again(young, poll, WEEK, NOW + DAY).seam == NOW + DAY

    def test_a_clock_that_was_ahead_leaves_no_seam_in_the_future(self):
        ahead = Checkpoint(covered=(self.first,), seam=NOW + DAY)
        assert ahead.clipped(NOW).seam is None

    @pytest.mark.parametrize("covered", [(), (Interval(NOW - 9, NOW),)])
    def test_a_checkpoint_without_one_is_taken_as_it_is(self, covered):
        checkpoint = Checkpoint(covered=covered)
        assert checkpoint.resumed() is checkpoint


def test_what_came_whole_is_remembered_until_it_is_doubted():
    checkpoint = Checkpoint().finished(Interval(0, 10), 5, proven=(5, 3)).finished(Interval(10, 20), 2, proven=(4, 4))
    assert checkpoint.proven == (5, 4)
    assert checkpoint.turned(Interval(20, 30), {"page": 2}, 1).proven == (5, 4)
    assert checkpoint.restarted().proven == (0, 0)
    assert Checkpoint.from_json(checkpoint.to_json(), version=1, now=100).proven == (0, 0)


def half_read() -> Checkpoint:
    page = Page(window=Interval(HOUR, DAY), token={"cursor": "abc", "seen": [1, 2]}, points=270_000)
    return Checkpoint(
        covered=(Interval(2 * DAY, 3 * DAY),),
        page=page,
        step=WEEK,
        empty_span=HOUR,
        seam=3 * DAY,
        proven=(7, 5),
        version=4,
    )


@pytest.mark.parametrize("versioned", [True, False])
def test_what_was_shown_and_is_sent_back_changes_nothing(versioned):
    for before in (half_read(), half_read().backfilled("no data before 1970"), Checkpoint()):
        form = before.to_json()
        if not versioned:
            del form["version"]
        assert before.edited(form, now=4 * DAY) == before


def test_an_edit_of_a_stale_version_is_a_conflict():
    before = half_read()
    moved_on = before.backfilled("the source has nothing older")
    with pytest.raises(Conflict, match=r"version is 4, .* at 5"):
        moved_on.edited(before.to_json(), now=4 * DAY)


@pytest.mark.parametrize("change", [{"page": None}, {"backfill_done": True}, {"covered": []}])
def test_an_edit_begins_its_unfinished_window_anew(change):
    before = half_read()
    after = before.edited({**before.to_json(), **change}, now=4 * DAY)
    assert (after.page, after.version) == (None, 5)
