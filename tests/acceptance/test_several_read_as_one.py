"""A source of which discovery sees one station alone: the others do not silently take its place."""

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


def test_stations_that_follow_each_other_end_in_a_question_and_are_told_apart(
    service: Service, source: SourceServer
) -> None:
    url = source.route("/v1/levels", page)
    wrapper_id = service.generate("API", {"location": url})
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

    def held(request: Recorded) -> Answer:
        if int(request.query.get("offset", 0)) >= DAYS:
            let.wait(30)
        return page(request)

    wrapper_id = service.generate("API", {"location": source.route("/v1/held", held)})
    eventually(lambda: service.wrapper(wrapper_id)["data_points_count"] == DAYS)
    service.stop(wrapper_id)
    let.set()
    service.execute(wrapper_id, wait=0)
    wrapper = eventually(lambda: (w := service.wrapper(wrapper_id))["status"] == "error" and w)
    assert "points came again with another value" in wrapper["error_message"]
