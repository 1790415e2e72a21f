"""Uploads that mean harm: `invalid` with a reason, a 4xx, or read as what they are; in bounded time and memory."""

import io
import threading
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from nasty import CORPUS, MIB, good_workbook

from budget import examples, some
from service import Service, alive, eventually

MEMORY = 512 * MIB  # of one process, as the service is told
SECONDS = 60  # the service's own limit for one file
AROUND = 100 * MIB  # of the service itself, beside what the file takes
EXAMPLES = examples(10, 200)

READABLE = {
    "formulas",
    "names that climb",
    "archive in an archive",
    "ragged rows",
    "NUL bytes after a while",
    "half a character",
    "control characters",
    "injected formulas",
    "right to left",
    "numbers beyond all bounds",
}


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with Service(tmp_path_factory.mktemp("uploads") / "data", memory_limit_bytes=MEMORY) as running:
        yield running


class Watch:
    """The most memory that any process below the service, and the service itself, have had."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self.below = self.itself = 0

    def look(self) -> None:
        assert self._service.process is not None
        self.itself = max(self.itself, psutil.Process(self._service.process.pid).memory_info().rss)
        for process in self._service.below():
            with suppress(psutil.Error):
                self.below = max(self.below, process.memory_info().rss)


LONGEST = {  # or much the same as others
    "ten million empty lines",
    "ragged rows",
    "zip bomb",
    "deep nesting of what is known",
    "a cell of 40 MiB",
    "a CSV named workbook",
    "polyglot named workbook",
    "NUL bytes",
    "a script",
    "control characters",
    "truncated workbook",
    "external entity",
}


@contextmanager
def watching(service: Service) -> Iterator[Watch]:
    watch, done = Watch(service), threading.Event()

    def work() -> None:
        while not done.wait(0.1):
            watch.look()

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield watch
    finally:
        done.set()
        thread.join()


def uploaded(service: Service, name: str, content: bytes) -> dict[str, Any]:
    answer = service.http.post(
        "/resources/wrappers/files/upload", files={"file": (name, content)}, timeout=SECONDS + 30
    )
    assert answer.status_code == 200 or 400 <= answer.status_code < 500, answer.text
    told = answer.json()
    if answer.status_code != 200:
        assert told["detail"]
        return dict(told)
    assert told["validation_status"] in {"valid", "invalid"}
    assert (told["validation_status"] == "valid") == (not told["validation_errors"])
    for reason in told["validation_errors"]:
        assert len(reason) > 10
        assert not any(word in reason for word in ("Traceback", "Error:", "/tmp", str(service.data_dir), "0x"))
    return dict(told)


@pytest.mark.parametrize("name", some(CORPUS, *CORPUS.keys() - LONGEST))
def test_a_nasty_file_is_refused_with_a_reason_or_read_as_what_it_is(service: Service, name: str) -> None:
    file_name, make = CORPUS[name]
    content = make()
    before = {process.pid for process in service.below()}
    rss = psutil.Process(service.process.pid).memory_info().rss if service.process else 0
    with watching(service) as watch:
        told = uploaded(service, file_name, content)
    assert watch.below < MEMORY + 64 * MIB
    assert watch.itself < rss + AROUND
    assert (told["validation_status"] == "valid") == (name in READABLE), told
    eventually(lambda: not {process.pid for process in service.below() if alive(process.pid)} - before)
    assert not Path("/tmp/slackwater-was-here").exists()
    assert not Path("/etc/slackwater-was-here").exists()


@pytest.mark.long
def test_others_are_served_while_a_bomb_is_looked_at(service: Service) -> None:
    name, make = CORPUS["ten million empty lines"]
    bomb = threading.Thread(target=uploaded, args=(service, name, make()))
    bomb.start()
    served = 0
    while bomb.is_alive():
        assert service.http.get("/health").status_code == 200
        served += bomb.is_alive()
        time.sleep(0.05)
    assert served > 3, "the others had to wait until it was looked at"


def test_formulas_are_read_as_their_stored_values_and_never_evaluated(service: Service) -> None:
    told = uploaded(service, *_made("formulas"))
    assert "WEBSERVICE" not in told["preview_data"]
    wrapper_id = service.generate("XLSX", {"file_id": told["file_id"]})
    done = _ended(service, wrapper_id)
    assert done["status"] in {"completed", "error"}
    text = uploaded(service, *_made("injected formulas"))
    assert "=HYPERLINK(1)" in text["preview_data"]


def _made(name: str) -> tuple[str, bytes]:
    file_name, make = CORPUS[name]
    return file_name, make()


def _ended(service: Service, wrapper_id: str) -> dict[str, Any]:
    def look() -> dict[str, Any] | None:
        wrapper = service.wrapper(wrapper_id)
        return wrapper if wrapper["status"] in {"completed", "error"} else None

    return eventually(look)


def test_what_is_stored_has_a_name_of_the_services_own(service: Service) -> None:
    for name in (
        "../../../etc/cron.d/evil.csv",
        "C:\\Windows\\evil.csv",
        ".csv",
        "a\x00b.csv",
        "x" * 5000 + ".csv",
        "é\u202e.csv",
    ):
        uploaded(service, name, b"time,level\n2020-01-01,1\n")
    kept = [path.name for path in (service.data_dir / "files").iterdir()]
    assert all(len(name) <= 41 and name.count(".") == 1 and name.split(".")[0].count("-") == 4 for name in kept), kept
    assert all((service.data_dir / "files" / name).stat().st_mode & 0o777 == 0o600 for name in kept)


CELLS = st.one_of(st.text(max_size=20), st.floats().map(str), st.datetimes().map(str))
TEXTS = st.one_of(
    st.binary(max_size=4000),
    st.text(max_size=2000).map(lambda text: text.encode("utf-8", "replace")),
    st.lists(
        st.lists(st.one_of(st.text(max_size=20), st.floats().map(str), st.datetimes().map(str)), max_size=6),
        max_size=30,
    ).map(lambda rows: "\n".join(",".join(row) for row in rows).encode("utf-8", "replace")),
)
FUZZ = settings(
    max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
WORKBOOK = good_workbook()


@FUZZ
@given(name=st.sampled_from(["a.csv", "a.xlsx", "a.xls", "a.CSV"]), content=TEXTS)
def test_any_bytes_have_an_answer(service: Service, name: str, content: bytes) -> None:
    uploaded(service, name, content)


@FUZZ
@given(
    changes=st.lists(st.tuples(st.integers(0, len(WORKBOOK) - 1), st.integers(0, 255)), min_size=1, max_size=20),
    cut=st.one_of(st.none(), st.integers(0, len(WORKBOOK))),
)
def test_a_damaged_workbook_has_an_answer(service: Service, changes: list[tuple[int, int]], cut: int | None) -> None:
    content = bytearray(WORKBOOK)
    for place, value in changes:
        content[place] = value
    uploaded(service, "a.xlsx", bytes(content[:cut]))


PARTS = zipfile.ZipFile(io.BytesIO(WORKBOOK)).namelist()


@FUZZ
@given(part=st.sampled_from(PARTS), data=st.data())
def test_a_workbook_with_a_part_that_makes_no_sense_has_an_answer(service: Service, part: str, data: Any) -> None:
    whole = zipfile.ZipFile(io.BytesIO(WORKBOOK)).read(part)
    start = data.draw(st.integers(0, len(whole)))
    end = data.draw(st.integers(start, len(whole)))
    instead = data.draw(
        st.one_of(st.just(b""), st.binary(max_size=50), st.sampled_from([b"<", b"&a;", b"-1", b"1e309", b"<row>"]))
    )
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(WORKBOOK)) as before, zipfile.ZipFile(buffer, "w") as after:
        for name in PARTS:
            content = before.read(name)
            after.writestr(name, whole[:start] + instead + whole[end:] if name == part else content)
    uploaded(service, "a.xlsx", buffer.getvalue())


def test_the_service_is_as_well_as_before(service: Service) -> None:
    wrapper_id = service.generate(
        "CSV", {"file_id": service.upload("a.csv", b"time,level\n2020-01-01,1\n2020-01-02,2\n")["file_id"]}
    )
    assert service.wait_for(wrapper_id, "completed")["data_points_count"] == 2
