"""What confinement this machine offers, found out by a child that is confined as every wrapper will be."""

import asyncio
import contextlib
import os

from slackwater.errors import ProtocolViolation, Unavailable
from slackwater.pipe.frames import Hello, Limits, Start
from slackwater.supervise.process.child import Child
from slackwater.supervise.process.fork_server_link import ForkServerLink
from slackwater.supervise.run.channel import Conversation, printable

DEADLINE = 10.0  # seconds
IN_FORCE = "in force"


async def probe(link: ForkServerLink, limits: Limits) -> dict[str, str]:
    """Return measure → "in force…" or "missing: why"; Unavailable when no process can be started or confined."""
    child = await link.spawn()
    try:
        async with asyncio.timeout(DEADLINE):
            orders = Start(task="probe", source_type="", limits=limits)
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


def missing(confinement: dict[str, str]) -> dict[str, str]:
    """Return the measures that are not in force, each with the reason."""
    return {measure: said for measure, said in confinement.items() if not said.startswith(IN_FORCE)}


def _run_limits(no_cgroups: str) -> dict[str, str]:
    """Say how the ceilings of whole runs are kept; the guards keep them too, so that a cgroup is never a must."""
    how = f"the guard looks every 0.2 s (no cgroup: {no_cgroups})" if no_cgroups else "cgroup v2"
    return {"run_limits": f"{IN_FORCE}: {how}"}
