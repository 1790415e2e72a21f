"""Hands a message over.

By Apprise to mail and chat services, or as a signed webhook.
"""

import asyncio
import base64
import contextlib
import hashlib
import hmac
import logging
import os
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

import httpx
import msgspec

from slackwater.model.alerts import body, subject
from slackwater.model.instants import SECOND, iso
from slackwater.outbound import Outbound, client_options

if TYPE_CHECKING:
    from slackwater.store.records.alerts import Channel, Message

WEBHOOK_SECONDS = 10.0  # for a message; chosen: a receiver stores it and answers, the work comes after
APPRISE_SECONDS = 60.0  # for a message; connections within have limits of their own
SECRET_PREFIX = "whsec_"  # noqa: S105 - the prefix of such secrets, by the standard
GONE = 410  # by the standard: the receiver wants no more


class Undelivered(Exception):  # noqa: N818 - what a person reads is the sentence
    """A message was not taken; `final` when trying again is of no use."""

    def __init__(self, sentence: str, *, final: bool = False) -> None:
        super().__init__(sentence)
        self.final = final


class Sender:
    """Knows the ways out.

    None of them can hold up the event loop or the end of the service.
    """

    def __init__(self, outbound: Outbound) -> None:
        self._outbound = outbound
        # Its own lines could quote the address, which holds credentials.
        logging.getLogger("apprise").setLevel(logging.CRITICAL + 1)

    async def send(self, channel: "Channel", message: "Message", now: int) -> None:
        """Hand a message over; Undelivered says why it was not taken.

        `now` is in µs since the epoch.
        """
        if channel.form == "webhook":
            await self._webhook(channel, message, now)
        else:
            await self._apprise(channel, message)

    async def _webhook(self, channel: "Channel", message: "Message", now: int) -> None:
        content = payload(message)
        headers = signed(channel.secret or "", message.message_id, now // SECOND, content)
        options = client_options(self._outbound, channel.url)
        try:
            async with httpx.AsyncClient(timeout=WEBHOOK_SECONDS, **options) as http:
                answer = await http.post(channel.url, content=content, headers=headers)
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            raise Undelivered(f"The receiver cannot be reached: {why_unreachable(error)}.") from None
        if not answer.is_success:
            raise Undelivered(f"The receiver answered {answer.status_code}.", final=answer.status_code == GONE)

    async def _apprise(self, channel: "Channel", message: "Message") -> None:
        def notify() -> bool:
            import apprise

            target = apprise.Apprise()
            if not target.add(channel.url):
                return False
            return bool(target.notify(title=subject(message.news), body=body(message.news)))

        try:
            taken = await asyncio.wait_for(_aside(notify), APPRISE_SECONDS)
        except TimeoutError:
            raise Undelivered(f"The service did not take it within {APPRISE_SECONDS:.0f} seconds.") from None
        if not taken:
            raise Undelivered("The service did not take it; check the channel's address, credentials and reachability.")


def payload(message: "Message") -> bytes:
    """Return the body of a webhook."""
    news = [
        {
            "wrapper_id": each.wrapper_id,
            "name": each.name,
            "kind": each.kind.value,
            "event": "recovered" if each.recovered else "opened",
            "message": each.message,
            "at": iso(each.at),
        }
        for each in message.news
    ]
    payload = {"type": "alerts", "timestamp": iso(message.created_at), "data": {"alerts": news}}
    return msgspec.json.encode(payload)


def signed(secret: str, message_id: str, timestamp: int, content: bytes) -> dict[str, str]:
    """Return the headers of a webhook after Standard Webhooks; a retry has the same id."""
    key = base64.b64decode(secret.removeprefix(SECRET_PREFIX))
    given = f"{message_id}.{timestamp}.".encode() + content
    signature = base64.b64encode(hmac.new(key, given, hashlib.sha256).digest()).decode()
    return {
        "content-type": "application/json",
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": f"v1,{signature}",
    }


async def _aside(work: Callable[[], bool]) -> bool:
    """Run blocking work on a thread of its own.

    One that hangs does not keep the service from ending.
    """
    loop = asyncio.get_running_loop()
    done: asyncio.Future[bool] = loop.create_future()

    def finish(taken: bool) -> None:
        if not done.done():
            done.set_result(taken)

    def run() -> None:
        try:
            taken = work()
        except Exception:  # noqa: BLE001 - whatever a service's library raises: the message was not taken
            taken = False
        with contextlib.suppress(RuntimeError):  # the service has ended meanwhile
            loop.call_soon_threadsafe(finish, taken)

    threading.Thread(target=run, name="alert", daemon=True).start()
    return await done


def why_unreachable(error: Exception) -> str:
    """Return in words why no connection came about."""
    if isinstance(error, httpx.TimeoutException):
        return "no answer"
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, OSError) and cause.errno:
            return (os.strerror(cause.errno) if cause.errno > 0 else cause.strerror or "").lower()
        cause = cause.__cause__ or cause.__context__
    return type(error).__name__  # its text may hold the address, which is a secret
