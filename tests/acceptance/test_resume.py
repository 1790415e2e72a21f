"""Stop and resume, at every place: nothing lost, nothing doubled, nothing fetched twice."""

import random
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import pytest

import scenes
from budget import examples, some
from gates import Gate
from service import IDLE, Service, alive, eventually
from slackwater.model.instants import DAY, HOUR, SECOND, WEEK, iso, parse_iso
from sources import Answer, Feed, Recorded, SourceServer

STORED = 4.0  # seconds within which an answered page is stored, if it leads to a commit
STATUSES = IDLE | {"executing", "retrying"}


@pytest.mark.parametrize(
    "filtered", [pytest.param(True, id="windows"), pytest.param(False, id="whole", marks=pytest.mark.long)]
)
def test_at_every_batch_boundary_of_a_back_fill(service: Service, source: SourceServer, filtered: bool) -> None:
    start, step, count = scenes.FEED
    feed = Feed.regular(start, step, count := examples(count // 4, count))
    shape = scenes.API | {"time_filter": scenes.API["time_filter"] if filtered else None}
    endpoint = source.serve("/v1/levels", feed, **shape)
    gate = Gate(endpoint)
    source.route("/v1/levels", gate)
    wrapper_id = service.generate("API", {"location": endpoint.url}, periodicity="weekly")
    gate.let_generate(service, wrapper_id)
    boundaries = 0
    while True:
        pid = service.process_id(wrapper_id)
        _let_one_batch_through(service, wrapper_id, gate)
        if service.wrapper(wrapper_id)["phase"] == "continuous":
            break
        assert service.stop(wrapper_id)["success"]
        assert pid is None or not alive(pid)
        gate.forget()
        boundaries += 1
        service.execute(wrapper_id, wait=0)
    assert boundaries >= count / 50 - 1
    gate.open()
    assert service.stored(wrapper_id) == feed.points()
    # The gap up to now is asked for anew at each resume, and is never the same one; everything else once.
    asked = [tuple(sorted(request.query.items())) for request in gate.answered]
    assert len(asked) == len(set(asked))


def _let_one_batch_through(service: Service, wrapper_id: str, gate: Gate) -> None:
    """Answer requests until the back-fill has gone on by one batch; the gap up to now comes before it."""
    before = _place(service, wrapper_id)

    def gone_on() -> bool:
        return _place(service, wrapper_id) != before or service.wrapper(wrapper_id)["phase"] == "continuous"

    def answered_and_gone_on() -> bool:
        # The run asks ahead; so a page is let through only when the one before it has had time to be stored.
        if gate.waiting:
            gate.step()
            deadline = time.monotonic() + STORED
            while not gone_on() and time.monotonic() < deadline:
                time.sleep(0.01)
        return gone_on()

    eventually(answered_and_gone_on)


def _place(service: Service, wrapper_id: str) -> tuple[object, ...]:
    """How far back the wrapper has read: the oldest covered moment, and the page inside the window under way."""
    checkpoint = service.http.get(f"/resources/wrappers/{wrapper_id}/checkpoint").json()
    oldest = checkpoint["covered"][0]["start"] if checkpoint["covered"] else None
    return oldest, str(checkpoint["page"])


@pytest.mark.parametrize("source_type", some(["CSV", "XLSX"], "CSV"))
def test_a_file_at_every_batch_boundary(service: Service, source_type: str) -> None:
    scene = scenes.file(service, source_type, count=30_000)
    received = _received(scene)
    for _ in range(20):
        service.execute(scene.wrapper_id, wait=0)
        eventually(lambda received=received: _received(scene) > received or _completed(scene))
        if _completed(scene):
            break
        service.stop(scene.wrapper_id)
        received = _received(scene)
    service.wait_for(scene.wrapper_id, "completed")
    again = [run for run in service.runs(scene.wrapper_id) if run["outcome"] in ("stopped", "succeeded")]
    assert len(again) >= 3
    scene.assert_complete()


def _received(scene: scenes.Scene) -> int:
    return sum(run["points_received"] for run in scene.service.runs(scene.wrapper_id))


def _completed(scene: scenes.Scene) -> bool:
    return scene.service.wrapper(scene.wrapper_id)["status"] == "completed"


@pytest.mark.long
def test_fifty_stops_and_executes_at_once(service: Service, source: SourceServer) -> None:
    for other in service.http.get("/resources/wrappers", params={"limit": 100}).json():
        service.stop(other["wrapper_id"])  # of the tests before: one that polls would be a second leader
    scene = scenes.api(service, source, delay=0.01)
    service.caught_up(scene.wrapper_id)
    service.stop(scene.wrapper_id)
    service.http.delete(f"/resources/wrappers/{scene.wrapper_id}/checkpoint").raise_for_status()
    chance = random.Random(7)
    most = 0
    with ThreadPoolExecutor(50) as pool:
        for _ in range(12):
            calls = [
                pool.submit(service.stop, scene.wrapper_id)
                if chance.random() < 0.5
                else pool.submit(service.execute, scene.wrapper_id, chance.choice([0, 0, 0.2]))
                for _ in range(50)
            ]
            while not all(call.done() for call in calls):
                # Leaders, not processes: the guard of the run before may be there a moment longer.
                most = max(most, len(service.leaders()))
                assert service.wrapper(scene.wrapper_id)["status"] in STATUSES
            for call in calls:
                assert isinstance(call.result()["success"], bool)
    assert most <= 1
    assert service.stop(scene.wrapper_id)["success"]
    assert service.leaders() == []
    eventually(lambda: len(service.below()) == 1)  # the fork server alone
    service.execute(scene.wrapper_id)
    service.caught_up(scene.wrapper_id)
    scene.assert_complete()
    open_at_once = [run for run in service.runs(scene.wrapper_id) if run["outcome"] == "running"]
    assert open_at_once == []


def test_a_two_year_gap_does_not_end_the_back_fill(service: Service, source: SourceServer) -> None:
    feed = Feed.regular("2015-01-01", HOUR, 200)
    feed.extend((parse_iso("2017-03-01") + HOUR * n, n) for n in range(200))
    scene = scenes.api(service, source, feed=feed, delay=0)
    service.caught_up(scene.wrapper_id)
    scene.assert_complete()
    checkpoint = service.http.get(f"/resources/wrappers/{scene.wrapper_id}/checkpoint").json()
    assert checkpoint["backfill_done"]
    assert checkpoint["backfill_reason"]
    assert len(checkpoint["covered"]) == 1


def test_a_source_without_a_time_filter_is_read_whole(service: Service, source: SourceServer) -> None:
    scene = scenes.api(service, source, delay=0, time_filter=None, paging="link", order="desc")
    wrapper = service.caught_up(scene.wrapper_id)
    scene.assert_complete()
    assert wrapper["phase"] == "continuous"


def test_revised_values_overwrite(service: Service, source: SourceServer) -> None:
    now = time.time_ns() // 1000
    feed = Feed((now - WEEK * n, float(n)) for n in range(1, 60))
    endpoint = source.serve("/v1/levels", feed, **scenes.API)
    wrapper_id = service.generate("API", {"location": endpoint.url, "lookback": "P10W"}, periodicity="1s")
    service.caught_up(wrapper_id)
    assert service.stored(wrapper_id) == feed.points()
    feed.revise(now - WEEK * 3, -1.5)
    feed.add(now - WEEK // 2, 77.0)
    eventually(lambda: service.stored(wrapper_id) == feed.points())
    changed = sum(run["points_changed"] for run in service.runs(wrapper_id))
    assert changed == 1
    service.stop(wrapper_id)


def test_a_future_point_does_not_hide_the_present(service: Service, source: SourceServer) -> None:
    now = time.time_ns() // 1000
    feed = Feed((now - DAY * n, float(n)) for n in range(1, 40))
    endpoint = source.serve("/v1/levels", feed, records="items", paging="offset", page_size=20)
    wrapper_id = service.generate("API", {"location": endpoint.url}, periodicity="1s")
    service.caught_up(wrapper_id)
    feed.add(now + 400 * DAY, 5.0)
    eventually(lambda: service.stored(wrapper_id) == feed.points())
    feed.add(now, 6.0)
    eventually(lambda: service.stored(wrapper_id) == feed.points())
    service.stop(wrapper_id)


def test_429_with_retry_after_is_honoured(service: Service, source: SourceServer) -> None:
    scene = scenes.api(service, source, delay=0.02)
    scenes.reading(scene)
    assert scene.endpoint is not None
    scene.endpoint.faults.answer(429, times=2, retry_after=1)
    service.caught_up(scene.wrapper_id, within=30)
    scene.assert_complete()
    requests = scene.endpoint.requests
    waits = [after.time - before.time for before, after in pairwise(requests)]
    assert sum(wait > 0.9 for wait in waits) >= 2


def test_a_source_that_dies_for_a_while_is_no_error(service: Service, source: SourceServer) -> None:
    scene = scenes.api(service, source, delay=0.02)
    scenes.reading(scene)
    assert scene.endpoint is not None
    scene.endpoint.faults.drop(times=18)  # six runs: more than the tries that a fault has
    seen = set()

    def recovered() -> bool:
        wrapper = service.wrapper(scene.wrapper_id)
        seen.add(wrapper["status"])
        assert wrapper["status"] != "error", wrapper["error_message"]
        return scene.endpoint.faults.struck >= 18 and wrapper["phase"] == "continuous"

    eventually(recovered, within=60)
    service.caught_up(scene.wrapper_id)
    assert "retrying" in seen
    scene.assert_complete()
    assert service.wrapper(scene.wrapper_id)["retry_count"] == 0


def test_five_faults_in_a_row_need_a_person(service: Service, source: SourceServer) -> None:
    scene = scenes.api(service, source, delay=0)
    service.caught_up(scene.wrapper_id)
    service.stop(scene.wrapper_id)
    source.route("/v1/levels", Answer({"error": "gone for good"}, 404))
    answer = service.execute(scene.wrapper_id)
    assert answer["success"] is False
    assert answer["data_points_sent"] is None
    assert "404" in answer["message"]
    eventually(lambda: service.wrapper(scene.wrapper_id)["status"] == "error", within=30)
    wrapper = service.wrapper(scene.wrapper_id)
    assert wrapper["retry_count"] == 5
    assert "404" in wrapper["error_message"]


def test_a_source_that_cuts_its_answers_silently_is_read_and_followed_whole(
    service: Service, source: SourceServer
) -> None:
    """Never more than the newest 100 at once: in the history, and in a poll by a process that knows nothing of it."""
    today = int(time.time()) * SECOND // DAY * DAY
    feed = Feed((today - DAY * n, float(n)) for n in range(1, 800))

    def newest(request: Recorded) -> Answer:
        low, high = (parse_iso(request.query[name]) if name in request.query else None for name in ("from", "to"))
        low = today - 30 * DAY if low is None else low
        held = [(at, v) for at, v in sorted(feed.points()["value"].items()) if low <= at <= (high or today)]
        return Answer([{"at": iso(at), "value": value} for at, value in held[-100:]])

    wrapper_id = service.generate("API", {"location": source.route("/v1/newest", newest)}, periodicity="daily")
    eventually(lambda: service.wrapper(wrapper_id)["phase"] == "continuous")
    assert service.stored(wrapper_id) == feed.points()
    service.stop(wrapper_id)
    feed.extend((today - 2 * DAY + HOUR // 6 * n, float(n)) for n in range(1, 250))
    service.execute(wrapper_id)
    eventually(lambda: service.stored(wrapper_id) == feed.points())
