"""Data as CSV, XLSX and Parquet: the same points as the pages give, with their types, whatever the names are."""

import csv
import io
import sqlite3
import time
import zipfile
from contextlib import ExitStack, closing
from datetime import UTC, datetime, timedelta

import httpx
import openpyxl
import psutil
import pytest
from arro3.core import DataType
from arro3.io import read_parquet

from budget import some
from service import Service, eventually
from slackwater.model.instants import from_micros
from slackwater.web.export.stream import SNAPSHOT_SECONDS

HOSTILE = [
    "=1+1",
    "+cmd|' /C calc'!A0",
    "-2",
    "@SUM(A1)",
    "<b>&amp;",
    'a,"b"',
    "Température ü",
    "tab\there",
    "\n=2+2",
    "＝3+3",
]


@pytest.fixture(scope="module")
def hostile(service: Service) -> str:
    """A resource whose series have hostile names, with times before 1900 and fractions of a second."""
    header = "time," + ",".join('"' + name.replace('"', '""') + '"' for name in HOSTILE)
    moments = ["1850-06-01T12:00:00Z", "1900-03-01T00:00:00Z", "1999-12-31T23:59:59.250Z", "2024-02-29T06:00:00Z"]
    lines = [header] + [
        f"{when}," + ",".join(str(n * 1.5 + k / 8) for k in range(len(HOSTILE))) for n, when in enumerate(moments)
    ]
    file_id = service.upload("hostile.csv", ("\n".join(lines) + "\n").encode())["file_id"]
    wrapper_id = service.generate("CSV", {"file_id": file_id}, name="Größe/../x <i>")
    service.caught_up(wrapper_id)
    return str(service.wrapper(wrapper_id)["resource_id"])


def pages(service: Service, resource_id: str, **params: object) -> list[tuple[str, float, str]]:
    body = service.http.get(f"/resources/{resource_id}/data", params={"limit": 5000, **params}).json()
    assert body["next_cursor"] is None
    return [(point["x"], point["y"], point["series"]) for point in body["data"]]


def fetched(service: Service, resource_id: str, kind: str, **params: object) -> bytes:
    answer = service.http.get(f"/resources/{resource_id}/data", params={"format": kind, **params})
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-disposition"] == f'attachment; filename="Gr-e-x-i-{resource_id}.{kind}"'
    return answer.content


def of_csv(content: bytes) -> list[tuple[str, float, str]]:
    rows = list(csv.reader(io.StringIO(content.decode(), newline="")))
    assert rows[0] == ["x", "y", "series"]
    return [(x, float(y), name) for x, y, name in rows[1:]]


def of_xlsx(content: bytes) -> list[tuple[str, float, str]]:
    book = openpyxl.load_workbook(io.BytesIO(content))
    found = []
    for sheet in book.worksheets:
        rows = list(sheet.iter_rows())
        assert [cell.value for cell in rows[0]] == ["x", "y", "series"]
        assert all(row[2].data_type == "s" for row in rows)
        found += [(as_text(x.value), float(y.value), name.value) for x, y, name in rows[1:]]
    return found


def as_text(when: object) -> str:
    if isinstance(when, str):
        return when
    assert isinstance(when, datetime)
    micros = round((when.replace(tzinfo=UTC) - datetime(1970, 1, 1, tzinfo=UTC)) / timedelta(microseconds=1))
    moment = from_micros(micros)
    return f"{moment:%Y-%m-%dT%H:%M:%S}" + (f".{moment.microsecond:06}" if moment.microsecond else "") + "Z"


def of_parquet(content: bytes) -> list[tuple[str, float, str]]:
    table = read_parquet(content).read_all()
    assert [(field.name, field.type) for field in table.schema] == [
        ("x", DataType.timestamp("us", tz="UTC")),
        ("y", DataType.float64()),
        ("series", DataType.string()),
    ]
    if not table.num_rows:
        return []
    columns = [table.column(n).combine_chunks().to_pylist() for n in range(3)]
    return [(as_text(x), y, name) for x, y, name in zip(*columns, strict=True)]


READERS = {"csv": of_csv, "xlsx": of_xlsx, "parquet": of_parquet}


@pytest.mark.parametrize("kind", READERS)
@pytest.mark.parametrize(
    "params",
    [
        {},
        {"order": "desc"},
        {"from": "1900-01-01", "to": "1999-12-31"},
        {"series": ["-2", "<b>&amp;"]},
        {"granularity": "year", "aggregate": "max", "series": "Température ü"},
        {"granularity": "month", "series": ["=1+1", "nothing"]},
        {"from": "2030-01-01"},
    ],
)
def test_a_file_holds_exactly_what_the_pages_give(service, hostile, kind, params):
    expected = pages(service, hostile, **params)
    found = READERS[kind](fetched(service, hostile, kind, **params))
    if kind == "csv":
        expected = [(x, y, f"'{name}" if name[0] in "=+-@＝" else name) for x, y, name in expected]
    assert found == expected
    assert found or params == {"from": "2030-01-01"}


def test_no_cell_is_a_formula(service, hostile):
    for row in csv.reader(io.StringIO(fetched(service, hostile, "csv").decode(), newline="")):
        assert row[2][0] not in "=+-@"
    archive = zipfile.ZipFile(io.BytesIO(fetched(service, hostile, "xlsx")))
    assert archive.testzip() is None
    assert not any(b"<f>" in archive.read(name) for name in archive.namelist())


@pytest.mark.parametrize("kind", READERS)
def test_what_is_refused_is_refused_before_the_file_begins(service, hostile, kind):
    path = f"/resources/{hostile}/data"
    assert service.http.get(path, params={"format": kind, "from": "2024-01-02", "to": "2024-01-01"}).status_code == 400
    assert service.http.get(f"/resources/{'0' * 24}/data", params={"format": kind}).status_code == 404
    assert service.http.get(path, params={"format": kind, "cursor": "x"}).status_code == 400
    assert service.http.get(path, params={"format": "xls"}).status_code == 422


@pytest.fixture(scope="module")
def large(service: Service) -> str:
    """Hundreds of thousands of points in a resource: more than any page holds, or a socket."""
    lines = "".join(f"{1_600_000_000 + n},{n % 977 / 4},{n % 31 / 2}\n" for n in range(200_000))
    file_id = service.upload("large.csv", ("time,a,b\n" + lines).encode())["file_id"]
    wrapper_id = service.generate("CSV", {"file_id": file_id}, name="large")
    service.caught_up(wrapper_id, within=300)  # on a machine with much other work
    return str(service.wrapper(wrapper_id)["resource_id"])


@pytest.mark.long
def test_a_file_has_no_limit(service, large):
    content = service.http.get(f"/resources/{large}/data", params={"format": "parquet"}).content
    assert read_parquet(content).read_all().num_rows == 400_000


@pytest.mark.parametrize("kind", some(READERS, "parquet"))
def test_a_slow_client_takes_little_memory_and_may_leave(service, large, kind):
    assert service.process is not None
    process = psutil.Process(service.process.pid)
    path = f"/resources/{large}/data"
    before, threads = process.memory_info().rss, process.num_threads()
    with service.http.stream("GET", path, params={"format": kind}) as answer:
        pieces = answer.iter_raw(1024)
        assert next(pieces)
        eventually(lambda: process.num_threads() > threads)
        assert process.memory_info().rss - before < 80 * 2**20
    # The reader does not outlive its client.
    eventually(lambda: process.num_threads() <= threads)


def test_so_many_files_at_once_and_no_more(service, large):
    path = f"/resources/{large}/data"
    with ExitStack() as stack:
        for _ in range(3):
            begun = stack.enter_context(service.http.stream("GET", path, params={"format": "csv"}))
            assert begun.status_code == 200
        refused = service.http.get(path, params={"format": "csv"})
        assert refused.status_code == 429
        assert refused.json() == {
            "detail": "3 files are being written for this API key already; try again when one is done."
        }
        assert int(refused.headers["retry-after"]) > 0
        assert service.http.get(path).status_code == 200  # pages are not counted
    eventually(lambda: service.http.get(path, params={"format": "csv", "to": "1970-01-01"}).status_code == 200)


@pytest.mark.sqlite
def test_a_client_that_stalls_does_not_keep_the_log_of_the_store(service, large):
    with service.http.stream("GET", f"/resources/{large}/data", params={"format": "csv"}) as stalled:
        pieces = stalled.iter_raw(1024)  # kept: its end would be the answer's
        assert next(pieces)
        service.upload("some.csv", b"time,a\n2020-01-01,1\n")

        def emptied() -> bool:
            with closing(sqlite3.connect(service.data_dir / "slackwater.db", timeout=10)) as c:
                _, size, written = c.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
            return size == written

        assert not emptied()
        eventually(emptied, within=20)


@pytest.mark.long
def test_a_file_of_a_resource_that_is_deleted_meanwhile_is_broken_off(service):
    lines = "".join(f"{1_600_000_000 + n},{n}\n" for n in range(300_000))
    file_id = service.upload("gone.csv", ("time,a\n" + lines).encode())["file_id"]
    wrapper_id = service.generate("CSV", {"file_id": file_id}, name="gone")
    service.caught_up(wrapper_id, within=120)
    resource_id = service.wrapper(wrapper_id)["resource_id"]
    with service.http.stream("GET", f"/resources/{resource_id}/data", params={"format": "csv"}) as broken:
        pieces = broken.iter_raw(1024)
        assert next(pieces)
        assert service.http.delete(f"/resources/{resource_id}").status_code in (200, 204)
        time.sleep(SNAPSHOT_SECONDS + 0.5)  # the time for which a snapshot may be read
        with pytest.raises(httpx.RemoteProtocolError):
            list(pieces)
