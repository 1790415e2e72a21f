"""Rules of discovery that tell measurements from what stands beside them, one at a time."""

import pytest

from runs import Recorder
from slackwater.discover.api.records.layout import find_layout
from slackwater.discover.api.records.record_choice import find_place
from slackwater.discover.file import pipeline
from slackwater.errors import Question

DAYS = range(1, 25)


def layout(*changes, **fields):
    """What is found in 24 daily records; a field is a function of the day."""
    records = [{"time": f"2024-03-{day:02}", **{name: of(day) for name, of in fields.items()}} for day in DAYS]
    config = dict(changes)
    placed = find_place(records, config)
    return find_layout(placed.records, placed, config)


@pytest.mark.parametrize(
    "beside",
    [
        {"station_id": lambda day: 4711},
        {"id": lambda day: 90_000 + day},
        {"year": lambda day: 2024, "month": lambda day: 3, "day": lambda day: day},
        {"latitude": lambda day: 37.1, "longitude": lambda day: -8.67},
        {"height": lambda day: 7},
        {"running": lambda day: 90_000 + day},
        {"remark": lambda day: f"seen by {day % 3}"},
        {
            "marks": lambda day: f"{day % 2},{day * 7 % 10}",
            "wind": lambda day: f"{day}.5",
            "level": lambda day: f"{day / 4:.2f}",
        },
    ],
    ids="_".join,
)
def test_what_stands_beside_a_measurement_is_no_value(beside):
    found = layout(**{"level": lambda day: day / 4 + day % 3} | beside)
    assert set(found.values) == {"level", "wind"} & {"level", *beside}


@pytest.mark.parametrize("scale", [1, 1000])
def test_of_two_epochs_that_are_as_good_one_is_asked_for(scale):
    begun, ended = 1_700_000_000, 1_710_000_000
    records = [
        {"first": (begun + day * 86_400) * scale, "second": (ended + day * 86_400) * scale, "level": day % 5 + 0.5}
        for day in DAYS
    ]
    placed = find_place(records, {})
    with pytest.raises(Question) as asked:
        find_layout(placed.records, placed, {})
    assert asked.value.field == "date_field"
    assert {"first", "second"} <= set(asked.value.choices)
    given = {"date_field": "second"}
    placed = find_place(records, given)
    assert find_layout(placed.records, placed, given).time == ("second",)


async def arguments(text, **config):
    found = await pipeline.discover(Recorder(content=text.encode(), config=config, task="discover"))
    return found.code


async def test_years_across_are_times_and_no_names():
    code = await arguments("Region;2019;2020;2021;2022\nNorte;1,5;2,5;3,5;4,5\nAlgarve;7,5;8,5;9,5;6,5\n")
    assert 'layout="wide"' in code
    assert 'series=["Region"]' in code
    assert 'decimal=","' in code


@pytest.mark.parametrize(
    ("cells", "field"),
    [
        (["01/02/2024", "02/03/2024", "03/04/2024", "04/05/2024"], "date_format"),
        (["2024-01", "2024-02", "2024", "2024-Q2"], "date_format"),
    ],
)
async def test_a_column_of_times_that_can_be_read_twice_is_a_question(cells, field):
    text = "when;level\n" + "".join(f"{cell};{place}.5\n" for place, cell in enumerate(cells))
    with pytest.raises(Question) as asked:
        await arguments(text)
    assert asked.value.field == field


async def test_one_day_above_twelve_decides_the_whole_column():
    days = [f"{day:02}/02/2024" for day in (1, 2, 3, 13)]
    code = await arguments("when;level\n" + "".join(f"{day};{place}.5\n" for place, day in enumerate(days)))
    assert 'date_format="%d/%m/%Y"' in code


async def test_thousands_and_decimals_are_asked_for_where_both_are_possible():
    with pytest.raises(Question) as asked:
        await arguments("day;visitors\n" + "".join(f"2024-01-0{day};{day}.250\n" for day in range(1, 9)))
    assert asked.value.field == "decimal"


async def test_a_number_far_from_all_others_stands_for_no_value():
    cells = [3.5, 4.25, -999, 3.75, 4.5, -999, 4.75, 3.25]
    text = "day;level\n" + "".join(f"2024-01-0{day};{cell}\n" for day, cell in enumerate(cells, 1))
    assert 'missing=["-999"]' in await arguments(text)


def test_a_time_of_a_part_of_the_record_does_not_date_the_rest():
    record = {
        "meta": {"lastUpdate": "2026-11-27T03:00:00Z", "lastChecked": "2026-11-27T03:15:00Z"},
        "cases": 45_303,
        "deaths": 12,
        "ward": {"date": "2026-11-26T00:00:00Z", "beds": 17},
    }
    placed = find_place([record], {})
    with pytest.raises(Question) as asked:
        find_layout(placed.records, placed, {})
    assert asked.value.field == "date_field"
    assert set(asked.value.choices) == {"meta.lastUpdate", "meta.lastChecked"}
