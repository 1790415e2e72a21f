"""The log as server-sent events: live, resumed without loss, for many, and ended in good order."""

import contextlib
import json
import re
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

import loaded
from scenes import api, module
from service import KEY, Service, eventually
from sources import SourceServer

TALK = """
for number in range({count}):
    print(f"line {{number}}", flush=True)
    await asyncio.sleep({pause})
yield Point("2020-01-01T00:00:00Z", 1.0)
"""
LINE = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d - [A-Z]+ - .*")


class Listener:
    """A client of the stream, in a thread: what has come, and whether it has ended."""

    def __init__(
        self, service: Service, wrapper_id: str, *, after: int | None = None, limit: int = 200, key: str = KEY
    ) -> None:
        self.events: list[dict[str, str]] = []
        self.ended = threading.Event()
        self.status: int | None = None
        self._http = httpx.Client(base_url=service.url, headers={"X-API-Key": key}, timeout=30)
        headers = {} if after is None else {"Last-Event-ID": str(after)}
        self._request = (f"/resources/wrappers/{wrapper_id}/logs/stream", headers, {"limit": limit})
        threading.Thread(target=self._listen, daemon=True).start()
        eventually(lambda: self.status is not None)

    def _listen(self) -> None:
        path, headers, params = self._request
        try:
            with self._http, self._http.stream("GET", path, headers=headers, params=params) as answer:
                self._socket = answer.extensions["network_stream"].get_extra_info("socket")
                self.headers = answer.headers
                self.status = answer.status_code
                self._take(answer.iter_lines())
        except httpx.HTTPError:
            pass  # it was broken off
        finally:
            self.ended.set()

    def _take(self, lines: Iterator[str]) -> None:
        event: dict[str, str] = {}
        for line in lines:
            if line and not line.startswith(":"):
                name, _, value = line.partition(": ")
                event[name] = value
            elif not line:
                if "data" in event:
                    self.events.append(event)
                event = {}

    def numbers(self) -> list[int]:
        return [int(event["id"]) for event in self.events if "id" in event]

    def said(self) -> list[str]:
        return [event["data"].split("[STDOUT] ", 1)[1] for event in self.events if "[STDOUT] " in event["data"]]

    def leave(self) -> None:
        with contextlib.suppress(OSError):  # it may have come to its end meanwhile
            self._socket.shutdown(socket.SHUT_RDWR)
        assert self.ended.wait(60)


@pytest.fixture
def talker(service: Service, source: SourceServer) -> Iterator[str]:
    """A wrapper that is stopped and whose code says what a test gives it."""
    wrapper_id = api(service, source).wrapper_id
    service.wait_for(wrapper_id, "executing")
    service.stop(wrapper_id)
    yield wrapper_id
    service.http.delete(f"/resources/wrappers/{wrapper_id}")


def let_talk(service: Service, wrapper_id: str, count: int, pause: float = 0.0) -> None:
    service.stop(wrapper_id)
    service.http.delete(f"/resources/wrappers/{wrapper_id}/checkpoint")
    service.patch(wrapper_id, generated_code=module(TALK.format(count=count, pause=pause)))
    service.execute(wrapper_id, wait=0)


def test_lines_come_as_they_are_written(service, talker):
    listener = Listener(service, talker)
    assert listener.headers["content-type"].startswith("text/event-stream")
    assert listener.headers["cache-control"] == "no-store"
    let_talk(service, talker, 1000, pause=0.02)
    eventually(lambda: len(listener.said()) >= 40)
    assert service.wrapper(talker)["status"] == "executing", "they came only at the end"
    service.stop(talker)
    assert listener.said()[:40] == [f"line {n}" for n in range(40)]
    assert all(LINE.fullmatch(event["data"]) for event in listener.events)
    assert listener.numbers() == sorted(set(listener.numbers()))
    listener.leave()


def test_who_comes_back_misses_nothing(service, talker):
    let_talk(service, talker, 3000)
    first = Listener(service, talker)
    eventually(lambda: len(first.said()) > 5)
    first.leave()
    seen = first.numbers()[5]  # the last that it took, however much has come since
    first.events = [event for event in first.events if int(event.get("id", 0)) <= seen]
    eventually(lambda: "line 2999" in service.logs(talker))
    second = Listener(service, talker, after=seen)
    eventually(lambda: second.events and "Run finished" in second.events[-1].get("data", ""))  # nothing comes after it
    both = first.said() + second.said()
    assert both == [f"line {n}" for n in range(int(both[0].split()[1]), 3000)]
    third = Listener(service, talker, after=second.numbers()[-1])
    fourth = Listener(service, talker, limit=3)
    eventually(lambda: len(fourth.events) == 3)
    assert fourth.numbers() == second.numbers()[-3:]
    assert third.events == []
    for listener in (second, third, fourth):
        listener.leave()


@pytest.mark.long
def test_many_watch_at_once_and_see_the_same(service, talker):
    with ThreadPoolExecutor(40) as pool:
        listeners = list(pool.map(lambda _: Listener(service, talker), range(40)))
    let_talk(service, talker, 200)
    for listener in listeners:
        eventually(lambda listener=listener: "line 199" in listener.said())
        assert listener.said() == [f"line {n}" for n in range(200)]
        listener.leave()


def test_it_ends_when_the_wrapper_is_deleted(service, talker):
    listener = Listener(service, talker)
    assert service.http.delete(f"/resources/wrappers/{talker}").status_code == 200
    assert listener.ended.wait(60)
    assert listener.events[-1] == {"event": "end", "data": "The wrapper was deleted."}
    gone = Listener(service, talker)
    assert gone.status == 404
    gone.leave()


def test_a_stream_does_not_hold_up_the_end_of_the_service(tmp_path: Path, source: SourceServer):
    with Service(tmp_path / "data") as service:
        wrapper_id = api(service, source).wrapper_id
        listeners = [Listener(service, wrapper_id) for _ in range(5)]
        service.end()
        for listener in listeners:
            assert listener.ended.wait(60)
            assert not any(event.get("event") == "end" for event in listener.events), "that would keep clients away"


def test_what_is_no_line_number_is_refused(service, talker):
    path = f"/resources/wrappers/{talker}/logs/stream"
    assert service.http.get(path, headers={"Last-Event-ID": "seven"}).status_code == 422
    assert service.http.get(path, params={"limit": -1}).status_code == 422
    assert service.http.get("/resources/wrappers/nonsense/logs/stream").status_code == 404


def test_a_revoked_key_hears_no_more(service, talker):
    def keys(*words: str) -> str:
        done = loaded.run(("keys", *words, "--data-dir", str(service.data_dir)))
        assert done.returncode == 0, done.stderr
        return done.stdout

    made = keys("create", "listener", "--role", "viewer")
    key = re.search(r"sw_\S+", made)
    assert key is not None, made
    listener = Listener(service, talker, key=key[0])
    assert listener.status == 200
    keys("revoke", next(each["key_id"] for each in json.loads(keys("list", "--json")) if each["name"] == "listener"))
    assert listener.ended.wait(15)
