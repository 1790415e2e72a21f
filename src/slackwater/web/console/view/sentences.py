"""Serves `/console/said`: translates a sentence of the service for scripts."""

from typing import Annotated

from fastapi import Query, Request
from fastapi.responses import PlainTextResponse

from slackwater.web.console.route import page_router
from slackwater.web.console.view.render import frame

router = page_router()


@router.get("/console/said")
async def say(request: Request, text: Annotated[str, Query(max_length=4000)]) -> PlainTextResponse:
    """Return a sentence in the language of the page, and its times in the zone."""
    told: str = frame(request)["said"](text)
    return PlainTextResponse(told)
