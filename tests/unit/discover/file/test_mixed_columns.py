"""Columns that are not of one unit, one calendar or one kind are asked about, or left out with a reason."""

import pytest

from discovering import asked, reading
from slackwater.errors import SlackwaterError

DAYS = [f"2024-01-{n:02}" for n in range(1, 31)]


def value(n: int) -> str:
    return f"{20 + n * 7 % 13}.{n % 9 + 1}"


@pytest.mark.parametrize(
    "cells",
    [
        [f"{value(n)} %" if n % 3 else value(n) for n in range(30)],
        [f"{'€' if n % 3 else '$'}{value(n)}" for n in range(30)],
        [f"{value(n)} {'GBP' if n < 15 else 'EUR'}" for n in range(30)],
    ],
    ids=["percent and bare", "signs of currencies", "codes of currencies"],
)
async def test_a_column_of_several_units_is_asked_about(cells):
    rows = ["day,level,price", *(f"{day},{value(n)},{cells[n]}" for n, day in enumerate(DAYS))]
    question = await asked("\n".join(rows))
    assert (question.field, question.alternatives) == ("value_columns", [{"value_columns": ["level"]}])
    assert (await reading("\n".join(rows), value_columns=["level", "price"])).points["price"]


async def test_one_unit_for_each_series_is_no_doubt():
    rows = [f"{day},{name},{value(n)}{unit}" for n, day in enumerate(DAYS) for name, unit in (("a", " %"), ("b", ""))]
    assert len((await reading("\n".join(["day,kind,value", *rows]))).points) == 2
    across = [",".join([name, *(f"{value(n)}{unit}" for n in range(9))]) for name, unit in (("a", "%"), ("b", ""))]
    assert len((await reading("\n".join(["kind," + ",".join(map(str, range(2010, 2019))), *across]))).points) == 2


async def test_a_total_of_another_unit_is_no_doubt():
    rows = [f"{day},{value(n)} %,{value(n)}" for n, day in enumerate(DAYS)]
    assert len((await reading("\n".join(["day,share,rate", *rows, "Total,1234,1250"]))).points["share"]) == 30


async def test_a_currency_that_changes_in_a_column_of_its_own_makes_series():
    rows = [f"{day},{value(n)},{'EUR' if n % 3 else 'USD'}" for n, day in enumerate(DAYS)]
    run = await reading("\n".join(["date,price,currency", *rows]))
    assert {name: len(line) for name, line in run.points.items()} == {"EUR": 20, "USD": 10}


@pytest.mark.parametrize(
    ("header", "rows"),
    [
        ("date,rain", [f"1402-{n // 28 + 1:02}-{n % 28 + 1:02},{value(n)}" for n in range(60)]),
        ("date,rain", [f"{n % 28 + 1:02}/{n // 28 + 1:02}/2566,{value(n)}" for n in range(60)]),
        ("site," + ",".join(f"1445-{n:02}" for n in range(1, 13)), [",".join(["a", *map(value, range(12))])]),
    ],
    ids=["solar hijri", "buddhist", "islamic, across"],
)
async def test_years_of_another_calendar_are_asked_about(header, rows):
    assert (await asked("\n".join([header, *rows]))).field == "date_format"


async def test_years_that_run_into_those_of_another_calendar_are_read():
    rows = [f"{year},{value(n)}" for n, year in enumerate(range(1950, 2110, 10))]
    assert len((await reading("\n".join(["year,forest", *rows]))).points["forest"]) == 16
    named = [f"1402-{n // 28 + 1:02}-{n % 28 + 1:02},{value(n)}" for n in range(60)]
    assert (await reading("\n".join(["date,rain", *named]), date_format="iso")).points["rain"]


@pytest.mark.parametrize("name", ["qc", "QF", "qualidade", "validity", "Estado"])
async def test_codes_of_quality_are_no_series(name):
    rows = [f"{day},{value(n)},{(1, 1, 2, 1, 4)[n % 5]}" for n, day in enumerate(DAYS)]
    assert set((await reading("\n".join([f"time,level,{name}", *rows]))).points) == {"level"}


async def test_an_index_of_quality_that_is_measured_is_a_series():
    rows = [f"{day},{value(n)},{30 + n * 7 % 41}" for n, day in enumerate(DAYS)]
    assert len((await reading("\n".join(["time,pm,Qualidade do ar", *rows]))).points) == 2


async def test_times_that_each_have_values_beside_them_are_asked_about():
    clocks = [(f"0{n % 7}:{n + 10}", f"1{n % 9}:{n + 20}") for n in range(30)]
    down = [
        f"{day},{a},{value(n)},{b},{value(n + 5)}" for n, (day, (a, b)) in enumerate(zip(DAYS, clocks, strict=True))
    ]
    before = [f"{day},{value(n)},{clocks[n][0]},{value(n + 5)},{clocks[n][1]}" for n, day in enumerate(DAYS)]
    dated = [f"{day}T{clocks[n][0]},{value(n)},{day}T{clocks[n][1]},{value(n + 5)}" for n, day in enumerate(DAYS)]
    for header, rows, time in (
        ("day,high water,height,low water,height", down, ["day", "low water"]),
        ("day,warmest,at,coldest,at", before, ["day", "at (2)"]),
        ("high at,height,low at,height", dated, ["low at"]),
    ):
        question = await asked("\n".join([header, *rows]))
        assert question.field == "time_columns"
        answer = question.alternatives[1]
        assert answer["time_columns"] == time
        [points] = (await reading("\n".join([header, *rows]), **answer)).points.values()
        assert list(points.values()) == [float(value(n + 5)) for n in range(30)]


async def test_the_beginning_and_the_end_of_a_row_are_one_time():
    rows = [f"{day},0{n % 7}:{n + 10},{value(n)},1{n % 9}:00,{value(n + 5)}" for n, day in enumerate(DAYS)]
    assert len((await reading("\n".join(["date,start time,flow,end time,level", *rows]))).points) == 2


def account(newest_first: bool) -> list[str]:
    rows, balance = [], 900.0
    for n in range(30):
        balance += (n % 5 - 2 or 7) * 11.25
        rows.append(f"{DAYS[n // 3]},{('card', 'transfer', 'fee')[n % 3]},{(n % 5 - 2 or 7) * 11.25},{balance}")
    return ["date,kind,amount,balance", *(rows[::-1] if newest_first else rows)]


@pytest.mark.parametrize("newest_first", [False, True])
async def test_a_balance_over_all_rows_is_not_cut_into_series(newest_first):
    question = await asked("\n".join(account(newest_first)))
    assert question.field == "series_columns"
    last = {"time_column": "date", "value_columns": ["balance"]}
    assert (last in question.alternatives) is not newest_first


async def test_sums_that_begin_anew_with_each_series_are_series():
    rows, total = [], {"a": 0, "b": 0}
    for day in DAYS:
        for n, name in enumerate(total):
            total[name] += len(day) + n + int(day[-2:]) % 5
            rows.append(f"{day},{name},{len(day) + n + int(day[-2:]) % 5},{total[name]}")
    assert len((await reading("\n".join(["date,place,new,all", *rows]))).points) == 4


async def test_days_of_the_year_in_a_column_of_their_own_are_asked_about_with_their_reading():
    rows = [f"2023,{n + 1},{value(n)},{value(n + 4)}" for n in range(90)]
    question = await asked("\n".join(["Year,DOY,GPP,ET", *rows]))
    answer = next(each for each in question.alternatives if each.get("time_columns") == ["Year", "DOY"])
    points = (await reading("\n".join(["Year,DOY,GPP,ET", *rows]), **answer)).points
    assert list(points["GPP"].values()) == [float(value(n)) for n in range(90)]
    unclear = "\n".join(["Year,N,GPP", *(f"2023,{n},{value(n)}" for n in range(1, 40))])
    assert (await asked(unclear, time_columns=["Year", "N"])).field == "date_format"


async def test_a_number_and_a_code_in_one_cell_are_asked_about():
    rows = [f'{day},"+{100 + n * 7 % 90:04},{1 if n % 9 else 2}",{value(n)}' for n, day in enumerate(DAYS)]
    question = await asked("\n".join(["DATE,TMP,RH", *rows]))
    assert question.alternatives == [{"value_columns": ["RH"]}]


async def test_columns_that_blanks_align_are_read():
    run = await reading("\n".join(["Date        Level", *(f"{day}  {value(n):>6}" for n, day in enumerate(DAYS))]))
    assert list(run.points["Level"].values()) == [float(value(n)) for n in range(len(DAYS))]


@pytest.mark.parametrize("letters", ["KMB", "K"])
async def test_letters_behind_volumes_are_asked_about_as_thousands_and_more(letters):
    rows = [f"{day},{value(n)},{value(n)}{letters[n % len(letters)]}" for n, day in enumerate(DAYS)]
    text = "\n".join(["Date,Price,Vol.", *rows])
    volumes = list((await reading(text, **(await asked(text)).alternatives[0])).points["Vol."].values())
    assert volumes == pytest.approx([float(value(n)) * 1000 ** (n % len(letters) + 1) for n in range(len(DAYS))])


async def test_a_first_row_of_words_for_no_value_is_no_row_of_names():
    cells = [
        ("closed", "24.00", "closed"),
        (35.1, "24.00", 54.2),
        (35.6, "closed", 54.4),
        (36.3, "24.00", 53.9),
        (36.9, "25.00", 54.8),
    ]
    rows = [f"{n + 1},1 eanair {1995 + n},{a},{b},{c}" for n, (a, b, c) in enumerate(cells)]
    question = await asked("\n".join(["lfd. Nr.,Datum,a,b,c", *rows]))
    assert "closed" in str(question)


@pytest.mark.parametrize("unit", ["MW", "µg/m³"])
async def test_a_unit_behind_all_numbers_below_months_is_left_off(unit):
    months = ["januari", "februari", "maart", "april", "mei", "juni", "juli", "augustus"]
    rows = [f"{2021 + y};{';'.join(f'{y * 8 + m}.5 {unit}' for m in range(8))};" for y in range(6)]
    [points] = (await reading("\n".join([f"Ano;{';'.join(months)};", *rows]))).points.values()
    assert list(points.values()) == [n + 0.5 for n in range(48)]
    other = [*rows[:-1], rows[-1].replace(f".5 {unit}", ".5 kW")]
    with pytest.raises(SlackwaterError):
        await reading("\n".join([f"Ano;{';'.join(months)};", *other]))


async def test_a_comment_as_wide_as_the_table_is_no_row_of_names():
    rows = [f"{day},{value(n)},127" for n, day in enumerate(DAYS)]
    run = await reading(
        "\n".join(["#file created 2024-05-01, by station; all, in UTC", "Fecha,Precio,altitude", *rows])
    )
    assert run.points["Precio"]


@pytest.mark.parametrize("name", ["Bemerkung", "Qualité", "observações", "note", "validità"])
async def test_remarks_in_any_language_name_no_series(name):
    rows = [(0, "4.09", "ok"), (1, "4.26", "ok"), (4, "n/a", "ok"), (3, "3.78", "ok"), (2, "3.99", "revised")]
    lines = [f"2023-08-03 0{hour}:00;{price};{said}" for hour, price, said in rows]
    points = (await reading("\n".join([f"Datum;Preis;{name}", *lines]))).points
    assert [len(line) for line in points.values()] == [4]


@pytest.mark.parametrize("across", [False, True])
async def test_a_number_that_a_line_above_the_table_calls_none_is_none(across):
    levels = [value(n) if n % 10 else "-77" for n in range(30)]
    if across:
        table = [",".join(["Name", *DAYS]), ",".join(["A", *levels]), ",".join(["B", *levels[1:], levels[0]])]
    else:
        table = ["day,level", *(f"{day},{level}" for day, level in zip(DAYS, levels, strict=True))]
    points = (await reading("\n".join(["# Missing value: -77", *table]))).points
    assert [len(line) for line in points.values()] == ([27, 27] if across else [27])
    points = (await reading("\n".join(["# Of the harbour", *table]))).points
    assert [len(line) for line in points.values()] == ([30, 30] if across else [30])
