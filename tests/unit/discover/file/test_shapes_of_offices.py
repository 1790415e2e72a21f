"""Shapes of files as weather services and statistical offices write them, each with the rule that reads it."""

from datetime import UTC, date, datetime, timedelta

import pytest

from discovering import asked, reading
from slackwater.discover.alternatives import answers_of
from slackwater.discover.inference.period_parts import part_of_time
from slackwater.discover.inference.sentinels import sentinels_in
from slackwater.model.instants import HOUR, MINUTE, parse_iso

START = parse_iso("2023-05-01")
YEARS = [parse_iso(f"{year}-01-01") for year in (2020, 2021, 2022)]
RIVER = [310 + 5.5 * min(n, 24 - n) + n % 2 for n in range(25)]  # rises, and falls


def value(n: int, factor: int = 7) -> float:
    return n * factor % 30 + 0.25


def text(rows):
    return "\n".join(",".join(map(str, row)) for row in rows) + "\n"


async def series(rows, **config):
    run = await reading(text(rows), **config)
    return {name: dict(sorted(line.items())) for name, line in run.points.items()}


@pytest.mark.parametrize(
    "names", ["year month day hour minute", "#YY MM DD hh mm", "Ano Mês Dia Hora Minuto", "YYYY MM DD HH MI"]
)
async def test_minutes_behind_the_hours_are_part_of_the_time(names):
    times = [datetime(2023, 5, 1, tzinfo=UTC) + timedelta(minutes=10 + 30 * n) for n in range(96)]
    rows = [[t.year, t.month, t.day, t.hour, t.minute, value(n)] for n, t in enumerate(times)]
    [line] = (await series([[*names.split(), "temp"], *rows])).values()
    assert list(line) == [START + 10 * MINUTE + n * HOUR // 2 for n in range(96)]


async def test_minutes_and_seconds_stand_behind_a_date_and_its_hour():
    times = [datetime(2023, 5, 1, tzinfo=UTC) + timedelta(seconds=20 * n) for n in range(300)]
    rows = [[t.date(), t.hour, t.minute, t.second, value(n)] for n, t in enumerate(times)]
    [line] = (await series([["date", "hour", "minute", "second", "temp"], *rows])).values()
    assert list(line) == [START + n * MINUTE // 3 for n in range(300)]


async def test_a_minimum_that_stands_elsewhere_is_no_minute():
    rows = [[date(2023, 5, 1) + timedelta(days=n), n * 7 % 50, n * 7 % 50 + 5] for n in range(40)]
    assert set(await series([["date", "min", "max"], *rows])) == {"min", "max"}


async def test_halves_of_the_year_by_their_codes_are_times():
    rows = [[name, 2015 + n // 2, f"S0{n % 2 + 1}", value(n)] for name in "AB" for n in range(16)]
    found = await series([["series_id", "year", "period", "value"], *rows])
    assert set(found) == {"A", "B"}
    assert list(found["A"])[:2] == [parse_iso("2015-01-01"), parse_iso("2015-07-01")]


@pytest.mark.parametrize("name", ["QN_3", "QN_9", "QN"])
async def test_levels_of_quality_and_forms_of_rain_are_codes(name):
    rows = [[f"202303{n + 1:02}", 10 if n < 20 else 3, value(n), value(n, 11), 8 if n % 3 else 0] for n in range(30)]
    assert set(await series([["MESS_DATUM", name, "FX", "RSK", "RSKF"], *rows])) == {"FX", "RSK"}


async def test_fahrenheit_beside_celsius_is_a_measurement():
    rows = [[f"2023-03-{n + 1:02}", 10 + n % 3, 50 + n % 3 * 2] for n in range(30)]
    assert set(await series([["date", "temp", "tempf"], *rows])) == {"temp", "tempf"}


async def test_what_never_changes_at_a_station_is_no_measurement_where_a_number_names_it():
    stations = [(54511, 39.933, 55), (58362, 31.4, 4), (59287, 23.167, 41)]
    rows = [[s, lat, up, f"2023-03-{n + 1:02}", value(n + s % 7)] for s, lat, up in stations for n in range(20)]
    found = await series([["station_id", "lat", "elev_m", "date", "tavg"], *rows])
    assert set(found) == {"54511", "58362", "59287"}


async def test_a_year_that_stands_once_for_several_rows_is_theirs():
    rows = [
        [2020 - n if not k else "", name, value(n * 3 + k)] for n in range(6) for k, name in enumerate(["PT", "N", "C"])
    ]
    found = await series([["Período de referência dos dados", "Região", "Dormidas"], *rows])
    assert {name: len(line) for name, line in found.items()} == {"PT": 6, "N": 6, "C": 6}


async def test_rows_without_a_time_are_asked_about():
    rows = [[f"2023-03-{n + 1:02}" if n % 5 else "", value(n), "ab"[n % 2]] for n in range(30)]
    question = await asked(text([["date", "level", "note"], *rows]))
    assert question.field == "fill_down"
    for answer in answers_of(question, {}):
        assert await series([["date", "level", "note"], *rows], **answer)


def test_zeros_that_interrupt_a_level_far_from_zero_are_doubtful():
    assert sentinels_in([[*RIVER[:15], 0.0, 0.0, 0.0, 0.0, *RIVER[15:]]]).doubtful == (0.0,)


@pytest.mark.parametrize(
    "numbers",
    [
        [*RIVER[:15], 0.0, *RIVER[15:]],  # once
        [0.0 if n % 7 == 6 else 300.0 + n for n in range(40)],  # each seventh day
        [0.0, 0.0, 0.0, *(n / 2 for n in range(1, 30))],  # begins at 0
        [0.0, 0.0, 0.0, *(n * 37 % 50 + 60.0 for n in range(30))],  # jumps as far
    ],
)
def test_other_zeros_are_measured(numbers):
    assert sentinels_in([numbers]).doubtful == ()


async def test_quantities_among_words_for_no_value_are_asked_about_and_no_counter_is_read():
    rows = [[n, f"2023-05-{n + 1:02}", "sin datos" if n % 4 == 1 else f"{value(n)}°C"] for n in range(30)]
    assert (await asked(text([["", "Fecha", "Precio"], *rows]))).field == "value_columns"


async def test_a_unit_behind_all_numbers_of_a_column_is_left_off():
    rows = [[f"2023-05-{n + 1:02}", f"{value(n)} kWh", f"{value(n, 11) - 9} pp"] for n in range(28)]
    found = await series([["Fecha", "Precio", "Change"], *rows])
    assert found["Precio"][START] == value(0)
    assert found["Change"][START] == value(0) - 9


async def test_few_quantities_are_measured_where_each_row_has_its_time_and_may_name_series_elsewhere():
    rows = [[f"2023-05-{n + 1:02}", f"{4 + n % 2}.0 mm", f"{value(n)} mm"] for n in range(28)]
    assert set(await series([["date", "rain", "level"], *rows])) == {"rain", "level"}
    rows = [[f"2023-05-{n // 2 + 1:02}", f"{5 + n % 2 * 5} m", value(n)] for n in range(40)]
    assert set(await series([["date", "depth", "temp"], *rows])) == {"5 m", "10 m"}


async def test_quantities_of_two_units_are_asked_about():
    rows = [[f"2023-05-{n + 1:02}", f"{value(n)} {'kWh' if n % 3 else 'MWh'}", n * 7 % 9 + 0.5] for n in range(28)]
    assert (await asked(text([["Fecha", "Precio", "Level"], *rows]))).field == "value_columns"


async def test_a_unit_that_another_row_does_not_have_is_counted():
    cells = [f"{value(n)} kWh" for n in range(28)] * 200
    cells[2_001] = "7.5 MWh"  # a row that is not in the sample
    start = datetime(2001, 1, 1, tzinfo=UTC)
    rows = [[start.date() + timedelta(days=n), cell] for n, cell in enumerate(cells)]
    run = await reading(text([["date", "use"], *rows]))
    assert (sum(map(len, run.points.values())), run.rejected_count) == (5_599, 1)


async def test_words_among_quantities_are_offered_as_those_for_no_value():
    rows = [[f"2023-05-{n + 1:02}", "sin datos" if n % 4 == 1 else f"{value(n)}°C"] for n in range(28)]
    table = [["Fecha", "Precio"], *rows]
    question = await asked(text(table))
    [line] = (await series(table, **answers_of(question, {})[0])).values()
    assert len(line) == 21


async def test_weeks_of_a_reporting_year_are_times():
    rows = [[2022, week, age, week * 7 % 50 + k] for week in range(1, 40) for k, age in enumerate(["0-4", "5-14"])]
    found = await series([["Meldejahr", "Meldewoche", "Altersgruppe", "Faelle"], *rows])
    assert {name: len(line) for name, line in found.items()} == {"0-4": 39, "5-14": 39}


async def test_numbers_that_divide_the_year_name_no_series():
    rows = [[year, week, week * 7 % 50 + year % 7] for year in (2020, 2021, 2022) for week in range(1, 53)]
    assert part_of_time("runn", [row[1] for row in rows], YEARS)
    assert not part_of_time("age", list(range(1, 31)), YEARS)
    assert not part_of_time("well", list(range(1, 13)), [*YEARS, START])
    assert (await asked(text([["year", "runn", "cases"], *rows]))).field


async def test_a_revised_value_is_a_measurement_and_an_indicator_is_none():
    rows = [[f"2023-05-{n + 1:02}", value(n), value(n) + 0.1, n % 3 * 2] for n in range(28)]
    found = await series([["date", "First release", "Latest revision", "ind"], *rows])
    assert set(found) == {"First release", "Latest revision"}


@pytest.mark.parametrize("day", ["", "1. "])
async def test_an_august_that_is_written_as_an_average_is_no_sum(day):
    months = ["januar", "feb", "mart", "april", "maj", "jun", "jul", "avg", "sep", "oktobar", "nov", "decembar"]
    rows = [[f"{day}{months[n % 12]} {2016 + n // 12}", value(n)] for n in range(40)]
    [line] = (await series([["Datum", "Energija"], *rows])).values()
    assert len(line) == 40


async def test_an_average_of_the_year_among_english_months_is_left_out():
    months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    rows = [[f"{name} {year}", value(n)] for year in (2021, 2022) for n, name in enumerate([*months, "Avg"])]
    [line] = (await series([["Month", "Sales"], *rows])).values()
    assert len(line) == 24


ROMAN = ["I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII"]


@pytest.mark.parametrize(
    ("words", "names"),
    [
        ("{name} {year}", ROMAN),
        ("{name}.{year}", ROMAN),
        ("{year}-{name}", ROMAN),
        ("{name} {year} г.", ["янв", "фев", "мар", "апр", "май", "июн", "июл", "авг", "сен", "окт", "ноя", "дек"]),
        (
            "{year} m. {name}",
            [
                "sausis",
                "vasaris",
                "kovas",
                "balandis",
                "gegužė",
                "birželis",
                "liepa",
                "rugpjūtis",
                "rugsėjis",
                "spalis",
                "lapkritis",
                "gruodis",
            ],
        ),
    ],
)
async def test_months_in_roman_numerals_and_words_for_the_year_are_read(words, names):
    rows = [[words.format(name=names[n % 12], year=2016 + n // 12), value(n)] for n in range(24)]
    [line] = (await series([["period", "level"], *rows])).values()
    assert list(line) == [parse_iso(f"{2016 + n // 12}-{n % 12 + 1:02}-01") for n in range(24)]


async def test_days_of_months_in_roman_numerals_are_read():
    rows = [[f"{n + 1}.VII.2024", value(n)] for n in range(20)]
    [line] = (await series([["data", "stan"], *rows])).values()
    assert list(line) == [parse_iso(f"2024-07-{n + 1:02}") for n in range(20)]


@pytest.mark.parametrize("names", [["X-1500", "X-1600"], ["v1.20", "v2.20"], ["I 2022", "II 2022"]])
async def test_models_and_versions_are_no_months_and_no_weeks(names):
    rows = [[f"2023-05-{n // 2 + 1:02}", names[n % 2], value(n)] for n in range(40)]
    assert {name.partition(" / ")[0] for name in await series([["date", "model", "level"], *rows])} == set(names)


async def test_months_across_in_roman_numerals_are_asked_about():
    rows = [[year, *(value(year * 12 + n) for n in range(12))] for year in range(2015, 2022)]
    question = await asked(text([["Rok", *ROMAN], *rows]))
    [line] = (await series([["Rok", *ROMAN], *rows], **question.alternatives[0])).values()
    assert line == {parse_iso(f"{row[0]}-{n:02}-01"): each for row in rows for n, each in enumerate(row[1:], 1)}


async def test_weeks_with_a_letter_of_the_north_are_read():
    rows = [[f"2023v{n + 1:02}", value(n)] for n in range(40)]
    [line] = (await series([["Vecka", "Sjuka"], *rows])).values()
    assert min(line) == parse_iso("2023-01-02")
    assert len(line) == 40


@pytest.mark.parametrize(
    "number",
    [
        lambda at: round((at - datetime(1899, 12, 30, tzinfo=UTC)) / timedelta(microseconds=86_400), 3),
        lambda at: (at - datetime(1899, 12, 30, tzinfo=UTC)) / timedelta(days=1),
        lambda at: at.timestamp() * 1000 + (3_600_000 if at.day > 2 else 0),
        lambda at: round(at.timestamp() / 86_400 + 2_440_587.5, 6),
    ],
)
async def test_clocks_of_machines_beside_the_time_are_no_values(number):
    times = [datetime(2024, 3, 1, tzinfo=UTC) + timedelta(hours=n, minutes=n * n % 7) for n in range(40)]
    rows = [[f"{at:%Y-%m-%d %H:%M:%S}", value(n), number(at)] for n, at in enumerate(times)]
    assert set(await series([["TimeString", "Value", "Mark"], *rows])) == {"Value"}


async def test_a_number_of_its_own_in_each_row_names_no_series():
    rows = [
        [5000 + 2 * n + k, "node", f"2023-05-01 {n:02}:00", sensor, value(n, 7 + k)]
        for n in range(24)
        for k, sensor in enumerate(("BAT", "TC"))
    ]
    assert set(await series([["ID", "unit", "time", "sensor", "value"], *rows])) == {"BAT", "TC"}


async def test_rows_that_tell_about_the_columns_above_their_names_are_no_table():
    rows = [[f"2024-01-{n + 1:02}", value(n), value(n, 11)] for n in range(20)]
    above = [["Series", "one year", "ten years"], ["Unit:", "%", "%"], ["Multiplier:", 1, 1], ["Currency:", "NA", "NA"]]
    found = await series([*above, ["Identifier:", "A.B", "C.D"], ["Period", "AB", "CD"], *rows])
    assert sorted(map(len, found.values())) == [20, 20]


QUARTERS_ACROSS = [[2001 + row, *(value(4 * row + n) for n in range(4))] for row in range(8)]


@pytest.mark.parametrize("name", ["{} trimestre", "{}. negyedév", "trimestre {}", "{} kw.", "{} кв."])
async def test_quarters_in_roman_numerals_across_are_read(name):
    names = [name.format(numeral) for numeral in ROMAN[:4]]
    [line] = (await series([["Rok", *names], *QUARTERS_ACROSS])).values()
    assert sorted(line)[:2] == [parse_iso("2001-01-01"), parse_iso("2001-04-01")]
    assert len(line) == 32


async def test_columns_i_to_iv_beside_a_year_are_asked_about():
    table = [["Rok", *ROMAN[:4]], *QUARTERS_ACROSS]
    first, second = (await asked(text(table))).alternatives
    [line] = (await series(table, **first)).values()
    assert line[parse_iso("2002-07-01")] == QUARTERS_ACROSS[1][3]
    assert len(await series(table, **second)) == 4


@pytest.mark.parametrize(
    "text", ["{roman} кв. {year}", "{year} {roman} kwartał", "kw. {roman} {year}", "{number}. kwartał {year}"]
)
async def test_quarters_of_more_languages_are_read(text):
    cells = [text.format(roman=ROMAN[n % 4], number=n % 4 + 1, year=2001 + n // 4) for n in range(16)]
    [line] = (await series([["Okres", "Liczba"], *([cell, value(n)] for n, cell in enumerate(cells))])).values()
    assert sorted(line)[1] == parse_iso("2001-04-01")
    assert len(line) == 16
