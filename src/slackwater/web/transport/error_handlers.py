"""Errors → status codes and sentences: the one place where both are made.

No secret leaves in either.
"""

import math
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import Any

from fastapi import FastAPI, HTTPException, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from pydantic import ValidationError
from starlette.exceptions import HTTPException as StarletteHTTPException
from starlette.routing import Match

from slackwater.errors import BadInput, Conflict, IllegalTransition, NotFound, SlackwaterError, Unavailable, UnknownFile
from slackwater.model.source.secrets import MASK, SECRET_FIELDS, is_secret

CODES: dict[type[SlackwaterError], int] = {
    NotFound: 404,
    BadInput: 400,
    Conflict: 409,
    IllegalTransition: 409,
    Unavailable: 503,
}
REFUSALS = (NotFound, BadInput, Conflict, IllegalTransition)

# Fields that may hold a credential under an innocent name, as in `https://user:secret@host`.
_NOT_ECHOED = SECRET_FIELDS | {"location", "username", "custom_headers", "query_params", "generated_code"}
_NOT_ECHOED |= {"secret_headers", "token_params", "token_url"}
_ECHOED = 200  # characters of a value that was refused, and items of a list or object
_TOLD = 50  # errors in one answer; chosen: nobody mends more at once
_ECHOED_IN_ALL = 2_000  # values in one answer: its size is bounded, whatever was sent


@contextmanager
def said_as(prefix: str) -> Iterator[None]:
    """Turn every refusal inside into 400 `<prefix>: <reason>`."""
    try:
        yield
    except REFUSALS as error:
        raise HTTPException(400, f"{prefix}: {error}") from None


@contextmanager
def file_not_of_the_path() -> Iterator[None]:
    """Turn an unknown file, that a body or a configuration names, into 400.

    404 is for what the path names.
    """
    try:
        yield
    except UnknownFile as error:
        raise HTTPException(400, f"{error}: {error.file_id}") from None


@contextmanager
def malformed(*path: str) -> Iterator[None]:
    """Turn pydantic's errors inside into FastAPI's 422, as errors of the body's field at `path`."""
    try:
        yield
    except ValidationError as error:
        raise unusable(error, *path) from None


def unusable(error: ValidationError, *path: str) -> RequestValidationError:
    """Return pydantic's error as one of the body's field at `path`."""
    return RequestValidationError([{**each, "loc": ("body", *path, *each["loc"])} for each in error.errors()])


Lost = Callable[[Request, StarletteHTTPException], Awaitable[Response]]


def install(app: FastAPI, lost: Lost | None = None) -> None:
    """Let the application answer every error in the contract's form.

    `lost` is for browsers where there is nothing.
    """
    for kind in CODES:
        app.add_exception_handler(kind, _refused)
    app.add_exception_handler(RequestValidationError, _invalid)

    async def http(request: Request, error: Exception) -> Response:
        assert isinstance(error, StarletteHTTPException)
        if error.detail != "Not Found":
            return _http(request, error)
        nothing = f"There is nothing at {printable(request.url.path)}; /docs shows what there is."
        if lost is not None and is_for_a_browser(request):
            return await lost(request, StarletteHTTPException(404, nothing))
        return JSONResponse({"detail": nothing}, 404)

    app.add_exception_handler(StarletteHTTPException, http)


def is_for_a_browser(request: Request) -> bool:
    """Check whether somebody looks at the answer."""
    return request.method == "GET" and "text/html" in request.headers.get("accept", "")


def code_of(error: Exception) -> int:
    """Return the status code that an error is answered with."""
    if isinstance(error, StarletteHTTPException):
        return error.status_code
    if isinstance(error, RequestValidationError):
        return 422
    return next((code for kind, code in CODES.items() if isinstance(error, kind)), 500)


async def _refused(_request: Request, error: Exception) -> JSONResponse:
    code = code_of(error)
    return JSONResponse({"detail": f"Service unavailable: {error}" if code == 503 else str(error)}, code)


async def _invalid(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    return JSONResponse({"detail": described(error.errors())}, 422)


def described(errors: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return validation errors as a client may see them.

    Bounded in number and in what they echo.
    """
    room = _Room()
    shown = [_shown(each, room) for each in errors[:_TOLD]]
    if len(errors) > _TOLD:
        shown.append({"type": "too_many", "loc": ["body"], "msg": f"{len(errors) - _TOLD:,} more errors are not shown"})
    return shown


def _http(request: Request, error: StarletteHTTPException) -> JSONResponse:
    detail = error.detail
    if error.status_code == 405:
        allowed = _allowed(request)
        detail = f"{printable(request.method)} is not possible at {printable(request.url.path)}; use {allowed}."
        return JSONResponse({"detail": detail}, 405, headers={"Allow": allowed})
    if error.status_code == 400 and detail == "There was an error parsing the body":
        detail = "The body could not be parsed; send JSON in UTF-8."
    return JSONResponse({"detail": detail}, error.status_code, headers=dict(error.headers or {}))


def _allowed(request: Request) -> str:
    """Return all that is possible at a path.

    One route alone knows only its own method.
    """
    here = [route for route in request.app.state.routes if route.matches(request.scope)[0] is not Match.NONE]
    return ", ".join(sorted({method for route in here for method in route.methods})) or "GET"


class _Room:
    """What is left of the values that one answer may echo."""

    def __init__(self) -> None:
        self.left = _ECHOED_IN_ALL


def _shown(error: Mapping[str, Any], room: _Room) -> dict[str, Any]:
    """Return a validation error as a client may see it.

    Its own input, but never a credential.
    """
    loc = [printable(part) if isinstance(part, str) else part for part in error["loc"]]
    shown = {"type": error["type"], "loc": loc, "msg": printable(error["msg"])}
    if "input" in error:
        # A body that is no JSON arrives here as one text, credentials and all.
        whole = len(loc) <= 1 and not isinstance(error["input"], dict | list)
        hidden = whole or any(isinstance(part, str) and _hides(part) for part in loc[1:])
        hidden = hidden or (bool(loc) and _hides(str(loc[-1]), error["input"]))
        shown["input"] = MASK if hidden and error["input"] is not None else _echo(error["input"], room)
    if error.get("ctx"):
        shown["ctx"] = {name: _echo(value, room) for name, value in error["ctx"].items()}
    return shown


def _hides(name: str, value: Any = None) -> bool:
    # A source_config that is no object has lost the names that tell which of its values are credentials.
    shapeless = name == "source_config" and value is not None and not isinstance(value, Mapping)
    return shapeless or name in _NOT_ECHOED or is_secret(name)


def _echo(value: Any, room: _Room, depth: int = 0) -> Any:
    room.left -= 1
    if depth > 8 or room.left < 0:
        return "…"
    if isinstance(value, Mapping):
        return {
            printable(str(name)): MASK if each is not None and _hides(str(name), each) else _echo(each, room, depth + 1)
            for name, each in islice(value.items(), _ECHOED)
        }
    if isinstance(value, str):
        return MASK if "://" in value and "@" in value else printable(value)
    if isinstance(value, Sequence) and not isinstance(value, bytes):
        return [_echo(each, room, depth + 1) for each in value[:_ECHOED]]
    if value is None or isinstance(value, bool | int) or (isinstance(value, float) and math.isfinite(value)):
        return value
    return printable(str(value))


def printable(text: str) -> str:
    """Return text that fits into an answer: cut to a readable length, and encodable."""
    cut = text if len(text) <= _ECHOED else text[:_ECHOED] + "…"
    return cut.encode("utf-8", "replace").decode()
