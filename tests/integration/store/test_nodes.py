"""Leases of nodes and the queue of what is due, on a real PostgreSQL."""

import asyncio
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import psycopg
import pytest
import sqlalchemy as sa
from lives import NOW, PATIENCE, Lives

import databases
from slackwater.errors import Conflict, KeyChanged
from slackwater.model.alerts import Times
from slackwater.model.instants import DAY, SECOND
from slackwater.pipe.frames import Done
from slackwater.store import schema
from slackwater.store.engine import notices, vault
from slackwater.store.engine import postgresql_queue as queue
from slackwater.store.engine.database import Database, Server
from slackwater.store.records import alerts, nodes, refresh_tokens, runs, wrappers
from slackwater.supervise.cluster import queued
from slackwater.supervise.cluster.membership import DatabaseClock, Membership
from slackwater.supervise.lifecycle import transitions, wanted_state
from slackwater.supervise.process.child import Exit
from slackwater.supervise.process.lease import Lease
from slackwater.supervise.run.outcomes import Ended, Opened

NEVER = NOW + 2 * DAY
BURST = 200  # jobs at once
MOST_WALKS = 5  # over BURST jobs, for one that is taken; it takes 2 at the most, and 15 to 70 where all are sorted
READ = """SELECT (SELECT seq_tup_read FROM pg_stat_user_tables WHERE relname = 'procrastinate_jobs')
+ (SELECT sum(idx_tup_read) FROM pg_stat_user_indexes WHERE relname = 'procrastinate_jobs')"""
PUT_IN = """INSERT INTO procrastinate_jobs (queue_name, task_name, lock, queueing_lock, args)
SELECT %s, %s, id, id, jsonb_build_object('wrapper_id', id) FROM (SELECT gen_random_uuid()::text AS id
FROM generate_series(1, %s)) AS ids"""
SILENCE = 20.0  # seconds after which a worker is given up


@pytest.fixture
def url() -> str:
    return databases.fresh()


@pytest.fixture
def shared(tmp_path, url: str) -> Iterator[Lives]:
    server = Server(url=url, connections=databases.CONNECTIONS)
    database = Database.open(tmp_path, "a key of its own for the secrets of this test", server=server)
    yield Lives(database)
    database.close()


def joined(shared: Lives, name: str, silence: int = 60 * SECOND) -> nodes.NodeRecord:
    return shared.write(nodes.join, str(uuid.uuid4()), name, silence, {"runs": 0})


def jobs(shared: Lives) -> list[tuple[str, str]]:
    query = "SELECT queueing_lock, status::text FROM procrastinate_jobs ORDER BY id"
    return [tuple(row) for row in shared.read(lambda c: c.execute(sa.text(query)).all())]


def test_a_second_node_of_a_name_gets_a_number(shared: Lives) -> None:
    assert [joined(shared, "w").name for _ in range(3)] == ["w", "w-2", "w-3"]
    assert [each.name for each in shared.read(nodes.list_all)] == ["w", "w-2", "w-3"]


def test_the_key_is_changed_when_no_node_is_left_and_a_late_one_is_refused(tmp_path, url: str) -> None:
    server, old, new = Server(url=url, connections=databases.CONNECTIONS), "the old key", "the new key"
    opened = [Database.open(tmp_path, old, server=server) for _ in range(2)]
    working, late = map(Lives, opened)

    def rotate() -> int:
        with sealed_engine(tmp_path, server) as engine:
            return vault.rotate(engine, tmp_path, old, new, nodes.refuse_living)

    ids = [joined(working, name).node_id for name in ("one", "two")]
    gone = joined(working, "gone", silence=0)
    known = working.generate()

    def change(c: sa.Connection) -> None:
        wrappers.update(c, wrappers.get(c, known), now=NOW, source_config={"location": "https://b.example/"})

    with pytest.raises(Conflict, match=r"^one, two work with this store"):
        rotate()
    working.write(nodes.leave, ids[0])
    with pytest.raises(Conflict, match=r"^two works with this store"):
        rotate()
    working.write(nodes.leave, ids[1])
    assert rotate() == 0
    assert working.write(nodes.renew, gone.node_id, {}) is None, "a node that was cut off has to join again"
    with pytest.raises(KeyChanged, match="no longer the one"):
        joined(late, "late")
    with pytest.raises(KeyChanged):  # nobody could open what it seals
        late.generate()
    with pytest.raises(KeyChanged):
        late.write(refresh_tokens.save, "a grant", "a token", NOW)
    with pytest.raises(KeyChanged):
        late.write(change)
    channel = alerts.Channel(
        channel_id="c", name="c", form="webhook", url="https://c.example/", kinds=(), times=Times(), created_at=NOW
    )
    with pytest.raises(KeyChanged):
        late.write(alerts.put_channel, channel)
    assert late.read(lambda c: c.execute(sa.select(sa.func.count()).select_from(schema.wrappers)).scalar()) == 1
    for each in opened:
        each.close()
    Database.open(tmp_path, new, server=server).close()


@contextmanager
def sealed_engine(home: Path, server: Server) -> Iterator[sa.Engine]:
    database = Database.open(home, sealed=True, server=server)
    try:
        yield database.engine
    finally:
        database.close()


def test_a_silent_node_is_taken_out_and_its_runs_are_released_once(shared: Lives) -> None:
    lost, alive = joined(shared, "lost", silence=0), joined(shared, "alive")
    for wrapper_id, node in ((shared.executing(), "lost"), (shared.executing(), "alive"), (shared.executing(), "lost")):
        assert shared.write(transitions.open_run, wrapper_id, shared.now, node) is not None
    *_, stopped = [run.wrapper_id for run in shared.read(runs.all_open) if run.node == "lost"]
    shared.stop(stopped)
    assert shared.write(nodes.take_out) == ["lost"]
    resumed = shared.write(transitions.release, shared.now)
    assert len(resumed) == 1
    assert shared.write(transitions.release, shared.now) == []
    assert [run.node for run in shared.read(runs.all_open)] == ["alive"]
    assert shared.get(stopped).control.status == "stopped"
    assert shared.get(resumed[0]).control.due_at == shared.now
    assert shared.write(nodes.renew, lost.node_id, {}) is None, "who was taken for gone is not there again by itself"
    assert not shared.write(nodes.hold, lost.node_id)
    assert shared.write(nodes.hold, alive.node_id)


def test_a_run_that_was_released_counts_as_it_was_closed_whatever_its_node_says_later(shared: Lives) -> None:
    joined(shared, "lost", silence=0)
    ended = Ended(Done(), Exit(code=0))

    def counted(opened: Opened) -> str:
        return shared.write(transitions.close_run, opened, ended, shared.now, PATIENCE)[1]

    late = shared.write(transitions.open_run, shared.executing(), shared.now, "lost")
    shared.write(nodes.take_out)
    shared.write(transitions.release, shared.now)
    assert counted(late) == runs.INTERRUPTED
    assert counted(shared.running()) == runs.SUCCEEDED


def test_a_node_that_is_proven_gone_is_taken_out_before_its_time_and_its_name_is_free(shared: Lives) -> None:
    shared.write(queue.prepare)
    earlier, alive = joined(shared, "w"), joined(shared, "alive")
    wrapper_id, other = shared.executing(), shared.executing()
    assert shared.write(transitions.open_run, wrapper_id, shared.now, "w") is not None
    assert shared.write(transitions.open_run, other, shared.now, "alive") is not None
    taken = (
        "INSERT INTO procrastinate_jobs (queue_name, task_name, status, lock) SELECT 'q', :task, 'doing', unnest(:ids)"
    )
    shared.write(lambda c: c.execute(sa.text(taken), {"task": queue.TASK, "ids": [wrapper_id, other]}))
    epoch = shared.get(wrapper_id).control.epoch
    lives = SimpleNamespace(over=lambda: {earlier.node_id: "its file"}, unproven=False, joined=str)
    lives.forget = lambda over: lives.__dict__.update(forgotten=[*over])
    membership = Membership(shared.database, Lease(60), "w", DatabaseClock(lambda: NOW), dict, lives)
    asyncio.run(membership.join())
    assert (membership.name, lives.forgotten) == ("w", [earlier.node_id])
    assert {each.node_id for each in shared.read(nodes.list_all)} == {membership.node_id, alive.node_id}
    assert [run.wrapper_id for run in shared.read(runs.all_open)] == [other]
    assert shared.get(wrapper_id).control.epoch == epoch + 1, "nothing of the earlier life can be stored"
    left = "SELECT lock FROM procrastinate_jobs"
    assert shared.read(lambda c: c.execute(sa.text(left)).scalars().all()) == [other], "its job keeps none waiting"


def copy_for_ever(connection: psycopg.Connection, meanwhile: Callable[[], None]) -> None:
    with connection.cursor().copy("COPY taken FROM STDIN") as copy:
        copy.write_row([1])
        meanwhile()
        while True:
            copy.write_row([2])


def test_what_a_silent_node_has_left_open_is_ended_with_its_lease(shared: Lives, url: str) -> None:
    """A node that is frozen in a COPY holds its locks, and no time limit of the server would end it."""
    ident = uuid.uuid4().hex
    gone: list[str] = []
    frozen = shared.write(nodes.join, str(uuid.uuid4()), "frozen", 0, {"connections": ident})
    with psycopg.connect(url, application_name=f"slackwater {ident}") as left:
        left.execute("SELECT 1 FROM nodes WHERE node_id = %s FOR KEY SHARE", [frozen.node_id])
        left.execute("CREATE TEMPORARY TABLE taken (x integer)")
        with pytest.raises(psycopg.OperationalError):
            copy_for_ever(left, lambda: gone.extend(shared.write(nodes.take_out)))
    assert gone == ["frozen"], "the lock of the frozen node is in the way"
    assert shared.read(nodes.list_all) == []


def test_a_run_of_an_earlier_epoch_is_named_to_its_node(shared: Lives) -> None:
    joined(shared, "w")
    wrapper_id = shared.executing()
    assert shared.write(transitions.open_run, wrapper_id, shared.now, "w") is not None
    assert shared.read(runs.stale, "w") == []
    shared.stop(wrapper_id)
    assert shared.read(runs.stale, "w") == [wrapper_id]
    assert shared.read(runs.stale, "another") == []


def test_the_queue_holds_what_is_due_once_and_is_mended_in_one_sweep(shared: Lives) -> None:
    shared.write(queue.prepare)
    shared.write(queue.prepare)
    due, later = shared.executing(), shared.executing()
    assert shared.write(transitions.open_run, later, shared.now, "w") is not None  # not due while it runs
    assert shared.write(queue.mend_and_fill, SILENCE, NOW, NEVER) == 1
    assert shared.write(queue.mend_and_fill, SILENCE, NOW, NEVER) == 0
    assert jobs(shared) == [(due, "todo")]
    shared.write(lambda c: c.execute(sa.text("DELETE FROM procrastinate_jobs")))  # a crash has lost it
    assert shared.write(queue.mend_and_fill, SILENCE, NOW, NEVER) == 1
    # Its worker took it and died, before it could open the run.
    shared.write(lambda c: c.execute(sa.text("UPDATE procrastinate_jobs SET status = 'doing'")))
    assert shared.write(queue.mend_and_fill, SILENCE, NOW, NEVER) == 1
    assert jobs(shared) == [(due, "todo")]


def test_a_job_of_a_worker_that_lives_stays(shared: Lives) -> None:
    shared.write(queue.prepare)
    shared.executing()
    shared.write(queue.mend_and_fill, SILENCE, NOW, NEVER)
    take = (
        "WITH w AS (INSERT INTO procrastinate_workers DEFAULT VALUES RETURNING id) "
        "UPDATE procrastinate_jobs SET status = 'doing', worker_id = (SELECT id FROM w)"
    )
    shared.write(lambda c: c.execute(sa.text(take)))
    shared.write(queue.mend_and_fill, SILENCE, NOW, NEVER)  # it is still due, so that one more may wait
    assert [status for _, status in jobs(shared)] == ["doing", "todo"]


def queues(shared: Lives) -> dict[str, str]:
    query = "SELECT queueing_lock, queue_name FROM procrastinate_jobs WHERE status = 'todo'"
    return dict(tuple(row) for row in shared.read(lambda c: c.execute(sa.text(query)).all()))


def test_each_set_of_labels_has_a_queue_which_is_filled_while_a_node_serves_it(shared: Lives) -> None:
    shared.write(queue.prepare)
    free, gpu, both = (shared.generate(runs_on=each) for each in ((), ("gpu",), ("gpu", "site-a")))
    fill = partial(shared.write, queue.mend_and_fill, SILENCE, NOW, NEVER)
    fill(True, [])
    assert queues(shared) == {free: "wrappers"}
    fill(True, ["gpu", "gpu,site-a"])
    assert queues(shared) == {free: "wrappers", gpu: queue.queue_of("gpu"), both: queue.queue_of("gpu,site-a")}
    assert len(f"procrastinate_queue_v1#{queue.queue_of('gpu')}") < 64, "PostgreSQL would cut the name of the channel"
    # A worker has gone, and labels were changed: what waits is taken back, and put where it belongs.
    shared.stop(gpu)
    shared.write(wanted_state.change_definition, gpu, NOW, runs_on=())
    shared.write(lambda c: wrappers.update(c, wrappers.get(c, gpu), now=NOW, due_at=NOW))
    fill(True, ["gpu"])
    assert queues(shared) == {free: "wrappers", gpu: "wrappers"}
    fill(True, ["gpu,site-a"])
    shared.write(wrappers.delete, both)
    fill(False, [])
    assert queues(shared) == {free: "wrappers", gpu: "wrappers"}


def test_a_queue_that_is_full_keeps_nobody_out_of_another(shared: Lives, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue, "MOST", 2)
    shared.write(queue.prepare)
    for _ in range(3):
        shared.generate(runs_on=("gpu",))
    fill = partial(shared.write, queue.mend_and_fill, SILENCE, NOW, NEVER, True, ["gpu"])
    assert fill() == 2
    free = shared.generate()
    assert fill() == 1
    assert queues(shared)[free] == queue.QUEUE


def test_only_nodes_that_run_something_serve_labels(shared: Lives) -> None:
    for name, state in (
        ("old", {"runs": 0}),
        ("front", {"max_runs": 0, "labels": ["a"]}),
        ("gone", {"max_runs": 1, "labels": ["b"]}),
        ("worker", {"max_runs": 1, "labels": ["c", "d"]}),
    ):
        shared.write(nodes.join, str(uuid.uuid4()), name, 60 * SECOND, state)
    shared.write(nodes.drain, "gone")
    assert sorted(map(sorted, shared.read(nodes.label_sets))) == [[], ["c", "d"]]


def test_all_nodes_are_told_when_one_comes_drains_or_goes(shared: Lives, url: str) -> None:
    with psycopg.connect(url, autocommit=True) as listening:
        listening.execute(f"LISTEN {notices.DUE}")

        def told() -> int:
            return len(list(listening.notifies(timeout=0.2)))

        node = joined(shared, "w")
        assert told() == 1
        shared.write(nodes.drain, "w")
        assert told() == 1
        shared.write(nodes.take_out)
        assert told() == 0
        shared.write(nodes.leave, node.node_id)
        assert told() == 1
        joined(shared, "gone", silence=0)
        shared.write(nodes.take_out)
        assert told() == 2


async def test_a_burst_after_a_quiet_time_is_taken_without_a_look_at_each_that_waits(shared: Lives, url: str) -> None:
    done: list[str] = []

    async def perform(wrapper_id: str) -> None:
        done.append(wrapper_id)

    async def reached(count: int, within: float) -> None:
        async with asyncio.timeout(within):
            while len(done) < count:
                await asyncio.sleep(0.05)

    shared.write(queue.prepare)
    working = asyncio.create_task(queue.Queue(Server(url=url), perform).work("w", [queue.QUEUE], 4, 5, SILENCE))
    try:
        async with await psycopg.AsyncConnection.connect(url, autocommit=True) as c:
            for number in range(8):  # so often each connection has asked that its plan is kept
                await c.execute(PUT_IN, (queue.QUEUE, queue.TASK, 1))
                await reached(number + 1, within=30)
            await c.execute("VACUUM (ANALYZE) procrastinate_jobs")  # as a quiet server does
            for number in range(8, 16):
                await c.execute(PUT_IN, (queue.QUEUE, queue.TASK, 1))
                await reached(number + 1, within=30)
            await c.execute(PUT_IN, (queue.QUEUE, queue.TASK, BURST))
            await reached(16 + BURST, within=60)
            working.cancel()
            await asyncio.gather(working, return_exceptions=True)  # its connections end, and so have told all
            read = await (await c.execute(READ)).fetchone()
    finally:
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)
    assert read is not None
    assert read[0] < BURST * BURST * MOST_WALKS, "each taking has looked every job up that waits"


class Leaving(SimpleNamespace):
    """A node as its dispatch sees it, whose run ends a while after it is told to leave."""

    free, accepts = 4, True

    async def perform(self, wrapper_id: str) -> None:
        self.performed = wrapper_id
        await self.ends.wait()


@pytest.mark.parametrize("drained", [True, False], ids=["drained", "stopped"])
async def test_a_node_that_leaves_stores_the_ends_of_its_jobs(
    shared: Lives, url: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, drained: bool
) -> None:
    monkeypatch.setattr(queued, "SWEEP_SECONDS", 0.02)
    shared.write(queue.prepare)
    membership, signals = SimpleNamespace(name="w"), SimpleNamespace()
    dispatch = queued.Queued(shared.database, lambda: NOW, membership, signals, Server(url=url), SILENCE)
    dispatch._look_at(queued.Labels([], []))
    node = Leaving(ends=asyncio.Event(), performed=None)
    taking = asyncio.create_task(dispatch._take(node))
    async with asyncio.timeout(30), await psycopg.AsyncConnection.connect(url, autocommit=True) as c:
        await c.execute(PUT_IN, (queue.QUEUE, queue.TASK, 1))
        while not node.performed:
            await asyncio.sleep(0.01)
        node.accepts = False
        await asyncio.sleep(0.2)  # ten looks at whether it still accepts
        if not drained:
            taking.cancel()
            await asyncio.sleep(0.05)
        node.ends.set()
        await asyncio.gather(taking, return_exceptions=True)
    assert jobs(shared) == []
    assert shared.read(lambda c: c.execute(sa.text("SELECT count(*) FROM procrastinate_workers")).scalar()) == 0
    assert [each for each in caplog.records if each.levelname == "ERROR"] == []
