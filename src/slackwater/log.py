"""The service's own log: one line an event on standard output, and no secret in any of them."""

import io
import logging
import sys
from collections.abc import MutableMapping
from typing import Any, TextIO

import structlog
from structlog.dev import plain_traceback

from slackwater.model.printable import one_line, visible
from slackwater.model.scrub import Redactor

LEVELS = {name: getattr(logging, name.upper()) for name in ("debug", "info", "warning", "error")}


def configure(level: str, redactor: Redactor) -> None:
    """Let all that is logged, by us and by libraries, go through `redactor` in its last step, as it is written."""
    number = LEVELS.get(level.lower(), logging.INFO)
    # Its other renderings of an exception show the values of local variables.
    render = structlog.dev.ConsoleRenderer(colors=sys.stdout.isatty(), exception_formatter=_traceback)

    def redacted(logger: Any, name: str, event: MutableMapping[str, Any]) -> str:
        shown = {key: one_line(value) if isinstance(value, str) else value for key, value in event.items()}
        return redactor(str(render(logger, name, shown)).replace("\n", "\n    "))

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


def _traceback(to: TextIO, raised: Any) -> None:
    told = io.StringIO()
    plain_traceback(told, raised)
    to.write(visible(told.getvalue()))


def _set_in(text: str) -> str:
    """Return text whose further lines, a traceback's, are set in: none can pose as an event of its own."""
    return visible(text).replace("\n", "\n    ")


class _Redacted(logging.Formatter):
    """Lines of libraries, their tracebacks too."""

    def __init__(self, redactor: Redactor) -> None:
        super().__init__("%(asctime)s [%(levelname)s] %(name)s: %(message)s")
        self._redactor = redactor

    def format(self, record: logging.LogRecord) -> str:
        """Return a line without secrets."""
        return self._redactor(_set_in(super().format(record)))

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's name
        """Return the event as one line."""
        return one_line(super().formatMessage(record))
