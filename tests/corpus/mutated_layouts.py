"""Mutations of where things stand: columns, rows around a table, delimiters, encodings, order, marks out of place."""

from datetime import datetime, timedelta
from itertools import groupby

from mutated_numbers import HOLES, NUMBERS
from mutated_tables import NAMES, PLACES, Draft, Kind, Row, measured
from mutated_times import TIMES, languages
from slackwater.model.instants import DAY, HOUR, MINUTE, from_micros

# --- layouts ---------------------------------------------------------------------------------------------------------


def long(draft: Draft) -> None:
    """A row for each point, its series named in a column."""
    draft.series = dict(zip(draft.rng.sample(PLACES, len(draft.series)), draft.series.values(), strict=True))
    draft.layout = "long"


def long_blocks(draft: Draft) -> None:
    """The same, of several places with different numbers of rows."""
    places = draft.rng.sample(PLACES, draft.rng.randint(2, 5))
    draft.series = {place: measured(draft) for place in places}
    draft.layout = "long"


def across(draft: Draft) -> bool | None:
    """The times across, the series down."""
    draft.layout = "across"
    draft.time_names = []
    return len(draft.when(draft.times[0])) == 1 and len(draft.times) <= 40


def clocks_across(draft: Draft) -> bool | None:
    """Days down, hours or quarter-hours across."""
    if draft.step not in {"hour", "quarter hour", "half hour"}:
        return False
    length = {"hour": HOUR, "half hour": 30 * MINUTE, "quarter hour": 15 * MINUTE}[draft.step]
    start = draft.times[0] // DAY * DAY
    draft.times = [start + n * length for n in range(draft.rng.choice([3, 7, 20]) * (DAY // length))]
    draft.series = {name: measured(draft) for name in list(draft.series)[:1]}
    draft.layout, draft.step = "clocks_across", "day"
    form = draft.rng.choice(["{:02}:{:02}", "{:02}:{:02}-", "H{:02}", "{}", "{:02}h{:02}"])
    if form in {"H{:02}", "{}"} and length != HOUR:
        form = "{:02}:{:02}"

    def name(clock: int) -> str:
        hour, minute = clock // HOUR, clock % HOUR // MINUTE
        end = (clock + length) // MINUTE
        if form.endswith("-"):
            return f"{hour:02}:{minute:02}-{end // 60 % 24:02}:{end % 60:02}"
        return form.format(hour + 1 if form in {"H{:02}", "{}"} else hour, minute)

    draft.clock_name = name
    draft.when = lambda time: [from_micros(time).strftime(day)]
    day = draft.rng.choice(["%Y-%m-%d", "%Y/%m/%d"])
    draft.time_names = []
    if form in {"H{:02}", "{}"}:
        draft.doubts.append("hours to 24")
    return None


def months_across(draft: Draft) -> bool | None:
    """Years down, months across."""
    if draft.step != "month":
        return False
    first = from_micros(draft.times[0]).year
    days = [datetime(first + n // 12, n % 12 + 1, 1) for n in range(12 * draft.rng.choice([2, 5, 9]))]
    draft.times = [int((day - datetime(1970, 1, 1)) / timedelta(microseconds=1)) for day in days]
    draft.series = {name: measured(draft) for name in list(draft.series)[:1]}
    language = draft.rng.choice(["en", "pt", "es", "fr", "de", "it", "pl", "nl", "sv", "cs", "fi", "ru"])
    draft.month_names = [each[0] for each in languages()[language]]
    draft.layout = "months_across"
    draft.time_names = []
    return None


# --- further columns -------------------------------------------------------------------------------------------------


def row_counter(draft: Draft) -> None:
    name, first = draft.rng.choice(["#", "", "index", "row", "seq", "Nº", "lfd. Nr."]), draft.rng.choice([0, 1])
    draft.before.insert(0, (name, lambda n, time, _: n + first))


def identifier(draft: Draft) -> None:
    name = draft.rng.choice(["EAN", "NIF", "meter", "station_id", "customer", "Zählernummer", "CPE", "code", "Código"])
    number = draft.rng.choice(["000123", "5601234567890", "871687120052413", "40123456", "0815"])
    place = draft.rng.choice([draft.before, draft.after])
    place.append((name, lambda n, time, series: number))


def running_id(draft: Draft) -> None:
    start = draft.rng.randint(10_000, 900_000)
    draft.before.append((draft.rng.choice(["id", "record_id", "Id", "ID"]), lambda n, time, _: start + n))


def station_code(draft: Draft) -> bool | None:
    """A number for each station beside its name."""
    codes = {name: 8500 + 13 * n for n, name in enumerate(draft.series)}
    draft.before.append(
        (draft.rng.choice(["station_id", "code", "Código", "Stationsnummer"]), lambda n, time, name: codes[name])
    )
    return draft.layout == "long"


def year_column(draft: Draft) -> None:
    name = draft.rng.choice(["Year", "Ano", "Jahr", "year"])
    draft.after.append((name, lambda n, time, _: from_micros(time).year))


def coordinates(draft: Draft) -> None:
    draft.after += [("lat", lambda n, time, _: 37.0194), ("lon", lambda n, time, _: -7.9304)]


def elevation(draft: Draft) -> None:
    draft.before.append((draft.rng.choice(["ELEVATION", "altitude", "Höhe"]), lambda n, time, _: 127))


def note(draft: Draft) -> None:
    texts = draft.rng.choice([("ok", "ok", "revised"), ("", "", "sensor cleaned, 2 times"), ("", "", "see note 3")])
    draft.after.append(
        (draft.rng.choice(["note", "Observações", "Bemerkung", "comment"]), lambda n, time, _: texts[n * 7 % 3])
    )


def flag(draft: Draft) -> None:
    marks = draft.rng.choice([("A", "A", "E"), ("V", "V", "P"), ("ok", "ok", "bad")])
    draft.after.append((draft.rng.choice(["flag", "quality", "status", "qc"]), lambda n, time, _: marks[n * 5 % 3]))


def place_column(draft: Draft) -> None:
    draft.before.append((NAMES[draft.language][2], lambda n, time, _: "Faro"))


def unit_column(draft: Draft) -> None:
    draft.after.append((draft.rng.choice(["unit", "Unidade", "Einheit"]), lambda n, time, _: "mm"))


def created(draft: Draft) -> bool | None:
    draft.after.append(
        (
            draft.rng.choice(["created_at", "updated", "inserted_at"]),
            lambda n, time, _: f"{from_micros(time + 3 * DAY + n % 7 * MINUTE):%Y-%m-%d %H:%M:%S}",
        )
    )
    draft.doubts.append("two times")
    return draft.when(draft.times[0])[0] == f"{from_micros(draft.times[0]):%Y-%m-%d %H:%M}" or draft.of_days


def empty_column(draft: Draft) -> None:
    draft.rng.choice([draft.before, draft.after]).append(
        (draft.rng.choice(["", "reserved", "x"]), lambda n, time, _: "")
    )


# --- around the table ------------------------------------------------------------------------------------------------


def title(draft: Draft) -> None:
    draft.above = [["Quadro 3 - Dados mensais"], []] if draft.rng.random() < 0.5 else [["Report 2024, preliminary"]]


def told_above(draft: Draft) -> None:
    draft.above = [
        ["Station", "Faro"],
        ["Latitude", "37.02"],
        ["Period", "2001-01-01", "2024-12-31"],
        ["Height", "8"],
        [],
    ][: draft.rng.randint(1, 5)]


def comment_lines(draft: Draft) -> None:
    mark = draft.rng.choice(["# ", "#", "! ", "// "])
    lines = [
        f"{mark}file created 2024-05-01, by station; all, in UTC",
        f"{mark}see https://example.org/data;x=1",
        f"{mark}a,b,c",
    ]
    chosen = lines[: draft.rng.randint(1, 3)]
    draft.text = lambda finished, before=draft.text: [*chosen, *before(finished)]


def source_below(draft: Draft) -> None:
    draft.below = draft.rng.choice(
        [
            [["Fonte: INE, 2024"]],
            [[], ["(a) Provisional data."], ["Source: somebody"]],
            [["Created with a program v1.4.2(#923)"]],
            [[], ["Total rows: 40"]],
        ]
    )


def totals_below(draft: Draft) -> bool | None:
    width = len(draft.series)
    draft.below = [[draft.rng.choice(["Total", "Mean", "Média", "Summe", "Totaal", "Suma"]), *["1234"] * width]]
    if draft.layout == "columns" and len(draft.when(draft.times[0])) == 1 and not draft.before:
        return None
    return False


def blank_rows(draft: Draft) -> None:
    every = draft.rng.choice([3, 7])
    draft.arrange = lambda rows, before=draft.arrange: [
        each for n, row in enumerate(before(rows)) for each in ([row] if n % every or not n else [[], row])
    ]


def units_row(draft: Draft) -> bool | None:
    draft.units = True
    return draft.names and draft.layout == "columns" and not draft.before and not draft.after


def no_names(draft: Draft) -> bool | None:
    draft.names = False
    draft.doubts.append("no names")
    return draft.layout == "columns"


def repeated_names(draft: Draft) -> bool | None:
    """The row of names again, further down."""
    return _again(draft) if draft.layout in {"columns", "long"} else False


def _again(draft: Draft) -> None:
    head = draft._long()[0] if draft.layout == "long" else draft._columns()[0]
    draft.arrange = lambda rows, before=draft.arrange: [
        *(found := before(rows))[: len(found) // 2],
        head,
        *found[len(found) // 2 :],
    ]


# --- text ------------------------------------------------------------------------------------------------------------


def delimiter(draft: Draft) -> None:
    draft.delimiter = draft.rng.choice([";", ";", "\t", "|", "\t"])


def encoding(draft: Draft) -> None:
    draft.encoding = draft.rng.choice(["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "windows-1252", "iso-8859-15"])


def line_ends(draft: Draft) -> None:
    draft.newline = draft.rng.choice(["\r\n", "\r\n", "\r"])


def workbook(draft: Draft) -> None:
    draft.workbook = True
    if draft.number is repr:
        draft.number = float


def all_quoted(draft: Draft) -> bool | None:
    if draft.delimiter == "\t":
        return False
    draft.text = lambda lines, before=draft.text: before([_quoted(line, draft.delimiter) for line in lines])
    return None


def _quoted(line: str, mark: str) -> str:
    import csv

    return mark.join(f'"{cell}"' for cell in next(csv.reader([line], delimiter=mark), [])) if line else line


def trailing_mark(draft: Draft) -> None:
    """A delimiter at the end of every line."""
    draft.text = lambda lines, before=draft.text: before([line + draft.delimiter if line else line for line in lines])


def separator_line(draft: Draft) -> None:
    draft.text = lambda lines, before=draft.text: [f"sep={draft.delimiter}", *before(lines)]


def stray_quote(draft: Draft) -> bool | None:
    """A quotation mark that opens in one row and closes in a later one."""
    at, far = draft.rng.randint(1, 3), draft.rng.choice([1, 1, 2, 9])

    def spoil(lines: list[str]) -> list[str]:
        if len(lines) > at + far + 2:
            head, _, last = lines[at].rpartition(draft.delimiter)
            lines[at] = f'{head}{draft.delimiter}"{last}'
            lines[at + far] += '"'
        return lines

    draft.text = lambda lines, before=draft.text: before(spoil(lines))
    draft.doubts.append("stray quotation mark")
    return len(draft.times) > 15 and not draft.workbook


def spaces(draft: Draft) -> None:
    draft.text = lambda lines, before=draft.text: before(
        [
            draft.delimiter.join(f" {cell} " for cell in line.split(draft.delimiter))
            if '"' not in line and line
            else line
            for line in lines
        ]
    )


# --- order -----------------------------------------------------------------------------------------------------------


def newest_first(draft: Draft) -> bool | None:
    draft.arrange = lambda rows, before=draft.arrange: before(rows)[::-1]
    return draft.layout in {"columns", "long", "clocks_across"}


def by_time(draft: Draft) -> bool | None:
    """A long table sorted by time, not by series."""
    count = len(draft.times)
    draft.arrange = lambda rows, before=draft.arrange: [row for n in range(count) for row in before(rows)[n::count]]
    return draft.layout == "long"


def shuffled(draft: Draft) -> bool | None:
    seed = draft.rng.random()

    def mix(rows: list[Row]) -> list[Row]:
        from random import Random

        rows = list(rows)
        Random(seed).shuffle(rows)
        return rows

    draft.arrange = lambda rows, before=draft.arrange: mix(before(rows))
    return draft.layout in {"columns", "long"}


def doubled_rows(draft: Draft) -> bool | None:
    every = draft.rng.choice([1, 4, 10])
    draft.arrange = lambda rows, before=draft.arrange: [
        each for n, row in enumerate(before(rows)) for each in [row] * (2 if n % every == 0 else 1)
    ]
    return draft.layout in {"columns", "long"}


def merged_cells(draft: Draft) -> bool | None:
    """The series' name once for each block."""

    def once(rows: list[Row]) -> list[Row]:
        place = len(draft.before) + len(draft.when(draft.times[0]))
        # Other mutations may have put rows between, which have no name of a series.
        return [
            [*row[:place], row[place] if n == 0 else "", *row[place + 1 :]] if len(row) > place else row
            for _, block in groupby(rows, key=lambda row: row[place] if len(row) > place else None)
            for n, row in enumerate(block)
        ]

    draft.arrange = lambda rows, before=draft.arrange: once(before(rows))
    return draft.layout == "long" and len(draft.series) > 1


def two_tables(draft: Draft) -> bool | None:
    """Another table below, or above, which nobody may drop."""
    other = [
        ["Year", "Receita", "Despesa"],
        *(
            [year, year * 3 % 77 + 0.5, year * 7 % 91 + 0.25]
            for year in range(2001, 2001 + draft.rng.choice([2, 5, 60]))
        ),
    ]
    if draft.rng.random() < 0.5:
        draft.above = [*other, []]
    else:
        draft.below = [[], *other]
    draft.doubts.append("two tables")
    return draft.layout in {"columns", "long"} and draft.names


LAYOUTS: tuple[Kind, ...] = (long, long, long_blocks, across, clocks_across, clocks_across, months_across)
COLUMNS: tuple[Kind, ...] = (
    row_counter, row_counter, identifier, identifier, running_id, station_code, year_column, coordinates, elevation,
    note, flag, place_column, unit_column, created, empty_column,
)  # fmt: skip
AROUND: tuple[Kind, ...] = (
    title,
    told_above,
    comment_lines,
    source_below,
    totals_below,
    blank_rows,
    units_row,
    no_names,
    repeated_names,
)
TEXT: tuple[Kind, ...] = (delimiter, encoding, line_ends, workbook, all_quoted, trailing_mark, separator_line, spaces)
ORDER: tuple[Kind, ...] = (newest_first, newest_first, by_time, shuffled, doubled_rows, merged_cells)
SPOILED: tuple[Kind, ...] = (stray_quote, two_tables)
GROUPS: dict[str, tuple[Kind, ...]] = {
    "layouts": LAYOUTS, "times": TIMES, "numbers": NUMBERS, "holes": HOLES, "columns": COLUMNS, "around": AROUND,
    "order": ORDER, "spoiled": SPOILED, "text": TEXT,
}  # fmt: skip
"""By group, in the order in which they are applied: later ones build upon what earlier ones have decided."""
