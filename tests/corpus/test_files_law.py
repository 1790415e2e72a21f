"""The law of files: a known table, in whatever layout, is read exactly or asked about, and never read wrongly."""

import asyncio
import math
from dataclasses import dataclass
from datetime import date, timedelta

import openpyxl
from hypothesis import HealthCheck, assume, event, given, settings
from hypothesis import strategies as st

import books
from budget import examples
from runs import Recorder
from slackwater.discover.file.pipeline import discover
from slackwater.discover.inference.sentinels import SENTINELS
from slackwater.errors import Question
from slackwater.model.instants import DAY, parse_iso
from slackwater.model.planning import Wanted
from slackwater.runtime.read_loop import read

MONTHS = {
    language: tuple(names.split())
    for language, names in {
        "pt": "Janeiro Fevereiro Março Abril Maio Junho Julho Agosto Setembro Outubro Novembro Dezembro",
        "en": "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec",
        "es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
        "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    }.items()
}
NAMES = ("Norte", "Centro", "Algarve", "Homens", "Mulheres", "Caudal (m3/s)", "Total", "PM10", "Île-de-France", "Água")


@dataclass(frozen=True)
class Known:
    """What a file is to say: the times, the series, a value or none for each; and how numbers are written in it."""

    kind: str
    times: list[date]
    names: list[str]
    values: dict[tuple[str, date], float]
    decimal: str
    thousands: str
    places: int
    language: str

    def number(self, name: str, time: date) -> str:
        value = self.values.get((name, time))
        if value is None:
            return self.nothing
        text = f"{value:,.{self.places}f}".replace(",", "\0").replace(".", self.decimal)
        return text.replace("\0", self.thousands)

    nothing: str = ""

    @property
    def points(self):
        found = {}
        for (name, time), value in self.values.items():
            found.setdefault(name, {})[parse_iso(time.isoformat())] = value
        return found


def moment(known: Known, time: date) -> str:
    month = MONTHS[known.language][time.month - 1]
    quarter = (time.month + 2) // 3
    return {
        "year": f"{time.year}",
        "month": f"{month} {time.year}",
        "iso month": f"{time:%Y-%m}",
        "M month": f"{time.year}M{time.month:02}",
        "quarter": f"{time.year}-Q{quarter}",
        "T quarter": f"{quarter}.º T {time.year}",
        "day": f"{time:%d/%m/%Y}",
        "iso day": f"{time:%Y-%m-%d}",
    }[known.kind]


@st.composite
def tables(draw):
    kind = draw(st.sampled_from(["year", "month", "iso month", "M month", "quarter", "T quarter", "day", "iso day"]))
    count = draw(st.integers(3, 15))
    year = draw(st.integers(1960, 2020))
    if "day" in kind:
        start = date(year, draw(st.integers(1, 12)), draw(st.integers(1, 28)))
        times = [start + timedelta(days=at) for at in range(count)]
    else:
        step = {"year": 12, "quarter": 3, "T quarter": 3}.get(kind, 1)
        first = draw(st.integers(0, 11)) // step * step
        months = [year * 12 + first + at * step for at in range(count)]
        times = [date(month // 12, month % 12 + 1, 1) for month in months]
    if draw(st.booleans()):
        times.reverse()
    names = draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=4, unique=True))
    decimal = draw(st.sampled_from(".,"))
    thousands = draw(st.sampled_from(["", " ", "\u00a0", "'", "." if decimal == "," else ","]))
    places = draw(st.integers(0, 3))
    numbers = st.integers(-(10**7), 10**8).map(lambda whole: whole / 10**places)
    numbers = numbers.filter(lambda value: value not in SENTINELS)  # what -999 means is decided, and can be overridden
    values = {(name, time): draw(numbers) for name in names for time in times}
    for hole in draw(st.lists(st.sampled_from(sorted(values)), max_size=3, unique=True)):
        if sum(name == hole[0] for name, _ in values) > 2:
            del values[hole]
    nothing = draw(st.sampled_from(["", "n/a", "..", "-", "x", "(c)", "ND"]))
    language = draw(st.sampled_from(sorted(MONTHS)))
    return Known(kind, times, names, values, decimal, thousands, places, language, nothing)


def long(known):
    return [["Data", *known.names]] + [
        [moment(known, time), *(known.number(name, time) for name in known.names)] for time in known.times
    ]


def long_by_name(known):
    return [["Região", "Período", "Valor"]] + [
        [name, moment(known, time), known.number(name, time)] for name in known.names for time in known.times
    ]


def wide(known):
    return [["Região", *(moment(known, time) for time in known.times)]] + [
        [name, *(known.number(name, time) for time in known.times)] for name in known.names
    ]


def year_and_part(known):
    """The year in one column, the month or quarter in another; the year once for each year, or in each row."""
    part = (lambda time: f"{(time.month + 2) // 3}.º T") if "quarter" in known.kind else None
    part = part or (lambda time: MONTHS[known.language][time.month - 1])
    head = ["Ano", "Trimestre" if "quarter" in known.kind else "Mês", *known.names]
    return [head] + [
        [str(time.year), part(time), *(known.number(name, time) for name in known.names)] for time in known.times
    ]


def two_header_rows(known):
    """Years over months, series down."""
    years = [str(time.year) for time in known.times]
    upper = [year if at == 0 or years[at - 1] != year else "" for at, year in enumerate(years)]
    months = [MONTHS[known.language][time.month - 1] for time in known.times]
    return [["", *upper], ["Região", *months]] + [
        [name, *(known.number(name, time) for time in known.times)] for name in known.names
    ]


@st.composite
def layouts(draw):
    known = draw(tables())
    choices = [long, long_by_name, wide]
    if known.kind in {"month", "quarter", "T quarter"}:
        choices.append(year_and_part)
    if known.kind == "month":
        choices += [two_header_rows] * 3
    layout = draw(st.sampled_from(choices))
    rows = layout(known)
    width = max(map(len, rows))
    above = draw(st.sampled_from([[], [["Quadro 3 - Dados"]], [["Fonte: INE"], [], ["Unidade: ver cabeçalho"], []]]))
    below = draw(
        st.sampled_from([[], [["Fonte: INE, 2024"]], [[], ["(a) Dados provisórios."], ["Nota: ver metadados"]]])
    )
    rows = [*above, *rows, *below]
    return known, layout.__name__, [[*row, *[""] * (width - len(row))] for row in rows]


def as_text(rows, delimiter, encoding):
    def cell(text):
        return f'"{text}"' if delimiter in text else text

    return "".join(delimiter.join(map(cell, row)) + "\r\n" for row in rows).encode(encoding)


def as_workbook(rows):
    workbook = openpyxl.Workbook()
    workbook.remove(workbook.active)
    books.sheet(workbook, "Dados", [[text or None for text in row] for row in rows])
    return books.saved(workbook)


async def found(content, name):
    orders = {"content": content, "file_name": name, "source_type": "CSV"}
    result = await discover(Recorder(config={"file_id": "f"}, task="discover", **orders))
    scope = {}
    exec(result.code, scope)
    run = Recorder(wanted=Wanted(period=DAY), **orders)
    await read(scope["wrapper"], run)
    return {name: points for name, points in run.points.items() if points}, result.code


def same(seen, expected):
    return seen.keys() == expected.keys() and all(
        seen[name].keys() == points.keys()
        and all(math.isclose(seen[name][x], y, rel_tol=1e-9, abs_tol=1e-9) for x, y in points.items())
        for name, points in expected.items()
    )


@settings(max_examples=examples(80, 1000), deadline=None, suppress_health_check=list(HealthCheck), print_blob=True)
@given(
    table=layouts(),
    form=st.sampled_from(["csv", "csv", "xlsx"]),
    delimiter=st.sampled_from(";\t,|"),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "windows-1252"]),
)
def test_a_known_table_is_read_exactly_or_asked_about(table, form, delimiter, encoding):
    known, layout, rows = table
    assume(form == "xlsx" or delimiter != "," or known.thousands != ".")  # nobody writes 1.250 for a thousand there
    content = as_workbook(rows) if form == "xlsx" else as_text(rows, delimiter, encoding)
    try:
        seen, code = asyncio.run(found(content, "a.csv"))
    except Question as question:
        event(f"{layout}: asked {question.field}")
        return
    event(f"{layout}: read")
    expected = known.points
    if layout in {"long_by_name", "wide", "two_header_rows"} and len(known.names) == 1:
        expected = {next(iter(seen), ""): next(iter(expected.values()))}  # what one series is called is not at stake
    assert same(seen, expected), (code, rows)
