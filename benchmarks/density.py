"""How much memory running wrappers take, and a service that has ten thousand of them between two polls."""

import statistics
import time

import psutil

from benchmarks.ground import (
    PATIENCE,
    bare_processes,
    directory,
    execute_all,
    fork_server,
    highest_rss,
    memory,
    plant,
    service,
)
from benchmarks.report import Figure, Report
from benchmarks.source import ENDLESS, Pages
from service import Service, eventually

RUNNING = 50
FOLLOWING = 10_000
EACH, SERVICE = 15, 300  # MB aimed at
PAGE = 100
SETTLE = 2.0  # seconds


def measure(quick: bool) -> Report:
    """Weigh wrappers that run, then a service whose wrappers wait."""
    with bare_processes(1) as [child]:
        bare = memory(child.pid)["pss"]
    return Report(
        title="memory (1 MB is 10^6 bytes)",
        figures=[*_running(10 if quick else RUNNING, bare), *_following(200 if quick else FOLLOWING, bare)],
        notes=[
            "a running wrapper is its process and its guard, after the first page was stored; proportional set size "
            "(smaps_rollup), in which a page that n processes share counts 1/n",
            "private: what one more wrapper takes from the machine",
            "following wrappers were put into the store; each has been listed once through the API, none has polled",
            "reference: proportional set size of a bare `python -c 'time.sleep'`",
        ],
    )


def _running(count: int, bare: float) -> list[Figure]:
    with directory() as place, Pages(ENDLESS, size=PAGE, delay=0.5) as source:
        wrapper_ids = plant(place, count, source.url, PAGE, following=False)
        with service(place, max_runs=count + 10) as running:
            execute_all(running, wrapper_ids)
            for each in wrapper_ids:
                eventually(lambda each=each: running.wrapper(each)["data_points_count"] > 0, within=PATIENCE)
            weights = [_weight(running, wrapper_id) for wrapper_id in wrapper_ids]
            server = memory(fork_server(running).pid)
    pss = [weight["pss"] for weight in weights]
    private = [weight["private"] for weight in weights]
    what = f"each of {count} running wrappers"
    return [
        Figure(name=f"{what}, median", value=statistics.median(pss), unit="MB", at_most=EACH, reference=bare),
        Figure(name=f"{what}, largest", value=max(pss), unit="MB", at_most=EACH, reference=bare),
        Figure(name=f"{what}, private, median", value=statistics.median(private), unit="MB"),
        Figure(name="their fork server, PSS", value=server["pss"], unit="MB", reference=bare),
    ]


def _weight(running: Service, wrapper_id: str) -> dict[str, float]:
    """Weigh everything between the fork server and the wrapper's process, both that process and its guard."""
    leader = running.process_id(wrapper_id)
    if leader is None:
        raise AssertionError("a wrapper that should run has no process")
    top, above = psutil.Process(leader), fork_server(running).pid
    while top.ppid() != above:
        top = top.parent()
    each = [memory(process.pid) for process in (top, *top.children(recursive=True))]
    return {kind: sum(weight[kind] for weight in each) for kind in each[0]}


def _following(count: int, bare: float) -> list[Figure]:
    with directory() as place:
        plant(place, count, "http://127.0.0.1:9/v1/levels", PAGE, following=True)
        with service(place) as running:
            _list_all(running, count)
            time.sleep(SETTLE)
            assert running.process
            if len(running.below()) != 1:
                raise AssertionError("a wrapper between two polls has a process")
            ours, server = memory(running.process.pid), memory(fork_server(running).pid)
            highest = highest_rss(running.process.pid)
    what = f"service with {count:,} following"
    return [
        Figure(name=f"{what}, RSS", value=ours["rss"], unit="MB", at_most=SERVICE, reference=bare),
        Figure(name=f"{what}, RSS at its highest", value=highest, unit="MB", at_most=SERVICE, reference=bare),
        Figure(name=f"{what}, PSS", value=ours["pss"], unit="MB", reference=bare),
        Figure(name="its fork server, RSS", value=server["rss"], unit="MB", reference=bare),
        Figure(name="its fork server, PSS", value=server["pss"], unit="MB", reference=bare),
    ]


def _list_all(running: Service, count: int) -> None:
    """Look at every wrapper once: what the service keeps of what it has seen belongs to its weight."""
    seen = set()
    for skip in range(0, count, 100):
        answer = running.http.get("/resources/wrappers/", params={"skip": skip, "limit": 100})
        assert answer.status_code == 200, answer.text
        for wrapper in answer.json():
            assert wrapper["status"] == "executing", wrapper
            assert wrapper["phase"] == "continuous", wrapper
            seen.add(wrapper["wrapper_id"])
    assert len(seen) == count, len(seen)
