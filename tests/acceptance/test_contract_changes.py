"""`/resources/wrappers`: changing, rewinding, regenerating and deleting a wrapper; its runs, logs and lists."""

import re
from typing import Any

import pytest

import scenes
from service import Service, eventually
from slackwater.model.instants import WEEK, iso, parse_iso
from sources import Endpoint, Feed, SourceServer

WRAPPERS = "/resources/wrappers"
NOBODY = "6f1d2c1e-7b0a-4e57-9d35-0c8f7a1e2b34"
CSV = b"time,level\n2024-01-01,1\n2024-01-02,2\n2024-01-03,3\n"
OTHER_DATA = (
    "Execution error: source_config now names other data than the checkpoint is about; "
    "regenerate the wrapper, or delete its checkpoint to read the new source from the start"
)


def small(service: Service, name: str = "small", content: bytes = CSV) -> str:
    """A completed CSV wrapper, of three points."""
    file_id = service.upload("small.csv", content)["file_id"]
    wrapper_id = service.generate("CSV", {"file_id": file_id}, name=name)
    service.wait_for(wrapper_id, "completed")
    return wrapper_id


def caught_up(service: Service, source: SourceServer, path: str = "/v1/levels") -> tuple[str, Endpoint]:
    """A stopped API wrapper that has read its 300 weeks."""
    endpoint = source.serve(path, Feed.regular("2019-01-01", WEEK, 300), **scenes.API)
    wrapper_id = service.generate("API", {"location": endpoint.url, "lookback": "P0D"}, periodicity="weekly")
    service.caught_up(wrapper_id)
    service.stop(wrapper_id)
    endpoint.requests.clear()
    return wrapper_id, endpoint


def url(wrapper_id: str, end: str = "") -> str:
    return f"{WRAPPERS}/{wrapper_id}{end}"


# PATCH


def test_metadata_is_merged(service: Service) -> None:
    wrapper_id = small(service, "before")
    before = service.wrapper(wrapper_id)
    after = service.patch(wrapper_id, metadata={"name": "after", "unit": "m", "periodicity": "P1M"})
    assert after["metadata"] == before["metadata"] | {"name": "after", "unit": "m", "periodicity": "P1M"}
    unset = service.patch(wrapper_id, metadata={"unit": None})
    assert unset["metadata"] == after["metadata"] | {"unit": None}
    assert after["updated_at"] > before["updated_at"]
    assert {name for name in before if before[name] != after[name]} == {"metadata", "updated_at", "execution_log"}
    same = service.http.patch(url(wrapper_id), json={})
    assert same.json() == service.wrapper(wrapper_id)


def test_an_empty_change_changes_nothing(service: Service) -> None:
    wrapper_id = small(service, "as it was")
    before = service.wrapper(wrapper_id)
    after = service.patch(wrapper_id, metadata={}, source_config={})
    assert after["metadata"] == before["metadata"]
    assert after["source_config"] == before["source_config"]


@pytest.mark.parametrize(
    ("changes", "loc"),
    [
        ({"metadata": {"name": ""}}, ["metadata", "name"]),
        ({"metadata": {"unit": "a\0"}}, ["metadata", "unit"]),
        ({"metadata": {"colour": "blue"}}, ["metadata", "colour"]),
        ({"metadata": "x"}, ["metadata"]),
        ({"source_config": {"delimiter": ";;"}}, ["source_config", "delimiter"]),
        ({"source_config": {"file_id": None}}, ["source_config", "file_id"]),
        ({"source_config": {"password": "s3cr3t"}}, ["source_config", "password"]),
        ({"source_config": 5}, ["source_config"]),
        ({"generated_code": ""}, ["generated_code"]),
        ({"generated_code": 5}, ["generated_code"]),
        ({"generated_code": "a\0b"}, ["generated_code"]),
        ({"status": "completed"}, ["status"]),
    ],
)
def test_a_malformed_change_is_422_and_changes_nothing(service: Service, changes: dict, loc: list[str]) -> None:
    wrapper_id = _shared(service)
    before = service.wrapper(wrapper_id)
    answer = service.http.patch(url(wrapper_id), json=changes)
    assert answer.status_code == 422, answer.text
    assert [each["loc"] for each in answer.json()["detail"]] == [["body", *loc]]
    assert "s3cr3t" not in answer.text
    assert service.wrapper(wrapper_id) == before


_made: dict[int, str] = {}


def _shared(service: Service) -> str:
    """One wrapper for the tests that change nothing."""
    if service.port not in _made:
        _made[service.port] = small(service)
    return _made[service.port]


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        ("wrapper = (\n", "generated_code is not Python: '(' was never closed in line 1"),
        ("x = 1\nwrapper = = 2\n", "generated_code is not Python: invalid syntax in line 2"),
        ("x = 1\n", "generated_code must define `wrapper`, for example `wrapper = ApiWrapper(...)`"),
        ("wrapper = 1\n" + "#" * 262_144, "generated_code must not have more than 262,144 characters"),
    ],
)
def test_code_that_cannot_work_is_refused_at_once(service: Service, code: str, sentence: str) -> None:
    answer = service.http.patch(url(_shared(service)), json={"generated_code": code})
    assert (answer.status_code, answer.json()) == (400, {"detail": sentence})


def test_an_unknown_file_is_named(service: Service) -> None:
    answer = service.http.patch(url(_shared(service)), json={"source_config": {"file_id": NOBODY}})
    assert (answer.status_code, answer.json()) == (400, {"detail": f"File not found: {NOBODY}"})


def test_replaced_code_runs_and_what_it_prints_is_in_the_log(service: Service) -> None:
    wrapper_id = small(service)
    body = """
    print("one line")
    print("a complaint", file=sys.stderr)
    yield Point("2030-01-01T00:00:00Z", 7.5, series="made")
    """
    code = scenes.module(body)
    assert service.patch(wrapper_id, generated_code=code)["generated_code"] == code
    answer = service.execute(wrapper_id)
    assert (answer["success"], answer["data_points_sent"]) == (True, 1), answer
    assert service.stored(wrapper_id)["made"] == {parse_iso("2030-01-01"): 7.5}
    shown = service.http.get(url(wrapper_id, "/logs")).json()
    assert set(shown) == {"wrapper_id", "logs", "total_lines"}
    assert shown["total_lines"] == len(shown["logs"]) >= 2
    for line in shown["logs"]:
        assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d - (DEBUG|INFO|WARNING|ERROR) - .*", line), line
    assert any(line.endswith(" - INFO - [STDOUT] one line") for line in shown["logs"])
    assert any(line.endswith(" - WARNING - [STDERR] a complaint") for line in shown["logs"])
    newest = service.http.get(url(wrapper_id, "/logs"), params={"limit": 1}).json()
    assert newest == {**shown, "logs": shown["logs"][-1:]}


# Identity, checkpoint


def test_another_identity_needs_a_clear_word(service: Service, source: SourceServer) -> None:
    wrapper_id, _ = caught_up(service, source)
    # What decides nothing about the data keeps the checkpoint.
    harmless = {
        "timeout_seconds": 9,
        "bearer_token": "other",
        "custom_headers": {"X-A": "b"},
        "lookback": "P1D",
        "schedule": "6h",
    }
    service.patch(wrapper_id, source_config=harmless)
    assert service.execute(wrapper_id)["success"]
    service.stop(wrapper_id)
    other = source.serve("/v1/other", Feed.regular("2022-01-01", WEEK, 20), **scenes.API)
    service.patch(wrapper_id, source_config={"location": other.url})
    refused = service.http.post(url(wrapper_id, "/execute"))
    assert (refused.status_code, refused.json()) == (400, {"detail": OTHER_DATA})
    assert service.wrapper(wrapper_id)["status"] == "stopped"
    assert other.requests == []
    before = service.wrapper(wrapper_id)["resource_id"]
    fresh = service.http.post(url(wrapper_id, "/regenerate"))
    assert fresh.status_code == 200
    assert (fresh.json()["status"], fresh.json()["generated_code"], fresh.json()["data_points_count"]) == (
        "pending",
        None,
        0,
    )
    service.caught_up(wrapper_id)
    assert service.stored(wrapper_id) == other.feed.points()  # and nothing of the source before
    assert service.wrapper(wrapper_id)["resource_id"] == before


def test_deleting_the_checkpoint_accepts_the_new_identity(service: Service) -> None:
    wrapper_id = small(service)
    other = service.upload("other.csv", b"time,level\n2025-01-01,9\n2025-01-02,8\n")["file_id"]
    service.patch(wrapper_id, source_config={"file_id": other})
    refused = service.http.post(url(wrapper_id, "/execute"))
    assert (refused.status_code, refused.json()) == (400, {"detail": OTHER_DATA})
    deleted = service.http.delete(url(wrapper_id, "/checkpoint"))
    assert deleted.status_code == 200
    assert service.execute(wrapper_id)["data_points_sent"] == 2
    assert len(service.stored(wrapper_id)["level"]) == 5  # the points of before stay


def test_a_checkpoint_is_shown_rewound_and_deleted(service: Service, source: SourceServer) -> None:
    wrapper_id, endpoint = caught_up(service, source)
    shown = service.http.get(url(wrapper_id, "/checkpoint")).json()
    assert set(shown) == {
        "wrapper_id",
        "phase",
        "covered",
        "page",
        "backfill_done",
        "backfill_reason",
        "version",
        "high_water_mark",
        "low_water_mark",
    }
    assert (shown["phase"], shown["page"], shown["backfill_done"]) == ("continuous", None, True)
    points = endpoint.feed.points()["value"]
    assert (shown["low_water_mark"], shown["high_water_mark"]) == (iso(min(points)), iso(max(points)))
    assert len(shown["covered"]) == 1
    assert service.http.put(url(wrapper_id, "/checkpoint"), json=shown).json() == shown
    stale = service.http.put(url(wrapper_id, "/checkpoint"), json={**shown, "version": shown["version"] - 1})
    assert stale.status_code == 409, stale.text
    assert "GET it again" in stale.json()["detail"]
    # Rewound by a hole in the middle: exactly that part is fetched again.
    low, high = "2021-01-01T00:00:00Z", "2021-03-01T00:00:00Z"
    whole = shown["covered"][0]
    holed = [{"start": whole["start"], "end": low}, {"start": high, "end": whole["end"]}]
    answer = service.http.put(url(wrapper_id, "/checkpoint"), json={**shown, "covered": holed})
    assert answer.status_code == 200
    assert answer.json()["covered"] == holed
    assert answer.json()["version"] > shown["version"]
    assert service.http.get(url(wrapper_id, "/checkpoint")).json() == answer.json()
    inside = sum(parse_iso(low) <= x < parse_iso(high) for x in points)
    for x in points:
        endpoint.feed.revise(x, -1.0)
    executed = service.execute(wrapper_id)
    service.caught_up(wrapper_id)
    assert executed["success"]
    stored = service.stored(wrapper_id)["value"]
    changed = [x for x, y in stored.items() if y == -1.0]
    assert changed == [x for x in points if parse_iso(low) <= x < parse_iso(high)]
    assert executed["data_points_sent"] == inside == 8
    asked = {(parse_iso(r.query["from"]), parse_iso(r.query["to"])) for r in endpoint.requests if "from" in r.query}
    now_on = max(points)  # polls begin at the newest point: nothing after it counts as read
    outside = [(iso(a), iso(b)) for a, b in asked if a < now_on and not parse_iso(low) <= a < b <= parse_iso(high)]
    assert outside == [], (whole, iso(max(points)))
    service.stop(wrapper_id)
    forgotten = service.http.delete(url(wrapper_id, "/checkpoint")).json()
    assert (forgotten["covered"], forgotten["backfill_done"], forgotten["phase"]) == ([], False, "historical")
    assert len(service.stored(wrapper_id)["value"]) == 300
    service.execute(wrapper_id)
    service.caught_up(wrapper_id)
    assert set(service.stored(wrapper_id)["value"].values()) == {-1.0}
    service.stop(wrapper_id)


@pytest.mark.parametrize(
    ("form", "code", "field"),
    [
        ({}, 422, "covered"),
        ({"covered": "all"}, 422, "covered"),
        ({"covered": [{"start": "2020-01-01"}]}, 422, "covered"),
        ({"covered": [5]}, 422, "covered"),
        ({"covered": [], "backfill_done": "perhaps"}, 422, "backfill_done"),
        ({"covered": [], "backfill_reason": 5}, 422, "backfill_reason"),
        ({"covered": [{"start": "soon", "end": "later"}]}, 400, "covered"),
        ({"covered": [{"start": "2020-02-01", "end": "2020-01-01"}]}, 400, "covered"),
        ({"covered": [{"start": "2020-01-01", "end": "2020-01-01"}]}, 400, "covered"),
        ({"covered": [{"start": "2020-01-01", "end": "2999-01-01"}]}, 400, "covered"),
        ({"covered": [], "backfill_done": True, "backfill_reason": "x" * 501}, 400, "backfill_reason"),
    ],
)
def test_nonsense_is_no_checkpoint(service: Service, form: dict[str, Any], code: int, field: str) -> None:
    wrapper_id = _shared(service)
    before = service.http.get(url(wrapper_id, "/checkpoint")).json()
    answer = service.http.put(url(wrapper_id, "/checkpoint"), json=form)
    assert answer.status_code == code, answer.text
    detail = answer.json()["detail"]
    assert detail.startswith(field) if code == 400 else detail[0]["loc"][:2] == ["body", field]
    assert service.http.get(url(wrapper_id, "/checkpoint")).json() == before


# DELETE, runs, lists


def test_delete_keeps_resource_and_data(service: Service, source: SourceServer) -> None:
    scene = scenes.api(service, source)
    scenes.reading(scene)
    wrapper_id = scene.wrapper_id
    resource_id = service.wrapper(wrapper_id)["resource_id"]
    answer = service.http.delete(url(wrapper_id))
    assert (answer.status_code, answer.json()) == (200, {"wrapper_id": wrapper_id, "deleted": True})
    assert service.leaders() == []
    for end in ("", "/runs", "/logs", "/checkpoint", "/health", "/monitoring"):
        assert service.http.get(url(wrapper_id, end)).status_code == 404
    resource = service.http.get(f"/resources/{resource_id}").json()
    data = service.http.get(f"/resources/{resource_id}/data", params={"limit": 5000}).json()["data"]
    assert data
    assert (resource["startPeriod"], resource["endPeriod"]) == (data[0]["x"], data[-1]["x"])
    assert service.http.delete(url(wrapper_id)).status_code == 404


def test_runs_are_listed_newest_first(service: Service) -> None:
    wrapper_id = small(service)
    service.execute(wrapper_id)
    page = service.http.get(url(wrapper_id, "/runs"))
    runs = page.json()
    assert page.headers["x-total-count"] == str(len(runs)) == "3"  # the generation, and two readings
    for run in runs:
        assert set(run) == {
            "run_id",
            "started_at",
            "finished_at",
            "outcome",
            "message",
            "points_received",
            "points_new",
            "points_changed",
            "points_rejected",
            "points_overwritten",
            "points_withdrawn",
            "rows_unread",
            "fields_unread",
            "window",
            "exit_code",
            "signal",
            "node",
        }
        assert run["outcome"] == "succeeded"
        assert parse_iso(run["started_at"]) <= parse_iso(run["finished_at"])
        assert (run["exit_code"], run["signal"]) == (0, None)
        assert run["node"]
    assert [run["started_at"] for run in runs] == sorted((run["started_at"] for run in runs), reverse=True)
    assert [run["points_received"] for run in runs] == [3, 3, 0]
    assert [run["points_new"] for run in runs] == [0, 3, 0]
    second = service.http.get(url(wrapper_id, "/runs"), params={"skip": 1, "limit": 1})
    assert (second.json(), second.headers["x-total-count"]) == (runs[1:2], "3")


def test_a_run_tells_the_window_that_it_covered(service: Service, source: SourceServer) -> None:
    wrapper_id, endpoint = caught_up(service, source)
    run = next(run for run in service.runs(wrapper_id) if run["points_received"])
    points = endpoint.feed.points()["value"]
    assert parse_iso(run["window"]["start"]) <= min(points)
    assert parse_iso(run["window"]["end"]) > max(points)


def test_the_list_filters_and_counts(service: Service) -> None:
    names = [f"Zebra a{n} 100%" for n in range(3)]
    ids = [small(service, name) for name in names]
    listed = service.http.get(WRAPPERS, params={"q": "zebra", "limit": 2})
    assert listed.headers["x-total-count"] == "3"
    assert [each["wrapper_id"] for each in listed.json()] == ids[:0:-1]
    assert listed.json()[0] == service.wrapper(ids[2])
    rest = service.http.get(WRAPPERS, params={"q": "zebra", "skip": 2})
    assert [each["wrapper_id"] for each in rest.json()] == ids[:1]

    def count(**params: str) -> int:
        answer = service.http.get(WRAPPERS, params=params)
        assert len(answer.json()) == min(10, int(answer.headers["x-total-count"]))
        return int(answer.headers["x-total-count"])

    assert count(q="zebra", status="completed", source_type="CSV") == 3
    assert count(q="zebra", status="error") == count(q="zebra", source_type="API") == 0
    assert count(q="100% a1") == 1  # words in any order
    assert count(q="%") == 3  # no wildcard
    assert count(q=ids[0]) == count(q=service.wrapper(ids[0])["resource_id"]) == 1


def test_without_auto_create_resource_there_is_none_until_one_is_made(service: Service) -> None:
    file_id = service.upload("small.csv", CSV)["file_id"]
    body = {
        "source_type": "CSV",
        "source_config": {"file_id": file_id},
        "metadata": {"name": "bare"},
        "auto_create_resource": False,
    }
    wrapper_id = service.http.post(f"{WRAPPERS}/generate", json=body).json()["wrapper_id"]
    wrapper = service.wait_for(wrapper_id, "completed")
    assert (wrapper["resource_id"], wrapper["data_points_count"]) == (None, 3)
    form = {"wrapper_id": wrapper_id, "name": "late", "type": "series"}
    resource = service.http.post("/resources", json=form).json()
    assert service.wrapper(wrapper_id)["resource_id"] == resource["id"]
    assert sum(map(len, service.stored(wrapper_id).values())) == 3


def test_execute_waits_as_long_as_it_is_told(service: Service) -> None:
    wrapper_id = small(service)
    body = "yield Point('2030-01-01T00:00:00Z', 1)\nawait asyncio.sleep(4)\nyield Point('2030-01-02T00:00:00Z', 2)"
    service.patch(wrapper_id, generated_code=scenes.module(body))
    at_once = service.execute(wrapper_id, wait=0)
    assert (at_once["success"], at_once["message"]) == (True, "Wrapper is executing")
    a_while = service.execute(wrapper_id, wait=0.3)
    assert (a_while["message"], a_while["data_points_sent"] in (0, 1)) == ("Wrapper is executing", True)
    assert a_while["execution_time"] > 0.2
    to_the_end = service.execute(wrapper_id, wait=20)
    assert (to_the_end["message"], to_the_end["data_points_sent"]) == ("Wrapper executed successfully", 2)
    assert len([run for run in service.runs(wrapper_id) if run["points_received"] == 2]) == 1
    eventually(lambda: service.wrapper(wrapper_id)["status"] == "completed")
