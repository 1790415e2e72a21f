"""What the page of a new source draws of the first points."""

import json

import pytest

from slackwater.model.instants import parse_iso
from slackwater.model.wrapper import SourceType
from slackwater.web.api.discovery import FindingShape, SampleShape
from slackwater.web.console.view.findings import Overrides, SamplePoint, _chart, _shown
from slackwater.web.console.view.formats import Formats

ROWS = (("2024-01-01", "dormidas", 12_000.0), ("2024-01-01", "preço médio (€)", 61.5), ("2024-02-01", "dormidas", 9.0))


def test_each_series_of_the_first_points_has_the_unit_in_its_name():
    sample = [SampleShape(x=x, series=name, y=y) for x, name, y in ROWS]
    drawn = json.loads(_chart(sample, Formats("pt", parse_iso("2024-03-01"))))
    assert [(each["name"], each["unit"], each["values"]) for each in drawn["series"]] == [
        ("dormidas", None, [12_000.0, 9.0]),
        ("preço médio (€)", "€", [61.5, None]),
    ]


@pytest.mark.parametrize(
    ("found", "given", "said"),
    [
        ("%d/%m/%Y", (), "day/month/year: 03/04/2021 → 3 Apr 2021"),
        ("iso", ("%m/%d/%Y",), "month/day/year: 03/04/2021 → 4 Mar 2021"),
        ("%m/%Y", (), "first point: 1 Jan 2010"),
        ("iso", (), "first point: 1 Jan 2010"),
    ],
)
def test_dates_show_how_their_form_is_read(found, given, said):
    finding = FindingShape(what="dates", value=found, confidence=1.0, reason="-", field="date_format", alternatives=[])
    overrides = Overrides(SourceType.CSV, {"date_format": given} if given else {})
    sample = [SamplePoint("2010-01-01T00:00:00Z", "1 Jan 2010", "a", 1.0)]
    assert _shown(finding, overrides, sample, Formats("en", parse_iso("2024-03-01"))).example == said
