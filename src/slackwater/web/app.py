"""The HTTP API, put together."""

from fastapi import FastAPI
from fastapi.routing import APIRoute

from slackwater.web import data, files, pages, refusals, resources, service, wrappers
from slackwater.web.auth import Doorkeeper
from slackwater.web.context import Context
from slackwater.web.edge import Edge

__all__ = ["Context", "build"]

_DESCRIPTION = """
Slackwater turns a data source into a managed, resumable time series. A **wrapper** is one managed source; the
**resource** is the time series that it feeds. All times are UTC, ISO 8601 with `Z`. Every path answers with and without
a trailing slash.
"""
_TAGS = [
    {"name": "wrappers", "description": "Managed sources: generate, execute, stop, resume."},
    {"name": "files", "description": "Uploaded CSV and Excel files."},
    {"name": "resources", "description": "The time series and their data."},
    {"name": "service", "description": "Open to all."},
]


def build(context: Context) -> FastAPI:
    """Return the application that serves the contract on top of `context`."""
    app = FastAPI(
        title="Slackwater",
        version=context.version,
        description=_DESCRIPTION,
        openapi_tags=_TAGS,
        redirect_slashes=False,
        docs_url=None,
        redoc_url=None,
        generate_unique_id_function=_operation_id,
    )
    app.state.context = context
    app.state.doorkeeper = Doorkeeper(context.database)
    # `files` goes before `{wrapper_id}` and `version` before `{resource_id}`: the first route that fits answers.
    chapters = [chapter.router for chapter in (service, pages, files, wrappers, data, resources)]
    for router in chapters:
        app.include_router(router)
    app.state.routes = [route for router in chapters for route in router.routes if isinstance(route, APIRoute)]
    app.state.spelled_out = frozenset(route.path for route in app.state.routes if not route.param_convertors)
    refusals.install(app)
    app.add_middleware(Edge)
    return app


def _operation_id(route: APIRoute) -> str:
    return f"{route.tags[0] if route.tags else 'service'}_{route.name}"
