"""Limits that hold over all nodes: what a source sees of three workers is what it would see of one."""

import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from nodes import NodeService, Worker, database, joined
from scenes import API, FEED
from service import eventually
from sources import Answer, Feed, Recorded, Route, SourceServer

RATE, CONNECTIONS = 10, 2  # fewer connections than nodes: they take turns
JITTER = 1.0  # seconds that a request may be on its way, on a busy machine, so that a window holds more of them
NAMES = ("one", "two", "three")


class Watched:
    """A route that counts who is in it."""

    def __init__(self, route: Route) -> None:
        self._route = route
        self._lock = threading.Lock()
        self._inside = 0
        self.times: list[float] = []
        self.most = 0

    def __call__(self, request: Recorded) -> Answer:
        with self._lock:
            self.times.append(time.monotonic())
            self._inside += 1
            self.most = max(self.most, self._inside)
        try:
            return self._route(request)
        finally:
            with self._lock:
                self._inside -= 1

    def over(self) -> list[tuple[int, float]]:
        """Return the windows with more requests than the limit allows: how many, in how many seconds."""
        times = sorted(self.times)
        windows = [
            (end - begin + 1, times[end] - times[begin])
            for begin in range(len(times))
            for end in range(begin, len(times))
        ]
        return [(count, seconds) for count, seconds in windows if count > RATE + RATE * (seconds + JITTER)]


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NodeService]:
    room = tmp_path_factory.mktemp("limits")
    limits = {"host_requests_per_second": RATE, "host_connections": CONNECTIONS}
    with ExitStack() as stack:
        url = stack.enter_context(database())
        front = NodeService(room / "front" / "data", url, "front", max_runs=0, **limits)
        for name in NAMES:
            stack.enter_context(Worker(room / name, url, name, max_runs=1, **limits))
        stack.enter_context(front)
        joined(front, count=4)
        yield front


def busy(cluster: NodeService, source: SourceServer, delay: float, requests: int) -> int:
    """Have all workers read one host, no faster than they may; return how many requests it had at once.

    The source goes on with the request of a run that is stopped, while another has got its connection: what it sees
    then is not counted.
    """
    feed = Feed.regular(*FEED)
    endpoint = source.serve("/v1/levels", feed, **API | {"delay": delay, "page_size": 5, "max_page_size": 5})
    watched = Watched(endpoint)
    source.route("/v1/levels", watched)
    made = [cluster.generate("API", {"location": endpoint.url}, periodicity="weekly") for _ in NAMES]

    def nodes() -> set[str]:
        runs = [run for wrapper_id in made for run in cluster.runs(wrapper_id)]
        return {run["node"] for run in runs if run["points_received"] > 0}

    eventually(lambda: nodes() == set(NAMES) and len(watched.times) >= requests)
    most = watched.most
    for wrapper_id in made:
        cluster.stop(wrapper_id)
    assert watched.over() == []
    return most


@pytest.mark.long  # what reads more slowly stays within it, too
def test_the_rate_of_a_host_is_that_of_all_nodes_together(cluster: NodeService, source: SourceServer) -> None:
    assert busy(cluster, source, 0.0, 80) <= CONNECTIONS


@pytest.mark.long
def test_the_connections_to_a_host_are_those_of_all_nodes_together(cluster: NodeService, source: SourceServer) -> None:
    assert busy(cluster, source, 0.4, 30) == CONNECTIONS
