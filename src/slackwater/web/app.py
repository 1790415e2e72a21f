"""The HTTP API, put together."""

from fastapi import FastAPI
from fastapi.routing import APIRoute
from starlette.middleware.cors import CORSMiddleware

from slackwater.web import console
from slackwater.web.api import (
    alerts,
    audit,
    discovery,
    docs_page,
    dry_run,
    files,
    log_stream,
    metrics,
    nodes,
    status,
    tags,
    wrappers,
)
from slackwater.web.api.context import Context, Guard
from slackwater.web.api.log_fanout import LogFeeds
from slackwater.web.api.series import data, notes, quality, resources, revisions, shares, units
from slackwater.web.security.audit_writer import Trail
from slackwater.web.security.auth import Doorkeeper
from slackwater.web.security.oidc import Provider
from slackwater.web.security.rate_limit import CallerRates, Rates, SharedRates
from slackwater.web.security.sessions import Sessions
from slackwater.web.security.tokens import IssuerKeys, Verifier
from slackwater.web.transport import error_handlers
from slackwater.web.transport.middleware import Edge

__all__ = ["Context", "Guard", "build"]

_DESCRIPTION = """
Slackwater turns a data source into a managed, resumable time series. A **wrapper** is one managed source; the
**resource** is the time series that it feeds. All times are UTC, ISO 8601 with `Z`. Every path answers with and without
a trailing slash.
"""
_TAGS = [
    {"name": "wrappers", "description": "Managed sources: generate, execute, stop, resume."},
    {"name": "files", "description": "Uploaded CSV and Excel files."},
    {"name": "resources", "description": "The time series and their data."},
    {"name": "shares", "description": "Public links to data, for admins."},
    {"name": "alerts", "description": "Problems of sources, and the channels that they are reported to."},
    {"name": "audit", "description": "Who has changed what; for admins."},
    {"name": "nodes", "description": "The machines that run wrappers; for admins."},
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
    app.state.log_feeds = LogFeeds(context)
    guard = context.guard
    issuer = _issuer_keys(guard)
    verifier = _verifier(guard, issuer, guard.oidc_audience)
    sessions = Sessions(context.database, context.clock, guard.session_seconds, guard.oidc_issuer, guard.public_url)
    app.state.doorkeeper = Doorkeeper(
        context.database,
        context.clock,
        _rates(context),
        Trail(context.database, guard.audit_entries),
        sessions,
        verifier,
        public_read=guard.public_read,
    )
    app.state.provider = _provider(guard, issuer, verifier)
    # `files` goes before `{wrapper_id}` and `version` before `{resource_id}`: the first route that fits answers.
    rooms = (
        status,
        docs_page,
        files,
        discovery,
        dry_run,
        tags,
        wrappers,
        log_stream,
        data,
        revisions,
        notes,
        quality,
        resources,
        shares,
        audit,
        nodes,
        metrics,
    )
    chapters = [*(chapter.router for chapter in rooms), units.router, units.of_wrappers, alerts.router, alerts.admins]
    for router in chapters:
        app.include_router(router)
    console.install(app)
    app.state.routes = [route for router in chapters for route in router.routes if isinstance(route, APIRoute)]
    app.state.spelled_out = frozenset(route.path for route in app.state.routes if not route.param_convertors)
    error_handlers.install(app, console.lost_page)
    if guard.cors_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=guard.cors_origins,
            allow_methods=["GET", "POST", "PUT", "PATCH", "DELETE"],
            allow_headers=["Authorization", "Content-Type", "X-API-Key"],
            expose_headers=["X-Total-Count", "Retry-After"],
        )
    app.add_middleware(Edge, body_seconds=guard.body_seconds, lost=console.lost_page)
    return app


def _issuer_keys(guard: Guard) -> IssuerKeys | None:
    if guard.oidc_issuer is None:
        return None
    return IssuerKeys(guard.oidc_issuer, guard.oidc_jwks_url, outbound=guard.outbound)


def _verifier(guard: Guard, keys: IssuerKeys | None, audience: str | None) -> Verifier | None:
    return None if guard.oidc_issuer is None or keys is None else Verifier(guard.oidc_issuer, audience, keys)


def _rates(context: Context) -> CallerRates:
    guard = context.guard
    if context.shares_store and guard.requests_per_second:
        return SharedRates(context.database, guard.requests_per_second, guard.burst)
    return Rates(guard.requests_per_second, guard.burst)


def _provider(guard: Guard, keys: IssuerKeys | None, access: Verifier | None) -> Provider | None:
    client_id = guard.oidc_client_id
    identity = _verifier(guard, keys, client_id)  # an ID token is made for its client, whatever other tokens are for
    if guard.oidc_issuer is None or client_id is None or identity is None or access is None:
        return None
    return Provider(guard.oidc_issuer, client_id, guard.oidc_client_secret, identity, access, guard.outbound)


def _operation_id(route: APIRoute) -> str:
    return f"{route.tags[0] if route.tags else 'service'}_{route.name}"
