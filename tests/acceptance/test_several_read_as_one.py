"""A source that gives one station after the other: each is a series, or no value silently replaces another."""

import threading

from service import Service, eventually
from slackwater.model.instants import DAY, iso, parse_iso
from sources import Answer, Recorded, SourceServer

FIRST = parse_iso("2024-01-01")
DAYS, STATIONS, MOST = 400, 3, 200
ROWS = [
    {"measured_on": iso(FIRST + day * DAY), "station_id": 4711 + station, "level": 100.0 * station + day % 97}
    for station in range(STATIONS)
    for day in range(DAYS)
]


def page(request: Recorded) -> Answer:
    offset = int(request.query.get("offset", 0))
    limit = min(MOST, int(request.query.get("limit", MOST)))
    return Answer({"total": len(ROWS), "items": ROWS[offset : offset + limit]})


MODULE = """from slackwater import ApiWrapper, Offset

wrapper = ApiWrapper(url="{url}", records="items", time="measured_on", value="level", pages=Offset(limit=200))
"""


def read_as_one(service: Service, url: str) -> str:
    """Return a wrapper that is stopped, and whose module, written by hand, takes all stations for one series."""
    wrapper_id = service.generate("API", {"location": url})
    service.caught_up(wrapper_id)
    service.stop(wrapper_id)
    resource_id = service.wrapper(wrapper_id)["resource_id"]
    service.http.delete(f"/resources/{resource_id}", params={"data": "true"}).raise_for_status()
    service.patch(wrapper_id, generated_code=MODULE.format(url=url))
    return wrapper_id


def test_stations_that_follow_each_other_are_told_apart(service: Service, source: SourceServer) -> None:
    wrapper_id = service.generate("API", {"location": source.route("/v1/levels", page)})
    service.caught_up(wrapper_id)
    stored = service.stored(wrapper_id)
    assert sorted(map(len, stored.values())) == [DAYS] * STATIONS


def test_stations_that_are_read_as_one_end_in_a_question(service: Service, source: SourceServer) -> None:
    wrapper_id = read_as_one(service, source.route("/v1/one", page))
    service.execute(wrapper_id, wait=0)
    wrapper = eventually(lambda: (w := service.wrapper(wrapper_id))["status"] == "error" and w)
    assert "points came again with another value" in wrapper["error_message"]
    assert "Give series_field" in wrapper["error_message"]

    service.patch(wrapper_id, source_config={"series_field": "station_id"})
    service.http.post(f"/resources/wrappers/{wrapper_id}/regenerate").raise_for_status()
    service.caught_up(wrapper_id)
    stored = service.stored(wrapper_id)
    assert len(stored) == STATIONS
    assert sum(map(len, stored.values())) == len(ROWS)


def test_a_stop_before_the_second_station_does_not_hide_it(service: Service, source: SourceServer) -> None:
    let = threading.Event()
    let.set()

    def held(request: Recorded) -> Answer:
        if int(request.query.get("offset", 0)) >= DAYS:
            let.wait(30)
        return page(request)

    wrapper_id = read_as_one(service, source.route("/v1/held", held))
    let.clear()
    service.execute(wrapper_id, wait=0)
    eventually(lambda: service.wrapper(wrapper_id)["data_points_count"] == DAYS)
    service.stop(wrapper_id)
    let.set()
    service.execute(wrapper_id, wait=0)
    wrapper = eventually(lambda: (w := service.wrapper(wrapper_id))["status"] == "error" and w)
    assert "points came again with another value" in wrapper["error_message"]
