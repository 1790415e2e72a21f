"""Requests that Schemathesis makes from our own OpenAPI document, good and bad: no 5xx, and nothing undocumented."""

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from requests.exceptions import ChunkedEncodingError, ConnectionError
from schemathesis import GenerationMode
from schemathesis.checks import CHECKS as EVERY_CHECK
from schemathesis.checks import load_all_checks

from service import KEY, Service
from slackwater.web import app

EXAMPLES = 15  # of each operation, good ones, and as many bad ones
load_all_checks()
CHECKS = EVERY_CHECK.get_by_names(
    [
        "not_a_server_error",
        "status_code_conformance",
        "content_type_conformance",
        "response_schema_conformance",
        "response_headers_conformance",
    ]
)
CSV = b"time,level\n2020-01-01,1\n2020-01-02,2\n2020-01-03,3\n"


def document() -> dict[str, Any]:
    # Of the application as it is, without a service: tests are collected before one runs.
    context = app.Context(
        database=SimpleNamespace(),
        lifecycle=SimpleNamespace(),
        scout=SimpleNamespace(),
        files_dir=Path("/nowhere"),
        max_upload=1,
        clock=lambda: 0,
        version="1",
    )
    return app.build(context).openapi()


SCHEMA = schemathesis.openapi.from_dict(document())
OPERATIONS = {each.ok().label: each.ok() for each in SCHEMA.get_all_operations()}


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    # No source is reachable: what is made here must not ask anybody.
    with Service(tmp_path_factory.mktemp("fuzz") / "data", allow_private_sources=False, max_runs=1) as running:
        yield running


@pytest.fixture
def known(service: Service, made: dict[str, str]) -> dict[str, str]:
    """Ids that are there, so that requests get beyond `not found`; made anew when a request has deleted one."""
    paths = (f"/resources/wrappers/files/{made.get('file_id')}", f"/resources/{made.get('resource_id')}")
    if not made or any(service.http.get(path).status_code != 200 for path in paths):
        file_id = service.upload("level.csv", CSV)["file_id"]
        wrapper_id = service.generate("CSV", {"file_id": file_id})
        done = service.wait_for(wrapper_id, "completed")
        made |= {"file_id": file_id, "wrapper_id": wrapper_id, "resource_id": done["resource_id"]}
    return made


@pytest.fixture(scope="module")
def made() -> dict[str, str]:
    return {}


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["good", "bad"])
@pytest.mark.parametrize("label", OPERATIONS)
def test_no_request_breaks_the_service_or_the_document(
    label: str, mode: GenerationMode, service: Service, known: dict[str, str]
) -> None:
    operation = OPERATIONS[label]

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode), here=st.booleans())
    def fuzz(case: schemathesis.Case, here: bool) -> None:
        if here and case.path_parameters:
            case.path_parameters = {name: known.get(name, value) for name, value in case.path_parameters.items()}
        if label.endswith("/execute"):
            case.query = {**(case.query or {}), "wait": "0" if mode is GenerationMode.POSITIVE else "-1"}
        how = {"base_url": service.url, "headers": {"X-API-Key": KEY}, "checks": CHECKS, "timeout": 20}
        try:
            case.call_and_validate(**how)
        except (ConnectionError, ChunkedEncodingError):  # a busy machine breaks a connection once; the request, never
            case.call_and_validate(**how)

    try:
        fuzz()
    except Exception as error:
        if type(error).__name__ != "Unsatisfiable":  # an operation without parameters has nothing to get wrong
            raise


def test_the_checks_would_notice(service: Service) -> None:
    narrow = document()
    del narrow["paths"]["/resources/{resource_id}"]["get"]["responses"]["400"]
    (operation,) = [
        each.ok()
        for each in schemathesis.openapi.from_dict(narrow).get_all_operations()
        if each.ok().label == "GET /resources/{resource_id}"
    ]
    case = operation.Case(path_parameters={"resource_id": "nonsense"})
    with pytest.raises(BaseExceptionGroup, match="Undocumented"):
        case.call_and_validate(base_url=service.url, headers={"X-API-Key": KEY}, checks=CHECKS)


def test_the_service_is_as_well_as_before(service: Service) -> None:
    assert service.http.get("/ready").status_code == 200
    assert service.http.get("/resources").status_code == 200
    wrapper_id = service.generate("CSV", {"file_id": service.upload("level.csv", CSV)["file_id"]})
    assert service.wait_for(wrapper_id, "completed")["data_points_count"] == 3
