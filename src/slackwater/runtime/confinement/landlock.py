"""Limits what a process may reach, by Landlock.

Of the file system, of TCP, and of other processes.

By system calls: the one package for it on PyPI is a development release from before scopes and network rules.
"""

import ctypes
import os
import stat
import struct
from collections.abc import Iterable
from pathlib import Path

from slackwater.runtime.confinement import libc

_CREATE_RULESET_VERSION = 1  # LANDLOCK_CREATE_RULESET_VERSION of <linux/landlock.h>
_RULE_PATH_BENEATH = 1  # LANDLOCK_RULE_PATH_BENEATH of <linux/landlock.h>

_WRITE_FILE = 1 << 1  # LANDLOCK_ACCESS_FS_WRITE_FILE of <linux/landlock.h>
_READ_FILE = 1 << 2  # LANDLOCK_ACCESS_FS_READ_FILE of <linux/landlock.h>
_READ_DIR = 1 << 3  # LANDLOCK_ACCESS_FS_READ_DIR of <linux/landlock.h>
_MAKE_REG = 1 << 8  # LANDLOCK_ACCESS_FS_MAKE_REG of <linux/landlock.h>
_TRUNCATE = 1 << 14  # LANDLOCK_ACCESS_FS_TRUNCATE of <linux/landlock.h>

# All rights that an ABI knows are handled, so that what no rule allows is refused. Index: ABI version.
_FS_BITS = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}
_NET_TCP = 0b11  # bind and connect, from ABI 4
_SCOPES = 0b11  # abstract Unix sockets and signals, from ABI 6
TRUNCATE_ABI = 3  # the first ABI that restricts truncation, Linux 6.2
NETWORK_ABI = 4  # the first ABI that restricts TCP, Linux 6.7
SCOPE_ABI = 6  # the first ABI with scopes, Linux 6.12

# What an ABI does not know yet: the first that does → what it is. The filter refuses all of them besides.
_LEARNED = {
    2: "moving files between directories",
    TRUNCATE_ABI: "emptying files by name",
    NETWORK_ABI: "TCP",
    5: "ioctl of devices",
    SCOPE_ABI: "signals and abstract sockets to others",
}

READ = _READ_FILE | _READ_DIR
# No right to remove or to rename: what is written stays in sight of the guard, which counts it, until the run's end.
SCRATCH = READ | _WRITE_FILE | _MAKE_REG | _TRUNCATE
DEVICE = _READ_FILE | _WRITE_FILE
_FOR_FILES = _READ_FILE | _WRITE_FILE | _TRUNCATE


def abi() -> int:
    """Return the newest Landlock ABI that the kernel offers.

    OSError when it has none or forbids it.
    """
    return libc.call("landlock_create_ruleset", None, ctypes.c_size_t(0), ctypes.c_uint32(_CREATE_RULESET_VERSION))


def lacking(version: int) -> tuple[str, ...]:
    """Return what an ABI cannot refuse."""
    return tuple(what for first, what in _LEARNED.items() if version < first)


def restrict(version: int, allowed: Iterable[tuple[str, int]]) -> None:
    """Let this thread and what it starts use only the paths in `allowed`.

    Each with its rights. OSError if the kernel refuses.

    A path that does not exist is left out. Needs no_new_privs.
    """
    handled = (1 << _FS_BITS[min(version, 5)]) - 1
    network = [_NET_TCP] if version >= NETWORK_ABI else []
    scopes = [_SCOPES] if version >= SCOPE_ABI else []
    attributes = [handled, *network, *scopes]
    form = struct.pack(f"={len(attributes)}Q", *attributes)
    ruleset = libc.call("landlock_create_ruleset", form, ctypes.c_size_t(len(form)), ctypes.c_uint32(0))
    try:
        for path, rights in allowed:
            _allow(ruleset, path, rights & handled)
        libc.call("landlock_restrict_self", ctypes.c_int(ruleset), ctypes.c_uint32(0))
    finally:
        os.close(ruleset)


def _allow(ruleset: int, path: str, rights: int) -> None:
    try:
        beneath = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    try:
        if not stat.S_ISDIR(os.fstat(beneath).st_mode):
            rights &= _FOR_FILES
        rule = struct.pack("=Qi", rights, beneath)
        kind = ctypes.c_int(_RULE_PATH_BENEATH)
        libc.call("landlock_add_rule", ctypes.c_int(ruleset), kind, rule, ctypes.c_uint32(0))
    finally:
        os.close(beneath)


def outermost(paths: Iterable[str]) -> list[str]:
    """Return the existing ones of `paths`, resolved, without those that lie beneath another."""
    resolved = sorted({os.path.realpath(path) for path in paths if os.path.exists(path)})
    kept: list[str] = []
    for path in resolved:
        if not kept or not Path(path).is_relative_to(kept[-1]):
            kept.append(path)
    return kept
