"""The console: pages for people at `/`, from files of our own, on top of the very API that programs use."""

from pathlib import Path
from typing import Any

from fastapi import FastAPI
from starlette.responses import Response
from starlette.staticfiles import StaticFiles

from slackwater.web.console import audit, keys, newsource, nodes, overview, provider, session

STATIC = Path(__file__).with_name("static")
KEPT = "public, max-age=31536000, immutable"  # each address carries a digest of what is there
ROUTERS = (session.router, provider.router, overview.router, newsource.router, keys.router, audit.router, nodes.router)


def install(app: FastAPI) -> None:
    """Put the pages beside the API; they are not in the OpenAPI document."""
    for router in ROUTERS:
        app.include_router(router)
    app.mount("/console/static", _Assets(directory=STATIC), name="static")


class _Assets(StaticFiles):
    def file_response(self, *given: Any, **named: Any) -> Response:
        response = super().file_response(*given, **named)
        scope = given[2] if len(given) > 2 else named["scope"]
        response.headers["Cache-Control"] = KEPT if b"v=" in scope["query_string"] else "no-cache"
        return response
