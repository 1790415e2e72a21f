"""What keeping vintages costs where points are stored and none is revised."""

import contextlib
import time
from array import array
from collections.abc import Iterator
from pathlib import Path

from benchmarks.ground import directory, plant
from benchmarks.history import EPOCH
from benchmarks.report import Figure, Report
from slackwater.model.instants import MINUTE, parse_iso
from slackwater.model.points import Column
from slackwater.store.engine.database import Connection, Database
from slackwater.store.records import runs
from slackwater.store.series import points, vintages

BATCH = 10_000  # points, as a page of a large source brings
BATCHES = 100
ROUNDS = 5  # alternating, so that a machine that is busy for a while slows both
AIM = 1.03  # of the same commits without vintages
BEGIN = parse_iso("1990-01-01T00:00:00Z")


def measure(quick: bool) -> Report:
    """Store the same new points with and without vintages, in turn."""
    batches, rounds = (5, 2) if quick else (BATCHES, ROUNDS)
    kept: list[float] = []
    bare: list[float] = []
    with directory() as place:
        for number in range(rounds):
            kept.append(_stored(place / f"kept-{number}", batches))
            with _without_vintages():
                bare.append(_stored(place / f"bare-{number}", batches))
    reference = min(bare)
    return Report(
        title=f"{batches} commits of {BATCH:,} new points each, one series, newest last",
        figures=[
            Figure(name="a commit", value=min(kept), unit="ms", reference=reference),
            Figure(name="of the same without vintages", value=min(kept) / reference, unit="×", at_most=AIM),
        ],
        notes=[
            f"the least of {rounds} stores each, in turn; processor time of a commit, not of other work",
            "reference: the same code, that notes no arrival",
            "a commit waits for the writer thread; NORMAL synchronisation, as batches have in the service",
        ],
    )


@contextlib.contextmanager
def _without_vintages() -> Iterator[None]:
    arrive = vintages.arrive
    vintages.arrive = lambda *_: None
    try:
        yield
    finally:
        vintages.arrive = arrive


def _stored(place: Path, batches: int) -> float:
    """Store the batches into a new store; return the milliseconds of processor time of a commit."""
    place.mkdir()
    (wrapper_id,) = plant(place, 1, "http://127.0.0.1:9/", BATCH, following=False)
    database = Database.open(place / "data")
    try:
        began = time.process_time()
        for number in range(batches):
            stored = database.write(lambda c, number=number: _commit(c, wrapper_id, number)).result()
            if stored.new != BATCH:
                raise AssertionError(f"stored {stored}")
        return (time.process_time() - began) * 1000 / batches
    finally:
        database.close()


def _commit(c: Connection, wrapper_id: str, number: int) -> points.Stored:
    times = array("q", range(BEGIN + number * BATCH * MINUTE, BEGIN + (number + 1) * BATCH * MINUTE, MINUTE))
    values = array("d", [(n % 977) / 4 for n in range(BATCH)])
    run_id = f"run-{number}"
    runs.begin(c, run_id=run_id, wrapper_id=wrapper_id, epoch=EPOCH, task="read", now=BEGIN, node="bench")
    runs.end(c, run_id, outcome=runs.SUCCEEDED, now=BEGIN)
    return points.commit(
        c,
        wrapper_id=wrapper_id,
        run_id=run_id,
        epoch=EPOCH,
        columns=[Column.of("level", times, values)],
        checkpoint=None,
        window=None,
        spent=points.Spent(),
        now=BEGIN + number,
    )
