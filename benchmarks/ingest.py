"""How many points a second come from a source into the store."""

import csv
import http.client
import io
import json
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl

from benchmarks.ground import PATIENCE, directory, service
from benchmarks.report import Figure, Report
from benchmarks.source import PATH, Pages, point
from service import Service, eventually
from slackwater.model.instants import SECOND, parse_iso

CSV_POINTS, XLSX_POINTS, API_POINTS = 1_000_000, 100_000, 500_000
CSV_AIM = 250_000  # points/s
API_AIM = 0.25  # of the reference
LONGEST = 600.0  # seconds for one reading
ATTEMPTS = 5


def measure(quick: bool) -> Report:
    """Read a CSV file, a workbook and an API, each into an empty resource."""
    scale = 100 if quick else 1
    with directory() as place, Pages(API_POINTS // scale) as pages, service(place) as running:
        rows, reference = _csv(running, CSV_POINTS // scale)
        cells, cells_reference = _xlsx(running, XLSX_POINTS // scale, place)
        records, plain = _api(running, pages)
    return Report(
        title=f"execute to the last commit: CSV of {CSV_POINTS // scale:,} points, XLSX of {XLSX_POINTS // scale:,}, "
        f"API of {pages.count:,} in pages of {pages.size:,}",
        figures=[
            Figure(name="CSV", value=rows, unit="points/s", at_least=CSV_AIM, reference=reference),
            Figure(name="XLSX", value=cells, unit="points/s", reference=cells_reference),
            Figure(name="API", value=records, unit="points/s", reference=plain),
            Figure(name="API, share of its reference", value=records / plain, unit="×", at_least=API_AIM),
        ],
        notes=[
            "fresh: a new wrapper without a point or a checkpoint gets the module that discovery has written for the "
            "same source, and is executed; from before the POST to the close of its run, just after the last commit",
            "the settings are the defaults, so at most 200 requests/s go to the API beyond the first second's worth",
            "reference, storing nothing – CSV: csv.reader, fromisoformat and float; XLSX: openpyxl, read_only; "
            "API: http.client on one connection and json.loads, against the same server",
        ],
    )


def _csv(running: Service, count: int) -> tuple[float, float]:
    content = ("time,level\n" + "".join(f"{x},{y}\n" for x, y in map(point, range(count)))).encode()
    config = {"file_id": _uploaded(running, "level.csv", content)}
    return _ingested(running, "CSV", config, count), _rate(count, lambda: _plain_csv(content))


def _plain_csv(content: bytes) -> int:
    rows = csv.reader(io.TextIOWrapper(io.BytesIO(content), encoding="utf-8", newline=""))
    next(rows)
    return len([(datetime.fromisoformat(x), float(y)) for x, y in rows])


def _xlsx(running: Service, count: int, place: Path) -> tuple[float, float]:
    path = place / "level.xlsx"
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("Data")
    sheet.append(["time", "level"])
    for x, y in map(point, range(count)):
        sheet.append([datetime.fromisoformat(x).replace(tzinfo=None), y])
    book.save(path)
    config = {"file_id": _uploaded(running, path.name, path.read_bytes())}
    return _ingested(running, "XLSX", config, count), _rate(count, lambda: _plain_xlsx(path))


def _plain_xlsx(path: Path) -> int:
    book = openpyxl.load_workbook(path, read_only=True)
    rows = book["Data"].iter_rows(min_row=2, values_only=True)
    count = len([(x, float(y)) for x, y in rows])
    book.close()
    return count


def _api(running: Service, pages: Pages) -> tuple[float, float]:
    rate = _ingested(running, "API", {"location": pages.url}, pages.count)
    return rate, _rate(pages.count, lambda: _plain_api(pages))


def _plain_api(pages: Pages) -> int:
    line = http.client.HTTPConnection("127.0.0.1", pages.port)
    count = 0
    for offset in range(0, pages.count, pages.size):
        line.request("GET", f"{PATH}?limit={pages.size}&offset={offset}")
        count += len(json.loads(line.getresponse().read())["items"])
    line.close()
    return count


def _rate(count: int, loop: Callable[[], int]) -> float:
    began = time.perf_counter()
    found = loop()
    took = time.perf_counter() - began
    if found != count:
        raise AssertionError(f"the reference has read {found:,} of {count:,} points")
    return count / took


def _uploaded(running: Service, name: str, content: bytes) -> str:
    upload = running.upload(name, content)
    assert upload["validation_status"] == "valid", upload
    return str(upload["file_id"])


def _ingested(running: Service, source_type: str, config: dict[str, Any], count: int) -> float:
    """Read the source into an empty resource; return the points per second."""
    wrapper_id = _empty(running, source_type, config, _discovered(running, source_type, config))
    began = time.time_ns() // 1000
    answer = running.execute(wrapper_id, wait=0)
    assert answer["success"], answer
    # Seldom, for looking takes time from the reading; the run itself says when it was closed.
    run = eventually(lambda: _finished(running, wrapper_id), within=LONGEST, every=0.25)
    if (run["outcome"], run["points_new"]) != ("succeeded", count):
        raise AssertionError(f"{source_type}: not {count:,} new points but {run}")
    running.stop(wrapper_id)
    return count * SECOND / (parse_iso(run["finished_at"]) - began)


def _finished(running: Service, wrapper_id: str) -> dict[str, Any] | None:
    run = running.runs(wrapper_id)[0]
    return None if run["outcome"] == "running" or run["points_received"] == 0 else run


def _discovered(running: Service, source_type: str, config: dict[str, Any]) -> str:
    """Let a wrapper be generated and return its module; it is stopped before it has read much."""
    sample = running.generate(source_type, config, periodicity="daily")

    def look() -> str | None:
        wrapper = running.wrapper(sample)
        assert wrapper["status"] != "error", wrapper["error_message"]
        return wrapper["generated_code"]

    code = eventually(look, within=PATIENCE)
    running.stop(sample)
    assert code
    return code


def _empty(running: Service, source_type: str, config: dict[str, Any], code: str) -> str:
    """Return a wrapper that has a module and has never read: it is stopped before its generation gets that far."""
    for _ in range(ATTEMPTS):
        wrapper_id = running.generate(source_type, config, periodicity="daily")
        running.stop(wrapper_id)
        if running.wrapper(wrapper_id)["data_points_count"] == 0:
            running.patch(wrapper_id, generated_code=code)
            return wrapper_id
    raise AssertionError(f"each of {ATTEMPTS} wrappers had read something before its stop arrived")
