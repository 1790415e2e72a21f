"""One hostile module per escape. After each: it is contained, its run says why it ended, nobody else has noticed."""

import asyncio
import os
import socket
import subprocess
import sys
import tempfile
import textwrap
from collections.abc import AsyncIterator
from functools import partial
from itertools import pairwise
from pathlib import Path

import psutil
import pytest
import pytest_asyncio
from hostile import Arena, eventually, module

from budget import further
from slackwater.runtime.confinement import seccomp
from slackwater.store.records import logs, runs
from slackwater.store.series import readings
from strangers import as_user

pytestmark = pytest.mark.asyncio(loop_scope="module")
ROOT = os.geteuid() == 0
STRANGER = 65_533  # a user that has nothing


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def arena(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Arena]:
    async with Arena.open(tmp_path_factory.mktemp("arena")) as arena:
        yield arena


async def test_everything_is_in_force_here(arena: Arena) -> None:
    """The tests below prove nothing on a kernel that lacks a measure; this one says so."""
    report = arena.bench.lifecycle.confinement
    assert set(report) == {"privileges", "files", "user", "limits", "system_calls", "network", "signals", "run_limits"}
    assert all(measure.in_force for measure in report.values()), report


async def test_files_are_out_of_reach(arena: Arena) -> None:
    beside = arena.process(arena.beside_id)
    assert beside is not None
    data, scratch = arena.bench.settings.data_dir, os.readlink(f"/proc/{beside}/cwd") if ROOT else arena.scratch
    paths = [
        "/etc/passwd",
        "/etc/shadow",
        "/proc/1/environ",
        f"/proc/{os.getpid()}/environ",
        "/proc/self/environ",
        f"/proc/{arena.fork_server}/environ",
        f"/proc/{beside}/mem",
        f"/proc/{psutil.Process(beside).ppid()}/maps",
        "/proc/self/maps",
        "/dev/kmsg",
        "/dev/mem",
        *map(str, data.glob("*.db*")),
        str(data / "lock"),
    ]
    assert any(path.endswith(".db") for path in paths)
    folders = [str(data), str(data / "files"), str(arena.scratch), str(scratch), "/root", "/home", "/proc", "/run"]
    targets = [str(data / "mine"), "/tmp/slackwater-mine", f"{scratch}/mine", "/dev/shm/mine", "/var/tmp/mine"]
    after = await arena.attack(f"""
        for path in {paths}:
            tried("read " + path, lambda: open(path, "rb").read(1))
        for path in {folders}:
            tried("list " + path, lambda: os.listdir(path))
        for path in {targets}:
            tried("write " + path, lambda: open(path, "wb"))
        tried("chmod", lambda: os.chmod({str(data)!r}, 0o777))
        tried("rename", lambda: os.rename({paths[-1]!r}, "stolen"))
        tried("link", lambda: os.link({paths[-1]!r}, "stolen"))
        tried("symlink", lambda: os.symlink("/etc/passwd", "stolen"))
        tried("directory", lambda: os.mkdir("below"))
        tried("truncate", lambda: os.truncate({paths[-1]!r}, 0))
    """)
    after.refused(len(paths) + len(folders) + len(targets) + 6)


async def test_nothing_is_there_to_steal(arena: Arena) -> None:
    after = await arena.attack("""
        print("environment", sorted(os.environ))
        print("arguments", sys.argv[2:3])
        open_now = []
        for number in range(256):
            try:
                open_now.append((number, stat.S_IFMT(os.fstat(number).st_mode)))
            except OSError:
                pass
        print("descriptors", [kind for _, kind in open_now if kind not in (stat.S_IFIFO, stat.S_IFSOCK)], len(open_now))
        tried("remove scratch of ours", lambda: os.rename(os.getcwd(), os.getcwd() + "x"))
        for number, kind in open_now:
            if kind == stat.S_IFREG:
                tried("free the lock", lambda: fcntl.flock(number, fcntl.LOCK_UN))
                tried("write to it", lambda: os.write(number, b"x"))
    """)
    assert "environment ['LANG', 'PATH', 'TMPDIR']" in after.log
    assert "arguments ['slackwater.discover.main:main']" in after.log
    # Standard input, the uploaded file, the lock of the service and the loop's epoll; pipes and sockets: output,
    # error, frames, wake-up pair.
    kinds, count = after.log.partition("descriptors [")[2].splitlines()[0].rsplit("] ", 1)
    assert sorted(map(int, kinds.split(", "))) == [0, 0o020000, 0o100000, 0o100000]
    assert int(count) == 9
    after.refused(5)


async def test_sockets_are_refused(arena: Arena) -> None:
    with socket.create_server(("127.0.0.1", 0)) as service:
        service.settimeout(0.2)
        after = await arena.attack(f"""
            for family in ("AF_INET", "AF_INET6", "AF_UNIX", "AF_NETLINK", "AF_PACKET", "AF_VSOCK", "AF_ALG"):
                for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_RAW):
                    tried(family, lambda: socket.socket(getattr(socket, family), kind))
            for address in (("127.0.0.1", {service.getsockname()[1]}), ("169.254.169.254", 80), ("1.1.1.1", 53)):
                tried(address, lambda: socket.create_connection(address, timeout=1))
            tried("datagram pair", lambda: socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM))
            a = socket.socket(fileno=os.dup(sockets()[0]))
            tried("connect a pair", lambda: a.connect("/dev/log"))
            tried("bind a pair", lambda: a.bind("\\0mine"))
            tried("listen", lambda: a.listen())
            tried("io_uring", lambda: sys_call("io_uring_setup", 8, None))
            tried("inherited", lambda: sys_call("connect", sockets()[0], bytes(16), 16))
        """)
        after.refused(7 * 3 + 3 + 6)
        with pytest.raises(TimeoutError):
            service.accept()


async def test_the_kernel_offers_nothing(arena: Arena) -> None:
    beside = arena.process(arena.beside_id)
    after = await arena.attack(f"""
        beside, service, fork_server = {beside}, {os.getpid()}, {arena.fork_server}
        for other in (beside, service, fork_server, os.getppid()):
            tried("kill", lambda: os.kill(other, signal.SIGKILL))
            tried("stop", lambda: os.kill(other, signal.SIGSTOP))
            tried("ptrace", lambda: sys_call("ptrace", 16, other, None, None))
            tried("read memory", lambda: sys_call("process_vm_readv", other, None, 0, None, 0, 0))
            tried("renice", lambda: os.setpriority(os.PRIO_PROCESS, other, 19))
            tried("prlimit", lambda: sys_call("prlimit64", other, 7, None, None))
        tried("steal a descriptor", lambda: sys_call("pidfd_getfd", os.pidfd_open(os.getppid()), 3, 0))
        for flag in (0x10000000, 0x20000, 0x20000000, 0x40000000):
            tried("unshare", lambda: sys_call("unshare", ctypes.c_int(flag)))
            tried("clone", lambda: sys_call("clone", ctypes.c_ulong(flag | 17), None, None, None, None))
        tried("clone3", lambda: sys_call("clone3", None, ctypes.c_size_t(88)))
        tried("mount", lambda: sys_call("mount", b"none", b"/tmp", b"tmpfs", 0, None))
        tried("chroot", lambda: os.chroot("."))
        tried("keyring", lambda: sys_call("keyctl", 0, -3, 1))
        tried("bpf", lambda: sys_call("bpf", 0, None, 0))
        tried("perf", lambda: sys_call("perf_event_open", None, 0, -1, -1, 0))
        tried("userfaultfd", lambda: sys_call("userfaultfd", 0))
        tried("personality", lambda: sys_call("personality", 0x0040000))
        tried("handles", lambda: sys_call("open_by_handle_at", -100, None, 0))
        tried("memfd", lambda: os.memfd_create("x"))
        tried("shared memory", lambda: sys_call("shmget", 0, 4096, 0o1600))
        tried("exec", lambda: os.execv(sys.executable, [sys.executable]))
        tried("root", lambda: os.setuid(0) if os.getuid() else os.setuid(1))
        tried("nameless file", lambda: os.open(".", os.O_TMPFILE | os.O_RDWR))
        tried("outlive the guard", lambda: sys_call("prctl", 1, 0, 0, 0, 0))
    """)
    after.refused(4 * 6 + 1 + 8 + 15)


async def test_a_fork_bomb(arena: Arena) -> None:
    after = await arena.attack("""
        while True:
            try:
                os.fork()
            except OSError:
                pass
    """)
    assert after.outcome == "failed"
    assert "CPU time" in after.message or "more than 24 processes" in after.message


async def test_memory_of_one_process(arena: Arena) -> None:
    after = await arena.attack("eaten = []\nwhile True:\n    eaten.append(bytearray(64 * 2**20))")
    assert (after.outcome, "MemoryError" in after.message) == ("failed", True), after.message


async def test_memory_of_several_processes(arena: Arena) -> None:
    after = await arena.attack("""
        for _ in range(3):
            if os.fork() == 0:
                eaten = bytearray(b"x") * (200 * 2**20)
                time.sleep(60)
        time.sleep(60)
    """)
    assert after.outcome == "failed"
    assert "its processes took more than 512 MiB of memory" in after.message


async def test_shared_memory_of_several_processes(arena: Arena) -> None:
    after = await arena.attack("""
        import mmap
        for _ in range(4):
            if os.fork() == 0:
                eaten = mmap.mmap(-1, 180 * 2**20)
                for at in range(0, len(eaten), 4096):
                    eaten[at] = 1
                time.sleep(60)
        time.sleep(60)
    """)
    assert after.outcome == "failed"
    assert "its processes took more than 512 MiB of memory" in after.message


async def test_what_many_processes_share_counts_once(arena: Arena) -> None:
    after = await arena.attack("""
        import mmap
        eaten = mmap.mmap(-1, 100 * 2**20)
        for at in range(0, len(eaten), 4096):
            eaten[at] = 1
        for _ in range(8):
            if os.fork() == 0:
                sum(eaten[at] for at in range(0, len(eaten), 4096))
                time.sleep(1)
                os._exit(0)
        time.sleep(1.5)
        print("done")
    """)
    assert after.outcome == "succeeded", after.message
    assert "done" in after.log


@pytest.mark.long
async def test_children_that_nobody_waits_for_count_their_processor_time(arena: Arena) -> None:
    after = await arena.attack("""
        tried("ignore", lambda: signal.signal(signal.SIGCHLD, signal.SIG_IGN))
        while True:
            try:
                child = os.fork()
            except OSError:  # as many have ended, and wait, as there may be
                time.sleep(0.05)
                continue
            if child == 0:
                until = time.process_time() + 0.2
                while time.process_time() < until:
                    pass
                os._exit(0)
    """)
    assert "ESCAPED" not in after.log
    assert after.outcome == "failed"
    assert "CPU time" in after.message or "process_limit" in after.message


async def test_pairs_of_sockets_hold_no_memory(arena: Arena) -> None:
    after = await arena.attack("""
        import socket
        tried("pair", lambda: socket.socketpair())
    """)
    after.refused(1)


async def test_a_file_too_large(arena: Arena) -> None:
    after = await arena.attack("open('big', 'wb').write(bytes(2 * 2**20))")
    assert (after.outcome, "File too large" in after.message) == ("failed", True), after.message


async def test_a_disk_full_of_files_that_are_deleted_while_open(arena: Arena) -> None:
    after = await arena.attack("""
        kept = []
        for n in range(40):
            file = open(f"f{n}", "wb")
            file.write(bytes(2**20))
            file.flush()
            os.unlink(f"f{n}")
            kept.append(file)
        time.sleep(60)
    """)
    assert after.outcome == "failed"
    assert "wrote more than 4 MiB to its scratch directory" in after.message


async def test_temporary_files_work_and_are_private(arena: Arena) -> None:
    after = await arena.attack("""
        import tempfile
        with tempfile.TemporaryFile() as one, tempfile.NamedTemporaryFile() as other:
            one.write(b"x" * 1000)
            other.write(b"x" * 1000)
            print("mode", oct(os.stat(os.getcwd()).st_mode), os.path.dirname(other.name) == os.getcwd())
    """)
    assert "mode 0o40700 True" in after.log
    after.refused(0)


async def test_a_busy_loop(arena: Arena) -> None:
    after = await arena.attack("signal.signal(signal.SIGTERM, signal.SIG_IGN)\nwhile True:\n    pass")
    assert after.outcome == "failed"
    assert "it used more CPU time than it may (cpu_limit_seconds)" in after.message


async def test_a_module_that_ignores_sigterm_is_stopped(arena: Arena) -> None:
    beside = arena.process(arena.beside_id)
    body = """
        signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                os.setsid()
                time.sleep(600)
            os._exit(0)
        time.sleep(600)
    """
    await arena.bench.lifecycle.patch(arena.hostile_id, generated_code=module(body))
    await arena.bench.lifecycle.execute(arena.hostile_id, wait=0)
    await eventually(lambda: arena.process(arena.hostile_id))
    assert (await arena.bench.lifecycle.stop(arena.hostile_id)).success
    after = await arena.aftermath(beside)
    assert after.outcome == "stopped"


async def test_double_fork_and_setsid(arena: Arena) -> None:
    after = await arena.attack("""
        for _ in range(3):
            if os.fork() == 0:
                os.setsid()
                if os.fork() == 0:
                    os.setsid()
                    signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))
                    while True:
                        time.sleep(1)
                os._exit(0)
        await asyncio.sleep(0.1)
    """)
    assert after.outcome == "succeeded", after.message


@pytest.mark.parametrize(
    ("data", "why"),
    [
        ("os.urandom(4096)", ""),
        ("struct.pack('>I', 2**32 - 1)", "over the limit"),
        ("struct.pack('>I', 100) + b'\\x81'", ""),
        ("struct.pack('>I', 4) + b'\\xc1' * 4", "not a frame"),
        ("struct.pack('>I', 2**20) + b'\\x91' * 2**20", "not a frame"),
    ],
)
async def test_bad_frames(data: str, why: str, arena: Arena) -> None:
    after = await arena.attack(f"say({data})\ntime.sleep(0.3)\nos._exit(9)")
    assert after.outcome == "failed"
    assert why in after.message
    assert after.message


@pytest.mark.parametrize(
    ("x", "y", "why"),
    [
        ("0", "float('nan')", "not a finite number"),
        ("0", "float('inf')", "not a finite number"),
        ("2**63 - 1", "1.0", "outside the years"),  # the year 10^9 itself does not fit into the frame
        ("-2**63", "1.0", "outside the years"),
    ],
)
async def test_impossible_points(x: str, y: str, why: str, arena: Arena) -> None:
    after = await arena.attack(f"""
        from slackwater.model.points import Column
        say(packed(Batch(number=1, columns=[Column("s", struct.pack("<q", {x}), struct.pack("<d", {y}))])))
        time.sleep(5)
    """)
    assert (after.outcome, why in after.message) == ("failed", True), after.message


async def test_a_traceback_of_line_ends_fills_no_store(arena: Arena) -> None:
    after = await arena.attack("""
        say(packed(Fault(message="x", traceback="\\n" * 2_000_000)))
        time.sleep(0.5)
    """)
    assert (after.outcome, "over its limit" in after.message) == ("failed", True), after.message
    after = await arena.attack("""
        say(packed(Fault(message="x", traceback="a\\n" * 200_000)))
        time.sleep(0.5)
    """)
    assert after.outcome == "failed"
    assert (
        "the lines before are left out" in after.log or after.log.count("ERROR - a") >= 98
    )  # of the newest 100 lines; the summary of the run is one of them
    lines, total = await arena.read(partial(logs.tail, wrapper_id=arena.hostile_id, limit=1))
    assert total < 250, lines


async def test_a_message_cannot_pose_as_another_line_or_move_a_cursor(arena: Arena) -> None:
    after = await arena.attack("""
        forged = "hello\\n2026-01-01 00:00:00 - INFO - all is well\\x1b[2J"
        say(packed(Log(level="WARNING", message=forged)))
        say(packed(Fault(message=forged + "\\x9b31m")))
        time.sleep(0.5)
    """)
    assert "\n" not in after.message
    assert "\x1b" not in after.message
    assert "\x9b" not in after.message
    told = [line for line in after.log.splitlines() if "all is well" in line]
    assert len(told) == 2  # the line, and the failure, which stands once
    for line in told:
        assert not line.startswith("2026-01-01 00:00:00")
        assert "\\x1b[2J" in line


async def test_a_series_name_cannot_move_a_cursor(arena: Arena) -> None:
    await arena.attack("""
        from slackwater.model.points import Column
        one = Column("a\\x1b[2J\\x9b", struct.pack("<q", 0), struct.pack("<d", 1.0))
        say(packed(Batch(number=1, columns=[one])))
        time.sleep(0.5)
    """)
    names = await arena.read(partial(readings.series_names, owner=arena.hostile_id))
    assert "a\\x1b[2J\\x9b" in names
    assert not any("\x1b" in name or "\x9b" in name for name in names)


async def test_windows_with_gaps_between_them_do_not_fill_the_checkpoint(arena: Arena) -> None:
    after = await arena.attack("""
        from slackwater.model.checkpoint import Interval
        [way] = sockets()
        os.set_blocking(way, True)
        for n in range(1_100):
            os.write(way, packed(Batch(number=n, window=Interval(20 * n, 20 * n + 10), complete=True)))
            os.read(way, 65_536)  # its acknowledgement
    """)
    assert (after.outcome, "more than 1,000 windows" in after.message) == ("failed", True), after.message
    record = await arena.record(arena.hostile_id)
    assert len(record.marks.checkpoint.covered) == 1_000


async def test_points_for_another_resource_cannot_be_said(arena: Arena) -> None:
    """A batch has no word for a wrapper, a resource or an epoch: whose it is follows from whose pipe it comes by."""
    after = await arena.attack(f"""
        import msgspec
        from slackwater.model.points import Column
        batch = Batch(number=1, columns=[Column("forged", struct.pack("<q", 0), struct.pack("<d", 1.0))])
        frame = msgspec.to_builtins(batch, builtin_types=(bytes,)) | {{
            "wrapper_id": {arena.beside_id!r}, "resource_id": "0" * 24, "owner": {arena.beside_id!r},
            "run_id": "x", "epoch": 10**6}}
        body = msgspec.msgpack.encode(frame)
        say(struct.pack(">I", len(body)) + body)
        time.sleep(0.3)
        os._exit(0)
    """)
    assert after.outcome == "failed"
    assert "forged" not in await arena.read(partial(readings.series_names, owner=arena.beside_id))


@pytest.mark.skipif(not ROOT, reason="only root may count the descriptors of a process that is not dumpable")
async def test_leaked_descriptors(arena: Arena) -> None:
    def held() -> int:
        return sum(process.num_fds() for process in (psutil.Process(), psutil.Process(arena.fork_server)))

    before = held()
    after = await arena.attack("""
        import array
        leaked = [os.open("/dev/null", os.O_RDONLY) for _ in range(8)]
        for number in sockets():
            with socket.socket(fileno=os.dup(number)) as way:
                try:
                    way.sendmsg([b"\\0"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", leaked))])
                except OSError:
                    pass
        try:
            while True:
                os.dup(0)
        except OSError as error:
            print("refused", error.errno == errno.EMFILE)
        time.sleep(0.2)
        os._exit(3)
    """)
    assert after.outcome == "failed"
    assert "refused True" in after.log
    await eventually(lambda: held() <= before)


async def test_a_killed_guard_leaves_no_scratch(arena: Arena) -> None:
    beside = arena.process(arena.beside_id)
    body = "open('mine', 'w').write('x')\nif os.fork() == 0:\n    os.setsid()\ntime.sleep(600)"
    await arena.bench.lifecycle.patch(arena.hostile_id, generated_code=module(body))
    await arena.bench.lifecycle.execute(arena.hostile_id, wait=0)
    leader = await eventually(lambda: arena.process(arena.hostile_id))
    guard = psutil.Process(leader).parent()
    assert guard is not None
    await eventually((arena.scratch / str(guard.pid) / "mine").exists)
    guard.kill()
    deadline = asyncio.get_running_loop().time() + 10
    while (await arena.record(arena.hostile_id)).control.status == "executing":
        assert asyncio.get_running_loop().time() < deadline
        await asyncio.sleep(0.02)
    await eventually(lambda: not (arena.scratch / str(guard.pid)).exists())
    after = await arena.aftermath(beside)
    assert after.outcome == "failed"
    assert "lost" in after.message


async def test_the_wrapper_beside_has_lost_nothing(arena: Arena) -> None:
    """Last: it has run through all of the above in one process, and every point that it yielded is there."""
    run = await arena.read(partial(runs.last, wrapper_id=arena.beside_id))
    assert run.outcome == "running"
    resource_id = (await arena.record(arena.beside_id)).resource_id
    assert (await arena.bench.lifecycle.stop(arena.beside_id)).success
    record = await arena.read(partial(runs.last, wrapper_id=arena.beside_id))
    assert resource_id
    found = await arena.read(
        lambda c: [r.x for r in readings.stream(c, readings.PointQuery(owner=arena.beside_id, series=("beside",)))]
    )
    assert len(found) == record.points_new > 100
    assert [b - a for a, b in pairwise(found)] == [1_000_000] * (len(found) - 1)


# As an ordinary user, and on lesser kernels: the same service in a process of its own.

_LESSER = """
import asyncio, sys
from pathlib import Path
sys.path[:0] = {paths!r}
from slackwater.runtime.confinement import libc, seccomp
if {refused!r}:
    libc.prctl(libc.PR_SET_NO_NEW_PRIVS, 1)
    seccomp.enforce(bytes.fromhex({refused!r}))
from hostile import Arena

async def main():
    async with Arena.open(Path({directory!r}), **{settings!r}) as arena:
        print("REPORT", {{name: str(each) for name, each in arena.bench.lifecycle.confinement.items()}})
        after = await arena.attack({body!r})
        print("OUTCOME", after.outcome, after.message)
        print(after.log)

asyncio.run(main())
"""


def _attacked(
    directory: Path, body: str, *, refused: tuple[str, ...] = (), user: int | None = None, **settings: object
) -> tuple[str, str]:
    """Run a hostile module in a service of its own; return the confinement report and what was said."""
    if user is None:
        return _told(directory, body, refused, settings)
    # Not below pytest's own directory: another pytest that starts meanwhile closes that to all but its owner.
    with tempfile.TemporaryDirectory(prefix="slackwater-stranger-", dir="/tmp") as reachable:
        Path(reachable).chmod(0o755)
        home = Path(reachable) / "home"
        home.mkdir()
        os.chown(home, user, user)
        return _told(home, body, refused, settings, user)


def _told(
    directory: Path, body: str, refused: tuple[str, ...], settings: dict[str, object], user: int | None = None
) -> tuple[str, str]:
    script = _LESSER.format(
        paths=[str(Path(__file__).parent)],
        directory=str(directory),
        refused=seccomp.refusing(refused).hex() if refused else "",
        settings=settings,
        body=textwrap.dedent(body),
    )
    command = [sys.executable, "-W", "error", "-c", script]
    done = subprocess.run(
        command if user is None else as_user(user, command),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        cwd="/",
        env={"PATH": os.defpath, "LANG": "C.UTF-8"},
    )
    assert done.returncode == 0, done.stderr
    _, _, told = done.stdout.partition("REPORT ")
    report, _, said = told.partition("\n")
    return report, said


_ESCAPES = """
    for path in ("/etc/passwd", "/proc/1/environ", f"/proc/{os.getppid()}/environ"):
        tried(path, lambda: open(path).read())
    tried("list", lambda: os.listdir(os.path.dirname(os.getcwd())))
    for family in (socket.AF_INET, socket.AF_UNIX):
        tried("socket", lambda: socket.socket(family))
    tried("kill the guard", lambda: os.kill(os.getppid(), signal.SIGKILL))
    tried("kill a group", lambda: os.killpg(os.getpgid(os.getppid()), signal.SIGKILL))
    tried("ptrace", lambda: sys_call("ptrace", 16, os.getppid(), None, None))
    open("mine", "w").write("x")
"""
_BOMB = "while True:\n    try:\n        os.fork()\n    except OSError:\n        pass\n"


@pytest.mark.skipif(not ROOT, reason="only root can become somebody else")
@pytest.mark.parametrize("body", [_ESCAPES, further(_BOMB)], ids=["escapes", "bomb"])
async def test_as_an_ordinary_user(body: str, tmp_path: Path) -> None:
    report, said = await asyncio.to_thread(_attacked, tmp_path, body, user=STRANGER)
    assert "missing" not in report
    assert "the service's own user id" in report
    assert "ESCAPED" not in said
    if body is _ESCAPES:
        assert "OUTCOME succeeded" in said
        assert said.count("] refused") == 9
    else:
        assert "OUTCOME failed" in said


LANDLOCK = ("landlock_create_ruleset", "landlock_add_rule", "landlock_restrict_self")


@pytest.mark.parametrize(
    ("refused", "user", "lacking"),
    [(LANDLOCK, None, "'files': 'missing"), further(LANDLOCK, STRANGER, "'files': 'missing")],
    ids=["no Landlock", "no Landlock, ordinary user"],
)
async def test_a_kernel_that_lacks_a_measure(
    refused: tuple[str, ...], user: int | None, lacking: str, tmp_path: Path
) -> None:
    if user is not None and not ROOT:
        pytest.skip("only root can become somebody else")
    body = """
        tried("socket", lambda: socket.socket())
        tried("kill the guard", lambda: os.kill(os.getppid(), signal.SIGKILL))
        tried("stop the guard", lambda: signal.pidfd_send_signal(os.pidfd_open(os.getppid()), signal.SIGSTOP))
        tried("read its memory", lambda: open(f"/proc/{os.getppid()}/mem", "rb"))
        tried("read its environment", lambda: open(f"/proc/{os.getppid()}/environ", "rb"))
        def write():
            with open("mine", "wb", buffering=0) as file:
                file.write(b"x")
        tried("write", write)
    """
    report, said = await asyncio.to_thread(_attacked, tmp_path, body, refused=refused, user=user)
    assert lacking in report
    assert "'network': 'in force" in report
    assert "ESCAPED" not in said
    assert said.count("] refused") == 6
    assert "OUTCOME succeeded" in said


@pytest.mark.long
async def test_a_kernel_without_a_filter(tmp_path: Path) -> None:
    """Landlock and the user id of its own hold by themselves."""
    body = """
        tried("read", lambda: open("/etc/passwd"))
        tried("connect", lambda: socket.create_connection(("127.0.0.1", 9), timeout=1))
        tried("kill the guard", lambda: os.kill(os.getppid(), signal.SIGKILL))
        tried("ptrace", lambda: sys_call("ptrace", 16, os.getppid(), None, None))
        tried("delete", lambda: [open("mine", "w").close(), os.unlink("mine")])
    """
    report, said = await asyncio.to_thread(_attacked, tmp_path, body, refused=("seccomp",))
    assert "'system_calls': 'missing" in report
    assert "'network': 'missing" in report
    assert "ESCAPED" not in said
    assert said.count("] refused") == 5


@pytest.mark.long
async def test_required_refuses_to_run_anything(tmp_path: Path) -> None:
    script = f"""
import asyncio, sys
from pathlib import Path
from slackwater.runtime.confinement import libc, seccomp
libc.prctl(libc.PR_SET_NO_NEW_PRIVS, 1)
seccomp.enforce(bytes.fromhex({seccomp.refusing(LANDLOCK).hex()!r}))
from slackwater.serve import Workbench
from slackwater.settings import Settings

async def main():
    path = Path({str(tmp_path)!r}) / "level.csv"
    path.write_text("time,level\\n2020-01-01T00:00:00Z,1\\n")
    async with Workbench.open(Settings(data_dir=path.parent / "data", confinement="required")) as bench:
        await bench.add_file(path)

asyncio.run(main())
"""
    done = await asyncio.to_thread(
        subprocess.run, [sys.executable, "-c", script], capture_output=True, text=True, timeout=30, check=False
    )
    assert done.returncode != 0
    assert "no wrapper will run" in done.stdout + done.stderr
    assert "SLACKWATER_CONFINEMENT=required, and this machine cannot confine wrappers fully (files: " in done.stderr
