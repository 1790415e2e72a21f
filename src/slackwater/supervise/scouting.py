"""The use cases that only look: try a module, discover a source. Nothing is created and nothing is stored."""

import asyncio

from slackwater.errors import BadInput
from slackwater.model.checkpoint import Interval
from slackwater.store import files, wrappers
from slackwater.store.database import Connection, Database
from slackwater.supervise import orders
from slackwater.supervise.errands import Errands, Returned
from slackwater.supervise.lifecycle import check_module
from slackwater.supervise.orders import Task, Terms


class Scout:
    """Looks at sources in processes of their own, confined as those that read."""

    def __init__(self, database: Database, errands: Errands, terms: Terms) -> None:
        self._database = database
        self._errands = errands
        self._terms = terms

    async def try_module(
        self, wrapper_id: str, *, module: str | None = None, window: Interval | None = None
    ) -> Returned:
        """Run a wrapper's module, or `module` in its stead, on a piece of its source, whatever the wrapper does now.

        The verdict is Proven (its proof may hold objections) or Failed; `lines` holds what the module printed.
        `window` None tries it where a first run would begin. NotFound for the wrapper or its file, BadInput for a
        module that is no Python or a wrapper that has none, Unavailable when no process can be had.
        """
        if module is not None:
            check_module(module)

        def look(c: Connection) -> Task:
            record = wrappers.get(c, wrapper_id, with_log=False)
            if module is None and record.generated_code is None:
                raise BadInput("Wrapper has no code yet")
            file = files.get(c, record.source_config["file_id"]) if record.source_type.is_file else None
            return orders.task(record, file, self._terms, "prove", module=module, window=window)

        return await self._errands.run(await asyncio.wrap_future(self._database.read(look)))
