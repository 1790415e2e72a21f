"""How the .xls files of the corpus were made, once: `pip install xlwt`, then `python tests/corpus/legacy_books.py`.

xlwt is the one writer of the format and unmaintained since 2017, so that the tests have the files, not the library.
"""

from datetime import date
from pathlib import Path

FILES = Path(__file__).parent / "files"
DAY = "yyyy-mm-dd"

BOOKS = {
    "sure/xls_yearbook": {
        "Capa": [["Anuário estatístico"], ["Edição de 2022"]],
        "Quadro": [
            ["Quadro II.3 - Comércio internacional de bens"],
            [],
            ["Anos", "Exportações", "Importações"],
            [2019, 59902.8, 79977.1],
            [2020, 53786.2, 68146.1],
            ["2021 (p)", 63618.8, 83146.4],
            ["Fonte: INE, I.P."],
        ],
    },
    "sure/xls_years_across": {
        "Taxa": [
            ["NUTS II", 2020, 2021, 2022],
            ["Norte", 7.1, 6.8, 6.2],
            ["Centro", 6.2, 5.7, 5.5],
            ["Algarve", 8.3, 8.1, 6.3],
        ]
    },
    "sure/xls_daily_dates": {
        "Albufeira": [
            ["Data", "Nível (m)", "Volume (hm3)"],
            [date(2024, 1, 30), 80.15, 45.2],
            [date(2024, 1, 31), 80.22, 45.9],
            [date(2024, 2, 1), 80.31, 46.7],
        ]
    },
    "ask/xls_two_sheets": {
        "Trimestral": [["Período", "Taxa"], ["2023-Q1", 7.2], ["2023-Q2", 6.1], ["2023-Q3", 6.1]],
        "Dessazonalizada": [["Período", "Taxa"], ["2023-Q1", 7.0], ["2023-Q2", 6.3], ["2023-Q3", 6.2]],
    },
}


def main() -> None:
    import xlwt

    days = xlwt.easyxf(num_format_str=DAY)
    for name, sheets in BOOKS.items():
        workbook = xlwt.Workbook()
        for title, rows in sheets.items():
            sheet = workbook.add_sheet(title)
            for y, row in enumerate(rows):
                for x, cell in enumerate(row):
                    sheet.write(y, x, cell, *([days] if isinstance(cell, date) else []))
        workbook.save(str(FILES / f"{name}.xls"))


if __name__ == "__main__":
    main()
