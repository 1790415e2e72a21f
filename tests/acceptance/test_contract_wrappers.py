"""`/resources/wrappers`, line by line. Stop and resume have modules of their own; sources too."""

import re
import time
import uuid
from typing import Any

import pytest

import scenes
from service import Service, eventually
from slackwater.model.instants import DAY, HOUR, WEEK, iso, parse_iso
from sources import Answer, Feed, SourceServer

WRAPPERS = "/resources/wrappers"
NOBODY = "6f1d2c1e-7b0a-4e57-9d35-0c8f7a1e2b34"
SECRET = "s3cr3t-that-nobody-sees"
TEXT, TIME = "text", "time"
NULL = type(None)
FIELDS: dict[str, tuple[Any, ...]] = {
    "wrapper_id": (str,),
    "resource_id": (str, NULL),
    "metadata": (dict,),
    "source_type": (str,),
    "source_config": (dict,),
    "generated_code": (str, NULL),
    "status": (str,),
    "stopping": (bool,),
    "error_message": (str, NULL),
    "runs_on": (list,),
    "reason": (str, NULL),
    "phase": (str,),
    "high_water_mark": (TIME, NULL),
    "low_water_mark": (TIME, NULL),
    "data_points_count": (int,),
    "execution_log": (list,),
    "execution_result": (dict, NULL),
    "monitoring_details": (dict,),
    "retry_count": (int,),
    "created_at": (TIME,),
    "updated_at": (TIME,),
    "completed_at": (TIME, NULL),
    "last_health_check": (TIME, NULL),
    "last_data_sent": (TIME, NULL),
}
METADATA = {
    "name": "Levels",
    "domain": "Sea",
    "subdomain": "Tides",
    "description": "Two\nlines",
    "unit": "m",
    "source": "IH",
    "scale": "1:1",
    "governance_indicator": True,
    "carrying_capacity": 3.5,
    "periodicity": "Semanal",
}
API_DETAILS = {
    "process_id",
    "uptime_seconds",
    "memory_mb",
    "cpu_percent",
    "last_poll_time",
    "next_poll_time",
    "poll_count",
    "error_count",
    "request_count",
    "bytes_received",
    "points_rejected",
    "newest_age_seconds",
    "publication_delay_seconds",
    "late_after_seconds",
    "revisions_within_seconds",
}
FILE_DETAILS = {
    "file_name",
    "file_size_bytes",
    "rows_processed",
    "rows_total",
    "processing_time_seconds",
    "points_rejected",
}
RESULT = {"wrapper_id", "success", "message", "data_points_sent", "execution_time"}
CSV = b"time,level\n2024-01-01,1\n2024-01-02,2\n2024-01-03,3\n"
DONE = "Wrapper executed successfully"


def assert_form(wrapper: dict[str, Any]) -> None:
    """Every field of the contract's table is there, in its type, and no other."""
    assert list(wrapper) == list(FIELDS)
    for name, kinds in FIELDS.items():
        value = wrapper[name]
        plain = tuple(kind for kind in kinds if isinstance(kind, type))
        if TIME in kinds and isinstance(value, str):
            assert value.endswith("Z")
            assert parse_iso(value)
        else:
            assert isinstance(value, plain), (name, value)
            assert not (isinstance(value, bool) and int in plain)
    assert str(uuid.UUID(wrapper["wrapper_id"])) == wrapper["wrapper_id"]
    assert wrapper["resource_id"] is None or re.fullmatch("[0-9a-f]{24}", wrapper["resource_id"])
    assert wrapper["phase"] in ("historical", "continuous")
    assert set(wrapper["metadata"]) == set(METADATA)
    details = API_DETAILS if wrapper["source_type"] == "API" else FILE_DETAILS
    assert set(wrapper["monitoring_details"]) == details
    assert wrapper["execution_result"] is None or set(wrapper["execution_result"]) == RESULT
    assert all(isinstance(line, str) for line in wrapper["execution_log"])
    assert 1 <= len(wrapper["execution_log"]) <= 200


def health(service: Service, wrapper_id: str) -> tuple[str, bool]:
    """Health, and whether it executes; the two pages that show the health agree."""
    answer = service.http.get(f"{WRAPPERS}/{wrapper_id}/health").json()
    assert set(answer) - {"reason"} == {"wrapper_id", "health_status", "is_actively_executing"}
    monitoring = service.http.get(f"{WRAPPERS}/{wrapper_id}/monitoring").json()
    assert set(monitoring) == {"wrapper_id", "health_status", "monitoring_details"}
    assert answer["wrapper_id"] == monitoring["wrapper_id"] == wrapper_id
    return answer["health_status"], answer["is_actively_executing"]


def broken(service: Service, source: SourceServer) -> str:
    """A wrapper in `error`: its source holds nothing."""
    wrapper_id = service.generate("API", {"location": source.route("/empty", Answer([]))})
    eventually(lambda: service.wrapper(wrapper_id)["status"] == "error")
    return wrapper_id


def small(service: Service, **config: Any) -> str:
    """A completed CSV wrapper of three points."""
    file_id = service.upload("small.csv", CSV)["file_id"]
    wrapper_id = service.generate("CSV", {"file_id": file_id, **config})
    service.wait_for(wrapper_id, "completed")
    return wrapper_id


def following(service: Service, source: SourceServer, **config: Any) -> tuple[str, Feed]:
    """An API wrapper that has caught up with 60 weeks."""
    feed = Feed.regular("2023-01-01", WEEK, 60)
    endpoint = source.serve("/v1/levels", feed, **scenes.API)
    wrapper_id = service.generate("API", {"location": endpoint.url, **config}, periodicity="weekly")
    service.caught_up(wrapper_id)
    return wrapper_id, feed


# A wrapper in each status


def test_generate_answers_at_once_with_a_pending_wrapper(service: Service, source: SourceServer) -> None:
    endpoint = source.serve("/v1/levels", Feed.regular("2024-01-01", DAY, 30))
    endpoint.faults.hang()
    body = {"source_type": "API", "source_config": {"location": endpoint.url}, "metadata": METADATA}
    made = service.http.post(f"{WRAPPERS}/generate", json=body)
    assert made.status_code == 200
    wrapper = made.json()
    assert_form(wrapper)
    assert (wrapper["status"], wrapper["generated_code"]) == ("pending", None)
    assert re.fullmatch("[0-9a-f]{24}", wrapper["resource_id"]), "clients link the resource from this answer alone"
    assert wrapper["metadata"] == METADATA
    assert wrapper["data_points_count"] == wrapper["retry_count"] == 0
    wrapper_id = wrapper["wrapper_id"]
    assert_form(service.wait_for(wrapper_id, "generating"))
    assert health(service, wrapper_id) == ("UNKNOWN", False)
    refused = service.http.post(f"{WRAPPERS}/{wrapper_id}/execute")
    assert (refused.status_code, refused.json()) == (400, {"detail": "Execution error: Wrapper has no code yet"})
    for changes in ({"metadata": {"unit": "m"}}, {"generated_code": "wrapper = 1"}):
        busy = service.http.patch(f"{WRAPPERS}/{wrapper_id}", json=changes)
        assert (busy.status_code, busy.json()) == (409, {"detail": "The wrapper is generating; stop it first"})
    endpoint.faults.release()
    service.stop(wrapper_id)


def test_an_api_wrapper_that_reads_and_then_follows(service: Service, source: SourceServer) -> None:
    scene = scenes.api(service, source)
    scenes.reading(scene)
    wrapper_id = scene.wrapper_id
    wrapper = service.wrapper(wrapper_id)
    assert_form(wrapper)
    assert (wrapper["status"], wrapper["phase"]) == ("executing", "historical")
    assert "ApiWrapper(" in wrapper["generated_code"]
    assert health(service, wrapper_id) == ("HEALTHY", True)
    details = wrapper["monitoring_details"]
    assert details["process_id"] == service.process_id(wrapper_id)
    assert details["memory_mb"] > 1
    assert details["next_poll_time"] is None
    _everything_that_needs_rest_is_409(service, wrapper_id)
    # Executing what already executes: a no-op that succeeds, and says that it is busy.
    answer = service.execute(wrapper_id, wait=0)
    assert set(answer) == RESULT
    assert (answer["success"], answer["message"]) == (True, "Wrapper is executing")
    assert answer["data_points_sent"] > 0
    service.caught_up(wrapper_id)
    wrapper = service.wrapper(wrapper_id)
    assert_form(wrapper)
    assert (wrapper["status"], wrapper["phase"]) == ("executing", "continuous")
    points = scene.truth()["value"]
    assert wrapper["data_points_count"] == len(points)
    assert (wrapper["low_water_mark"], wrapper["high_water_mark"]) == (iso(min(points)), iso(max(points)))
    assert wrapper["execution_result"]["message"] == DONE
    details = wrapper["monitoring_details"]
    assert (details["process_id"], details["memory_mb"], details["error_count"]) == (None, None, 0)
    assert details["poll_count"] == 1
    assert details["request_count"] <= len(source.requests)
    assert details["bytes_received"] > 1000
    assert (
        DAY / 1e6 - 60 < (parse_iso(details["next_poll_time"]) - parse_iso(details["last_poll_time"])) / 1e6 <= 86_400
    )
    before = len(service.runs(wrapper_id))
    again = service.execute(wrapper_id)  # it polls now
    assert (again["success"], again["message"]) == (True, DONE)
    assert len(service.runs(wrapper_id)) == before + 1
    _everything_that_needs_rest_is_409(service, wrapper_id)
    service.stop(wrapper_id)
    assert_form(service.wrapper(wrapper_id))
    assert health(service, wrapper_id) == ("UNKNOWN", False)


def _everything_that_needs_rest_is_409(service: Service, wrapper_id: str) -> None:
    before = service.wrapper(wrapper_id)["updated_at"]
    for method, end, sent in [
        ("PATCH", "", {"metadata": {"unit": "km"}}),
        ("PATCH", "", {"source_config": {"timeout_seconds": 5}}),
        ("PATCH", "", {"generated_code": "wrapper = 1"}),
        ("PUT", "/checkpoint", {"covered": []}),
        ("DELETE", "/checkpoint", None),
    ]:
        answer = service.http.request(method, f"{WRAPPERS}/{wrapper_id}{end}", json=sent)
        sentence = {"detail": "The wrapper is executing; stop it first"}
        assert (answer.status_code, answer.json()) == (409, sentence), (method, end)
    assert service.wrapper(wrapper_id)["metadata"]["unit"] != "km"
    assert service.wrapper(wrapper_id)["updated_at"] >= before


@pytest.mark.parametrize("source_type", ["CSV", "XLSX"])
def test_a_completed_file_wrapper(service: Service, source_type: str) -> None:
    scene = scenes.file(service, source_type, slow=False, count=50)
    wrapper = service.wrapper(scene.wrapper_id)
    assert_form(wrapper)
    assert wrapper["status"] == "completed"
    assert parse_iso(wrapper["completed_at"])
    assert "FileWrapper(" in wrapper["generated_code"]
    config = wrapper["source_config"]
    assert config["location"] == f"{WRAPPERS}/files/{config['file_id']}"
    assert wrapper["monitoring_details"] == wrapper["monitoring_details"] | {
        "file_name": f"level.{source_type.lower()}",
        "rows_processed": 50,
        "rows_total": 50,
        "points_rejected": 0,
    }
    assert wrapper["monitoring_details"]["file_size_bytes"] > 500
    assert wrapper["monitoring_details"]["processing_time_seconds"] >= 0
    assert health(service, scene.wrapper_id) == ("HEALTHY", False)
    # Executed again, it reads the file from its first row, and no point is doubled.
    answer = service.execute(scene.wrapper_id)
    assert answer == answer | {"wrapper_id": scene.wrapper_id, "success": True, "message": DONE, "data_points_sent": 50}
    assert answer["execution_time"] >= 0
    wrapper = service.wait_for(scene.wrapper_id, "completed")
    assert wrapper["data_points_count"] == 50
    assert wrapper["execution_result"] == wrapper["execution_result"] | {"data_points_sent": 50, "success": True}
    newest = service.runs(scene.wrapper_id)[0]
    assert (newest["points_received"], newest["points_new"], newest["points_changed"]) == (50, 0, 0)
    scene.assert_complete()


def test_one_in_error(service: Service, source: SourceServer) -> None:
    wrapper_id = broken(service, source)
    wrapper = service.wrapper(wrapper_id)
    assert_form(wrapper)
    assert wrapper["error_message"]
    assert "\n" not in wrapper["error_message"]
    assert health(service, wrapper_id) == ("CRASHED", False)
    # Executing it generates again.
    before = len(service.runs(wrapper_id))
    assert service.execute(wrapper_id, wait=0)["success"]
    eventually(lambda: len(service.runs(wrapper_id)) > before)


def test_executing_what_waits_polls_now(service: Service, source: SourceServer) -> None:
    newest = time.time_ns() // 1000 // HOUR * HOUR - 2 * HOUR
    feed = Feed((newest - HOUR * n, float(n)) for n in range(30))
    endpoint = source.serve("/v1/waits", feed, time_filter=("from", "to"))
    wrapper_id = service.generate("API", {"location": endpoint.url}, periodicity="hourly")
    service.caught_up(wrapper_id)
    feed.extend([(newest + HOUR, 7.0)])
    asked = len(endpoint.requests)
    answer = service.execute(wrapper_id)
    assert (answer["success"], answer["message"]) == (True, DONE)
    assert len(endpoint.requests) > asked
    assert service.stored(wrapper_id) == feed.points()


def test_a_run_that_fails_is_200_with_the_reason(service: Service) -> None:
    wrapper_id = small(service)
    service.patch(wrapper_id, generated_code=scenes.module("raise RuntimeError('broken on purpose')\nyield"))
    answer = service.execute(wrapper_id)
    assert set(answer) == RESULT
    assert (answer["success"], answer["data_points_sent"]) == (False, None)
    assert "broken on purpose" in answer["message"]
    wrapper = service.wrapper(wrapper_id)
    assert_form(wrapper)
    assert wrapper["status"] in ("retrying", "executing", "error")
    assert "broken on purpose" in wrapper["error_message"]
    assert health(service, wrapper_id)[0] == "CRASHED"
    # Executing in `retrying` is trying at once.
    service.http.post(f"{WRAPPERS}/{wrapper_id}/stop")
    assert service.wrapper(wrapper_id)["status"] == "stopped"
    failed = service.runs(wrapper_id)[0]
    assert failed["outcome"] in ("failed", "stopped")


def test_rejected_points_degrade_and_silence_stalls(service: Service, source: SourceServer) -> None:
    feed = Feed.regular("2024-01-01", DAY, 30)
    endpoint = source.serve("/v1/levels", feed)
    wrapper_id = service.generate("API", {"location": endpoint.url}, periodicity="1s")
    service.caught_up(wrapper_id)
    eventually(lambda: health(service, wrapper_id) == ("STALLED", True))
    service.stop(wrapper_id)
    rows = [f"2024-01-{n:02},{n if n != 15 else 'broken'}" for n in range(1, 29)]
    file_id = service.upload("gap.csv", "\n".join(["day,level", *rows]).encode())["file_id"]
    made = service.generate("CSV", {"file_id": file_id, "time_column": "day", "value_columns": ["level"]})
    service.wait_for(made, "completed")
    assert service.wrapper(made)["monitoring_details"]["points_rejected"] == 1
    assert service.runs(made)[0]["points_rejected"] == 1
    assert "rejected: " in service.logs(made)
    degraded = source.serve("/v1/limping", feed)
    limping = service.generate("API", {"location": degraded.url}, periodicity="1s")
    service.caught_up(limping)
    degraded.faults.answer(500)
    feed.add("2024-02-01", 1.0)
    service.execute(limping, wait=0)  # a source that has long given nothing new is asked more and more rarely
    eventually(lambda: health(service, limping)[0] == "DEGRADED")
    service.stop(limping)


# Bad input


@pytest.mark.parametrize(
    ("changes", "loc"),
    [
        ({"source_type": "PDF"}, ["source_type"]),
        ({"source_type": None}, ["source_type"]),
        ({"source_config": None}, ["source_config"]),
        ({"source_config": [SECRET]}, ["source_config"]),
        ({"source_config": {}}, ["source_config", "location"]),
        ({"metadata": None}, ["metadata"]),
        ({"metadata": {}}, ["metadata", "name"]),
        ({"auto_create_resource": "perhaps"}, ["auto_create_resource"]),
        ({"colour": "blue"}, ["colour"]),
        *[({"metadata": {"name": name}}, ["metadata", "name"]) for name in ("", "  ", 5, "a\0b", "a\x1bb", "x" * 301)],
        *[
            ({"metadata": {"name": "x", field: "a\0b"}}, ["metadata", field])
            for field in ("domain", "subdomain", "description", "unit", "source", "scale", "periodicity")
        ],
        ({"metadata": {"name": "x", "unit": "a\nb"}}, ["metadata", "unit"]),
        ({"metadata": {"name": "x", "governance_indicator": "maybe"}}, ["metadata", "governance_indicator"]),
        ({"metadata": {"name": "x", "carrying_capacity": "much"}}, ["metadata", "carrying_capacity"]),
        ({"metadata": {"name": "x", "colour": "blue"}}, ["metadata", "colour"]),
    ],
)
def test_a_malformed_body_is_422_and_names_the_field(service: Service, changes: dict, loc: list[str]) -> None:
    body = {"source_type": "API", "source_config": {"location": "http://127.0.0.1:9/x"}, "metadata": {"name": "x"}}
    answer = service.http.post(f"{WRAPPERS}/generate", json=body | changes)
    assert answer.status_code == 422
    assert [each["loc"] for each in answer.json()["detail"]] == [["body", *loc]]
    assert SECRET not in answer.text


API_WRONG: list[tuple[dict[str, Any], str]] = [
    *[
        ({"location": url}, "location")
        for url in (
            "",
            "nowhere",
            "ftp://host/x",
            f"http://u:{SECRET}@host/x",
            "http://",
            "http://[",
            "http://h:99999/",
            5,
            None,
            f"http://host/?token={SECRET}&token=b",
            "http://host/\0",
        )
    ],
    ({"auth_type": "magic"}, "auth_type"),
    ({"api_key": 5}, "api_key"),
    ({"api_key": f"{SECRET}\r\nX: y"}, "api_key"),
    ({"bearer_token": [SECRET]}, "bearer_token"),
    ({"bearer_token": f"{SECRET}\u2026"}, "bearer_token"),
    ({"password": {"is": SECRET}}, "password"),
    ({"username": [SECRET]}, "username"),
    *[({"api_key_header": name}, "api_key_header") for name in ("a b", "a\r\nb", "X-Key\n")],
    *[({"timeout_seconds": seconds}, "timeout_seconds") for seconds in (0, -1, 601, "long")],
    ({"custom_headers": {"X-A": f"{SECRET}\r\nX-B: c"}}, "custom_headers"),
    ({"custom_headers": SECRET}, "custom_headers"),
    ({"custom_headers": {"a b": SECRET}}, "custom_headers"),
    ({"custom_headers": {"X": [SECRET]}}, "custom_headers"),
    ({"query_params": {"key": [SECRET]}}, "query_params"),
    ({"query_params": [SECRET]}, "query_params"),
    ({"timezone": "Mars/Olympus"}, "timezone"),
    ({"lookback": "a week"}, "lookback"),
    ({"recheck": "weekly"}, "recheck"),
    ({"schedule": "at noon"}, "schedule"),
    ({"schedule": "0 25 * * *"}, "schedule"),
    ({"start": "long ago"}, "start"),
    ({"date_field": 5}, "date_field"),
    ({"file_id": NOBODY}, "file_id"),
    ({"colour": "blue"}, "colour"),
]


@pytest.mark.parametrize(("wrong", "field"), API_WRONG)
def test_a_wrong_source_config_is_422_and_echoes_no_secret(service: Service, wrong: dict, field: str) -> None:
    config = {"location": "http://127.0.0.1:9/x", "password": SECRET, **wrong}
    body = {"source_type": "API", "source_config": config, "metadata": {"name": "x"}}
    answer = service.http.post(f"{WRAPPERS}/generate", json=body)
    assert answer.status_code == 422, answer.text
    for each in answer.json()["detail"]:
        assert each["loc"][:2] == ["body", "source_config"]
        assert field in [*each["loc"], *each["msg"].replace(",", " ").split()]
    assert SECRET not in answer.text


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"file_id": None}, "file_id"),
        ({"file_id": 5}, "file_id"),
        ({"location": f"{WRAPPERS}/files/{NOBODY}"}, "location"),
        ({"delimiter": ";;"}, "delimiter"),
        ({"decimal": ";"}, "decimal"),
        ({"thousands": "x"}, "thousands"),
        ({"encoding": "klingon"}, "encoding"),
        ({"header_row": 0}, "header_row"),
        ({"value_columns": []}, "value_columns"),
        ({"value_columns": "level"}, "value_columns"),
        ({"timezone": "nowhere"}, "timezone"),
        ({"api_key": SECRET}, "api_key"),
    ],
)
@pytest.mark.parametrize("source_type", ["CSV", "XLSX"])
def test_a_wrong_file_config_is_422(service: Service, source_type: str, wrong: dict, field: str) -> None:
    body = {"source_type": source_type, "source_config": {"file_id": NOBODY, **wrong}, "metadata": {"name": "x"}}
    answer = service.http.post(f"{WRAPPERS}/generate", json=body)
    assert answer.status_code == 422
    assert answer.json()["detail"][0]["loc"][:3] == ["body", "source_config", field]
    assert SECRET not in answer.text


def test_an_unknown_or_unfit_file_is_400(service: Service) -> None:
    file_id = service.upload("small.csv", CSV)["file_id"]
    for source_type, named, sentence in [
        ("CSV", NOBODY, f"File not found: {NOBODY}"),
        ("XLSX", "nope", "File not found: nope"),
        ("XLSX", file_id, "Invalid request: small.csv is no XLSX file; use source_type CSV"),
    ]:
        body = {"source_type": source_type, "source_config": {"file_id": named}, "metadata": {"name": "x"}}
        answer = service.http.post(f"{WRAPPERS}/generate", json=body)
        assert (answer.status_code, answer.json()) == (400, {"detail": sentence})


@pytest.mark.parametrize("wrapper_id", [NOBODY, "nope", "%00", "6F1D2C1E"])
def test_an_unknown_wrapper(service: Service, wrapper_id: str) -> None:
    url = f"{WRAPPERS}/{wrapper_id}"
    for verb, prefix in (("execute", "Execution error"), ("stop", "Stop error")):
        answer = service.http.post(f"{url}/{verb}")
        assert (answer.status_code, answer.json()) == (400, {"detail": f"{prefix}: Wrapper not found"})
    for method, end, sent in [
        *[("GET", end, None) for end in ("", "/health", "/logs", "/monitoring", "/runs", "/checkpoint")],
        ("POST", "/regenerate", None),
        ("PATCH", "", {"metadata": {"unit": "m"}}),
        ("DELETE", "", None),
        ("PUT", "/checkpoint", {"covered": []}),
        ("DELETE", "/checkpoint", None),
    ]:
        answer = service.http.request(method, url + end, json=sent)
        assert (answer.status_code, answer.json()) == (404, {"detail": "Wrapper not found"}), (method, end)


@pytest.mark.parametrize(
    ("method", "end", "params", "name"),
    [
        *[("GET", "", {"limit": limit}, "limit") for limit in ("0", "101", "-1", "x")],
        *[("GET", "", {"skip": skip}, "skip") for skip in ("-1", "x")],
        ("GET", "", {"status": "asleep"}, "status"),
        ("GET", "", {"source_type": "PDF"}, "source_type"),
        ("GET", "", {"q": "a\0"}, "q"),
        *[("GET", f"/{NOBODY}/runs", {"limit": limit}, "limit") for limit in ("0", "101")],
        ("GET", f"/{NOBODY}/runs", {"skip": "-1"}, "skip"),
        *[("GET", f"/{NOBODY}/logs", {"limit": limit}, "limit") for limit in ("0", "10001", "x")],
        *[("POST", f"/{NOBODY}/execute", {"wait": wait}, "wait") for wait in ("-1", "3601", "nan", "inf", "x")],
    ],
)
def test_a_parameter_out_of_bounds_is_422(service: Service, method: str, end: str, params: dict, name: str) -> None:
    answer = service.http.request(method, WRAPPERS + end, params=params)
    assert answer.status_code == 422
    assert answer.json()["detail"][0]["loc"] == ["query", name]
