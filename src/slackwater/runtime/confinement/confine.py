"""Confines a wrapper process.

Done after its orders are read, and before the first line of its module.

Promise: when `confine` returns, every measure that its report has as `in_force` holds for this process and for
whatever it starts, and cannot be taken back by it. What the kernel lacks is told in the report; the rest applies all
the same.

The guard has made a scratch directory, in which this process stands. Who owns it is who this process becomes.
"""

import errno
import os
import resource
import signal
import tempfile

from slackwater.pipe.frames import Final, Limits, Measure
from slackwater.runtime.confinement import landlock, libc, seccomp
from slackwater.runtime.confinement.host_support import Ground, ground

Report = dict[str, Measure]


def prepare() -> None:
    """Find out what this machine offers, once for all children of this process.

    Its memory is shut to its equals.
    """
    if ground().undumpable:
        libc.prctl(libc.PR_SET_DUMPABLE, 0)


def confine(limits: Limits) -> Report:
    """Confine this process and return what is in force and what is missing."""
    here, parent = ground(), os.getppid()
    report: Report = {}
    scratch = os.getcwd()
    owner = os.stat(scratch).st_uid
    os.environ["TMPDIR"] = tempfile.tempdir = scratch
    libc.prctl(libc.PR_SET_NO_NEW_PRIVS, 1)
    report["privileges"] = _in_force()
    _restrict(here, scratch, report)
    _limit(limits, writing=report["files"].in_force)
    alone = _become(owner, here, report)
    if alone:  # whose limit counts all processes of a user, so that it says something only of a user of its own
        _limit_to(resource.RLIMIT_NPROC, limits.processes, limits.processes)
    report["limits"] = _in_force()
    _die_with(parent)
    _filter(here, alone, report)
    _say_what_holds_of_files(here, report)
    return report


def refusal(report: Report) -> Final | None:
    """Return the outcome of a run that must be wholly confined and cannot be."""
    if not (lacking := missing(report)):
        return None
    reasons = "; ".join(f"{name}: {measure.detail}" for name, measure in lacking.items())
    return Final(
        message=f"SLACKWATER_CONFINEMENT=required, and this machine cannot confine wrappers fully ({reasons}). "
        "Use a kernel and a container profile that offer it, or set SLACKWATER_CONFINEMENT=best."
    )


def missing(report: Report) -> Report:
    """Return the measures of a report that are not in force."""
    return {name: measure for name, measure in report.items() if not measure.in_force}


def _in_force(detail: str = "") -> Measure:
    return Measure(in_force=True, detail=detail)


def _missing(why: str) -> Measure:
    return Measure(in_force=False, detail=why)


def _restrict(here: Ground, scratch: str, report: Report) -> None:
    if not here.landlock:
        report["files"] = _missing(f"the kernel offers no Landlock ({here.missing['landlock']})")
        return
    try:
        landlock.restrict(here.landlock, (*here.paths, (scratch, landlock.SCRATCH)))
    except OSError as error:
        report["files"] = _missing(f"Landlock is refused ({error.strerror})")
        return
    report["files"] = _in_force(f"Landlock ABI {here.landlock}")


def _limit(limits: Limits, *, writing: bool) -> None:
    """Set the limits.

    Without Landlock the scratch cannot be told from the rest of the disk: no file may grow.
    """
    for kind, soft, hard in (
        (resource.RLIMIT_CORE, 0, 0),
        (resource.RLIMIT_AS, limits.memory, limits.memory),
        (resource.RLIMIT_CPU, limits.cpu, limits.cpu + 1),  # SIGXCPU first: its end then says why
        (resource.RLIMIT_NOFILE, limits.files, limits.files),
        (resource.RLIMIT_FSIZE, *((limits.written,) * 2 if writing else (0, 0))),
        (resource.RLIMIT_MEMLOCK, 0, 0),
        (resource.RLIMIT_MSGQUEUE, 0, 0),
    ):
        _limit_to(kind, soft, hard)


def _limit_to(kind: int, soft: int, hard: int) -> None:
    ceiling = resource.getrlimit(kind)[1]
    top = hard if ceiling == resource.RLIM_INFINITY else min(hard, ceiling)
    resource.setrlimit(kind, (min(soft, top), top))


def _become(owner: int, here: Ground, report: Report) -> bool:
    """Become the owner of the scratch, and nobody's equal.

    Return whether no other process has this user id.
    """
    me = os.geteuid()
    if me != 0 or owner == 0:
        _give_up_capabilities(0)
        # A wrapper that shares its user id with the service is kept from it by Landlock and by the filter.
        unchanged = _missing("the service is root and may not change its user")
        report["user"] = _in_force("the service's own user id, without capabilities") if me else unchanged
        return False
    # Only under Landlock, which leaves it nothing to read but the interpreter that is shut away.
    kept = 1 << libc.CAP_DAC_READ_SEARCH if here.closed and report["files"].in_force else 0
    os.setgroups([])
    libc.prctl(libc.PR_SET_KEEPCAPS, int(bool(kept)))
    os.setresgid(owner, owner, owner)
    os.setresuid(owner, owner, owner)
    _give_up_capabilities(kept)
    report["user"] = _in_force(f"user id {owner}")
    if here.closed and not kept:
        report["interpreter"] = _missing("only root may read it; modules cannot import what is not loaded yet")
    return True


def _give_up_capabilities(kept: int) -> None:
    try:
        libc.keep_capabilities(kept)
    except OSError as error:
        if error.errno != errno.ENOSYS:
            raise


def _die_with(parent: int) -> None:
    """Ask again for the parent-death signal, which a change of user takes away."""
    if ground().undumpable:
        libc.prctl(libc.PR_SET_DUMPABLE, 0)
    libc.prctl(libc.PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it died before the line above
        os._exit(70)


def _say_what_holds_of_files(here: Ground, report: Report) -> None:
    """Complete what the report says of files.

    The filter stands in for a Landlock that is old or not there.
    """
    filtered, files = report["system_calls"].in_force, report["files"]
    if not files.in_force:
        rest = "nothing may be written" if filtered else "no file may grow, but any may be emptied"
        report["files"] = _missing(f"{files.detail}; {rest}")
    elif lacking := landlock.lacking(here.landlock):
        unknown = ", ".join(lacking)
        if filtered:
            report["files"] = _in_force(f"{files.detail}; what it does not know is refused by seccomp: {unknown}")
        elif here.landlock < landlock.TRUNCATE_ABI:
            report["files"] = _missing(f"Landlock ABI {here.landlock} lets files be emptied, and no filter refuses it")
        else:
            report["files"] = _in_force(f"{files.detail}; it does not know {unknown}")


def _filter(here: Ground, alone: bool, report: Report) -> None:
    writing = report["files"].in_force
    scoped = here.landlock >= landlock.SCOPE_ABI and writing
    try:
        usual = writing and (alone or scoped)
        to = None if alone or scoped else os.getpid()
        code = here.filter if usual else seccomp.program(signals_only_to=to, writing=writing)
        if not code:
            raise OSError(errno.ENOSYS, here.missing["seccomp"])
        seccomp.enforce(code)
    except OSError as error:
        refused = _missing(f"the kernel refuses a system call filter ({error.strerror})")
        report["system_calls"] = refused
        tcp = here.landlock >= landlock.NETWORK_ABI and writing
        report["network"] = _missing("Landlock refuses TCP, nothing refuses other sockets") if tcp else refused
        report["signals"] = _in_force() if alone or scoped else refused
        return
    report["system_calls"] = report["network"] = _in_force("seccomp")
    report["signals"] = _in_force("a user id of its own" if alone else "Landlock" if scoped else "seccomp")
