"""Backups: the store and the uploads as one tar file, taken while the service runs.

And the way back.

A backup holds one snapshot of the store (SQLite's online backup) and the uploads that this snapshot knows. The key of
the secrets is in it only when asked for: without it a backup in the wrong hands shows no credential of any source.
"""

import contextlib
import fcntl
import os
import shutil
import sqlite3
import tarfile
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

from slackwater.errors import BadInput, Unavailable
from slackwater.store.engine.database import FILE_NAME
from slackwater.store.engine.fsync import settle, settle_names
from slackwater.store.engine.vault import KEY_FILE

UPLOADS = "files"
LOCK = "lock"
PAGES = 4_000  # of the store that are copied before others may write again


@dataclass(frozen=True)
class Contents:
    """What a backup holds. `size` in bytes.

    `with_key`: whether the key of the secrets is among it. `elsewhere`: uploads that are kept at a URL, and not in it.
    """

    wrappers: int
    points: int
    uploads: int
    with_key: bool
    size: int
    elsewhere: int = 0


def save(data_dir: Path, target: Path, *, with_key: bool = False) -> Contents:
    """Write a backup of `data_dir` to the file `target`; the service may run meanwhile.

    BadInput when there is no store, or something is at `target` already; Unavailable when it cannot be read or written.
    The file appears under its name only when it is whole and on the disk.
    """
    store = data_dir / FILE_NAME
    if not store.is_file():
        raise BadInput(f"There is no store in {data_dir}; give --data-dir.")
    if os.path.lexists(target):
        raise BadInput(f"{target} exists already; give another name, or remove it.")
    try:
        with tempfile.TemporaryDirectory(prefix=".slackwater-", dir=target.parent) as room:
            copy, spare = Path(room) / FILE_NAME, Path(room) / "backup.tar"
            _copy_store(store, copy)
            found = _contents(copy, with_key=with_key)
            uploads = _known_uploads(copy)
            with _private(spare) as file, tarfile.open(fileobj=file, mode="w") as archive:
                archive.add(copy, FILE_NAME)
                for name in uploads:
                    # One that was deleted since the snapshot is missed by nobody who could still read it.
                    with contextlib.suppress(FileNotFoundError):
                        archive.add(data_dir / UPLOADS / name, f"{UPLOADS}/{name}")
                if with_key:
                    archive.add(data_dir / KEY_FILE, KEY_FILE)
            _named(spare, target)
        settle_names(target.parent)
    except FileExistsError:
        raise BadInput(f"{target} exists already; give another name, or remove it.") from None
    except FileNotFoundError as error:
        raise BadInput(f"{error.filename} is not there.") from None
    except (OSError, sqlite3.Error, tarfile.TarError) as error:
        raise Unavailable(f"The backup could not be written to {target}: {error}.") from None
    return replace(found, size=target.stat().st_size)


def restore(source: Path, data_dir: Path) -> Contents:
    """Bring a backup back into `data_dir`, which must hold no store yet.

    Nothing is put in place before all of it is unpacked and the store has proved to be whole. At its next start the
    service closes the runs that were open, and catches up by itself. BadInput when `source` is no backup, or there is
    a store already; Unavailable when a service works in `data_dir`.
    """
    if (data_dir / FILE_NAME).exists():
        raise BadInput(f"There is a store in {data_dir} already; give another --data-dir, or move it away first.")
    try:
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _alone(data_dir), tempfile.TemporaryDirectory(prefix=".restore-", dir=data_dir) as room:
            _unpack(source, Path(room))
            found = _contents(Path(room) / FILE_NAME, with_key=(Path(room) / KEY_FILE).exists())
            _put_in_place(Path(room), data_dir)
    except tarfile.TarError as error:
        raise BadInput(f"{source} is no backup of Slackwater: {error}.") from None
    except sqlite3.Error as error:
        raise BadInput(f"The store in {source} is damaged: {error}. Take another backup.") from None
    except OSError as error:
        raise Unavailable(f"{source} could not be restored to {data_dir}: {error}.") from None
    return replace(found, size=source.stat().st_size)


def _named(spare: Path, target: Path) -> None:
    """Give a whole file its name, never in the place of another.

    FileExistsError when there is one by now.
    """
    try:
        os.link(spare, target)
    except FileExistsError:
        raise
    except OSError:  # a file system without links
        if os.path.lexists(target):
            raise FileExistsError(target) from None
        os.rename(spare, target)


def _copy_store(store: Path, copy: Path) -> None:
    os.close(os.open(copy, os.O_CREAT | os.O_WRONLY, 0o600))
    with (
        contextlib.closing(sqlite3.connect(f"file:{store}?mode=ro", uri=True, timeout=60)) as origin,
        contextlib.closing(sqlite3.connect(copy)) as taken,
    ):
        # All in one step when it is small; a writer in between makes SQLite begin anew, so steps are large.
        origin.execute("BEGIN")  # one snapshot, however long the copying takes
        origin.execute("SELECT count(*) FROM wrappers").fetchone()
        origin.backup(taken, pages=PAGES)
        taken.execute("PRAGMA journal_mode = DELETE")


def _contents(store: Path, *, with_key: bool) -> Contents:
    with contextlib.closing(sqlite3.connect(f"file:{store}?mode=ro", uri=True)) as c:
        verdict = c.execute("PRAGMA quick_check(1)").fetchone()[0]
        if verdict != "ok":
            raise sqlite3.DatabaseError(verdict)
        wrappers, points = c.execute("SELECT (SELECT count(*) FROM wrappers), (SELECT count(*) FROM points)").fetchone()
        here, elsewhere = (_uploads(c, at_url=at_url) for at_url in (False, True))
    return Contents(wrappers, points, len(here), with_key, store.stat().st_size, len(elsewhere))


def _known_uploads(store: Path) -> list[str]:
    with contextlib.closing(sqlite3.connect(f"file:{store}?mode=ro", uri=True)) as c:
        return _uploads(c, at_url=False)


def _uploads(c: sqlite3.Connection, *, at_url: bool) -> list[str]:
    """Return the names of the uploads at a URL, or of the others."""
    kept = "SELECT file_id, kind FROM files WHERE coalesce(json_extract(report, '$.at_url'), 0) = ?"
    return [f"{file_id}.{kind}" for file_id, kind in c.execute(kept, (int(at_url),))]


def _unpack(source: Path, room: Path) -> None:
    with tarfile.open(source, mode="r:") as archive:
        for member in archive:
            path = Path(member.name)
            expected = member.name in (FILE_NAME, KEY_FILE) or (path.parent == Path(UPLOADS) and len(path.parts) == 2)
            if not (expected and member.isreg()):
                raise tarfile.ReadError(f"it holds {member.name!r:.100}")
            content = archive.extractfile(member)
            if content is None:
                raise tarfile.ReadError(f"{member.name!r:.100} has no content")
            (room / path).parent.mkdir(mode=0o700, exist_ok=True)
            # Written by hand: `extract(filter=…)` is not there in every Python 3.11.
            with content, _private(room / path) as file:
                shutil.copyfileobj(content, file)
            settle(room / path)
    if not (room / FILE_NAME).is_file():
        raise tarfile.ReadError("it holds no store")


def _put_in_place(room: Path, data_dir: Path) -> None:
    """Move what was unpacked to where it belongs.

    The store last, so that what is cut off can be done again.
    """
    (data_dir / UPLOADS).mkdir(mode=0o700, exist_ok=True)
    if (room / UPLOADS).is_dir():
        for each in (room / UPLOADS).iterdir():
            os.replace(each, data_dir / UPLOADS / each.name)
        settle_names(data_dir / UPLOADS)
    if (room / KEY_FILE).exists():
        os.replace(room / KEY_FILE, data_dir / KEY_FILE)
    for stale in (f"{FILE_NAME}-wal", f"{FILE_NAME}-shm"):  # of a store that is gone: they would be played into ours
        (data_dir / stale).unlink(missing_ok=True)
    settle_names(data_dir)
    os.replace(room / FILE_NAME, data_dir / FILE_NAME)
    settle_names(data_dir)


@contextlib.contextmanager
def _private(path: Path) -> Iterator[BinaryIO]:
    # A name that is there already, a link of somebody else's say, is not written through.
    descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        yield file
        file.flush()
        os.fsync(file.fileno())


@contextlib.contextmanager
def _alone(data_dir: Path) -> Iterator[None]:
    """Hold the directory as a service would."""
    lock = os.open(data_dir / LOCK, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise Unavailable(f"A Slackwater works in {data_dir}; stop it first, or give another --data-dir.") from None
    finally:
        os.close(lock)
