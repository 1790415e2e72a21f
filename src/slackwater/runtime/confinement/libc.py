"""System calls that Python has no function for."""

import ctypes
import os

from slackwater.runtime.confinement import syscall_numbers

PR_SET_PDEATHSIG = 1  # <linux/prctl.h>, as the next three
PR_SET_DUMPABLE = 4  # <linux/prctl.h>
PR_SET_KEEPCAPS = 8  # <linux/prctl.h>
PR_SET_NO_NEW_PRIVS = 38  # <linux/prctl.h>

_CAPABILITY_VERSION_3 = 0x20080522  # _LINUX_CAPABILITY_VERSION_3 of <linux/capability.h>
CAP_DAC_READ_SEARCH = 2  # <linux/capability.h>

_libc = ctypes.CDLL(None, use_errno=True)
_libc.syscall.restype = ctypes.c_long


def call(name: str, *arguments: object) -> int:
    """Make a system call.

    OSError when the kernel refuses, or when this machine's number of it is not known.
    """
    number = syscall_numbers.number(name)
    if number is None:
        raise OSError(38, f"{name} is not known on {os.uname().machine}")
    return _checked(_libc.syscall(ctypes.c_long(number), *arguments))


def prctl(option: int, value: int) -> None:
    """Call prctl(2) with one argument; OSError when the kernel refuses."""
    _checked(_libc.prctl(option, ctypes.c_ulong(value), ctypes.c_ulong(0), ctypes.c_ulong(0), ctypes.c_ulong(0)))


def keep_capabilities(kept: int) -> None:
    """Give up every capability but those in the bit mask `kept`.

    OSError when the kernel refuses.
    """
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION_3, 0)
    low, high = kept & 0xFFFFFFFF, kept >> 32
    sets = (ctypes.c_uint32 * 6)(low, low, 0, high, high, 0)  # effective, permitted, inheritable; twice
    call("capset", header, sets)


def _checked(answer: int) -> int:
    if answer < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return answer
