"""What was known when: a source that revises and withdraws, read back as it stood at each poll."""

import csv
import io
from datetime import UTC, datetime, timedelta

from service import Service, eventually
from slackwater.model.instants import DAY, iso
from sources import Feed, SourceServer


def moment() -> str:
    return datetime.now(UTC).isoformat().replace("+00:00", "Z")


def test_a_revised_source_is_read_back_as_it_stood(service: Service, source: SourceServer) -> None:
    start = (datetime.now(UTC) - timedelta(days=40)).replace(hour=0, minute=0, second=0, microsecond=0)
    feed = Feed.regular(start.isoformat().replace("+00:00", "Z"), DAY, 30)
    endpoint = source.serve("/v1/gdp", feed, records="items", time_filter=("from", "to"))
    wrapper_id = service.generate("API", {"location": endpoint.url, "lookback": "P60D"}, periodicity="daily")
    service.caught_up(wrapper_id)
    service.stop(wrapper_id)
    first, before = moment(), service.stored(wrapper_id)
    resource = f"/resources/{service.wrapper(wrapper_id)['resource_id']}"
    buckets = {"granularity": "month", "aggregate": "sum"}
    months = service.http.get(f"{resource}/data", params=buckets).json()["data"]
    ((series, values),) = before.items()
    times = sorted(values)

    changed, withdrawn = times[10], times[20]
    feed.revise(changed, values[changed] + 100)
    feed.withdraw(withdrawn)
    assert service.execute(wrapper_id)["success"]
    run = eventually(lambda: next((r for r in service.runs(wrapper_id) if r["points_changed"]), None))
    service.stop(wrapper_id)

    now = service.stored(wrapper_id)[series]
    assert now == values | {changed: values[changed] + 100}, "a withdrawn point stays"
    then = service.http.get(f"{resource}/data", params={"as_of": first, "limit": 5000}).json()
    assert [(p["x"], p["y"]) for p in then["data"]] == [(iso(x), values[x]) for x in times]
    assert then["as_of"].startswith(first[:19])
    assert service.http.get(f"{resource}/data", params=buckets | {"as_of": first}).json()["data"] == months
    text = service.http.get(f"{resource}/data", params={"as_of": first, "format": "csv"}).text
    assert [float(row["y"]) for row in csv.DictReader(io.StringIO(text))] == [values[x] for x in times]
    early = service.http.get(f"{resource}/data", params={"as_of": "2001-01-01"}).json()
    assert early["data"] == [], "nothing was stored then"

    found = service.http.get(f"{resource}/revisions").json()
    shown = {each["kind"]: (each["x"], each["before"], each["after"], each["run_id"]) for each in found["revisions"]}
    assert shown["replaced"] == (iso(changed), values[changed], values[changed] + 100, run["run_id"])
    assert shown["withdrawn"] == (iso(withdrawn), values[withdrawn], None, run["run_id"])
    assert run["points_withdrawn"] == 1
    assert "gives the point at" in service.logs(wrapper_id)
    page = service.http.get(f"{resource}/revisions", params={"limit": 1}).json()
    rest = service.http.get(f"{resource}/revisions", params={"limit": 1, "cursor": page["next_cursor"]}).json()
    assert page["revisions"] + rest["revisions"] == found["revisions"]
    assert rest["next_cursor"] is None
    flags = [mark for mark in service.http.get(f"{resource}/notes").json() if mark["kind"] == "revised"]
    assert [(flag["first"], flag["at"], flag["points"], flag["run_id"]) for flag in flags] == [
        (iso(changed), iso(withdrawn), 2, run["run_id"])
    ]
    assert service.http.get(f"{resource}/revisions", params={"run": "another"}).json()["revisions"] == []
    assert service.http.get(f"{resource}/revisions", params={"from": "2002", "to": "2001"}).status_code in (400, 422)


def test_more_than_a_tenth_of_rejected_rows_is_told_with_the_reason(service: Service) -> None:
    def read(rows: list[str]) -> tuple[dict, dict]:
        text = "day,level\n" + "".join(f"{row}\n" for row in rows)
        config = {"file_id": service.upload("levels.csv", text.encode())["file_id"], "value_columns": ["level"]}
        wrapper_id = service.generate("CSV", config | {"time_column": "day", "date_format": "iso"})
        service.wait_for(wrapper_id, "completed")
        run = next(each for each in service.runs(wrapper_id) if each["points_received"])
        return service.http.get(f"/resources/wrappers/{wrapper_id}/health").json(), run

    good = [f"2024-{1 + n // 28:02}-{1 + n % 28:02},{n}" for n in range(200)]
    health, run = read([*good, "2025-01-01,", "2025-01-02,"])
    assert (health["health_status"], health.get("reason")) == ("HEALTHY", None)
    assert run["rows_unread"] == 2
    health, run = read([*good[:100], *(f"2025-02-{1 + n:02},n{n}x" for n in range(28)), *good[100:]])
    assert health["health_status"] == "DEGRADED", run
    assert health["reason"].startswith("The last run rejected 28 of 228 rows; its log names the first ones.")
