"""Starts Slackwater's programs from a process that has loaded them, in a tenth of the time that Python takes for that.

    test ── the process that has loaded all ── a program ── …

Each program is a process of its own, with its own environment, folder, output and exit code. What only a fresh
interpreter shows (how long it loads, which modules it has, its command line) needs `python -m slackwater.cli`.
"""

import array
import contextlib
import gc
import importlib
import json
import os
import runpy
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Any

PROGRAM = ("-m", "slackwater.cli")
LOADED = (
    "slackwater.cli.application",
    "slackwater.cli.serve",
    "slackwater.cli.run",
    "slackwater.cli.discover",
    "slackwater.cli.sources.command",
    "slackwater.cli.sources.apply",
    "slackwater.cli.keys",
    "slackwater.cli.backup",
    "slackwater.cli.purge",
    "slackwater.cli.migrate_store",
    "slackwater.store.move.mover",
    "slackwater.store.engine.postgresql",
    "slackwater.serve",
    "slackwater.web.app",
    "encodings.idna",
)
LONGEST_ORDER = 150_000  # bytes; a message on a socket can hold little more


class Program:
    """A program that runs; what `subprocess.Popen` has, as far as the tests need it."""

    def __init__(self, pid: int, ended: int) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self._ended = ended

    def poll(self) -> int | None:
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.wait(0)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        if self.returncode is None:
            poll = select.poll()
            poll.register(self._ended, select.POLLIN)
            if not poll.poll(None if timeout is None else timeout * 1000):
                raise subprocess.TimeoutExpired(f"the program of process {self.pid}", timeout or 0)
            told = os.read(self._ended, 16)
            os.close(self._ended)
            self.returncode = int(told) if told else -signal.SIGKILL
        return self.returncode

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


def start(
    words: Sequence[str],
    environment: Mapping[str, str],
    *,
    program: Sequence[str] = PROGRAM,
    cwd: Path | None = None,
    stdin: IO[Any] | None = None,
    stdout: IO[Any] | None = None,
    stderr: IO[Any] | None = None,
) -> Program:
    """Start `slackwater` with these words, or another program that a list of Python's own words names."""
    order = json.dumps([list(program), list(words), dict(environment), str(cwd or Path.cwd())]).encode()
    assert len(order) < LONGEST_ORDER, "too long for one message"
    ended, ends = os.pipe()
    with open(os.devnull) as nothing:
        given = [
            nothing.fileno() if stdin is None else stdin.fileno(),
            1 if stdout is None else stdout.fileno(),
            2 if stderr is None else stderr.fileno(),
            ends,
        ]
        try:
            return Program(_server().order(order, given), ended)
        finally:
            os.close(ends)


def run(
    words: Sequence[str],
    environment: Mapping[str, str] | None = None,
    *,
    cwd: Path | None = None,
    text: str = "",
    timeout: float = 120,
) -> "subprocess.CompletedProcess[str]":
    """Run `slackwater` with these words and this text as its input, as `subprocess.run` does; by default as we are."""
    with tempfile.TemporaryFile("w+") as given, tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        given.write(text)
        given.seek(0)
        program = start(
            words, os.environ if environment is None else environment, cwd=cwd, stdin=given, stdout=out, stderr=err
        )
        try:
            code = program.wait(timeout)
        except BaseException:
            program.kill()
            raise
        shown = []
        for each in (out, err):
            each.seek(0)
            shown.append(each.read().decode())
        return subprocess.CompletedProcess(["slackwater", *words], code, *shown)


class _Server:
    """The process that has loaded all; it ends with ours, and so does what it has started."""

    def __init__(self) -> None:
        self._socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._lock = threading.Lock()
        environment = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, __file__, str(theirs.fileno())],
                env=environment,
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
            )

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def order(self, order: bytes, descriptors: Sequence[int]) -> int:
        with self._lock:
            rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", descriptors))]
            self._socket.sendmsg([order], rights)
            pid = int(self._socket.recv(16) or 0)
        assert pid, "the process that has loaded Slackwater has died"
        return pid

    def close(self) -> None:
        self._socket.close()
        self._process.wait()


_running: _Server | None = None
_starting = threading.Lock()


def _server() -> _Server:
    global _running  # noqa: PLW0603 - one for the whole test process, made when it is first needed
    with _starting:
        if _running is None or not _running.alive:
            _running = _Server()
        return _running


def end() -> None:
    """End the process that has loaded all, if there is one, and so whatever it has started."""
    global _running  # noqa: PLW0603
    if _running is not None:
        _running.close()
        _running = None


# Everything below runs in the process that has loaded all.


def main() -> None:
    orders = socket.socket(fileno=int(sys.argv[1]))
    sys.path.pop(0)  # the folder of the tests
    for name in LOADED:
        importlib.import_module(name)
    assert threading.active_count() == 1, "what has threads cannot be forked"
    gc.collect()
    gc.freeze()  # what is loaded now stays shared with the programs: no collection writes to it
    if order := _await_program(orders):
        program, words, environment, folder = order
        os.environ.clear()
        os.environ.update(environment)
        os.chdir(folder)
        if program[0] == "-m":
            sys.path.insert(0, "")
            sys.argv = [program[1], *words]
            runpy.run_module(program[1], run_name="__main__", alter_sys=True)
        else:
            sys.path.insert(0, str(Path(program[0]).parent))
            sys.argv = [program[0], *words]
            runpy.run_path(program[0], run_name="__main__")


def _await_program(orders: socket.socket) -> list[Any] | None:
    """Fork for each order until the tests are gone: None then; in each child, return the order that it was forked for.

    The child then runs the program as any interpreter does, from its main module to its end.
    """
    usual = signal.signal(signal.SIGINT, signal.SIG_IGN)
    wake, wakeup = socket.socketpair()
    wake.setblocking(False)
    wakeup.setblocking(False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(wakeup.fileno(), warn_on_full_buffer=False)
    running: dict[int, int] = {}  # pid → where its exit code is told
    poll = select.poll()
    poll.register(orders, select.POLLIN)
    poll.register(wake, select.POLLIN)
    while True:
        poll.poll()
        with contextlib.suppress(BlockingIOError):
            wake.recv(4096)
        _tell_ends(running)
        try:
            message, [(_, _, data)], _, _ = orders.recvmsg(LONGEST_ORDER, socket.CMSG_SPACE(16), socket.MSG_DONTWAIT)
        except BlockingIOError:
            continue
        except ValueError:  # nothing came with it: the tests are gone
            for pid in running:
                os.kill(pid, signal.SIGKILL)
            return None
        descriptors = array.array("i", data)
        pid = os.fork()
        if pid == 0:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            signal.signal(signal.SIGINT, usual)
            for number in range(3):
                os.dup2(descriptors[number], number)
            for descriptor in {*descriptors, *running.values()}:
                os.close(descriptor)
            for each in (orders, wake, wakeup):
                each.close()
            # Those of before know of the files of then whether they can be sought in.
            sys.stdin = open(0, closefd=False)  # noqa: SIM115 - open to the program's end
            sys.stdout = open(1, "w", closefd=False)  # noqa: SIM115
            sys.stderr = open(2, "w", errors="backslashreplace", buffering=1, closefd=False)  # noqa: SIM115
            return list(json.loads(message))
        running[pid] = descriptors.pop()
        for descriptor in descriptors:
            os.close(descriptor)
        orders.send(b"%d" % pid)


def _tell_ends(running: dict[int, int]) -> None:
    with contextlib.suppress(ChildProcessError):
        while (found := os.waitpid(-1, os.WNOHANG))[0]:
            pid, status = found
            ended = running.pop(pid)
            with contextlib.suppress(OSError):  # nobody listens any more
                os.write(ended, b"%d" % os.waitstatus_to_exitcode(status))
            os.close(ended)


if __name__ == "__main__":
    main()
