"""What a forked process can be told to do; the fork server calls `main` in the leader."""

import msgspec

from slackwater.discover.asked import naming_fields
from slackwater.discover.inspect import inspect
from slackwater.errors import BadSource
from slackwater.pipe.frames import Found
from slackwater.runtime import entry
from slackwater.runtime.confine import prepare
from slackwater.runtime.outlet import Outlet
from slackwater.runtime.proving import prove

__all__ = ["main", "prepare"]  # what the fork server calls: `prepare` once, `main` in each leader


async def discover(run: Outlet) -> Found:
    """The task `discover`: look at the source, write its wrapper module, and prove it on what the source gives."""
    if run.orders.source_type == "API":
        from slackwater.discover import api as kind
    else:
        from slackwater.discover import tabular as kind  # type: ignore[no-redef]
    with naming_fields(api=run.orders.source_type == "API"):
        found = await kind.discover(run)
    proof = await prove(entry.load(found.code), run, found.seen)
    if proof.objections:
        raise BadSource(
            f"What was found does not stand the trial: {' '.join(proof.objections)}", findings=found.findings
        )
    return msgspec.structs.replace(found, proof=proof)


def main(pipe: int, file: int | None) -> None:
    """Perform the task that the first frame orders."""
    tasks = {
        "read": entry.read_module, "prove": entry.prove_module, "discover": discover, "inspect": inspect,
        "probe": entry.probe,
    }  # fmt: skip
    entry.main(pipe, file, tasks)
