"""Reads from /proc which processes there are, whose they are, and what they use.

The state in /proc/PID/stat is that of a process's first thread: Z there does not say that the process has ended; its
other threads may go on. A process is gone when it has been reaped; nothing else proves it.
"""

import os

PAGE = os.sysconf("SC_PAGE_SIZE")
TICKS = os.sysconf("SC_CLK_TCK")


def children_of(parent: int) -> list[int]:
    """Return the pids of the direct children that have not been reaped.

    Zombies are among them.
    """
    found = []
    for name in os.listdir("/proc"):
        if name.isdigit():
            fields = _read(f"/proc/{name}/stat").rpartition(b")")[2].split(None, 2)
            if len(fields) > 1 and int(fields[1]) == parent:
                found.append(int(name))
    return found


def descendants(pid: int) -> list[int]:
    """Return the pids of all processes below `pid` that have not been reaped."""
    found: list[int] = []
    left = [pid]
    while left:
        below = _children(left.pop())
        found += below
        left += below
    return found


def tasks_of(user: int) -> int:
    """Return how many processes and threads a user has.

    RLIMIT_NPROC is compared with it.
    """
    count = 0
    for name in os.listdir("/proc"):
        if name.isdigit():
            text = _read(f"/proc/{name}/status")
            owner = text.partition(b"\nUid:\t")[2].split(b"\t", 1)[0]
            if owner and int(owner) == user:
                count += int(text.partition(b"\nThreads:\t")[2].split(b"\n", 1)[0] or 1)
    return count


def own_memory(pid: int) -> int:
    """Return the bytes of memory of a process that no file backs.

    0 when it is gone.

    A first thread that has ended shows no memory any more. Its other threads show it.
    """
    if size := _own_pages(f"/proc/{pid}/statm"):
        return size * PAGE
    return max((_own_pages(f"/proc/{pid}/task/{thread}/statm") for thread in _threads(pid)), default=0) * PAGE


def shared_memory(pid: int) -> int:
    """Return the bytes of memory that a process has mapped to share.

    All of what others share, too.
    """
    return _kib(_read(f"/proc/{pid}/status"), b"\nRssShmem:")


def shared_part(pid: int) -> int:
    """Return its part of that memory: of each page as much as there are processes.

    All of it when that is hidden.
    """
    return _kib(_read(f"/proc/{pid}/smaps_rollup"), b"\nPss_Shmem:") or shared_memory(pid)


def cpu_seconds(pid: int) -> float:
    """Return the CPU time of a process and its reaped children, in seconds."""
    fields = _read(f"/proc/{pid}/stat").rpartition(b")")[2].split()
    return sum(map(int, fields[11:15])) / TICKS if len(fields) > 14 else 0.0


def gains_no_privileges(pid: int) -> bool:
    """Return whether a process has no_new_privs set, which it cannot undo and its children inherit."""
    return b"\nNoNewPrivs:\t1" in _read(f"/proc/{pid}/status")


def _kib(text: bytes, name: bytes) -> int:
    fields = text.partition(name)[2].split(None, 1)
    return int(fields[0]) * 1024 if fields else 0


def _children(pid: int) -> list[int]:
    return [int(child) for thread in _threads(pid) for child in _read(f"/proc/{pid}/task/{thread}/children").split()]


def _threads(pid: int) -> list[str]:
    try:
        return os.listdir(f"/proc/{pid}/task")
    except OSError:
        return []


def _own_pages(path: str) -> int:
    fields = _read(path).split()
    return int(fields[1]) - int(fields[2]) if len(fields) > 2 else 0


def _read(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError:
        return b""
