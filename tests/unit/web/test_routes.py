"""The table of routes: what is open, what is guarded, and what the OpenAPI document says."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from slackwater.web import app
from slackwater.web.security.auth import GuardedRoute

OPEN = {"/health", "/ready", "/resources/version", "/openapi.json", "/docs", "/docs/oauth2-redirect", "/redoc"}

ADMINS_ALONE = ("/audit", "/nodes", "/shares", "/alerts/channels", "/alerts/messages")


@pytest.fixture(scope="module")
def document():
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
    return app.build(context).openapi()


def operations(document):
    return [(path, method, what) for path, ways in document["paths"].items() for method, what in ways.items()]


def test_every_chapter_but_the_service_is_guarded():
    for chapter in (app.files, app.wrappers, app.data, app.resources, app.audit):
        assert chapter.router.routes
        assert all(isinstance(route, GuardedRoute) for route in chapter.router.routes)


def test_the_document_tells_where_a_key_is_needed(document):
    for path, method, what in operations(document):
        if path in OPEN:
            assert "security" not in what
            continue
        assert what["security"] == [{"HTTPBearer": []}, {"APIKeyHeader": []}], path
        assert "401" in what["responses"]
        assert ("403" in what["responses"]) == (method != "get" or path.startswith(ADMINS_ALONE)), (path, method)


def test_every_refusal_has_an_example_and_every_operation_a_summary(document):
    names = [what["operationId"] for _, _, what in operations(document)]
    assert len(names) == len(set(names))
    for path, _, what in operations(document):
        assert what["summary"]
        for code, answer in what["responses"].items():
            if code >= "400" and code != "422":
                examples = answer["content"]["application/json"]["examples"].values()
                assert all(each["value"]["detail"] for each in examples), (path, code)


def test_both_forms_of_source_config_are_described(document):
    form = document["components"]["schemas"]["GenerateForm"]["properties"]["source_config"]
    assert [each["$ref"].rsplit("/")[-1] for each in form["anyOf"]] == ["FileConfig", "ApiConfig"]
