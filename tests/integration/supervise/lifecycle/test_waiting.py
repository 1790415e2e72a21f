"""Wrappers that wait for a free slot say so, and the node says so, too."""

from random import Random

import pytest
from lives import NOW, Lives

from slackwater.model.instants import SECOND
from slackwater.pipe.frames import Limits
from slackwater.supervise.http.broker import Broker
from slackwater.supervise.lifecycle.backoff import Patience
from slackwater.supervise.lifecycle.commands import Lifecycle
from slackwater.supervise.lifecycle.dispatch import SLOT_SECONDS, Alone
from slackwater.supervise.lifecycle.notifications import Signals
from slackwater.supervise.lifecycle.reconciler import Reconciler
from slackwater.supervise.lifecycle.rediscovery import Rediscovery
from slackwater.supervise.lifecycle.rules import Rules
from slackwater.supervise.process.fork_server_link import ForkServerLink
from slackwater.supervise.process.resource_watch import Bounds
from slackwater.supervise.run.file_inspection import Inspector
from slackwater.supervise.run.job import Terms
from slackwater.supervise.run.one_shot import OneShots
from slackwater.supervise.run.trials import Trials
from slackwater.supervise.run.watchdog import TimeLimits


@pytest.mark.parametrize("slots", [0, 1])
async def test_waiting_for_a_slot_is_told_after_a_minute(lives: Lives, tmp_path, slots: int) -> None:
    wrapper_id = lives.executing()
    link = ForkServerLink("no.such:entry", Bounds(scratch_dir=str(tmp_path), first_uid=61_184))
    broker = Broker(allow_private=True, requests_per_second=1, connections=1, tries=1, max_wait=1, max_answer=1)
    async with broker:
        one_shots = OneShots(link, broker, at_once=1, seconds=1)
        rules = Rules(
            max_runs=slots,
            grace=1,
            deadline=1,
            time_limits=TimeLimits(stall=60, run=0),
            patience=Patience(1, 1, Random(1)),
            terms=Terms(limits=Limits(), files_dir=tmp_path),
            kept_lines=10,
            kept_runs=10,
        )
        signals = Signals()
        reconciler = Reconciler(
            lives.database,
            link,
            broker,
            signals,
            Rediscovery(one_shots, None, 20),
            rules,
            lambda: lives.now,
            Alone(lives.database, lambda: lives.now, "here"),
        )
        lifecycle = Lifecycle(
            lives.database, reconciler, signals, Inspector(link, Limits()), Trials(), lambda: lives.now
        )
        due_at = lives.get(wrapper_id).control.due_at
        assert lifecycle.hindrance(wrapper_id, NOW - 1, ("gpu",)) == (
            "No worker has the label gpu; start one with --label gpu."
        )
        assert lifecycle.hindrance(wrapper_id, NOW + SECOND, ("gpu",)) is None, "it is not due yet"
        assert due_at == NOW
        assert (lifecycle.hindrance(wrapper_id, due_at, ()), await lifecycle.pressure()) == (None, None)
        lives.now += round((SLOT_SECONDS + 1) * SECOND)
        told, why = lifecycle.hindrance(wrapper_id, due_at, ()), await lifecycle.pressure()
        assert lifecycle.hindrance(wrapper_id, None, ()) is None
    if slots:
        assert (told, why) == (None, None)
        return
    assert told is not None
    assert told.startswith("It has waited for 61 seconds for a free slot")
    assert why is not None
    assert why.startswith("1 wrapper(s) wait longer than 60 seconds for a free slot: 0 of 0 are taken")
