"""What confinement this machine offers, found out by a child that is confined as every wrapper will be."""

import asyncio
import contextlib
import os

from slackwater.errors import ProtocolViolation, Unavailable
from slackwater.pipe.frames import Confine, Hello, Limits, Measure
from slackwater.supervise.process.child import Child
from slackwater.supervise.process.fork_server_link import ForkServerLink
from slackwater.supervise.run.channel import Conversation, printable

DEADLINE = 10.0  # seconds


async def probe(link: ForkServerLink, limits: Limits) -> dict[str, Measure]:
    """Return the measures of confinement by name; Unavailable when no process can be started or confined."""
    child = await link.spawn()
    try:
        async with asyncio.timeout(DEADLINE):
            orders = Confine(limits=limits)
            with contextlib.closing(await Conversation.begin(child.pipe, orders)) as talk:
                async for frame in talk.frames():
                    if isinstance(frame, Hello):
                        return frame.confinement | _run_limits(link.no_cgroups)
        await asyncio.wait({child.gone}, timeout=DEADLINE)
        raise Unavailable(f"A process could not be confined: {_last_words(child) or child.gone.result()}")
    except (TimeoutError, ProtocolViolation) as error:
        raise Unavailable(f"A process could not be confined: {error or 'it does not answer'}.") from None
    finally:
        await child.end(DEADLINE)


def _last_words(child: Child) -> str:
    os.set_blocking(child.err.fileno(), False)
    return printable((child.err.read() or b"").strip().rpartition(b"\n")[2])


def missing(confinement: dict[str, Measure]) -> dict[str, str]:
    """Return why each measure is missing that is not in force."""
    return {name: measure.detail for name, measure in confinement.items() if not measure.in_force}


def _run_limits(no_cgroups: str) -> dict[str, Measure]:
    """Say how the ceilings of whole runs are kept; the guards keep them too, so that a cgroup is never a must."""
    how = f"the guard looks every 0.2 s (no cgroup: {no_cgroups})" if no_cgroups else "cgroup v2"
    return {"run_limits": Measure(in_force=True, detail=how)}
