"""Asking a language model what discovery could not decide.

Its process, what it may see, and the trial of its answers.

The model is never believed. What it writes runs in confinement, may reach nothing but the origin of its source, and is
accepted only when its points stand the trial.
"""

import asyncio
import contextlib
import os
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from itertools import pairwise

import httpx
import msgspec

from slackwater.errors import BadInput, Unavailable
from slackwater.pipe.frames import Failed, Fault, Finding, Found, Proof, Proven, Request, Unclear
from slackwater.pipe.llm_messages import (
    Accepted,
    AnyToModel,
    Brief,
    Fetch,
    Fetched,
    GaveUp,
    Judged,
    Propose,
    from_model,
    line,
)
from slackwater.supervise.http.broker import Broker
from slackwater.supervise.http.credentials import origin_of
from slackwater.supervise.http.host_limits import Tally
from slackwater.supervise.process import orphans
from slackwater.supervise.run.channel import printable
from slackwater.supervise.run.file_inspection import Inspector
from slackwater.supervise.run.job import Task, check_module, trial
from slackwater.supervise.run.one_shot import OneShots

MOST_SAID = 4_000  # characters of what a trial says, and of its traceback
SAMPLE = 24_000  # characters of the source that a model is shown at once
LONGEST_LINE = 1024 * 1024  # bytes of a message; a module has 256 KiB
GRACE = 30.0  # seconds beyond the budget: to load the provider's library, and for the process to say so itself
LEAVE = 5.0  # seconds for it to end


@dataclass(frozen=True, kw_only=True)
class Model:
    """Which models may be asked, and what it may cost. `repr` shows no key."""

    names: list[str]  # `provider:model`, in the order in which they are tried
    keys: dict[str, str] = field(repr=False)
    base_url: str | None
    seconds: float
    tokens: int
    environment: dict[str, str] = field(default_factory=dict, repr=False)  # proxies and authorities


class Adviser:
    """Asks a language model; satisfies `rediscovery.Advice`."""

    def __init__(self, model: Model, one_shots: OneShots, broker: Broker, inspector: Inspector, at_once: int) -> None:
        self._model = model
        self._one_shots = one_shots
        self._broker = broker
        self._inspector = inspector
        self._slots = asyncio.Semaphore(at_once)

    async def advise(self, task: Task, failed: Unclear) -> Found | Failed:
        """Return a module that has stood its trial, or `failed` with one more sentence.

        Why the model was no help.

        Promise: when this returns or is cancelled, no process of it is alive.
        """
        async with self._slots:
            talk = _Talk(task, self._one_shots, self._broker)
            try:
                sample = await self._sample(task, talk)
                async with asyncio.timeout(self._model.seconds + GRACE), _process() as process:
                    ended = await talk.held(process, self._brief(task, failed, sample))
            except TimeoutError:
                ended = GaveUp(reason=f"it had no answer within {self._model.seconds:g} seconds.")
            except (Unavailable, OSError, ValueError) as error:
                ended = GaveUp(reason=f"asking it failed: {error}.")
        if isinstance(ended, Accepted) and talk.proven is not None:
            module, proof = talk.proven
            return Found(
                code=module,
                proof=proof,
                period=_spacing(proof),
                findings=[*failed.findings, _finding(failed)],
                notes=[f"A language model was asked, because: {failed.message}", "Its answer has stood the trial."],
            )
        reason = ended.reason if isinstance(ended, GaveUp) else "its answer was not tried."
        reason = task.access.messages(printable(" ".join(reason.split())))
        return msgspec.structs.replace(failed, message=f"{failed.message} The language model was no help: {reason}")

    def _brief(self, task: Task, failed: Unclear, sample: str) -> Brief:
        config = dict(task.order.config)
        place = task.access.messages(str(config.pop("location", None) or task.order.file_name))
        model = self._model
        return Brief(
            models=model.names,
            keys=model.keys,
            base_url=model.base_url,
            environment=model.environment,
            seconds=model.seconds,
            tokens=model.tokens,
            source_type=task.order.source_type,
            place=place,
            given={k: v for k, v in config.items() if v},
            question=failed.message,
            findings=failed.findings,
            sample=task.access.messages(sample),
        )

    async def _sample(self, task: Task, talk: "_Talk") -> str:
        if task.file is not None:
            seen = await self._inspector.inspect(task.file, task.order.file_name)
            columns = "\n".join(f"{each}" for each in seen.columns)
            sheets = f"\nsheets: {', '.join(seen.sheets)}" if seen.sheets else ""
            return f"{seen.preview}\n\ncolumns:\n{columns}{sheets}"[:SAMPLE]
        return await talk.fetched(str(task.order.config["location"]))


class _Talk:
    """One talk with the process: it asks for pages and proposes modules."""

    def __init__(self, task: Task, one_shots: OneShots, broker: Broker) -> None:
        self.proven: tuple[str, Proof] | None = None
        self._task = replace(task, access=replace(task.access, bound=True))
        self._one_shots = one_shots
        self._broker = broker
        self._tally = Tally()

    async def held(self, process: asyncio.subprocess.Process, brief: Brief) -> Accepted | GaveUp:
        """Answer the process until its last word."""
        assert process.stdin is not None
        assert process.stdout is not None
        answer: AnyToModel = brief
        while True:
            with contextlib.suppress(ConnectionError):
                process.stdin.write(line(answer))
                await process.stdin.drain()
            text = await process.stdout.readline()
            if not text:
                return GaveUp(reason="the process that asks it ended.")
            match from_model(text):
                case Fetch(url=url):
                    answer = Fetched(text=await self.fetched(url))
                case Propose(module=module):
                    answer = await self._judged(module)
                case Accepted() | GaveUp() as last:
                    return last

    async def fetched(self, url: str) -> str:
        """Return what the source answers, or why it was not asked.

        Only its own origin is, and only by GET.
        """
        try:
            if origin_of(httpx.URL(url)) != self._task.access.origin:
                return "That URL is not of the source's own origin; nothing was asked."
        except (httpx.InvalidURL, KeyError, ValueError):
            return "That is not a URL; nothing was asked."
        answer = await self._broker.send(Request(number=1, method="GET", url=url), self._task.access, self._tally)
        if answer.error is not None:
            return f"No answer: {answer.error}"
        kind = next((value for name, value in answer.headers if name.lower() == "content-type"), "unknown")
        body = answer.content[: 4 * SAMPLE].decode("utf-8", "replace")
        cut = f"\n… cut: {len(answer.content):,} bytes in all" if len(body) > SAMPLE else ""
        return f"{answer.status}, {kind}\n{self._task.access.messages(body)[:SAMPLE]}{cut}"

    async def _judged(self, module: str) -> Judged:
        try:
            check_module(module)
        except BadInput as error:
            return Judged(accepted=False, text=str(error))
        returned = await self._one_shots.run(trial(self._task, module))
        verdict = returned.verdict
        if isinstance(verdict, Proven) and not verdict.proof.objections:
            self.proven = module, verdict.proof
            return Judged(accepted=True, text="")
        self.proven = None
        if isinstance(verdict, Proven):
            return Judged(accepted=False, text=" ".join(verdict.proof.objections))
        if not isinstance(verdict, Failed):
            return Judged(accepted=False, text="It said nothing.")
        trace = verdict.traceback if isinstance(verdict, Fault) else ""
        return Judged(accepted=False, text=verdict.message[:MOST_SAID], trace=trace[-MOST_SAID:])


@contextlib.asynccontextmanager
async def _process() -> AsyncIterator[asyncio.subprocess.Process]:
    """Run the process that asks; killed and reaped when the block is left.

    Keys go over its standard input alone.
    """
    with orphans.starting():
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-P",
            "-m",
            "slackwater.llm",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env={"PATH": os.defpath, "LANG": "C.UTF-8"},
            limit=LONGEST_LINE,
            cwd="/",
            start_new_session=True,
        )
        orphans.own(process.pid)
    try:
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await asyncio.shield(asyncio.wait_for(process.wait(), LEAVE))
        orphans.disown(process.pid)


def _finding(failed: Unclear) -> Finding:
    return Finding(
        what="language model",
        value="asked",
        confidence=0.8,
        field=failed.field,
        reason=f"Discovery could not decide it ({failed.message}), so a language model was asked; its module was tried "
        "on the source, and its points stood the trial.",
    )


def _spacing(proof: Proof) -> int | None:
    times = sorted({point.x for point in proof.sample})
    gaps = sorted(later - earlier for earlier, later in pairwise(times))
    return gaps[len(gaps) // 2] if gaps else None
