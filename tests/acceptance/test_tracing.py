"""Traces of stops, runs and requests arrive at a real receiver of OTLP over HTTP, and hold no secret."""

import gzip
import sys
from pathlib import Path
from typing import Any

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from service import Service, eventually
from slackwater.errors import Unavailable
from slackwater.tracing import tracing
from sources import Answer, SourceServer

SECRET = "a-secret-in-an-address"
POINTS = b'[{"time": "2024-01-01T00:00:00Z", "value": 1}, {"time": "2024-01-02T00:00:00Z", "value": 2}]'


class Collector(SourceServer):
    """Keeps what is posted to it."""

    def __enter__(self) -> "Collector":
        super().__enter__()
        self.endpoint = self.route("/v1/traces", Answer(status=200)).removesuffix("/v1/traces")
        return self

    def spans(self) -> list[Any]:
        """Return all spans so far."""
        found = []
        for request in self.requests:
            body = request.body
            if request.headers.get("content-encoding") == "gzip":
                body = gzip.decompress(body)
            for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
                for scope in resource.scope_spans:
                    found += scope.spans
        return found

    def everything(self) -> bytes:
        """Return all that was posted."""
        return b"".join(request.body for request in self.requests)


def attributes(span: Any) -> dict[str, Any]:
    return {each.key: getattr(each.value, each.value.WhichOneof("value")) for each in span.attributes}


def test_stops_runs_and_their_requests_are_reported(tmp_path: Path) -> None:
    with Collector() as collector, SourceServer() as source:
        url = source.route("/levels", Answer(body=POINTS, headers={"Content-Type": "application/json"}))
        with Service(tmp_path / "data", otlp_endpoint=collector.endpoint) as service:
            wrapper_id = service.generate("API", {"location": f"{url}?token={SECRET}"})
            service.caught_up(wrapper_id)
            assert service.stop(wrapper_id)["success"]
        spans = collector.spans()
    named = {name: [span for span in spans if span.name == name] for name in ("run", "request", "stop")}
    [stop] = named["stop"]
    assert attributes(stop) == {"slackwater.wrapper_id": wrapper_id, "slackwater.success": True}
    [discover, read, *_] = sorted(named["run"], key=lambda each: each.start_time_unix_nano)
    assert attributes(discover)["slackwater.task"] == "discover"
    assert attributes(read)["slackwater.task"] == "read"
    assert attributes(read)["slackwater.wrapper_id"] == wrapper_id
    assert attributes(read)["slackwater.run_id"]
    requests = [span for span in named["request"] if span.parent_span_id == read.span_id]
    assert requests
    seen = attributes(requests[0])
    assert (seen["http.request.method"], seen["server.address"]) == ("GET", "127.0.0.1")
    assert (seen["http.response.status_code"], seen["http.response.body.size"]) == (200, len(POINTS))
    assert SECRET.encode() not in collector.everything()


def test_a_failed_run_is_reported_as_failed(tmp_path: Path) -> None:
    with Collector() as collector, SourceServer() as source:
        url = source.route("/gone", Answer(status=404))
        with Service(tmp_path / "data", otlp_endpoint=collector.endpoint, max_tries=1) as service:
            service.wait_for(service.generate("API", {"location": url}), "error")
        [run] = [span for span in collector.spans() if span.name == "run"]
        assert run.status.code == run.status.STATUS_CODE_ERROR


@pytest.mark.long
def test_a_collector_that_is_down_costs_lines_of_the_log_and_nothing_else(tmp_path: Path) -> None:
    log = tmp_path / "log"
    with SourceServer() as source, log.open("w") as output:
        url = source.route("/levels", Answer(body=POINTS, headers={"Content-Type": "application/json"}))
        service = Service(tmp_path / "data", otlp_endpoint="http://127.0.0.1:9", log_level="info")
        service.output = output
        with service:
            service.caught_up(service.generate("API", {"location": url}))
        eventually(lambda: service.process is None or service.process.poll() is not None)
    told = log.read_text()
    assert "127.0.0.1" in told
    assert "Traceback" not in told


def test_missing_libraries_are_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "opentelemetry.sdk.trace", None)
    with pytest.raises(Unavailable, match=r"Install slackwater\[tracing\]"), tracing("http://127.0.0.1:4318"):
        pass
