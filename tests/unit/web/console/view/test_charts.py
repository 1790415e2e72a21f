"""What a chart's script is told of its newest bucket."""

import pytest

from slackwater.model.buckets import Granularity
from slackwater.model.instants import SECOND, parse_iso
from slackwater.web.console.view.charts import is_unfinished

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
    drawn = {"series": [{"x": []}, {"x": [NOVEMBER - 86_400 * 31, NOVEMBER]}]}
    assert is_unfinished(drawn, granularity, parse_iso(now)) is unfinished


def test_where_there_is_no_bucket_none_is_unfinished():
    assert not is_unfinished({"series": [{"x": []}]}, Granularity.DAY, parse_iso("2026-11-01"))
