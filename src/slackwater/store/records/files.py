"""Uploaded files: what is known of each, and where its bytes lie.

The bytes themselves are on the disk.
"""

import hashlib
import json
import os
import re
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from slackwater.errors import BadInput, Conflict, UnknownFile
from slackwater.model.wrapper import SourceType
from slackwater.store.engine.fsync import settle, settle_names
from slackwater.store.node_tables import file_chunks
from slackwater.store.records import wrappers
from slackwater.store.schema import files

KINDS = ("csv", "xlsx", "xls")
NEWEST = 100  # files that a list shows

CHUNK = 1024 * 1024  # bytes in one row: little memory for each, few rows for an upload
_CHUNK = sa.select(file_chunks.c.content).where(
    file_chunks.c.file_id == sa.bindparam("id"), file_chunks.c.number == sa.bindparam("number")
)
_REPORTED = ("preview", "columns", "row_count", "sheets", "errors", "digest", "at_url")
_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


@dataclass(frozen=True, kw_only=True)
class FileRecord:
    """One upload and what its inspection found.

    `size` in bytes, `uploaded_at` in µs since the epoch.
    """

    file_id: str
    filename: str  # as the client named it, without directories
    kind: str  # csv xlsx xls
    size: int
    uploaded_at: int
    preview: str = ""  # text of the first 5 rows
    columns: tuple[dict[str, str], ...] = ()  # name, type, sample
    row_count: int = 0
    sheets: tuple[str, ...] = ()
    errors: tuple[str, ...] = ()  # why it cannot be used
    digest: str = ""  # SHA-256 of its bytes, where they are kept in the store or at a URL since it is taken
    at_url: bool = False  # its bytes are at the URL of the settings (`store/uploads`)

    @property
    def valid(self) -> bool:
        """Whether a wrapper may read it."""
        return not self.errors

    @property
    def reason(self) -> str:
        """Why it cannot be used, as part of a sentence; empty when it can."""
        return "; ".join(error.rstrip(".") for error in self.errors)


def path(files_dir: Path, record: FileRecord) -> Path:
    """Return where the bytes of a file are."""
    return files_dir / f"{record.file_id}.{record.kind}"


def add(c: sa.Connection, record: FileRecord, content: Path) -> FileRecord:
    """Store what is known of an upload.

    And its bytes, where nodes have no disk in common and they are not at a URL already.
    """
    in_store = c.dialect.name == "postgresql" and not record.at_url
    if in_store:
        record = replace(record, digest=digest_of(content))
    report = {name: getattr(record, name) for name in _REPORTED}
    c.execute(
        files.insert().values(
            file_id=record.file_id,
            filename=record.filename,
            kind=record.kind,
            size=record.size,
            uploaded_at=record.uploaded_at,
            report=json.dumps(report),
        )
    )
    if in_store:
        with content.open("rb") as opened:
            for number, chunk in enumerate(iter(lambda: opened.read(CHUNK), b"")):
                c.execute(file_chunks.insert().values(file_id=record.file_id, number=number, content=chunk))
    return record


def fetch(c: sa.Connection, files_dir: Path, record: FileRecord) -> Path:
    """Return where the bytes of a file are.

    They are fetched from the store when another node took them in; BadInput when those are not what was uploaded.
    """
    here = path(files_dir, record)
    if here.exists() or c.dialect.name != "postgresql":
        return here
    new = here.with_name(f"{here.name}.{uuid.uuid4()}")
    try:
        with new.open("xb") as content:
            for number in range(-(-record.size // CHUNK)):
                chunk = c.execute(_CHUNK, {"id": record.file_id, "number": number}).scalar_one_or_none()
                if chunk is None:
                    return here  # it is gone, and whoever opens it says so
                content.write(chunk)
        check_bytes(new, record, "in the database")
        new.replace(here)
    finally:
        new.unlink(missing_ok=True)
    return here


def pieces(c: sa.Connection, files_dir: Path, record: FileRecord) -> Iterator[bytes]:
    """Yield the bytes of a file, as many as there are."""
    if c.dialect.name == "postgresql":
        for number in range(-(-record.size // CHUNK)):
            chunk = c.execute(_CHUNK, {"id": record.file_id, "number": number}).scalar_one_or_none()
            if chunk is not None:
                yield bytes(chunk)
        return
    here = path(files_dir, record)
    if here.is_file():
        with here.open("rb") as content:
            yield from iter(lambda: content.read(CHUNK), b"")


def keep_pieces(c: sa.Connection, files_dir: Path, record: FileRecord, content: Iterable[bytes]) -> None:
    """Keep the bytes of a file, instead of what was kept before."""
    if c.dialect.name == "postgresql":
        c.execute(file_chunks.delete().where(file_chunks.c.file_id == record.file_id))
        for number, chunk in enumerate(content):
            c.execute(file_chunks.insert().values(file_id=record.file_id, number=number, content=chunk))
        return
    here = path(files_dir, record)
    new = here.with_name(f"{here.name}.{uuid.uuid4()}")
    try:
        with os.fdopen(os.open(new, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600), "wb") as opened:
            opened.writelines(content)
        settle(new)
        new.replace(here)
        settle_names(files_dir)
    finally:
        new.unlink(missing_ok=True)


def everyone(c: sa.Connection) -> list[FileRecord]:
    """Return all files, by id."""
    return [_record(row) for row in c.execute(sa.select(files).order_by(files.c.file_id))]


def digest_of(content: Path) -> str:
    """Return the SHA-256 of a file."""
    with content.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def check_bytes(fetched: Path, record: FileRecord, place: str) -> None:
    """Refuse, as BadInput, bytes that were not uploaded. `place`: where they were kept."""
    size = fetched.stat().st_size
    differs = record.digest and digest_of(fetched) != record.digest
    if size != record.size or differs:
        found = f"{size:,} bytes instead of {record.size:,}" if size != record.size else "another SHA-256"
        raise BadInput(
            f"The bytes of {record.filename} {place} are not those that were uploaded ({found}). Upload the file again"
        )


def get(c: sa.Connection, file_id: str) -> FileRecord:
    """Return a file; UnknownFile if there is none."""
    known = _ID.fullmatch(file_id.lower())
    row = known and c.execute(sa.select(files).where(files.c.file_id == file_id.lower())).one_or_none()
    if not row:
        raise UnknownFile(file_id)
    return _record(row)


def is_known(c: sa.Connection, file_id: str) -> bool:
    """Say whether there is such a file."""
    return c.execute(sa.select(files.c.file_id).where(files.c.file_id == file_id)).first() is not None


def usable(c: sa.Connection, file_id: str, source_type: SourceType) -> FileRecord:
    """Return a file that a wrapper of that type may read.

    UnknownFile if there is none; BadInput when it is invalid or of another type.
    """
    record = get(c, file_id)
    wanted = SourceType.CSV if record.kind == "csv" else SourceType.XLSX
    if source_type is not wanted:
        raise BadInput(f"{record.filename} is no {source_type} file; use source_type {wanted}")
    if not record.valid:
        raise BadInput(f"{record.filename} cannot be used: {record.reason}. Upload a corrected file")
    return record


def newest(c: sa.Connection, limit: int = NEWEST) -> list[FileRecord]:
    """Return the newest files, newest first."""
    query = sa.select(files).order_by(files.c.uploaded_at.desc(), files.c.file_id).limit(limit)
    return [_record(row) for row in c.execute(query)]


def deletable(c: sa.Connection, file_id: str) -> FileRecord:
    """Return a file that may be deleted.

    UnknownFile if there is none; Conflict while a wrapper that is not stopped, completed or in error reads it.
    """
    record = get(c, file_id)
    readers = wrappers.reading_file(c, record.file_id)
    if readers:
        raise Conflict(f"{record.filename} is being read by wrapper {readers[0]}; stop that wrapper first.")
    return record


def delete(c: sa.Connection, file_id: str) -> FileRecord:
    """Forget a file that is `deletable`, and return what was known of it.

    The caller deletes its bytes.
    """
    record = deletable(c, file_id)
    c.execute(files.delete().where(files.c.file_id == record.file_id))
    return record


def _record(row: Any) -> FileRecord:
    values = dict(row._mapping)
    report = json.loads(values.pop("report"))
    for name in ("columns", "sheets", "errors"):
        report[name] = tuple(report[name])
    return FileRecord(**values, **report)
