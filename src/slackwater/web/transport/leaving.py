"""Ends work whose client has gone: nobody would see its answer."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from fastapi import HTTPException, Request

T = TypeVar("T")
LEFT = 499  # the status that proxies note for it; nobody receives it


async def while_there(request: Request, work: Coroutine[Any, Any, T]) -> T:
    """Return what `work` does; it is cancelled when the client of a request leaves.

    The body of the request must have been read.
    """
    task, leaving = asyncio.ensure_future(work), asyncio.ensure_future(_left(request))
    try:
        await asyncio.wait({task, leaving}, return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            return task.result()
        raise HTTPException(LEFT, "The client has left.")
    finally:
        task.cancel()
        leaving.cancel()
        await asyncio.gather(task, leaving, return_exceptions=True)


async def _left(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
