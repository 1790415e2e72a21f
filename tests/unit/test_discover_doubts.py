"""What a source says in passing, by the names of its fields and beside its records, is not passed over."""

import pytest

from slackwater.discover.choosing import find_place
from slackwater.discover.fields import Layout, find_layout
from slackwater.errors import Question


def layout_of(body: object, **config: str) -> Layout:
    placed = find_place(body, config)
    return find_layout(placed.records, placed, config)


@pytest.mark.parametrize(
    ("name", "times"),
    [
        ("quarter", [f"{year}/{number}" for year in (2022, 2023) for number in (1, 2, 3, 4)]),
        ("trimestre", [f"{year}-0{number}" for year in (2022, 2023) for number in (1, 2, 3, 4)]),
        ("week", [f"2024-{week:02}" for week in range(1, 10)]),
        ("yearWeek", [202400 + week for week in range(1, 10)]),
    ],
)
def test_the_number_of_a_quarter_or_week_is_no_month(name: str, times: list[str]) -> None:
    records = [{name: time, "value": place + 0.5} for place, time in enumerate(times)]
    with pytest.raises(Question) as asked:
        layout_of(records)
    assert asked.value.field == "date_format"
    assert layout_of(records, date_format=asked.value.choices[0]).form.form in ("quarter", "week")


def test_a_quarter_by_its_first_month_is_a_month() -> None:
    records = [{"quarter": f"2023-{month:02}", "value": month / 2} for month in (1, 4, 7, 10)]
    assert layout_of(records).form.form == "iso"
