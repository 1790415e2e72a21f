"""The use cases that only look: try a module, discover a source.

Nothing is created and nothing is stored.
"""

import asyncio
import contextlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TypeVar

from slackwater.errors import BadInput
from slackwater.model.checkpoint import Interval
from slackwater.model.source.config import ApiConfig, FileConfig
from slackwater.model.wrapper import Origin, SourceType
from slackwater.pipe.frames import Found, Unclear
from slackwater.store.engine.database import Connection, Database
from slackwater.store.records import files, wrappers
from slackwater.store.records.files import FileRecord
from slackwater.supervise.http.response_cache import Look, Memory, scope_of
from slackwater.supervise.lifecycle.discoveries import Discoveries
from slackwater.supervise.lifecycle.notifications import Signals
from slackwater.supervise.lifecycle.rediscovery import Advice
from slackwater.supervise.run import job
from slackwater.supervise.run.job import Task, Terms, check_location, check_module
from slackwater.supervise.run.one_shot import OneShots, Returned
from slackwater.supervise.run.trials import Started, Trials
from slackwater.supervise.run.upload import bring

LONGEST = 300  # characters of a URL that is told; chosen: two lines of a page
TELL_SECONDS = 1.0  # between two words to other nodes of what a look asks; a page asks as often

T = TypeVar("T")


class Previews:
    """Looks at sources in processes of their own, confined as those that read."""

    def __init__(
        self,
        database: Database,
        one_shots: OneShots,
        trials: Trials,
        terms: Terms,
        signals: Signals,
        adviser: Advice | None = None,
    ) -> None:
        self._database = database
        self._one_shots = one_shots
        self._trials = trials
        self._terms = terms
        self._signals = signals
        self._adviser = adviser
        self._memory = Memory()
        self._looks: dict[str, list[tuple[Look, Task]]] = {}  # those that are under way, by caller
        self.discoveries = Discoveries()

    async def try_module(
        self, wrapper_id: str, *, module: str | None = None, window: Interval | None = None
    ) -> Returned:
        """Run a wrapper's module, or `module` in its stead, on a piece of its source.

        Whatever the wrapper does now.

        The verdict is Proven (its proof may hold objections) or Failed; `lines` holds what the module printed.
        A stop of the wrapper ends it: then it has failed with a message that says so.
        `window` None tries it where a first run would begin. NotFound for the wrapper or its file, BadInput for a
        module that is no Python or a wrapper that has none, Unavailable when no process can be had.
        """
        if module is not None:
            check_module(module)

        def look(c: Connection) -> tuple[Task, FileRecord | None]:
            record = wrappers.get(c, wrapper_id, with_log=False)
            if module is None and record.definition.generated_code is None:
                raise BadInput("Wrapper has no code yet")
            file = (
                files.get(c, record.definition.source_config["file_id"])
                if record.definition.source_type.is_file
                else None
            )
            return job.proving(record, file, self._terms, module=module, window=window), file

        async def work(started: Started) -> Returned:
            task, file = await self._read(look)
            await bring(self._database, self._terms, file)
            return await self._one_shots.run(task, started=started)

        return await self._trials.perform(wrapper_id, work)

    async def discover(self, *, source_type: SourceType, config: FileConfig | ApiConfig, caller: str = "") -> Returned:
        """Look at a source as `generate` would, and create nothing.

        The verdict is Found, or Failed: Unclear when somebody who knows the source can help, and then perhaps
        a `field` to give. What was found is kept: `discovery` is its id. What the same caller has seen
        of the same source within two minutes is not asked for again.
        NotFound("File") when the file is unknown, BadInput when it is not one that can be read.
        """

        def look(c: Connection) -> FileRecord | None:
            if not isinstance(config, FileConfig):
                return None
            return files.usable(c, config.file_id, source_type)

        if isinstance(config, ApiConfig):
            check_location(config)
        file = await self._read(look)
        await bring(self._database, self._terms, file)
        task = job.first_look(config, source_type, file, self._terms)
        scope = scope_of(caller, config.model_dump())
        memory = self._memory.look(scope, posts=task.access.body is not None)
        with self._told(caller, memory, task):
            returned = await self._one_shots.run(task, memory)
        failed, origin = returned.verdict, Origin.DISCOVERED
        if self._adviser is not None and isinstance(failed, Unclear):
            returned, origin = replace(returned, verdict=await self._adviser.advise(task, failed)), Origin.MODEL
        if not isinstance(returned.verdict, Found):
            return returned
        return replace(returned, discovery=self.discoveries.keep(returned, origin, source_type, config))

    def under_way(self, caller: str) -> tuple[int, str] | None:
        """Return the requests of a caller's newest look, and the last one's URL.

        It may go on at another node.

        None when there is no such look, or it has not asked yet.
        """
        looks = self._looks.get(caller)
        if not looks:
            return self._signals.look_elsewhere(caller)
        look, task = looks[-1]
        return (look.asked, task.access.messages.cut(look.latest, LONGEST)) if look.asked else None

    @contextlib.contextmanager
    def _told(self, caller: str, look: Look, task: Task) -> Iterator[None]:
        """Let a caller know of a look, through any node, while the block lasts."""

        async def keep_telling() -> None:
            while True:
                await asyncio.sleep(TELL_SECONDS)
                if known := self.under_way(caller):
                    self._signals.tell_look(caller, *known)

        self._looks.setdefault(caller, []).append((look, task))
        telling = asyncio.create_task(keep_telling())
        try:
            yield
        finally:
            telling.cancel()
            self._looks[caller].remove((look, task))
            if not self._looks[caller]:
                del self._looks[caller]
                self._signals.tell_look(caller, 0, "")

    async def _read(self, work: Callable[[Connection], T]) -> T:
        return await asyncio.wrap_future(self._database.read(work))
