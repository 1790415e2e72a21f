"""Rows that stand above others as their section: a year above its months, a place above its years."""

from datetime import date, timedelta

import pytest

from discovering import asked, reading
from slackwater.model.instants import from_micros

MONTHS = ["Januar", "Februar", "März", "April", "Mai", "Juni"]
PLACES = {"Nord": 4000, "Süd": 5000}


async def lines(text):
    """What is read, each line as its months and values."""
    run = await reading(text)
    assert not run.rejected_count
    return sorted(
        [(f"{from_micros(at):%Y-%m}", value) for at, value in sorted(line.items())] for line in run.points.values()
    )


@pytest.mark.parametrize("beside", ["2022;;\n", "2022;999;1998\n"])
async def test_months_below_a_year_are_its_own_and_the_sum_beside_it_is_none(beside):
    text = "Monat;Inland;Ausland\n"
    for year in (2022, 2023):
        text += beside.replace("2022", str(year))
        text += "".join(f"{name};{year + n};{n}\n" for n, name in enumerate(MONTHS, 1))
    times = [(year, n) for year in (2022, 2023) for n in range(1, 7)]
    assert await lines(text) == [
        [(f"{year}-{n:02}", float(n)) for year, n in times],
        [(f"{year}-{n:02}", float(year + n)) for year, n in times],
    ]


async def test_years_below_a_place_are_a_series_of_it():
    text = "Jahr;Gäste\n" + "".join(
        f"{place};\n" + "".join(f"{year};{year + more}\n" for year in range(2018, 2023))
        for place, more in PLACES.items()
    )
    assert await lines(text) == [
        [(f"{year}-01", float(year + more)) for year in range(2018, 2023)] for more in PLACES.values()
    ]


async def test_rows_of_a_wide_table_below_places_are_told_apart_by_them():
    text = "Region;2020;2021\n" + "".join(
        f"{place};;\nHotels;{more};{more + 1}\nPensionen;{more + 2};{more + 3}\n" for place, more in PLACES.items()
    )
    assert await lines(text) == [
        [("2020-01", float(more + n)), ("2021-01", float(more + n + 1))] for more in PLACES.values() for n in (0, 2)
    ]


async def test_a_remark_between_rows_is_no_section_of_them():
    days = [f"2023-01-{day:02},{day}.5\n" for day in range(1, 11)]
    seen = await lines("".join(["date,level\n", *days[:4], "Note: the gauge was cleaned,\n", *days[4:]]))
    assert [len(line) for line in seen] == [10]


def below(blocks, name="Monat;Inland"):
    """A table of two columns: rows that are sections, each with those below it."""
    return f"{name}\n" + "".join(
        f"{section}\n" + "".join(f"{row};{n}.5\n" for n, row in enumerate(rows)) for section, rows in blocks
    )


@pytest.mark.parametrize(
    "text",
    [
        # Years with numbers of their own above the year of the months: these may be of the next one.
        below([("2020;400", []), ("2021;410", []), ("2022;420", MONTHS)]),
        # Clocks past midnight below the date on which they begin.
        below([(f"0{day}.01.2023;", ["22:00", "23:00", "00:00", "01:00"]) for day in (1, 2)]),
        # A row without numbers looks as a section does.
        below([("Nord;", ["Hotels", "Inns"]), ("Süd;", ["Hotels"]), ("Camping;", ["Inns", "Huts"])], "Ort;2020"),
        # The sum of the table is none of its last section.
        below([("Nord;", ["Hotels", "Inns"]), ("Süd;", ["Hotels", "Inns", "Total"])], "Ort;2020"),
    ],
)
async def test_rows_that_may_be_no_sections_are_asked_about(text):
    assert (await asked(text)).field


async def test_rows_alone_among_times_that_never_come_again_are_sections_or_remarks():
    text = below([("Nord;", range(2010, 2014)), ("Süd;", range(2014, 2018))], "Jahr;Gäste")
    sections, remarks = (await asked(text)).alternatives
    assert [len(line) for line in (await reading(text, **sections)).points.values()] == [4, 4]
    assert [len(line) for line in (await reading(text, **remarks)).points.values()] == [8]


@pytest.mark.parametrize("split", [True, False])
async def test_months_that_end_in_another_year_are_asked_about(split):
    turned = ["Juli", "Oktober", "Dezember", *MONTHS]
    rows = [("2021;", turned), ("2022;", turned)]
    listed = "".join(f"{year}{month};{n}.5\n" for year, months in rows for n, month in enumerate(months))
    text = below(rows) if split else f"Jahr;Monat;Inland\n{listed}"
    question = await asked(text)
    [answer] = question.alternatives
    assert question.field == "time_columns"
    assert [len(line) for line in (await reading(text, **answer)).points.values()] == [18]


async def test_a_first_year_that_begins_in_july_and_years_that_run_backwards_are_read():
    late, back = ["Juli", "August"], MONTHS[::-1]
    [line] = await lines(below([("2021;", late), ("2022;", MONTHS)]))
    assert [month for month, _ in line][:3] == ["2021-07", "2021-08", "2022-01"]
    [line] = await lines(below([("2022;", back), ("2021;", back)]))
    assert line[0] == ("2021-01", 5.5)


@pytest.mark.parametrize("again", [True, False])
async def test_sections_that_begin_behind_the_first_rows_are_found(again):
    rows, expected = ["Date,Value"], {}
    for n, name in enumerate("ABC"):
        rows.append(f"Station {name},")
        first = date(2005 if again else 2005 + 5 * n, 1, 1)
        for day in range(1_200):
            rows.append(f"{first + timedelta(days=day)},{day % 97}.{n}")
        expected[f"Station {name}"] = [float(f"{day % 97}.{n}") for day in range(1_200)]
    content, config = "\n".join(rows), {}
    if not again:  # nothing tells whether they are remarks
        question = await asked(content)
        config, _ = question.alternatives
    run = await reading(content, **config)
    assert {name: list(line.values()) for name, line in run.points.items()} == expected


def titled(titles, names, rows):
    """Tables below one another, each below its title."""
    return "\n".join(line for n, title in enumerate(titles) for line in (title, names, *rows(n), "")) + "\n"


@pytest.mark.parametrize("days", [20, 1_200])
@pytest.mark.parametrize("titles", [("Faro", "Beja", "Sines"), ("Station: 1", "Station: 2", "Station: 3")])
async def test_titles_above_names_that_come_again_are_sections(titles, days):
    run = await reading(
        titled(
            titles,
            "Date,Rain",
            lambda n: [f"{date(2024, 1, 1) + timedelta(days=day)},{day % 97}.{n}" for day in range(days)],
        )
    )
    assert {name: list(line.values()) for name, line in run.points.items()} == {
        title: [float(f"{day % 97}.{n}") for day in range(days)] for n, title in enumerate(titles)
    }
    assert not run.rejected_count


async def test_titles_above_years_across_are_sections_and_names_that_come_again_no_values():
    text = titled(
        ("Men;;", "Women;;"),
        "Region;2020;2021",
        lambda n: [f"{place};{more + n};{more + n + 5}" for place, more in PLACES.items()],
    )
    run = await reading(text)
    assert sorted(sorted(line.values()) for line in run.points.values()) == [
        [more + n, more + n + 5] for more in PLACES.values() for n in (0, 1)
    ]


async def test_titles_above_tables_whose_times_go_on_are_asked_about():
    text = titled(
        ("Faro", "Beja"), "Date,Rain", lambda n: [f"{date(2024, 1 + n, day)},{day}.5" for day in range(1, 21)]
    )
    sections, remarks = (await asked(text)).alternatives
    assert [len(line) for line in (await reading(text, **sections)).points.values()] == [20, 20]
    assert [len(line) for line in (await reading(text, **remarks)).points.values()] == [40]


@pytest.mark.parametrize(
    "titles",
    [
        ("Report", "Report"),
        ("Daily levels", "Page 2 of 2"),
        ("", "Gauge cleaned"),
        ("Page 1", "Page 2"),
        ("Report", "Report (continued)"),
        ("Seite 1 von 2", "Seite 2 von 2"),
    ],
)
async def test_titles_of_pages_and_remarks_are_no_sections(titles):
    text = titled(titles, "Date,Level", lambda n: [f"{date(2024, 1 + n, day)},{day}.5" for day in range(1, 21)])
    assert [len(line) for line in (await reading(text.lstrip("\n"))).points.values()] == [40]


@pytest.mark.parametrize("titles", [("Corriente", "Corriente continua"), ("Hotel", "Hotel Suite")])
async def test_titles_with_one_more_word_are_asked_about_though_the_word_may_say_that_a_table_goes_on(titles):
    text = titled(titles, "Date,Level", lambda n: [f"{date(2024, 1 + n, day)},{day}.5" for day in range(1, 21)])
    assert [len(line) for line in (await reading(text, **(await asked(text)).alternatives[0])).points.values()] == [
        20,
        20,
    ]


@pytest.mark.parametrize("last", ["(cont.)", "– cont'd", "(Forts.)", "(suite)", "continued"])
async def test_a_table_that_goes_on_is_one(last):
    text = titled(
        ("Faro", f"Faro {last}"), "Date,Level", lambda n: [f"{date(2024, 1 + n, day)},{day}.5" for day in range(1, 21)]
    )
    assert [len(line) for line in (await reading(text)).points.values()] == [40]


@pytest.mark.parametrize("title", ["Monthly sales", "Table 7", "Sales 2020 to 2022"])
@pytest.mark.parametrize("sums", [True, False])
@pytest.mark.parametrize("blank", [[], [";"]])
async def test_a_title_above_years_with_their_months_is_no_section(title, sums, blank):
    months = [date(2020 + n // 12, n % 12 + 1, 1) for n in range(36)]
    rows = [
        line
        for n, month in enumerate(months)
        for line in ([*blank, f"{month.year};{'77' if sums else ''}", *blank] if month.month == 1 else [])
        + [f"{month:%b};{n % 7}.5"]
    ]
    [points] = (await reading("\n".join([title, "Month;Sales", *rows]))).points.values()
    assert list(points.values()) == [float(f"{n % 7}.5") for n in range(36)]
