"""What the health and the monitoring of wrappers are judged by, read in one snapshot."""

from dataclasses import dataclass

import sqlalchemy as sa

from slackwater.errors import NotFound
from slackwater.model.wrapper import WrapperRecord
from slackwater.store.records import files, runs
from slackwater.store.records.files import FileRecord
from slackwater.store.records.runs import RunRecord
from slackwater.store.schema import runs as runs_table


@dataclass(frozen=True, kw_only=True)
class Observed:
    """A wrapper with what was seen of it.

    `since` (µs since the epoch): when its present execution began to read.
    """

    record: WrapperRecord
    last_run: RunRecord | None
    since: int | None
    file: FileRecord | None


def observe(c: sa.Connection, record: WrapperRecord) -> Observed:
    """Gather what is known of a wrapper beside its own record."""
    return Observed(
        record=record, last_run=runs.last(c, record.wrapper_id), since=_since(c, record), file=_file(c, record)
    )


def _since(c: sa.Connection, record: WrapperRecord) -> int | None:
    # Polls share the epoch of the execution that they belong to; so its first run is its beginning.
    mine = (runs_table.c.wrapper_id == record.wrapper_id, runs_table.c.epoch == record.control.epoch)
    query = sa.select(sa.func.min(runs_table.c.started_at)).where(*mine, runs_table.c.task == "read")
    moment: int | None = c.execute(query).scalar_one()
    return moment


def _file(c: sa.Connection, record: WrapperRecord) -> FileRecord | None:
    if not record.definition.source_type.is_file:
        return None
    try:
        return files.get(c, str(record.definition.source_config.get("file_id")))
    except NotFound:  # deleted after it was read
        return None
