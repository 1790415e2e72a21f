"""Alerts from a failing source to real receivers: a mail server, and a webhook that checks signatures."""

import asyncio
import base64
import contextlib
import email
import email.policy
import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from service import Service, eventually
from slackwater.model.instants import DAY
from sources import Feed, SourceServer

PASSWORD = "hush-hush-smtp"


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with Service(tmp_path_factory.mktemp("alerts") / "data", alert_seconds=0.2, max_tries=1) as running:
        yield running


class Mailbox:
    """An SMTP server on loopback that keeps what it gets."""

    def __enter__(self) -> "Mailbox":
        self.mails: list[email.message.EmailMessage] = []
        self._loop = asyncio.new_event_loop()
        self._server = self._loop.run_until_complete(asyncio.start_server(self._talk, "127.0.0.1", 0))
        self.port = self._server.sockets[0].getsockname()[1]
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._server.close()
        self._loop.run_until_complete(asyncio.sleep(0))
        self._loop.close()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        def say(words: str) -> None:
            writer.write(f"{words}\r\n".encode())

        say("220 here")
        with contextlib.suppress(ConnectionError):
            while line := (await reader.readline()).decode().strip():
                word = line[:4].upper()
                if word == "EHLO":
                    say("250-here\r\n250 AUTH PLAIN LOGIN")
                elif word == "AUTH":
                    say("235 in")
                elif word == "DATA":
                    say("354 go")
                    content = await reader.readuntil(b"\r\n.\r\n")
                    self.mails.append(email.message_from_bytes(content, policy=email.policy.default))
                    say("250 kept")
                elif word == "QUIT":
                    say("221 bye")
                    break
                else:
                    say("250 fine")
        writer.close()


class Hooks:
    """A receiver of webhooks that answers as it is told."""

    def __enter__(self) -> "Hooks":
        self.calls: list[tuple[dict[str, str], bytes]] = []
        self.answers: list[int] = []
        hooks = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                content = self.rfile.read(int(self.headers["Content-Length"]))
                hooks.calls.append(({k.lower(): v for k, v in self.headers.items()}, content))
                self.send_response(hooks.answers.pop(0) if hooks.answers else 204)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/hook"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@pytest.fixture
def channel(service: Service):
    made: list[str] = []

    def make(**form: Any) -> dict[str, Any]:
        answer = service.http.post("/alerts/channels", json={"name": "On call", "group_seconds": 0} | form)
        assert answer.status_code == 200, answer.text
        made.append(answer.json()["channel_id"])
        return dict(answer.json())

    yield make
    for channel_id in made:
        service.http.delete(f"/alerts/channels/{channel_id}")


def broken(service: Service, source: SourceServer, name: str) -> tuple[str, Any]:
    """Return a source that has failed for good, and its endpoint."""
    endpoint = source.serve(f"/{name}", Feed.regular("2024-01-01", DAY, 20), records="items")
    wrapper_id = service.generate("API", {"location": endpoint.url}, name=name)
    service.caught_up(wrapper_id)
    endpoint.faults.answer(403, times=1000)
    service.execute(wrapper_id)
    eventually(lambda: service.wrapper(wrapper_id)["status"] == "error")
    return wrapper_id, endpoint


def test_a_source_that_fails_and_recovers_is_told_by_mail_and_by_webhook(
    service: Service, source: SourceServer, channel: Any
):
    with Mailbox() as mailbox, Hooks() as hooks:
        place = f"127.0.0.1:{mailbox.port}/?from=slackwater@example.org&to=ops@example.org&mode=insecure"
        kinds = ["error", "recovered"]  # the data of the source is old, too
        mail = channel(url=f"mailto://me:{PASSWORD}@{place}", kinds=kinds)
        hook = channel(form="webhook", url=f"{hooks.url}?token={PASSWORD}", kinds=kinds)
        assert (mail["url"], mail["service"], mail["secret"]) == ("********", "mailto", None)
        wrapper_id, endpoint = broken(service, source, "tides")
        found = eventually(lambda: mailbox.mails)[0]
        assert found["subject"] == "Slackwater: tides is in error"
        assert "403" in str(found.get_body(("plain", "html")))

        headers, content = eventually(lambda: hooks.calls)[0]
        key = base64.b64decode(hook["secret"].removeprefix("whsec_"))
        signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + content
        expected = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
        assert headers["webhook-signature"] == f"v1,{expected}"
        told = json.loads(content)["data"]["alerts"]
        assert [(each["wrapper_id"], each["kind"], each["event"]) for each in told] == [(wrapper_id, "error", "opened")]
        shown = service.http.get("/alerts", params={"open": True}).json()
        assert (wrapper_id, "error") in [(each["wrapper_id"], each["kind"]) for each in shown]

        endpoint.faults.clear()
        service.execute(wrapper_id)
        eventually(lambda: len(mailbox.mails) == 2 and len(hooks.calls) == 2)
        assert mailbox.mails[1]["subject"] == "Slackwater: tides has recovered (error)"
        assert "error" not in [each["kind"] for each in service.http.get("/alerts", params={"open": True}).json()]
        everything = service.http.get("/alerts/channels").text + service.http.get("/alerts/messages").text
        assert PASSWORD not in everything
        assert hook["secret"] not in everything
        service.stop(wrapper_id)


def test_a_webhook_is_tried_again_with_its_id_and_what_is_given_up_is_shown(service: Service, channel: Any):
    with Hooks() as hooks:
        made = channel(form="webhook", url=hooks.url)
        path = f"/alerts/channels/{made['channel_id']}"
        hooks.answers = [500, 503]
        sent = service.http.post(f"{path}/test").json()
        eventually(lambda: len(hooks.calls) == 3)
        assert len({headers["webhook-id"] for headers, _ in hooks.calls}) == 1
        eventually(lambda: service.http.get(f"/alerts/messages/{sent['message_id']}").json()["state"] == "sent")

        hooks.answers = [410]
        gone = service.http.post(f"{path}/test").json()["message_id"]
        eventually(lambda: service.http.get(f"/alerts/messages/{gone}").json()["state"] == "dead")
        dead = service.http.get("/alerts/messages", params={"state": "dead"}).json()
        assert [(each["message_id"], each["error"]) for each in dead] == [(gone, "The receiver answered 410.")]
        service.http.post(f"/alerts/messages/{gone}/retry")
        eventually(lambda: service.http.get(f"/alerts/messages/{gone}").json()["state"] == "sent")


def test_news_are_grouped_and_a_channel_hears_only_what_it_wants(service: Service, source: SourceServer, channel: Any):
    with Hooks() as hooks:
        mine = channel(form="webhook", url=hooks.url, group_seconds=3600, kinds=["error"])
        channel(form="webhook", url=f"{hooks.url}/others", kinds=["rejected", "recovered"])
        ids = [broken(service, source, name)[0] for name in ("one", "two")]

        def waiting() -> list[dict[str, Any]]:
            found = service.http.get("/alerts/messages", params={"state": "waiting"}).json()
            return [each for each in found if each["channel_id"] == mine["channel_id"]]

        eventually(lambda: [each for each in waiting() if len(each["news"]) == 2])
        assert [{news["wrapper_id"] for news in each["news"]} for each in waiting()] == [set(ids)]
        for wrapper_id in ids:
            service.stop(wrapper_id)
        eventually(lambda: service.http.get("/alerts", params={"open": True}).json() == [])
        assert [len(each["news"]) for each in waiting()] == [2], "a stop is no recovery"
        assert hooks.calls == []


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"url": "nonsense"}, "no Apprise URL"),
        ({"url": "syslog://"}, "no Apprise URL"),
        ({"url": "ftp://example.org", "form": "webhook"}, "a webhook has an address"),
        ({"url": "http://example.org", "form": "webhook", "quiet_from": "25:00"}, "25:00 is no time of day"),
        ({"url": "http://example.org", "form": "webhook", "timezone": "Nowhere"}, "Nowhere is no time zone"),
    ],
)
def test_a_channel_that_cannot_work_is_refused(service: Service, form: dict[str, str], words: str):
    answer = service.http.post("/alerts/channels", json={"name": "x"} | form)
    assert answer.status_code in (400, 422)
    assert words in answer.text


def test_a_channel_is_changed_and_keeps_its_address(service: Service, channel: Any):
    made = channel(form="webhook", url="http://127.0.0.1:9/x", quiet_from="22:00", quiet_to="07:00")
    path = f"/alerts/channels/{made['channel_id']}"
    wishes = {"quiet_from": None, "kinds": ["error"], "enabled": False}
    changed = service.http.patch(path, json={"url": "********", **wishes})
    assert changed.status_code == 200, changed.text
    assert {name: changed.json()[name] for name in wishes} == wishes
    assert service.http.patch("/alerts/channels/none", json={}).status_code == 404
    store = (Path(service.data_dir) / "slackwater.db").read_bytes()
    assert b"127.0.0.1:9/x" not in store
