"""Times, zones and headers as central banks, instruments and grid operators write them."""

from datetime import datetime, timedelta

import pytest

from budget import every, some
from discovering import asked, reading
from slackwater.discover.file.column_profile import Column
from slackwater.model.instants import from_micros

HOURS = [datetime(2024, 1, 10) + timedelta(hours=n) for n in range(48)]
MONTHS = [datetime(2021 + n // 12, n % 12 + 1, 1) for n in range(24)]
RUMANIAN = "ianuarie februarie martie aprilie mai iunie iulie august septembrie octombrie noiembrie decembrie"
GERMAN = "Montag Dienstag Mittwoch Donnerstag Freitag Samstag Sonntag"
INDONESIAN = "Januari Februari Maret April Mei Juni Juli Agustus September Oktober November Desember"
QUARTERS = [datetime(2019 + n // 4, n % 4 * 3 + 1, 1) for n in range(12)]


async def lines(rows, **config):
    """What is read, as lists of the times and the values of each series."""
    run = await reading("\n".join(rows), **config)
    assert not run.rejected_count
    return {
        name: {from_micros(at).replace(tzinfo=None): value for at, value in line.items()}
        for name, line in run.points.items()
    }


def written(times, write, name="Time"):
    """Return the lines of a table of times and of numbers that count on."""
    return [f"{name};Level", *(f"{write(at)};{n + 0.5}" for n, at in enumerate(times))]


def level(times, hours=0):
    return {"Level": {at - timedelta(hours=hours): n + 0.5 for n, at in enumerate(times)}}


@pytest.mark.parametrize(
    ("line", "hours"),
    [
        ("Zeitbezug:;MEZ = UTC+1", 1),
        ("All times are UTC+02:00", 2),
        ("Time zone: America/Bogota", -5),
        ("All times in UTC", 0),
        ("Created;2024-01-12 10:00 UTC+3, local time", 0),  # which tells of the file, and not of the times in it
        ("Station (UTC+5 area)", 0),
        ("All times are in UTC. Local standard time is UTC-8.", 0),
        ("Times in UTC (local time is UTC+1)", 0),
        ("Station time zone: UTC-5; data recorded in UTC", 0),
        ("Times in UTC. To obtain local time add 2 hours (UTC+2).", 0),
        ("All times GMT (not BST)", 0),
        ("Times are UTC and not local time", 0),
        ("Time series, IST campus", 0),
        ("Hours as told by IST (Instituto Superior Técnico)", 0),
        ("Opening hours of MST Ltd", 0),
        ("Response time of the desk: MST", 0),
        ("Next update time: 12h UTC+2", 0),
        ("Maritime authority of region GMT-5", 0),
        ("Times are UTC+2. Updated daily", 2),
        ("Published by the office. Times in UTC+2", 2),
        ("Time stamps were converted from UTC to UTC+1", 1),
        ("All times converted to UTC", 0),
        ("Times are UTC, and can be converted to UTC+1", 0),
    ],
)
async def test_a_line_above_tells_the_zone_of_the_times(line, hours):
    rows = ["Station;Faro", line, "", *written(HOURS, "{:%Y-%m-%d %H:%M}".format)]
    assert await lines(rows) == level(HOURS, hours)


@pytest.mark.parametrize("line", some(["Zeitangaben in MEZ", "Hora local", "Times are local"], "Hora local"))
async def test_a_line_above_with_a_zone_in_words_is_asked_about(line):
    question = await asked("\n".join([line, "", *written(HOURS, "{:%Y-%m-%d %H:%M}".format)]))
    assert question.field == "timezone"
    assert question.choices[-1:] == ["UTC"]


async def test_two_zones_in_lines_above_are_asked_about():
    rows = ["Times in UTC", "Time zone UTC+1", "", *written(HOURS, "{:%Y-%m-%d %H:%M}".format)]
    assert (await asked("\n".join(rows))).choices == ["UTC", "+01:00"]


@pytest.mark.parametrize("line", ["Local time series of levels", "Times are not local time but UTC"])
async def test_a_line_above_that_is_of_no_local_time_tells_no_zone(line):
    assert await lines([line, "", *written(HOURS, "{:%Y-%m-%d %H:%M}".format)]) == level(HOURS)


@pytest.mark.parametrize("line", ["Time zone;(GMT+01:00) Berlin", "Time resolution: 1 hour;UTC+1"])
async def test_a_zone_in_a_row_above_the_names_is_told_as_in_any_line(line):
    [found] = (await lines([line, *written(HOURS, "{:%Y-%m-%d %H:%M}".format)])).values()
    assert found == level(HOURS, 1)["Level"]


@pytest.mark.parametrize("line", [";Times 10 kg;UTC+1 area", "Time;Peak hours EST;UTC+1 area"])
async def test_names_of_several_columns_above_others_tell_no_zone(line):
    rows = [f"{at:%Y-%m-%d %H:%M};{n + 0.5};{n}" for n, at in enumerate(HOURS)]
    assert {min(found) for found in (await lines([line, "Time;Level;Flow", *rows])).values()} == {HOURS[0]}


async def test_am_and_pm_are_series_beside_clocks_of_a_morning():
    rows = [
        f"{at:%Y-%m-%d %H:%M};{name};{n + 0.5}" for n, at in enumerate(HOURS) if at.hour < 8 for name in ("AM", "PM")
    ]
    assert set(await lines(["Time;Band;Level", *rows])) == {"AM", "PM"}


async def test_days_down_and_clocks_across_are_in_the_zone_of_the_days():
    days = [datetime(2024, 1, 10 + n) for n in range(5)]
    rows = [f"{day:%Y-%m-%d};" + ";".join(str(day.day + n / 2) for n in range(4)) for day in days]
    found = await lines(["Date (UTC+01:00);00:00;06:00;12:00;18:00", *rows])
    expected = {day + timedelta(hours=6 * n - 1): day.day + n / 2 for day in days for n in range(4)}
    assert list(found.values()) == [expected]


async def test_times_that_are_not_in_utc_are_asked_about():
    rows = written(HOURS, "{:%Y-%m-%d %H:%M}".format, name="Time (not UTC)")
    assert (await asked("\n".join(rows))).field == "timezone"


async def test_a_forecast_of_a_day_ahead_is_no_column_of_days():
    rows = ["Time;Day-ahead forecast [MW];Load [MW]"]
    rows += [f"{at:%Y-%m-%d %H:%M};{50_000 + n * 37 % 90};{49_000 + n * 53 % 90}" for n, at in enumerate(HOURS)]
    assert sorted(await lines(rows)) == ["Day-ahead forecast [MW]", "Load [MW]"]


async def test_days_of_a_spreadsheet_begin_anew_at_each_station():
    days = range(45_292, 45_332)
    rows = [f"{place};{day};{day % 7}.{more}" for more, place in enumerate(("Faro", "Beja")) for day in days]
    found = await lines(["Station;Sample date;Level", *rows])
    assert found == {
        place: {datetime(1899, 12, 30) + timedelta(days=day): float(f"{day % 7}.{more}") for day in days}
        for more, place in enumerate(("Faro", "Beja"))
    }


def _padded(at):
    return f"{at:%Y.%m}"


def _last_zero_lost(at):
    return f"{at:%Y.%m}".removesuffix("0")


def _without_zeros(at):
    return f"{at.year}.{at.month}"


@pytest.mark.parametrize("write", [_padded, _last_zero_lost, _without_zeros])
@pytest.mark.parametrize("first", [0, 9])
async def test_months_behind_points_lose_zeros_and_stay_months(write, first):
    assert await lines(written(MONTHS[first:], write)) == level(MONTHS[first:])


@pytest.mark.parametrize(
    ("write", "times"),
    every(
        2,
        [
            (lambda at: f"{at:%d%b%Y:%H:%M:%S}".upper(), HOURS),
            (lambda at: f"{at:%b %d, %Y, %I:%M:%S %p}", HOURS),
            (lambda at: f"{at.month}/{at.day}/{at.year} {at.hour % 12 or 12}:{at:%M %p}", HOURS),
            (lambda at: f"Luna {RUMANIAN.split()[at.month - 1]} {at.year}", MONTHS),
            (lambda at: f"{at:%b}-{at.replace(month=at.month + 2):%b} {at.year}", QUARTERS),
            (lambda at: f"{'I' if at.month == 1 else 'II'} półrocze {at.year}", QUARTERS[::2]),
            (lambda at: f"{at.year}. {'I' if at.month == 1 else 'II'}. félév", QUARTERS[::2]),
        ],
    ),
)
async def test_times_are_read_as_they_are_written(write, times):
    assert await lines(written(times, write)) == level(times)


async def test_clocks_of_twelve_hours_have_their_zone_behind():
    rows = written(HOURS, lambda at: f"{at.month}/{at.day}/{at.year} {at.hour % 12 or 12}:{at:%M %p} GMT-5")
    assert await lines(rows) == level(HOURS, -5)


async def test_spans_that_are_no_quarters_are_asked_about():
    rows = written(MONTHS[:10], lambda at: f"{at:%b}-{at.replace(month=at.month + 2):%b} {at.year}")
    assert (await asked("\n".join(rows))).field == "date_format"


async def test_columns_numbered_like_quarters_beside_a_year_are_asked_about_with_their_reading():
    rows = [f"{year};{year % 9}.5;{year % 7}.5;{year % 5}.5;{year % 8}.5" for year in range(2010, 2020)]
    question = await asked("\n".join(["year;1;2;3;4", *rows]))
    found = await lines(["year;1;2;3;4", *rows], **question.alternatives[0])
    assert list(found.values()) == [
        {
            datetime(year, 3 * n + 1, 1): year % of + 0.5
            for year in range(2010, 2020)
            for n, of in enumerate((9, 7, 5, 8))
        }
    ]


async def test_years_across_have_a_currency_before_them():
    found = await lines(["Region;€ 2019;€ 2020;€ 2021", "North;8;7;9", "South;4;5;6"])
    assert found == {
        "North": {datetime(2019 + n, 1, 1): value for n, value in enumerate((8, 7, 9))},
        "South": {datetime(2019 + n, 1, 1): value for n, value in enumerate((4, 5, 6))},
    }


async def test_a_unit_behind_numbers_that_are_the_same_in_all_rows_of_a_month_is_left_off():
    names = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
    rows = [";".join(["1999", *["4 mm"] * 12]), ";".join(["2000", *["4 mm"] * 11, "7 mm"])]
    found = await lines([";".join(["Year", *names]), *rows])
    assert [sorted(line.values()) for line in found.values()] == [[4] * 23 + [7]]


async def test_a_year_a_day_of_it_and_a_clock_are_one_time():
    rows = [f"{at.year};{at.timetuple().tm_yday};{at.hour * 100 + at.minute};{n + 0.5}" for n, at in enumerate(HOURS)]
    assert await lines(["year;doy;hhmm;Level", *rows]) == level(HOURS)


async def test_numbers_with_signs_that_each_place_has_one_of_may_be_offsets():
    places = {"London": 0, "Berlin": 1, "Helsinki": 2}
    rows = [
        f"{place};{at + timedelta(hours=ahead):%Y-%m-%d %H:%M};{ahead:+};{n * 7 % 11}.{ahead}"
        for place, ahead in places.items()
        for n, at in enumerate(HOURS)
    ]
    question = await asked("\n".join(["Ort;Zeit;Versatz;Wert", *rows]))
    assert question.field == "time_columns"
    found = await lines(["Ort;Zeit;Versatz;Wert", *rows], **question.alternatives[0])
    assert found == {
        place: {at: float(f"{n * 7 % 11}.{ahead}") for n, at in enumerate(HOURS)} for place, ahead in places.items()
    }


async def test_depths_that_each_sensor_has_one_of_are_no_offsets():
    rows = [f"S{-down};{at:%Y-%m-%d %H:%M};{down};{n}.5" for down in (-1, -2, -5) for n, at in enumerate(HOURS)]
    assert len(await lines(["Sensor;Time;Depth;Value", *rows])) == 3


async def test_changes_with_signs_are_no_offsets_of_places():
    rows = [
        f"{place};{at:%Y-%m-%d %H:%M};{n * 5 % 7 - 3:+};{n * 7 % 11}.5"
        for place in ("North", "South")
        for n, at in enumerate(HOURS)
    ]
    assert len(await lines(["Ort;Zeit;Tendenz;Wert", *rows])) == 4


async def test_names_of_months_in_hebrew_are_read_in_their_code_page():
    names = ["ינואר", "פברואר", "מרץ", "אפריל", "מאי", "יוני", "יולי", "אוגוסט", "ספטמבר", "אוקטובר", "נובמבר", "דצמבר"]
    rows = ["חודש,מדד", *(f"{names[at.month - 1]} {at.year},{n + 0.5}" for n, at in enumerate(MONTHS))]
    run = await reading("\n".join(rows).encode("cp1255"))
    assert {name: list(line.values()) for name, line in run.points.items()} == {
        "מדד": list(level(MONTHS)["Level"].values())
    }


async def test_rows_that_date_the_columns_above_the_times_are_no_rows_and_name_none():
    rows = ["Title,Index,Rate", "PreUnit,,", "Unit,2015=100,%", "Release date,17-01-2024,17-01-2024"]
    rows += ["Next release,14 February 2024,14 February 2024", "Important notes,,"]
    rows += [f"{at:%Y %b},{n + 0.5},{n * 7 % 9}.5" for n, at in enumerate(MONTHS)]
    found = await lines(rows)
    assert found == {
        "Index": {at: n + 0.5 for n, at in enumerate(MONTHS)},
        "Rate": {at: float(f"{n * 7 % 9}.5") for n, at in enumerate(MONTHS)},
    }


@pytest.mark.parametrize(
    ("name", "days"), [("Date (MM/DD/YYYY)", datetime(2024, 6, 1)), ("Data (dd/mm/aaaa)", datetime(2024, 1, 6))]
)
async def test_the_name_of_a_date_says_its_order(name, days):
    times = [days + timedelta(minutes=15 * n) for n in range(40)]
    rows = [f"{name};Time (HH:mm:ss);Level", *(f"06/01/2024;{at:%H:%M:%S};{n + 0.5}" for n, at in enumerate(times))]
    assert await lines(rows) == level(times)


async def test_a_date_in_two_orders_beside_a_clock_is_asked_about_with_both_in_one_form():
    times = [datetime(2024, 6, 1) + timedelta(minutes=15 * n) for n in range(40)]
    rows = ["Date;Time;Level", *(f"06/01/2024;{at:%H:%M:%S};{n + 0.5}" for n, at in enumerate(times))]
    question = await asked("\n".join(rows))
    assert level(times) in [await lines(rows, **answer) for answer in question.alternatives]


async def test_moving_quarters_beside_a_year_name_no_series():
    spans = ["Ene - Mar", "Feb - Abr", "Mar - May", "Abr - Jun", "May - Jul", "Jun - Ago", "Jul - Sep"]
    rows = [f"{year};{span};{n * 5 % 7}.5" for year in (2021, 2022, 2023) for n, span in enumerate(spans)]
    assert (await asked("\n".join(["Año;Trimestre móvil;Tasa", *rows]))).field == "time_columns"


@pytest.mark.parametrize("name", ["Tid (norsk normaltid)", "Hora peninsular"])
async def test_the_standard_time_of_a_country_is_asked_about(name):
    assert (await asked("\n".join(written(HOURS, "{:%Y-%m-%d %H:%M}".format, name=name)))).field == "timezone"


async def test_a_time_in_finnish_parts_is_read():
    rows = [f"{at.year};{at.month};{at.day};{at:%H:%M};{n + 0.5}" for n, at in enumerate(HOURS)]
    assert await lines(["Vuosi;Kuukausi;Päivä;Aika [UTC];Level", *rows]) == level(HOURS)


async def test_milliseconds_stand_behind_a_colon():
    times = [datetime(2024, 3, 14, 9) + timedelta(milliseconds=10_037 * n) for n in range(40)]
    rows = written(times, lambda at: f"{at:%m/%d/%Y %H:%M:%S}:{at.microsecond // 1_000:03}")
    assert await lines(rows) == level(times)


async def test_quarters_in_roman_numerals_without_words_are_asked_about_with_their_reading():
    rows = written(QUARTERS, lambda at: f"{at.year} {('I', 'II', 'III', 'IV')[at.month // 3]}", name="Okres")
    question = await asked("\n".join(rows))
    assert level(QUARTERS) in [await lines(rows, **answer) for answer in question.alternatives]


async def test_a_year_below_all_months_is_theirs():
    names = INDONESIAN.split()
    rows = ["Provinsi;Jumlah" + ";" * 12, ";".join(["", *names, "Tahunan"]), ";".join(["", *["2023"] * 13])]
    rows += [";".join([place, *(f"{n + of}.5" for n in range(12)), "999"]) for place, of in (("Aceh", 3), ("Bali", 40))]
    found = await lines(rows)
    assert found == {
        place: {datetime(2023, n + 1, 1): n + of + 0.5 for n in range(12)} for place, of in (("Aceh", 3), ("Bali", 40))
    }


async def test_hours_to_the_next_down_and_days_across_are_asked_about_in_both_orders_of_the_days():
    days = [datetime(2024, 1, 1 + n) for n in range(6)]
    rows = ["Hours;" + ";".join(f"{day:%d-%m-%Y}" for day in days)]
    rows += [f"{n:02} - {(n + 1) % 24:02};" + ";".join(f"{n * day.day % 17}.5" for day in days) for n in range(24)]
    question = await asked("\n".join(rows))
    expected = {day + timedelta(hours=n): n * day.day % 17 + 0.5 for day in days for n in range(24)}
    read = [await lines(rows, **answer) for answer in question.alternatives if "time_columns" in answer]
    assert expected in [line for found in read for line in found.values()]


@pytest.mark.parametrize("day", ["%m/%d/%Y", "%Y-%m-%d"])
@pytest.mark.parametrize("mark", [";", " "])
async def test_the_half_of_the_day_stands_in_a_column_of_its_own(day, mark):
    times = [datetime(2024, 3, 19) + timedelta(minutes=40 * n) for n in range(70)]
    rows = [f"Date{mark}Time;AM/PM;Level"]
    rows += [f"{at:{day}}{mark}{at.hour % 12 or 12}:{at:%M};{at:%p};{n + 0.5}" for n, at in enumerate(times)]
    assert await lines(rows) == level(times)


@pytest.mark.parametrize("noon", [0, 12])
@pytest.mark.parametrize("write", ["{day};{hour}", "{day};{hour:02}:00", "{day}T{hour:02}:00", "{day} {hour}:00"])
async def test_hours_have_their_half_of_the_day_in_a_column_of_its_own(write, noon):
    cells = [write.format(day=at.date(), hour=at.hour % 12 or noon) for at in HOURS]
    rows = [f"{cell};{at:%p};{n + 0.5}" for n, (cell, at) in enumerate(zip(cells, HOURS, strict=True))]
    names = "Date;Hour;Half;Level" if ";" in write else "Time;Half;Level"
    assert await lines([names, *rows]) == level(HOURS)


@pytest.mark.parametrize("write", ["%Y-%m-%d", "%Y-%m-%d %H:%M"])
async def test_am_and_pm_are_series_where_no_clock_needs_them(write):
    times = [datetime(2024, 1, 1) + timedelta(hours=n * (1 if "H" in write else 24)) for n in range(24)]
    rows = [
        f"{at:{write}};{name};{n + plus}" for n, at in enumerate(times) for name, plus in (("AM", 0.5), ("PM", 0.25))
    ]
    expected = {name: {at: n + plus for n, at in enumerate(times)} for name, plus in (("AM", 0.5), ("PM", 0.25))}
    assert await lines(["Date;Session;Level", *rows]) == expected


@pytest.mark.parametrize(
    "named", every(2, ["fecha;dato", "jour;cas", "date;EV", "date;gun", "date;luna", "date;clock"])
)
async def test_words_of_times_in_one_language_name_values_in_another(named):
    days = [datetime(2024, 1, 1) + timedelta(days=n) for n in range(30)]
    first = 1 if named.endswith(("gun", "luna")) else 1950
    values = [first + n * 7 % 11 if first == 1 else first + n for n in range(30)]
    found = await lines([named, *(f"{at:%Y-%m-%d};{each}" for at, each in zip(days, values, strict=True))])
    assert found == {named.partition(";")[2]: dict(zip(days, values, strict=True))}


async def test_letters_behind_roman_numbers_are_no_half_years():
    rows = [f"{1990 + n};{n + 0.5};{n + 0.25}" for n in range(20)]
    assert list(await lines(["Year;S I;S II", *rows])) == ["S I", "S II"]


async def test_dates_in_two_orders_beside_halves_of_the_day_are_asked_about_with_all_three():
    times = [datetime(2024, 3, 9) + timedelta(hours=n) for n in range(20)]
    rows = [f"{at:%m/%d/%Y};{at.hour % 12 or 12}:{at:%M};{at:%p};{n + 0.5}" for n, at in enumerate(times)]
    question = await asked("\n".join(["Date;Time;Half;Level", *rows]))
    read = [await lines(["Date;Time;Half;Level", *rows], **answer) for answer in question.alternatives]
    assert level(times) in read


async def test_a_name_that_says_two_orders_of_a_date_tells_none():
    days = [datetime(2024, 3, 1 + n) for n in range(12)]
    question = await asked("\n".join(written(days, "{:%d/%m/%Y}".format, name="Date (dd/mm/yyyy or mm/dd/yyyy)")))
    assert question.field == "date_format"


@pytest.mark.parametrize(
    "write",
    [
        lambda at: f"{['lun', 'mar', 'mer', 'jeu', 'ven', 'sam', 'dim'][at.weekday()]}. {at:%d/%m/%Y}",
        lambda at: f"{GERMAN.split()[at.weekday()]}, {at.day}. Januar {at.year}",
    ],
)
async def test_days_of_the_week_before_a_date_are_no_part_of_it(write):
    days = [datetime(2024, 1, 1 + n) for n in range(30)]
    assert await lines(written(days, write, name="Datum")) == level(days)


@pytest.mark.parametrize("beside", ["Forecast Jan-Mar 2025", "Jan 2025;Feb 2025"])
async def test_quarters_stay_beside_what_is_no_month_of_them(beside):
    names = f"Region;Jan-Mar 2024;Apr-Jun 2024;Jul-Sep 2024;Oct-Dec 2024;{beside}"
    rows = [";".join([place, *(f"{n * 7 % 5}.{n}" for n in range(names.count(";")))]) for place in ("North", "South")]
    await asked("\n".join([names, *rows]))


async def test_quarters_that_are_sums_of_their_months_are_left_out():
    names = "Region;Jan 2024;Feb 2024;Mar 2024;Jan-Mar 2024;Apr 2024;May 2024;Jun 2024;Apr-Jun 2024"
    found = await lines([names, "North;1;2;3;6;4;5;6;15", "South;2;2;2;6;3;3;3;9"])
    assert [list(line.values()) for line in found.values()] == [[1, 2, 3, 4, 5, 6], [2, 2, 2, 3, 3, 3]]


@pytest.mark.parametrize("clock", ["Peak time", "Sunrise", "Time of maximum", "Hora do pico"])
async def test_a_clock_of_something_in_the_day_is_asked_about(clock):
    days = [datetime(2024, 5, 1) + timedelta(days=n) for n in range(30)]
    rows = [f"{at:%Y-%m-%d};{9 + n % 7:02}:{n * 7 % 60:02};{n + 0.5}" for n, at in enumerate(days)]
    question = await asked("\n".join([f"Date;{clock};Load", *rows]))
    assert question.alternatives == [{"time_columns": ["Date", clock]}, {"time_column": "Date"}]


@pytest.mark.parametrize("clock", ["time (hh:min)", "Time [h:min]"])
async def test_minutes_in_the_form_of_a_clock_are_no_minimum(clock):
    times = [datetime(2024, 5, 1) + timedelta(days=n, hours=9 + n % 7, minutes=n * 7 % 60) for n in range(30)]
    rows = [f"{at:%Y-%m-%d};{at:%H:%M};{n + 0.5}" for n, at in enumerate(times)]
    assert await lines([f"Date;{clock};Level", *rows]) == level(times)


async def test_clocks_without_colons_stand_below_the_word_for_them():
    rows = [f"{at:%Y-%m-%d};{at:%H%M};{n + 0.5}" for n, at in enumerate(HOURS)]
    assert await lines(["Date;Clock;Level", *rows]) == level(HOURS)


async def test_tables_beside_each_other_with_times_of_their_own_are_asked_about():
    days = [datetime(2024, 5, 1) + timedelta(days=n) for n in range(30)]
    other = [*days[:20], *days[21:]]  # a row less
    rows = [
        f"{at:%Y-%m-%d};{n};{late:%Y-%m-%d};{n + 0.5}" for n, (at, late) in enumerate(zip(days, other, strict=False))
    ]
    names = "Date;Flow;Date;Level"
    question = await asked("\n".join([names, *rows, f"{days[-1]:%Y-%m-%d};29;;"]))
    assert await lines([names, *rows], **question.alternatives[1]) == level(other)
    alike = [f"{at:%Y-%m-%d};{n};{at:%Y-%m-%d};{n + 0.5}" for n, at in enumerate(days)]
    assert len(await lines([names, *alike])) == 2


async def test_words_that_begin_like_days_of_the_week_are_names_of_series():
    days = [datetime(2024, 1, 1 + n) for n in range(30)]
    names = {"Sonde 01.02.2024": 0.5, "Wolke 01.02.2024": 0.25}
    rows = [f"{at:%Y-%m-%d};{name};{n + plus}" for n, at in enumerate(days) for name, plus in names.items()]
    assert await lines(["Date;Device;Level", *rows]) == {
        name: {at: n + plus for n, at in enumerate(days)} for name, plus in names.items()
    }


@pytest.mark.parametrize("line", ["Zeitzone;UTC+1;ganzjährig", "All times;UTC+1;", "Station;Time zone;UTC+1"])
async def test_a_zone_in_a_cell_of_its_own_above_several_columns_is_told(line):
    rows = [f"{at:%Y-%m-%d %H:%M};{n + 0.5};{n % 7 + 0.25}" for n, at in enumerate(HOURS)]
    found = await lines([line, "Time;Level;Flow", *rows])
    assert {min(points) for points in found.values()} == {HOURS[0] - timedelta(hours=1)}


@pytest.mark.parametrize("line", ["Timezone;MEZ;DWD;Bonn", "All times;MEZ;DWD;Bonn"])
async def test_letters_of_a_zone_behind_words_of_it_above_names_are_asked_about(line):
    rows = [f"{at:%Y-%m-%d %H:%M};{n + 0.5};{n % 7};{n % 5}" for n, at in enumerate(HOURS)]
    assert (await asked("\n".join([line, "Time;A;B;C", *rows]))).field == "timezone"


@pytest.mark.parametrize("upper", ["Time;EST;EST;ACT;ACT", "Hour;MST;WET;EST;ACT"])
async def test_letters_of_a_zone_above_names_are_groups_of_columns(upper):
    rows = [f"{at:%Y-%m-%d %H:%M};{n};{n % 7};{n % 5};{n % 3}" for n, at in enumerate(HOURS)]
    found = await lines([upper, ";Low;High;Low;High" if upper[0] == "T" else "Time;A;B;C;D", *rows])
    assert [list(points) for points in found.values()] == [HOURS] * 4


async def test_a_zone_behind_its_mark_in_a_comment_is_told():
    rows = [f"{at:%Y%m%d%H%M%S} {n % 9 + 0.5}" for n, at in enumerate(HOURS)]
    found = await lines(["#REXCHANGE123|*|", "#TZUTC+1|*|SNAMEHorta|*|", *rows])
    assert [min(points) for points in found.values()] == [HOURS[0] - timedelta(hours=1)]


async def test_days_in_digits_beside_clocks_need_no_names():
    rows = [f"{at:%Y%m%d};{at:%H:%M:%S};{n % 9 + 0.5}" for n, at in enumerate(HOURS)]
    assert [list(points) for points in (await lines(rows)).values()] == [HOURS]


async def test_months_of_one_year_across_are_times_whatever_word_stands_before_their_year():
    months = [
        "Dezembro",
        "Novembro",
        "Outubro",
        "Setembro",
        "Agosto",
        "Julho",
        "Junho",
        "Maio",
        "Abril",
        "Março",
        "Fevereiro",
        "Janeiro",
    ]
    head = [
        "Taxa de variação (%); Mensal (1)",
        "",
        ";Período (2)",
        ";" + ";".join(f"{name} de 2023" for name in months),
    ]
    found = await lines(
        [*head, "Faro;" + ";".join(f"{n},5" for n in range(12)), "Beja;" + ";".join(f"{n},7" for n in range(12))]
    )
    assert {name: points[datetime(2023, 12, 1)] for name, points in found.items()} == {"Faro": 0.5, "Beja": 0.7}
    assert [len(points) for points in found.values()] == [12, 12]


def hourly(at):
    return f"{at.year};{at.month};{at.day};{at.hour}"


@pytest.mark.parametrize(
    ("names", "write"),
    [
        ("Rok;Měsíc;Den;Hodina", hourly),
        ("Vuosi;Kk;Pv;Kello", hourly),
        ("A;B;C;D", hourly),
        ("Dan;Mesec;Leto;Ura", lambda at: f"{at.day};{at.month};{at.year};{at.hour}"),
        ("Leto;Mesec;Dan;Ura", lambda at: f"{at.year};{at.month};{at.day};{at:%H:%M}"),
    ],
)
async def test_columns_that_turn_over_as_a_calendar_does_are_its_parts_whatever_they_are_called(names, write):
    times = [datetime(2024, 2, 27) + timedelta(hours=n) for n in range(72) if n % 19]
    assert await lines(written(times, write, names)) == level(times)


async def test_parts_that_turn_over_are_told_by_the_first_rows_of_a_long_table_of_several_stations():
    times = [datetime(2020, 1, 1) + timedelta(hours=n) for n in range(2_000)]
    rows = [
        f"{name};{hourly(at)};{n % 31 + shift}"
        for name, shift in (("A", 0.5), ("B", 0.25))
        for n, at in enumerate(times)
    ]
    found = await lines(["Postaja;Leto;Mesec;Dan;Ura;Pretok", *rows])
    assert [list(points) for points in found.values()] == [times, times]


@pytest.mark.parametrize(
    "row",
    [
        lambda n: f"{2020 + n // 12};{n % 12 + 1};{n % 31 + 1}",  # a group and a rank, which turn over each for itself
        lambda n: f"{2020 + n // 12};{n % 12 + 1};{n * 7 % 29 + 1}",
        lambda n: f"{2020 + n % 4};{n // 4 % 12 + 1};{n % 28 + 1}",
        lambda n: f"{2012 + n // 12};1;{n % 12 + 1}",  # ranks of each year, which are no days of a January
        lambda n: f"{2012 + n // 24};2;{n % 24 + 1}",
    ],
)
async def test_numbers_beside_years_that_make_no_calendar_are_no_parts_of_times(row):
    question = await asked("\n".join(["Year;Group;Rank;Score", *(f"{row(n)};{n * 7 % 30 + 0.5}" for n in range(96))]))
    assert "repeats its times" in str(question)


@pytest.mark.parametrize(
    "write",
    [
        lambda at: f"{at.year} {at.month // 3 + 1}/4",
        lambda at: f"{at.year}年第{'一二三四'[at.month // 3]}季度",
        lambda at: f"{at.year}年{at.month}～{at.month + 2}月期",
        lambda at: f"{at.month // 3 + 1}T{at:%y}",
        lambda at: f"{at.year}. gada {at.month // 3 + 1}. ceturksnis",
        lambda at: f"Quý {['I', 'II', 'III', 'IV'][at.month // 3]}/{at.year}",
    ],
)
async def test_quarters_of_other_languages_are_read(write):
    assert await lines(written(QUARTERS, write)) == level(QUARTERS)


@pytest.mark.parametrize(
    "write", [lambda at: f"Tháng {at.month}/{at.year}", lambda at: f"{at:%Y. %m}", lambda at: f"{at:%Y:%m}"]
)
async def test_months_of_other_languages_are_read(write):
    assert await lines(written(MONTHS, write)) == level(MONTHS)


async def test_weeks_by_an_s_are_read_below_a_name_of_times_and_are_names_of_series_elsewhere():
    weeks = [datetime(2023, 10, 2) + timedelta(weeks=n) for n in range(20)]
    assert await lines(written(weeks, lambda at: f"{at:%G-S%V}", "Semaine")) == level(weeks)
    rows = [f"2024-01-{day:02};2023-S{place};{day + place / 2}" for place in range(10, 14) for day in range(1, 9)]
    assert len(await lines(["Date;Site;Level", *rows])) == 4


async def test_quarters_with_colons_and_roman_numerals_are_asked_about_with_their_reading():
    rows = written(QUARTERS, lambda at: f"{at.year}:{['I', 'II', 'III', 'IV'][at.month // 3]}")
    assert {"time_column": "Time", "date_format": "quarter:la"} in (await asked("\n".join(rows))).alternatives


@pytest.mark.parametrize(
    "form", ["%Y.%m.%d. %H:%M", "%d.%m.%Y. %H:%M", "%d/%m/%Y;%H:%M:%S UTC", "%Y-%m-%d;%H:%MZ", "%Y-%m-%d;%H:%M:%S.000Z"]
)
async def test_dates_with_a_point_behind_them_and_clocks_with_their_zone_are_read(form):
    names = ";".join(["Date", "Time"][: 1 + form.count(";")])
    assert await lines(written(HOURS, lambda at: f"{at:{form}}", names)) == level(HOURS)


async def test_comments_by_percent_signs_name_no_columns():
    rows = [f"{at:%Y %m %d %H} {n + 0.5:6.2f}" for n, at in enumerate(HOURS)]
    head = ["% Station 12", "% lat 37.1 lon -8.2", "% columns: year month day hour level", "%"]
    assert list((await lines([*head, *rows])).values()) == list(level(HOURS).values())


@pytest.mark.parametrize("names", ["Month;Day;Year", "mm;dd;yyyy", "Měsíc;Den;Rok", "Day;Month;Year"])
async def test_months_on_their_first_days_are_no_days_of_a_month_whatever_order_would_do(names):
    months = [datetime(2018 + n // 12, n % 12 + 1, 1) for n in range(60)]
    first = names in ("Day;Month;Year",)
    rows = written(months, lambda at: f"1;{at.month};{at.year}" if first else f"{at.month};1;{at.year}", names)
    assert await lines(rows) == level(months)


async def test_columns_that_run_as_days_do_are_what_their_names_say_they_are():
    days = [datetime(2023, 11, 1) + timedelta(days=n) for n in range(90)]
    rows = [f"{day.year};{day.month};{day.day};{n % 7}.5" for n, day in enumerate(days)]
    await asked("\n".join(["Year;Day;Month;Level", *rows]))
    assert await lines(["Year;x;y;Level", *rows]) == {"Level": {day: n % 7 + 0.5 for n, day in enumerate(days)}}


async def test_of_two_times_in_columns_without_words_none_is_taken_for_certain():
    days = [datetime(2024, 3, 1) + timedelta(days=n) for n in range(60)]
    later = [day + timedelta(days=3) for day in days]
    rows = [
        f"{a.year};{a.month};{a.day};{b.year};{b.month};{b.day};{n % 7}.5"
        for n, (a, b) in enumerate(zip(days, later, strict=True))
    ]
    await asked("\n".join(["A;B;C;D;E;F;Level", *rows]))


@pytest.mark.parametrize("mark", [":", "-", "/", ". "])
@pytest.mark.parametrize("part", [4, 2])
async def test_numbers_that_begin_anew_each_year_are_asked_about_as_quarters_or_halves(mark, part):
    begins = [datetime(2015 + n // part, n % part * (12 // part) + 1, 1) for n in range(6 * part)]
    rows = written(begins, lambda at: f"{at.year}{mark}{(at.month - 1) * part // 12 + 1:02}", "Date")
    await is_asked_as(part, rows, begins)


async def is_asked_as(part, rows, begins):
    question = await asked("\n".join(rows))
    form = {4: "quarter", 2: "half"}[part]
    assert form in question.choices
    config, points = {"date_format": form}, level(begins)
    assert await lines(rows, **config) == points


@pytest.mark.parametrize("form", ["{}. {}.", "{1:02}/{0}"])
async def test_quarters_of_two_years_are_asked_about_however_they_are_written(form):
    begins = [datetime(2015 + n // 4, n % 4 * 3 + 1, 1) for n in range(8)]
    await is_asked_as(4, written(begins, lambda at: form.format(at.year, at.month // 3 + 1), "Date"), begins)


async def test_numbers_that_begin_anew_are_months_where_other_years_have_more_or_the_name_says_so():
    few = [datetime(year, month, 1) for year in (2018, 2019) for month in range(1, 5)]
    times = few + [datetime(2020, month, 1) for month in range(1, 13)]
    assert await lines(written(times, "{:%Y-%m}".format, "Date")) == level(times)
    assert await lines(written(few, "{:%Y-%m}".format, "Mês")) == level(few)


@pytest.mark.parametrize(
    ("months", "years"), [((1, 2, 3, 4), 1), ((1, 2, 3, 4, 5), 3), ((1, 3, 4), 3), (range(1, 13), 2), ((1, 2), 2)]
)
async def test_months_that_are_no_numbers_of_quarters_are_months(months, years):
    times = [datetime(2015 + year, month, 1) for year in range(years) for month in months]
    assert await lines(written(times, "{:%Y-%m}".format, "Date")) == level(times)


async def test_a_row_of_percentages_is_no_comment():
    rows = ["Unit;2020;2021;2022;2023", "%;3.1;3.2;3.3;3.5", "kg;4.5;4.1;4.9;4.4"]
    assert sorted(len(points) for points in (await lines(rows)).values()) == [4, 4]


async def test_codes_of_quarters_that_may_be_of_two_centuries_are_asked_about():
    begins = [datetime(1950 + n // 4, n % 4 * 3 + 1, 1) for n in range(40)]
    rows = written(begins, lambda at: f"{at.month // 3 + 1}T{at:%y}", "Trimestre")
    assert "quarter|1900" in (await asked("\n".join(rows))).choices
    assert await lines(rows, date_format="quarter|1900") == level(begins)


@pytest.mark.parametrize(("name", "rank"), [("column 1", 2), ("zone", 0)])
def test_codes_that_look_like_days_and_come_again_are_no_times_where_they_have_another_name(name, rank):
    cells = [f"{HOURS[0] + timedelta(days=n // 2):%Y%m%d}" for n in range(28)]
    assert Column(name, cells).time_rank == rank
