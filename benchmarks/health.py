"""How long `GET /health` takes while a hundred clients download, and while modules send frames that are none."""

import json
import socket
import subprocess
import sys
import threading
import time
from array import array
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path

from benchmarks.ground import directory, plant, service
from benchmarks.report import Figure, Report, percentile
from service import Service
from slackwater.model.instants import SECOND, parse_iso
from slackwater.model.points import Column
from slackwater.store.access import keys
from slackwater.store.engine.database import FILE_NAME, Connection, Database
from slackwater.store.records import runs
from slackwater.store.series import points

POINTS = 2_000_000
CLIENTS = 100
SECONDS = 30.0  # of each load
EVERY = 0.02  # seconds between two requests for /health
AIM = 200  # ms at worst
WILD = 4  # wrappers
CHUNK = 100_000
BEGIN = parse_iso("1990-01-01T00:00:00Z")

DOWNLOADS = """
import asyncio, collections, json, sys

port, path, key, count, seconds = int(sys.argv[1]), sys.argv[2], sys.argv[3], int(sys.argv[4]), float(sys.argv[5])
heads, received = collections.Counter(), 0
REQUEST = f"GET {path} HTTP/1.1\\r\\nHost: 127.0.0.1\\r\\nX-API-Key: {key}\\r\\nConnection: close\\r\\n\\r\\n".encode()

async def client():
    global received
    while True:
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            continue
        try:
            writer.write(REQUEST)
            heads[(await reader.readline()).split(b" ")[1].decode()] += 1
            while data := await reader.read(65536):
                received += len(data)
        except (OSError, IndexError):
            heads["broken"] += 1
        finally:
            writer.close()
        await asyncio.sleep(0.2)

async def main():
    clients = [asyncio.create_task(client()) for _ in range(count)]
    await asyncio.sleep(seconds)
    print(json.dumps({"answers": heads, "bytes": received}))
    sys.stdout.flush()
    for each in clients:
        each.cancel()

asyncio.run(main())
"""

# Each run sends one of these: a batch whose columns are none, a traceback of line ends, half a frame, much talk.
FRAMES = """
from slackwater import Wrapper
from slackwater.pipe.codec import LENGTH, packed
from slackwater.pipe.frames import Batch, Fault, Log
import msgspec, os, socket, stat, struct, time

def said(data):
    for number in range(3, 64):
        try:
            if stat.S_ISSOCK(os.fstat(number).st_mode):
                with socket.socket(fileno=os.dup(number)) as way:
                    peer = struct.unpack("3i", way.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))[0]
                if peer != os.getpid():
                    os.set_blocking(number, True)
                    os.write(number, data)
        except OSError:
            pass

def wild(kind):
    if kind == 0:
        body = msgspec.msgpack.encode({"type": "batch", "number": 1, "columns": [[{}] * 500_000]})
        return LENGTH.pack(len(body)) + body
    if kind == 1:
        return packed(Fault(message="x" * 100_000, traceback="\\n" * 900_000))
    if kind == 2:
        return LENGTH.pack(16 * 1024 * 1024) + b"\\x85" * 16_000_000
    return packed(Log(level="INFO", message="\\x1b" * 60_000)) * 200

class Hostile(Wrapper):
    whole = True
    async def fetch(self, window, http):
        said(wild(int(time.time()) % 4))
        return
        yield

wrapper = Hostile()
"""


def measure(quick: bool) -> Report:
    """Ask for /health in one second after the other: with nothing else to do, and under each load."""
    seconds = 2.0 if quick else SECONDS
    with directory() as place:
        wrapper_ids = plant(place, 1 + WILD, "http://127.0.0.1:9/", 100, following=False)
        key = _fill(place, wrapper_ids[0], POINTS // (20 if quick else 1))
        with service(place, max_tries=1) as running:
            quiet = _asked(running, seconds)
            resource = running.wrapper(wrapper_ids[0])["resource_id"]
            with _downloads(running, f"/resources/{resource}/data?format=csv", key, seconds) as downloads:
                loaded = _asked(running, seconds)
                told = json.loads(downloads.communicate()[0])
            log = (place / "data" / f"{FILE_NAME}-wal").stat().st_size / 1e6
            with _wild(running, wrapper_ids[1:]) as ended:
                wild = _asked(running, seconds)
            if not ended:
                raise AssertionError("no run has ended")
    answers = ", ".join(f"{count:,} × {status}" for status, count in sorted(told["answers"].items()))
    return Report(
        title=f"GET /health, every {EVERY * 1000:.0f} ms for {seconds:.0f} s",
        figures=[
            *_figures("alone", quiet, None),
            *_figures(f"{CLIENTS} downloads by one key", loaded, quiet),
            *_figures(f"{WILD} wrappers that send wild frames", wild, quiet),
            Figure(name="write-ahead log after the downloads", value=log, unit="MB"),
        ],
        notes=[
            f"downloads: clients in a process of their own, {answers}, {told['bytes'] / 1e6:,.0f} MB",
            f"wild frames: runs by outcome: {', '.join(f'{n:,} {what}' for what, n in sorted(ended.items()))}",
            "reference: the same service with nothing else to do",
        ],
    )


def _figures(name: str, took: list[float], quiet: list[float] | None) -> list[Figure]:
    def of(what: str, percent: int, aim: float | None = None) -> Figure:
        reference = percentile(quiet, percent) * 1000 if quiet else None
        value = percentile(took, percent) * 1000
        return Figure(name=f"{name}: {what}", value=value, unit="ms", at_most=aim, reference=reference)

    return [of("p50", 50), of("p99", 99), of("longest", 100, AIM)]


def _asked(running: Service, seconds: float) -> list[float]:
    """Return how long each answer took, in seconds."""
    took = []
    request = b"GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
    until = time.perf_counter() + seconds
    with socket.create_connection(("127.0.0.1", running.port)) as line:
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        while (began := time.perf_counter()) < until:
            line.sendall(request)
            answer = line.recv(65536)
            while answer and not answer.endswith(b"}"):
                answer += line.recv(65536)
            took.append(time.perf_counter() - began)
            if b" 200 " not in answer.split(b"\r\n", 1)[0]:
                raise AssertionError(answer.decode())
            time.sleep(EVERY)
    return took


@contextmanager
def _downloads(running: Service, path: str, key: str, seconds: float) -> Iterator[subprocess.Popen[str]]:
    arguments = [str(running.port), path, key, str(CLIENTS), str(seconds)]
    with subprocess.Popen([sys.executable, "-c", DOWNLOADS, *arguments], stdout=subprocess.PIPE, text=True) as clients:
        try:
            yield clients
        except BaseException:
            clients.kill()
            raise


@contextmanager
def _wild(running: Service, wrapper_ids: list[str]) -> Iterator[Counter[str]]:
    """Execute hostile modules again and again; give how their runs have ended, by outcome."""
    ended: Counter[str] = Counter()
    over = threading.Event()
    for wrapper_id in wrapper_ids:
        running.patch(wrapper_id, generated_code=FRAMES)

    def keep_on(wrapper_id: str) -> None:
        while not over.is_set():
            with suppress(Exception):
                running.execute(wrapper_id, wait=5)
                last = running.runs(wrapper_id)[0]
                ended[last["outcome"]] += last["outcome"] != "running"

    threads = [threading.Thread(target=keep_on, args=(each,)) for each in wrapper_ids]
    for thread in threads:
        thread.start()
    try:
        yield ended
    finally:
        over.set()
        for thread in threads:
            thread.join()


def _fill(place: Path, wrapper_id: str, count: int) -> str:
    """Store the points, and return the key of a viewer."""
    database = Database.open(place / "data")
    try:
        database.write(partial(_begin, wrapper_id=wrapper_id)).result()
        for first in range(0, count, CHUNK):
            times = array("q", (BEGIN + SECOND * n for n in range(first, first + CHUNK)))
            column = Column.of("level", times, array("d", ((n % 977) / 4 for n in range(CHUNK))))
            database.write(
                partial(
                    points.commit,
                    wrapper_id=wrapper_id,
                    run_id=wrapper_id,
                    epoch=1,
                    columns=[column],
                    checkpoint=None,
                    window=None,
                    spent=points.Spent(rows=CHUNK),
                    now=BEGIN,
                )
            ).result()
        _, key = database.write(lambda c: keys.create(c, "viewer", keys.Role.VIEWER, BEGIN)).result()
        return key
    finally:
        database.close()


def _begin(c: Connection, wrapper_id: str) -> None:
    runs.begin(c, run_id=wrapper_id, wrapper_id=wrapper_id, epoch=1, task="read", now=BEGIN, node="benchmark")
