"""The system call filter.

A classic BPF program, put together by hand, so that it needs no library on the machine.

It names what is refused rather than what is allowed, because the interpreter and its C library grow into new calls;
calls newer than the table are answered with ENOSYS, for which every C library has a way round.
"""

import ctypes
import errno
import os
import signal
import struct
from collections.abc import Sequence

from slackwater.runtime.confinement import libc, syscall_numbers

_ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
_X32 = 0x40000000  # numbers of the x32 personality on x86_64
_SET_MODE_FILTER = 1  # SECCOMP_SET_MODE_FILTER of <linux/seccomp.h>

_ALLOW = 0x7FFF0000  # SECCOMP_RET_ALLOW of <linux/seccomp.h>
_KILL = 0x80000000  # SECCOMP_RET_KILL_PROCESS of <linux/seccomp.h>
_ERRNO = 0x00050000  # SECCOMP_RET_ERRNO of <linux/seccomp.h>
_REFUSED = _ERRNO | errno.EPERM
_ABSENT = _ERRNO | errno.ENOSYS
_PRETENDED = _ERRNO  # returns 0 and does nothing

_LOAD = 0x20  # a 32-bit word of struct seccomp_data
_AND = 0x54  # BPF_ALU + BPF_AND + BPF_K of <linux/bpf_common.h>
_EQUAL = 0x15  # BPF_JMP + BPF_JEQ + BPF_K of <linux/bpf_common.h>
_ABOVE = 0x25  # BPF_JMP + BPF_JGT + BPF_K of <linux/bpf_common.h>
_RETURN = 0x06  # BPF_RET + BPF_K of <linux/bpf_common.h>
_NUMBER, _ARCHITECTURE = 0, 4

Instruction = tuple[int, int, int, int]  # code, jump if true, jump if false, constant


def _names(text: str) -> list[str]:
    return text.split()


_REFUSE = _names("""
    socket socketpair connect bind listen accept accept4
    ptrace process_vm_readv process_vm_writev process_madvise process_mrelease pidfd_getfd kcmp
    mount umount2 pivot_root chroot open_tree move_mount fsopen fsconfig fsmount fspick mount_setattr statmount
    listmount unshare setns execve execveat
    add_key request_key keyctl bpf perf_event_open userfaultfd io_setup
    kexec_load kexec_file_load reboot init_module finit_module delete_module
    open_by_handle_at name_to_handle_at fanotify_init fanotify_mark quotactl quotactl_fd swapon swapoff personality acct
    settimeofday clock_settime clock_adjtime adjtimex sethostname setdomainname iopl ioperm modify_ldt syslog vhangup
    shmget shmat shmctl semget semop semctl semtimedop msgget msgsnd msgrcv msgctl mq_open mq_unlink
    chmod fchmod fchmodat fchmodat2 chown fchown lchown fchownat utime utimes utimensat futimesat
    truncate rename renameat renameat2 link linkat symlink symlinkat mknod mknodat mkdir mkdirat
    inotify_init inotify_init1 inotify_add_watch flock sync syncfs
    setxattr lsetxattr fsetxattr removexattr lremovexattr fremovexattr
    setpriority sched_setaffinity sched_setattr sched_setparam sched_setscheduler ioprio_set migrate_pages move_pages
    lsm_set_self_attr lookup_dcookie uselib ustat _sysctl nfsservctl sysfs
""")
# The buffers of a pair of sockets count for nobody. A parent that ignores SIGCHLD is charged with no child's CPU time.
# io_uring would go round this filter; memfd and openat2 have older forms that the limits and the filter do see.
_MISSING = _names("clone3 io_uring_setup io_uring_enter io_uring_register memfd_create memfd_secret openat2")
# A file that has lost its name cannot be counted any more. It stays, and the module is none the worse for it.
_DO_NOTHING = _names("unlink unlinkat rmdir")

_NEW_NAMESPACES = 0x7E020000  # all CLONE_NEW… of <linux/sched.h> that clone(2) accepts
_UNNAMED_FILE = 0x400000  # __O_TMPFILE of <asm-generic/fcntl.h>
_PRCTL_REFUSED = (libc.PR_SET_PDEATHSIG, libc.PR_SET_DUMPABLE, 35)  # 35: PR_SET_MM
# TIOCSTI and TIOCLINUX type into a terminal; FIOSETOWN, SIOCSPGRP and FIOASYNC have the kernel signal a process for us.
_IOCTL_REFUSED = (0x5412, 0x541C, 0x8901, 0x8902, 0x5452)
# F_SETOWN, F_SETSIG and F_SETOWN_EX likewise; F_SETLEASE and F_NOTIFY hold others up, or watch them.
_FCNTL_REFUSED = (8, 10, 15, 1024, 1026)
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_TO_PROCESS = _names("kill tgkill rt_sigqueueinfo rt_tgsigqueueinfo")
_TO_ANY = _names("tkill pidfd_send_signal")


def available() -> None:
    """OSError that says why when there can be no filter."""
    if os.uname().machine not in _ARCHITECTURES:
        raise OSError(errno.ENOSYS, f"there is no filter for {os.uname().machine}")


def program(signals_only_to: int | None = None, *, writing: bool = True) -> bytes:
    """Return the filter; OSError if unavailable.

    With `signals_only_to` a process may signal that pid alone. Without `writing` it can open no file to write to it.
    """
    available()
    rules: list[Instruction] = []
    for names, answer in ((_REFUSE, _REFUSED), (_MISSING, _ABSENT), (_DO_NOTHING, _PRETENDED)):
        rules += _cases(names, answer)
    rules += _case("clone", _if_any_bit(0, _NEW_NAMESPACES, _REFUSED))
    if writing:
        refused, answer = _UNNAMED_FILE, _ERRNO | errno.EOPNOTSUPP
    else:
        refused, answer = _UNNAMED_FILE | _WRITING, _ERRNO | errno.EACCES
        rules += _cases(["creat"], answer)
    rules += _case("open", _if_any_bit(1, refused, answer))
    rules += _case("openat", _if_any_bit(2, refused, answer))
    rules += _case("fcntl", _unless_one_of(1, _FCNTL_REFUSED))
    rules += _case("rt_sigaction", _unless_one_of(0, (signal.SIGCHLD,)))
    rules += _case("prctl", _unless_one_of(0, _PRCTL_REFUSED))
    rules += _case("ioctl", _unless_one_of(1, _IOCTL_REFUSED))
    rules += _case("prlimit64", _only(0, 0))
    if signals_only_to is not None:
        for name in _TO_PROCESS:
            rules += _case(name, _only(0, signals_only_to))
        for name in _TO_ANY:
            rules += _case(name, [(_RETURN, 0, 0, _REFUSED)])
    whole = [*_preface(), *rules, (_RETURN, 0, 0, _ALLOW)]
    return b"".join(struct.pack("=HBBI", *instruction) for instruction in whole)


def enforce(code: bytes) -> None:
    """Put a filter on this thread and what it starts, for ever.

    OSError when the kernel refuses. Needs no_new_privs.
    """
    buffer = ctypes.create_string_buffer(code, len(code))
    form = struct.pack("@HP", len(code) // 8, ctypes.addressof(buffer))
    libc.call("seccomp", ctypes.c_uint(_SET_MODE_FILTER), ctypes.c_uint(0), form)


def refusing(names: Sequence[str]) -> bytes:
    """Return a filter that answers the named calls as a kernel without them.

    It allows all else.
    """
    whole = [(_LOAD, 0, 0, _NUMBER), *_cases(names, _ABSENT), (_RETURN, 0, 0, _ALLOW)]
    return b"".join(struct.pack("=HBBI", *instruction) for instruction in whole)


def _preface() -> list[Instruction]:
    """End a process that calls by another machine's numbers; refuse what is too new.

    Leave the number loaded.
    """
    foreign = [(_EQUAL, 1, 0, _ARCHITECTURES[os.uname().machine]), (_RETURN, 0, 0, _KILL)]
    x32 = [(_ABOVE, 0, 1, _X32 - 1), (_RETURN, 0, 0, _KILL)]
    new = [(_ABOVE, 0, 1, syscall_numbers.LAST_KNOWN), (_RETURN, 0, 0, _ABSENT)]
    return [(_LOAD, 0, 0, _ARCHITECTURE), *foreign, (_LOAD, 0, 0, _NUMBER), *x32, *new]


def _cases(names: Sequence[str], answer: int) -> list[Instruction]:
    """If the call is one of `names`, return `answer`.

    One exit for all, because the kernel tries every number.
    """
    numbers = [number for name in names if (number := syscall_numbers.number(name)) is not None]
    last = len(numbers) - 1
    tests = [(_EQUAL, last - place, int(place == last), number) for place, number in enumerate(numbers)]
    return [*tests, (_RETURN, 0, 0, answer)]


def _case(name: str, then: list[Instruction]) -> list[Instruction]:
    """If the call is `name`, do `then`, which must return."""
    number = syscall_numbers.number(name)
    return [] if number is None else [(_EQUAL, 0, len(then), number), *then]


def _argument(index: int) -> Instruction:
    return (_LOAD, 0, 0, 16 + 8 * index)  # its low half: both machines are little-endian


def _if_any_bit(index: int, bits: int, answer: int) -> list[Instruction]:
    allow, refuse = (_RETURN, 0, 0, _ALLOW), (_RETURN, 0, 0, answer)
    return [_argument(index), (_AND, 0, 0, bits), (_EQUAL, 0, 1, 0), allow, refuse]


def _only(index: int, value: int) -> list[Instruction]:
    return [_argument(index), (_EQUAL, 0, 1, value), (_RETURN, 0, 0, _ALLOW), (_RETURN, 0, 0, _REFUSED)]


def _unless_one_of(index: int, values: Sequence[int]) -> list[Instruction]:
    tests = [(_EQUAL, len(values) - place, 0, value) for place, value in enumerate(values)]
    return [_argument(index), *tests, (_RETURN, 0, 0, _ALLOW), (_RETURN, 0, 0, _REFUSED)]
