"""How much processor time the discovery of a sample takes: files and answers of 5,000 rows."""

import asyncio
import csv
import gc
import importlib
import io
import json
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from multiprocessing import get_context
from random import Random

import httpx
import openpyxl

from benchmarks.report import Figure, Report
from runs import Recorder
from slackwater.discover.main import discover
from slackwater.workbench import PRELOAD

ROWS, QUICK_ROWS = 5_000, 500
ATTEMPTS = 3  # of each, of which the least counts: other work on the machine only ever adds to it
AIM = 500  # ms of processor time for a sample
NAMES = ("temperature", "humidity", "pressure", "wind", "rain", "pm10", "pm25", "no2", "o3", "so2", "co", "radiation")
BEGIN = datetime(2024, 1, 1, tzinfo=UTC)
URL = "https://data.example.org/v1/levels"

Table = list[list[str]]


@dataclass(frozen=True)
class Sample:
    """A source as discovery gets it, and how plain Python reads the same."""

    name: str
    source_type: str
    content: bytes
    plain: Callable[[bytes], object]


def measure(quick: bool) -> Report:
    """Discover each sample, and read it with plain Python."""
    rows = QUICK_ROWS if quick else ROWS
    figures = []
    for module in PRELOAD:  # as the fork server does
        importlib.import_module(module)
    gc.collect()
    gc.freeze()  # as the fork server does, whose children collect nothing of what it has loaded
    for sample in _samples(rows):
        taken = min(_taken(lambda sample=sample: _discovered(sample)) for _ in range(ATTEMPTS))
        plain = min(_taken(lambda sample=sample: sample.plain(sample.content)) for _ in range(ATTEMPTS))
        figures.append(Figure(name=sample.name, value=taken, unit="ms", at_most=AIM, reference=plain))
    gc.unfreeze()
    return Report(
        title=f"processor time of the discovery of {rows:,} rows or records",
        figures=figures,
        notes=[
            "all that a look does: the module is written and tried; the answers of an API are at hand",
            f"each in a fork, as the service does it; the least of {ATTEMPTS}",
            "reference, which finds nothing out – CSV: csv.reader, datetime and float; Excel: openpyxl, read_only; "
            "JSON: json.loads",
        ],
    )


def _taken(work: Callable[[], object]) -> float:
    """Return the processor time (ms) of some work in a fork: nothing is remembered of the attempt before."""
    forks = get_context("fork")
    here, there = forks.Pipe(duplex=False)

    def child() -> None:
        before = time.process_time()
        work()
        there.send((time.process_time() - before) * 1000)

    process = forks.Process(target=child)
    process.start()
    there.close()
    taken: float = here.recv()
    process.join()
    return taken


def _discovered(sample: Sample) -> None:
    asyncio.run(_discover(sample))


async def _discover(sample: Sample) -> None:
    if sample.source_type != "API":
        orders = {"content": sample.content, "file_name": "levels", "source_type": sample.source_type}
        await discover(Recorder(task="discover", config={"file_id": "f"}, **orders))
        return
    headers = {"content-type": "application/json"}
    answers = httpx.MockTransport(lambda _: httpx.Response(200, content=sample.content, headers=headers))
    async with httpx.AsyncClient(transport=answers) as http:
        await discover(Recorder(task="discover", source_type="API", config={"location": URL}, http=http))


# --- the samples -----------------------------------------------------------------------------------------------------


def _samples(rows: int) -> list[Sample]:
    days = _table(rows, 3, lambda at: f"{at:%d/%m/%Y %H:%M}")
    iso = _table(rows, len(NAMES), lambda at: f"{at:%Y-%m-%d %H:%M}")
    commas = [[cell.replace(".", ",") for cell in row[:7]] for row in iso]
    return [
        Sample("CSV, 2 columns", "CSV", _csv([row[:2] for row in iso]), _plain_csv()),
        Sample("CSV, 4 columns", "CSV", _csv([row[:4] for row in iso]), _plain_csv()),
        Sample("CSV, 13 columns", "CSV", _csv(iso), _plain_csv()),
        Sample("CSV, days before months", "CSV", _csv(days), _plain_csv(form="%d/%m/%Y %H:%M")),
        Sample("CSV, no header", "CSV", _csv(days[1:]), _plain_csv(form="%d/%m/%Y %H:%M", header=False)),
        Sample("CSV, decimal commas", "CSV", _csv(commas, ";"), _plain_csv(";", decimal=",")),
        Sample("aligned text", "CSV", _aligned([row[:6] for row in iso]), _plain_aligned),
        Sample("Excel, 6 columns", "XLSX", _xlsx(rows), _plain_xlsx),
        # A round number of records is asked about: it may be the most that the source gives.
        Sample("JSON, records", "API", _json(_records(rows - 13)), json.loads),
        Sample("JSON, nested records", "API", _json(_nested(rows - 13)), json.loads),
        Sample("JSON, a list for each field", "API", _json(_lists(rows - 13)), json.loads),
        Sample("JSON, pairs with epochs", "API", _json(_pairs(rows - 13)), json.loads),
    ]


@cache
def _line(name: str, rows: int) -> list[float]:
    noise = Random(name)
    return [round(50 + 20 * math.sin(hour / 24 * math.tau) + noise.gauss(0, 5), 2) for hour in range(rows)]


def _times(rows: int) -> list[datetime]:
    return [BEGIN + timedelta(hours=hour) for hour in range(rows)]


def _table(rows: int, columns: int, written: Callable[[datetime], str]) -> Table:
    lines = zip(*(map(str, _line(name, rows)) for name in NAMES[:columns]), strict=True)
    return [["time", *NAMES[:columns]], *([written(at), *line] for at, line in zip(_times(rows), lines, strict=True))]


def _csv(table: Table, delimiter: str = ",") -> bytes:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows(table)
    return text.getvalue().encode()


def _aligned(table: Table) -> bytes:
    widths = [max(map(len, column)) + 2 for column in zip(*table, strict=True)]
    lines = ("".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)) for row in table)
    return "\n".join(lines).encode()


def _xlsx(rows: int) -> bytes:
    book, content = openpyxl.Workbook(write_only=True), io.BytesIO()
    sheet = book.create_sheet("Data")
    sheet.append(["time", *NAMES[:5]])
    for row in zip(_times(rows), *(_line(name, rows) for name in NAMES[:5]), strict=True):
        sheet.append([row[0].replace(tzinfo=None), *row[1:]])
    book.save(content)
    return content.getvalue()


def _json(body: object) -> bytes:
    return json.dumps(body).encode()


def _measured(rows: int) -> list[tuple[str, dict[str, float]]]:
    lines = zip(*(_line(name, rows) for name in NAMES[:3]), strict=True)
    return [
        (f"{at:%Y-%m-%dT%H:%M:%SZ}", dict(zip(NAMES, line, strict=False)))
        for at, line in zip(_times(rows), lines, strict=True)
    ]


def _records(rows: int) -> object:
    return [{"time": at, "station": "A1", "status": "ok", **values} for at, values in _measured(rows)]


def _nested(rows: int) -> object:
    sensor = {"name": "s1", "unit": "C"}
    items = [{"observed": {"at": at}, "sensor": sensor, "measures": values} for at, values in _measured(rows)]
    return {"data": {"items": items}}


def _lists(rows: int) -> object:
    lines = {name: _line(name, rows) for name in NAMES[:3]}
    return {"hourly": {"time": [f"{at:%Y-%m-%dT%H:%M}" for at in _times(rows)], **lines}, "utc_offset": 0}


def _pairs(rows: int) -> object:
    times = [int(at.timestamp()) * 1000 for at in _times(rows)]
    return {"points": list(zip(times, _line(NAMES[0], rows), strict=True))}


# --- plain Python ----------------------------------------------------------------------------------------------------


def _plain_csv(
    delimiter: str = ",", *, form: str = "", decimal: str = ".", header: bool = True
) -> Callable[[bytes], object]:
    def read(content: bytes) -> object:
        rows = list(csv.reader(io.StringIO(content.decode(), newline=""), delimiter=delimiter))[header:]
        return _read(rows, form, decimal)

    return read


def _plain_aligned(content: bytes) -> object:
    rows = [line.split() for line in content.decode().splitlines()[1:]]
    return _read([[f"{day} {clock}", *numbers] for day, clock, *numbers in rows], "", ".")


def _plain_xlsx(content: bytes) -> object:
    return list(openpyxl.load_workbook(io.BytesIO(content), read_only=True)["Data"].iter_rows(values_only=True))


def _read(rows: Sequence[Sequence[str]], form: str, decimal: str) -> object:
    return [
        (
            datetime.strptime(row[0], form).replace(tzinfo=UTC) if form else datetime.fromisoformat(row[0]),
            [float(cell.replace(decimal, ".")) for cell in row[1:]],
        )
        for row in rows
    ]
