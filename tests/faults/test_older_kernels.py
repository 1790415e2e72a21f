"""Confinement on kernels whose Landlock is older or not there: real system calls, the ABI of such a kernel."""

import json
import os
import pwd
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

SCRIPT = """
import ctypes, fcntl, json, mmap, os, signal, sys
abi, user, scratch, outside, other, filtered = json.loads(sys.argv[1])
from slackwater.runtime.confinement import confine, host_support, landlock, libc, seccomp
real = landlock.abi
def emulated():
    if abi == 0:
        raise OSError(38, "Function not implemented")
    return min(abi, real())
landlock.abi = emulated
if not filtered:
    def none(*_, **__):
        raise OSError(38, "Function not implemented")
    seccomp.program = none
import slackwater.pipe.frames
if user:
    os.setgroups([]); os.setresgid(user, user, user); os.setresuid(user, user, user)
os.chdir(scratch)
report = confine.confine(slackwater.pipe.frames.Limits())
tried = {}
def attempt(what, action):
    try:
        action()
    except OSError as error:
        tried[what] = "refused"
    else:
        tried[what] = "ESCAPED"
def own(command):
    def act():
        near, far = os.pipe()
        fcntl.fcntl(near, command, other if command == 8 else signal.SIGKILL)
    return act
def mapped():
    with open(outside, "r+b") as file, mmap.mmap(file.fileno(), 4) as memory:
        memory[0:4] = b"evil"
attempt("truncate", lambda: os.truncate(outside, 0))
attempt("open to truncate", lambda: os.close(os.open(outside, os.O_WRONLY | os.O_TRUNC)))
attempt("open to truncate, reading", lambda: os.close(os.open(outside, os.O_RDONLY | os.O_TRUNC)))
attempt("map", mapped)
attempt("rename", lambda: os.rename(outside, outside + ".gone"))
attempt("link", lambda: os.link(outside, outside + ".link"))
attempt("symlink", lambda: os.symlink("/etc/passwd", outside + ".symlink"))
attempt("mkdir", lambda: os.mkdir(outside + ".d"))
attempt("owner of signals", own(8))
attempt("kind of signal", own(10))
attempt("flock", lambda: fcntl.flock(os.open(sys.executable, os.O_RDONLY), fcntl.LOCK_EX))
libc_ = ctypes.CDLL(None, use_errno=True)
def inotify():
    if libc_.inotify_init1(0) < 0:
        raise OSError(ctypes.get_errno(), "inotify")
attempt("inotify", inotify)
def kill():
    os.kill(other, signal.SIGKILL)
if filtered:  # nothing else keeps an ordinary user from signalling its own processes
    attempt("kill", kill)
print(json.dumps([{name: str(measure) for name, measure in report.items()}, tried]))
"""
ROOT = os.geteuid() == 0
STRANGER = pwd.getpwnam("nobody").pw_uid


def confined(tmp_path: Path, abi: int, *, filtered: bool = True) -> tuple[dict[str, str], dict[str, str], str]:
    """Confine a process of an ordinary user, try to escape, and return report, attempts and what is in the file."""
    if ROOT:
        for path in (tmp_path, *tmp_path.parents[:3]):
            os.chmod(path, 0o777 if path == tmp_path else path.stat().st_mode | 0o011)
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    outside = tmp_path / "outside"
    outside.write_text("good")
    user = STRANGER if ROOT else 0
    if user:
        for path in (scratch, outside):
            os.chown(path, user, user)
    other = subprocess.Popen(["sleep", "60"], **({"user": user} if user else {}))
    try:
        told: list[Any] = [abi, user, str(scratch), str(outside), other.pid, filtered]
        done = subprocess.run(
            [sys.executable, "-c", SCRIPT, json.dumps(told)], capture_output=True, text=True, timeout=60, check=False
        )
        assert done.returncode == 0, done.stderr
        report, tried = json.loads(done.stdout)
        assert other.poll() is None, "the other process was killed"
    finally:
        other.kill()
        other.wait()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["outside", "scratch"]
    return report, tried, outside.read_text()


@pytest.mark.parametrize("abi", [1, 2, 3, 4, 5, 6, 99])
def test_an_older_landlock_lets_nothing_more_through(tmp_path: Path, abi: int) -> None:
    report, tried, content = confined(tmp_path, abi)
    assert set(tried.values()) == {"refused"}, tried
    assert content == "good"
    assert report["files"].startswith("in force: Landlock ABI")
    assert ("emptying files by name" in report["files"]) == (abi < 3)
    assert ("signals" in report["files"]) == (abi < 6)


def test_without_landlock_nothing_may_be_written(tmp_path: Path) -> None:
    report, tried, content = confined(tmp_path, 0)
    assert set(tried.values()) == {"refused"}, tried
    assert content == "good"
    assert report["files"].startswith("missing")
    assert report["files"].endswith("nothing may be written")


def test_an_old_landlock_without_a_filter_does_not_claim_to_keep_files(tmp_path: Path) -> None:
    report, tried, _ = confined(tmp_path, 2, filtered=False)
    assert report["files"].startswith("missing")
    assert "emptied" in report["files"]
    assert tried["truncate"] == "ESCAPED"  # the report tells the truth


def test_a_newer_landlock_without_a_filter_keeps_files(tmp_path: Path) -> None:
    report, tried, _ = confined(tmp_path, 3, filtered=False)
    assert report["files"].startswith("in force")
    assert tried["truncate"] == tried["map"] == tried["rename"] == "refused"
