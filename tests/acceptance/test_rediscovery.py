"""A source that changes its shape is discovered once again by itself; data, checkpoint and a hand's code stay."""

import threading
import time
from typing import Any

import pytest

from service import Service, eventually
from slackwater.model.instants import DAY
from sources import Answer, Feed, Recorded, SourceServer

FEED = ("2024-01-01", DAY, 60)
BEFORE: dict[str, Any] = {"records": "items", "time_field": "timestamp", "value_field": "value"}
AFTER: dict[str, Any] = {"records": "result.rows", "time_field": "when", "value_field": "value"}


def reread(service: Service, wrapper_id: str) -> None:
    service.stop(wrapper_id)
    assert service.http.post(f"/resources/wrappers/{wrapper_id}/execute", params={"wait": 0}).status_code == 200


def test_a_changed_source_is_looked_at_anew_once(service: Service, source: SourceServer) -> None:
    feed = Feed.regular(*FEED)
    location = source.serve("/v1", feed, **BEFORE, time_filter=("from", "to")).url
    wrapper_id = service.generate("API", {"location": location})
    before = service.caught_up(wrapper_id)
    feed.add((time.time_ns() // 1000) // DAY * DAY, 4711.0)  # today: what lies in the checkpoint is not read again
    source.serve("/v1", feed, **AFTER, time_filter=("since", "until"))
    reread(service, wrapper_id)
    after = eventually(
        lambda: (w := service.wrapper(wrapper_id))["generated_code"] != before["generated_code"] and w, every=0.05
    )
    # The new module is there before its first run has begun, and the message of the run before stays until then.
    after = eventually(lambda: (w := service.caught_up(wrapper_id))["error_message"] is None and w)
    assert 'records="result.rows"' in after["generated_code"]
    assert 'time="when"' in after["generated_code"]
    assert service.stored(wrapper_id) == feed.points()
    assert after["resource_id"] == before["resource_id"]
    assert any("its source has changed" in line for line in after["execution_log"])
    logs = service.logs(wrapper_id)
    assert "the source has changed; it was discovered again:" in logs
    assert '-    records="items",' in logs
    assert '+    records="result.rows",' in logs
    statuses = {run["outcome"] for run in service.runs(wrapper_id)}
    assert statuses == {"succeeded", "failed", "stopped"} or statuses == {"succeeded", "failed"}


def test_what_is_not_understood_is_looked_at_once_a_streak(service: Service, source: SourceServer) -> None:
    location = source.serve("/v1", Feed.regular(*FEED), **BEFORE).url
    wrapper_id = service.generate("API", {"location": location})
    before = service.caught_up(wrapper_id)
    source.route("/v1", Answer({"hello": "world"}))
    reread(service, wrapper_id)
    ended = eventually(lambda: (w := service.wrapper(wrapper_id))["status"] == "error" and w)
    assert ended["generated_code"] == before["generated_code"]
    assert [line for line in ended["execution_log"] if "discovered again" in line][1:] == []
    assert "nothing better was found" in str(ended["execution_log"])
    assert ended["data_points_count"] == 60


def test_code_of_a_hand_is_never_replaced(service: Service, source: SourceServer) -> None:
    location = source.serve("/v1", Feed.regular(*FEED), **BEFORE).url
    wrapper_id = service.generate("API", {"location": location})
    service.caught_up(wrapper_id)
    service.stop(wrapper_id)
    mine = service.wrapper(wrapper_id)["generated_code"] + "# mine\n"
    service.patch(wrapper_id, generated_code=mine)
    assert service.execute(wrapper_id)["success"]
    source.serve("/v1", Feed.regular(*FEED), **AFTER)
    reread(service, wrapper_id)
    ended = eventually(lambda: (w := service.wrapper(wrapper_id))["status"] == "error" and w)
    assert ended["generated_code"] == mine
    assert "discovered again" not in str(ended["execution_log"])


def test_an_outage_is_no_change(service: Service, source: SourceServer) -> None:
    endpoint = source.serve("/v1", Feed.regular(*FEED), **BEFORE)
    wrapper_id = service.generate("API", {"location": endpoint.url})
    before = service.caught_up(wrapper_id)
    endpoint.faults.answer(503, times=30)
    reread(service, wrapper_id)
    after = eventually(lambda: (w := service.wrapper(wrapper_id))["status"] == "retrying" and w)
    assert after["generated_code"] == before["generated_code"]
    assert "discovered again" not in str(after["execution_log"])
    service.stop(wrapper_id)


def test_a_stop_while_it_is_looked_at_anew_is_a_barrier(service: Service, source: SourceServer) -> None:
    location = source.serve("/v1", Feed.regular(*FEED), **BEFORE).url
    wrapper_id = service.generate("API", {"location": location})
    before = service.caught_up(wrapper_id)
    asked: list[Recorded] = []
    released = threading.Event()

    def slow(request: Recorded) -> Answer:
        asked.append(request)
        if len(asked) > 1:  # the first tells the run that all is different; the second is discovery's
            released.wait(90)
        return Answer({"result": {"rows": [{"when": f"2024-01-{d:02}", "value": d} for d in range(1, 29)]}})

    source.route("/v1", slow)
    reread(service, wrapper_id)
    eventually(lambda: len(asked) > 1)
    began = time.monotonic()
    assert service.stop(wrapper_id)["success"] is True
    assert time.monotonic() - began < 20, "it has waited until the source was given up"
    assert service.leaders() == []
    stopped = service.wrapper(wrapper_id)
    assert stopped["status"] == "stopped"
    count = len(asked)
    released.set()
    time.sleep(1)
    assert len(asked) == count
    after = service.wrapper(wrapper_id)
    assert after["status"] == "stopped"
    assert after["generated_code"] == before["generated_code"]


@pytest.mark.parametrize(
    ("change", "said"),
    [(('time="timestamp"', 'time="nothing"'), "nothing"), (("from slackwater", "# from slackwater"), "NameError")],
)
def test_a_module_changed_by_hand_stores_nothing_before_it_has_stood_the_trial(
    service: Service, source: SourceServer, change: tuple[str, str], said: str
) -> None:
    location = source.serve("/v1", Feed.regular(*FEED), **BEFORE).url
    wrapper_id = service.generate("API", {"location": location})
    service.caught_up(wrapper_id)
    service.stop(wrapper_id)
    service.patch(wrapper_id, generated_code=service.wrapper(wrapper_id)["generated_code"].replace(*change))
    told = service.execute(wrapper_id)
    assert told["success"] is False
    assert said in told["message"]
    service.stop(wrapper_id)


def test_a_changed_declaration_that_contradicts_itself_is_refused(service: Service, source: SourceServer) -> None:
    endpoint = source.serve("/v1", Feed.regular(*FEED), **BEFORE, time_filter=("from", "to"), filter_ignored=True)
    wrapper_id = service.generate("API", {"location": endpoint.url})
    service.caught_up(wrapper_id)
    service.stop(wrapper_id)
    service.http.delete(f"/resources/wrappers/{wrapper_id}/checkpoint").raise_for_status()
    code = (
        f'from slackwater import ApiWrapper, TimeFilter\nwrapper = ApiWrapper(url="{endpoint.url}", records="items",\n'
        '    time="timestamp", value="value", window=TimeFilter("from", "to"))\n'
    )
    service.patch(wrapper_id, generated_code=code, metadata={"periodicity": "15m"})
    runs = len(service.runs(wrapper_id))
    told = service.execute(wrapper_id)
    assert told["success"] is False
    assert "does not stand the trial" in told["message"]
    assert "outside the window" in told["message"]
    assert service.runs(wrapper_id)[0]["points_received"] == 0
    assert len(service.runs(wrapper_id)) > runs
    service.stop(wrapper_id)
