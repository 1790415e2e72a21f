"""Uploads at a URL: whole or not there, what was uploaded or refused, and each trouble told in one sentence."""

import asyncio
import os
import tarfile
import uuid
from dataclasses import replace
from pathlib import Path

import pytest
from structlog.testing import capture_logs

import databases
from slackwater.errors import BadInput, BadSource, SlackwaterError, Unavailable
from slackwater.files_url import secrets_in, without_user
from slackwater.store.engine import backup
from slackwater.store.engine.database import Connection, Database, Server
from slackwater.store.move.ends import Location
from slackwater.store.move.mover import move
from slackwater.store.records import files
from slackwater.store.uploads import sweep
from slackwater.store.uploads.at_url import OVERDUE, FilesPlace, Swept

CONTENT = b"time,level\n" + b"2020-01-01,1.5\n" * 1_000
SECRET = "a key of its own for the secrets of this test"


def place_at(url: str) -> FilesPlace:
    return FilesPlace(url, without_user(url), secrets_in(url))


def record_of(content: bytes = CONTENT) -> files.FileRecord:
    return files.FileRecord(
        file_id=str(uuid.uuid4()), filename="level.csv", kind="csv", size=len(content), uploaded_at=1
    )


@pytest.fixture
def shared(tmp_path: Path) -> Path:
    found = tmp_path / "shared"
    found.mkdir()
    return found


@pytest.fixture
def taken(tmp_path: Path) -> Path:
    found = tmp_path / "taken"
    found.write_bytes(CONTENT)
    return found


async def test_what_one_node_keeps_another_brings_and_removes(shared: Path, taken: Path, tmp_path: Path) -> None:
    one, other = place_at(f"file://{shared}"), place_at(f"file://{shared}/")
    record = await one.keep(record_of(), taken)
    assert (record.at_url, record.digest) == (True, files.digest_of(taken))
    await one.settled(record)
    assert [each.name for each in shared.iterdir()] == [f"{record.file_id}.csv"], "nothing else is left there"
    await other.bring(record, tmp_path / "here")
    assert (tmp_path / "here").read_bytes() == CONTENT
    assert await other.trouble() is None
    await other.forget(record)
    await other.forget(record)
    assert list(shared.iterdir()) == []


async def test_what_a_crash_has_cut_off_is_swept_and_nothing_else(shared: Path, taken: Path) -> None:
    place, other = place_at(f"file://{shared}"), place_at(f"file://{shared}")
    place.owner, other.owner = "ours", "theirs"
    cut, known, young, theirs = (replace(record_of(), uploaded_at=began) for began in (0, 0, 2, 0))
    for each in (cut, known, young):
        await place.keep(each, taken)
    await other.keep(theirs, taken)
    half = record_of()  # cut off before its mark was whole, and on its way under another name
    (shared / f".begun-ours-{half.file_id}.csv").touch()
    (shared / f".{half.file_id}.csv.{uuid.uuid4()}").write_bytes(CONTENT[:5])
    (shared / "a file of others").touch()

    async def is_known(file_id: str) -> bool:
        return file_id == known.file_id

    def left() -> set[str]:
        return {each.name for each in shared.iterdir()}

    before = left()
    assert await place.sweep(OVERDUE + 1, is_known) == Swept([f"{cut.file_id}.csv"])
    gone = {f"{cut.file_id}.csv", *(f".begun-ours-{each.file_id}.csv" for each in (cut, known))}
    assert left() == before - gone
    swept = await place.sweep(2 * OVERDUE + 2, is_known)
    assert sorted(swept.removed) == sorted(f"{each.file_id}.csv" for each in (young, half))
    marked = f".begun-theirs-{theirs.file_id}.csv"
    assert left() == {f"{known.file_id}.csv", f"{theirs.file_id}.csv", marked, "a file of others"}


async def test_a_file_that_cannot_be_removed_keeps_no_other_and_is_told_once(
    shared: Path, taken: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = Database.open(tmp_path / "data", SECRET)
    place = place_at(f"file://{shared}")
    await sweep.know_owner(place, database)
    unreadable, stuck, *cut = (replace(record_of(), uploaded_at=0) for _ in range(5))
    for each in (unreadable, stuck, *cut):
        await place.keep(each, taken)
    for hindered in (shared / f"{stuck.file_id}.csv", shared / f".begun-{place.owner}-{unreadable.file_id}.csv"):
        hindered.unlink()
        (hindered / "in the way").mkdir(parents=True)
    monkeypatch.setattr(sweep, "EVERY", 0.01)
    with capture_logs() as told:
        sweeping = asyncio.create_task(sweep.keep_sweeping(place, database, lambda: OVERDUE + 1, lambda: True))
        async with asyncio.timeout(20):
            while any((shared / f"{each.file_id}.csv").exists() for each in cut):
                await asyncio.sleep(0.01)
            await asyncio.sleep(0.2)  # some more sweeps
        sweeping.cancel()
        await asyncio.gather(sweeping, return_exceptions=True)
    database.close()
    warned = [each["file"] for each in told if each["event"] == sweep.NOT_REMOVED]
    assert sorted(warned) == sorted(f"{each.file_id}.csv" for each in (stuck, unreadable))
    shared.rename(shared.with_name("elsewhere"))
    with pytest.raises(Unavailable, match="cannot be listed"):
        await place.sweep(OVERDUE + 1, never_known)


async def test_a_place_that_goes_away_in_a_sweep_is_no_trouble_of_each_file(shared: Path, taken: Path) -> None:
    place = place_at(f"file://{shared}")
    for _ in range(2):
        await place.keep(replace(record_of(), uploaded_at=0), taken)

    async def gone_meanwhile(_: str) -> bool:
        shared.rename(shared.with_name("away"))
        shared.write_text("in the way")
        return False

    with pytest.raises(Unavailable):
        await place.sweep(OVERDUE + 1, gone_meanwhile)


async def never_known(_: str) -> bool:
    return False


@pytest.mark.parametrize(
    ("damage", "kind", "told"),
    [
        (lambda there: there.write_bytes(CONTENT[::-1]), BadInput, "not those that were uploaded (another SHA-256)"),
        (lambda there: there.write_bytes(b"x"), BadInput, "(1 bytes instead of 15,011)"),
        (Path.unlink, BadSource, "The uploaded file level.csv is gone from file://{shared}. Upload it again"),
        (lambda there: there.parent.rename(there.parent.with_name("away")), Unavailable, "cannot be written: No such"),
    ],
)
def test_what_is_not_the_upload_is_refused(shared: Path, taken: Path, tmp_path: Path, damage, kind, told) -> None:
    place, record = place_at(f"file://{shared}"), record_of()
    record = replace(record, digest=place.put(record, taken), at_url=True)
    damage(shared / f"{record.file_id}.csv")
    here = tmp_path / "node"
    here.mkdir()
    with pytest.raises(kind) as refused:
        place.get(record, here / "level.csv")
    assert told.replace("{shared}", str(shared)) in str(refused.value)
    assert list(here.iterdir()) == [], "nothing that could be taken for the upload"


async def test_a_place_that_cannot_be_used_is_told_and_leaves_nothing(shared: Path, taken: Path) -> None:
    no_rights = place_at("file:///sys")  # nobody may write there, not even root
    told = await no_rights.trouble()
    assert told == "The place of uploaded files, file:///sys (SLACKWATER_FILES_URL), cannot be written: " + (
        f"{os.strerror(13)}."
    )
    assert await no_rights.trouble() == told
    with pytest.raises(Unavailable, match="cannot be written"):
        await no_rights.keep(record_of(), taken)
    cut_off = record_of(CONTENT + b"more than has arrived")
    with pytest.raises(Unavailable, match="bytes arrived instead of"):
        await place_at(f"file://{shared}").keep(cut_off, taken)
    # What cannot be moved to its name is not left under another.
    record = record_of()
    (shared / f"{record.file_id}.csv" / "in the way").mkdir(parents=True)
    with pytest.raises(SlackwaterError):
        await place_at(f"file://{shared}").keep(record, taken)
    hidden = {each.name for each in shared.iterdir() if each.name.startswith(".")}
    assert hidden == {f".begun---{each.file_id}.csv" for each in (cut_off, record)}, "the marks alone"


async def test_nothing_secret_of_an_address_is_told() -> None:
    place = place_at("ftp://someone:hush-hush@127.0.0.1:1/directory")
    told = await place.trouble()
    assert told is not None
    assert told.startswith("The place of uploaded files, ftp://127.0.0.1:1/directory (SLACKWATER_FILES_URL), cannot be")
    assert "hush" not in told
    assert "someone" not in told
    with pytest.raises(Unavailable, match=r"fsspec knows no nowhere://"):
        place_at("nowhere://bucket/x")


def stored(data_dir: Path, *records: files.FileRecord) -> None:
    database = Database.open(data_dir, SECRET)

    def work(c: Connection) -> None:
        for each in records:
            files.add(c, each, data_dir)

    database.write(work).result()
    database.close()


def test_a_backup_says_what_is_kept_elsewhere(tmp_path: Path) -> None:
    here, there = record_of(), replace(record_of(), at_url=True, digest="d")
    stored(tmp_path / "data", here, there)
    (tmp_path / "data" / "files").mkdir()
    for each in (here, there):  # a copy of what is at the URL is there, too, where it was read
        files.path(tmp_path / "data" / "files", each).write_bytes(CONTENT)
    found = backup.save(tmp_path / "data", tmp_path / "b.tar")
    assert (found.uploads, found.elsewhere) == (1, 1)
    with tarfile.open(tmp_path / "b.tar") as archive:
        assert [name for name in archive.getnames() if name.startswith("files/")] == [f"files/{here.file_id}.csv"]
    assert backup.restore(tmp_path / "b.tar", tmp_path / "back").elsewhere == 1


class Watcher:
    """Keeps what a move says."""

    def __init__(self) -> None:
        self.remarks: list[str] = []

    def begin(self, step: str, total: int) -> None:
        pass

    def advance(self, rows: int) -> None:
        pass

    def remark(self, sentence: str) -> None:
        self.remarks.append(sentence)


def test_a_move_leaves_uploads_at_their_url(tmp_path: Path) -> None:
    record = replace(record_of(), at_url=True, digest="d")
    stored(tmp_path / "data", record)
    watcher, to = Watcher(), Server(url=databases.create(), connections=databases.CONNECTIONS)
    source, target = Location("here", tmp_path / "data"), Location("there", tmp_path / "data", to)
    move(source, target, SECRET, release=lambda _: None, watcher=watcher, verify_only=False)
    (remark,) = watcher.remarks
    assert remark == "1 uploads are kept at the URL of SLACKWATER_FILES_URL and stay there; keep the setting."
    database = Database.open(tmp_path / "data", SECRET, server=to)
    assert database.read(files.everyone).result() == [record]
    database.close()
