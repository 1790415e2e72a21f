"""Uploads: what arrives on the disk, and what is left when it is refused."""

import httpx
import pytest
from fastapi import FastAPI, Request

from slackwater.web.transport import error_handlers
from slackwater.web.transport.middleware import Edge
from slackwater.web.transport.multipart_upload import receive

LIMIT = 100_000


@pytest.fixture
async def client(tmp_path):
    app = FastAPI()
    error_handlers.install(app)
    app.add_middleware(Edge)

    @app.post("/upload")
    async def upload(request: Request):
        received = await receive(request, tmp_path / "stem", LIMIT)
        return {"filename": received.filename, "kind": received.kind, "size": received.size}

    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        yield client


def left(tmp_path):
    return sorted(path.name for path in tmp_path.iterdir())


@pytest.mark.parametrize("size", [0, 1, LIMIT])
async def test_a_file_arrives_byte_for_byte(client, tmp_path, size):
    content = (b"--x\r\n\r\n1;\xff," * (size // 10 + 1))[:size]
    answer = await client.post("/upload/", data={"note": "before"}, files={"file": ("água 1.CSV", content)})
    assert answer.json() == {"filename": "água 1.CSV", "kind": "csv", "size": size}
    assert (tmp_path / "stem.csv").read_bytes() == content


@pytest.mark.parametrize("size", [LIMIT + 1, LIMIT + 70_000, 5 * LIMIT])
async def test_too_large_a_file_leaves_nothing(client, tmp_path, size):
    answer = await client.post("/upload", files={"file": ("a.csv", b"x" * size)})
    assert answer.status_code == 413
    assert "larger than" in answer.json()["detail"]
    assert left(tmp_path) == []


@pytest.mark.parametrize("name", ["a.txt", "csv", "a.csv.exe", "a", ".csv "])
async def test_another_type_is_refused(client, tmp_path, name):
    answer = await client.post("/upload", files={"file": (name, b"a,b")})
    if name == ".csv ":
        assert answer.status_code in (200, 400)
        return
    assert answer.status_code == 400
    assert ".xlsx" in answer.json()["detail"]
    assert left(tmp_path) == []


@pytest.mark.parametrize("name", ["../../evil.csv", "C:\\data\\evil.csv", "/etc/evil.csv"])
async def test_a_name_has_no_directories(client, tmp_path, name):
    answer = await client.post("/upload", files={"file": (name, b"a,b")})
    assert answer.json()["filename"] == "evil.csv"
    assert left(tmp_path) == ["stem.csv"]


@pytest.mark.parametrize(
    "request_parts",
    [
        {"files": {"other": ("a.csv", b"a,b")}},
        {"data": {"file": "a,b"}},
        {"json": {"file": "a,b"}},
        {"content": b"", "headers": {"content-type": "multipart/form-data"}},
        {"content": b"no multipart", "headers": {"content-type": "multipart/form-data; boundary=x"}},
        {"content": b"", "headers": {"content-type": "multipart/form-data; boundary=x"}},
    ],
)
async def test_without_a_file_the_answer_names_the_field(client, tmp_path, request_parts):
    answer = await client.post("/upload", **request_parts)
    assert answer.status_code == 422
    assert answer.json()["detail"][0]["loc"] == ["body", "file"]
    assert left(tmp_path) == []


async def test_a_body_that_is_cut_off_leaves_nothing(client, tmp_path):
    begun = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n1,2\n'
    answer = await client.post("/upload", content=begun, headers={"content-type": "multipart/form-data; boundary=x"})
    assert answer.status_code == 422
    assert left(tmp_path) == []


@pytest.mark.parametrize("headers", [b"X: " + b"x" * 9_000, b"\r\n".join(b"X%d: y" % n for n in range(40))])
async def test_headers_without_end_are_not_kept_in_memory(client, tmp_path, headers):
    named = b'Content-Disposition: form-data; name="file"; filename="a.csv"'
    body = b"--x\r\n" + headers + b"\r\n" + named + b"\r\n\r\na,b\r\n--x--\r\n"
    answer = await client.post("/upload", content=body, headers={"content-type": "multipart/form-data; boundary=x"})
    assert answer.status_code == 422
    assert left(tmp_path) == []
