"""From the fork to `done`.

Take the orders, confine, load the module, perform the task, say how it went.
"""

import asyncio
import linecache
import os
import sys
import traceback
import types
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

import httpx

from slackwater.errors import BadSource, Refused, SlackwaterError, Transient
from slackwater.pipe.frames import Done, Failed, Fault, Hello, Order, Outage, Prove, Proven, Read, Unclear, Up
from slackwater.runtime.confinement.confine import confine, refusal
from slackwater.runtime.http_transport import HostRefused
from slackwater.runtime.process.channel import Outlet
from slackwater.runtime.read_loop import read
from slackwater.runtime.source import Source
from slackwater.runtime.trial import prove

MODULE_NAME = "wrapper_module"
FILE_NAME = "<wrapper>"
MAX_TRACEBACK = 16_000  # characters; chosen: deep recursions are cut, all else is whole
MAX_MESSAGE = 10_000  # characters; chosen: below the largest frame of its kind

Task = Callable[[Outlet[Any]], Awaitable[Up]]


def main(pipe: int, file: int | None, tasks: Mapping[type[Order], Task]) -> None:
    """Do what the first frame on the socket `pipe` orders, with one of `tasks`.

    `file` is the uploaded file.
    """
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    asyncio.run(_obey(pipe, file, tasks))


async def read_module(run: Outlet[Read]) -> Done:
    """Load the module of the orders and read its source."""
    source = load(run.orders.module)
    if run.orders.prove_first and source.declared:
        await _stand_trial(source, run)
    reason = await read(source, run)
    await run.settled()
    return Done(reason=reason)


async def _stand_trial(source: Source, run: Outlet[Read]) -> None:
    """Refuse a changed declaration whose points cannot be believed, before one of them is stored."""
    proof = await prove(source, run)
    # That there is nothing where a first run would begin says nothing of a source that ended long ago.
    if proof.objections and (proof.points or proof.rejected_count):
        raise BadSource(f"The changed module does not stand the trial: {' '.join(proof.objections)}")


async def prove_module(run: Outlet[Prove]) -> Proven:
    """Try the module of the orders; nothing is stored."""
    return Proven(proof=await prove(load(run.orders.module), run, run.orders.window))


async def confined(_: Outlet[Any]) -> Done:
    """Do nothing: the Hello has said how the process is confined."""
    return Done()


def load(text: str) -> Source:
    """Return the `wrapper` of a module's text.

    BadSource when it has none that can be read.
    """
    module = types.ModuleType(MODULE_NAME)
    sys.modules[MODULE_NAME] = module
    linecache.cache[FILE_NAME] = (len(text), None, text.splitlines(keepends=True), FILE_NAME)
    exec(compile(text, FILE_NAME, "exec"), module.__dict__)  # noqa: S102 - running it is what this process is for
    source = getattr(module, "wrapper", None)
    if source is None:
        raise BadSource("The module does not define `wrapper`; add a line such as `wrapper = ApiWrapper(...)`.")
    if not hasattr(source, "pages") or not hasattr(source, "reach"):
        raise BadSource(
            f"`wrapper` is a {type(source).__name__}; it must be an ApiWrapper, a FileWrapper or derive from Wrapper."
        )
    return source  # type: ignore[no-any-return]


async def _obey(pipe: int, file: int | None, tasks: Mapping[type[Order], Task]) -> None:
    run = await Outlet.open(pipe, file)
    report = confine(run.orders.limits)
    await run.send(Hello(pid=os.getpid(), confinement=report))
    try:
        refused = refusal(report) if run.orders.confinement == "required" else None
        outcome = refused or await tasks[type(run.orders)](run)
    except Exception as error:  # noqa: BLE001 - the run's outer edge: whatever it is becomes the run's outcome
        outcome = failure(error)
    await run.send(outcome)
    await run.close()


def failure(error: Exception) -> Failed:
    """Return an exception as a run's outcome.

    Whose fault it is, one sentence, and the traceback of foreign code.
    """
    match error:
        case HostRefused():
            return Fault(message=str(error))
        case httpx.HTTPStatusError(response=response):
            message = _status_sentence(response)
            if response.status_code in (408, 425, 429) or response.status_code >= 500:
                return Outage(message=message, retry_after=response.extensions.get("retry_after"))
            return Fault(message=message)
        case httpx.TransportError():
            return Outage(message=str(error) or f"The source does not answer: {type(error).__name__}.")
        case Transient():
            return Outage(message=str(error), retry_after=error.retry_after)
        case BadSource() if not isinstance(error, Refused):
            return _not_understood(error)
        case SlackwaterError():
            return Fault(message=str(error))
    trace = "".join(traceback.format_exception(_without_our_frames(error)))
    return Fault(message=_foreign_sentence(error)[:MAX_MESSAGE], traceback=trace[-MAX_TRACEBACK:])


def _not_understood(error: BadSource) -> Unclear:
    """Return what is left to ask of a person, with what is known already."""
    return Unclear(
        message=str(error),
        field=error.field,
        choices=[str(choice) for choice in error.choices],
        offers=list(error.offers),
        findings=list(error.findings or ()),
    )


def _foreign_sentence(error: Exception) -> str:
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == FILE_NAME]
    if isinstance(error, SyntaxError):
        lines = [error.lineno]
    where = f" in line {lines[-1]} of the module" if lines else ""
    text = str(error) if not isinstance(error, SyntaxError) else error.msg
    return f"{type(error).__name__}{where}: {text}"


def _without_our_frames(error: Exception) -> Exception:
    trace = error.__traceback__
    while trace is not None and trace.tb_frame.f_code.co_filename != FILE_NAME:
        trace = trace.tb_next
    return error.with_traceback(trace) if trace is not None else error


def _status_sentence(response: httpx.Response) -> str:
    url = urlsplit(str(response.url))
    hint = {
        401: " Check auth_type and the credentials in source_config.",
        403: " Check that the credentials in source_config may read this.",
        404: " Check location in source_config.",
        429: " It asks for fewer requests.",
    }.get(response.status_code, "")
    phrase = f" {response.reason_phrase}" if response.reason_phrase else ""
    return f"The source answered {response.status_code}{phrase} for {url.scheme}://{url.netloc}{url.path}.{hint}"
