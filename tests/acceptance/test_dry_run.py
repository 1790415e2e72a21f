"""A module is tried on its source, and nothing of that is stored."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from budget import every
from scenes import api, module
from service import Service, alive, eventually
from sources import SourceServer

GOOD = 'yield Point("2020-01-01T00:00:00Z", 7.5, series="<b>level</b>")\nprint("tried it")'


@pytest.fixture
def wrapper_id(service: Service, source: SourceServer) -> str:
    scene = api(service, source)
    service.wait_for(scene.wrapper_id, "executing")
    service.stop(scene.wrapper_id)
    return scene.wrapper_id


def tried(service: Service, wrapper_id: str, **body: object):
    return service.http.post(f"/resources/wrappers/{wrapper_id}/dry-run", json=body)


def test_it_shows_the_points_and_stores_none(service, wrapper_id):
    before = service.wrapper(wrapper_id), service.runs(wrapper_id), service.stored(wrapper_id)
    answer = tried(service, wrapper_id, generated_code=module(GOOD)).json()
    assert answer["sample"] == [{"x": "2020-01-01T00:00:00Z", "y": 7.5, "series": "<b>level</b>"}]
    assert answer["points"] == 1
    assert any("tried it" in line for line in answer["logs"])
    assert (service.wrapper(wrapper_id), service.runs(wrapper_id), service.stored(wrapper_id)) == before


def test_the_stored_module_on_a_window(service, wrapper_id):
    window = {"start": "2010-01-01T00:00:00Z", "end": "2010-03-01T00:00:00Z"}
    answer = tried(service, wrapper_id, window=window).json()
    assert answer["success"], answer
    assert answer["sample"]
    assert all(window["start"] <= point["x"] < window["end"] for point in answer["sample"])


def test_an_exception_is_told_with_its_place(service, wrapper_id):
    answer = tried(service, wrapper_id, generated_code=module('raise RuntimeError("no such luck")\nyield')).json()
    assert not answer["success"]
    assert "no such luck" in answer["message"]
    assert "RuntimeError" in answer["traceback"]
    assert "site-packages" not in answer["traceback"]


def test_what_cannot_be_tried_is_refused(service, wrapper_id):
    refused = tried(service, wrapper_id, generated_code="wrapper = (")
    assert refused.status_code == 400
    assert "is not Python" in refused.json()["detail"]
    assert tried(service, wrapper_id, window={"start": "yesterday", "end": "today"}).status_code == 400
    assert tried(service, wrapper_id, window={"start": "2020-01-02", "end": "2020-01-01"}).status_code == 400
    assert tried(service, wrapper_id, nonsense=1).status_code == 422
    assert tried(service, "6f1d2c1e-7b0a-4e57-9d35-0c8f7a1e2b34").status_code == 404


WILD = {
    "a time beyond the calendar": {"sample": [[2**62, 1.0, "a"]]},
    "a value that is no number": {"sample": [[0, float("nan"), "a"]]},
    "a value without end": {"sample": [[0, float("inf"), "a"]]},
    "a window to the end of time": {"window": [0, 253_402_300_800_000_000]},
    "a window beyond it": {"window": [0, 2**62]},
    "many objections": {"objections": ["n"] * 40_000},
    "a sample without end": {"sample": [[0, 1.0, "a"]] * 1_000},
    "control characters": {"objections": ["\x1b[2J"], "series": ["\x9b"]},
}
SAYS = """
    import msgspec, socket, stat, struct
    proof = {{"window": [0, 1], "points": 1}} | {wild!r}
    body = msgspec.msgpack.encode({{"type": "proven", "proof": proof}})
    for number in range(3, 64):
        try:
            if stat.S_ISSOCK(os.fstat(number).st_mode):
                os.set_blocking(number, True)
                os.write(number, struct.pack(">I", len(body)) + body)
        except OSError:
            continue
    time.sleep(600)
    yield
"""


@pytest.mark.parametrize("wild", every(3, WILD.values()), ids=WILD)
def test_a_wild_frame_is_a_sentence_and_no_failure_of_ours(service, wrapper_id, wild):
    text = SAYS.format(wild=wild).replace("nan", "float('nan')").replace("inf,", "float('inf'),")
    answer = tried(service, wrapper_id, generated_code=module(text))
    assert answer.status_code == 200, answer.text
    assert answer.json()["message"]
    assert "\x1b" not in answer.json()["message"]


HANGS = """
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if os.fork() == 0:
        os.setsid()
        time.sleep(600)
    time.sleep(600)
    yield
"""


@pytest.mark.parametrize("how", ["stop", "delete", "regenerate"])
def test_a_stop_ends_it(service, wrapper_id, how):
    with ThreadPoolExecutor(6) as pool:  # two more than may be under way: they wait in line
        answers = [pool.submit(tried, service, wrapper_id, generated_code=module(HANGS)) for _ in range(6)]
        eventually(lambda: len(service.below()) >= 1 + 4 * 3)  # fork server; guard, leader and its child of each
        [fork_server] = [each for each in service.below() if each.ppid() == service.process.pid]
        below = [each.pid for each in service.below() if each.pid != fork_server.pid]
        guards = {each.pid for each in fork_server.children()}
        if how == "stop":
            assert service.stop(wrapper_id)["success"]
        elif how == "delete":
            assert service.http.delete(f"/resources/wrappers/{wrapper_id}").status_code in (200, 204)
        else:
            assert service.http.post(f"/resources/wrappers/{wrapper_id}/regenerate").status_code == 200
        assert not [pid for pid in below if alive(pid) and pid not in guards]
        for answer in answers:
            body = answer.result().json()
            assert (body["success"], body["message"]) == (False, "The wrapper was stopped, and its dry run with it.")
    if how != "delete":
        service.stop(wrapper_id)
    eventually(lambda: len(service.below()) == 1)
