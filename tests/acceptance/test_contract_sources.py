"""`source_config`: how a source lets a wrapper in, and where its points are, proven by what reaches the source."""

import csv
import io
from pathlib import Path
from typing import Any

import pytest

from service import Service, eventually
from slackwater.model.instants import DAY, parse_iso
from sources import Feed, SourceServer

MASK = "********"
SECRET = "s3cr3t-that-nobody-sees"
FEED = ("2024-01-01", DAY, 40)


def everything_shown(service: Service, wrapper_id: str) -> str:
    """All that the API shows of a wrapper, as one text."""
    url = f"/resources/wrappers/{wrapper_id}"
    parts = [
        url,
        "/resources/wrappers?limit=100",
        *(f"{url}/{end}" for end in ("logs", "monitoring", "runs", "checkpoint")),
    ]
    return "".join(service.http.get(part).text for part in parts)


@pytest.mark.parametrize(
    ("auth", "given", "header", "value"),
    [
        (("api_key", "X-API-Key", SECRET), {"auth_type": "api_key", "api_key": SECRET}, "x-api-key", SECRET),
        (
            ("api_key", "X-Station", SECRET),
            {"auth_type": "api_key", "api_key": SECRET, "api_key_header": "X-Station"},
            "x-station",
            SECRET,
        ),
        (("bearer", SECRET), {"auth_type": "bearer", "bearer_token": SECRET}, "authorization", f"Bearer {SECRET}"),
        (
            ("basic", "zoe", SECRET),
            {"auth_type": "basic", "username": "zoe", "password": SECRET},
            "authorization",
            "Basic em9lOnMzY3IzdC10aGF0LW5vYm9keS1zZWVz",
        ),
        (None, {"auth_type": "none", "api_key": SECRET, "bearer_token": SECRET}, "x-api-key", None),
    ],
)
def test_every_auth_type_reaches_the_source_and_nobody_else(
    service: Service, source: SourceServer, auth: tuple | None, given: dict[str, str], header: str, value: str | None
) -> None:
    endpoint = source.serve("/v1/levels", Feed.regular(*FEED), auth=auth)
    wrapper_id = service.generate("API", {"location": endpoint.url, **given})
    shown = service.caught_up(wrapper_id)["source_config"]
    assert service.stored(wrapper_id) == endpoint.feed.points()
    assert {request.headers.get(header) for request in endpoint.requests} == {value}
    assert {name: shown[name] for name in given if given[name] == SECRET} == {
        name: MASK for name in given if given[name] == SECRET
    }
    assert SECRET not in everything_shown(service, wrapper_id)
    # Sent back as it was shown, the secret stays: the source still lets it in.
    service.stop(wrapper_id)
    patched = service.patch(wrapper_id, source_config=shown)
    assert patched["source_config"] == shown
    endpoint.requests.clear()
    assert service.execute(wrapper_id)["success"]
    assert {request.headers.get(header) for request in endpoint.requests} == {value}


def test_custom_headers_and_query_params_reach_the_source(service: Service, source: SourceServer) -> None:
    endpoint = source.serve("/v1/levels", Feed.regular(*FEED))
    config = {
        "location": f"{endpoint.url}?unit=m",
        "custom_headers": {"X-Client": "tides", "X-Auth-Token": SECRET},
        "query_params": {"station": "Faro", "depth": 2, "raw": True, "api_key": SECRET},
    }
    wrapper_id = service.generate("API", config)
    shown = service.caught_up(wrapper_id)["source_config"]
    for request in endpoint.requests:
        assert request.headers["x-client"] == "tides"
        assert request.headers["x-auth-token"] == SECRET
        wanted = {"unit": "m", "station": "Faro", "depth": "2", "raw": "true", "api_key": SECRET}
        assert wanted.items() <= request.query.items()
    assert shown["custom_headers"] == {"X-Client": "tides", "X-Auth-Token": MASK}
    assert shown["query_params"] == {"station": "Faro", "depth": 2, "raw": True, "api_key": MASK}
    assert SECRET not in everything_shown(service, wrapper_id)
    service.stop(wrapper_id)
    endpoint.requests.clear()
    service.patch(wrapper_id, source_config={name: shown[name] for name in ("custom_headers", "query_params")})
    assert service.execute(wrapper_id)["success"]
    assert {(r.headers["x-auth-token"], r.query["api_key"]) for r in endpoint.requests} == {(SECRET, SECRET)}


def test_a_credential_in_the_location_is_kept_like_any_other(service: Service, source: SourceServer) -> None:
    endpoint = source.serve("/v1/levels", Feed.regular(*FEED))
    wrapper_id = service.generate("API", {"location": f"{endpoint.url}?unit=m&access_token={SECRET}"})
    wrapper = service.caught_up(wrapper_id)
    assert wrapper["source_config"]["location"] == f"{endpoint.url}?unit=m"
    assert wrapper["source_config"]["query_params"] == {"access_token": MASK}
    assert SECRET not in wrapper["generated_code"]
    assert SECRET not in everything_shown(service, wrapper_id)
    assert {(r.query["access_token"], r.query["unit"]) for r in endpoint.requests} == {(SECRET, "m")}
    # A new one changes nothing of what is read: no new start is needed.
    service.stop(wrapper_id)
    endpoint.requests.clear()
    service.patch(wrapper_id, source_config={"location": f"{endpoint.url}?unit=m&access_token=other"})
    assert service.execute(wrapper_id)["success"]
    assert {request.query["access_token"] for request in endpoint.requests} == {"other"}


@pytest.mark.parametrize(
    ("shape", "given"),
    [
        ({"records": None}, {}),
        ({"records": "result.rows"}, {}),
        ({"records": "result.rows"}, {"records_path": "result.rows"}),
        (
            {"time_field": "a", "value_field": "b", "extra": {"c": 5, "when": "2020-01-01"}},
            {"date_field": "a", "value_field": "b"},
        ),
        ({"time_form": "epoch_s"}, {}),
        ({"time_form": "epoch_ms"}, {}),
        ({"time_form": "date"}, {"timezone": "UTC"}),
    ],
)
def test_where_the_points_are_is_given_or_found(
    service: Service, source: SourceServer, shape: dict[str, Any], given: dict[str, str]
) -> None:
    endpoint = source.serve("/v1/levels", Feed.regular(*FEED), **shape)
    wrapper_id = service.generate("API", {"location": endpoint.url, **given})
    assert service.caught_up(wrapper_id)["source_config"].items() >= given.items()
    assert service.stored(wrapper_id) == {endpoint.shape.value_field: endpoint.feed.points()["value"]}


@pytest.mark.parametrize("given", [{}, {"series_field": "station", "value_field": "level", "date_field": "at"}])
def test_series_are_told_apart_by_a_field(service: Service, source: SourceServer, given: dict[str, str]) -> None:
    feed = Feed.regular(*FEED, series=("Faro", "Lagos"))
    shape = {"series_field": "station", "value_field": "level", "time_field": "at"}
    endpoint = source.serve("/v1/levels", feed, **shape)
    wrapper_id = service.generate("API", {"location": endpoint.url, **given})
    service.caught_up(wrapper_id)
    assert service.stored(wrapper_id) == feed.points()


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"records_path": "nowhere"}, "records_path"),
        ({"date_field": "nothing"}, "date_field"),
        ({"value_field": "nothing"}, "value_field"),
        ({"series_field": "nothing"}, "series_field"),
    ],
)
def test_what_is_not_there_ends_in_error_and_names_the_field(
    service: Service, source: SourceServer, given: dict[str, str], field: str
) -> None:
    endpoint = source.serve("/v1/levels", Feed.regular(*FEED))
    wrapper_id = service.generate("API", {"location": endpoint.url, **given})
    eventually(lambda: service.wrapper(wrapper_id)["status"] == "error")
    wrapper = service.wrapper(wrapper_id)
    assert field in wrapper["error_message"]
    assert "\n" not in wrapper["error_message"]
    assert wrapper["generated_code"] is None
    # The way out that the sentence names works.
    service.patch(wrapper_id, source_config={field: None})
    assert service.http.post(f"/resources/wrappers/{wrapper_id}/regenerate").status_code == 200
    service.caught_up(wrapper_id)
    assert service.stored(wrapper_id) == endpoint.feed.points()


def test_start_says_how_far_back_history_goes(service: Service, source: SourceServer) -> None:
    endpoint = source.serve("/v1/levels", Feed.regular("2020-01-01", DAY, 900), time_filter=("from", "to"))
    wrapper_id = service.generate("API", {"location": endpoint.url, "start": "2021-06-01"}, periodicity="daily")
    wrapper = service.caught_up(wrapper_id)
    assert wrapper["low_water_mark"] == "2021-06-01T00:00:00Z"
    assert wrapper["data_points_count"] == sum(x >= 1_622_505_600_000_000 for x in endpoint.feed.points()["value"])


def table(delimiter: str, rows: list[list[str]]) -> str:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows(rows)
    return text.getvalue()


ROWS = [["dia", "nível", "maré"], ["31/12/2023", "1.234,5", "0,25"], ["01/01/2024", "2.000,0", "0,5"]]
FOUND = {
    "nível": {"2023-12-31T00:00:00Z": 1234.5, "2024-01-01T00:00:00Z": 2000.0},
    "maré": {"2023-12-31T00:00:00Z": 0.25, "2024-01-01T00:00:00Z": 0.5},
}


@pytest.mark.parametrize(
    ("content", "config"),
    [
        (table(";", ROWS).encode("cp1252"), {}),
        (table("\t", ROWS).encode(), {}),
        (
            b"a note\r\n" + table("|", ROWS).encode("cp1252"),
            {
                "delimiter": "|",
                "encoding": "cp1252",
                "decimal": ",",
                "thousands": ".",
                "date_format": "%d/%m/%Y",
                "header_row": 2,
                "time_column": "dia",
                "value_columns": ["nível", "maré"],
                "timezone": "UTC",
            },
        ),
    ],
)
def test_a_text_file_is_read_as_given_or_as_found(service: Service, content: bytes, config: dict[str, Any]) -> None:
    file_id = service.upload("mares.csv", content)["file_id"]
    wrapper_id = service.generate("CSV", {"file_id": file_id, **config})
    shown = service.wait_for(wrapper_id, "completed")["source_config"]
    assert shown == {"file_id": file_id, **config, "location": f"/resources/wrappers/files/{file_id}"}
    answer = service.http.get(f"/resources/{service.wrapper(wrapper_id)['resource_id']}/data").json()["data"]
    found: dict[str, dict[str, float]] = {}
    for point in answer:
        found.setdefault(point["series"], {})[point["x"]] = point["y"]
    assert found == FOUND


def test_a_workbook_of_the_old_kind_is_read_from_upload_to_points(service: Service) -> None:
    content = (Path(__file__).parents[1] / "corpus" / "files" / "sure" / "xls_yearbook.xls").read_bytes()
    upload = service.upload("anuario.xls", content)
    assert (upload["validation_status"], upload["sheets"]) == ("valid", ["Capa", "Quadro"])
    assert [(column["name"], column["type"]) for column in upload["columns"]] == [
        ("Anos", "time"),
        ("Exportações", "number"),
        ("Importações", "number"),
    ]
    wrapper_id = service.generate("XLSX", {"file_id": upload["file_id"]})
    assert service.wait_for(wrapper_id, "completed")["data_points_count"] == 6
    years = [parse_iso(f"{year}-01-01") for year in (2019, 2020, 2021)]
    assert service.stored(wrapper_id) == {
        "Exportações": dict(zip(years, [59902.8, 53786.2, 63618.8], strict=True)),
        "Importações": dict(zip(years, [79977.1, 68146.1, 83146.4], strict=True)),
    }


def test_what_a_file_leaves_open_ends_in_error_and_is_read_when_it_is_given(service: Service) -> None:
    file_id = service.upload("taxas.csv", b"Ano;Idade;Taxa\n2021;15;22,1\n2021;25;6,1\n2022;15;20,4\n2022;25;5,9\n")[
        "file_id"
    ]
    wrapper_id = service.generate("CSV", {"file_id": file_id})
    assert "give series_columns" in service.wait_for(wrapper_id, "error")["error_message"]
    service.patch(wrapper_id, source_config={"file_id": file_id, "series_columns": ["Idade"]})
    service.http.post(f"/resources/wrappers/{wrapper_id}/regenerate").raise_for_status()
    service.wait_for(wrapper_id, "completed")
    first, second = parse_iso("2021-01-01"), parse_iso("2022-01-01")
    assert service.stored(wrapper_id) == {"15": {first: 22.1, second: 20.4}, "25": {first: 6.1, second: 5.9}}


@pytest.mark.parametrize(
    ("config", "field"),
    [
        ({"time_column": "nothing"}, "time_column"),
        ({"value_columns": ["nothing"]}, "value_columns"),
        ({"date_format": "%Y"}, "date_format"),
    ],
)
def test_a_column_that_is_not_there_ends_in_error(service: Service, config: dict[str, Any], field: str) -> None:
    file_id = service.upload("mares.csv", table(";", ROWS).encode())["file_id"]
    wrapper_id = service.generate("CSV", {"file_id": file_id, **config})
    eventually(lambda: service.wrapper(wrapper_id)["status"] == "error")
    assert field in service.wrapper(wrapper_id)["error_message"]
