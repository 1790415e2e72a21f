"""A source that begins to give other numbers, or another unit, says so; nothing is mixed or lost silently."""

from typing import Any

from service import Service, eventually
from slackwater.model.instants import DAY, iso, parse_iso
from sources import Answer, SourceServer

START = parse_iso("2024-01-01T00:00:00Z")


def records(count: int, **more: Any) -> list[dict[str, Any]]:
    return [
        {"at": iso(START + n * DAY), "level": round(1.5 + n % 7 / 4, 2), "unit": "m", "place": "Low Mill", **more}
        for n in range(count)
    ]


def read_again(service: Service, wrapper_id: str) -> dict[str, Any]:
    """The run that reads the source once more."""
    before = len(service.runs(wrapper_id))
    service.stop(wrapper_id)
    assert service.execute(wrapper_id)["success"]
    return eventually(lambda: (r := service.runs(wrapper_id))[before:] and r[0]["finished_at"] and r[0])


def test_a_field_of_numbers_that_came_later_is_told(service: Service, source: SourceServer) -> None:
    location = source.route("/v1/levels", Answer(records(40, sensor={"id": 17})))
    wrapper_id = service.generate("API", {"location": location})
    service.caught_up(wrapper_id)
    assert service.runs(wrapper_id)[0]["fields_unread"] == []
    source.route("/v1/levels", Answer(records(41, sensor={"id": 17, "volts": "3.6"}, flow=4.5, note="windy")))
    run = read_again(service, wrapper_id)
    assert sorted(run["fields_unread"]) == ["flow", "sensor.volts"]
    assert (
        service.http.get(f"/resources/wrappers/{wrapper_id}/health")
        .json()["reason"]
        .startswith("The source gives numbers in ")
    )
    assert service.logs(wrapper_id).count("which were not there when it was discovered") == 2
    unread = service.http.get(f"/resources/wrappers/{wrapper_id}/quality").json()["unread"]
    assert {"flow", "sensor.volts"} <= {each["field"] for each in unread}
    assert set(service.stored(wrapper_id)) == {"level"}


def test_a_record_in_another_unit_is_rejected(service: Service, source: SourceServer) -> None:
    location = source.route("/v1/levels", Answer(records(40)))
    wrapper_id = service.generate("API", {"location": location})
    service.caught_up(wrapper_id)
    other = {"at": iso(START + 40 * DAY), "level": 6.25, "unit": "ft", "place": "Low Mill"}
    source.route("/v1/levels", Answer([*records(40), other]))
    run = read_again(service, wrapper_id)
    assert run["points_rejected"] == 1
    assert "`unit` is 'ft', not 'm' as it was" in service.logs(wrapper_id)
    assert len(service.stored(wrapper_id)["level"]) == 40
