"""The service's own log: one line an event on standard output, and no secret in any of them."""

import logging
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog
from structlog.dev import plain_traceback

from slackwater.model.scrub import Redactor

LEVELS = {name: getattr(logging, name.upper()) for name in ("debug", "info", "warning", "error")}


def configure(level: str, redactor: Redactor) -> None:
    """Let all that is logged, by us and by libraries, go through `redactor` in its last step, as it is written."""
    number = LEVELS.get(level.lower(), logging.INFO)
    # Its other renderings of an exception show the values of local variables.
    render = structlog.dev.ConsoleRenderer(colors=sys.stdout.isatty(), exception_formatter=plain_traceback)

    def redacted(logger: Any, name: str, event: MutableMapping[str, Any]) -> str:
        return redactor(str(render(logger, name, event)))

    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            redacted,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.PrintLoggerFactory(sys.stdout),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(_Redacted(redactor))
    logging.basicConfig(handlers=[handler], level=max(number, logging.WARNING), force=True)


class _Redacted(logging.Formatter):
    """Lines of libraries, their tracebacks too."""

    def __init__(self, redactor: Redactor) -> None:
        super().__init__("%(asctime)s [%(levelname)s] %(name)s: %(message)s")
        self._redactor = redactor

    def format(self, record: logging.LogRecord) -> str:
        """Return a line without secrets."""
        return self._redactor(super().format(record))
