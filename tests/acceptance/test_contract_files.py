"""`/resources/wrappers/files`: every kind of upload gets its documented answer."""

import io
import uuid
import zipfile

import pytest

import scenes
from service import Service
from workbooks import workbook

FILES = "/resources/wrappers/files"
FIELDS = {
    "file_id": str,
    "filename": str,
    "file_size": int,
    "uploaded_at": str,
    "preview_data": str,
    "validation_status": str,
    "validation_errors": list,
    "message": str,
    "columns": list,
    "row_count": int,
    "sheets": list,
}
CSV = b"day,level,note\n2024-01-01,1.5,a\n2024-01-02,2.5,b\n2024-01-03,3,c\n2024-01-04,4,d\n2024-01-05,5,e\n"


def zipped() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("a.txt", "no workbook")
    return buffer.getvalue()


def test_a_csv_file_is_looked_at(service: Service) -> None:
    found = service.upload("levels.csv", CSV)
    assert {name: type(value) for name, value in found.items()} == FIELDS
    assert str(uuid.UUID(found["file_id"])) == found["file_id"]
    assert (found["filename"], found["file_size"], found["row_count"]) == ("levels.csv", len(CSV), 5)
    assert (found["validation_status"], found["validation_errors"]) == ("valid", [])
    assert found["message"] == "File uploaded successfully"
    assert found["preview_data"].splitlines() == CSV.decode().splitlines()[:5]
    assert [column["name"] for column in found["columns"]] == ["day", "level", "note"]
    assert [column["sample"] for column in found["columns"]] == ["2024-01-01", "1.5", "a"]
    assert all(set(column) == {"name", "type", "sample"} for column in found["columns"])
    assert found["sheets"] == []
    assert service.http.get(f"{FILES}/{found['file_id']}").json() == found
    assert service.http.get(f"{FILES}/{found['file_id'].upper()}/").json() == found


def test_a_workbook_is_looked_at(service: Service) -> None:
    content = workbook(Empty=[], Data=[["day", "level"], ["2024-01-01", 1.5], ["2024-01-02", 2.5]])
    found = service.upload("levels.XLSX", content)
    assert {name: type(value) for name, value in found.items()} == FIELDS
    assert (found["validation_status"], found["row_count"]) == ("valid", 2), found
    assert found["sheets"] == ["Empty", "Data"]
    assert [column["name"] for column in found["columns"]] == ["day", "level"]
    assert "2024-01-01" in found["preview_data"]


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("empty.csv", b"", "empty"),
        ("empty.xlsx", b"", "empty"),
        ("blank.csv", b"\n \n\n", ""),
        ("one.csv", b"level\n1\n2\n", "only one column"),
        ("one.xlsx", workbook(Data=[["level"], [1], [2]]), "only one column"),
        ("hollow.xlsx", workbook(Data=[]), "no sheet with anything in it"),
        ("head.csv", b"day,level\n", "no row of data"),
        ("book.csv", workbook(Data=[["a", "b"], [1, 2]]), "named as CSV, but it is an Excel workbook"),
        ("text.xlsx", CSV, "named as XLSX, but it is text"),
        ("text.xls", CSV, "named as XLS, but it is text"),
        ("zip.xlsx", zipped(), ""),
        ("binary.csv", bytes(range(256)) * 20, ""),
        ("picture.csv", b"\x89PNG\r\n\x1a\n" + b"\0" * 100, ""),
        ("cut.xlsx", workbook(Data=[["a", "b"], [1, 2]])[:1000], ""),
        ("ole.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, ""),
    ],
)
def test_what_cannot_be_used_is_invalid_with_the_reason(
    service: Service, name: str, content: bytes, reason: str
) -> None:
    found = service.upload(name, content)
    assert {field: type(value) for field, value in found.items()} == FIELDS
    assert found["validation_status"] == "invalid", found
    assert found["file_size"] == len(content)
    assert found["validation_errors"]
    assert reason in found["validation_errors"][0]
    assert found["message"].startswith("File cannot be used: ")
    source_type = "CSV" if name.endswith("csv") else "XLSX"
    body = {"source_type": source_type, "source_config": {"file_id": found["file_id"]}, "metadata": {"name": "x"}}
    refused = service.http.post("/resources/wrappers/generate", json=body)
    assert refused.status_code == 400
    assert refused.json()["detail"].startswith(f"Invalid request: {name} cannot be used: ")
    assert service.http.delete(f"{FILES}/{found['file_id']}").json() == {"file_id": found["file_id"], "deleted": True}


@pytest.mark.parametrize("name", ["notes.pdf", "levels.csv.exe", "levels", ".csv", "levels.tsv", "csv"])
def test_another_type_is_refused(service: Service, name: str) -> None:
    answer = service.http.post(f"{FILES}/upload", files={"file": (name, CSV)})
    sentence = f"Only .csv, .xlsx and .xls files can be uploaded, not {name!r}."
    assert (answer.status_code, answer.json()) == (400, {"detail": sentence})


def test_without_a_file_it_is_422(service: Service) -> None:
    for sent in (
        {"files": {"other": ("levels.csv", CSV)}},
        {"data": {"file": "levels.csv"}},
        {"json": {"file": "levels.csv"}},
        {"content": b"--x", "headers": {"Content-Type": "multipart/form-data; boundary=x"}},
        {},
    ):
        answer = service.http.post(f"{FILES}/upload", **sent)
        assert answer.status_code == 422, sent
        assert answer.json()["detail"][0]["loc"] == ["body", "file"]


def test_more_than_the_limit_is_413_and_leaves_nothing(service: Service) -> None:
    before = {path.name for path in service.data_dir.rglob("*.csv")}
    answer = service.http.post(f"{FILES}/upload", files={"file": ("big.csv", b"1,2\n" * (13 * 2**20 + 1))})
    assert (answer.status_code, answer.json()) == (413, {"detail": "The file is larger than 50 MiB."})
    assert {path.name for path in service.data_dir.rglob("*.csv")} == before


def test_a_name_cannot_lead_out_of_the_directory(service: Service) -> None:
    found = service.upload("../../etc/levels.csv", CSV)
    assert found["filename"] == "levels.csv"
    assert not list(service.data_dir.rglob("levels.csv"))


def test_the_list_is_newest_first(service: Service) -> None:
    ids = [service.upload(f"{n}.csv", CSV)["file_id"] for n in range(3)]
    listed = service.http.get(FILES).json()
    assert set(listed) == {"files", "count"}
    assert [each["file_id"] for each in listed["files"][:3]] == ids[::-1]
    assert listed["count"] == len(listed["files"]) <= 100
    assert {name: type(value) for name, value in listed["files"][0].items()} == FIELDS


def test_a_file_is_deleted_only_when_no_wrapper_reads_it(service: Service) -> None:
    scene = scenes.file(service, "CSV")
    file_id = service.wrapper(scene.wrapper_id)["source_config"]["file_id"]
    service.execute(scene.wrapper_id, wait=0)
    scenes.reading(scene)
    busy = service.http.delete(f"{FILES}/{file_id}")
    sentence = f"level.csv is being read by wrapper {scene.wrapper_id}; stop that wrapper first."
    assert (busy.status_code, busy.json()) == (409, {"detail": sentence})
    service.stop(scene.wrapper_id)
    stored = service.wrapper(scene.wrapper_id)["data_points_count"]
    assert service.http.delete(f"{FILES}/{file_id}").json() == {"file_id": file_id, "deleted": True}
    assert not list(service.data_dir.rglob(f"{file_id}*"))
    again = service.http.delete(f"{FILES}/{file_id}")
    assert (again.status_code, again.json()) == (404, {"detail": "File not found"})
    # Its data stays; executing says what is missing, and so do all that would read it.
    assert service.wrapper(scene.wrapper_id)["data_points_count"] == stored > 0
    url = f"/resources/wrappers/{scene.wrapper_id}"
    executed = service.http.post(f"{url}/execute")
    assert (executed.status_code, executed.json()) == (400, {"detail": "Execution error: File not found"})
    renewed = service.http.post(f"{url}/regenerate")
    assert (renewed.status_code, renewed.json()) == (400, {"detail": f"File not found: {file_id}"})
    assert service.wrapper(scene.wrapper_id)["data_points_count"] == stored
    monitoring = service.http.get(f"{url}/monitoring").json()["monitoring_details"]
    assert (monitoring["file_name"], monitoring["file_size_bytes"]) == (None, None)


@pytest.mark.parametrize("file_id", ["not-an-id", "6f1d2c1e-7b0a-4e57-9d35-0c8f7a1e2b34", "%00", "a%2Fb"])
def test_an_unknown_file_is_404(service: Service, file_id: str) -> None:
    for method in ("GET", "DELETE"):
        answer = service.http.request(method, f"{FILES}/{file_id}")
        assert answer.status_code == 404


@pytest.mark.sqlite  # nodes fetch it from the database again
def test_an_upload_that_is_gone_from_the_disk_ends_in_one_sentence(service: Service) -> None:
    wrapper_id = scenes.file(service, "CSV", slow=False, count=20).wrapper_id
    file_id = service.wrapper(wrapper_id)["source_config"]["file_id"]
    (service.data_dir / "files" / f"{file_id}.csv").unlink()
    answer = service.execute(wrapper_id)
    assert not answer["success"]
    assert answer["message"].startswith("The uploaded file is gone from the disk.")
    wrapper = service.wrapper(wrapper_id)
    assert (wrapper["status"], wrapper["error_message"]) == ("error", answer["message"])
    tried = service.http.post(f"/resources/wrappers/{wrapper_id}/dry-run", json={})
    assert (tried.status_code, tried.json()["message"]) == (200, answer["message"])
