"""A second look at a source whose run has failed because it was not understood.

Once by itself, then with a model.
"""

from dataclasses import replace
from typing import Protocol

from slackwater.errors import Unavailable
from slackwater.model.wrapper import Origin, SourceType, WrapperRecord
from slackwater.pipe.frames import Failed, Found, Outage, Unclear
from slackwater.supervise.lifecycle.module_diff import is_same
from slackwater.supervise.run.job import Task, second_look
from slackwater.supervise.run.one_shot import OneShots
from slackwater.supervise.run.outcomes import Ended, Opened

REPLACEABLE = frozenset({Origin.DISCOVERED, Origin.MODEL})  # what a person has written is theirs


class Advice(Protocol):
    """Somebody who can be asked when discovery has come to the end of its knowledge."""

    async def advise(self, task: Task, failed: Unclear) -> Found | Failed:
        """Return a module that has stood the trial, or why there is none."""
        ...


class Rediscovery:
    """Looks at sources anew after runs that have failed."""

    def __init__(self, one_shots: OneShots, adviser: Advice | None, requests: int) -> None:
        self._one_shots = one_shots
        self._requests = requests  # that a second look may send to the source
        self._adviser = adviser

    async def after(self, opened: Opened, task: Task, ended: Ended) -> Ended:
        """Return the end of a run with what a second look has brought.

        May be cancelled at any moment.
        """
        failed = ended.verdict
        if not isinstance(failed, Unclear):
            return ended
        if opened.task == "discover":
            found = await self._advised(task, failed)
            return replace(ended, verdict=found, origin=Origin.MODEL)
        if not _may_be_replaced(opened.wrapper):
            return ended
        return await self._rediscover(opened.wrapper, task, ended)

    async def _rediscover(self, wrapper: WrapperRecord, task: Task, ended: Ended) -> Ended:
        """Promise: this is done once until a run goes well again.

        `close_run` writes it down in any case.
        """
        fresh = second_look(task, self._requests)
        origin = Origin.DISCOVERED
        try:
            verdict = (await self._one_shots.run(fresh)).verdict
        except Unavailable:
            return ended
        if isinstance(verdict, Unclear) and self._adviser is not None:
            verdict, origin = await self._advised(fresh, verdict), Origin.MODEL
        if isinstance(verdict, Outage):
            return ended  # it is down just now: the look is still to be had
        code = wrapper.definition.generated_code or ""
        found_again = verdict if isinstance(verdict, Found) and not is_same(verdict.code, code) else None
        return replace(ended, rediscovered_source=True, found_again=found_again, origin=origin)

    async def _advised(self, task: Task, failed: Unclear) -> Found | Failed:
        return failed if self._adviser is None else await self._adviser.advise(task, failed)


def _may_be_replaced(wrapper: WrapperRecord) -> bool:
    return (
        wrapper.definition.source_type is SourceType.API
        and wrapper.definition.code_origin in REPLACEABLE
        and not wrapper.control.rediscovered
    )
