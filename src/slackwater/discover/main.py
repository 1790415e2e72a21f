"""Defines what a forked process does for discovery; the fork server calls `main`."""

import msgspec

from slackwater.discover.alternatives import TRIAL, Budget, counted, offers
from slackwater.discover.file.inspection import inspect
from slackwater.discover.inference.questions import naming_fields
from slackwater.errors import BadSource, Question
from slackwater.pipe.frames import Confine, Discover, Found, Inspect, Inspected, Order, Prove, Read
from slackwater.runtime.confinement.confine import prepare
from slackwater.runtime.process import main as process
from slackwater.runtime.process.channel import Outlet
from slackwater.runtime.source import DiscoveryRun
from slackwater.runtime.trial import prove

__all__ = ["main", "prepare"]  # what the fork server calls: `prepare` once, `main` in each leader


async def discover(run: Outlet[Discover]) -> Found:
    """Examine the source, write its wrapper module, and prove it in a trial.

    A Question carries the alternatives that were examined and tried, with their first points.
    """
    budget = Budget(run.orders.requests + TRIAL)
    async with counted(run, budget):
        try:
            return await _look(run)
        except Question as question:
            question.offers = await offers(question, run, _look, budget)
            raise


async def _look(run: DiscoveryRun) -> Found:
    if run.orders.source_type == "API":
        from slackwater.discover.api import pipeline as kind
    else:
        from slackwater.discover.file import pipeline as kind  # type: ignore[no-redef]
    with naming_fields(api=run.orders.source_type == "API"):
        found = await kind.discover(run)
    proof = await prove(process.load(found.code), run, found.seen)
    if proof.objections:
        raise BadSource(
            f"What was found does not stand the trial: {' '.join(proof.objections)}", findings=found.findings
        )
    return msgspec.structs.replace(found, proof=proof)


async def look_at_upload(run: Outlet[Inspect]) -> Inspected:
    """Find out what an uploaded file is."""
    return inspect(run.file(), run.orders.file_name)


TASKS: dict[type[Order], process.Task] = {
    Read: process.read_module,
    Prove: process.prove_module,
    Discover: discover,
    Inspect: look_at_upload,
    Confine: process.confined,
}


def main(pipe: int, file: int | None) -> None:
    """Perform the task that the first frame orders."""
    process.main(pipe, file, TASKS)
