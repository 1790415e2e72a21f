"""`slackwater` with something wrong: a clock that can be set, a planted bug, a power cut. Only the campaign starts it.

    TWIST_CLOCK=<file> TWIST_PLANT=<name> TWIST_COMMIT=<seconds> TWIST_CUT=<file> python twisted.py serve …

The product knows nothing of this: the program is changed in its own process, before it runs.
"""

import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

HERE = Path(__file__).parent


def main() -> None:
    """Apply what the environment asks for, then be `slackwater`."""
    sys.path.insert(0, str(HERE))
    if clock := os.environ.pop("TWIST_CLOCK", None):
        import clocks_set

        clocks_set.follow(clock)
        _pass_on(clock)
    plant = os.environ.pop("TWIST_PLANT", None)
    slow = os.environ.pop("TWIST_COMMIT", None)
    if plant:
        import plants

        plants.PLANTS[plant]()
    if slow:
        _slow_disk(float(slow))
    if cut := os.environ.pop("TWIST_CUT", None):
        import cuts

        cuts.await_order(cut)
    from slackwater.cli import main as slackwater

    slackwater()


def _pass_on(clock: str) -> None:
    """Let the fork server, and so every wrapper process, follow the same clock."""
    from slackwater import workbench
    from slackwater.supervise.process import fork_server_link

    workbench.PRELOAD = ("clocks_set", *workbench.PRELOAD)

    class Popen(subprocess.Popen):  # type: ignore[type-arg]
        def __init__(self, *args: object, env: dict[str, str], **how: object) -> None:
            super().__init__(*args, env={**env, "PYTHONPATH": str(HERE), "TWIST_CLOCK": clock}, **how)  # type: ignore[call-overload]

    fork_server_link.subprocess = SimpleNamespace(**{**vars(subprocess), "Popen": Popen})  # type: ignore[assignment]


def _slow_disk(seconds: float) -> None:
    """Let every commit take that much longer, as on a disk that is busy with others."""
    import time

    from slackwater.store.engine.sqlite import SqliteDatabase

    commit = SqliteDatabase._commit

    def slowly(self, group):  # type: ignore[no-untyped-def]
        time.sleep(seconds)
        commit(self, group)

    SqliteDatabase._commit = slowly  # type: ignore[method-assign]


if __name__ == "__main__":
    main()
