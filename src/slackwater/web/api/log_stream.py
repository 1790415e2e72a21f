"""`/resources/wrappers/{id}/logs/stream`: the log of a wrapper, live, as server-sent events."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial
from typing import Annotated

from fastapi import Header, HTTPException, Query, Request
from fastapi.responses import StreamingResponse

from slackwater.store.engine.database import Connection
from slackwater.store.records import logs, wrappers
from slackwater.store.records.logs import Numbered
from slackwater.web.api.context import Context, Here
from slackwater.web.api.log_fanout import PAGE, LogFeeds
from slackwater.web.api.schemas import LARGEST, guarded, wrapper_id_of
from slackwater.web.security.auth import Doorkeeper, guarded_router

HEARTBEAT_SECONDS = 5.0  # between two looks whether the client may still listen; in silence a comment shows it
COME_BACK_MS = 2_000  # that a client should wait before it connects again

router = guarded_router("/resources/wrappers", "wrappers")

Lines = AsyncIterator[list[Numbered]]


@router.get(
    "/{wrapper_id}/logs/stream",
    summary="The log, live, as server-sent events",
    response_class=StreamingResponse,
    responses={
        **guarded({404: "Wrapper not found"}),
        200: {
            "content": {"text/event-stream": {"example": "id: 17\ndata: 2026-01-31 08:00:00 - INFO - caught up\n\n"}}
        },
    },
)
async def stream_logs(
    wrapper_id: str,
    context: Here,
    request: Request,
    limit: Annotated[int, Query(ge=0, le=10_000, description="How many lines of before to begin with.")] = 200,
    last_event_id: Annotated[
        int | None, Header(ge=0, le=LARGEST, description="Number of the last line received: go on behind it.")
    ] = None,
) -> StreamingResponse:
    """Send the newest lines, then each new one; `id` is a line's number.

    A client that comes back with `Last-Event-ID` misses nothing that is still kept. The stream ends with the event
    `end` when the wrapper is deleted, and without one when the service stops.
    """
    return await opened(request, context, wrapper_id, limit, last_event_id)


async def opened(
    request: Request,
    context: Context,
    wrapper_id: str,
    limit: int,
    last_event_id: int | None,
    said: Callable[[str], str] = str,
) -> StreamingResponse:
    """Return the stream of a wrapper's log, in which each line is written by `said`."""
    known = wrapper_id_of(wrapper_id)

    def look(c: Connection) -> tuple[list[Numbered], int]:
        wrappers.get(c, known, with_log=False)
        newest = logs.newest(c, known, max(1, limit if last_event_id is None else 1))
        tip = newest[-1].number if newest else 0
        return (newest if last_event_id is None and limit else []), tip

    first, tip = await context.read(look)
    place = tip if last_event_id is None else min(last_event_id, tip)
    doorkeeper: Doorkeeper = request.app.state.doorkeeper

    async def still_welcome() -> bool:
        try:
            await doorkeeper.admit(request, admin=False)
        except HTTPException as refusal:
            return refusal.status_code not in (401, 403)  # the key was revoked, or the token has ended
        return True

    feeds: LogFeeds = request.app.state.log_feeds
    return StreamingResponse(
        _events(context, feeds, known, first, place, tip, still_welcome, partial(_event, said)),
        media_type="text/event-stream",
        headers={"X-Accel-Buffering": "no"},  # a proxy that gathers would make live late
    )


async def _events(
    context: Context,
    feeds: LogFeeds,
    wrapper_id: str,
    first: list[Numbered],
    place: int,
    tip: int,
    still_welcome: Callable[[], Awaitable[bool]],
    event: Callable[[Numbered], str],
) -> AsyncIterator[str]:
    yield f"retry: {COME_BACK_MS}\n\n" + "".join(map(event, first))
    loop = asyncio.get_running_loop()
    until = loop.time() + HEARTBEAT_SECONDS
    async with feeds.watching(wrapper_id, tip) as feed:
        while True:
            lines = feed.behind(place)
            if lines is None:
                lines = await context.read(_page(wrapper_id, place))
                if not lines:
                    place = feed.tip  # what is missing is kept no longer
            if lines:
                yield "".join(map(event, lines))
                place = lines[-1].number
            elif feed.over is not None and place >= feed.tip:
                if feed.over:
                    yield f"event: end\ndata: {feed.over}\n\n"
                return
            elif place >= feed.tip and not await _in_time(feed.changed(), until):
                yield ": nothing new\n\n"
            if loop.time() >= until:
                if not await still_welcome():
                    return
                until = loop.time() + HEARTBEAT_SECONDS


def _page(wrapper_id: str, place: int) -> Callable[[Connection], list[Numbered]]:
    return lambda c: logs.behind(c, wrapper_id, place, PAGE)


async def _in_time(changed: Awaitable[None], until: float) -> bool:
    try:
        async with asyncio.timeout_at(until):
            await changed
    except TimeoutError:
        return False
    return True


def _event(said: Callable[[str], str], line: Numbered) -> str:
    data = "".join(f"data: {part}\n" for part in said(line.text).splitlines() or [""])
    return f"id: {line.number}\n{data}\n"
