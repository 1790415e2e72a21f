"""The disk of the data directory: slow, full, read-only."""

import contextlib
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psutil
from stand import RECOVERY, Place, Row, Stand, standing

from service import eventually

WHILE = 1.5  # seconds that the disk cannot be written to


def slow_disk(row: Row, place: Place, times: int) -> None:
    """Every commit takes 30 ms longer; the service is killed in between, and the store is watched."""
    with Stand(row, replace(place, slow=0.03)) as stand:
        stand.add("windows", count=700, delay=0.0)
        stand.add("file")
        for _ in range(times):
            time.sleep(1.2)
            if place.plant:
                _until_it_is_found(stand)
            stand.hit()
            stand.restart()
            stand.busy()
        if not (place.plant and row.broken):  # it is found
            stand.settle()


def _until_it_is_found(stand: Stand) -> None:
    """The watcher looks when it has time to: on a busy machine what it must find may take it several back-fills."""
    deadline = time.monotonic() + RECOVERY
    while not stand.row.broken and time.monotonic() < deadline:
        stand.busy()
        time.sleep(0.2)


def disk_full(row: Row, place: Place, times: int) -> None:
    """The disk of the data directory is full for a while, under load."""
    with _tmpfs() as disk:
        if disk is None:
            return _file_size_limit(row, place, times)
        with Stand(row, replace(place, home=disk)) as stand:
            stand.load(delay=0.01)
            for _ in range(times):
                stand.busy()
                time.sleep(0.3)
                ballast = disk / "ballast"
                with contextlib.suppress(OSError), ballast.open("wb", buffering=0) as file:
                    while True:
                        file.write(b"\0" * 65536)
                stand.hit()
                time.sleep(WHILE)
                ballast.unlink()
                stand.recovers(time.monotonic())
            stand.settle()
    return None


def _file_size_limit(row: Row, place: Place, times: int) -> None:
    """Without a disk of our own: no file of the service may grow any more."""
    with standing(row, place) as stand:
        stand.load()
        for _ in range(times):
            stand.busy()
            time.sleep(0.3)
            service = stand.process()
            before = service.rlimit(psutil.RLIMIT_FSIZE)
            assert before is not None
            service.rlimit(psutil.RLIMIT_FSIZE, (4096, before[1]))
            stand.hit()
            time.sleep(WHILE)
            service.rlimit(psutil.RLIMIT_FSIZE, before)
            stand.recovers(time.monotonic())
        stand.settle()


def read_only(row: Row, place: Place, times: int) -> None:
    """A service is started on a data directory that is read-only: it says what is wrong, and leaves all as it is."""
    with _tmpfs(size="64m") as disk:
        if disk is None:
            row.skipped = "no file system can be mounted here"
            return
        with Stand(row, replace(place, home=disk)) as stand:
            stand.load()
            for _ in range(times):
                stand.busy()
                time.sleep(0.3)
                stand.hit()
                stand.restart(between=lambda: _refused(stand, disk))
            stand.settle()


def _refused(stand: Stand, disk: Path) -> None:
    read_only = ["mount", "-o", "remount,ro", str(disk)]
    eventually(lambda: subprocess.run(read_only, capture_output=True, check=False).returncode == 0)  # we look, too
    try:
        stand.service.start()
        stand.found("it serves from a read-only directory")
        stand.service.kill()
    except AssertionError:
        stand.service.process = None
    subprocess.run(["mount", "-o", "remount,rw", str(disk)], check=True)


def becomes_read_only(row: Row, place: Place, times: int) -> None:
    """The data directory becomes read-only under a running service.

    By turns: its files may not be changed for a while, and it goes on by itself; or the disk fails, the kernel makes
    the file system read-only for good, and it is repaired and the service started anew.
    """
    with _disk_that_may_fail() as disk:
        if disk is None:
            row.skipped = "no file system that fails can be mounted here"
            return
        with Stand(row, replace(place, home=disk.mounted)) as stand:
            stand.load()
            for number in range(times):
                stand.busy()
                time.sleep(0.3 + stand.chance.random() * 0.5)
                stand.hit()
                if number % 2 == 0:
                    with disk.immutable():
                        _keeps_its_word(stand)
                    stand.recovers(time.monotonic())
                else:
                    disk.fail()
                    _keeps_its_word(stand)
                    stand.restart(between=disk.repair)
            stand.settle()


def _keeps_its_word(stand: Stand) -> None:
    """Nothing can be written: what is asked for is refused with a reason, and what is stored is shown."""
    life = stand.lives[0]
    deadline = time.monotonic() + WHILE
    answer = stand.service.http.post(f"/resources/wrappers/{life.wrapper_id}/stop")
    if answer.status_code != 503 and not (answer.status_code == 200 and answer.json()["success"] is False):
        stand.found(f"a stop that cannot be written down was answered with {answer.status_code}: {answer.text}")
    kept = stand.service.http.post("/resources/wrappers/files/upload", files={"file": ("a.csv", b"time,level\n")})
    if kept.status_code != 503:
        stand.found(f"an upload that cannot be kept was answered with {kept.status_code}: {kept.text}")
    shown = stand.service.http.get(f"/resources/wrappers/{life.wrapper_id}")
    if shown.status_code != 200:
        stand.found(f"nothing can be read while nothing can be written: {shown.status_code} {shown.text}")
    if stand.ended():
        stand.found("the service ended because nothing could be written")
    time.sleep(max(0.0, deadline - time.monotonic()))


@contextlib.contextmanager
def _tmpfs(size: str = "24m") -> Iterator[Path | None]:
    """A file system of our own, if we may mount one."""
    directory = tempfile.mkdtemp(prefix="slackwater-disk-")
    command = ["mount", "-t", "tmpfs", "-o", f"size={size},mode=755", "tmpfs", directory]
    mounted = os.geteuid() == 0 and subprocess.run(command, capture_output=True, check=False).returncode == 0
    try:
        yield Path(directory) if mounted else None
    finally:
        if mounted:
            subprocess.run(["umount", "-l", directory], check=False)
        shutil.rmtree(directory, ignore_errors=True)


class _Disk:
    """An ext4 file system in a file, mounted."""

    def __init__(self, image: Path, mounted: Path) -> None:
        self._image = image
        self.mounted = mounted

    def mount(self) -> bool:
        command = ["mount", "-o", "loop,errors=remount-ro", str(self._image), str(self.mounted)]
        return subprocess.run(command, capture_output=True, check=False).returncode == 0

    @property
    def _device(self) -> str:
        listed = subprocess.run(
            ["losetup", "-j", str(self._image), "-O", "NAME", "-n"], capture_output=True, text=True, check=True
        )
        return Path(listed.stdout.split()[0]).name

    @property
    def trigger(self) -> Path:
        """Where the kernel is told that the disk has failed."""
        return Path(f"/sys/fs/ext4/{self._device}/trigger_fs_error")

    def fail(self) -> None:
        self.trigger.write_text("1")

    def _unmounted(self) -> bool:
        return subprocess.run(["umount", str(self.mounted)], capture_output=True, check=False).returncode == 0

    def repair(self) -> None:
        """What an operator does: take it down, check it, have it back."""
        eventually(self._unmounted)  # the watcher may be looking
        checked = subprocess.run(["e2fsck", "-p", str(self._image)], capture_output=True, check=False)
        assert checked.returncode in (0, 1), checked.stdout
        assert self.mount()
        self._may_change()  # the failure may have come before the disk knew

    @contextlib.contextmanager
    def immutable(self) -> Iterator[None]:
        """Let no file of the store be changed. Its shared memory stays as it is: it is no file to the programs."""
        subprocess.run(["chattr", "+i", *self._files()], check=True)
        try:
            yield
        finally:
            self._may_change()

    def _may_change(self) -> None:
        subprocess.run(["chattr", "-i", *reversed(self._files())], check=True)

    def _files(self) -> list[str]:
        data = self.mounted / "data"
        return [str(path) for path in (data / "slackwater.db", data / "slackwater.db-wal", data) if path.exists()]


@contextlib.contextmanager
def _disk_that_may_fail(size: int = 96 * 2**20) -> Iterator[_Disk | None]:
    directory = Path(tempfile.mkdtemp(prefix="slackwater-disk-"))
    image, mounted = directory / "image", directory / "mounted"
    mounted.mkdir()
    disk = _Disk(image, mounted)
    try:
        yield disk if os.geteuid() == 0 and _made(disk, image, size) else None
    finally:
        subprocess.run(["umount", "-l", str(mounted)], capture_output=True, check=False)
        shutil.rmtree(directory, ignore_errors=True)


def _made(disk: _Disk, image: Path, size: int) -> bool:
    with image.open("wb") as file:
        file.truncate(size)
    if shutil.which("mkfs.ext4") is None or shutil.which("chattr") is None:
        return False
    made = subprocess.run(["mkfs.ext4", "-q", str(image)], capture_output=True, check=False)
    return made.returncode == 0 and disk.mount() and disk.trigger.exists()
