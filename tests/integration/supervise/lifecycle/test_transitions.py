"""The life of a wrapper, transaction by transaction, on a real store."""

import msgspec
import pytest
import sqlalchemy as sa
from lives import CLEAN, CODE, CONFIG, CRASHED, KILLED, NOW, PATIENCE, column, seen

from slackwater.errors import BadInput, Conflict, NotFound, StaleEpoch
from slackwater.model.checkpoint import Checkpoint, Interval
from slackwater.model.instants import DAY, HOUR, MINUTE, SECOND, iso
from slackwater.model.planning import FIRST_STEP
from slackwater.model.status import Status
from slackwater.model.wrapper import SourceType, WantedState
from slackwater.pipe.frames import Done, Fault, Final, Found, Outage
from slackwater.store.records import logs, resources, runs, wrappers
from slackwater.supervise.lifecycle import transitions, wanted_state

STATUSES = ["pending", "generating", "executing", "retrying", "stopped", "completed", "error"]
PERIOD = HOUR


class TestBirth:
    @pytest.mark.parametrize("source_type", SourceType)
    def test_from_asked_for_to_executing_with_a_resource(self, lives, source_type):
        wrapper_id = lives.generate(source_type)
        assert lives.get(wrapper_id).control.status is Status.PENDING
        opened = lives.open(wrapper_id)
        assert (opened.task, lives.get(wrapper_id).control.status) == ("discover", Status.GENERATING)
        record = lives.close(opened, Found(code=CODE, period=HOUR))
        assert seen(record, "status", "generated_code", "inferred_period") == (Status.EXECUTING, CODE, HOUR)
        assert record.control.due_at == lives.now
        resource = lives.read(resources.get, record.resource_id)
        assert (resource.wrapper_id, resource.name, resource.legend) == (wrapper_id, "Tides", "m")
        assert lives.open(wrapper_id).task == "read"
        log = lives.get(wrapper_id).execution_log
        assert [line.split(" ", 1)[1].split(" ")[0] for line in log] == ["created;", "resource", "discovery", "module"]
        assert all(line.startswith("2026-11-20T12:00:00Z ") for line in log)

    def test_without_a_resource_when_none_is_wanted(self, lives):
        record = lives.get(lives.executing(auto_create_resource=False))
        assert (record.control.status, record.resource_id) == (Status.EXECUTING, None)

    def test_a_source_that_cannot_be_read_is_an_error_at_once(self, lives):
        opened = lives.open(lives.generate())
        record = lives.close(opened, Fault(message="Give date_field."))
        assert seen(record, "status", "error_message", "due_at") == (Status.ERROR, "Give date_field.", None)

    def test_a_source_that_is_down_is_tried_again_five_times(self, lives):
        wrapper_id = lives.generate()
        for tries in range(1, 5):
            record = lives.fail(wrapper_id, "transient")
            assert (record.control.status, record.control.retry_count) == (Status.GENERATING, tries)
            assert record.control.due_at > lives.now
        assert lives.fail(wrapper_id, "transient").control.status is Status.ERROR

    def test_it_becomes_executing_when_the_source_comes_back(self, lives):
        wrapper_id = lives.generate()
        lives.fail(wrapper_id, "transient")
        lives.now = lives.get(wrapper_id).control.due_at
        record = lives.close(lives.open(wrapper_id), Found(code=CODE))
        assert seen(record, "status", "retry_count", "error_message") == (Status.EXECUTING, 0, None)


class TestAskExecute:
    @pytest.mark.parametrize("status", ["stopped", "error"])
    def test_resumes_where_it_was(self, lives, status):
        wrapper_id = lives.in_status(status)
        before = lives.get(wrapper_id)
        record, news = lives.execute(wrapper_id)
        assert news
        assert seen(record, "status", "wanted", "epoch") == (
            Status.EXECUTING,
            WantedState.EXECUTING,
            before.control.epoch + 1,
        )
        assert seen(record, "checkpoint", "error_message", "retry_count") == (before.marks.checkpoint, None, 0)
        assert record.control.fault_count == 0
        assert lives.open(wrapper_id).task == "read"

    def test_a_completed_file_is_read_from_its_first_row(self, lives):
        opened = lives.running(SourceType.CSV)
        window = Interval(0, NOW)
        lives.commit(opened, [column({1: 2.0})], checkpoint=Checkpoint().finished(window, 1), window=window)
        assert lives.close(opened, Done()).control.status is Status.COMPLETED
        record, _ = lives.execute(opened.wrapper.wrapper_id)
        checkpoint = record.marks.checkpoint
        assert (checkpoint.covered, checkpoint.page, record.marks.completed_at) == ((), None, None)
        assert record.counters.points == 1, "what is stored stays and is overwritten"

    def test_a_stopped_file_goes_on_at_its_row(self, lives):
        opened = lives.running(SourceType.CSV)
        lives.commit(opened, [column({1: 2.0})], checkpoint=Checkpoint().turned(Interval(0, NOW), 500, 1))
        lives.stop(opened.wrapper.wrapper_id)
        lives.close(opened, None, KILLED)
        record, _ = lives.execute(opened.wrapper.wrapper_id)
        assert record.marks.checkpoint.page.token == 500

    def test_what_executes_already_is_no_news(self, lives):
        wrapper_id = lives.in_status("executing")
        before = lives.get(wrapper_id)
        record, news = lives.execute(wrapper_id)
        assert (record.wrapper_id, news) == (wrapper_id, False)
        assert lives.get(wrapper_id) == before

    def test_does_not_wait_for_the_retry(self, lives):
        wrapper_id = lives.in_status("retrying")
        record, news = lives.execute(wrapper_id)
        assert news
        assert seen(record, "status", "due_at", "retry_count") == (Status.EXECUTING, lives.now, 0)

    @pytest.mark.parametrize("status", ["pending", "generating"])
    def test_without_code_it_says_so(self, lives, status):
        wrapper_id = lives.in_status(status)
        with pytest.raises(BadInput, match=r"^Wrapper has no code yet$"):
            lives.execute(wrapper_id)

    def test_while_it_is_being_stopped_it_says_so(self, lives):
        wrapper_id = lives.in_status("executing")
        lives.stop(wrapper_id)
        with pytest.raises(BadInput, match="Wrapper is executing; stop it first or wait"):
            lives.execute(wrapper_id)

    def test_of_another_source_than_the_checkpoints_it_says_the_way_out(self, lives):
        wrapper_id = lives.in_status("stopped")
        other = {"location": "https://data.example.org/v2"}
        lives.write(wanted_state.change_definition, wrapper_id, lives.now, source_config=other)
        with pytest.raises(BadInput, match="regenerate the wrapper, or delete its checkpoint"):
            lives.execute(wrapper_id)
        lives.write(wanted_state.change_checkpoint, wrapper_id, None, lives.now)
        assert lives.execute(wrapper_id)[0].control.status is Status.EXECUTING

    def test_of_another_password_keeps_the_checkpoint(self, lives):
        wrapper_id = lives.in_status("stopped")
        config = CONFIG[SourceType.API] | {"auth_type": "bearer", "bearer_token": "new", "timeout_seconds": 5}
        lives.write(wanted_state.change_definition, wrapper_id, lives.now, source_config=config)
        assert lives.execute(wrapper_id)[1]

    def test_an_unknown_one_is_not_found(self, lives):
        for ask in (lives.execute, lives.stop):
            with pytest.raises(NotFound, match=r"^Wrapper not found$"):
                ask("nobody")

    def test_a_deleted_resource_is_made_anew(self, lives):
        wrapper_id = lives.in_status("stopped")
        old = lives.get(wrapper_id).resource_id
        lives.write(resources.hide, old, lives.now)
        record, _ = lives.execute(wrapper_id)
        assert record.resource_id not in (None, old)


class TestAskStop:
    @pytest.mark.parametrize("status", ["pending", "retrying", "error"])
    def test_without_an_open_run_it_is_stopped_at_once(self, lives, status):
        wrapper_id = lives.in_status(status)
        before = lives.get(wrapper_id)
        record = lives.stop(wrapper_id)
        assert seen(record, "status", "wanted", "due_at") == (Status.STOPPED, WantedState.STOPPED, None)
        assert record.control.epoch == before.control.epoch + 1
        assert seen(record, "error_message", "checkpoint") == seen(before, "error_message", "checkpoint")
        assert lives.open(wrapper_id) is None

    @pytest.mark.parametrize("status", ["generating", "executing"])
    def test_with_an_open_run_it_is_wanted_and_observed_later(self, lives, status):
        wrapper_id = lives.in_status(status)
        before = lives.get(wrapper_id)
        lives.stop(wrapper_id)
        record = lives.get(wrapper_id)
        assert seen(record, "status", "wanted", "epoch") == (
            Status(status),
            WantedState.STOPPED,
            before.control.epoch + 1,
        )
        lives.stop(wrapper_id)
        assert lives.get(wrapper_id) == record, "asking twice is asking once"
        assert lives.open(wrapper_id) is None

    def test_of_one_that_waits_for_its_next_poll_is_immediate(self, lives):
        opened = lives.running()
        lives.close(opened, Done())
        assert lives.stop(opened.wrapper.wrapper_id).control.status is Status.STOPPED

    @pytest.mark.parametrize("status", ["stopped", "completed"])
    def test_of_one_that_has_ended_changes_nothing(self, lives, status):
        wrapper_id = lives.in_status(status)
        before = lives.get(wrapper_id)
        lives.now += DAY
        lives.stop(wrapper_id)
        assert lives.get(wrapper_id) == before

    def test_nothing_of_the_run_is_stored_from_then_on(self, lives):
        opened = lives.running()
        lives.commit(opened, [column({1: 1.0})])
        lives.stop(opened.wrapper.wrapper_id)
        with pytest.raises(StaleEpoch):
            lives.commit(opened, [column({2: 2.0})])
        assert lives.stored(opened.wrapper.wrapper_id) == {"value": {1: 1.0}}


class TestOpenRun:
    def test_only_of_what_is_due(self, lives):
        wrapper_id = lives.generate(due_at=NOW + 1)
        assert lives.open(wrapper_id) is None
        lives.now += 1
        assert lives.open(wrapper_id) is not None

    def test_one_that_is_open_is_enough(self, lives):
        wrapper_id = lives.in_status("executing")
        assert lives.open(wrapper_id) is None
        lives.write(lambda c: wrappers.update(c, wrappers.get(c, wrapper_id), now=NOW, due_at=NOW))
        assert lives.open(wrapper_id) is None
        assert len(lives.open_runs()) == 1

    def test_the_database_itself_refuses_a_second_one(self, lives):
        wrapper_id = lives.in_status("executing")
        with pytest.raises(sa.exc.IntegrityError):
            lives.write(
                runs.begin, run_id="second", wrapper_id=wrapper_id, epoch=9, task="read", now=NOW, node="node-2"
            )
        assert [run.run_id for run in lives.open_runs()] != ["second"]

    @pytest.mark.parametrize("status", ["stopped", "completed", "error"])
    def test_none_of_what_has_ended_even_if_a_timer_was_left(self, lives, status):
        wrapper_id = lives.in_status(status)
        lives.write(lambda c: wrappers.update(c, wrappers.get(c, wrapper_id), now=NOW, due_at=NOW))
        assert lives.open(wrapper_id) is None

    def test_a_retry_that_is_due_executes(self, lives):
        wrapper_id = lives.in_status("retrying")
        assert lives.open(wrapper_id) is None
        lives.now = lives.get(wrapper_id).control.due_at
        assert lives.open(wrapper_id).wrapper.control.status is Status.EXECUTING

    def test_takes_back_what_was_covered_by_a_clock_that_was_ahead(self, lives):
        opened = lives.running()
        window = Interval(NOW, NOW + 400 * DAY)
        lives.commit(opened, checkpoint=Checkpoint().turned(window, 3, 0))
        lives.close(opened, None, CRASHED, interrupted=True)
        lives.now += 2
        assert lives.open(opened.wrapper.wrapper_id).wrapper.marks.checkpoint.page is None


class TestCloseRun:
    def test_a_good_poll_waits_for_the_next(self, lives):
        opened = lives.running()
        lives.commit(opened, [column({1: 1.0, 2: 2.0})])
        lives.now += 3 * SECOND
        record = lives.close(opened, Done(reason="reached the start"), rows_total=9)
        assert (record.control.status, record.control.due_at) == (Status.EXECUTING, NOW + HOUR)
        checkpoint = record.marks.checkpoint
        assert (checkpoint.phase, checkpoint.backfill_reason) == ("continuous", "reached the start")
        assert record.marks.execution_result == {
            "wrapper_id": record.wrapper_id,
            "success": True,
            "message": "Wrapper executed successfully",
            "data_points_sent": 2,
            "execution_time": 3.0,
        }
        run = lives.run(opened)
        assert (run.outcome, run.exit_code, run.finished_at, run.rows_total) == ("succeeded", 0, lives.now, 9)
        assert record.counters.poll_count == 1

    def test_a_reason_is_kept_once(self, lives):
        opened = lives.running()
        lives.close(opened, Done(reason="first"))
        lives.now += HOUR
        record = lives.close(lives.open(opened.wrapper.wrapper_id), Done(reason="second"))
        assert record.marks.checkpoint.backfill_reason == "first"

    @pytest.mark.parametrize(
        ("schedule", "due", "pause"),
        [
            ("0 11 * * 1-5 Europe/Lisbon", "2026-11-23T11:00:00Z", 3 * DAY),  # it is Friday, noon
            ("30 12 * * *", "2026-11-20T12:30:00Z", DAY),
            ("6h", "2026-11-20T18:00:00Z", 6 * HOUR),
            ("P7D", "2026-11-27T12:00:00Z", 7 * DAY),
        ],
    )
    def test_a_good_poll_waits_for_the_moment_of_its_schedule(self, lives, schedule, due, pause):
        opened = lives.running(config={**CONFIG[SourceType.API], "schedule": schedule})
        lives.commit(opened, [column({NOW - DAY: 1.0})])
        lives.now += 3 * SECOND
        record = lives.close(opened, Done(reason="reached the start"))
        assert iso(record.control.due_at) == due
        assert record.marks.freshness.pause == pause
        assert record.marks.freshness.allowed_age(HOUR) == DAY + 3 * SECOND + 3 * HOUR + pause
        lives.write(transitions.recover, lives.now)
        assert iso(lives.get(record.wrapper_id).control.due_at) == due, "a restart is no reason to poll"
        assert lives.execute(record.wrapper_id)[0].control.due_at == lives.now, "a person is"

    def test_a_poll_begins_where_what_was_live_at_the_last_one_ended(self, lives):
        """A source of minutes that is polled once a week: its frontier is not dead for that."""
        opened = lives.running(config={**CONFIG[SourceType.API], "schedule": "P7D"}, inferred_period=MINUTE)
        window = Interval(NOW - DAY, NOW)
        newest = NOW - 30 * MINUTE
        checkpoint = Checkpoint().finished(window, 1)
        lives.commit(opened, [column({newest: 1.0})], checkpoint=checkpoint, window=window)
        lives.close(opened, Done(reason="reached the start"))
        wrapper_id = opened.wrapper.wrapper_id
        lives.write(lambda c: wrappers.update(c, wrappers.get(c, wrapper_id), now=NOW, inferred_period=MINUTE))
        for _ in range(3):
            lives.now = lives.get(wrapper_id).control.due_at
            opened = lives.open(wrapper_id)
            assert opened.frontier <= newest
            lives.close(opened, Done())
            lives.write(
                lambda c: wrappers.update(
                    c,
                    wrappers.get(c, wrapper_id),
                    now=lives.now,
                    freshness=msgspec.structs.replace(
                        wrappers.get(c, wrapper_id).marks.freshness, deep_at=lives.now + 7 * DAY
                    ),
                )
            )

    def test_a_run_longer_than_its_period_is_followed_at_once(self, lives):
        opened = lives.running()
        lives.now += 5 * HOUR
        assert lives.close(opened, Done()).control.due_at == lives.now

    @pytest.mark.parametrize("source_type", [SourceType.CSV, SourceType.XLSX])
    def test_a_file_is_completed(self, lives, source_type):
        record = lives.close(lives.running(source_type), Done())
        assert seen(record, "status", "completed_at", "due_at") == (Status.COMPLETED, NOW, None)

    @pytest.mark.parametrize(
        ("verdict", "exit_", "message"),
        [
            (Fault(message="ValueError in line 3"), CRASHED, "ValueError in line 3"),
            (None, CRASHED, "The wrapper did not finish: its process ended with exit code 3."),
            (None, KILLED, "The wrapper did not finish: its process was killed by signal 15."),
            (None, CLEAN, "The wrapper did not finish: its process ended with exit code 0."),
            (Found(code="import os"), CLEAN, "The wrapper process ended a `read` run with Found."),
        ],
    )
    def test_whatever_else_is_a_failure_to_be_tried_again(self, lives, verdict, exit_, message):
        record = lives.close(opened := lives.running(), verdict, exit_)
        assert (record.control.status, record.control.error_message) == (Status.RETRYING, message)
        assert seen(record, "retry_count", "fault_count", "generated_code") == (1, 1, CODE)
        assert NOW + 2 * SECOND <= record.control.due_at <= NOW + 5 * SECOND
        assert lives.run(opened).outcome == "failed"
        assert record.marks.execution_result["success"] is False
        assert record.marks.execution_result["data_points_sent"] is None
        assert lives.open_runs() == []

    def test_what_no_retry_can_help_needs_a_person_at_once(self, lives):
        record = lives.close(lives.running(), Final(message="no way"))
        assert seen(record, "status", "error_message", "due_at") == (Status.ERROR, "no way", None)

    @pytest.mark.parametrize("source_type", SourceType)
    def test_done_is_no_end_of_a_discovery(self, lives, source_type):
        record = lives.close(lives.open(lives.generate(source_type)), Done())
        assert (record.control.status, lives.open_runs()) == (Status.ERROR, [])
        assert record.control.error_message == "The wrapper process ended a `discover` run with Done."

    def test_a_book_is_no_message(self, lives):
        record = lives.close(lives.running(), Fault(message="x" * 10**6))
        assert len(record.control.error_message) == transitions.MAX_MESSAGE

    @pytest.mark.parametrize("wish", [float("inf"), float("nan"), 1e300, -1.0])
    def test_a_senseless_wish_of_the_process_still_closes_its_run(self, lives, wish):
        record = lives.close(lives.running(), Outage(message="x", retry_after=wish))
        assert record.control.status is Status.RETRYING
        assert NOW < record.control.due_at <= NOW + DAY

    def test_the_sources_own_wish_is_kept(self, lives):
        record = lives.close(lives.running(), Outage(message="429", retry_after=7200))
        assert record.control.due_at == NOW + 2 * HOUR

    def test_five_faults_in_a_row_need_a_person(self, lives):
        wrapper_id = lives.executing()
        statuses = [lives.fail(wrapper_id).control.status for _ in range(PATIENCE.tries)]
        assert statuses == [Status.RETRYING] * 4 + [Status.ERROR]
        record = lives.get(wrapper_id)
        assert seen(record, "error_message", "retry_count", "due_at") == ("no: error", 5, None)
        assert "given up: no: error" in record.execution_log[-1]
        lines, _ = lives.read(logs.tail, wrapper_id, 100)
        told = [line.split(" - ")[1] for line in lines if "no: error" in line]
        assert told == ["WARNING"] * 4 + ["ERROR"]

    def test_a_failure_that_its_process_has_told_stands_in_the_log_once(self, lives):
        opened = lives.running()
        wrapper_id = opened.wrapper.wrapper_id
        lives.write(logs.append, wrapper_id, [logs.LogLine(lives.now, "ERROR", "no: error")])
        record = lives.close(opened, Outage(message="no: error"))
        (*_, last), _ = lives.read(logs.tail, wrapper_id, 100)
        due = iso(record.control.due_at // SECOND * SECOND)
        assert last.split(" - ")[1:] == ["WARNING", f"failed, next try at {due}"]
        assert record.control.error_message == "no: error"

    def test_a_source_that_is_down_is_never_a_broken_wrapper(self, lives):
        wrapper_id = lives.executing()
        for tries in range(1, 40):
            record = lives.fail(wrapper_id, "transient")
            assert seen(record, "status", "retry_count", "fault_count") == (Status.RETRYING, tries, 0)
            assert record.control.due_at - lives.now <= PERIOD, "it backs off up to the periodicity"
        lives.now = record.control.due_at
        record = lives.close(lives.open(wrapper_id), Done())
        assert seen(record, "status", "retry_count", "error_message") == (Status.EXECUTING, 0, None)

    def test_success_clears_the_count_of_faults(self, lives):
        wrapper_id = lives.executing()
        for _ in range(3):
            for _ in range(4):
                lives.fail(wrapper_id)
            lives.now = lives.get(wrapper_id).control.due_at
            assert lives.close(lives.open(wrapper_id), Done()).control.fault_count == 0
            lives.now += HOUR
        assert lives.get(wrapper_id).control.status is Status.EXECUTING

    def test_a_run_that_got_further_before_it_failed_begins_the_count_anew(self, lives):
        """A back-fill of weeks meets more troubles than five, with data between them."""
        wrapper_id = lives.executing()
        for trouble in range(3 * PATIENCE.tries):
            lives.now = max(lives.now, lives.get(wrapper_id).control.due_at)
            opened = lives.open(wrapper_id)
            lives.commit(opened, [column({trouble: 1.0})])
            record = lives.close(opened, Fault(message="no"), CRASHED)
            assert seen(record, "status", "retry_count", "fault_count") == (Status.RETRYING, 1, 1)

    def test_reading_the_same_again_is_not_getting_further(self, lives):
        wrapper_id = lives.executing()
        for _ in range(PATIENCE.tries):
            lives.now = max(lives.now, lives.get(wrapper_id).control.due_at)
            opened = lives.open(wrapper_id)
            lives.commit(opened, [column({1: 1.0})])
            record = lives.close(opened, Fault(message="no"), CRASHED)
        assert record.control.status is Status.ERROR

    def test_a_window_that_failed_is_tried_half_as_wide_even_the_first(self, lives):
        wrapper_id = lives.executing()
        steps = [lives.fail(wrapper_id).marks.checkpoint.step for _ in range(3)]
        assert steps == [FIRST_STEP * HOUR // 2, FIRST_STEP * HOUR // 4, FIRST_STEP * HOUR // 8]
        assert lives.get(wrapper_id).marks.checkpoint.covered == ()

    @pytest.mark.parametrize("verdict", [Done(), Fault(message="x"), Outage(message="x"), None])
    @pytest.mark.parametrize("source_type", [SourceType.API, SourceType.CSV])
    def test_when_it_was_stopped_meanwhile_it_was_no_crash(self, lives, source_type, verdict):
        opened = lives.running(source_type)
        lives.stop(opened.wrapper.wrapper_id)
        record = lives.close(opened, verdict, KILLED)
        assert seen(record, "status", "error_message", "retry_count") == (Status.STOPPED, None, 0)
        assert record.control.due_at is None
        run = lives.run(opened)
        assert (run.outcome, run.message, run.signal) == ("stopped", "Wrapper was stopped.", 15)

    def test_a_discovery_that_was_stopped_leaves_no_code(self, lives):
        opened = lives.open(lives.generate())
        lives.stop(opened.wrapper.wrapper_id)
        record = lives.close(opened, Found(code=CODE))
        assert (record.control.status, record.definition.generated_code) == (Status.STOPPED, None)
        assert record.resource_id is not None, "clients have linked it already"

    @pytest.mark.parametrize("task", ["discover", "read"])
    def test_interrupted_by_the_end_of_the_service_it_is_nobodys_fault(self, lives, task):
        opened = lives.running() if task == "read" else lives.open(lives.generate())
        before = lives.get(opened.wrapper.wrapper_id)
        record = lives.close(opened, None, KILLED, interrupted=True)
        assert seen(record, "status", "retry_count", "due_at") == (before.control.status, 0, lives.now)
        assert lives.run(opened).outcome == "interrupted"
        assert lives.open(record.wrapper_id).task == task

    def test_interrupted_and_wanted_stopped_is_stopped(self, lives):
        opened = lives.running()
        lives.stop(opened.wrapper.wrapper_id)
        assert lives.close(opened, None, KILLED, interrupted=True).control.status is Status.STOPPED

    def test_deleted_meanwhile_there_is_nothing_to_close(self, lives):
        opened = lives.running()
        wrapper_id = opened.wrapper.wrapper_id
        lives.write(wrappers.delete, wrapper_id)
        assert lives.close(opened, Done()) is None
        with pytest.raises(NotFound):
            lives.get(wrapper_id)

    def test_the_end_of_an_old_run_does_not_touch_the_new_one(self, lives):
        """Stopped, seen stopped, executed again, and only then the old process's end is written down."""
        old = lives.running()
        wrapper_id = old.wrapper.wrapper_id
        lives.stop(wrapper_id)
        lives.write(transitions.observe_stop, wrapper_id, lives.now)
        lives.execute(wrapper_id)
        new = lives.open(wrapper_id)
        before = lives.get(wrapper_id)
        lives.close(old, Fault(message="late"), CRASHED)
        assert lives.get(wrapper_id) == before
        assert (lives.run(old).outcome, lives.run(new).outcome) == ("stopped", "running")


class TestObserveStop:
    def test_closes_what_could_not_be_closed(self, lives):
        opened = lives.running()
        lives.stop(opened.wrapper.wrapper_id)
        record = lives.write(transitions.observe_stop, opened.wrapper.wrapper_id, lives.now)
        assert (record.control.status, lives.run(opened).outcome) == (Status.STOPPED, "stopped")

    @pytest.mark.parametrize("status", STATUSES)
    def test_changes_nothing_of_what_nobody_wants_stopped(self, lives, status):
        before = lives.get(wrapper_id := lives.in_status(status))
        lives.write(transitions.observe_stop, wrapper_id, lives.now)
        assert lives.get(wrapper_id) == before


class TestRecover:
    @pytest.mark.parametrize("status", STATUSES)
    def test_after_a_crash_in_every_status(self, lives, status):
        wrapper_id = lives.in_status(status)
        before = lives.get(wrapper_id)
        lives.write(transitions.recover, lives.now)
        after = lives.get(wrapper_id)
        mine = seen(before, "checkpoint", "retry_count")
        assert seen(after, "status", "checkpoint", "retry_count") == (status, *mine)
        assert lives.open_runs() == []
        if status in ("stopped", "completed", "error"):
            assert after == before
        else:
            lives.now = max(lives.now, after.control.due_at)
            assert lives.open(wrapper_id) is not None, "it goes on"

    @pytest.mark.parametrize("status", ["generating", "executing"])
    def test_an_open_run_is_interrupted_and_can_store_nothing_more(self, lives, status):
        opened = lives.running() if status == "executing" else lives.open(lives.generate())
        assert lives.write(transitions.recover, lives.now) == [opened.wrapper.wrapper_id]
        assert lives.run(opened).outcome == "interrupted"
        with pytest.raises(StaleEpoch):
            lives.commit(opened, [column({1: 1.0})])

    @pytest.mark.parametrize("status", ["generating", "executing"])
    def test_a_stop_that_the_crash_cut_off_is_finished(self, lives, status):
        wrapper_id = lives.in_status(status)
        lives.stop(wrapper_id)
        assert lives.write(transitions.recover, lives.now) == []
        record = lives.get(wrapper_id)
        assert (record.control.status, record.control.due_at) == (Status.STOPPED, None)
        assert lives.open(wrapper_id) is None

    def test_a_crash_between_the_generation_and_the_first_run_loses_nothing(self, lives):
        wrapper_id = lives.executing()
        lives.write(transitions.recover, lives.now)
        assert lives.open(wrapper_id).task == "read"

    def test_many_are_resumed_one_after_the_other(self, lives):
        ids = [lives.in_status("executing") for _ in range(5)]
        resumed = lives.write(transitions.recover, lives.now)
        assert sorted(resumed) == sorted(ids)
        due = sorted(lives.get(each).control.due_at - lives.now for each in ids)
        assert due == [n * transitions.SPREAD for n in range(5)]

    def test_doing_it_twice_is_doing_it_once(self, lives):
        for status in STATUSES:
            lives.in_status(status)
        lives.write(transitions.recover, lives.now)
        assert lives.write(transitions.recover, lives.now) == []


class TestRegenerate:
    @pytest.mark.parametrize("status", ["stopped", "completed", "error"])
    def test_begins_anew_without_data_code_and_checkpoint(self, lives, status):
        opened = lives.running(SourceType.CSV if status == "completed" else SourceType.API)
        wrapper_id, window = opened.wrapper.wrapper_id, Interval(0, NOW)
        lives.commit(opened, [column({1: 2.0})], checkpoint=Checkpoint().finished(window, 1), window=window)
        if status == "stopped":
            lives.stop(wrapper_id)
            lives.close(opened, None, KILLED)
        elif status == "completed":
            lives.close(opened, Done())
        else:
            lives.close(opened, None, CRASHED)
            for _ in range(4):
                lives.fail(wrapper_id)
        before = lives.get(wrapper_id)
        assert before.control.status == status
        after = lives.write(wanted_state.request_regenerate, wrapper_id, lives.now)
        assert seen(after, "status", "epoch", "due_at") == (Status.PENDING, before.control.epoch + 1, lives.now)
        assert (after.definition.generated_code, after.counters.points, after.control.error_message) == (None, 0, None)
        assert seen(after, "high_water_mark", "low_water_mark", "last_data_sent") == (None, None, None)
        assert after.marks.checkpoint == Checkpoint(version=before.marks.checkpoint.version + 1)
        assert after.resource_id == before.resource_id
        assert lives.stored(wrapper_id) == {}
        assert lives.open(wrapper_id).task == "discover"

    @pytest.mark.parametrize("status", ["pending", "generating", "executing", "retrying"])
    def test_needs_a_stop_before(self, lives, status):
        wrapper_id = lives.in_status(status)
        before = lives.get(wrapper_id)
        with pytest.raises(Conflict, match="try once more"):
            lives.write(wanted_state.request_regenerate, wrapper_id, lives.now)
        assert lives.get(wrapper_id) == before


class TestByHand:
    @pytest.mark.parametrize("status", ["pending", "generating", "executing", "retrying"])
    def test_nothing_of_what_may_run_is_changed(self, lives, status):
        wrapper_id = lives.in_status(status)
        before = lives.get(wrapper_id)
        for change in (
            lambda c: wanted_state.change_checkpoint(c, wrapper_id, None, NOW),
            lambda c: wanted_state.change_definition(c, wrapper_id, NOW, generated_code="x = 1"),
            lambda c: wanted_state.delete(c, wrapper_id),
        ):
            with pytest.raises(Conflict, match=f"The wrapper is {status}; stop it first"):
                lives.write(change)
        assert lives.get(wrapper_id) == before

    def test_a_checkpoint_set_by_hand_fences_what_was(self, lives):
        opened = lives.running()
        wrapper_id = opened.wrapper.wrapper_id
        lives.stop(wrapper_id)
        lives.close(opened, None, KILLED)
        fresh = Checkpoint(covered=(Interval(0, 5),), version=9)
        epoch = lives.get(wrapper_id).control.epoch
        record = lives.write(wanted_state.change_checkpoint, wrapper_id, fresh, lives.now)
        assert (record.marks.checkpoint, record.control.epoch) == (fresh, epoch + 1)

    def test_deleted_with_runs_and_logs_while_resource_and_data_stay(self, lives):
        opened = lives.running()
        wrapper_id, resource_id = opened.wrapper.wrapper_id, opened.wrapper.resource_id
        lives.commit(opened, [column({1: 1.0, 9: 2.0})])
        lives.stop(wrapper_id)
        lives.close(opened, None, KILLED)
        lives.write(wanted_state.delete, wrapper_id)
        with pytest.raises(NotFound):
            lives.get(wrapper_id)
        assert lives.run(opened) is None
        resource = lives.read(resources.get, resource_id)
        assert (resource.start_period, resource.end_period) == (1, 9)
        assert lives.stored(wrapper_id) == {"value": {1: 1.0, 9: 2.0}}
