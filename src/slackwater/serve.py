"""The composition root: builds everything, joins it, and hands in clock, settings and randomness."""

import asyncio
import contextlib
import os
import signal
import socket
import sys
from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

import structlog
import uvicorn
import uvloop
from pydantic import SecretStr

from slackwater import __version__
from slackwater.alerts.deliver import Sender
from slackwater.alerts.watch import alerting
from slackwater.errors import Unavailable
from slackwater.event_log import logged_events
from slackwater.log import configure
from slackwater.model.scrub import Redactor
from slackwater.outbound_settings import outbound_of
from slackwater.service_manager import notify
from slackwater.settings import Settings, listed, text_of
from slackwater.store.access import keys
from slackwater.store.engine.database import Connection
from slackwater.store_settings import address_secrets
from slackwater.supervise.process.guard import PR_SET_DUMPABLE, prctl
from slackwater.tracing import tracing
from slackwater.workbench import Workbench, now

if TYPE_CHECKING:
    from slackwater.web.api.context import Guard

CONNECTIONS_SECONDS = 1  # for open HTTP connections after that
# Seconds that a connection may lie idle: longer than those who ask keep one (httpx 5, nginx 60, Caddy 120), since a
# request that is sent while we close is lost, and most of them are not sent again.
IDLE_SECONDS = 130

log = structlog.get_logger()


def _guard(settings: Settings) -> "Guard":
    from slackwater.web.api.context import Guard

    return Guard(
        public_read=settings.public_read,
        requests_per_second=settings.key_requests_per_second,
        burst=settings.key_request_burst,
        audit_entries=settings.audit_entries,
        body_seconds=settings.request_body_seconds,
        oidc_issuer=settings.oidc_issuer,
        oidc_audience=settings.oidc_audience,
        oidc_jwks_url=settings.oidc_jwks_url,
        cors_origins=listed(settings.cors_origins),
        session_seconds=settings.session_seconds,
        public_url=settings.public_url,
        oidc_client_id=settings.oidc_client_id,
        oidc_client_secret=text_of(settings.oidc_client_secret),
        outbound=outbound_of(settings),
    )


def run(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT.

    Unavailable when the port or the data directory cannot be used.
    """
    with contextlib.suppress(OSError):
        prctl(PR_SET_DUMPABLE, 0)  # our memory and environment hold keys: no process of our own user may look into them
    # The event loop and the writer share one interpreter lock; at the default of 5 ms each hand-over between them may
    # cost that much, and a stop has several.
    sys.setswitchinterval(0.0005)
    listening = _listen(settings.host, settings.port)
    with listening, tracing(settings.otlp_endpoint):
        uvloop.run(_serve(settings, listening))


def run_worker(settings: Settings) -> None:
    """Run wrappers for the services that share the database, until SIGTERM or SIGINT.

    Unavailable when there is no database to share, or it or the data directory cannot be used.
    """
    if settings.database_url is None:
        raise Unavailable("A worker needs the database that the nodes share: set SLACKWATER_DATABASE_URL.")
    with contextlib.suppress(OSError):
        prctl(PR_SET_DUMPABLE, 0)
    sys.setswitchinterval(0.0005)
    with tracing(settings.otlp_endpoint):
        uvloop.run(_work(settings))


async def _work(settings: Settings) -> None:
    redactor = _configured(settings)
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ended.set)
    async with (
        Workbench.open(settings, redactor, kind="worker") as bench,
        logged_events(bench.database, bench.seat.clock),
        _alerting(settings, bench),
    ):
        await _look_at_files(bench)
        notify("READY=1", "STATUS=Working.")
        log.info("working", node=bench.reconciler.node, max_runs=settings.max_runs)
        with bench.seat.unfit(ended.set):
            await ended.wait()
        notify("STOPPING=1", "STATUS=Ending the wrappers.")
        log.info("stopping", wrappers_running=bench.lifecycle.slots().used)
    log.info("stopped")


def _configured(settings: Settings) -> Redactor:
    """Set the log up, with what it must not show."""
    own = filter(None, map(text_of, _secrets_of(settings)))
    redactor = Redactor([*own, *outbound_of(settings).secrets(), *address_secrets(settings)])
    configure(settings.log_level, redactor, settings.log_format)
    return redactor


async def _look_at_files(bench: Workbench) -> None:
    """Say at once when uploaded files cannot be kept; APIs are read all the same."""
    trouble = None if bench.files_place is None else await bench.files_place.trouble()
    if trouble is not None:
        log.error("uploaded files cannot be kept", reason=trouble)


def _alerting(settings: Settings, bench: Workbench) -> contextlib.AbstractAsyncContextManager[None]:
    return alerting(
        bench.database,
        Sender(outbound_of(settings)),
        bench.seat.clock,
        every=settings.alert_seconds,
        retry_seconds=settings.retry_base_seconds,
        leads=lambda: bench.seat.leads,
    )


async def _serve(settings: Settings, listening: socket.socket) -> None:
    from slackwater.web import app
    from slackwater.web.transport.slow_client import PatientProtocol

    redactor = _configured(settings)
    async with (
        Workbench.open(settings, redactor, listening.getsockname()[1]) as bench,
        logged_events(bench.database, bench.seat.clock),
        _alerting(settings, bench),
    ):
        await asyncio.wrap_future(bench.database.write(lambda c: _first_key(c, settings), urgent=True))
        context = app.Context(
            database=bench.database,
            lifecycle=bench.lifecycle,
            previews=bench.previews,
            dispatch=bench.reconciler.dispatch,
            files_dir=bench.files_dir,
            files_place=bench.files_place,
            max_upload=settings.max_upload_bytes,
            clock=bench.seat.clock,
            version=__version__,
            guard=_guard(settings),
            shares_store=bench.seat.membership is not None,
        )
        config = uvicorn.Config(
            app.build(context),
            log_config=None,
            http=PatientProtocol,
            timeout_graceful_shutdown=CONNECTIONS_SECONDS,
            timeout_keep_alive=IDLE_SECONDS,
            lifespan="off",
            access_log=False,
            server_header=False,
            ws="none",
        )
        await _look_at_files(bench)
        host, port = listening.getsockname()[:2]
        log.info("serving", url=f"http://{host}:{port}", data_dir=str(settings.data_dir))
        server = _Server(config, bench)
        with bench.seat.unfit(partial(setattr, server, "should_exit", True)):
            await server.serve(sockets=[listening])


def _secrets_of(settings: Settings) -> tuple[SecretStr | None, ...]:
    return (
        settings.api_key,
        settings.secret_key,
        settings.next_secret_key,
        settings.oidc_client_secret,
        settings.llm_api_key,
        settings.proxy,
    )


class _Server(uvicorn.Server):
    """Ends the wrappers before the connections, so that waiting clients get an answer."""

    def __init__(self, config: uvicorn.Config, bench: Workbench) -> None:
        super().__init__(config)
        self._bench = bench

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Shut down on SIGTERM and SIGINT with exit code 0; uvicorn would re-raise the signal."""
        loop = asyncio.get_running_loop()
        asked = (signal.SIGTERM, signal.SIGINT)
        for number in asked:
            loop.add_signal_handler(number, self.handle_exit, number, None)
        try:
            yield
        finally:
            for number in asked:
                loop.remove_signal_handler(number)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        notify("READY=1", "STATUS=Serving.")

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        notify("STOPPING=1", "STATUS=Ending the wrappers.")
        log.info("stopping", wrappers_running=self._bench.lifecycle.slots().used)
        await self._bench.leave()
        await super().shutdown(sockets)
        log.info("stopped")


def _listen(host: str, port: int) -> socket.socket:
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        listening = socket.create_server((host, port), family=family, backlog=2048)
        # Inherited by its connections; asyncio does not see that they are TCP. Without it each answer takes 40 ms more.
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return listening
    except OSError as error:
        raise Unavailable(
            f"Cannot listen on {host}:{port}: {error.strerror or error}. Choose another --port."
        ) from None


def _first_key(c: Connection, settings: Settings) -> None:
    """Ensure that an admin key exists: the settings' one, or a new one.

    A new one is made on an empty store only.
    """
    if settings.api_key is not None:
        keys.ensure(c, settings.api_key.get_secret_value(), keys.Role.ADMIN, "SLACKWATER_API_KEY", now())
        return
    if keys.list_all(c):
        return
    _, key = keys.create(c, "first admin key", keys.Role.ADMIN, now())
    path = settings.data_dir / "admin.key"
    descriptor = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        os.fchmod(descriptor, 0o600)
        file.write(key + "\n")
    # A terminal alone gets to see it: anything else that takes our output, such as the journal, keeps it.
    shown = f", shown this once:\n{key}" if sys.stdout.isatty() else "."
    print(f"The admin key is in {path}{shown}", flush=True)  # noqa: T201 - its one showing
