"""Serves the console: pages at `/` from local files, on top of the API."""

from pathlib import Path
from typing import Any

from fastapi import FastAPI
from starlette.responses import Response
from starlette.staticfiles import StaticFiles

from slackwater.web.console import (
    alerts,
    audit,
    compare,
    data_pages,
    keys,
    newsource,
    nodes,
    overview,
    problems,
    programs,
    provider,
    quality,
    saved_views,
    session,
    shared,
    sharing,
    wrapper,
)
from slackwater.web.console.route import lost_page
from slackwater.web.console.view import api_answers, charts, sentences

__all__ = ["install", "lost_page"]

STATIC = Path(__file__).with_name("static")
KEPT = "public, max-age=31536000, immutable"  # each address carries a digest of what is there
PAGES = (
    session,
    provider,
    overview,
    saved_views,
    problems,
    newsource,
    wrapper,
    quality,
    charts,
    compare,
    data_pages,
    sharing,
    programs,
    shared,
    keys,
    alerts,
    audit,
    nodes,
    sentences,
)


def install(app: FastAPI) -> None:
    """Put the pages beside the API; they are not in the OpenAPI document."""
    for each in PAGES:
        app.include_router(each.router)
    api_answers.install(app)
    app.mount("/console/static", _Assets(directory=STATIC), name="static")


class _Assets(StaticFiles):
    def file_response(self, *given: Any, **named: Any) -> Response:
        response = super().file_response(*given, **named)
        scope = given[2] if len(given) > 2 else named["scope"]
        response.headers["Cache-Control"] = KEPT if b"v=" in scope["query_string"] else "no-cache"
        return response
