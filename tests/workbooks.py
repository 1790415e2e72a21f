"""Makes small workbooks for tests."""

import io

import openpyxl


def workbook(**sheets: list[list[object]]) -> bytes:
    """Return an XLSX file of sheets by name, each a list of rows."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()
