"""A second look at a source whose run has failed because it was not understood.

Once by itself, then with a model.
"""

from dataclasses import replace
from typing import Protocol

from slackwater.errors import Unavailable
from slackwater.model.wrapper import Origin, SourceType, WrapperRecord
from slackwater.pipe.frames import Failed, Found, Outage, Unclear
from slackwater.supervise.run.job import Task, second_look
from slackwater.supervise.run.one_shot import Errands
from slackwater.supervise.run.outcomes import Ended, Opened

REPLACEABLE = frozenset({Origin.DISCOVERED, Origin.MODEL})  # what a person has written is theirs


class Counsel(Protocol):
    """Somebody who can be asked when discovery has come to the end of its knowledge."""

    async def advise(self, task: Task, failed: Unclear) -> Found | Failed:
        """Return a module that has stood the trial, or why there is none."""
        ...


class Mender:
    """Looks at sources anew after runs that have failed."""

    def __init__(self, errands: Errands, counsel: Counsel | None, requests: int) -> None:
        self._errands = errands
        self._requests = requests  # that a second look may send to the source
        self._counsel = counsel

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
        return await self._looked_anew(opened.wrapper, task, ended)

    async def _looked_anew(self, wrapper: WrapperRecord, task: Task, ended: Ended) -> Ended:
        """Promise: this is done once until a run goes well again.

        `close_run` writes it down in any case.
        """
        fresh = second_look(task, self._requests)
        origin = Origin.DISCOVERED
        try:
            verdict = (await self._errands.run(fresh)).verdict
        except Unavailable:
            return ended
        if isinstance(verdict, Unclear) and self._counsel is not None:
            verdict, origin = await self._advised(fresh, verdict), Origin.MODEL
        if isinstance(verdict, Outage):
            return ended  # it is down just now: the look is still to be had
        anew = verdict if isinstance(verdict, Found) and verdict.code != wrapper.definition.generated_code else None
        return replace(ended, looked_anew=True, anew=anew, origin=origin)

    async def _advised(self, task: Task, failed: Unclear) -> Found | Failed:
        return failed if self._counsel is None else await self._counsel.advise(task, failed)


def _may_be_replaced(wrapper: WrapperRecord) -> bool:
    return (
        wrapper.definition.source_type is SourceType.API
        and wrapper.definition.code_origin in REPLACEABLE
        and not wrapper.control.rediscovered
    )
