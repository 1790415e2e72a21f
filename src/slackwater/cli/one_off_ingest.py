"""Reads one source to its end, with a progress bar, for `slackwater run`."""

import asyncio
import csv
import hashlib
import logging
import signal
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TextIO, TypeVar

import structlog
from rich.markup import escape
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from slackwater.cli.output_target import OutputTarget
from slackwater.cli.terminal import count, err
from slackwater.errors import BadSource
from slackwater.model.instants import SECOND, iso
from slackwater.model.source.config import ApiConfig, FileConfig
from slackwater.model.source.identity import identity
from slackwater.model.status import Status
from slackwater.model.wrapper import Metadata, SourceType, WrapperRecord
from slackwater.settings import Settings
from slackwater.store.engine.database import Connection
from slackwater.store.records import logs, runs, wrappers
from slackwater.store.series import readings
from slackwater.workbench import Workbench

LOOK_SECONDS = 0.1  # between two looks at the progress
MOST_TRIES = 3  # failed runs in a row; the person at the terminal decides then
WARNINGS = 5  # lines of the log that are shown

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Source:
    """The source to read; `label` is its path, or its URL without query."""

    kind: SourceType
    label: str
    path: Path | None
    config: FileConfig | ApiConfig
    metadata: Metadata


@dataclass(frozen=True, kw_only=True)
class Ingested:
    """What came of it. Times in µs since the epoch."""

    series: list[str]
    points: int  # stored in all
    new: int  # in this execution
    rate: float  # points received per second, stored already or not
    first: int | None
    last: int | None
    rejected: int
    seconds: float
    warnings: list[str]


@dataclass(frozen=True, kw_only=True)
class _Seen:
    record: WrapperRecord
    run: runs.RunRecord | None

    @property
    def finished(self) -> bool:
        # The run must be closed, too: a wrapper that is resumed after its history was in has yet to follow up.
        ended = self.run is not None and self.run.outcome == runs.SUCCEEDED
        return ended and (self.record.control.status is Status.COMPLETED or self.record.following)


def fingerprint(path: Path) -> str:
    """Return a fingerprint of a file's content: only an unchanged file may be resumed."""
    with path.open("rb") as file:
        return f"sha256:{hashlib.file_digest(file, 'sha256').hexdigest()}"


async def ingest(settings: Settings, source: Source, output: OutputTarget | None) -> Ingested:
    """Read `source` to its end from its checkpoint and write its points to `output`.

    BadSource with a sentence when it cannot be read; OSError when `output` cannot be written. Cancelled, it stops the
    wrapper, whose checkpoint stays.
    """
    only_errors_to_stderr()
    _cancel_on_signals()
    async with Workbench.open(settings) as bench:
        began = time.monotonic()
        wrapper_id = await _begin(bench, source)
        try:
            seen = await _followed(bench, wrapper_id)
        finally:
            # Once is once: an API is not polled on by whoever opens this directory next.
            await bench.lifecycle.stop(wrapper_id)
        seconds = time.monotonic() - began
        if output is not None:
            await asyncio.to_thread(_write, bench, wrapper_id, output)
        return await _read(bench, partial(_result, seen=seen, seconds=seconds))


async def _begin(bench: Workbench, source: Source) -> str:
    """Execute the wrapper that reads this very source already, or generate one; return its id."""
    known = await _read(bench, partial(_known, source=source))
    if known is None:
        config = source.config
        if source.path is not None:
            config = config.model_copy(update={"file_id": await bench.add_file(source.path)})
        record = await bench.lifecycle.generate(source_type=source.kind, config=config, metadata=source.metadata)
        return record.wrapper_id
    if known.control.status in (Status.EXECUTING, Status.RETRYING):
        return known.wrapper_id  # interrupted the hard way; the workbench has taken it up again
    if known.definition.generated_code is None:
        return (await bench.lifecycle.regenerate(known.wrapper_id)).wrapper_id
    if isinstance(source.config, ApiConfig):  # with today's credentials
        await bench.lifecycle.patch(known.wrapper_id, source_config=source.config.model_dump(exclude_none=True))
    await bench.lifecycle.execute(known.wrapper_id, wait=0)
    return known.wrapper_id


def _known(c: Connection, source: Source) -> WrapperRecord | None:
    form = source.config.model_dump(exclude_none=True)
    skip = 0
    while True:
        page, total = wrappers.list_page(c, skip=skip, limit=100, source_type=source.kind.value)
        for record in page:
            same_file = {"file_id": record.definition.source_config["file_id"]} if source.path else {}
            same_content = record.definition.metadata.get("description") == source.metadata.description
            if same_content and identity(form | same_file) == identity(record.definition.source_config):
                return record
        skip += len(page)
        if not page or skip >= total:
            return None


async def _followed(bench: Workbench, wrapper_id: str) -> _Seen:
    """Show the progress until all is read; BadSource with the reason of a failure."""
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=err, transient=True) as progress:
        task = progress.add_task("looking at the source", total=None)
        reported: str | None = None
        began = time.monotonic()
        while True:
            seen = await _read(bench, partial(_look, wrapper_id=wrapper_id))
            if seen.finished:
                return seen
            _refuse_failure(seen.record)
            if seen.record.control.retry_count and seen.record.control.error_message != reported:
                reported = seen.record.control.error_message
                err.print(f"[yellow]{escape(f'Trying again: {reported}')}[/yellow]")
            vitals = bench.lifecycle.vitals(wrapper_id)
            if vitals is not None and vitals.rows_total:
                progress.update(task, total=vitals.rows_total, completed=vitals.rows_processed)
            progress.update(task, description=_described(seen, time.monotonic() - began))
            await asyncio.sleep(LOOK_SECONDS)


def _look(c: Connection, wrapper_id: str) -> _Seen:
    record = wrappers.get(c, wrapper_id, with_log=False)
    return _Seen(record=record, run=runs.last(c, wrapper_id, epoch=record.control.epoch))


def _refuse_failure(record: WrapperRecord) -> None:
    if record.control.status is Status.ERROR:
        raise BadSource(record.control.error_message or "The source cannot be read.")
    if record.control.status is Status.STOPPED:
        raise BadSource("The source was stopped meanwhile. Run the same command again to go on.")
    if record.control.retry_count >= MOST_TRIES:
        raise BadSource(
            f"Given up after {MOST_TRIES} tries: {record.control.error_message or 'the source does not answer.'}"
        )


def _described(seen: _Seen, seconds: float) -> str:
    record, run = seen.record, seen.run
    if record.control.status is Status.RETRYING:
        return f"trying again soon: {record.control.error_message}"
    if run is None:
        return "looking at the source"
    rate = f"{count(round(run.points_received / max(seconds, 0.1)))} points/s"
    back = f", back to {iso(record.marks.low_water_mark)[:10]}" if record.marks.low_water_mark is not None else ""
    return f"{count(record.counters.points)} points, {rate}{back}"


def _result(c: Connection, seen: _Seen, seconds: float) -> Ingested:
    record, run = seen.record, seen.run
    lines, _ = logs.tail(c, record.wrapper_id, 200)
    return Ingested(
        series=readings.series_names(c, record.wrapper_id),
        points=record.counters.points,
        new=run.points_new if run else 0,
        rate=_rate(run) if run else 0.0,
        first=record.marks.low_water_mark,
        last=record.marks.high_water_mark,
        rejected=run.points_rejected if run else 0,
        seconds=seconds,
        warnings=[line for line in lines if " - WARNING - " in line][-WARNINGS:],
    )


def _rate(run: runs.RunRecord) -> float:
    micros = (run.finished_at or run.started_at) - run.started_at
    return run.points_received * SECOND / max(micros, 1)


def _write(bench: Workbench, wrapper_id: str, output: OutputTarget) -> None:
    with bench.database.stream() as c, output.opened() as file:
        found = readings.stream(c, readings.PointQuery(owner=wrapper_id))
        _write_rows(file, ((iso(each.x), each.series, repr(each.y)) for each in found))


def _write_rows(file: TextIO, rows: Iterable[tuple[str, str, str]]) -> None:
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(("time", "series", "value"))
    writer.writerows(rows)


async def _read(bench: Workbench, work: Callable[[Connection], T]) -> T:
    return await asyncio.wrap_future(bench.database.read(work))


def _cancel_on_signals() -> None:
    task = asyncio.current_task()
    if task is not None:
        for number in (signal.SIGTERM, signal.SIGHUP):
            asyncio.get_running_loop().add_signal_handler(number, task.cancel)


def only_errors_to_stderr() -> None:
    """Keep the service's log out of a terminal's way, but for what went wrong."""
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
