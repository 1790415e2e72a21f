"""Kinds of tables that mutations read wrongly once: each by the rule that reads it now."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from discovering import asked, reading
from slackwater.discover.file.row_kinds import begins_alike
from slackwater.discover.file.table_region import trailing
from slackwater.formats.numbers import infer_number_form
from slackwater.formats.timestamps import time_parser
from slackwater.model.instants import HOUR, from_micros, parse_iso

MONTHS = [f"{2019 + n // 12}-{n % 12 + 1:02}-01" for n in range(36)]


async def series(rows, **config):
    run = await reading("\n".join(rows), **config)
    return {name: dict(sorted(line.items())) for name, line in run.points.items()}


@pytest.mark.parametrize("row", ["Station,Faro", "Distrito,Faro e Loulé"])
async def test_a_line_that_tells_one_thing_about_a_table_names_no_columns(row):
    rows = [
        row,
        "Data,Caudal,Energia,Ano",
        *(f"{day},{n * 7 % 30}.5,{n * 3 % 20}.25,{day[:4]}" for n, day in enumerate(MONTHS)),
    ]
    assert set(await series(rows)) == {"Caudal", "Energia"}


async def test_groups_of_columns_that_stand_above_their_names_are_kept():
    rows = [
        ",Norte,,Sul,",
        "Data,A,B,A,B",
        *(f"{day},{n},{n}.5,{n * 3 % 7}.25,{n * 5 % 9}.75" for n, day in enumerate(MONTHS)),
    ]
    assert "Sul / B" in await series(rows)


async def test_numbers_that_count_across_name_the_periods_of_a_day_in_any_language():
    days = ["21 oktoba 2012", "22 oktoba 2012", "23 oktoba 2012"]
    rows = ["Fecha," + ",".join(map(str, range(1, 25)))]
    rows += [f"{day}," + ",".join(f"{place * 24 + hour}.5" for hour in range(24)) for place, day in enumerate(days)]
    assert (await asked("\n".join(rows))).field == "layout"


async def test_an_hour_that_is_named_by_its_end_stands_at_its_beginning():
    start = datetime(2024, 3, 16, tzinfo=UTC)
    rows = [f"{start + timedelta(hours=n):%Y-%m-%d},{n % 24 + 1},{n * 7 % 90}.5" for n in range(72)]
    [line] = (await series(["Date,HE,value", *rows])).values()
    assert list(line) == [parse_iso("2024-03-16") + n * HOUR for n in range(72)]


async def test_the_time_at_which_a_row_was_written_is_not_taken_where_the_row_has_its_own():
    rows = [f"{41640 + n * 31},{n * 7 % 9}.5,2016-{n % 12 + 1:02}-04 00:0{n % 7}:00" for n in range(12)]
    [line] = (await series(["Datum,Waarde,created_at", *rows])).values()
    assert max(line) < parse_iso("2016-01-01")


async def test_a_time_that_lies_ahead_of_the_writing_of_each_row_is_asked_about():
    rows = [f"2024-{n + 2:02}-15,{n * 7 % 9}.5,2024-{n + 1:02}-04 10:1{n % 7}:00" for n in range(10)]
    question = await asked("\n".join(["due,amount,created_at", *rows]))
    assert question.field == "time_column"


async def test_a_year_that_is_the_same_in_all_rows_is_part_of_their_time():
    rows = [f"2024-{n + 1:02}-01,{n * 7 % 9}.5,2024" for n in range(9)]
    assert set(await series(["Data,Caudal,Ano", *rows])) == {"Caudal"}


async def test_a_column_with_many_words_is_asked_about_where_only_a_counter_is_left():
    words = [f"2024-04-{n + 1:02},{'geschlossen' if n % 4 == 3 else f'{16 + n % 2}.0'}" for n in range(12)]
    rows = [f"{n},{row}" for n, row in enumerate(words)]
    question = await asked("\n".join([",Date,Flow (m3/s)", *rows]))
    assert question.field == "missing_values"
    assert question.alternatives[0] == {"missing_values": ["geschlossen"]}


@pytest.mark.parametrize("unit", ["", ",mm"])
@pytest.mark.parametrize("month", ["январь", "јануари"])
async def test_a_table_above_another_is_asked_about_in_any_language(month, unit):
    above = ["Data,Preço", *filter(None, [unit]), *(f"1 {month} {1999 + n},{n}.5" for n in range(8))]
    below = ["Year,Receita,Despesa", *(f"{2001 + n},{n * 3 % 77}.5,{n * 7 % 91}.25" for n in range(20))]
    assert (await asked("\n".join([*above, "", *below]))).field == "last_row"


async def test_facts_about_a_station_are_no_table():
    facts = ["Latitude,38.7", "Longitude,-9.1", "Elevation,77", "Radius,12", ""]
    rows = [f"{day},{n * 7 % 9}.5,{n * 5 % 8}.25" for n, day in enumerate(MONTHS)]
    assert set(await series([*facts, "Data,A,B", *rows])) == {"A", "B"}


def test_whole_numbers_of_four_digits_without_a_mark_speak_against_thousands():
    marked = [f"{n}.{n * 37 % 900 + 100}" for n in range(1, 40)]
    assert infer_number_form([*marked, "384"]).thousands == "."
    assert infer_number_form([*marked, "3841"]).thousands is None


async def test_months_with_a_point_before_the_year_are_times():
    [line] = (
        await series(["Date,Level", *(f"{n % 12 + 1:02}.{2003 + n // 12},{n * 7 % 9}.5" for n in range(30))])
    ).values()
    assert [from_micros(at).strftime("%m.%Y") for at in line][:2] == ["01.2003", "02.2003"]


@pytest.mark.parametrize("offset", ["UTC+2", "GMT +02:00", "+02:00", "+0200"])
async def test_offsets_from_utc_stand_beside_the_time_in_many_ways(offset):
    rows = [f"2024-03-{n + 1:02} 12:00,{offset},{n * 7 % 9}.5" for n in range(12)]
    [line] = (await series(["time,tz,level", *rows])).values()
    assert min(line) == parse_iso("2024-03-01T10:00:00Z")


async def test_a_bare_signed_number_is_an_offset_only_by_its_name():
    rows = [f"2024-03-{n + 1:02} 12:00,+{1 + n % 2},{n * 7 % 9}.5" for n in range(12)]
    for name in ("utc offset", "Zeitzone", "Fuso horário"):
        assert set(await series([f"time,{name},level", *rows])) == {"level"}
    assert set(await series(["time,change,level", *rows])) == {"change", "level"}


def beside_offsets(name, offsets, form="%Y-%m-%d %H:%M", first=20):
    """Rows of local times of a place that leaves UTC+1 for UTC+2 on 31 March 2024, at six hours each."""
    rows = [f"time;{name};level"]
    for n in range(60):
        at = datetime(2024, 3, first, tzinfo=UTC) + timedelta(hours=6 * n)
        summer = at >= datetime(2024, 3, 31, 1, tzinfo=UTC)
        rows.append(f"{at + timedelta(hours=1 + summer):{form}};{offsets[summer]};{n * 7 % 9}.5")
    return rows


@pytest.mark.parametrize(
    ("name", "offsets", "form"),
    [
        ("Zeitverschiebung", ("+1", "+2"), "%Y-%m-%d %H:%M"),
        ("časové pásmo", ("+1,0", "+2,0"), "%d.%m.%Y %H:%M"),
        ("Zeitzone", ("1", "2"), "%d.%m.%Y %H:%M"),
        ("utc_offset_minutes", ("60", "120"), "%Y-%m-%d %H:%M"),
        ("tz", ("+1", "+2"), "%m/%d/%Y %I:%M %p"),
        ("tz", ("+01:00", "+02:00"), "%m/%d/%Y %I:%M %p"),
        ("UTC Offset", ("+01:00", "+02:00"), "%m/%d/%Y %I:%M:%S %p"),
    ],
)
async def test_numbers_that_change_when_clocks_do_are_offsets_whatever_they_are_called(name, offsets, form):
    [line] = (await series(beside_offsets(name, offsets, form))).values()
    assert list(line) == [parse_iso("2024-03-20") + n * 6 * HOUR for n in range(60)]


@pytest.mark.parametrize(("name", "offset"), [("décalage", "+1"), ("Zeitzone", "1"), ("tz_offset_min", "60")])
async def test_numbers_that_may_be_the_offsets_of_local_times_are_asked_about(name, offset):
    rows = beside_offsets(name, (offset, offset), first=1)[:40]
    question = await asked("\n".join(rows))
    assert question.field == "time_columns"
    [line] = (await series(rows, **question.alternatives[0])).values()
    assert list(line) == [parse_iso("2024-03-01") + n * 6 * HOUR for n in range(39)]


@pytest.mark.parametrize(("name", "offsets"), [("zone", ("1", "2")), ("strefa", ("1", "2")), ("change", ("+1", "+3"))])
async def test_numbers_that_nothing_calls_offsets_are_values(name, offsets):
    assert set(await series(beside_offsets(name, offsets))) == {name, "level"}


@pytest.mark.parametrize(
    ("name", "numbers"),
    [
        ("Т, °C", ["+1", "+1", "+2", "+2", "+1", "+2"]),
        ("Tz (s)", ["5", "6", "6"]),
        ("Tz", ["5.2", "5.8", "6.1"]),
        ("Change %", ["+0.50", "-0.25", "+0.50"]),
        ("Zero offset (cm)", ["+2"]),
        ("Target level", [*["-3.00"] * 48, *["-2.00"] * 12]),  # from the first of April on
    ],
)
async def test_numbers_that_change_while_no_clock_does_are_no_offsets(name, numbers):
    rows = [f"time;level;{name}"]
    start = datetime(2024, 3, 30, tzinfo=UTC)
    times = [start + timedelta(hours=n) for n in range(60)]
    rows += [f"{at:%d.%m.%Y %H:%M};{n * 7 % 9}.5;{numbers[n % len(numbers)]}" for n, at in enumerate(times)]
    found = await series(rows)
    assert [from_micros(at) for at in found["level"]] == times
    assert list(found.get(name, {}).values()) in ([], [float(numbers[n % len(numbers)]) for n in range(60)])


async def test_offsets_of_several_places_are_asked_about():
    rows = [f"Berlin,2024-01-01 {n + 1:02}:00,{n}.5,1" for n in range(12)]
    rows += [f"Athens,2024-01-01 {n + 2:02}:00,{n}.25,2" for n in range(12)]
    question = await asked("\n".join(["site,time,level,UTC offset", *rows]))
    for line in (await series(["site,time,level,UTC offset", *rows], **question.alternatives[0])).values():
        assert [from_micros(at).hour for at in line] == list(range(12))


@pytest.mark.parametrize("name", ["Dry days since 2020-01-01", "Growing days since 2020-01-01"])
async def test_days_of_a_kind_since_a_date_are_no_times(name):
    rows = [f"2020-03-{n:02},{n * 7 % 9}.5,{n // 2 + 3}" for n in range(1, 30)]
    assert set(await series([f"Date,level,{name}", *rows])) == {"level", name}
    rows = [f"{26000 + n // 2},{n % 2 * 10 + 5}.5,{n * 7 % 9}.25" for n in range(30)]
    assert (await asked("\n".join(["JULD days since 1950-01-01,PRES,TEMP", *rows]))).field == "series_columns"


@pytest.mark.parametrize(
    ("time", "form", "offset"), [("time_utc", "%Y-%m-%d %H:%M", "+2"), ("timestamp", "%Y-%m-%dT%H:%M:%SZ", "+02:00")]
)
async def test_an_offset_beside_a_time_that_says_its_zone_is_for_information(time, form, offset):
    times = [datetime(2024, 6, 1, tzinfo=UTC) + timedelta(hours=6 * n) for n in range(24)]
    rows = [f"{time},level,tz", *(f"{at:{form}},{n * 7 % 9}.5,{offset}" for n, at in enumerate(times))]
    [line] = (await series(rows)).values()
    assert [from_micros(at) for at in line] == times


def test_a_form_that_makes_no_pattern_is_refused_with_a_sentence():
    with pytest.raises(ValueError, match=re.escape("'%d %d' is not a date format")):
        time_parser("%d %d", UTC)


@pytest.mark.parametrize("header", ["{} lipca 1995", "{}. жовтень 2013", "{} iunie 2007"])
async def test_times_across_are_read_in_their_language(header):
    heads = ",".join(header.format(day) for day in range(1, 9))
    [line] = (await series([f"Station,{heads}", "Lagos,1.5,2.5,3.5,4.5,5.5,6.5,7.5,8.5"])).values()
    assert list(line.values()) == [n + 0.5 for n in range(1, 9)]


async def test_a_header_that_is_written_as_the_times_beside_it_is_asked_about():
    heads = ["6 mai 2007", "13 mai 2007", "20 mai 2007", "27 maj-ish 2007", "3 mumble 2007", "10 grumble 2007"]
    question = await asked("\n".join([f"Station,{','.join(heads)}", "Lagos,1.5,2.5,3.5,4.5,5.5,6.5"]))
    assert question.field == "date_format"
    assert "3 mumble 2007" in str(question)


async def test_a_table_without_names_in_any_language_keeps_its_first_row():
    rows = [f"{n}. اكتوبر {2000 + n % 9},{n}.5" for n in range(1, 13)]
    [line] = (await series(["1. اكتوبر 2000,no data", *rows])).values()
    assert len(line) == 12


async def test_a_single_day_with_its_clocks_and_its_year_is_read():
    rows = [f"2014-10-23,{n // 4:02}:{n % 4 * 15:02},{n * 7 % 9}.5,2014" for n in range(80)]
    [line] = (await series(["Date,Time,Prezzo,Ano", *rows])).values()
    assert len(line) == 80


@pytest.mark.parametrize("clock", ["%H:%M", "%I:%M %p"])
async def test_clocks_of_their_own_tell_which_number_of_a_date_is_the_day(clock):
    moments = [datetime(2024, 2, 10, tzinfo=UTC) + timedelta(minutes=30 * n) for n in range(96)]
    rows = [f"{at:%d/%m/%y},{at.strftime(clock)},{n * 7 % 9}.5" for n, at in enumerate(moments)]
    [line] = (await series(["Date,Time,Temp Out", *rows])).values()
    assert min(line) == parse_iso("2024-02-10")


@pytest.mark.parametrize("header", ["Y{}", "YR{}", "X{}", "TIME_{}", "{}F"])
async def test_years_with_letters_around_them_are_times_across(header):
    heads = ",".join(f"{header.format(year)},{header.format(year)}_note" for year in range(2016, 2021))
    cells = ",".join(f"{n}.5,E" for n in range(5))
    found = await series([f"Area Code,Area,{heads}", f"10,Portugal,{cells}", f"11,España,{cells}"])
    assert set(found) == {"Portugal", "España"}
    assert [from_micros(at).year for at in found["Portugal"]] == [2016, 2017, 2018, 2019, 2020]


async def test_numbers_of_two_quantities_by_year_are_no_times_across():
    heads = ",".join(f"{what}{year}" for what in ("pop", "gdp") for year in range(2016, 2020))
    question = await asked(f"Area,{heads}\nPortugal,1.5,2.5,3.5,4.5,5.5,6.5,7.5,8.5\nEspaña,1,2,3,4,5,6,7,8\n")
    assert question.field


def columns_with(word: str, among: bool) -> list[str]:
    rows = []
    for n, day in enumerate(MONTHS):
        low = -2000 + n * 117 if among else n * 7 % 30
        rows.append(f"{day},{word if n % 9 == 4 else n * 3 % 20 + 0.25},{low}.5" if n != 20 else f"{day},1.25,{word}")
    return ["Data,Caudal,Energia", *rows]


async def test_a_number_for_no_value_that_is_measured_beside_it_is_asked_about():
    question = await asked("\n".join(columns_with("-999", among=True)))
    assert question.field == "missing_values"
    assert question.alternatives == [{"missing_values": ["-999"]}, {"missing_values": []}]
    kept = await series(columns_with("-999", among=True), missing_values=[])
    assert len(kept["Energia"]) == 36
    assert len((await series(columns_with("-999", among=True), missing_values=["-999"]))["Energia"]) == 35


async def test_a_number_for_no_value_that_another_column_measures_is_none_in_its_own_alone():
    rows = [
        f"{day},{-99 if n % 9 == 4 else n % 7 + 0.5},{-99 if n == 4 else -150 + n * 11}" for n, day in enumerate(MONTHS)
    ]
    found = await series(["Data,Caudal,Saldo", *rows])
    assert (len(found["Caudal"]), len(found["Saldo"])) == (32, 36)


async def test_a_number_for_no_value_far_from_all_columns_is_none():
    assert len((await series(columns_with("-999", among=False)))["Energia"]) == 35


async def test_a_negative_number_that_alone_comes_again_stands_for_no_value():
    rows = [f"{day},{-999 if n % 9 == 4 else -1800 + n * 61}" for n, day in enumerate(MONTHS)]
    [line] = (await series(["Data,Saldo", *rows])).values()
    assert len(line) == 32
    rows = [f"{day},{-999 if n % 9 == 4 else -1800 + n % 18 * 122}" for n, day in enumerate(MONTHS)]
    [line] = (await series(["Data,Saldo", *rows])).values()
    assert len(line) == 36


def test_nines_for_no_value_do_not_speak_against_thousands():
    marked = [f"{n}.{n * 37 % 900 + 100}" for n in range(1, 40)]
    assert infer_number_form([*marked, "384", "-9999", "9999"]).thousands == "."
    assert infer_number_form([*marked, "384", "9998"]).thousands is None


async def test_numbers_below_a_blank_name_stand_for_no_rows_below_them():
    rows = [f"{day} {n % 24:02}:00,{2000 + n if n % 3 == 0 else ''},{n * 7 % 30}.5" for n, day in enumerate(MONTHS)]
    found = await series(["Data,,Caudal", *rows])
    assert len(found["Caudal"]) == 36
    assert all(len(line) == 12 for name, line in found.items() if name != "Caudal")


async def test_a_long_number_like_all_below_it_is_no_name():
    rows = [f"2024{n // 28 + 1:02}{n % 28 + 1:02},{'sunny' if n == 0 else n * 7 % 30 + 0.5}" for n in range(40)]
    [line] = (await series(rows, missing_values=["sunny"])).values()
    assert len(line) == 39


def test_days_of_one_and_two_digits_begin_rows_alike():
    body = ("9. мумбл 2009", "1.5", "2.5")
    assert begins_alike(("10. мумбл 2009", "закрыто", "закрыто"), body)
    assert not begins_alike(("Итого 2009-2010", "1.5"), body)
    assert trailing([(7, body), (8, ("10. мумбл 2009", "закрыто", "закрыто"))]) == (None, [])
    assert trailing([(7, body), (8, ("10. мумбл 2009",))]) == (7, ["10. мумбл 2009"])


async def test_a_table_below_another_is_asked_about_in_any_language():
    above = ["Year,Receita,Despesa", *(f"{2001 + n},{n * 3 % 77}.5,{n * 7 % 91}.25" for n in range(20))]
    below = ["Дата,Нивел,Проток", *(f"{n} мумбл 2005,{n * 3 % 7}.5,{n}.25" for n in range(1, 9))]
    question = await asked("\n".join([*above, "", *below]))
    assert question.field == "last_row"
    assert question.alternatives == [{"last_row": 22}, {"header_row": 23}]


async def test_rows_above_a_blank_one_are_no_names_though_their_month_is_not_understood():
    months = ["desember", "januarie", "februarie", "", "maart", "april", "mei", "", "junie", "julie", "augustus"]
    rows = [f"01-{month}-{1993 + (n > 0)};Beja;{n * 7 % 11}.5" if month else ";;" for n, month in enumerate(months)]
    found = await series(["Datum;Station;Waarde", *rows])
    assert list(map(len, found.values())) == [sum(map(bool, months))]


@pytest.mark.parametrize(
    ("names", "row", "count"),
    [
        ("Datum,Station,Waarde,EAN", "1998-06-15 {0:02}:00,Łódź,{1}.5,0815", 20),
        ("x,Data,Preço,updated", ",2000-06-06 {0:02}:00,{1}.5,2000-06-09 07:{0:02}:00", 5),
    ],
)
async def test_a_name_that_is_a_month_and_a_first_column_that_is_empty_hide_no_table(names, row, count):
    above = ["Year,Receita,Despesa", *(f"{2001 + n},{n * 3 % 77}.5,{n * 7 % 91}.25" for n in range(60))]
    below = [names, *(row.format(n, n * 7 % 9) for n in range(count))]
    assert (await asked("\n".join([*above, "", *below]))).field == "last_row"


def local_hours(*, alike: bool = False) -> list[str]:
    start = datetime(2024, 10, 26, 12, tzinfo=UTC)
    rows = []
    for n in range(30):
        at = start + timedelta(hours=n)
        wall = at + timedelta(hours=2 if at < datetime(2024, 10, 27, 1, tzinfo=UTC) else 1)
        rows.append(f"{wall:%Y-%m-%d %H:%M},{n * 7 % 30 if not (alike and n == 13) else 12 * 7 % 30}.5")
    return ["Zeit,Last", *rows]


@pytest.mark.parametrize("alike", [False, True])
async def test_times_that_stand_twice_only_in_the_hour_that_clocks_repeat_are_local(alike):
    question = await asked("\n".join(local_hours(alike=alike)))
    assert question.field == "timezone"
    assert "Europe/Berlin" in question.choices
    [line] = (await series(local_hours(alike=alike), timezone="Europe/Berlin")).values()
    assert list(line) == [parse_iso("2024-10-26T12:00Z") + n * HOUR for n in range(30)]


async def test_a_file_that_says_utc_is_not_asked_about_its_clocks():
    rows = ["Time (UTC),Load", *local_hours()[1:]]
    assert len((await series(rows))["Load"]) == 29


async def test_a_row_twice_at_another_time_is_a_correction():
    rows = [f"2024-10-{n + 1:02} 12:00,{n * 7 % 30}.5" for n in range(30)]
    assert len((await series(["Zeit,Last", *rows, rows[-1]]))["Last"]) == 30


async def test_few_quantities_name_no_series_where_date_and_clock_tell_the_rows():
    hours = "".join(
        f"0{day}.06.2016,{hour:02}:00,{hour + day}.3 kWh,{16 + hour % 2}.0 kWh\n"
        for day in (1, 2, 3)
        for hour in range(24)
    )
    run = await reading(f"Fecha,Hora,Precio,Caudal\n{hours}")
    assert [len(line) for line in run.points.values()] == [72, 72]
