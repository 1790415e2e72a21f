"""How long a stop takes, from the POST to the answer, while a hundred wrappers run."""

import json
import subprocess
import time

from benchmarks.ground import bare_processes, directory, execute_all, plant, posted, processes_left, service
from benchmarks.report import Figure, Report, percentile
from benchmarks.source import ENDLESS, Pages
from service import Service

RUNNING = 100
P50, P99 = 25, 250  # ms aimed at
SETTLE = 2.0  # seconds until the wrapper that was started last reads like the others
BETWEEN = 0.2  # seconds, so that a stop does not share the processor with the start before it
PAGE = 100


def measure(quick: bool) -> Report:
    """Stop them one by one, each started again before the next, then all at once."""
    count = 10 if quick else RUNNING
    with directory() as place, Pages(ENDLESS, size=PAGE, delay=0.5) as source:
        wrapper_ids = plant(place, count, source.url, PAGE, following=False)
        with service(place, max_runs=count + 10) as running:
            execute_all(running, wrapper_ids)
            time.sleep(SETTLE)
            single = _one_by_one(running, wrapper_ids)
            time.sleep(SETTLE)
            together = _stopped(running, wrapper_ids)
            if left := processes_left(running):
                raise AssertionError(f"{left} processes are left after all stops")
    with bare_processes(count) as children:
        single_reference = [_ended([child])[0] for child in children]
    with bare_processes(count) as children:
        together_reference = _ended(children)
    return Report(
        title=f"POST stop to its answer, {count} API wrappers running",
        figures=[
            *_figures("one by one", single, single_reference),
            *_figures(f"{count} at once", together, together_reference),
        ],
        notes=[
            "each wrapper has a live process that reads a slow source; when its stop has answered, all of it is reaped",
            "one by one: the stopped wrapper is executed again before the next stop, so that all others always run",
            "reference: SIGTERM to the reaped exit of a bare `python -c 'time.sleep'`; at once: from the first SIGTERM",
        ],
    )


def _one_by_one(running: Service, wrapper_ids: list[str]) -> list[float]:
    took = []
    for wrapper_id in wrapper_ids:
        took += _stopped(running, [wrapper_id])
        execute_all(running, [wrapper_id])
        time.sleep(BETWEEN)
    return took


def _stopped(running: Service, wrapper_ids: list[str]) -> list[float]:
    """Stop the wrappers at the same moment; return the seconds of each."""
    answers = posted(running, [f"/resources/wrappers/{wrapper_id}/stop" for wrapper_id in wrapper_ids])
    for _, body in answers:
        if not json.loads(body)["success"]:
            raise AssertionError(f"a stop answered {body.decode()}")
    return [seconds for seconds, _ in answers]


def _ended(children: list[subprocess.Popen[bytes]]) -> list[float]:
    began = time.perf_counter()
    for child in children:
        child.terminate()
    took = []
    for child in children:
        child.wait()
        took.append(time.perf_counter() - began)
    return took


def _figures(how: str, took: list[float], reference: list[float]) -> list[Figure]:
    return [
        Figure(
            name=f"{how}, p{percent}",
            value=percentile(took, percent) * 1000,
            unit="ms",
            at_most=aim,
            reference=percentile(reference, percent) * 1000,
        )
        for percent, aim in ((50, P50), (99, P99))
    ]
