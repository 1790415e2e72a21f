"""What a column of numbers is: by its cells first, by its name in several languages, and by the columns beside it."""

from random import Random

import pytest

from slackwater.discover.inference.number_column import NumberColumn
from slackwater.discover.inference.roles import assigned, partitions
from slackwater.discover.inference.signals import weighed
from slackwater.model.instants import DAY, HOUR, MINUTE, from_micros, parse_iso

ROWS = 30


def curve(seed: int, digits: int = 1) -> list[float]:
    random, level, found = Random(seed), 40.0, []
    for _ in range(ROWS):
        level += random.uniform(-2, 2)
        found.append(round(level, digits))
    return found


def column(name: str, cells: list, groups: list | None = None) -> NumberColumn:
    return NumberColumn(name, cells, [float(cell) for cell in cells], groups or [])


def gs1(n: int) -> str:
    digits = f"871687{n:06}"
    total = sum(int(d) * (3 if at % 2 else 1) for at, d in enumerate(digits))
    return digits + str(-total % 10)


@pytest.mark.parametrize(
    ("name", "cells"),
    [
        ("B", [f"{n % 7:06}" for n in range(ROWS)]),
        ("kolom", [gs1(n * 37 % 5) for n in range(ROWS)]),
        ("x", ["871687120000000018"] * ROWS),
        ("C", [101 + n for n in range(ROWS)]),
        ("", list(range(ROWS))),
        ("poste", [4411] * ROWS),
        ("geometry.x", [-1.5217] * ROWS),
        ("contact", [f"+15550100{n % 7:02}" for n in range(ROWS)]),
        ("seq", [7 + n + n // 9 for n in range(ROWS)]),
        ("folge", [*range(600, 585, -1), *range(120, 105, -1)]),
        ("lfd", [*range(3, 13), *range(88, 98), *range(301, 311)]),
    ],
)
def test_cells_alone_tell_what_is_no_measurement(name: str, cells: list) -> None:
    roles = assigned([column("A", curve(1)), column(name, cells)], None)
    assert roles.values == ("A",)
    assert roles.left_out[name].reasons


@pytest.mark.parametrize(
    "name", ["NIF", "customer_id", "Código Postal", "Kundennummer", "EAN", "codice stazione", "Kenteken", "PESEL"]
)
def test_names_of_identifiers_in_several_languages(name: str) -> None:
    random = Random(name)
    cells = [random.randrange(10_000, 99_999) for _ in range(ROWS)]
    assert not weighed(column(name, cells)).is_value


@pytest.mark.parametrize(
    ("name", "cells"),
    [
        ("STATION.ALTITUDE.WERT", [27.0] * ROWS),
        ("lon.importe", [round(-8.6 - 0.01 * (n % 4), 2) for n in range(ROWS)]),
        ("codigo.valor", [n * 7919 % 101 for n in range(ROWS)]),
        ("meta.took_ms", [12 + n % 3 for n in range(ROWS)]),
        ("pagination_info.limit", [500 + n % 2 for n in range(ROWS)]),
    ],
)
def test_what_is_valued_one_level_up_or_tells_of_the_answer(name: str, cells: list) -> None:
    roles = assigned([column("reading.wert", curve(7)), column(name, cells)], None)
    assert roles.values == ("reading.wert",)


@pytest.mark.parametrize(
    ("name", "cells"),
    [
        ("Index", [100 + n * 1.3 for n in range(ROWS)]),
        ("Número", [40 + n * n for n in range(ROWS)]),
        ("n", [n * 7919 % 101 for n in range(ROWS)]),
        ("units", [n * 7919 % 101 for n in range(ROWS)]),
        ("Sensor 1", curve(2)),
        ("Lake elevation", curve(3, 2)),
        ("GDP", [21_433_226_000_000 + n * 317_000_000_000 for n in range(ROWS)]),
        ("habitants", [612_345_678 + n * 9_876_543 + n * n * 317 for n in range(ROWS)]),
        ("Zählerstand", [123_456_789 + n * 31 for n in range(ROWS)]),
        ("Ships (number)", [n * 7919 % 101 for n in range(ROWS)]),
        ("Niederschlag", [0] * ROWS),
        ("ID kWh (kWh)", curve(4)),
    ],
)
def test_measurements_with_odd_names_or_large_numbers_stay(name: str, cells: list) -> None:
    assert weighed(column(name, cells)).is_value


def test_whole_numbers_that_often_rise_by_one_are_no_counter() -> None:
    random = Random(3)
    cells = [40]
    while len(cells) < ROWS:
        cells.append(cells[-1] + random.choice([1, 1, 2, -1, 0]))
    assert assigned([column("A", curve(1)), column("level", cells)], None).values == ("A", "level")


def test_what_follows_from_the_station_is_no_measurement_of_it() -> None:
    stations = ["north", "south", "west"] * 10
    groups = partitions([stations])
    height = [{"north": 17, "south": 240, "west": 8}[station] for station in stations]
    number = [n // 3 + 1 for n in range(ROWS)]
    roles = assigned(
        [column(name, cells, groups) for name, cells in {"a": curve(5), "b": height, "c": number}.items()], None
    )
    assert roles.values == ("a",)
    assert (roles.left_out["b"].role, roles.left_out["c"].role) == ("constant", "counter")


def test_a_part_of_the_time_and_a_remark_on_another_column_are_left_out() -> None:
    times = [n * DAY for n in range(ROWS)]
    days = [n % 31 + 1 for n in range(ROWS)]
    columns = [column("level", curve(6)), column("tag", days), column("level_flag", [2] * ROWS)]
    roles = assigned(columns, times)
    assert roles.values == ("level",)
    assert "it repeats a part of the time" in roles.left_out["tag"].reasons
    assert roles.left_out["level_flag"].role == "flag"


def test_the_only_numbers_are_taken_unless_their_name_speaks_against_them() -> None:
    assert assigned([column("a", list(range(ROWS)))], None).values == ("a",)
    assert assigned([column("station_id", list(range(ROWS)))], None).values == ()


def test_the_confidence_is_that_of_the_narrowest_decision() -> None:
    sure = assigned([column("Price (EUR)", curve(7))], None)
    unsure = assigned([column("Price (EUR)", curve(7)), column("c", [n * 7919 % 101 for n in range(ROWS)])], None)
    assert sure.confidence > 0.95 > unsure.confidence > 0.5


@pytest.mark.parametrize("minutes", [15, 30, 60])
@pytest.mark.parametrize("rows", [2, 4, 30, 200])
def test_the_number_of_a_period_in_its_day_is_part_of_the_time(minutes, rows):
    times = [parse_iso("2024-03-30T00:00") + n * minutes * MINUTE for n in range(rows)]
    periods = column("period", [n % (24 * 60 // minutes) + 1 for n in range(rows)])
    roles = assigned([periods, column("flow", [40.5 + n * 7 % 11 for n in range(rows)])], times)
    assert roles.values == ("flow",)


def test_numbers_of_periods_may_go_by_another_clock_that_changes():
    times = [parse_iso("2024-03-29T00:00Z") + n * 30 * MINUTE for n in range(200)]
    local = [(at + (HOUR if at >= parse_iso("2024-03-31T01:00Z") else 0)) // (30 * MINUTE) % 48 + 1 for at in times]
    roles = assigned([column("nr", local), column("flow", [40.5 + n * 7 % 11 for n in range(200)])], times)
    assert roles.values == ("flow",)


def test_whole_numbers_that_go_up_and_down_are_values_at_any_time_of_the_day():
    times = [parse_iso("2024-03-29T00:00Z") + n * 30 * MINUTE for n in range(60)]
    assert assigned([column("visitors", [n * 7 % 30 + 1 for n in range(60)])], times).values == ("visitors",)


def test_numbers_of_periods_change_their_clock_by_an_hour_and_seldom():
    times = [parse_iso("2024-03-29T00:00Z") + n * 90 * MINUTE for n in range(96)]
    flow = column("flow", [40.5 + n * 7 % 11 for n in range(96)])
    for shift, values in ((2, ("flow",)), (5, ("x", "flow"))):
        numbers = [(n * 3 + (shift if n > 47 else 0)) % 48 + 1 for n in range(96)]
        assert assigned([column("x", numbers), flow], times).values == values
    swinging = [(n * 3 + (2 if n % 3 else 0)) % 48 + 1 for n in range(96)]
    assert assigned([column("x", swinging), flow], times).values == ("x", "flow")


@pytest.mark.parametrize("start", [2, 548480])
def test_numbers_of_shuffled_rows_are_no_values_without_a_name(start: int) -> None:
    cells = list(range(start, start + ROWS))
    Random(3).shuffle(cells)
    assert not weighed(column("column 2", cells)).is_value


@pytest.mark.parametrize("first", [4, 7, 10])  # April, July, October: the fiscal years of governments
@pytest.mark.parametrize("part", ["quarter", "month", "year"])
def test_parts_of_a_year_that_begins_in_another_month_are_no_values(first: int, part: str) -> None:
    times = [parse_iso("2024-01-01") + n * 9 * DAY for n in range(120)]
    dates = [from_micros(time) for time in times]
    months = [(at.month - first) % 12 for at in dates]
    years = [at.year + (at.month >= first) for at in dates]
    cells = {"quarter": [m // 3 + 1 for m in months], "month": [m + 1 for m in months], "year": years}[part]
    debt = column("x", [3_612.5 + n * 7 % 31 for n in range(120)])
    assert assigned([column("y", cells), debt], times).values == ("x",)
    cells[50] += 1
    assert "y" in assigned([column("y", cells), debt], times).values or part == "year"


@pytest.mark.parametrize(("first", "is_value"), [(443_614, False), (18, True), (990, True)])
def test_few_numbers_far_above_their_count_that_fill_their_range_number_the_rows(first: int, is_value: bool) -> None:
    cells = [first + n for n in (5, 7, 3, 2, 1, 10, 0, 8, 11, 6, 9, 4)]
    assert weighed(column("", cells)).is_value is is_value


@pytest.mark.parametrize(
    ("first", "step", "is_value"),
    [
        (88_120, 7, False),
        (88_120, -7, False),
        (5_000, -10, True),
        (100, 5, True),
        (24, 24, True),
        (12_000, 100, True),
        (1_000, 20, True),
    ],
)
def test_numbers_that_rise_evenly_are_counters_where_they_are_far_above_their_step(
    first: int, step: int, is_value: bool
) -> None:
    roles = assigned([column("A", curve(1)), column("Stock", [first + step * n for n in range(ROWS)])], None)
    assert ("Stock" in roles.values) is is_value


@pytest.mark.parametrize("cells", [[88_120 + 7 * n for n in range(16)], [88_120 + 7.5 * n for n in range(ROWS)]])
def test_few_numbers_and_those_with_decimals_are_no_counters_though_they_rise_evenly(cells: list) -> None:
    roles = assigned([column("A", curve(1)[: len(cells)]), column("Stock", cells)], None)
    assert "Stock" in roles.values


def test_five_numbers_far_above_their_count_may_fill_their_range_by_chance() -> None:
    assert weighed(column("", [443_616, 443_614, 443_615, 443_618, 443_617])).is_value
