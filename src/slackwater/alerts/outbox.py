"""Sends messages when they are due.

One that is not taken is sent again, and given up in the end.
"""

import asyncio
from collections.abc import Callable
from functools import partial

import structlog

from slackwater.alerts.deliver import Sender, Undelivered
from slackwater.model.instants import SECOND
from slackwater.store.engine.database import Database
from slackwater.store.records import alerts

LOOK_SECONDS = 1.0  # between two looks: one indexed read a second while nothing is due
TRIES = 8  # of a message, over some eight hours with the usual base; chosen: a night without the receiver
GROWTH = 4  # of the pause from try to try: 5 s, 20 s, 80 s … with the usual base
MOST_SECONDS = 4 * 3600.0  # between two tries; chosen: twice in an eight-hour night

log = structlog.get_logger()


class Outbox:
    """Takes due messages from the store to their channels."""

    def __init__(
        self,
        database: Database,
        sender: Sender,
        clock: Callable[[], int],
        retry_seconds: float,
        leads: Callable[[], bool] = lambda: True,
    ) -> None:
        self._leads = leads
        self._database = database
        self._sender = sender
        self._clock = clock
        self._base = retry_seconds

    async def keep_on(self) -> None:
        """Send what is due, again and again."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            if not self._leads():
                continue
            try:
                due = await asyncio.wrap_future(self._database.read(partial(alerts.due_messages, now=self._clock())))
                await asyncio.gather(*(self._send(message, channel) for message, channel in due))
            except Exception as error:  # noqa: BLE001 - what could not be sent or written now is tried at the next look
                log.warning("alerts cannot be sent", error=str(error) or repr(error))

    async def _send(self, message: alerts.Message, channel: alerts.Channel) -> None:
        values = await self._tried(message, channel)
        await asyncio.wrap_future(
            self._database.write(lambda c: alerts.change_message(c, message.message_id, **values))
        )

    async def _tried(self, message: alerts.Message, channel: alerts.Channel) -> dict[str, object]:
        tries = message.tries + 1
        try:
            await self._sender.send(channel, message, self._clock())
        except Undelivered as failure:
            pause = min(self._base * GROWTH ** (tries - 1), MOST_SECONDS)
            last = failure.final or tries >= TRIES
            log.warning("an alert was not taken", channel=channel.name, reason=str(failure), tries=tries, given_up=last)
            state = alerts.DEAD if last else alerts.WAITING
            due = self._clock() + round(pause * SECOND)
            return {"state": state, "due_at": due, "tries": tries, "error": str(failure)}
        return {"state": alerts.SENT, "tries": tries, "error": None}
