"""Uploads in an object store that speaks S3, as in a shared directory: whole or not there, swept, and told when away.

Neither the library s3fs nor a server is among what tests need (both together are some fifty packages). Where they are,
`SLACKWATER_TEST_S3=s3://bucket/prefix` names an empty place, with the variables of the library beside it; with moto:

    moto_server -p 5055 & export AWS_ENDPOINT_URL=http://127.0.0.1:5055 AWS_ACCESS_KEY_ID=x AWS_SECRET_ACCESS_KEY=y
"""

import importlib.util
import os
import uuid
from dataclasses import replace
from pathlib import Path

import pytest

from slackwater.errors import BadInput, BadSource, Unavailable
from slackwater.store.records import files
from slackwater.store.uploads.at_url import OVERDUE, FilesPlace, Swept

CONTENT = b"time,level\n" + b"2020-01-01,1.5\n" * 1_000
WHERE = os.environ.get("SLACKWATER_TEST_S3")

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(
        WHERE is None or importlib.util.find_spec("s3fs") is None,
        reason="NO OBJECT STORE, so none is tested against: pip install s3fs, and set SLACKWATER_TEST_S3",
    ),
]


def place_at(url: str) -> FilesPlace:
    return FilesPlace(url, url, [])


def record_of() -> files.FileRecord:
    return files.FileRecord(
        file_id=str(uuid.uuid4()), filename="level.csv", kind="csv", size=len(CONTENT), uploaded_at=1
    )


async def never_known(_: str) -> bool:
    return False


@pytest.fixture
def url() -> str:
    import s3fs

    assert WHERE is not None
    bucket = WHERE.removeprefix("s3://").partition("/")[0]
    system = s3fs.S3FileSystem(skip_instance_cache=True)
    if not system.exists(bucket):
        system.mkdir(bucket)
    return f"{WHERE}/{uuid.uuid4()}"


@pytest.fixture
def place(url: str) -> FilesPlace:
    return place_at(url)


@pytest.fixture
def taken(tmp_path: Path) -> Path:
    found = tmp_path / "taken"
    found.write_bytes(CONTENT)
    return found


def names(place: FilesPlace) -> set[str]:
    with place._system("listed") as (system, root):
        return {each.rpartition("/")[2] for each in system.ls(root, detail=False)} if system.exists(root) else set()


async def test_what_one_node_keeps_another_brings_and_removes(url: str, taken: Path, tmp_path: Path) -> None:
    one, other = place_at(url), place_at(url)
    assert await one.trouble() is None
    record = await one.keep(record_of(), taken)
    await one.settled(record)
    assert names(one) == {f"{record.file_id}.csv"}, "nothing else is left there"
    await other.bring(record, tmp_path / "here")
    assert (tmp_path / "here").read_bytes() == CONTENT
    await other.forget(record)
    await other.forget(record)
    assert names(one) == set()


async def test_what_a_crash_has_cut_off_is_swept_and_nothing_else(place: FilesPlace, taken: Path) -> None:
    assert await place.sweep(OVERDUE + 1, never_known) == Swept(), "there is nothing yet, and so no such prefix"
    cut, young = (replace(record_of(), uploaded_at=began) for began in (0, 2))
    for each in (cut, young):
        await place.keep(each, taken)
    assert await place.sweep(OVERDUE + 1, never_known) == Swept([f"{cut.file_id}.csv"])
    assert names(place) == {f"{young.file_id}.csv", f".begun---{young.file_id}.csv"}


async def test_what_is_not_the_upload_is_refused(place: FilesPlace, taken: Path, tmp_path: Path) -> None:
    record = await place.keep(record_of(), taken)
    with place._system("written") as (system, root):
        system.pipe_file(f"{root}/{record.file_id}.csv", CONTENT[::-1])
    with pytest.raises(BadInput, match="another SHA-256"):
        await place.bring(record, tmp_path / "here")
    await place.forget(record)
    with pytest.raises(BadSource, match="is gone from s3://"):
        await place.bring(record, tmp_path / "here")
    assert not (tmp_path / "here").exists()
    assert files.digest_of(taken) == record.digest


async def test_a_bucket_that_is_not_there_and_a_server_that_is_away_are_told(
    taken: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = await place_at(f"s3://no-such-bucket-{uuid.uuid4().hex}/x").trouble()
    assert told is not None
    assert "cannot be written: The specified bucket does not exist" in told
    with pytest.raises(Unavailable, match="bucket does not exist"):
        await place_at(f"s3://no-such-bucket-{uuid.uuid4().hex}/x").sweep(OVERDUE + 1, never_known)
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    with pytest.raises(Unavailable, match=r"cannot be (written|used)"):
        await place_at("s3://bucket/x").keep(record_of(), taken)
