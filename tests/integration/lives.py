"""A store and the lives of wrappers in it, moved by the real transactions; only the processes are imagined."""

import uuid
from array import array
from functools import partial
from random import Random

from slackwater.model.instants import parse_iso
from slackwater.model.points import Column
from slackwater.model.source.identity import identity
from slackwater.model.wrapper import PART_OF, SourceType, from_flat
from slackwater.pipe.frames import Done, Fault, Final, Found, Outage
from slackwater.store.engine.database import Database
from slackwater.store.records import runs, wrappers
from slackwater.store.schema import points as points_table
from slackwater.store.schema import series
from slackwater.store.series import points
from slackwater.supervise.lifecycle import transitions, wanted_state
from slackwater.supervise.lifecycle.backoff import Patience
from slackwater.supervise.process.child import Exit
from slackwater.supervise.run.outcomes import Ended

NOW = parse_iso("2026-11-20T12:00:00Z")
CODE = "wrapper = 1\n"
CONFIG = {
    SourceType.API: {"location": "https://data.example.org/v1"},
    SourceType.CSV: {"file_id": "f-1"},
    SourceType.XLSX: {"file_id": "f-2"},
}
PATIENCE = Patience(tries=5, base=5.0, random=Random(4))
CLEAN, KILLED, CRASHED = Exit(code=0), Exit(signal=15), Exit(code=3)


def column(values, name="value"):
    """Return a column from {x: y} or a list of (x, y)."""
    pairs = list(values.items()) if isinstance(values, dict) else list(values)
    return Column.of(name, array("q", [x for x, _ in pairs]), array("d", [y for _, y in pairs]))


def seen(record, *names):
    """Return fields of a record's parts, by their names alone."""
    return tuple(getattr(getattr(record, PART_OF[name]), name) for name in names)


FAILURES = {"error": Fault, "transient": Outage, "final": Final}


class Lives:
    """Each method is one transaction of the real store; time stands still unless told otherwise."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.now = NOW
        self.examples = 0

    def skips(self):
        """On a server one example in four is tried: each is some hundred journeys there."""
        self.examples += 1
        return self.database.engine.dialect.name == "postgresql" and self.examples % 4 != 1

    def write(self, work, *given, **named):
        return self.database.write(lambda c: work(c, *given, **named)).result(20)

    def read(self, work, *given, **named):
        return self.database.read(lambda c: work(c, *given, **named)).result(20)

    # the people's hand

    def generate(self, source_type=SourceType.API, **values):
        config = values.pop("config", CONFIG[source_type])
        given = {
            "wrapper_id": str(uuid.uuid4()),
            "source_type": source_type,
            "source_config": config,
            "identity": identity(config),
            "metadata": {"name": "Tides", "unit": "m"},
            "created_at": self.now,
            "updated_at": self.now,
            "due_at": self.now,
        }
        record = from_flat(given | values)
        return self.write(wanted_state.request_generate, record).wrapper_id

    def execute(self, wrapper_id):
        return self.write(wanted_state.request_execute, wrapper_id, self.now)

    def stop(self, wrapper_id):
        return self.write(wanted_state.request_stop, wrapper_id, self.now)

    # the reconciler's hand

    def open(self, wrapper_id):
        return self.write(transitions.open_run, wrapper_id, self.now, "node-1")

    def close(self, opened, verdict=None, exit_=CLEAN, **ended):
        closed = self.write(transitions.close_run, opened, Ended(verdict, exit_, **ended), self.now, PATIENCE)
        return closed and closed[0]

    def fail(self, wrapper_id, kind="error", **failed):
        """Let the next run of a wrapper fail at the moment it is due."""
        self.now = max(self.now, self.get(wrapper_id).control.due_at)
        return self.close(self.open(wrapper_id), FAILURES[kind](message=f"no: {kind}", **failed), CRASHED)

    def commit(self, opened, columns=(), **values):
        given = {
            "wrapper_id": opened.wrapper.wrapper_id,
            "run_id": opened.run_id,
            "epoch": opened.wrapper.control.epoch,
            "columns": list(columns),
            "checkpoint": None,
            "window": None,
            "spent": points.Spent(),
            "now": self.now,
        }
        return self.write(partial(points.commit, **(given | values)))

    # lives up to a point

    def executing(self, source_type=SourceType.API, **values):
        """Return a wrapper whose code is ready and whose first run is due."""
        wrapper_id = self.generate(source_type, **values)
        self.close(self.open(wrapper_id), Found(code=CODE, period=3_600_000_000))
        return wrapper_id

    def running(self, source_type=SourceType.API, **values):
        """Return the open `read` run of a new wrapper."""
        return self.open(self.executing(source_type, **values))

    def in_status(self, status, source_type=SourceType.API):
        """Return a wrapper that has come to a status by its legal way; only the last steps are its own."""
        match status:
            case "pending":
                return self.generate(source_type)
            case "generating":
                wrapper_id = self.generate(source_type)
                self.open(wrapper_id)
            case "executing":
                wrapper_id = self.running(source_type).wrapper.wrapper_id
            case "retrying":
                wrapper_id = self.executing(source_type)
                self.fail(wrapper_id)
            case "stopped":
                wrapper_id = self.executing(source_type)
                self.stop(wrapper_id)
            case "completed":
                opened = self.running(SourceType.CSV if source_type is SourceType.API else source_type)
                wrapper_id = opened.wrapper.wrapper_id
                self.close(opened, Done())
            case "error":
                wrapper_id = self.executing(source_type)
                for _ in range(PATIENCE.tries):
                    self.fail(wrapper_id)
        assert self.get(wrapper_id).control.status == status
        return wrapper_id

    # what there is

    def get(self, wrapper_id):
        return self.read(wrappers.get, wrapper_id)

    def run(self, opened):
        return self.read(runs.get, opened.run_id)

    def open_runs(self):
        return self.read(runs.all_open)

    def stored(self, owner):
        """Return what the store holds: {series: {x: y}}."""

        def look(c):
            found: dict[str, dict[int, float]] = {}
            query = series.join(points_table, points_table.c.series_id == series.c.series_id).select()
            for row in c.execute(query.where(series.c.owner == owner)).mappings():
                found.setdefault(row["name"], {})[row["x"]] = row["y"]
            return found

        return self.read(look)
