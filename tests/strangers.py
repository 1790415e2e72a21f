"""Runs a command as another user, also from a checkout in a home that others may not enter. Root only."""

import os
import shlex
import stat
import sys
from pathlib import Path

REPOSITORY = Path(__file__).parents[1]


def as_user(user: int, command: list[str]) -> list[str]:
    """Return the command line that runs `command` as that user, without groups.

    Where a folder above the repository or the interpreter is closed to others, the command sees an open folder in its
    place, which holds nothing but these, in a mount namespace of its own.
    """
    dropped = ["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups", "--", *command]
    needed = {path for path in (REPOSITORY, Path(sys.prefix), Path(sys.base_prefix)) if _closed_above(path)}
    if not needed:
        return dropped
    trees = sorted(path for path in needed if not any(other in path.parents for other in needed))
    lines = ["set -e", "kept=$(mktemp -d)"]
    for number, tree in enumerate(trees):
        lines += [f"mkdir $kept/{number}", f"mount --bind {shlex.quote(str(tree))} $kept/{number}"]
    for closed in sorted({_closed_above(tree) or tree for tree in trees}):
        lines.append(f"mount -t tmpfs -o mode=755 tmpfs {shlex.quote(str(closed))}")
    for number, tree in enumerate(trees):
        at = shlex.quote(str(tree))
        lines += [f"mkdir -p {at}", f"mount --bind $kept/{number} {at}", f"umount $kept/{number}; rmdir $kept/{number}"]
    lines += ["rmdir $kept", 'exec "$@"']
    return ["unshare", "--mount", "--propagation", "private", "sh", "-c", "\n".join(lines), "sh", *dropped]


def _closed_above(path: Path) -> Path | None:
    """Return the topmost folder above `path` that others may not enter."""
    return next(
        (each for each in reversed(path.parents) if not stat.S_IMODE(os.stat(each).st_mode) & stat.S_IXOTH), None
    )
