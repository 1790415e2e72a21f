"""What the page of a new source draws of the first points."""

import json

from slackwater.model.instants import parse_iso
from slackwater.web.api.discovery import SampleShape
from slackwater.web.console.view.findings import _chart
from slackwater.web.console.view.formats import Formats

ROWS = (("2024-01-01", "dormidas", 12_000.0), ("2024-01-01", "preço médio (€)", 61.5), ("2024-02-01", "dormidas", 9.0))


def test_each_series_of_the_first_points_has_the_unit_in_its_name():
    sample = [SampleShape(x=x, series=name, y=y) for x, name, y in ROWS]
    drawn = json.loads(_chart(sample, Formats("pt", parse_iso("2024-03-01"))))
    assert [(each["name"], each["unit"], each["values"]) for each in drawn["series"]] == [
        ("dormidas", None, [12_000.0, 9.0]),
        ("preço médio (€)", "€", [61.5, None]),
    ]
