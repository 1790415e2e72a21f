"""`POST /resources/wrappers/discover`: evidence and sample, questions, refusals; and nothing is created."""

from typing import Any

import pytest

from service import Service
from slackwater.model.instants import DAY, iso
from sources import Answer, Feed, Recorded, SourceServer

SECRET = "s3cr3t-that-nobody-sees"
FEED = ("2024-01-01", DAY, 60)
ROWS = "".join(f"2024-01-{day:02},{day},{day / 2}\n" for day in range(1, 31))


def discover(service: Service, source_type: str = "API", **config: Any) -> dict[str, Any]:
    body = {"source_type": source_type, "source_config": config}
    answer = service.http.post("/resources/wrappers/discover", json=body)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def test_what_was_found_is_told_with_its_evidence_and_the_first_points(service: Service, source: SourceServer) -> None:
    endpoint = source.serve("/v1", Feed.regular(*FEED), paging="offset", time_filter=("from", "to"))
    before = service.http.get("/resources/wrappers").headers["X-Total-Count"]
    found = discover(service, location=endpoint.url)
    assert (found["found"], found["message"], found["questions"]) == (True, None, [])
    assert "wrapper = ApiWrapper(" in found["code"]
    assert found["period_seconds"] == 86400
    assert found["series"] == ["value"]
    known = endpoint.feed.points()["value"]
    times = sorted(known)[:20]
    assert found["sample"] == [{"x": iso(time), "y": known[time], "series": "value"} for time in times]
    for finding in found["findings"]:
        assert finding["what"]
        assert finding["reason"]
        assert 0 <= finding["confidence"] <= 1
    assert service.http.get("/resources/wrappers").headers["X-Total-Count"] == before
    assert len(endpoint.requests) <= 25


def test_the_module_is_the_one_that_generate_writes(service: Service, source: SourceServer) -> None:
    endpoint = source.serve("/v1", Feed.regular(*FEED), paging="next")
    found = discover(service, location=endpoint.url)
    wrapper_id = service.generate("API", {"location": endpoint.url})
    assert service.caught_up(wrapper_id)["generated_code"] == found["code"]
    assert service.stored(wrapper_id) == endpoint.feed.points()


def test_a_field_that_is_given_is_obeyed_and_the_source_is_not_asked_again(
    service: Service, source: SourceServer
) -> None:
    def rows(_: Recorded) -> Answer:
        days = range(1, 29)
        return Answer([{"begun": f"2024-01-{d:02}", "done": f"2025-01-{d:02}", "level": d} for d in days])

    url = source.route("/v1", rows)
    first = discover(service, location=url)
    assert first["found"] is False
    assert first["questions"][0]["message"] == first["message"]
    assert "begun" in first["message"]
    assert "date_field" in first["message"]
    second = discover(service, location=url, date_field="done")
    assert second["found"] is True, second
    assert second["sample"][0] == {"x": "2025-01-01T00:00:00Z", "y": 1, "series": "level"}
    asked = len(source.requests)
    third = discover(service, location=url, date_field="begun")
    assert third["sample"][0]["x"] == "2024-01-01T00:00:00Z"
    # Only windows of other times are asked for anew; what is known of records and pages is not.
    assert all(request.query for request in source.requests[asked:])
    asked = len(source.requests)
    assert discover(service, location=url, date_field="done", value_field="level")["sample"] == second["sample"]
    assert len(source.requests) == asked


def test_looking_again_asks_nothing_and_another_caller_shares_nothing(service: Service, source: SourceServer) -> None:
    endpoint = source.serve("/v1", Feed.regular(*FEED), paging="page", auth=("bearer", SECRET))
    config = {"location": endpoint.url, "auth_type": "bearer", "bearer_token": SECRET}
    found = discover(service, **config)
    assert found["found"] is True
    asked = len(source.requests)
    again = discover(service, **config)
    assert again.pop("discovery") != found.pop("discovery")
    assert again == found
    assert len(source.requests) == asked
    # Another credential is another source: nobody sees with a wrong key what the right one has shown.
    refused = discover(service, **{**config, "bearer_token": "wrong-but-long-enough"})
    assert refused["found"] is False
    assert "401" in refused["message"]
    assert len(source.requests) > asked


def test_secrets_are_in_nothing_that_is_shown(service: Service, source: SourceServer) -> None:
    def echo(request: Recorded) -> Answer:
        seen = request.headers.get("authorization", "")
        rows = [{"date": f"2024-01-{d:02}", "level": d, "note": seen} for d in range(1, 29)]
        return Answer({"you": seen, "rows": rows, "next": None})

    url = source.route("/v1", echo)
    text = str(discover(service, location=url, auth_type="bearer", bearer_token=SECRET))
    assert "'found': True" in text
    assert SECRET not in text
    broken = source.route("/v2", lambda request: Answer({"you": request.headers["authorization"]}))
    text = str(discover(service, location=broken, auth_type="bearer", bearer_token=SECRET))
    assert "'found': False" in text
    assert SECRET not in text


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (Answer({"error": "no"}, 401), "401"),
        (Answer({"error": "no"}, 404), "404"),
        (Answer({"error": "later"}, 503), "503"),
        (Answer({"error": "slow down"}, 429, {"Retry-After": "900"}), "429"),
    ],
)
def test_a_source_that_does_not_answer_well_is_a_sentence_and_no_question(
    service: Service, source: SourceServer, answer: Answer, said: str
) -> None:
    found = discover(service, location=source.route(f"/v{said}", answer))
    assert (found["found"], found["questions"], found["code"], found["sample"]) == (False, [], None, [])
    assert said in found["message"]


def test_a_source_that_is_down_is_a_sentence(service: Service) -> None:
    found = discover(service, location="http://127.0.0.1:1/v1")
    assert (found["found"], found["questions"]) == (False, [])
    assert "127.0.0.1" in found["message"]


def test_an_answer_that_nobody_understands_is_a_question(service: Service, source: SourceServer) -> None:
    found = discover(service, location=source.route("/v1", Answer({"hello": "world"})))
    assert (found["found"], len(found["questions"])) == (False, 1)
    assert set(found["questions"][0]) == {"id", "field", "message", "text", "choices", "alternatives"}


def test_a_file_is_looked_at_too(service: Service) -> None:
    file_id = service.upload("tides.csv", f"day,high,low\n{ROWS}".encode())["file_id"]
    found = discover(service, "CSV", file_id=file_id)
    assert found["found"] is True
    assert "wrapper = FileWrapper(" in found["code"]
    assert found["sample"][:3] == [
        {"x": "2024-01-01T00:00:00Z", "y": 1, "series": "high"},
        {"x": "2024-01-01T00:00:00Z", "y": 0.5, "series": "low"},
        {"x": "2024-01-02T00:00:00Z", "y": 2, "series": "high"},
    ]
    assert found["series"] == ["high", "low"]
    only = discover(service, "CSV", file_id=file_id, value_columns=["low"])
    assert only["series"] == ["low"]
    wrong = discover(service, "CSV", file_id=file_id, time_column="nothing")
    assert wrong["found"] is False
    assert "time_column" in wrong["message"]


def test_what_cannot_be_looked_at_is_refused(service: Service) -> None:
    def refused(source_type: str, **config: Any) -> tuple[int, Any]:
        body = {"source_type": source_type, "source_config": config}
        answer = service.http.post("/resources/wrappers/discover", json=body)
        return answer.status_code, answer.json()["detail"]

    unknown = "6f1d2c1e-7b0a-4e57-9d35-0c8f7a1e2b34"
    assert refused("CSV", file_id=unknown) == (400, f"File not found: {unknown}")
    file_id = service.upload("tides.csv", f"day,high,low\n{ROWS}".encode())["file_id"]
    code, detail = refused("XLSX", file_id=file_id)
    assert (code, detail) == (400, "Invalid request: tides.csv is no XLSX file; use source_type CSV")
    code, detail = refused("API", location="ftp://example.org")
    assert code == 422
    assert detail[0]["loc"][:2] == ["body", "source_config"]
    assert refused("API")[0] == 422
    assert service.http.get("/resources/wrappers/discover").status_code == 405


def test_the_module_is_proven_before_a_wrapper_executes(service: Service, source: SourceServer) -> None:
    # Read a second time it says something else: nobody could build a series on that.
    def fickle(request: Recorded) -> Answer:
        n = 2 if "cache-control" in request.headers else 1
        return Answer([{"date": f"2024-01-{d:02}", "level": d * n} for d in range(1, 29)])

    wrapper_id = service.generate("API", {"location": source.route("/v1", fickle)})
    wrapper = None
    while wrapper is None or wrapper["status"] in {"pending", "generating"}:
        wrapper = service.wrapper(wrapper_id)
    assert wrapper["status"] == "error"
    assert "does not stand the trial" in wrapper["error_message"]
    assert "'level' at 2024-01-01T00:00:00Z was 2, the first time 1" in wrapper["error_message"]
    assert not any("executing" in line or "module ready" in line for line in wrapper["execution_log"])
    assert wrapper["generated_code"] is None


def test_each_alternative_of_a_question_is_complete_and_shows_its_points(service: Service) -> None:
    rows = "".join(f"0{n + 1}/02/2024;{n * 7 % 5 + 0.5}\n" for n in range(5))
    file_id = service.upload("tides.csv", f"day;high\n{rows}".encode())["file_id"]
    found = discover(service, source_type="CSV", file_id=file_id)
    [question] = found["questions"]
    assert (question["id"], question["text"]) == ("date_format", question["message"])
    assert [each["id"] for each in question["alternatives"]] == ["1", "2"]
    for each in question["alternatives"]:
        again = discover(service, source_type="CSV", file_id=file_id, **each["set"])
        assert again["found"]
        assert again["sample"][: len(each["preview"])] == each["preview"]
