"""Shapes of files as offices, grids and weather services publish them: read exactly, or asked with the right answer."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from random import Random
from zoneinfo import ZoneInfo

import pytest

from discovering import asked, reading
from slackwater.discover.alternatives import answers_of
from slackwater.formats.timestamps import time_parser
from slackwater.model.instants import HOUR, from_micros, parse_iso

MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


def value(n: int, factor: int = 7) -> float:
    return n * factor % 30 + 0.25


async def series(rows, **config):
    run = await reading("\n".join(rows), **config)
    return {name: dict(sorted(line.items())) for name, line in run.points.items()}


async def answered(rows, place: int = 0, **config):
    """What is read with one of the answers that a question offers."""
    question = await asked("\n".join(rows), **config)
    return await series(rows, **config, **answers_of(question, config)[place])


# --- what stands across -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["{}", "D{}", "Dag {}", "v{}"])
async def test_days_of_months_across_are_asked_about_with_their_reading(name):
    rows = ["Jahr,Monat," + ",".join(name.format(day) for day in range(1, 32))]
    for month in (1, 2, 3, 4):
        cells = [str(value(month * 31 + day)) if (month, day) < (4, 31) and day < 29 else "" for day in range(1, 32)]
        rows.append(f"2023,{month}," + ",".join(cells))
    [line] = (await answered(rows)).values()
    assert len(line) == 4 * 28
    assert line[parse_iso("2023-02-11")] == value(2 * 31 + 11)


async def test_days_across_have_flags_between_them():
    heads = ",".join(f"T{day},Q{day}" for day in range(1, 32))
    rows = [f"site,yyyymm,{heads}"]
    for month in ("202301", "202303"):
        cells = ",".join(f"{value(int(month) + day)},{'x' if day % 9 == 0 else ''}" for day in range(1, 32))
        rows.append(f"A1,{month},{cells}")
    [line] = (await answered(rows)).values()
    assert line[parse_iso("2023-03-31")] == value(202303 + 31)


@pytest.mark.parametrize(("count", "minutes"), [(24, 60), (48, 30), (96, 15)])
@pytest.mark.parametrize("name", ["{}", "HE{}", "P {}", "{}h"])
async def test_periods_of_the_day_across_are_asked_about_with_their_reading(count, minutes, name):
    rows = ["Datum;" + ";".join(name.format(n) for n in range(1, count + 1))]
    rows += [f"{day}.11.2023;" + ";".join(str(value(day + n)) for n in range(count)) for day in range(11, 15)]
    [line] = (await answered(rows)).values()
    assert len(line) == 4 * count
    assert line[parse_iso("2023-11-12") + 3 * minutes * HOUR // 60] == value(12 + 3)


@pytest.mark.parametrize("closed", [(2,), (2, 5, 9), tuple(range(1, 12))])
async def test_hours_across_are_asked_about_where_some_have_words_alone(closed):
    rows = ["Datum," + ",".join(map(str, range(1, 25)))]
    for day in (13, 14, 15):
        rows.append(f"2021/09/{day}," + ",".join("closed" if n in closed else f"{value(n)}" for n in range(1, 25)))
    assert (await asked("\n".join(rows))).field == "layout"


async def test_hours_across_stand_beside_the_parts_of_the_day_and_flags():
    heads = ";".join(f"X{hour:02};W{hour:02}" for hour in range(1, 25))
    rows = [f"POSTO;ANO;MES;DIA;{heads}"]
    for day in (27, 28, 29):
        rows.append(f"7;2024;02;{day};" + ";".join(f"{value(day + hour)};V" for hour in range(24)))
    [line] = (await answered(rows)).values()
    assert len(line) == 72
    assert line[parse_iso("2024-02-28T05:00")] == value(28 + 5)


async def test_months_across_that_end_in_another_year_are_asked_about():
    names = ["Jul", "Aug", "Sep", "Oct", "Nov", "Dec", "Jan", "Feb", "Mar", "Apr", "May", "Jun"]
    rows = [f"{year}," + ",".join(str(value(year + n)) for n in range(12)) for year in range(2011, 2016)]
    assert (await asked("\n".join([f"Year,{','.join(names)}", *rows]))).field == "layout"
    assert len(next(iter((await series([f"Year,{','.join(sorted(names, key=MONTHS.index))}", *rows])).values()))) == 60


async def test_numbered_months_across_are_asked_about_with_their_reading():
    rows = ["Year," + ",".join(f"m{n}" for n in range(1, 13))]
    rows += [f"{year}," + ",".join(str(value(year + n)) for n in range(12)) for year in range(2011, 2016)]
    [line] = (await answered(rows)).values()
    assert line[parse_iso("2012-03-01")] == value(2012 + 2)


# --- times --------------------------------------------------------------------------------------------------------


def daily(n: int) -> str:
    return (date(2023, 4, 3) + timedelta(days=n)).isoformat()


async def test_the_clock_of_an_extreme_is_not_the_time_of_the_day():
    rows = [f"{daily(n)},{value(n)},{n % 9 + 10}:1{n % 6},{value(n, 11)}" for n in range(40)]
    found = await series(["Data,Tmax,HoraTmax,Chuva", *rows])
    assert set(found) == {"Tmax", "Chuva"}
    assert min(found["Tmax"]) == parse_iso("2023-04-03")


async def test_a_clock_beside_dates_that_are_all_different_is_asked_about_unless_it_is_called_one():
    rows = [f"{daily(n)},{n % 9 + 10}:1{n % 6},{value(n)}" for n in range(40)]
    assert len((await asked("\n".join(["A,B,C", *rows]))).alternatives) == 2
    [line] = (await series(["Date,Time,Level", *rows])).values()
    assert min(line) == parse_iso("2023-04-03T10:10")


@pytest.mark.parametrize("name", ["Date(AWST)", "Time [NZDT]", "Obs time (WGST)", "Timestamp NZST"])
async def test_abbreviations_of_zones_in_names_are_asked_about(name):
    rows = [f"{daily(n)} {n % 24:02}:00,{value(n)}" for n in range(30)]
    assert (await asked("\n".join([f"{name},Level", *rows]))).field == "timezone"


async def test_universal_time_is_utc():
    rows = [f"{daily(n)} {n % 24:02}:00,{value(n)}" for n in range(30)]
    assert min((await series(["Date (UT),Level", *rows]))["Level"]) == parse_iso("2023-04-03")


async def test_of_two_clocks_the_one_of_utc_is_the_time():
    start = datetime(2024, 3, 30, tzinfo=UTC)
    rows = [
        f"{start + timedelta(hours=n + 2):%Y-%m-%d %H:%M},{start + timedelta(hours=n):%Y-%m-%d %H:%M},{value(n)}"
        for n in range(40)
    ]
    assert min((await series(["begin EET+0,begin utc,Load", *rows]))["Load"]) == parse_iso("2024-03-30")


@pytest.mark.parametrize("name", ["Temporada", "Ejercicio"])
@pytest.mark.parametrize("form", ["{}-{:02}", "{}/{:02}", "{}/20{:02}", "{}-20{:02}"])
async def test_seasons_are_asked_about_with_their_first_years(name, form):
    rows = [f"{form.format(2010 + n, 11 + n)},{value(n)}" for n in range(10)]
    [line] = (await answered([f"{name},Gols", *rows])).values()
    assert [from_micros(at).year for at in line] == list(range(2010, 2020))


async def test_several_years_stand_at_their_first():
    rows = [f"{1990 + n}-{1994 + n},{value(n)}" for n in range(12)]
    assert min((await series(["Periodo,Tasa", *rows]))["Tasa"]) == parse_iso("1990-01-01")


async def test_years_with_letters_are_asked_about_down():
    rows = [f"AY{2010 + n},{value(n)}" for n in range(12)]
    assert max((await answered(["Year,Spending", *rows]))["Spending"]) == parse_iso("2021-01-01")


async def test_weeks_by_number_are_read_where_they_are_called_weeks():
    weeks = [(date(2022, 1, 3) + timedelta(weeks=n)).isocalendar() for n in range(60)]
    rows = [f"{week[0]}{week[1]:02},{value(n)}" for n, week in enumerate(weeks)]
    assert min((await series(["Isoweek,Cases", *rows]))["Cases"]) == parse_iso("2022-01-03")
    question = await asked("\n".join(["MMWRweek,Cases", *rows]))
    assert question.alternatives == [{"time_column": "MMWRweek", "date_format": "week"}]


async def test_dutch_quarters_are_no_german_weeks():
    rows = [f"{2015 + n // 4}KW0{n % 4 + 1},{value(n)}" for n in range(22)]
    assert max((await series(["Perioden,BBP", *rows]))["BBP"]) == parse_iso("2020-04-01")
    assert "week" in (await asked("\n".join(["Perioden,BBP", *rows[:4]]))).choices
    rows = [f"2015KW{n + 1:02},{value(n)}" for n in range(22)]
    assert max((await series(["Zeit,BBP", *rows]))["BBP"]) == parse_iso("2015-05-25")


@pytest.mark.parametrize(("form", "text"), [("month", "2023年4月"), ("month", "2023년 04월"), ("day", "2023年4月9日")])
def test_months_and_days_of_the_east(form, text):
    [at] = time_parser(form, UTC)([text])
    assert from_micros(at).strftime("%Y-%m") == "2023-04"


@pytest.mark.parametrize("hours", ["{:02}00 UTC", "{:02}00", "{:02}00Z"])
async def test_clocks_without_a_colon_are_part_of_the_time(hours):
    rows = [f"2023/04/{n // 24 + 3:02};{hours.format(n % 24)};{value(n)}" for n in range(72)]
    [line] = (await series(["Fecha;Hora;Nivel", *rows])).values()
    assert list(line) == [parse_iso("2023-04-03") + n * HOUR for n in range(72)]


async def test_clocks_that_are_called_ends_stand_at_the_beginning_of_their_hours():
    rows = [f"2023-04-{n // 24 + 3:02},{n % 24 + 1:02}:00,{value(n)}" for n in range(72)]
    [line] = (await series(["OperDay,HourEnding,Load", *rows])).values()
    assert list(line) == [parse_iso("2023-04-03") + n * HOUR for n in range(72)]


async def test_of_two_clocks_that_are_always_as_far_apart_the_first_begins():
    clocks = [datetime(2024, 1, 30, tzinfo=UTC) + timedelta(minutes=30 * n) for n in range(96)]
    rows = [f"{at:%d.%m.%Y};{at:%H:%M};{at + timedelta(minutes=30):%H:%M};{value(n)}" for n, at in enumerate(clocks)]
    [line] = (await series(["Tag;ab;bis;kW", *rows])).values()
    assert list(line) == [parse_iso("2024-01-30") + n * HOUR // 2 for n in range(96)]


@pytest.mark.parametrize("number", ["I II III IV V VI VII VIII IX X XI XII"])
async def test_months_in_roman_numbers_name_no_series(number):
    rows = [f"{2019 + n // 12};{number.split()[n % 12]};{value(n)}" for n in range(36)]
    assert (await asked("\n".join(["A;B;C", *rows]))).field in {"time_column", "time_columns"}


@pytest.mark.parametrize("quarter", ["{}. čtvrtletí {}", "{}. negyedév {}", "{}. Çeyrek {}", "{} квартал {}"])
async def test_quarters_have_names_in_many_languages(quarter):
    rows = [f"{quarter.format(n % 4 + 1, 2015 + n // 4)};{value(n)}" for n in range(20)]
    assert max((await series(["A;B", *rows]))["B"]) == parse_iso("2019-10-01")


async def test_years_of_any_name_stand_beside_months_by_name():
    months = ["Ocak", "Şubat", "Mart", "Nisan", "Mayıs", "Haziran"]
    rows = [f"{2010 + n // 6};{months[n % 6]};{value(n)}" for n in range(24)]
    assert max((await series(["Yıl;Ay;Endeks", *rows]))["Endeks"]) == parse_iso("2013-06-01")


@pytest.mark.parametrize("far", [0, 1])
async def test_numbers_of_weeks_repeat_a_part_of_the_time(far):
    days = [date(2024, 1, 7) + timedelta(days=n) for n in range(60)]
    rows = [f"{day},{(day + timedelta(days=far)).isocalendar()[1]},{value(n)}" for n, day in enumerate(days)]
    assert set(await series(["date,w,level", *rows])) == {"level"}


# --- columns without names ----------------------------------------------------------------------------------------


async def test_years_months_and_days_without_names_are_times_where_they_run():
    days = [date(2023, 1, 30) + timedelta(days=n) for n in range(50)]
    rows = [f"{day:%Y;%m;%d};{value(n)};{value(n, 11)}" for n, day in enumerate(days)]
    found = await series(rows)
    assert [len(line) for line in found.values()] == [50, 50]
    assert min(next(iter(found.values()))) == parse_iso("2023-01-30")


async def test_numbers_without_names_that_do_not_run_are_no_times():
    rows = [f"{2001 + n};{n * 5 % 12 + 1};{n * 7 % 28 + 1};{value(n)}" for n in range(20)]
    assert all(len(line) == 20 for line in (await series(rows)).values())
    assert min(min(line) for line in (await series(rows)).values()) == parse_iso("2001-01-01")


async def test_hours_to_24_in_a_column_of_their_own_are_asked_about():
    rows = [f"2023,4,{n // 24 + 3},{n % 24 + 1},{value(n)}" for n in range(72)]
    for header in (["Ano,Mes,Dia,Hora,Preço"], []):
        [line] = (await answered([*header, *rows])).values()
        assert list(line) == [parse_iso("2023-04-03") + n * HOUR for n in range(72)]


async def test_years_without_a_name_stand_beside_months_by_name():
    months = ["Januar", "Februar", "März", "April"]
    rows = [f"{2010 + n // 4};{months[n % 4]};{value(n)}" for n in range(24)]
    assert max((await series([";;Index", *rows]))["Index"]) == parse_iso("2015-04-01")


async def test_a_table_without_names_below_lines_of_text_is_read():
    rows = [f"{daily(n)};{value(n)};{value(n, 11)}" for n in range(30)]
    found = await series(["* Quelle: Amt", "*", *rows])
    assert [len(line) for line in found.values()] == [30, 30]


async def test_names_in_a_comment_above_an_empty_one_are_names():
    rows = [f"  311,{daily(n).replace('-', '')},{value(n)}" for n in range(30)]
    assert set(await series(["# SOURCE: office", "#", "# STN,YYYYMMDD,   TG", "#", *rows])) == {"TG"}


# --- values -------------------------------------------------------------------------------------------------------


async def test_attributes_of_a_column_and_fractions_of_years_are_no_values():
    rows = []
    for n in range(48):
        year, month = 2018 + n // 12, n % 12 + 1
        rows.append(f"{year}-{month:02}-01,{year + (month - 0.5) / 12:.3f},{value(n)},{20 + n % 2 * 4}")
    assert set(await series(["DATE,frac,VISIB,VISIB_ATTRIBUTES", *rows])) == {"VISIB"}


async def test_small_negative_numbers_that_come_again_are_asked_about():
    rows = [f"{daily(n)},{-9.99 if n < 6 else round(0.3 + n * 0.017, 3)}" for n in range(40)]
    [line] = (await answered(["Date,sd", *rows])).values()
    assert len(line) == 34
    [line] = (await series(["Date,sd", *rows], missing_values=[])).values()
    assert len(line) == 40


async def test_no_value_with_a_flag_that_says_why_is_none():
    heads = "\t".join(f"{2010 + n} " for n in range(10))
    cells = "\t".join(": z" if n % 4 == 1 else ": " if n % 4 == 2 else f"{n}.5 bp" for n in range(10))
    [line] = (await series([f"unit,geo\\TIME_PERIOD\t{heads}", f"EUR,XX\t{cells}"])).values()
    assert len(line) == 5


async def test_a_mark_within_quotation_marks_divides_no_cells():
    rows = [f'"{daily(n)}","ZONE|{n % 2}A","{value(n)}","x|y"' for n in range(30)]
    found = await series(['"day","area","price","note"', *rows])
    assert sum(map(len, found.values())) == 30


# --- several tables -----------------------------------------------------------------------------------------------


async def test_a_table_below_names_with_a_mark_among_them_is_asked_about():
    above = ["Year,Revenue,Costs", "2001,74.5,84.25", "2002,0.5,0.25"]
    hours = [f"2016-01-24 {n:02}:00,{value(n)}," for n in range(24)]
    question = await asked("\n".join([*above, "", "Time,Energy (kWh),x", *hours]))
    assert "another table" in str(question)


async def test_a_table_of_which_most_rows_have_words_is_asked_about_too():
    packed = [[f"1997042807{n:02}", f"{value(n)}", f"{value(n, 3)}", f"{value(n, 7)}"] for n in range(20)]
    for n, row in enumerate(packed):
        row[1 + n % 3] = "no value" if n % 5 else row[1 + n % 3]
    years = [f"{2001 + n},{value(n)},{value(n, 5)}" for n in range(40)]
    lines = ["Time,Price,Level,Flow", *map(",".join, packed), "", "Year,Revenue,Costs", *years]
    assert "another table" in str(await asked("\n".join(lines)))


@pytest.mark.parametrize("count", [31, 400])
async def test_whole_numbers_with_units_are_not_taken_for_names(count):
    rows = [f"{n + 1},{daily(n)},{14 + n * 7 % 11}.0°C" for n in range(count)]
    found = await series(["index,Date,Energy (kWh)", *rows])
    assert {name: len(line) for name, line in found.items()} == {"Energy (kWh)": count}


async def test_a_table_with_the_same_names_below_is_asked_about():
    one = [f"{2001 + n},{value(n)}" for n in range(12)]
    two = [f"{2001 + n},{value(n, 11)}" for n in range(12)]
    found = await answered(["Ano,Valor", *one, "", "Mulheres", "Ano,Valor", *two])
    assert list(found["Valor"].values()) == [value(n) for n in range(12)]


async def test_tables_side_by_side_are_asked_about_each_with_its_own_numbers():
    rows = [f"{daily(n)},{value(n)},,{2023 + n // 12}-{n % 12 + 1:02}-01,{value(n, 11)}" for n in range(24)]
    for place, name in enumerate(("Nível", "Caudal")):
        assert set(await answered(["Dia,Nível,,Dia,Caudal", *rows], place)) == {name}


# --- the hour that stands twice -------------------------------------------------------------------------------------


@pytest.mark.parametrize("zone", ["Europe/Lisbon", "America/New_York"])
@pytest.mark.parametrize("series_count", [1, 2])
async def test_rows_in_no_order_do_not_tell_the_first_of_two_hours(zone, series_count):
    home = ZoneInfo(zone)
    start = datetime(2023, 10, 28, 12, tzinfo=UTC) if "Lisbon" in zone else datetime(2023, 11, 4, 20, tzinfo=UTC)
    rows = [
        f"{(start + timedelta(hours=n)).astimezone(home):%Y-%m-%d %H:%M},S{place},{value(n + place)}"
        for n in range(30)
        for place in range(series_count)
    ]
    for ordered in (rows, rows[::-1]):
        found = await series(["time,place,level", *ordered], timezone=zone)
        assert [len(line) for line in found.values()] == [30] * series_count
    pages = [rows[at : at + series_count] for at in range(0, len(rows), series_count)]
    mixed = [row for page in (*pages[::2], *pages[1::2]) for row in page]
    assert "in no order" in str(await asked("\n".join(["time,place,level", *mixed]), timezone=zone))


# What rows are sorted by → whether the first of two equal clocks is the first hour.
SORTED = {
    "clock": (lambda row: row[:2], True),
    "line": (lambda row: row, False),
    "clock and value": (lambda row: (*row[:2], float(row[3])), False),
    "clock and greatest value": (lambda row: (*row[:2], -float(row[3])), False),
}


@pytest.mark.parametrize("kept", [True, False])
@pytest.mark.parametrize("by", SORTED)
async def test_rows_sorted_by_their_clocks_alone_have_the_first_hour_first(by, kept):
    order, exact = SORTED[by]
    home, start = ZoneInfo("Europe/Lisbon"), datetime(2024, 10, 26, 12, tzinfo=UTC)
    quarters = [start + timedelta(minutes=15 * n) for n in range(96)]
    rows = [
        (f"{at:%Y/%m/%d}", f"{at:%H:%M}", "real" if kept else ("read", "real")[n % 3 % 2], f"{value(n * 5)}")
        for n, at in enumerate(moment.astimezone(home) for moment in quarters)
    ]
    lines = ["Data,Hora,Estado,Consumo", *(",".join(row) for row in sorted(rows, key=order))]
    if not exact:
        assert "in no order" in str(await asked("\n".join(lines), timezone="Europe/Lisbon"))
        return
    [found] = (await series(lines, timezone="Europe/Lisbon", value_columns=["Consumo"])).values()
    assert found == {parse_iso(at.isoformat()): value(n * 5) for n, at in enumerate(quarters)}


async def test_rows_that_fall_by_their_clocks_are_in_no_order():
    home, start = ZoneInfo("Europe/Lisbon"), datetime(2024, 10, 26, 12, tzinfo=UTC)
    quarters = [start + timedelta(minutes=15 * n) for n in range(96)]
    rows = [(f"{at.astimezone(home):%Y/%m/%d,%H:%M}", f"{value(n * 5)}") for n, at in enumerate(quarters)]
    lines = ["Data,Hora,Consumo", *map(",".join, sorted(rows, key=lambda row: row[0], reverse=True))]
    assert "in no order" in str(await asked("\n".join(lines), timezone="Europe/Lisbon"))


async def test_rows_in_no_order_without_that_hour_are_read():
    rows = [f"2023-10-{n + 1:02} 12:00,{value(n)}" for n in range(30)]
    mixed = Random(7).sample(rows, len(rows))
    assert len((await series(["time,level", *mixed], timezone="Europe/Lisbon"))["level"]) == 30


# --- what only looks like something else ----------------------------------------------------------------------------


async def test_one_digit_before_each_mark_is_asked_about_even_where_commas_divide_cells():
    rows = [f'{daily(n)},"{n % 9 + 1},{100 + n * 37 % 900}"' for n in range(40)]
    assert (await asked("\n".join(["Date,Débit", *rows]))).field == "decimal"
    rows[3] = f'{daily(3)},"12,450"'
    assert max((await series(["Date,Débit", *rows]))["Débit"].values()) == 12450


@pytest.mark.parametrize("between", ["-", " - "])
async def test_hours_from_one_to_the_next_stand_at_their_beginning(between):
    rows = [f"{daily(n // 24)},{n % 24:02}{between}{(n + 1) % 24:02},{value(n)}" for n in range(72)]
    [line] = (await series(["Tag,Stunde,Preis", *rows])).values()
    assert list(line.values()) == [value(n) for n in range(72)]
    assert {later - earlier for earlier, later in pairwise(line)} == {HOUR}


async def test_periods_across_with_one_that_is_written_otherwise_are_asked_about():
    heads = ",".join(f"Std {hour}" if hour != 3 else "Std 3a,Std 3b" for hour in range(1, 25))
    rows = [f"{daily(n)}," + ",".join(str(value(n + hour)) for hour in range(25)) for n in range(4)]
    assert (await asked("\n".join([f"Tag,{heads}", *rows]))).field == "layout"
