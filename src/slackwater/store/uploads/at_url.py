"""Keeps uploads at a URL, through fsspec: a shared directory, an object store.

What is known of an upload stands in the store, as ever. Its bytes are at the URL, whole, before that is stored.
"""

import asyncio
import contextlib
import re
import time
import uuid
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from slackwater.errors import BadSource, SlackwaterError, Unavailable
from slackwater.model.instants import HOUR
from slackwater.store.engine.fsync import settle, settle_names
from slackwater.store.records import files
from slackwater.store.records.files import FileRecord

T = TypeVar("T")

SETTING = "SLACKWATER_FILES_URL"
NO_FSSPEC = f"{SETTING} needs the library fsspec; run: pip install 'slackwater[files]'."
# Object stores show an object only when it is whole; elsewhere a file is written under another name, and moved.
WHOLE = frozenset({"s3", "s3a", "gs", "gcs", "abfs", "abfss", "az", "adl", "oss", "oci", "tos", "obs"})
DIRECTORY = frozenset({"file", "local"})
AT_ONCE = 4  # files on their way; chosen: as many as are inspected at once
SECONDS = 120.0  # for one file; chosen: 50 MiB at half a megabyte a second
LOOK_SECONDS = 5.0  # for a look whether the place can be used; chosen: what asks for readiness waits no longer
LOOK_AGAIN = 30.0  # seconds between two looks; chosen: readiness is asked for every few seconds
OVERDUE = HOUR  # after which an upload that has begun and is not known is none; chosen: nobody uploads for so long
COMMIT_WITHIN = HOUR // 2  # from its beginning until an upload is known, or refused; chosen: far from being overdue
REASON = 200  # characters of what a library says; chosen: one sentence


_NAME = re.compile(r"([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.(?:csv|xlsx|xls)")


@dataclass
class Swept:
    """What a sweep has done, by the names of files."""

    removed: list[str] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)  # and why


def not_set(record: FileRecord) -> Unavailable:
    """Return the error of an upload at a URL that no setting names."""
    return Unavailable(
        f"The uploaded file {record.filename} is kept at a URL, and {SETTING} is not set here; set it as it was when "
        "the file was uploaded."
    )


class FilesPlace:
    """The place that the setting names.

    Unavailable, at once, when there is no library for addresses of its kind.
    """

    def __init__(self, url: str, name: str, secrets: list[str]) -> None:
        try:
            from fsspec import get_filesystem_class
        except ImportError:
            raise Unavailable(NO_FSSPEC) from None
        self.name = name  # the address as it may be shown
        self.owner = "-"  # tells the marks of our store from those of others at the same place
        self._url = url
        self._secrets = sorted(secrets, key=len, reverse=True)
        self._scheme = url.partition("://")[0]
        try:
            get_filesystem_class(self._scheme)
        except ImportError as error:
            needed = f"{SETTING} is {name}, and the library for {self._scheme}:// is not here: {self._reason(error)}"
            raise Unavailable(needed) from None
        except ValueError:
            raise Unavailable(f"{SETTING} is {name}, and fsspec knows no {self._scheme}://.") from None
        self._opened: tuple[Any, str] | None = None
        self._pool = ThreadPoolExecutor(AT_ONCE, "uploads")
        self._looker = ThreadPoolExecutor(1, "uploads-look")  # it waits behind no file
        self._looked = -LOOK_AGAIN
        self._trouble: str | None = None
        self._look: asyncio.Future[None] | None = None

    async def keep(self, record: FileRecord, content: Path) -> FileRecord:
        """Take the bytes of an upload, and return what is known of it now.

        Whoever has stored that calls `settled`. Unavailable when they cannot be kept.
        """
        digest = await self._aside("take", partial(self.put, record, content))
        return replace(record, digest=digest, at_url=True)

    async def bring(self, record: FileRecord, here: Path) -> None:
        """Bring the bytes of an upload to `here`.

        Unavailable when the place cannot be read, BadSource when they are gone, BadInput when they are others.
        """
        await self._aside("give", partial(self.get, record, here))

    async def forget(self, record: FileRecord) -> None:
        """Remove the bytes of an upload; it is no error when they are gone."""
        await self._aside("remove", partial(self.remove, record))

    async def settled(self, record: FileRecord) -> None:
        """Remove the mark of an upload: it is known, or its bytes are gone."""
        await self._aside("remove", partial(self.unmark, _name(record)))

    async def sweep(self, now: int, is_known: Callable[[str], Awaitable[bool]]) -> Swept:
        """Remove what uploads have left that were cut off.

        `now` in µs since the epoch, by the clock that uploads are dated with. `is_known` says of an id whether the
        store knows that file. One file that fails keeps no other; Unavailable when the place itself cannot be used.
        """
        swept = Swept()
        for name, file_id in await self._aside("list", self.marked):
            try:
                if not await self._aside("read", partial(self.overdue, name, now)):
                    continue
            except Unavailable as error:
                await self._fails(swept, name, error)
                continue
            known = await is_known(file_id)
            try:
                if not known:
                    await self._aside("remove", partial(self.clear, name))
                await self._aside("remove", partial(self.unmark, name))
            except Unavailable as error:
                await self._fails(swept, name, error)
            else:
                swept.removed += [] if known else [name]
        return swept

    async def _fails(self, swept: Swept, name: str, error: Unavailable) -> None:
        """Note a file that fails, alone.

        Unavailable when the place is away: there all of them fail.
        """
        await self._aside("take", self.check)
        swept.failed[name] = str(error)

    async def trouble(self) -> str | None:
        """Return one sentence on why the place cannot be used, None if it can.

        What was seen is kept for half a minute.
        """
        if self._look is None and time.monotonic() - self._looked >= LOOK_AGAIN:
            loop = asyncio.get_running_loop()
            self._look = asyncio.ensure_future(loop.run_in_executor(self._looker, self.check))
            self._look.add_done_callback(self._seen)
        if self._look is not None:
            try:
                await asyncio.wait_for(asyncio.shield(self._look), LOOK_SECONDS)
            except TimeoutError:
                return self._told("used", f"no answer within {LOOK_SECONDS:.0f} seconds")
            except Unavailable as error:
                return str(error)
        return self._trouble

    def check(self) -> None:
        """Write something, read it, and remove it; Unavailable when that is not possible."""
        said = b"Slackwater looks whether files can be kept here."
        with self._system("written") as (system, root):
            name = f"{root}/.slackwater-{uuid.uuid4()}"
            system.pipe_file(name, said)
        with self._system("read") as (system, _):
            read = system.cat_file(name)
        with self._system("used: a file cannot be removed") as (system, _):
            system.rm_file(name)
        if read != said:
            raise Unavailable(self._told("used", "what was written is not what is read"))

    def put(self, record: FileRecord, content: Path) -> str:
        """Write the bytes of an upload, whole or not at all; return their SHA-256."""
        digest = files.digest_of(content)
        with self._system("written") as (system, root):
            system.pipe_file(f"{root}/{self._mark(_name(record))}", b"%d" % record.uploaded_at)
            target = f"{root}/{_name(record)}"
            if self._scheme in WHOLE:
                system.put_file(str(content), target)
            else:
                self._move_in(system, content, f"{root}/.{_name(record)}.{uuid.uuid4()}", target)
            size = system.size(target)
        if size != record.size:
            raise Unavailable(self._told("written", f"{size:,} bytes arrived instead of {record.size:,}"))
        return digest

    def get(self, record: FileRecord, here: Path) -> None:
        """Read the bytes of an upload to `here`, whole or not at all."""
        new = here.with_name(f"{here.name}.{uuid.uuid4()}")
        try:
            with self._system("read") as (system, root):
                try:
                    system.get_file(f"{root}/{_name(record)}", str(new))
                except FileNotFoundError:
                    self.check()  # a place that is away has none of its files
                    raise BadSource(
                        f"The uploaded file {record.filename} is gone from {self.name}. Upload it again and set "
                        "file_id in source_config."
                    ) from None
            files.check_bytes(new, record, f"at {self.name}")
            new.replace(here)
        finally:
            new.unlink(missing_ok=True)

    def remove(self, record: FileRecord) -> None:
        """Remove the bytes of an upload, if they are there."""
        with self._system("used: a file cannot be removed") as (system, root):
            try:
                system.rm_file(f"{root}/{_name(record)}")
            except FileNotFoundError:
                self.check()

    def marked(self) -> list[tuple[str, str]]:
        """Return name and id of our uploads that are marked."""
        with self._system("listed") as (system, root):
            marks = [each for each in self._names(system, root) if each.startswith(self._mark(""))]
        found = (_NAME.fullmatch(each.removeprefix(self._mark(""))) for each in marks)
        return [(each[0], each[1]) for each in found if each]

    def overdue(self, name: str, now: int) -> bool:
        """Return whether an upload that is marked has begun long ago.

        `now` in µs since the epoch.
        """
        mark = self._mark(name)
        with self._system("read") as (system, root), contextlib.suppress(FileNotFoundError):  # settled just now
            began = system.cat_file(f"{root}/{mark}")
            if began.isdigit():
                return now - int(began) > OVERDUE
            system.pipe_file(f"{root}/{mark}", b"%d" % now)  # cut off while it was written: its time begins now
        return False

    def clear(self, name: str) -> None:
        """Remove the bytes under a name, and what was on its way to it."""
        with self._system("used: a file cannot be removed") as (system, root):
            for each in self._names(system, root):
                if each == name or each.startswith(f".{name}."):
                    with contextlib.suppress(FileNotFoundError):
                        system.rm_file(f"{root}/{each}")

    def unmark(self, name: str) -> None:
        """Remove the mark of an upload, if it is there."""
        with self._system("used: a file cannot be removed") as (system, root), contextlib.suppress(FileNotFoundError):
            system.rm_file(f"{root}/{self._mark(name)}")

    def _names(self, system: Any, root: str) -> list[str]:
        try:
            return list(map(_last, system.ls(root, detail=False)))
        except FileNotFoundError:
            if self._scheme not in WHOLE:
                raise
            self.check()  # an object store has no directories: a prefix without objects is not there, nor is no bucket
            return []

    def _mark(self, name: str) -> str:
        return f".begun-{self.owner}-{name}"

    def _move_in(self, system: Any, content: Path, spare: str, target: str) -> None:
        try:
            system.put_file(str(content), spare)
            if self._scheme in DIRECTORY:
                settle(Path(spare))
            system.mv(spare, target)
            if self._scheme in DIRECTORY:
                settle_names(Path(target).parent)
        except BaseException:
            with contextlib.suppress(Exception):
                system.rm_file(spare)
            raise

    async def _aside(self, doing: str, work: Callable[[], T]) -> T:
        try:
            async with asyncio.timeout(SECONDS) as limit:
                return await asyncio.get_running_loop().run_in_executor(self._pool, work)
        except TimeoutError:
            if not limit.expired():
                raise
            raise Unavailable(self._told("used", f"it did not {doing} a file within {SECONDS:.0f} seconds")) from None

    def _seen(self, look: "asyncio.Future[None]") -> None:
        self._look, self._looked = None, time.monotonic()
        error = None if look.cancelled() else look.exception()
        self._trouble = None if error is None else str(error)

    @contextlib.contextmanager
    def _system(self, what: str) -> Iterator[tuple[Any, str]]:
        """Give fsspec's system and the path in it.

        What goes wrong is Unavailable: the place cannot be `what`.
        """
        from fsspec.core import url_to_fs

        try:
            if self._opened is None:
                system, root = url_to_fs(self._url, use_listings_cache=False, skip_instance_cache=True)
                self._opened = system, str(root).rstrip("/")
            yield self._opened
        except SlackwaterError:
            raise
        except Exception as error:  # noqa: BLE001 - each library of fsspec has errors of its own
            self._opened = None  # some hold a connection, which may be lost
            raise Unavailable(self._told(what, self._reason(error))) from None

    def _told(self, what: str, reason: str) -> str:
        return f"The place of uploaded files, {self.name} ({SETTING}), cannot be {what}: {reason.rstrip('.')}."

    def _reason(self, error: Exception) -> str:
        said: Any = getattr(error, "strerror", None) or next(iter(str(error).splitlines()), "") or type(error).__name__
        text = str(said)
        for secret in self._secrets:
            text = text.replace(secret, "***")
        return text[:REASON]


def _name(record: FileRecord) -> str:
    return f"{record.file_id}.{record.kind}"


def _last(path: str) -> str:
    return path.rstrip("/").rpartition("/")[2]
