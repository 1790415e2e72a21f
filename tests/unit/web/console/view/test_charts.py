"""What a chart's script is told of its newest bucket."""

import pytest

from slackwater.model.buckets import Granularity
from slackwater.model.instants import EARLIEST, LATEST, SECOND, parse_iso
from slackwater.web.console.view.charts import is_cut, mark_unfinished

NOVEMBER = parse_iso("2026-11-01") / SECOND


@pytest.mark.parametrize(
    ("granularity", "now", "unfinished"),
    [
        (Granularity.MONTH, "2026-11-29", True),
        (Granularity.MONTH, "2026-12-01", False),
        (Granularity.YEAR, "2026-12-01", True),
        (Granularity.DAY, "2026-11-01T12:00:00Z", True),
        (Granularity.DAY, "2026-11-02", False),
    ],
)
def test_a_bucket_whose_period_goes_on_is_unfinished(granularity, now, unfinished):
    places = ([], [NOVEMBER - 86_400 * 31, NOVEMBER], [NOVEMBER - 86_400 * 366])
    drawn = {"series": [{"x": x, "width": None} for x in places]}
    mark_unfinished(drawn, granularity, parse_iso(now))
    assert [each["unfinished"] for each in drawn["series"]] == [False, unfinished, False]


@pytest.mark.parametrize(("width", "unfinished"), [(None, False), (3600, False), (3602, True)])
def test_a_stretch_that_goes_on_is_unfinished_and_a_point_never(width, unfinished):
    drawn = {"series": [{"x": [NOVEMBER - 1800], "width": width}]}
    mark_unfinished(drawn, None, round(NOVEMBER * 1e6))
    assert drawn["series"][0]["unfinished"] is unfinished


@pytest.mark.parametrize(
    ("since", "until", "cut"),
    [
        (EARLIEST, LATEST, False),
        ("2026-10-01", "2026-11-30T23:59:59.999999Z", False),
        ("2026-10-05", LATEST, True),
        (EARLIEST, "2026-11-20", True),
        ("2026-08-05", "2027-01-20", False),  # there are no points in these months
    ],
)
def test_a_range_that_takes_a_part_of_a_month_cuts_its_value(since, until, cut):
    drawn = {"series": [{"x": [NOVEMBER - 86_400 * 31, NOVEMBER]}, {"x": []}]}
    edges = [parse_iso(each) if isinstance(each, str) else each for each in (since, until)]
    assert is_cut(drawn, Granularity.MONTH, *edges) is cut
