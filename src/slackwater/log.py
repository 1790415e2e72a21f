"""Writes the service's log: one line per event on standard output, without secrets."""

import io
import json
import logging
import sys
import traceback
from collections.abc import MutableMapping
from datetime import UTC, datetime
from typing import Any, TextIO

import structlog
from structlog.dev import plain_traceback

from slackwater.model.printable import one_line, visible
from slackwater.model.scrub import Redactor

LEVELS = {name: getattr(logging, name.upper()) for name in ("debug", "info", "warning", "error")}


def configure(level: str, redactor: Redactor, form: str = "text") -> None:
    """Send every log line, ours and the libraries', through `redactor` as its last step.

    `form` is `text`, or `json` for one object a line with `event`, `level`, `timestamp` and what belongs to the event.
    """
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
            *([_plain_exception, _Json(redactor)] if form == "json" else [redacted]),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.PrintLoggerFactory(sys.stdout),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(_RedactedJson(redactor) if form == "json" else _Redacted(redactor))
    logging.basicConfig(handlers=[handler], level=max(number, logging.WARNING), force=True)


def _traceback(to: TextIO, raised: Any) -> None:
    text = io.StringIO()
    plain_traceback(text, raised)
    to.write(visible(text.getvalue()))


def _set_in(text: str) -> str:
    """Indent the further lines of a text (a traceback): none can imitate an event."""
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


def _plain_exception(_logger: Any, _name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Replace `exc_info` by its traceback as text, without the values of local variables."""
    raised = event.pop("exc_info", None)
    if raised:
        event["exception"] = "".join(traceback.format_exception(*_triple(raised)))
    return event


def _triple(raised: Any) -> Any:
    if isinstance(raised, BaseException):
        return type(raised), raised, raised.__traceback__
    return raised if isinstance(raised, tuple) else sys.exc_info()


class _Json:
    """Renders an event as one JSON object.

    Redacted value by value, so that the object stays valid.
    """

    def __init__(self, redactor: Redactor) -> None:
        self._redactor = redactor

    def __call__(self, _logger: Any, _name: str, event: MutableMapping[str, Any]) -> str:
        return json.dumps(self._clean(dict(event)), ensure_ascii=False)

    def _clean(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {self._redactor(str(name)): self._clean(each) for name, each in value.items()}
        if isinstance(value, list | tuple | set | frozenset):
            return [self._clean(each) for each in value]
        if value is None or isinstance(value, bool | int | float):
            return value
        return self._redactor(visible(str(value)))


class _RedactedJson(logging.Formatter):
    """Lines of libraries as JSON objects, their tracebacks too."""

    def __init__(self, redactor: Redactor) -> None:
        super().__init__()
        self._json = _Json(redactor)

    def format(self, record: logging.LogRecord) -> str:
        """Return a line without secrets."""
        event: dict[str, Any] = {
            "event": record.getMessage(),
            "logger": record.name,
            "level": record.levelname.lower(),
            "timestamp": datetime.fromtimestamp(record.created, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        }
        if record.exc_info:
            event["exception"] = self.formatException(record.exc_info)
        return self._json(None, "", event)
