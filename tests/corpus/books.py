"""The workbooks of the corpus, laid out as statistical offices lay theirs out: name → the bytes of an .xlsx file.

The .xls files of the corpus cannot be written by openpyxl; `legacy_books.py` says how they were made.
"""

import io
from collections.abc import Callable
from datetime import date, datetime

import openpyxl
from openpyxl.worksheet.worksheet import Worksheet

BOOKS: dict[str, Callable[[openpyxl.Workbook], None]] = {}


def book(function: Callable[[openpyxl.Workbook], None]) -> Callable[[openpyxl.Workbook], None]:
    BOOKS[function.__name__] = function
    return function


def content(name: str) -> bytes:
    """Return the workbook of that name as a file."""
    workbook = openpyxl.Workbook()
    workbook.remove(workbook.active)
    BOOKS[name](workbook)
    return saved(workbook)


def saved(workbook: openpyxl.Workbook) -> bytes:
    file = io.BytesIO()
    workbook.save(file)
    return file.getvalue()


def sheet(workbook: openpyxl.Workbook, title: str, rows: list[list[object]], *merged: str) -> Worksheet:
    made = workbook.create_sheet(title)
    for row in rows:
        made.append(row)
    for cells in merged:
        made.merge_cells(cells)
    return made


@book
def turismo_guests(workbook):
    """A cover, a table with merged headers, a unit row, marked years, a footer."""
    sheet(workbook, "Índice", [["Estatísticas do Turismo"], ["Quadro 1", "Hóspedes e dormidas"], ["Quadro 2", "Notas"]])
    rows = [
        ["Quadro 1 - Hóspedes e dormidas nos estabelecimentos de alojamento turístico"],
        [],
        ["Ano", "Hóspedes", None, "Dormidas", None],
        [None, "Residentes", "Não residentes", "Residentes", "Não residentes"],
        [None, "milhares", "milhares", "milhares", "milhares"],
        [2021, 8010.5, 5900.1, 18800.2, 18500.9],
        [2022, 11200.4, 15300.8, 22900, 46700.7],
        ["2023 (p)", 11800, 18200.3, 23400.4, 53800.1],
        [],
        ["Fonte: INE; (p) dados provisórios"],
    ]
    sheet(workbook, "Quadro 1", rows, "A1:E1", "A3:A5", "B3:C3", "D3:E3", "A10:E10")
    sheet(workbook, "Notas", [["Conceitos"], ["Hóspede", "Indivíduo que efetua pelo menos uma dormida."]])


@book
def real_dates(workbook):
    """Cells that are dates, a text column, a percentage as the spreadsheet holds it."""
    sheet(
        workbook,
        "Data",
        [
            ["Month end", "Occupancy", "Revenue (EUR)", "Comment"],
            [date(2024, 1, 31), 0.325, 120500.5, "low season"],
            [date(2024, 2, 29), 0.381, 131000, None],
            [date(2024, 3, 31), 0.45, 160250.25, "Easter"],
        ],
    )


@book
def merged_years(workbook):
    """The year stands once beside its months, in a merged cell; a total closes each year."""
    sheet(
        workbook,
        "Dados",
        [
            ["Ano", "Mês", "Desembarques", "Valor"],
            [2022, "Novembro", 410.5, 1200],
            [None, "Dezembro", 390.1, 1150.5],
            [None, "Total", 800.6, 2350.5],
            [2023, "Janeiro", 350, 1010],
            [None, "Fevereiro", 365.2, 1044.4],
            [None, "Total", 715.2, 2054.4],
        ],
        "A2:A4",
        "A5:A7",
    )


@book
def ons_accessible(workbook):
    """A cover sheet, then one table a sheet with notes above it and shorthand for what is missing."""
    sheet(workbook, "Cover sheet", [["Deaths registered by place"], ["Published 2024"], ["Contact: statistics desk"]])
    sheet(workbook, "Notes", [["Note number", "Note text"], ["note 1", "Figures are provisional."], ["note 2", "[c]"]])
    sheet(
        workbook,
        "Table_1",
        [
            ["Table 1: Deaths by place of occurrence [note 1]"],
            ["This worksheet contains one table. Some cells contain shorthand: [x] not available, [c] confidential."],
            ["Week ending", "Home", "Hospital [note 2]", "Care home"],
            [datetime(2024, 1, 5), 2510, 5110, 2301],
            [datetime(2024, 1, 12), 2604, "[c]", 2450],
            [datetime(2024, 1, 19), "[x]", 5302, 2399],
            [datetime(2024, 1, 26), 2555, 5250, "[x]"],
        ],
    )


@book
def years_across_numbers(workbook):
    """Years as numbers across, regions down, a total column of regions, an empty column before the table."""
    sheet(
        workbook,
        "Folha1",
        [
            [None, "Consumo de água por município (milhares de m3)"],
            [],
            [None, "Município", 2019, 2020, 2021, 2022],
            [None, "Total", 60.5, 58.1, 59.9, 62],
            [None, "Faro", 30.1, 29, 29.9, 31.5],
            [None, "Lagos", 30.4, 29.1, 30, 30.5],
            [None, "Fonte: Águas do Algarve"],
        ],
    )


@book
def months_across_dates(workbook):
    """Month columns whose headers are date cells."""
    sheet(
        workbook,
        "Sheet1",
        [
            ["Product", datetime(2024, 1, 1), datetime(2024, 2, 1), datetime(2024, 3, 1)],
            ["Oranges", 12.5, 13, 14.25],
            ["Almonds", 3.5, None, 4.75],
        ],
    )


@book
def text_numbers(workbook):
    """Numbers and years that were typed as text, with thin spaces and flags."""
    sheet(
        workbook,
        "Tab",
        [
            ["Anos", "Total", "Algarve"],
            ["2019", "10 286,3", "438,4 e"],
            ["2020", "10 297,1", "437,9"],
            ["2021", "10 361,8", "467,3 p"],
        ],
    )


@book
def year_then_months_two_rows(workbook):
    """Years merged over months across, indicators down."""
    sheet(
        workbook,
        "Mensal",
        [
            ["Indicador", 2023, None, None, 2024, None],
            [None, "Out", "Nov", "Dez", "Jan", "Fev"],
            ["Passageiros (milhares)", 910.5, 520.1, 480, 450.3, 470.9],
            ["Movimentos", 6100, 4200, 4010, 3900, 4005],
        ],
        "A1:A2",
        "B1:D1",
        "E1:F1",
    )


@book
def two_equal_sheets(workbook):
    """Two sheets that hold a table each: nobody says which one is meant."""
    rows = [["Ano", "Valor"], [2021, 1.5], [2022, 2.5], [2023, 3.5]]
    sheet(workbook, "Norte", rows)
    sheet(workbook, "Algarve", [rows[0], [2021, 10.5], [2022, 11.5], [2023, 12.5]])


@book
def dates_half_converted(workbook):
    """Day-first dates that a spreadsheet of another country has read: some became dates, turned round, some stayed."""
    sheet(
        workbook,
        "Dados",
        [
            ["Data", "Leitura"],
            [datetime(2024, 11, 1), 10.1],
            [datetime(2024, 12, 1), 10.2],
            ["13/01/2024", 10.3],
            ["14/01/2024", 10.4],
            ["15/01/2024", 10.5],
        ],
    )
