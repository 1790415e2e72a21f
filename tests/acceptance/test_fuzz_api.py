"""Requests that Schemathesis makes from our own OpenAPI document, good and bad: no 5xx, and nothing undocumented."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from fastapi import FastAPI
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from requests import Request
from requests.exceptions import ChunkedEncodingError, ConnectionError

from budget import LONG, examples
from service import KEY, Service
from slackwater.web import app

if TYPE_CHECKING:
    import schemathesis

LONGEST_HEAD = 60_000  # bytes; a little less than uvicorn takes
EXAMPLES = examples(1, 30)  # of each operation, good ones, and as many bad ones
CHECKS = [
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
    "response_headers_conformance",
]
CSV = b"time,level\n2020-01-01,1\n2020-01-02,2\n2020-01-03,3\n"


def built() -> FastAPI:
    # The application as it is, without a service: tests are collected before one runs.
    context = app.Context(
        database=SimpleNamespace(),
        lifecycle=SimpleNamespace(),
        previews=SimpleNamespace(),
        dispatch=SimpleNamespace(),
        files_dir=Path("/nowhere"),
        max_upload=1,
        clock=lambda: 0,
        version="1",
    )
    return app.build(context)


# Their names alone: each worker collects the tests, and one of them has use for Schemathesis and the document.
LABELS = [
    f"{method} {route.path}"
    for route in built().state.routes
    if route.include_in_schema
    for method in sorted(route.methods)
]


def found_in(document: dict[str, Any]) -> "dict[str, schemathesis.schemas.APIOperation]":
    import schemathesis

    return {each.ok().label: each.ok() for each in schemathesis.openapi.from_dict(document).get_all_operations()}


@cache
def operations() -> "dict[str, schemathesis.schemas.APIOperation]":
    return found_in(built().openapi())


@cache
def checks() -> list[Any]:
    from schemathesis.checks import CHECKS as EVERY_CHECK
    from schemathesis.checks import load_all_checks

    load_all_checks()
    return EVERY_CHECK.get_by_names(CHECKS)


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


def test_every_operation_of_the_document_is_tried() -> None:
    assert sorted(operations()) == sorted(LABELS)


@pytest.mark.parametrize("good", [True, False], ids=["good", "bad"])
@pytest.mark.parametrize("label", LABELS)
def test_no_request_breaks_the_service_or_the_document(
    label: str, good: bool, service: Service, known: dict[str, str]
) -> None:
    from schemathesis import GenerationMode

    operation = operations()[label]
    mode = GenerationMode.POSITIVE if good else GenerationMode.NEGATIVE

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=not LONG,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode), here=st.booleans())
    def fuzz(case: "schemathesis.Case", here: bool) -> None:
        if here and case.path_parameters:
            case.path_parameters = {name: known.get(name, value) for name, value in case.path_parameters.items()}
        if label.endswith("/execute"):
            case.query = {**(case.query or {}), "wait": "0" if good else "-1"}
        how = {"base_url": service.url, "headers": {"X-API-Key": KEY}, "checks": checks(), "timeout": 20}
        try:
            case.call_and_validate(**how)
        except (ConnectionError, ChunkedEncodingError):
            # Of a longer head the service does not read the rest: it refuses it, and the connection is reset.
            address = Request("GET", service.url, params=case.query).prepare().url
            if len(address or "") < LONGEST_HEAD:
                case.call_and_validate(**how)  # a busy machine breaks a connection once; the request, never

    try:
        fuzz()
    except Exception as error:
        if type(error).__name__ != "Unsatisfiable":  # an operation without parameters has nothing to get wrong
            raise


def test_the_checks_would_notice(service: Service) -> None:
    narrow = built().openapi()
    del narrow["paths"]["/resources/{resource_id}"]["get"]["responses"]["400"]
    operation = found_in(narrow)["GET /resources/{resource_id}"]
    case = operation.Case(path_parameters={"resource_id": "nonsense"})
    with pytest.raises(BaseExceptionGroup, match="Undocumented"):
        case.call_and_validate(base_url=service.url, headers={"X-API-Key": KEY}, checks=checks())


def test_the_service_is_as_well_as_before(service: Service) -> None:
    assert service.http.get("/ready").status_code == 200
    assert service.http.get("/resources").status_code == 200
    wrapper_id = service.generate("CSV", {"file_id": service.upload("level.csv", CSV)["file_id"]})
    assert service.wait_for(wrapper_id, "completed")["data_points_count"] == 3
