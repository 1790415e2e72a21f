"""`/resources`: the time series and their data, against a straightforward computation of what they must be."""

import csv
import io
import itertools
from collections import defaultdict
from collections.abc import Callable
from datetime import datetime, timedelta
from statistics import fmean

import pytest

from service import Service, eventually
from slackwater.model.instants import HOUR, SECOND, from_micros, iso, parse_iso

SERIES = ("ebb", "flow, high")
SHAPE = {"id", "wrapper_id", "name", "type", "legend", "source_type", "startPeriod", "endPeriod"}
UNKNOWN = "65a1b2c3d4e5f60718293a4b"

Point = tuple[str, str, float]  # series, x, y


def _truth() -> list[tuple[int, list[float]]]:
    """500 uneven times over some five months, with a hole, and a value for each series."""
    start, moments = parse_iso("2023-11-20T05:00:00Z"), []
    for n in range(500):
        moments.append(start + (n * 7 + (n % 3)) * HOUR + (n // 300) * 21 * 24 * HOUR)
    return [(x, [round((x // SECOND % 977) / 8 - 40, 3), float(n)]) for n, x in enumerate(moments)]


TRUTH = _truth()
POINTS = [{"x": iso(x), "y": y, "series": name} for x, ys in TRUTH for name, y in sorted(zip(SERIES, ys, strict=True))]


@pytest.fixture(scope="module")
def wrapper_id(service: Service) -> str:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["time", *SERIES])
    writer.writerows([iso(x), *ys] for x, ys in TRUTH)
    file_id = service.upload("tides.csv", text.getvalue().encode())["file_id"]
    made = service.generate("CSV", {"file_id": file_id, "value_columns": list(SERIES)}, name="Tides", unit="m")
    service.wait_for(made, "completed")
    return made


@pytest.fixture(scope="module")
def resource_id(service: Service, wrapper_id: str) -> str:
    return str(service.wrapper(wrapper_id)["resource_id"])


@pytest.fixture
def data(service: Service, resource_id: str) -> Callable[..., dict]:
    def read(**params: object) -> dict:
        answer = service.http.get(f"/resources/{resource_id}/data", params=params)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    return read


def test_a_resource_as_the_contract_has_it(service: Service, wrapper_id: str, resource_id: str) -> None:
    shown = service.http.get(f"/resources/{resource_id}").json()
    assert set(shown) == SHAPE
    assert (shown["id"], shown["wrapper_id"], shown["name"]) == (resource_id, wrapper_id, "Tides")
    assert shown["source_type"] == "CSV"
    assert isinstance(shown["type"], str)
    assert (shown["startPeriod"], shown["endPeriod"]) == (iso(TRUTH[0][0]), iso(TRUTH[-1][0]))
    assert len(resource_id) == 24
    assert service.http.get(f"/resources/{resource_id.upper()}").json() == shown


@pytest.mark.parametrize("bad", ["nope", "65a1b2c3d4e5f60718293a4", "65a1b2c3d4e5f60718293a4bb", "6" * 23 + "g", "%00"])
def test_what_is_no_id_and_what_is_unknown(service: Service, bad: str) -> None:
    body = {"name": "n", "type": "t"}
    for method, end, sent in [
        ("GET", "", None),
        ("GET", "/data", None),
        ("PUT", "", body),
        ("PATCH", "", body),
        ("DELETE", "", None),
    ]:
        invalid = service.http.request(method, f"/resources/{bad}{end}", json=sent)
        assert (invalid.status_code, invalid.json()) == (400, {"detail": "Invalid resource ID"}), method
        unknown = service.http.request(method, f"/resources/{UNKNOWN}{end}", json=sent)
        assert (unknown.status_code, unknown.json()) == (404, {"detail": "Resource not found"}), method


def test_create_change_replace_list_and_delete(service: Service, wrapper_id: str, resource_id: str) -> None:
    http = service.http
    total = int(http.get("/resources").headers["x-total-count"])
    form = {"wrapper_id": wrapper_id, "name": "  Tides again ", "type": "series", "legend": "m\nabove zero"}
    made = http.post("/resources", json=form)
    assert made.status_code == 200
    one = made.json()
    assert set(one) == SHAPE
    assert (one["name"], one["legend"], one["source_type"]) == ("Tides again", "m\nabove zero", "CSV")
    url = f"/resources/{one['id']}"
    assert http.patch(url, json={"legend": None}).json() == {**one, "legend": None}
    assert http.patch(url, json={}).json() == {**one, "legend": None}
    changed = http.patch(url, json={"name": "T", "type": "line", "legend": "m"}).json()
    assert changed == {**one, "name": "T", "type": "line", "legend": "m"}
    replaced = http.put(url, json={**changed, "name": "U"}).json()
    assert replaced == {**changed, "name": "U"} == http.get(url).json()
    assert http.put(url, json={"name": "V", "type": "line"}).json() == {**changed, "name": "V", "legend": None}
    listed = http.get("/resources", params={"limit": 1})
    assert listed.headers["x-total-count"] == str(total + 1)
    assert [each["id"] for each in listed.json()] == [one["id"]]
    assert len(http.get("/resources", params={"skip": total + 1}).json()) == 0
    assert http.get(f"{url}/data").json()["data"] == http.get(f"/resources/{resource_id}/data").json()["data"]
    assert http.delete(url).json() == {"id": one["id"], "deleted": True}
    for answer in (http.get(url), http.delete(url), http.get(f"{url}/data"), http.patch(url, json={"name": "x"})):
        assert (answer.status_code, answer.json()) == (404, {"detail": "Resource not found"})
    assert http.get("/resources").headers["x-total-count"] == str(total)
    # A completed wrapper stays completed, and goes on feeding the resource that it fed.
    assert (service.wrapper(wrapper_id)["status"], service.wrapper(wrapper_id)["resource_id"]) == (
        "completed",
        resource_id,
    )


@pytest.mark.parametrize(
    ("method", "changes", "field"),
    [
        ("POST", {"name": ""}, "name"),
        ("POST", {"name": "   "}, "name"),
        ("POST", {"name": None}, "name"),
        ("POST", {"name": "a\0b"}, "name"),
        ("POST", {"name": "x" * 301}, "name"),
        ("POST", {"type": 5}, "type"),
        ("POST", {"legend": "a\0b"}, "legend"),
        ("POST", {"wrapper_id": None}, "wrapper_id"),
        ("PUT", {"name": ""}, "name"),
        ("PUT", {"type": None}, "type"),
        ("PATCH", {"name": None}, "name"),
        ("PATCH", {"name": ""}, "name"),
        ("PATCH", {"colour": "blue"}, "colour"),
        ("PATCH", {"wrapper_id": UNKNOWN}, "wrapper_id"),
    ],
)
def test_a_malformed_body_is_422_and_names_the_field(
    service: Service, wrapper_id: str, resource_id: str, method: str, changes: dict, field: str
) -> None:
    whole = {"wrapper_id": wrapper_id, "name": "n", "type": "t"}
    url = "/resources" if method == "POST" else f"/resources/{resource_id}"
    answer = service.http.request(method, url, json=changes if method == "PATCH" else whole | changes)
    assert answer.status_code == 422
    assert [each["loc"] for each in answer.json()["detail"]] == [["body", field]]


def test_an_unknown_wrapper_is_400(service: Service, resource_id: str) -> None:
    for wrapper_id in ("6f1d2c1e-7b0a-4e57-9d35-0c8f7a1e2b34", "nope"):
        form = {"wrapper_id": wrapper_id, "name": "n", "type": "t"}
        for method, url in (("POST", "/resources"), ("PUT", f"/resources/{resource_id}")):
            answer = service.http.request(method, url, json=form)
            assert (answer.status_code, answer.json()) == (400, {"detail": f"Wrapper not found: {wrapper_id}"})


@pytest.mark.parametrize(
    ("path", "params", "name"),
    [
        *[("/resources", {"limit": limit}, "limit") for limit in ("0", "51", "-1", "many", "1.5")],
        *[("/resources", {"skip": skip}, "skip") for skip in ("-1", "x", "9" * 30)],
        *[("data", {"limit": limit}, "limit") for limit in ("0", "5001", "x")],
        *[
            ("data", {name: text}, name)
            for name in ("from", "to")
            for text in ("soon", "2024-13-01", "", "10000-01-01")
        ],
        ("data", {"order": "up"}, "order"),
        ("data", {"granularity": "decade"}, "granularity"),
        ("data", {"granularity": "day", "aggregate": "median"}, "aggregate"),
        ("data", {"format": "xml"}, "format"),
        ("data", {"series": "a\0"}, "series"),
    ],
)
def test_a_parameter_out_of_bounds_is_422(
    service: Service, resource_id: str, path: str, params: dict[str, str], name: str
) -> None:
    answer = service.http.get(f"/resources/{resource_id}/data" if path == "data" else path, params=params)
    assert answer.status_code == 422
    detail = answer.json()["detail"]
    assert isinstance(detail, list)
    assert detail[0]["loc"][:2] == ["query", name]
    assert detail[0]["msg"]


@pytest.mark.parametrize(
    ("params", "sentence"),
    [
        ({"from": "2024-02-01", "to": "2024-01-01"}, "from must not be after to"),
        ({"aggregate": "avg"}, "aggregate needs a granularity: hour, day, week, month, year or auto"),
        ({"cursor": "x"}, "cursor is not one that this service has given; leave it out to begin at the start"),
        ({"cursor": ""}, "cursor is not one that this service has given; leave it out to begin at the start"),
    ],
)
def test_what_does_not_fit_together_is_400(service: Service, resource_id: str, params: dict, sentence: str) -> None:
    answer = service.http.get(f"/resources/{resource_id}/data", params=params)
    assert (answer.status_code, answer.json()) == (400, {"detail": sentence})


def test_data_is_oldest_first_and_limited(data: Callable[..., dict], resource_id: str) -> None:
    first = data()
    assert set(first) == {"resource_id", "data", "next_cursor"}
    assert first["resource_id"] == resource_id
    assert first["data"] == POINTS[:500]
    assert data(limit=1)["data"] == POINTS[:1]
    assert data(limit=5000) == {"resource_id": resource_id, "data": POINTS, "next_cursor": None}
    assert data(limit=7, order="desc")["data"] == POINTS[::-1][:7]


@pytest.mark.parametrize("order", ["asc", "desc"])
@pytest.mark.parametrize("limit", [1, 333, 1000])
def test_pages_to_the_end_are_everything(data: Callable[..., dict], order: str, limit: int) -> None:
    window = {} if limit > 1 else {"from": iso(TRUTH[3][0]), "to": iso(TRUTH[9][0])}
    expected = POINTS if limit > 1 else POINTS[6:20]
    found, cursor = [], None
    while True:
        page = data(limit=limit, order=order, **window, **({"cursor": cursor} if cursor else {}))
        found += page["data"]
        cursor = page["next_cursor"]
        if cursor is None:
            break
        assert len(page["data"]) == limit
    assert found == (expected if order == "asc" else expected[::-1])


def test_both_ends_belong_to_a_range_and_a_date_is_its_whole_day(data: Callable[..., dict]) -> None:
    low, high = TRUTH[10][0], TRUTH[20][0]
    inside = [point for point in POINTS if iso(low) <= point["x"] <= iso(high)]
    assert data(**{"from": iso(low), "to": iso(high), "limit": 5000})["data"] == inside
    assert len(data(**{"from": iso(low + 1), "to": iso(high - 1), "limit": 5000})["data"]) == len(inside) - 4
    local = {"from": from_micros(low).replace(tzinfo=None).isoformat() + "+00:00", "to": iso(high)}
    assert data(**local, limit=5000)["data"] == inside
    day = [point for point in POINTS if point["x"].startswith("2023-11-21")]
    assert day
    assert data(**{"from": "2023-11-21", "to": "2023-11-21"})["data"] == day


def test_series_are_chosen_by_name(data: Callable[..., dict]) -> None:
    for name in SERIES:
        assert data(series=name, limit=5000)["data"] == [point for point in POINTS if point["series"] == name]
    assert data(series=list(SERIES), limit=5000)["data"] == POINTS
    assert data(series="nothing")["data"] == []


STARTS = {
    "hour": lambda when: when.replace(minute=0, second=0),
    "day": lambda when: when.replace(hour=0, minute=0),
    "week": lambda when: (when - timedelta(days=when.weekday())).replace(hour=0, minute=0),
    "month": lambda when: when.replace(day=1, hour=0, minute=0),
    "year": lambda when: when.replace(month=1, day=1, hour=0, minute=0),
}
AGGREGATES = {"avg": fmean, "min": min, "max": max, "sum": sum, "last": lambda values: values[-1]}


@pytest.mark.parametrize(
    ("granularity", "aggregate"),
    [*itertools.product(["day", "month"], AGGREGATES), ("hour", "avg"), ("week", "last"), ("year", "sum")],
)
def test_buckets_are_what_a_plain_computation_says(data: Callable[..., dict], granularity: str, aggregate: str) -> None:
    groups: dict[tuple[datetime, str], list[float]] = defaultdict(list)
    for x, ys in TRUTH:
        for name, y in zip(SERIES, ys, strict=True):
            groups[STARTS[granularity](from_micros(x)), name].append(y)
    answer = data(granularity=granularity, aggregate=aggregate, limit=5000)
    assert answer["granularity"] == granularity
    assert [(point["x"], point["series"]) for point in answer["data"]] == [
        (f"{start:%Y-%m-%dT%H:%M:%SZ}", name) for start, name in sorted(groups)
    ]
    expected = [AGGREGATES[aggregate](groups[key]) for key in sorted(groups)]
    assert [point["y"] for point in answer["data"]] == pytest.approx(expected)


def test_auto_fits_into_the_limit_and_avg_is_the_default(data: Callable[..., dict]) -> None:
    answer = data(granularity="auto", limit=200)
    assert answer["granularity"] in ("day", "week")
    assert answer["data"] == data(granularity=answer["granularity"], aggregate="avg", limit=200)["data"]
    refused_cursor = data(limit=5)["next_cursor"]
    assert refused_cursor


def test_csv_streams_all_of_it(service: Service, resource_id: str) -> None:
    with service.http.stream("GET", f"/resources/{resource_id}/data", params={"format": "csv", "limit": 1}) as answer:
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/csv")
        assert "content-length" not in answer.headers
        assert f"Tides-{resource_id}.csv" in answer.headers["content-disposition"]
        text = answer.read().decode()
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [{"x": row["x"], "y": float(row["y"]), "series": row["series"]} for row in rows] == POINTS
    window = {"format": "csv", "from": iso(TRUTH[-2][0]), "series": SERIES[1], "order": "desc"}
    lines = service.http.get(f"/resources/{resource_id}/data", params=window).text.splitlines()
    assert lines == ["x,y,series", *(f'{iso(x)},{ys[1]},"flow, high"' for x, ys in TRUTH[:-3:-1])]
    yearly = {"format": "csv", "granularity": "year", "aggregate": "max", "series": SERIES[1]}
    assert len(service.http.get(f"/resources/{resource_id}/data", params=yearly).text.splitlines()) == 3
    assert service.http.head(f"/resources/{resource_id}/data", params={"format": "csv"}).status_code == 200


def test_deleting_a_resource_stops_its_wrapper_and_keeps_the_data(service: Service, source) -> None:
    import scenes

    scene = scenes.api(service, source)
    scenes.reading(scene)
    resource_id = service.wrapper(scene.wrapper_id)["resource_id"]
    assert service.http.delete(f"/resources/{resource_id}").json() == {"id": resource_id, "deleted": True}
    wrapper = service.wrapper(scene.wrapper_id)
    assert (wrapper["status"], wrapper["resource_id"]) == ("stopped", None)
    assert wrapper["data_points_count"] > 0
    # The next execution makes it a new one, with all that was read before.
    service.execute(scene.wrapper_id, wait=0)
    fresh = eventually(lambda: service.wrapper(scene.wrapper_id)["resource_id"])
    assert fresh != resource_id
    service.caught_up(scene.wrapper_id)
    scene.assert_complete()
