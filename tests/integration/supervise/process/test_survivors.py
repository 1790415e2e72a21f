"""Locks that the processes of a service inherit, held and freed by real processes."""

import errno
import fcntl
import os
import subprocess
import sys
from pathlib import Path

import pytest

from service import eventually
from slackwater.errors import Unavailable
from slackwater.supervise.process.survivors import FOLDER, Survivors

# Two processes, until the end of their standard input.
CHILD = "import os, sys; os.fork(); print(flush=True); sys.stdin.read()"


def test_a_lock_is_held_until_the_last_process_that_inherited_it_has_ended(tmp_path: Path) -> None:
    first = Survivors(tmp_path)
    assert not first.left()
    assert first.descriptor is not None
    words, pipe = [sys.executable, "-c", CHILD], subprocess.PIPE
    with subprocess.Popen(words, stdin=pipe, stdout=pipe, pass_fds=[first.descriptor]) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        for _ in range(2):
            child.stdout.readline()
        first.close()
        second = Survivors(tmp_path)
        assert second.left()
        child.kill()
        child.wait()
        assert second.left(), "its child was forgotten"
        child.stdin.close()
        eventually(lambda: not second.left())
    assert len(list((tmp_path / FOLDER).iterdir())) == 1, "our own alone"
    second.close()


def test_modules_that_inherit_it_cannot_write_to_it(tmp_path: Path) -> None:
    survivors = Survivors(tmp_path)
    assert survivors.descriptor is not None
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.write(survivors.descriptor, b"x")
    survivors.close()


def test_where_there_are_no_such_locks_a_service_starts_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copied = tmp_path / FOLDER / "of a data directory that was copied here"
    copied.parent.mkdir()
    copied.touch()

    def refuse(*_: object) -> None:
        raise OSError(errno.EBADF, os.strerror(errno.EBADF))

    monkeypatch.setattr(fcntl, "flock", refuse)
    survivors = Survivors(tmp_path)
    assert survivors.descriptor is None
    assert survivors.no_locks == "Bad file descriptor"
    assert not survivors.left()
    assert list((tmp_path / FOLDER).iterdir()) == []
    survivors.close()


def test_a_folder_that_cannot_be_used_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / FOLDER).touch()
    with pytest.raises(Unavailable, match=f"{FOLDER} cannot be used: File exists"):
        Survivors(tmp_path)
