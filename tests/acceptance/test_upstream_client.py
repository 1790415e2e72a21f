"""The path of a browser client that was written for the contract, with bodies as untouched forms send them."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from service import Service, eventually

CSV = "day,level\n2024-01-01,1.5\n2024-01-02,2.5\n2024-01-03,4\n"

FILE_FORM = {
    "sheet_name": "",
    "time_column": "",
    "value_columns": [""],
    "series_columns": "",
    "delimiter": "",
    "encoding": "",
    "decimal": "",
    "thousands": "",
    "date_format": "",
    "timezone": "",
    "header_row": "",
    "layout": "",
    "missing_values": "",
}
API_FORM = {
    "auth_type": "none",
    "api_key": "",
    "api_key_header": "",
    "bearer_token": "",
    "username": "",
    "password": "",
    "custom_headers": {"": ""},
    "query_params": "",
    "timeout_seconds": None,
    "date_field": "",
    "value_field": "",
    "start": "",
    "lookback": "",
    "time_filter": "",
}
METADATA_FORM = {
    "name": "Níveis",
    "domain": "",
    "subdomain": "",
    "description": "",
    "unit": "",
    "source": "",
    "scale": "",
    "governance_indicator": False,
    "carrying_capacity": "",
    "periodicity": "",
}


def ok(answer: httpx.Response) -> Any:
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_the_whole_path_of_a_form(service: Service) -> None:
    http = service.http
    file = ok(http.post("/resources/wrappers/files/upload", files={"file": ("níveis.csv", CSV.encode())}))
    body = {
        "source_type": "CSV",
        "source_config": {"file_id": file["file_id"], **FILE_FORM},
        "metadata": {**METADATA_FORM, "periodicity": "Anual (INE)"},
        "auto_create_resource": True,
    }
    made = ok(http.post("/resources/wrappers/generate", json=body))
    assert made["status"] == "pending"
    wrapper_id, resource_id = made["wrapper_id"], made["resource_id"]
    assert resource_id, "a client links the resource from this answer alone"

    linked = ok(http.get(f"/resources/{resource_id}"))
    assert (linked["wrapper_id"], linked["name"], linked["startPeriod"]) == (wrapper_id, "Níveis", None)

    done = eventually(
        lambda: shown if (shown := ok(http.get(f"/resources/wrappers/{wrapper_id}")))["status"] == "completed" else None
    )
    assert done["resource_id"] == resource_id
    assert done["metadata"]["periodicity"] == "Anual (INE)"
    assert done["metadata"]["unit"] is None
    assert set(done["source_config"]) == {"file_id", "location"}
    assert any("'Anual (INE)'" in line for line in ok(http.get(f"/resources/wrappers/{wrapper_id}/logs"))["logs"])

    data = ok(http.get(f"/resources/{resource_id}/data"))["data"]
    assert [point["y"] for point in data] == [1.5, 2.5, 4.0]
    assert ok(http.post(f"/resources/wrappers/{wrapper_id}/stop"))["success"]
    assert ok(http.post(f"/resources/wrappers/{wrapper_id}/execute", params={"wait": 30}))["success"]
    assert ok(http.get(f"/resources/{resource_id}/data"))["data"] == data
    assert ok(http.delete(f"/resources/{resource_id}"))["deleted"]
    assert ok(http.delete(f"/resources/wrappers/{wrapper_id}"))["deleted"]
    assert http.get(f"/resources/{resource_id}").status_code == 404


@pytest.mark.parametrize("periodicity", ["", "Irregular", "N/A", "Anual (INE)", None])
def test_an_untouched_form_of_an_api_is_accepted(service: Service, periodicity: str | None) -> None:
    body = {
        "source_type": "API",
        "source_config": {"location": "http://127.0.0.1:9/none", **API_FORM},
        "metadata": {**METADATA_FORM, "periodicity": periodicity},
    }
    made = ok(service.http.post("/resources/wrappers/generate", json=body))
    assert made["metadata"]["periodicity"] == (periodicity or None)
    assert made["source_config"]["timeout_seconds"] == 30
    assert "lookback" not in made["source_config"]
    ok(service.http.delete(f"/resources/wrappers/{made['wrapper_id']}"))


def test_a_blank_in_a_change_takes_the_field_away(service: Service) -> None:
    config = {"location": "http://127.0.0.1:9/none", "bearer_token": "a-secret-token", "date_field": "when"}
    wrapper_id = service.generate("API", config, unit="m")
    service.stop(wrapper_id)
    shown = service.patch(
        wrapper_id, source_config={"date_field": "", "bearer_token": "********"}, metadata={"unit": ""}
    )
    assert "date_field" not in shown["source_config"]
    assert shown["source_config"]["bearer_token"] == "********"
    assert shown["metadata"]["unit"] is None
    ok(service.http.delete(f"/resources/wrappers/{wrapper_id}"))


@pytest.fixture(scope="module")
def public(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with Service(tmp_path_factory.mktemp("public") / "data", public_read=True) as running:
        yield running


def test_the_setting_public_read_opens_resources_alone(public: Service, service: Service) -> None:
    file_id = public.upload("levels.csv", CSV.encode())["file_id"]
    wrapper_id = public.generate("CSV", {"file_id": file_id})
    resource_id = public.wrapper(wrapper_id)["resource_id"]
    public.wait_for(wrapper_id, "completed")
    with httpx.Client(base_url=public.url, timeout=60) as stranger:
        opened = ["/resources", f"/resources/{resource_id}", f"/resources/{resource_id}/data"]
        for path in (*opened, f"/resources/{resource_id}/data?format=csv"):
            assert stranger.get(path).status_code == 200, path
            assert stranger.get(path, headers={"X-API-Key": "no such key 0123456789"}).status_code == 401, path
            assert stranger.get(path, headers={"Cookie": "slackwater_session=ended"}).status_code == 200, path
        for path in ("/resources/wrappers", f"/resources/wrappers/{wrapper_id}", "/resources/wrappers/files", "/audit"):
            assert stranger.get(path).status_code == 401, path
        assert stranger.patch(f"/resources/{resource_id}", json={"name": "mine"}).status_code == 401
        assert stranger.delete(f"/resources/{resource_id}").status_code == 401
        assert stranger.post("/resources", json={}).status_code == 401
    assert httpx.get(f"{service.url}/resources").status_code == 401, "it is off by default"
