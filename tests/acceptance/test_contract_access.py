"""Who may come in, and what is true of every path: the keys and roles, slashes, methods, the OpenAPI document."""

import json
import os
import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from openapi_spec_validator import validate

import loaded
from service import KEY, Service, eventually
from slackwater.store.schema import metadata

OPEN = ("/health", "/ready", "/resources/version", "/openapi.json", "/docs")
NOBODY = "6f1d2c1e-7b0a-4e57-9d35-0c8f7a1e2b34"
PLACES = {
    "wrapper_id": NOBODY,
    "file_id": NOBODY,
    "resource_id": "65a1b2c3d4e5f60718293a4b",
    "channel_id": NOBODY,
    "message_id": NOBODY,
    "note_id": NOBODY,
    "share_id": NOBODY,
    "node": NOBODY,
}
ADMINS_ALONE = ("/nodes", "/audit", "/alerts/channels", "/alerts/messages", "/shares")
NAMES = {
    "/files/": "File",
    "/wrappers/": "Wrapper",
    "/channels/": "Channel",
    "/nodes/": "Node",
    "/messages/": "Message",
}
READ_ONLY = "This API key may only read; use one with the role admin."

Operation = tuple[str, str]


@pytest.fixture(scope="module")
def document(service: Service) -> dict:
    return dict(service.http.get("/openapi.json").json())


@pytest.fixture(scope="module")
def guarded(document: dict) -> list[Operation]:
    """Every operation that is not open, as (method, path with ids that nothing has)."""
    found = [(method.upper(), path.format(**PLACES)) for path, ways in document["paths"].items() for method in ways]
    return [(method, path) for method, path in found if path not in OPEN]


@pytest.fixture
def anyone(service: Service) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=service.url) as http:
        yield http


def keys(service: Service, *words: str) -> str:
    """Run `slackwater keys` beside the running service; return what it prints."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SLACKWATER_")}
    environment |= service.store_environment()
    done = loaded.run(("keys", *words, "--data-dir", str(service.data_dir)), environment)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_the_table_of_operations_is_the_contracts(guarded: list[Operation]) -> None:
    one, file = f"/resources/wrappers/{NOBODY}", f"/resources/wrappers/files/{NOBODY}"
    resource = f"/resources/{PLACES['resource_id']}"
    expected = {
        *[("POST", "/resources/wrappers/generate"), ("GET", "/resources/wrappers")],
        *[("POST", f"{one}/{verb}") for verb in ("execute", "stop", "regenerate")],
        *[(method, one) for method in ("GET", "PATCH", "DELETE")],
        *[("GET", f"{one}/{part}") for part in ("health", "logs", "monitoring", "runs")],
        *[(method, f"{one}/checkpoint") for method in ("GET", "PUT", "DELETE")],
        *[("POST", "/resources/wrappers/files/upload"), ("GET", "/resources/wrappers/files")],
        *[(method, file) for method in ("GET", "DELETE")],
        *[(method, "/resources") for method in ("GET", "POST")],
        *[(method, resource) for method in ("GET", "PUT", "PATCH", "DELETE")],
        ("GET", f"{resource}/data"),
    }
    assert expected <= set(guarded)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Bearer"},
        {"Authorization": f"Basic {KEY}"},
        {"Authorization": KEY},
        {"Authorization": "Bearer not-a-key-at-all-000"},
        {"X-API-Key": "not-a-key-at-all-000"},
        {"X-API-Key": KEY[:-1]},
        {"X-API-Key": ""},
    ],
)
def test_without_a_good_key_every_operation_answers_401(
    anyone: httpx.Client, guarded: list[Operation], headers: dict[str, str]
) -> None:
    # Each operation without a key and with a wrong one; the further ways of being wrong at some of them.
    thorough = headers in ({}, {"X-API-Key": "not-a-key-at-all-000"})
    for method, path in guarded if thorough else guarded[::9]:
        answer = anyone.request(method, path, headers=headers)
        assert answer.status_code == 401, (method, path)
        assert answer.headers["www-authenticate"] == "Bearer"
        assert list(answer.json()) == ["detail"]
        assert isinstance(answer.json()["detail"], str)
        assert KEY[:-1] not in answer.text


def test_a_key_is_looked_at_before_the_body(anyone: httpx.Client) -> None:
    answer = anyone.post("/resources/wrappers/generate", content=b"{no json")
    assert answer.status_code == 401


@pytest.mark.parametrize("path", OPEN)
def test_what_is_open_needs_no_key(anyone: httpx.Client, path: str) -> None:
    for spelling in (path, path + "/"):
        answer = anyone.get(spelling)
        assert answer.status_code == 200, spelling
        assert anyone.get(spelling, headers={"X-API-Key": "wrong-wrong-wrong-wrong"}).status_code == 200


def test_both_headers_let_a_key_in(anyone: httpx.Client) -> None:
    for headers in ({"Authorization": f"Bearer {KEY}"}, {"authorization": f"bearer {KEY}"}, {"X-API-Key": KEY}):
        assert anyone.get("/resources/wrappers", headers=headers).status_code == 200


def test_a_viewer_may_only_read_and_a_revoked_key_nothing(
    service: Service, anyone: httpx.Client, guarded: list[Operation]
) -> None:
    key = keys(service, "create", "looks only", "--role", "viewer")
    anyone.headers["X-API-Key"] = key
    for method, path in guarded:
        answer = anyone.request(method, path)
        if method == "GET" and not path.startswith(ADMINS_ALONE):
            assert answer.status_code in (200, 404), (method, path, answer.text)
        else:
            assert (answer.status_code, answer.json()) == (403, {"detail": READ_ONLY}), (method, path)
    assert anyone.head("/resources/wrappers").status_code == 200
    record = next(each for each in json.loads(keys(service, "list", "--json")) if each["name"] == "looks only")
    assert "hash" not in record
    keys(service, "revoke", record["key_id"])
    eventually(lambda: anyone.get("/resources/wrappers").status_code == 401)


def test_a_new_admin_key_may_write_at_once(service: Service, anyone: httpx.Client) -> None:
    anyone.headers["Authorization"] = f"Bearer {keys(service, 'create', 'a colleague', '--role', 'admin')}"
    assert anyone.post("/resources/wrappers/generate", json={}).status_code == 422
    assert anyone.post(f"/resources/wrappers/{NOBODY}/stop").status_code == 400


def test_no_key_is_stored_in_clear(service: Service) -> None:
    key = keys(service, "create", "secret keeper")
    for file in service.data_dir.rglob("*"):
        assert not file.is_file() or key.encode() not in file.read_bytes(), file
    with service.store() as store:
        for table in metadata.tables:
            for row in store.execute(f"SELECT * FROM {table}"):
                assert key not in repr(row), table


def test_every_path_answers_with_and_without_a_slash_and_never_redirects(
    service: Service, guarded: list[Operation]
) -> None:
    for method, path in guarded:
        bare, slashed = (service.http.request(method, path + end) for end in ("", "/"))
        assert bare.status_code == slashed.status_code, (method, path)
        assert not bare.is_redirect
        # What other tests left running in this service moves between the two answers: their shape does not.
        if bare.headers["content-type"].startswith("application/json"):
            assert _shape(bare.json()) == _shape(slashed.json()), (method, path)
        assert bare.headers["content-type"] == slashed.headers["content-type"], (method, path)
        assert bare.status_code not in (405, 307, 308), (method, path)


def _shape(body: Any) -> Any:
    if isinstance(body, dict):
        return sorted(body)
    return [sorted(entry) for entry in body] if isinstance(body, list) else body


def test_every_unknown_thing_is_called_by_its_name(service: Service, guarded: list[Operation]) -> None:
    for method, path in guarded:
        if method == "GET" and re.search("[0-9a-f]{24}|-4e57-", path):
            what = next((name for part, name in NAMES.items() if part in path), "Resource")
            answer = service.http.get(path)
            assert (answer.status_code, answer.json()) == (404, {"detail": f"{what} not found"}), path


def test_a_path_that_is_spelled_out_is_no_id(service: Service) -> None:
    for method, path, allowed in [
        ("PUT", "/resources/wrappers", "GET"),
        ("DELETE", "/resources/wrappers", "GET"),
        ("PATCH", "/resources/wrappers/", "GET"),
        ("POST", "/resources/wrappers", "GET"),
        ("DELETE", "/resources/version", "GET"),
        ("DELETE", "/resources/wrappers/files", "GET"),
        ("GET", "/resources/wrappers/generate", "POST"),
        ("DELETE", "/resources/wrappers/generate", "POST"),
        ("GET", "/resources/wrappers/files/upload", "POST"),
        ("POST", f"/resources/{PLACES['resource_id']}", "DELETE, GET, PATCH, PUT"),
        ("PUT", f"/resources/wrappers/{NOBODY}", "DELETE, GET, PATCH"),
    ]:
        answer = service.http.request(method, path)
        sentence = f"{method} is not possible at {path.rstrip('/')}; use {allowed}."
        assert (answer.status_code, answer.json()) == (405, {"detail": sentence}), (method, path)
        assert answer.headers["allow"] == allowed


@pytest.mark.parametrize("path", ["/wrapers", "/resources/wrappers/a/b/c", "/<b>x", "/console/static/no.js"])
def test_a_browser_is_shown_the_way_back_from_where_there_is_nothing(service: Service, path: str) -> None:
    asked = service.http.get(path, headers={"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"})
    assert (asked.status_code, asked.headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert '<a class="button" href="/">' in asked.text
    assert "<b>x" not in asked.text
    assert "script-src 'self'" in asked.headers["content-security-policy"]
    for others in ({"Accept": "*/*"}, {"Accept": "application/json"}, {"Accept": "application/json, text/html"}):
        answer = service.http.get(path, headers=others)
        assert answer.status_code == 404
        assert answer.json()["detail"].startswith("There is nothing at /")
    assert "detail" in service.http.post(path, headers={"Accept": "text/html"}).json()


def test_a_browser_that_asks_for_what_the_contract_names_gets_json(service: Service) -> None:
    answer = service.http.get("/resources/wrappers/nobody", headers={"Accept": "text/html"})
    assert (answer.status_code, answer.json()) == (404, {"detail": "Wrapper not found"})


def test_what_is_not_there_is_404_with_a_sentence(service: Service) -> None:
    for path in ("/nothing", "/resources/wrappers/x/y/z", "/docs/../etc/passwd"):
        answer = service.http.get(path)
        assert answer.status_code == 404
        assert list(answer.json()) == ["detail"]


def test_head_answers_like_get_without_a_body(service: Service, guarded: list[Operation]) -> None:
    reading = [path for method, path in guarded if method == "GET"]
    for path in [*OPEN, *reading, "/nothing"]:
        head, get = service.http.head(path), service.http.get(path)
        assert head.status_code == get.status_code, path
        assert head.content == b""
        assert head.headers["content-type"] == get.headers["content-type"]
        assert head.headers.get("x-total-count") == get.headers.get("x-total-count")
    refused = service.http.head("/resources/wrappers/generate")
    assert (refused.status_code, refused.headers["allow"]) == (405, "POST")


def test_the_page_of_the_documentation_needs_no_other_host(anyone: httpx.Client) -> None:
    page = anyone.get("/docs")
    assert page.headers["content-type"].startswith("text/html")
    assert "script-src 'self'" in page.headers["content-security-policy"]
    loaded = re.findall(r'(?:src|href|data-document)="([^"]+)"', page.text)
    assert len(loaded) >= 5
    for address in loaded:
        assert address.startswith(("/", "data:")), address
        if address.startswith("/"):
            asset = anyone.get(address)
            assert asset.status_code == 200, address
            assert asset.headers["x-content-type-options"] == "nosniff"
    assert "SwaggerUIBundle" in anyone.get("/docs/swagger-ui-bundle.js").text
    assert "http" not in re.sub(r"http://www\.w3\.org/[^'\"\s)]*", "", anyone.get("/docs/swagger-ui.css").text)


def test_the_document_is_valid_openapi(document: dict) -> None:
    validate(document)


def test_every_operation_documents_its_answers_with_examples(document: dict) -> None:
    for path, ways in document["paths"].items():
        for method, what in ways.items():
            told = what["responses"]
            kinds = told["200"]["content"]
            good = kinds.get("application/json") or kinds.get("text/event-stream") or kinds["text/plain"]
            assert _exemplified(document, good.get("schema", {})) or "example" in good, (method, path)
            if path in OPEN:
                continue
            assert {"401", "500", "503"} <= told.keys(), (method, path)
            assert "403" in told or method == "get"
            if "{" in path:
                assert "404" in told or path.endswith(("/execute", "/stop")), (method, path)
            if "requestBody" in what:
                assert "422" in told
                body = next(iter(what["requestBody"]["content"].values()))["schema"]
                assert _exemplified(document, body) or "file" in body["properties"], (method, path)
            for code, answer in told.items():
                if code >= "400":
                    assert answer["description"]


def _exemplified(document: dict, schema: dict) -> bool:
    """Whether a schema, or some field below it, has an example."""
    if "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rsplit("/")[-1]]
    if schema.get("examples"):
        return True
    below = [*schema.get("properties", {}).values(), *schema.get("anyOf", [])]
    below += [schema["items"]] if "items" in schema else []
    return any(_exemplified(document, each) for each in below)


def test_a_body_that_is_no_json_or_too_large(service: Service) -> None:
    url = "/resources/wrappers/generate"
    broken = service.http.post(url, content=b"{no json", headers={"Content-Type": "application/json"})
    assert broken.status_code == 422
    assert isinstance(broken.json()["detail"], list)
    undecodable = service.http.post(url, content=b'{"a": "\xff"}', headers={"Content-Type": "application/json"})
    assert undecodable.json() == {"detail": "The body could not be parsed; send JSON in UTF-8."}
    assert undecodable.status_code == 400
    large = service.http.post(url, content=b'"' + b"x" * (4 * 2**20) + b'"')
    assert (large.status_code, large.json()) == (413, {"detail": "The body is larger than 4 MiB."})
