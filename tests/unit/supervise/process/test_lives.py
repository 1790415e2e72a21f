"""An earlier life is over when each of its fork servers has said so; nothing else proves it."""

import os
import shutil
import time
from pathlib import Path

import pytest

from slackwater.errors import Unavailable
from slackwater.supervise.process.lives import FOLDER, KEPT, Lives, say_ended


def lived(data_dir: Path, *servers: bool) -> None:
    """Let a life be that had these fork servers; true: one that came to its end."""
    life = Lives(data_dir)
    life.joined("the first id")
    life.joined("the id")
    for ended in servers:
        with life.fork_server() as word:
            if ended:
                say_ended(word)


def written_long_ago(data_dir: Path) -> list[Path]:
    """Set back when each life was last written to."""
    found = list((data_dir / FOLDER).iterdir())
    for each in found:
        os.utime(each, times=(time.time() - KEPT - 1,) * 2)
    return found


@pytest.mark.parametrize(
    ("servers", "proven"),
    [((), False), ((True,), True), ((False,), False), ((False, True), False), ((True, True), True)],
    ids=["none", "ended", "killed", "killed and replaced", "both ended"],
)
def test_a_life_is_over_when_all_its_fork_servers_have_said_so(
    tmp_path: Path, servers: tuple[bool, ...], proven: bool
) -> None:
    lived(tmp_path, *servers)
    now = Lives(tmp_path)
    assert list(now.over()) == (["the id"] if proven else [])
    assert now.unproven is not proven
    now.forget(now.over())
    assert now.over() == {}
    assert len(list((tmp_path / FOLDER).iterdir())) == (1 if proven else 2), "our own is there"


def test_a_life_that_never_joined_or_has_left_is_none(tmp_path: Path) -> None:
    Lives(tmp_path)
    left = Lives(tmp_path)
    left.joined("another")
    left.close()
    assert Lives(tmp_path).over() == {}


def test_a_life_without_proof_is_not_kept_for_ever(tmp_path: Path) -> None:
    lived(tmp_path, False)
    [old] = written_long_ago(tmp_path)
    assert Lives(tmp_path).unproven, "the last one may be ending just now"
    Lives(tmp_path)
    assert not old.exists()


def test_a_life_that_lasted_long_is_over_when_it_has_ended(tmp_path: Path) -> None:
    lived(tmp_path, True)
    written_long_ago(tmp_path)
    assert list(Lives(tmp_path).over()) == ["the id"]


def test_a_copy_that_was_made_before_a_fork_server_began_proves_nothing(tmp_path: Path) -> None:
    ours, copied = tmp_path / "ours", tmp_path / "copied"
    ours.mkdir()
    life = Lives(ours)
    life.joined("the id")
    shutil.copytree(ours, copied)
    with life.fork_server():
        assert not Lives(copied).over()


def test_a_file_that_was_damaged_proves_nothing(tmp_path: Path) -> None:
    lived(tmp_path, False)
    [life] = (tmp_path / FOLDER).iterdir()
    life.write_bytes(b"node \xff\xfe\nbegan\nen")
    assert not Lives(tmp_path).over()


def test_what_cannot_be_written_down_proves_nothing(tmp_path: Path) -> None:
    lived(tmp_path, True)
    life = Lives(tmp_path)
    life.joined("later")
    [own] = [each for each in (tmp_path / FOLDER).iterdir() if b"later" in each.read_bytes()]
    own.unlink()
    own.symlink_to("/dev/full")
    with life.fork_server() as word:
        assert word is None
    assert not own.is_symlink()
    assert list(Lives(tmp_path).over()) == ["the id"]
    with pytest.raises(Unavailable, match="cannot be used: Not a directory"):
        Lives(Path("/dev/null"))
