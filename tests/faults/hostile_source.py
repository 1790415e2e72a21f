"""A source that does everything a source should not: raw bytes over a real socket, one misbehaviour at a time.

    with HostileSource(truth) as source:
        source.behave = MISBEHAVIOURS["a reset in mid-body"]
        source.behave = None                    # well again

A misbehaviour is a function of (connection, query, source); what it returns says whether the connection may be kept.
"""

import contextlib
import gzip
import json
import socket
import struct
import threading
import time
from collections.abc import Callable
from email.utils import formatdate
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

from slackwater.model.instants import from_micros, iso

Truth = dict[int, float]  # µs → value
Behave = Callable[[socket.socket, dict[str, str], "HostileSource"], bool]
PAGE = 50
BUSY = "429 Too Many Requests"


class HostileSource:
    """`/v1` answers with the truth, page by page (offset and limit), or as `behave` does."""

    def __init__(self, truth: Truth) -> None:
        self.truth = truth
        self.behave: Behave | None = None
        self.asked: list[tuple[float, str, str]] = []  # monotonic time, target, head
        self._listening = socket.create_server(("127.0.0.1", 0), backlog=64)
        self._ended = threading.Event()
        self._connections: set[socket.socket] = set()
        self._thread = threading.Thread(target=self._accept, name="hostile", daemon=True)

    @property
    def port(self) -> int:
        return int(self._listening.getsockname()[1])

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        for each in (self._listening, *self._connections):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()
        self._thread.join()

    def wait(self, seconds: float) -> bool:
        """Wait; True when the test is over."""
        return self._ended.wait(seconds)

    def records(self, query: dict[str, str]) -> list[dict[str, Any]]:
        """The records of the page that is asked for."""
        skip, limit = int(query.get("offset", 0)), min(PAGE, int(query.get("limit", PAGE)))
        return [{"timestamp": iso(x), "value": y} for x, y in sorted(self.truth.items())[skip : skip + limit]]

    def _accept(self) -> None:
        while not self._ended.is_set():
            try:
                connection, _ = self._listening.accept()
            except OSError:
                return
            self._connections.add(connection)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        try:
            with connection:
                while target := self._request(connection):
                    query = dict(parse_qsl(urlsplit(target).query))
                    behave = self.behave or well
                    if not behave(connection, query, self):
                        return
        except OSError:
            return
        finally:
            self._connections.discard(connection)

    def _request(self, connection: socket.socket) -> str:
        head = b""
        while b"\r\n\r\n" not in head:
            chunk = connection.recv(65536)
            if not chunk:
                return ""
            head += chunk
            if not head[:1].isalpha():  # a TLS handshake
                connection.sendall(answer(b"", "400 Bad Request"))
                return ""
        text = head.decode("latin-1")
        target = text.split(" ", 2)[1]
        self.asked.append((time.monotonic(), target, text))
        return target


def answer(body: Any, status: str = "200 OK", length: int | None = None, **headers: str) -> bytes:
    """An HTTP answer; `length` is a Content-Length that need not be true."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    head = {"Content-Type": "application/json", "Content-Length": str(len(raw) if length is None else length)}
    head |= {name.replace("_", "-"): value for name, value in headers.items()}
    return "\r\n".join([f"HTTP/1.1 {status}", *(f"{k}: {v}" for k, v in head.items()), "", ""]).encode() + raw


def well(c: socket.socket, query: dict[str, str], source: HostileSource) -> bool:
    c.sendall(answer({"items": source.records(query)}))
    return True


def says(make: Callable[[dict[str, str], HostileSource], bytes], *, keep: bool = False) -> Behave:
    """Send what `make` gives."""

    def behave(c: socket.socket, query: dict[str, str], source: HostileSource) -> bool:
        c.sendall(make(query, source))
        return keep

    return behave


def items(change: Callable[[list[dict[str, Any]]], list[Any]]) -> Behave:
    """Serve every page well formed, of records that are changed."""

    def page(query: dict[str, str], source: HostileSource) -> bytes:
        changed = change([{"timestamp": iso(x), "value": y} for x, y in sorted(source.truth.items())])
        skip = int(query.get("offset", 0))
        return answer({"items": changed[skip : skip + PAGE]})

    return says(page, keep=True)


def reset(c: socket.socket, query: dict[str, str], source: HostileSource) -> bool:
    raw = answer({"items": source.records(query)})
    c.sendall(raw[: len(raw) // 2])
    c.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    return False


def endless(c: socket.socket, query: dict[str, str], source: HostileSource) -> bool:
    c.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n[")
    while not source.wait(0):
        c.sendall(b"0," * 30_000)
    return False


def drip(c: socket.socket, query: dict[str, str], source: HostileSource) -> bool:
    for byte in answer({"items": source.records(query)}):
        c.sendall(bytes([byte]))
        if source.wait(0.25):
            break
    return False


BOMB = gzip.compress(b" " * 50_000_000)  # made beforehand: on a busy machine that takes longer than a source may


def bomb(query: dict[str, str], source: HostileSource) -> bytes:
    return answer(BOMB, Content_Encoding="gzip")


def zipped(cut: int, query: dict[str, str], source: HostileSource) -> bytes:
    raw = gzip.compress(json.dumps({"items": source.records(query)}).encode())
    return answer(raw[:cut] if cut else b"\x1f\x8bno gzip at all" + raw, Content_Encoding="gzip")


def _first(query: dict[str, str]) -> bool:
    return int(query.get("offset", 0)) == 0


def invented(query: dict[str, str], source: HostileSource) -> bytes:
    """Pages that never end: every one is full and new."""
    start = 4_102_444_800_000_000 // 2 + int(query.get("offset", 0)) * 1_000_000
    return answer({"items": [{"timestamp": iso(start + n * 1_000_000), "value": 0.5} for n in range(PAGE)]})


def shifted(records: list[dict[str, Any]]) -> list[Any]:
    """The same moments, each written in another time zone."""
    from slackwater.model.instants import HOUR, parse_iso

    made = []
    for n, record in enumerate(records):
        hours = n % 13 - 6
        local = from_micros(parse_iso(record["timestamp"]) + hours * HOUR).strftime("%Y-%m-%dT%H:%M:%S")
        made.append({**record, "timestamp": f"{local}{hours:+03d}:00"})
    return made


def absurd(records: list[dict[str, Any]]) -> list[Any]:
    bad = ["0000-00-00", "99999-01-01T00:00:00Z", "yesterday", "2026-02-30T00:00:00Z", "", None, 1e300, [], {}]
    return records + [{"timestamp": when, "value": 1} for when in bad]


def no_numbers(records: list[dict[str, Any]]) -> list[Any]:
    bad: list[Any] = [float("nan"), float("inf"), "n/a", "12 apples", True, [1], {"v": 1}]
    return records + [{"timestamp": f"1999-01-{n + 1:02}T00:00:00Z", "value": each} for n, each in enumerate(bad)]


MISBEHAVIOURS: dict[str, Behave] = {
    "429": says(lambda q, s: answer({}, BUSY), keep=True),
    "429 with Retry-After in seconds": says(lambda q, s: answer({}, BUSY, Retry_After="1"), keep=True),
    "429 with Retry-After as a date": says(
        lambda q, s: answer({}, BUSY, Retry_After=formatdate(time.time() + 2, usegmt=True)), keep=True
    ),
    "500": says(lambda q, s: answer(b"<h1>oops</h1>", "500 Internal Server Error"), keep=True),
    "a reset in mid-body": reset,
    "a Content-Length that is too large": says(lambda q, s: answer({"items": s.records(q)}, length=10**6)),
    "a Content-Length that is too small": says(lambda q, s: answer({"items": s.records(q)}, length=40)),
    "truncated JSON": says(lambda q, s: answer(json.dumps({"items": s.records(q)}).encode()[:-30]), keep=True),
    "no JSON": says(lambda q, s: answer(b"<html>welcome</html>", Content_Type="text/html"), keep=True),
    "a note about a limit": says(
        lambda q, s: answer({"Note": "Our standard rate limit is 25 requests per day."}), keep=True
    ),
    "an error beside an empty list": says(
        lambda q, s: answer({"items": [], "status": "error", "message": "Unknown station"}), keep=True
    ),
    "a message instead of data": says(lambda q, s: answer({"message": "This key was withdrawn"}), keep=True),
    "truncated gzip": says(lambda q, s: zipped(60, q, s)),
    "no gzip": says(lambda q, s: zipped(0, q, s)),
    "a gzip bomb": says(bomb),
    "an endless body": endless,
    "a byte now and then": drip,
    "a redirect loop": says(lambda q, s: answer(b"", "302 Found", Location=f"{s.url}?again=1"), keep=True),
    "pages that repeat": says(lambda q, s: answer({"items": s.records({})}), keep=True),
    "pages that never end": says(invented, keep=True),
    "changed field names": items(lambda records: [{"when": r["timestamp"], "level": r["value"]} for r in records]),
    "records out of order": items(lambda records: records[::-1]),
    "duplicates": items(lambda records: [each for record in records for each in (record, record)]),
    "time zones that change": items(shifted),
    "absurd dates": items(absurd),
    "NaN and strings among numbers": items(no_numbers),
    "empty answers": items(lambda records: []),
    "no HTTP": says(lambda q, s: b"220 mail.example.org ESMTP\r\n"),
}
