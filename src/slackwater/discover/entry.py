"""What a forked process can be told to do; the fork server calls `main` in the leader."""

from slackwater.discover.inspect import inspect
from slackwater.pipe.frames import Found
from slackwater.runtime import entry
from slackwater.runtime.confine import prepare
from slackwater.runtime.outlet import Outlet

__all__ = ["main", "prepare"]  # what the fork server calls: `prepare` once, `main` in each leader


async def discover(run: Outlet) -> Found:
    """The task `discover`: look at the source and write its wrapper module."""
    if run.orders.source_type == "API":
        from slackwater.discover import api as kind
    else:
        from slackwater.discover import tabular as kind  # type: ignore[no-redef]
    found = await kind.discover(run)
    entry.load(found.code)  # a module that cannot be loaded must not get as far as a run
    return found


def main(pipe: int, file: int | None) -> None:
    """Perform the task that the first frame orders."""
    tasks = {
        "read": entry.read_module, "prove": entry.prove_module, "discover": discover, "inspect": inspect,
        "probe": entry.probe,
    }  # fmt: skip
    entry.main(pipe, file, tasks)
