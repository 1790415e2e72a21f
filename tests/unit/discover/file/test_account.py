"""Rows and numbers that a table holds are read, counted or asked about; none is dropped without a word."""

import pytest

from discovering import asked, reading
from runs import Recorder

DAYS = [f"2024-03-{day:02};{day}.5" for day in range(1, 29)]


def count(run: Recorder) -> int:
    return sum(map(len, run.points.values()))


@pytest.mark.parametrize(("above", "below"), [(3, 20), (20, 3), (20, 1), (2, 28), (1_500, 20), (1_200, 1_200)])
async def test_of_two_tables_one_below_the_other_one_is_asked_for(above, below):
    upper = [f"{n % 28 + 1:02}.03.{1700 + n // 28};{n}" for n in range(above)]
    text = "\n".join(["Tag;Zulauf", *upper, "", "Datum;Abfluss", *(DAYS * 50)[:below]])
    question = await asked(text)
    assert question.field == "last_row"
    assert {"header_row": above + 3} in question.alternatives
    assert {"last_row": above + 2} in question.alternatives


@pytest.mark.parametrize(
    "text", ["Station;Faro\nPeriod;2024-01-01;2024-12-31\nPlace;37.1;-8.6\n", "From;2024-01-01\nTo;2025\n"]
)
async def test_what_is_told_above_a_table_is_no_table(text):
    assert count(await reading("\n".join([text, "time;level", *DAYS]))) == 28


@pytest.mark.parametrize("last", ["zum 29. Lenz 24;7.5", "29-III-2024 (p);7.5"])
async def test_a_row_at_the_end_whose_time_is_not_understood_is_counted(last):
    run = await reading("\n".join(["time;level", *DAYS, last]))
    assert count(run) == 28
    assert run.rejected_count == 1
    run = await reading("\n".join(["time;level", last, *DAYS]))
    assert count(run) == 28
    assert run.rejected_count == 1


@pytest.mark.parametrize("last", ["Min;1.5", "Mean;7.5", "Source: somebody, 2024", "Version 1.2", "", "Source;2024"])
async def test_what_stands_below_a_table_is_no_row_of_it(last):
    run = await reading("\n".join(["time;level", *DAYS, last]))
    assert count(run) == 28
    assert run.rejected_count == 0


async def test_a_row_of_a_wide_table_with_a_single_number_is_read():
    run = await reading("Region;2020;2021;2022\nNorte;1;2;3\nSul;4;5;6\nIlhas;;;7\n")
    assert run.points["Ilhas"] == {1_640_995_200_000_000: 7.0}


async def test_rows_with_more_cells_than_columns_are_asked_about():
    text = "\n".join(["date,visits", *(f"2024-03-{day:02},{day * 100:,}" for day in range(1, 29))])
    assert (await asked(text)).field == "delimiter"
    run = await reading(text, delimiter=",")
    assert (count(run), run.rejected_count) == (9, 19)


@pytest.mark.parametrize("share", [4, 7, 2])
async def test_numbers_that_are_words_in_more_than_a_tenth_are_asked_about(share):
    rows = [f"2024-03-{day:02};{'geschlossen' if day % share == 1 else day * 1.5};{day}.25" for day in range(1, 29)]
    text = "\n".join(["Datum;Besucher;Pegel", *rows])
    question = await asked(text)
    assert question.alternatives == [{"missing_values": ["geschlossen"]}, {"value_columns": ["Pegel"]}]
    run = await reading(text, missing_values=["geschlossen"])
    assert run.rejected_count == 0
    assert count(run) == 28 + sum(day % share != 1 for day in range(1, 29))


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("given", [{}, {"encoding": True}])
async def test_utf_16_needs_no_byte_order_mark(encoding, given):
    content = "\r\n".join(["Data;Nível (m)", *DAYS]).encode(encoding)
    run = await reading(content, **dict.fromkeys(given, encoding))
    assert run.points["Nível (m)"].keys() == (await reading("\n".join(["time;a", *DAYS]))).points["a"].keys()


async def test_rows_without_a_value_do_not_repeat_the_times():
    rows = [f"2024-03-{day:02} 10:00;{day}.5;" for day in range(1, 29)]
    events = [f"2024-03-{day:02} 10:00;;logged" for day in (3, 28)]
    assert count(await reading("\n".join(["time;level;event", *rows, *events]))) == 28


async def test_days_of_the_calendar_need_no_name():
    rows = [f"202403{day:02},{day * 37 % 50}.5" for day in range(1, 29)]
    run = await reading("\n".join(rows))
    assert count(run) == 28
    assert (await reading("\n".join(["a,b", *rows]))).points.popitem()[1] == run.points.popitem()[1]


async def test_a_word_in_the_first_row_of_a_table_of_years_makes_no_names_of_it():
    months = "Year;Jan;Feb;Mar;Apr;May;Jun;Jul;Aug;Sep;Oct;Nov;Dec"
    rows = [
        f"{year};" + ";".join("trace" if (year, n) == (2011, 8) else f"{n / 10 + 3:.1f}" for n in range(12))
        for year in range(2011, 2020)
    ]
    run = await reading("\n".join([months, *rows]))
    assert count(run) == 9 * 12 - 1
