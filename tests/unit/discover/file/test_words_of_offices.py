"""Times in words, marks and code pages as offices write them: in two languages, in quotes, numbered, under years."""

from calendar import month_name
from datetime import datetime

import pytest

from discovering import reading
from slackwater.model.instants import from_micros

TURKISH = [
    "Ocak",
    "Şubat",
    "Mart",
    "Nisan",
    "Mayıs",
    "Haziran",
    "Temmuz",
    "Ağustos",
    "Eylül",
    "Ekim",
    "Kasım",
    "Aralık",
]
POLISH = [
    "styczeń",
    "luty",
    "marzec",
    "kwiecień",
    "maj",
    "czerwiec",
    "lipiec",
    "sierpień",
    "wrzesień",
    "październik",
    "listopad",
    "grudzień",
]
ENGLISH = list(month_name)[1:]


async def lines(rows, encoding="utf-8", **config):
    """What is read, as lists of the times and the values of each series."""
    run = await reading("\n".join(rows).encode(encoding), **config)
    assert not run.rejected_count
    return {
        name: {from_micros(at).replace(tzinfo=None): value for at, value in line.items()}
        for name, line in run.points.items()
    }


def months(year=2022, count=24):
    return [datetime(year + n // 12, n % 12 + 1, 1) for n in range(count)]


async def test_months_in_two_languages_are_months_and_their_sums_are_none():
    rows, at = ["Yıl,Ay,Ziyaretçi"], months()
    for n, month in enumerate(at):
        rows += [f"{month.year},Toplam-Total,{999 + n}"] * (month.month == 1)
        rows.append(
            f"{month.year if month.month == 1 else ''},{TURKISH[month.month - 1]}-{ENGLISH[month.month - 1]},{n}"
        )
    first, *others = rows[1:]
    assert first == "2022,Toplam-Total,999"
    found = await lines([rows[0], first, *(row.replace("2022,O", ",O").replace("2023,O", ",O") for row in others)])
    assert found == {"Ziyaretçi": {month: n for n, month in enumerate(at)}}


async def test_clocks_in_quotes_are_clocks():
    rows = ["Datum;Uhrzeit;Ozon"] + [f"{10 + n // 24}.01.2024;'{n % 24:02}:00';{n % 30}" for n in range(72)]
    assert (await lines(rows))["Ozon"] == {datetime(2024, 1, 10 + n // 24, n % 24): n % 30 for n in range(72)}


async def test_marks_of_what_is_preliminary_stand_behind_a_slash():
    at = months()
    rows = ["Periodos,Índice"] + [f"{month:%Y/%m}{' /p1' if n > 20 else ''},{100 + n}" for n, month in enumerate(at)]
    assert await lines(rows) == {"Índice": {month: 100 + n for n, month in enumerate(at)}}


@pytest.mark.parametrize("encoding", ["cp932", "utf-8"])
async def test_numbers_of_periods_are_no_seconds(encoding):
    at = months()
    rows = ["time_code,時間軸（年・月）,値（指数）"]
    rows += [
        f"{month.year}00{month.month:02}{month.month:02},{month.year}年{month.month}月,{n}"
        for n, month in enumerate(at)
    ]
    assert await lines(rows, encoding) == {"値（指数）": {month: n for n, month in enumerate(at)}}


async def test_names_of_months_in_a_code_page_of_central_europe_are_read():
    rows = ["Rok;Miesiąc;Turyści ogółem"] + [f"{m.year};{POLISH[m.month - 1]};{n}" for n, m in enumerate(months())]
    assert await lines(rows, "cp1250") == {"Turyści ogółem": {month: n for n, month in enumerate(months())}}
