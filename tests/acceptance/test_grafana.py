"""What the Grafana plugin Infinity asks for in our provisioning files is answered in the columns that they name."""

import json
from datetime import UTC, datetime
from functools import reduce
from operator import getitem
from pathlib import Path
from typing import Any

import httpx
import yaml

from service import KEY, Service

GRAFANA = Path(__file__).parents[2] / "deploy" / "grafana"
BOARD = json.loads((GRAFANA / "series.json").read_text())
[SOURCE] = yaml.safe_load((GRAFANA / "provisioning" / "datasources" / "slackwater.yaml").read_text())["datasources"]
RANGE = {"${__from:date:iso}": "2024-01-15T00:00:00.000Z", "${__to:date:iso}": "2024-02-15T23:59:59.999Z"}


def asked(service: Service, query: dict[str, Any], **variables: str) -> list[dict[str, Any]]:
    """Return the rows of a query: its root, and of each row the columns by their texts, as the plugin takes them."""
    url = query["url"]
    for name, value in ({f"${{{name}}}": value for name, value in variables.items()} | RANGE).items():
        url = url.replace(name, value)
    assert "$" not in url
    headers = {SOURCE["jsonData"]["apiKeyKey"]: KEY}
    answer = httpx.request(query["url_options"]["method"], service.url + url, headers=headers)
    assert answer.status_code == 200, answer.text
    rows = answer.json()[query["root_selector"]] if query["root_selector"] else answer.json()
    columns = {each["text"]: each["selector"].split(".") for each in query["columns"]}
    return [{text: reduce(getitem, path, row) for text, path in columns.items()} for row in rows]


def test_the_dashboard_gets_its_resources_and_their_values(service: Service) -> None:
    upload = service.upload("visitors.csv", b"day;Lisboa;Porto\n" + b"".join(_rows()))
    wrapper_id = service.generate("CSV", {"file_id": upload["file_id"]}, name="Visitors")
    service.wait_for(wrapper_id, "completed")
    _, variable = BOARD["templating"]["list"]
    resources = {
        row["__text"]: row["__value"] for row in asked(service, variable["query"]["infinityQuery"], search="visit")
    }
    assert resources["Visitors"] == service.wrapper(wrapper_id)["resource_id"]
    [panel] = BOARD["panels"]
    [target] = panel["targets"]
    values = asked(service, target, resource=resources["Visitors"])
    assert {row["series"] for row in values} == {"Lisboa", "Porto"}
    assert len(values) == 2 * (17 + 15)  # from 15 January to 15 February, both inclusive
    for row in values:
        datetime.fromisoformat(row["time"]).astimezone(UTC)
        assert isinstance(row["value"], float | int)
    assert [each["type"] for each in target["columns"]] == ["timestamp", "number", "string"]


def test_the_panel_asks_the_provisioned_data_source() -> None:
    uses = [BOARD["panels"][0]["datasource"], BOARD["templating"]["list"][1]["datasource"]]
    assert all(each == {"type": SOURCE["type"], "uid": SOURCE["uid"]} for each in uses)
    assert SOURCE["jsonData"]["allowedHosts"] == [SOURCE["url"]]
    assert SOURCE["secureJsonData"]["apiKeyValue"].startswith("$")


def _rows() -> list[bytes]:
    days = [(month, day) for month, last in ((1, 31), (2, 29), (3, 31)) for day in range(1, last + 1)]
    return [
        f"2024-{month:02}-{day:02};{1_900 - 37 * month - 5 * day};{900 - 7 * day}\n".encode() for month, day in days
    ]
