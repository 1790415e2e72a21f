"""Finds out what confinement this machine offers.

By a child that is confined as every wrapper will be.
"""

import asyncio

from slackwater.errors import ProtocolViolation, Unavailable
from slackwater.pipe.frames import Confine, Hello, Limits, Measure
from slackwater.supervise.process.fork_server_link import ForkServerLink
from slackwater.supervise.run.session import WorkerSession

DEADLINE = 10.0  # seconds; a probe takes milliseconds, a loaded machine more


async def probe(link: ForkServerLink, limits: Limits) -> dict[str, Measure]:
    """Return the measures of confinement by name.

    Unavailable when no process can be started or confined.
    """
    session = await WorkerSession.spawn(link, Confine(limits=limits))
    lines: list[str] = []  # that it wrote to standard error

    def say(level: str, line: str) -> None:
        if level == "WARNING":
            lines.append(line.removeprefix("[STDERR] "))

    hello: Hello | None = None
    try:
        async with asyncio.timeout(DEADLINE), session.talk(say) as frames:
            async for frame in frames:
                hello = frame if isinstance(frame, Hello) else hello
        if hello is None:
            last = lines[-1] if lines else session.child.gone.result()
            raise Unavailable(f"A process could not be confined: {last}")
        return hello.confinement | _run_limits(link.no_cgroups)
    except (TimeoutError, ProtocolViolation) as error:
        raise Unavailable(f"A process could not be confined: {error or 'it does not answer'}.") from None
    finally:
        await session.child.end(DEADLINE)


def missing(confinement: dict[str, Measure]) -> dict[str, str]:
    """Return why each measure is missing that is not in force."""
    return {name: measure.detail for name, measure in confinement.items() if not measure.in_force}


def _run_limits(no_cgroups: str) -> dict[str, Measure]:
    """Say how the ceilings of whole runs are kept.

    The guards keep them too, so that a cgroup is never a must.
    """
    how = f"the guard looks every 0.2 s (no cgroup: {no_cgroups})" if no_cgroups else "cgroup v2"
    return {"run_limits": Measure(in_force=True, detail=how)}
