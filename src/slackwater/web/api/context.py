"""What the HTTP API works on, and how an endpoint gets at it."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, TypeVar

from fastapi import Depends, Request

from slackwater.outbound import Outbound
from slackwater.store.engine.database import Connection, Database
from slackwater.store.uploads.at_url import FilesPlace
from slackwater.supervise.lifecycle.commands import Lifecycle
from slackwater.supervise.lifecycle.dispatch import Dispatch
from slackwater.supervise.lifecycle.previews import Previews
from slackwater.web.export.downloads import Downloads

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Guard:
    """The access rules: rates, identity provider, foreign origins, limits; default keys alone."""

    public_read: bool = False  # resources and their data, without a key
    requests_per_second: float = 0.0  # of one caller; 0 sets no limit
    burst: int = 1000
    audit_entries: int = 100_000  # kept, of each kind
    body_seconds: float = 600.0  # in which a request's body must have arrived
    oidc_issuer: str | None = None
    oidc_audience: str | None = None
    oidc_jwks_url: str | None = None
    cors_origins: tuple[str, ...] = ()
    session_seconds: float = 43_200.0  # that somebody stays signed in to the console
    public_url: str | None = None  # under which browsers reach us, when the request does not tell
    oidc_client_id: str | None = None
    oidc_client_secret: str | None = field(default=None, repr=False)
    outbound: Outbound = field(default_factory=Outbound)  # how the provider is reached


@dataclass(frozen=True)
class Context:
    """The services behind the API; `max_upload` in bytes, `clock` in µs since the epoch."""

    database: Database
    lifecycle: Lifecycle
    previews: Previews
    dispatch: Dispatch
    files_dir: Path
    max_upload: int
    clock: Callable[[], int]
    version: str
    guard: Guard = field(default_factory=Guard)
    files_place: FilesPlace | None = None  # where uploads are kept for all nodes
    shares_store: bool = False  # with other nodes
    downloads: Downloads = field(default_factory=Downloads)

    async def read(self, work: Callable[[Connection], T]) -> T:
        """Run `work` on one snapshot of the store."""
        return await asyncio.wrap_future(self.database.read(work))

    async def write(self, work: Callable[[Connection], T]) -> T:
        """Run `work` in one transaction; it is committed, and on the disk, when this returns."""
        return await asyncio.wrap_future(self.database.write(work, urgent=True))


def context_of(request: Request) -> Context:
    """Return the context that the application was built with."""
    context: Context = request.app.state.context
    return context


Here = Annotated[Context, Depends(context_of)]
