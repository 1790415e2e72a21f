"""How long it takes from `execute` to the first instruction of the wrapper's module."""

import subprocess
import sys
import time

from benchmarks.ground import PATIENCE, directory, plant, service
from benchmarks.report import Figure, Report, percentile
from benchmarks.source import Pages
from service import Service, eventually

REPETITIONS = 50
WARM_UP = 3
P50 = 30  # ms aimed at

# The times are stored as values: µs since 1970 are whole numbers that a float64 holds exactly.
MODULE = """import time
FIRST = time.time_ns() // 1000
from slackwater import Point, Wrapper

class Clock(Wrapper):
    whole = True

    async def fetch(self, window, http):
        entered = time.time_ns() // 1000
        yield Point("2000-01-01", FIRST, series="module")
        yield Point("2000-01-01", entered, series="fetch")

wrapper = Clock()
"""


def measure(quick: bool) -> Report:
    """Execute a hand-written wrapper again and again; it stores when it came to life."""
    module, fetch, reference = [], [], []
    with directory() as place, Pages(10) as source:
        [wrapper_id] = plant(place, 1, source.url, 10, following=False)
        with service(place) as running:
            running.patch(wrapper_id, generated_code=MODULE)
            for _ in range(WARM_UP):
                _started(running, wrapper_id)
            for _ in range(5 if quick else REPETITIONS):
                first, entered = _started(running, wrapper_id)
                module.append(first)
                fetch.append(entered)
                reference.append(_bare())
    return Report(
        title=f"execute to the wrapper's first instruction, {len(module)} times",
        figures=[
            *_figures("first line of the module", module, reference, P50),
            *_figures("first line of `fetch`", fetch, reference, P50),
        ],
        notes=[
            "from the moment before POST execute is sent, by the wall clock that both processes share; "
            f"after {WARM_UP} runs that do not count",
            "reference: a bare `python -c pass` from its start to its end, one after each measured run",
        ],
    )


def _started(running: Service, wrapper_id: str) -> tuple[float, float]:
    """Execute the wrapper; return the ms until its module's and its `fetch`'s first instruction."""
    running.stop(wrapper_id)  # following its source it would not start again
    before = len(running.runs(wrapper_id))
    began = time.time_ns() // 1000
    answer = running.execute(wrapper_id, wait=0)
    assert answer["success"], answer

    def ended() -> bool:
        runs = running.runs(wrapper_id)
        return len(runs) > before and runs[0]["outcome"] != "running"

    eventually(ended, within=PATIENCE)
    stored = running.stored(wrapper_id)
    first, entered = (next(iter(stored[series].values())) for series in ("module", "fetch"))
    if not began <= first <= entered:
        raise AssertionError(f"not in order: {began} {first} {entered}")
    return (first - began) / 1000, (entered - began) / 1000


def _bare() -> float:
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", "pass"], check=True)
    return (time.perf_counter() - began) * 1000


def _figures(what: str, took: list[float], reference: list[float], aim: float) -> list[Figure]:
    return [
        Figure(
            name=f"{what}, p{percent}",
            value=percentile(took, percent),
            unit="ms",
            at_most=aim if percent == 50 else None,
            reference=percentile(reference, percent),
        )
        for percent in (50, 99)
    ]
