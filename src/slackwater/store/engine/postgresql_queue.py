"""Keeps the queues of wrappers that are due: Procrastinate, on the same PostgreSQL.

One queue for each set of labels that wrappers need; a worker takes from those whose labels it has.

What is due stands in our own table. The queue holds no more than what is due now, and may be lost.
"""

import logging
from collections.abc import Awaitable, Callable, Collection
from hashlib import sha256
from typing import Any

import procrastinate
import psycopg
import sqlalchemy as sa
from procrastinate.schema import SchemaManager

from slackwater.store.engine.database import Server
from slackwater.store.engine.postgresql_trouble import Address

QUEUE = "wrappers"  # of those that any node may run
DIGITS = 16  # of the digest in the name of another queue: PostgreSQL cuts names of channels at 63 characters
TASK = "slackwater.run"
CONNECTIONS = 4  # of a worker to its queue, the one that listens not counted: to fetch, finish, beat; chosen
MOST = 250  # jobs that wait in a queue: it is filled ten times a second, and each taking walks over them; chosen
POLL_SECONDS = 2.0  # between two looks for jobs whose notice was lost; chosen
_LOCK = 0x51AC_0018  # number of the advisory lock of who fills and mends the queue: one node at a time

# The queue may be lost: a job that a crash of the server brings back does nothing, one that it takes is put in again.
# Its tables are empty most of the time: a plan that was made then, and kept, walks over all jobs for each of 1,000.
_AS_A_QUEUE = (
    "SELECT set_config('synchronous_commit', 'off', {0}), set_config('plan_cache_mode', 'force_custom_plan', {0})"
)
# Who takes a job wants the first in the order of an index. A server that knows no more than that the table was empty
# would look at all of them, look each one's lock up in all of them, and sort them, for each job.
_IN_ORDER = "SELECT set_config('enable_sort', 'off', false)"

_IS_THERE = sa.text("SELECT to_regclass('procrastinate_jobs') IS NOT NULL")
_FILL = sa.text(
    """INSERT INTO procrastinate_jobs (queue_name, task_name, lock, queueing_lock, args)
    SELECT served.queue, :task, due.wrapper_id, due.wrapper_id, jsonb_build_object('wrapper_id', due.wrapper_id)
    FROM unnest(CAST(:served AS text[]), CAST(:queues AS text[])) AS served (labels, queue), LATERAL (
        SELECT wrapper_id FROM wrappers
        WHERE runs_on = served.labels AND (due_at <= :now OR due_at > :never) AND NOT EXISTS (
            SELECT FROM procrastinate_jobs AS waits
            WHERE waits.queueing_lock = wrappers.wrapper_id AND waits.status = 'todo'
        )
        ORDER BY due_at
        LIMIT greatest(0, :most - (
            SELECT count(*) FROM procrastinate_jobs WHERE status = 'todo' AND queue_name = served.queue
        ))
    ) AS due
    ON CONFLICT DO NOTHING"""
)
# What a worker has left that gives no sign of life any more, and what went wrong: the truth is in our own table.
_MEND = sa.text(
    """DELETE FROM procrastinate_jobs AS job
    WHERE task_name = :task AND (status NOT IN ('todo', 'doing') OR status = 'doing' AND NOT EXISTS (
        SELECT FROM procrastinate_workers AS worker
        WHERE worker.id = job.worker_id AND worker.last_heartbeat > clock_timestamp() - make_interval(secs => :seconds)
    ))"""
)
_FORGET = sa.text("DELETE FROM procrastinate_jobs WHERE task_name = :task AND status = 'doing' AND lock = ANY(:ids)")
# What waits where no living worker takes it, because workers have gone or the labels of its wrapper were changed.
_TAKE_BACK = sa.text(
    """DELETE FROM procrastinate_jobs AS job
    WHERE task_name = :task AND status = 'todo' AND (:labelled OR queue_name <> :queue) AND NOT EXISTS (
        SELECT FROM wrappers AS due
        JOIN unnest(CAST(:served AS text[]), CAST(:queues AS text[])) AS served (labels, queue)
            ON served.labels = due.runs_on
        WHERE due.wrapper_id = job.queueing_lock AND served.queue = job.queue_name
    )"""
)


def queue_of(labels: str) -> str:
    """Return the queue of the wrappers that need these labels, as their rows hold them."""
    return f"{QUEUE}:{sha256(labels.encode()).hexdigest()[:DIGITS]}" if labels else QUEUE


def prepare(c: sa.Connection) -> None:
    """Make the tables of the queue where they are not there yet."""
    c.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
    if not c.execute(_IS_THERE).scalar():
        c.exec_driver_sql(SchemaManager.get_schema().replace("%", "%%"))


def forget(c: sa.Connection, wrapper_ids: Collection[str]) -> None:
    """Remove the jobs that nodes have taken which are known to have no process left."""
    if wrapper_ids and c.execute(_IS_THERE).scalar():
        c.execute(_FORGET, {"task": TASK, "ids": list(wrapper_ids)})


def mend_and_fill(
    c: sa.Connection, seconds: float, now: int, never: int, labelled: bool = False, served: Collection[str] = ()
) -> int:
    """Remove the jobs of workers silent for `seconds`, then put in what is due.

    Return how many were put in, 0 while another node does it. `now` in µs since the epoch; what seems to be due later
    than `never` was written when a clock was wrong. `labelled`: whether any wrapper needs labels; `served`: the sets
    of labels that a living node has. What needs others waits where it is due.
    """
    if not c.execute(sa.select(sa.func.pg_try_advisory_xact_lock(_LOCK))).scalar():
        return 0
    c.exec_driver_sql(_AS_A_QUEUE.format("true"))  # until the transaction ends
    sets = ["", *served]
    which = {"task": TASK, "served": sets, "queues": list(map(queue_of, sets))}
    c.execute(_MEND, {"task": TASK, "seconds": seconds})
    c.execute(_TAKE_BACK, which | {"labelled": labelled, "queue": QUEUE})
    return c.execute(_FILL, which | {"now": now, "never": never, "most": MOST}).rowcount


async def _prepare_connection(c: "psycopg.AsyncConnection[Any]") -> None:
    await c.execute(_AS_A_QUEUE.format("false"))
    await c.execute(_IN_ORDER)
    await c.commit()


class Queue:
    """Takes jobs from the queue and has them done, so many at once."""

    def __init__(self, server: Server, perform: Callable[[str], Awaitable[None]]) -> None:
        logging.getLogger("procrastinate").setLevel(logging.WARNING)
        connector = procrastinate.PsycopgConnector(
            kwargs=Address(server.url).parts,
            min_size=1,
            max_size=CONNECTIONS,
            conninfo="",
            configure=_prepare_connection,
        )
        self._app = procrastinate.App(connector=connector)

        @self._app.task(name=TASK, queue=QUEUE)
        async def run(wrapper_id: str) -> None:
            await perform(wrapper_id)

    async def work(self, name: str, queues: list[str], at_once: int, heartbeat: float, silence: float) -> None:
        """Take jobs until cancelled, from `queues` as they are whenever one is looked for.

        `heartbeat` and `silence` in seconds: between two signs of life, and until it is given up.
        """
        async with self._app.open_async():
            await self._app.run_worker_async(
                queues=queues,
                name=name,
                concurrency=at_once,
                delete_jobs="successful",
                install_signal_handlers=False,
                fetch_job_polling_interval=POLL_SECONDS,
                update_heartbeat_interval=heartbeat,
                stalled_worker_timeout=silence,
            )
