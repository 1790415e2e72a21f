"""`points.commit`, the one way in, and what is kept of data, runs, logs and events."""

import itertools
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lives import NOW, column

from budget import examples
from slackwater.errors import StaleEpoch
from slackwater.model.checkpoint import Checkpoint, Interval
from slackwater.model.instants import EARLIEST, LATEST
from slackwater.store.records import logs, runs, wrappers
from slackwater.store.records.logs import LogLine
from slackwater.store.series import points
from slackwater.store.series.points import Spent, Stored
from slackwater.supervise.lifecycle import transitions, wanted_state

EXAMPLES = examples(20, 200)
WINDOW = Interval(NOW - 100, NOW)
DONE = Checkpoint().finished(WINDOW, 2)


@pytest.fixture
def opened(lives):
    return lives.running()


def marks(record):
    return record.marks.low_water_mark, record.marks.high_water_mark


class TestFence:
    @pytest.mark.parametrize("shift", [-1, 1])
    def test_another_epoch_stores_nothing_of_anything(self, lives, opened, shift):
        owner = opened.wrapper.wrapper_id
        lives.commit(opened, [column({1: 1.0})])
        before, run = lives.get(owner), lives.run(opened)
        with pytest.raises(StaleEpoch, match=f"Epoch {before.control.epoch + shift} of wrapper {owner} is over"):
            lives.commit(
                opened,
                [column({1: 9.0, 2: 2.0}, "other"), column({3: 3.0})],
                epoch=before.control.epoch + shift,
                checkpoint=DONE,
                window=WINDOW,
                spent=Spent(requests=3, rejected=1),
            )
        assert lives.get(owner) == before
        assert lives.run(opened) == run
        assert lives.stored(owner) == {"value": {1: 1.0}}

    def test_a_wrapper_that_is_gone_has_no_epoch(self, lives, opened):
        lives.write(wrappers.delete, opened.wrapper.wrapper_id)
        with pytest.raises(StaleEpoch):
            lives.commit(opened, [column({1: 1.0})])
        assert lives.stored(opened.wrapper.wrapper_id) == {}

    @pytest.mark.parametrize("use_case", ["stop", "checkpoint", "recover", "execute"])
    def test_every_use_case_that_ends_a_run_raises_the_fence(self, lives, opened, use_case):
        wrapper_id = opened.wrapper.wrapper_id
        if use_case == "recover":
            lives.write(transitions.recover, NOW)
        else:
            lives.stop(wrapper_id)
            lives.write(transitions.observe_stop, wrapper_id, NOW)
        if use_case == "checkpoint":
            lives.write(wanted_state.change_checkpoint, wrapper_id, None, NOW)
        if use_case == "execute":
            lives.execute(wrapper_id)
            assert lives.open(wrapper_id) is not None
        with pytest.raises(StaleEpoch):
            lives.commit(opened, [column({1: 1.0})])


class TestCommit:
    def test_points_and_checkpoint_are_stored_together(self, lives, opened):
        stored = lives.commit(opened, [column({1: 1.0, 2: 2.0})], checkpoint=DONE, window=WINDOW)
        assert stored == Stored(received=2, new=2, changed=0)
        record = lives.get(opened.wrapper.wrapper_id)
        assert (record.marks.checkpoint, record.counters.points, marks(record)) == (DONE, 2, (1, 2))
        assert record.marks.last_data_sent == NOW
        assert lives.run(opened).window == WINDOW

    def test_when_the_checkpoint_cannot_be_stored_no_point_is(self, lives, opened):
        with pytest.raises(TypeError):
            lives.commit(opened, [column({1: 1.0})], checkpoint=Checkpoint().turned(WINDOW, object(), 1))
        assert lives.stored(opened.wrapper.wrapper_id) == {}
        assert lives.get(opened.wrapper.wrapper_id).counters.points == 0

    def test_a_batch_that_is_sent_twice_is_stored_once(self, lives, opened):
        batch = [column({1: 1.0, 2: 2.0}), column({2: 5.0}, "other")]
        assert lives.commit(opened, batch) == Stored(received=3, new=3, changed=0)
        before = lives.stored(opened.wrapper.wrapper_id)
        assert lives.commit(opened, batch) == Stored(received=3, new=0, changed=0)
        assert lives.stored(opened.wrapper.wrapper_id) == before == {"value": {1: 1.0, 2: 2.0}, "other": {2: 5.0}}
        assert lives.get(opened.wrapper.wrapper_id).counters.points == 3

    def test_the_value_fetched_last_wins_and_is_counted_as_changed(self, lives, opened):
        lives.commit(opened, [column({1: 1.0, 2: 2.0, 3: 3.0})])
        stored = lives.commit(opened, [column({2: 2.5, 3: 3.0, 4: 4.0})])
        assert stored == Stored(received=3, new=1, changed=1, overwritten=1), "the same run had stored it"
        assert lives.stored(opened.wrapper.wrapper_id) == {"value": {1: 1.0, 2: 2.5, 3: 3.0, 4: 4.0}}

    def test_of_one_time_twice_in_a_batch_the_last_wins(self, lives, opened):
        assert lives.commit(opened, [column([(1, 1.0), (2, 2.0), (1, 9.0)])]) == Stored(
            received=3, new=2, changed=0, contradicted=1, overwritten=1
        )
        assert lives.commit(opened, [column([(2, 7.0), (2, 2.0)])]) == Stored(
            received=2, new=0, changed=0, contradicted=1, overwritten=1
        )
        assert lives.stored(opened.wrapper.wrapper_id) == {"value": {1: 9.0, 2: 2.0}}

    def test_a_batch_without_points_moves_the_checkpoint_and_no_mark(self, lives, opened):
        lives.commit(opened, [column({5: 1.0})])
        lives.now += 7
        lives.commit(opened, [column({}, "never made")], checkpoint=DONE, window=WINDOW)
        record = lives.get(opened.wrapper.wrapper_id)
        assert (record.marks.checkpoint, marks(record), record.marks.last_data_sent) == (DONE, (5, 5), NOW)
        assert record.marks.updated_at == NOW + 7
        assert list(lives.stored(record.wrapper_id)) == ["value"]

    def test_without_a_checkpoint_the_committed_one_stays(self, lives, opened):
        lives.commit(opened, [column({1: 1.0})], checkpoint=DONE)
        lives.commit(opened, [column({2: 1.0})])
        assert lives.get(opened.wrapper.wrapper_id).marks.checkpoint == DONE

    def test_the_ends_of_the_calendar_and_of_numbers_are_kept_exactly(self, lives, opened):
        values = {EARLIEST: 1.7976931348623157e308, -1: 5e-324, 0: 0.1, LATEST: -1.0}
        lives.commit(opened, [column(values)])
        assert lives.stored(opened.wrapper.wrapper_id) == {"value": values}
        assert marks(lives.get(opened.wrapper.wrapper_id)) == (EARLIEST, LATEST)

    def test_what_a_run_spends_adds_up_in_run_and_wrapper(self, lives, opened):
        spent = Spent(requests=2, request_errors=1, bytes_received=100, rows=7, rejected=3)
        for _ in range(3):
            lives.commit(opened, spent=spent)
        run, record = lives.run(opened), lives.get(opened.wrapper.wrapper_id)
        assert (run.request_count, run.request_errors, run.bytes_received) == (6, 3, 300)
        assert (run.rows_processed, run.points_rejected) == (21, 9)
        assert (record.counters.request_count, record.counters.error_count, record.counters.bytes_received) == (
            6,
            3,
            300,
        )
        assert record.counters.points_rejected == 9

    def test_the_window_of_a_run_grows_in_both_directions(self, lives, opened):
        for window in (Interval(50, 60), Interval(55, 58), Interval(10, 20), Interval(60, 90)):
            lives.commit(opened, window=window)
        assert lives.run(opened).window == Interval(10, 90)

    def test_wrappers_do_not_share_series(self, lives, opened):
        other = lives.running()
        lives.commit(opened, [column({1: 1.0})])
        lives.commit(other, [column({1: 2.0})])
        assert lives.stored(opened.wrapper.wrapper_id) == {"value": {1: 1.0}}
        assert lives.stored(other.wrapper.wrapper_id) == {"value": {1: 2.0}}

    @settings(
        deadline=None, max_examples=examples(20, 200), suppress_health_check=[HealthCheck.function_scoped_fixture]
    )
    @given(
        st.lists(
            st.lists(
                st.tuples(
                    st.sampled_from(["a", "b", "Ç"]),
                    st.lists(st.tuples(st.integers(-30, 30), st.integers(0, 3).map(float)), max_size=12),
                ),
                max_size=3,
            ),
            min_size=1,
            max_size=6,
        )
    )
    def test_counters_and_marks_equal_reality_after_any_batches(self, lives, batches):
        opened = lives.running()
        owner, truth, new, changed, received = opened.wrapper.wrapper_id, {}, 0, 0, 0
        for batch in batches:
            stored = lives.commit(opened, [column(pairs, name) for name, pairs in batch])
            expected = Stored(received=sum(len(pairs) for _, pairs in batch), new=0, changed=0)
            # Of a point that comes twice in a commit the last value counts, in whatever columns it stands.
            latest = {(name, x): y for name, pairs in batch for x, y in pairs}
            added = len(latest.keys() - truth.keys())
            revised = sum(key in truth and truth[key] != y for key, y in latest.items())
            contradicted = sum(latest[name, x] != y for name, pairs in batch for x, y in pairs)
            # All is stored by one run: whatever changes is its own.
            own = revised + contradicted
            expected = replace(expected, new=added, changed=revised, contradicted=contradicted, overwritten=own)
            truth |= latest
            assert stored == expected
            new, changed, received = new + stored.new, changed + stored.changed, received + stored.received
        found = {(name, x): y for name, values in lives.stored(owner).items() for x, y in values.items()}
        assert found == truth
        record, run = lives.get(owner), lives.run(opened)
        times = [x for _, x in truth]
        assert marks(record) == ((min(times), max(times)) if times else (None, None))
        assert record.counters.points == new == len(truth)
        assert (run.points_new, run.points_changed, run.points_received) == (new, changed, received)


class TestPurge:
    def test_detached_data_is_gone_at_once_and_deleted_a_little_at_a_time(self, lives, opened, monkeypatch):
        monkeypatch.setattr(points, "PURGE_ROWS", 10)
        owner = opened.wrapper.wrapper_id
        other = lives.running()
        lives.commit(opened, [column(dict.fromkeys(range(35), 1.0)), column(dict.fromkeys(range(10), 1.0), "b")])
        lives.commit(other, [column(dict.fromkeys(range(15), 2.0))])
        lives.write(points.detach, owner)
        assert lives.stored(owner) == {}
        # The name is free again, before the old data is gone.
        lives.commit(opened, [column({1: 5.0})])

        sizes = [count(lives)]
        while lives.write(points.purge):
            sizes.append(count(lives))
        assert all(before - after <= 10 for before, after in itertools.pairwise(sizes))
        assert sizes[0] == 35 + 10 + 15 + 1
        assert sizes[-1] == 15 + 1
        assert lives.stored(owner) == {"value": {1: 5.0}}
        assert len(lives.stored(other.wrapper.wrapper_id)["value"]) == 15
        assert lives.read(lambda c: c.exec_driver_sql("SELECT count(*) FROM series").scalar()) == 2
        assert lives.write(points.purge) is False


def count(lives):
    return lives.read(lambda c: c.exec_driver_sql("SELECT count(*) FROM points").scalar())


class TestRetention:
    def test_the_newest_log_lines_are_kept_and_told_oldest_first(self, lives, opened):
        wrapper_id, other = opened.wrapper.wrapper_id, lives.generate()
        for each in (wrapper_id, other):
            lives.write(logs.forget_old, each, 0)  # what the wrapper's own life has written
        lives.write(logs.append, wrapper_id, [LogLine(NOW + n, "INFO", f"line {n}") for n in range(50)])
        lives.write(logs.append, other, [LogLine(NOW, "ERROR", "x" * 5_000)])
        lives.write(logs.forget_old, wrapper_id, 20)
        lines, total = lives.read(logs.tail, wrapper_id, 3)
        assert total == 20
        assert lines == [f"2026-11-20 12:00:00 - INFO - line {n}" for n in (47, 48, 49)]
        assert lives.read(logs.tail, wrapper_id, 100)[0][0].endswith("line 30")
        (long,), total = lives.read(logs.tail, other, 9)
        assert (len(long.split(" - ", 2)[2]), total) == (logs.MAX_LINE, 1), "others keep theirs, cut to size"

    @pytest.mark.parametrize("keep", [50, 51, 10_000])
    def test_what_is_within_the_limit_stays(self, lives, opened, keep):
        wrapper_id = opened.wrapper.wrapper_id
        lives.write(logs.forget_old, wrapper_id, 0)
        lives.write(logs.append, wrapper_id, [LogLine(NOW, "INFO", "x")] * 50)
        lives.write(logs.forget_old, wrapper_id, keep)
        assert lives.read(logs.tail, wrapper_id, 1)[1] == 50

    def test_the_newest_runs_are_kept_and_the_open_one_always(self, lives):
        wrapper_id = lives.generate()
        for n in range(10):
            lives.write(runs.begin, run_id=f"r{n}", wrapper_id=wrapper_id, epoch=1, task="read", now=NOW + n, node="n")
            if n:
                lives.write(runs.end, f"r{n}", outcome=runs.SUCCEEDED, now=NOW + n)
            else:
                lives.write(runs.end, "r0", outcome=runs.FAILED, now=NOW)
        lives.write(runs.begin, run_id="old", wrapper_id=wrapper_id, epoch=1, task="read", now=NOW - 1, node="n")
        lives.write(runs.forget_old, wrapper_id, 3)
        page, total = lives.read(runs.list_page, wrapper_id, skip=0, limit=10)
        assert [run.run_id for run in page] == ["r9", "r8", "r7", "old"]
        assert total == 4
        assert lives.read(runs.list_page, wrapper_id, skip=1, limit=2)[0] == page[1:3]

    def test_a_run_is_closed_once(self, lives, opened):
        assert lives.write(runs.end, opened.run_id, outcome=runs.STOPPED, now=NOW + 1, message="first")
        assert not lives.write(runs.end, opened.run_id, outcome=runs.FAILED, now=NOW + 2, message="second")
        run = lives.run(opened)
        assert (run.outcome, run.message, run.finished_at) == ("stopped", "first", NOW + 1)

    def test_the_execution_log_keeps_its_last_200(self, lives):
        wrapper_id = lives.generate()
        lives.write(lambda c: [wrappers.add_event(c, wrapper_id, NOW, f"event {n}") for n in range(300)])
        log = lives.get(wrapper_id).execution_log
        assert len(log) == wrappers.KEPT_EVENTS == 200
        assert (log[0], log[-1]) == ("2026-11-20T12:00:00Z event 100", "2026-11-20T12:00:00Z event 299")
