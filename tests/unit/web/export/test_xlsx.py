"""A workbook of more rows than a sheet holds; the rest is tested through the front door, in test_downloads.py."""

import io

import openpyxl
import pytest

from slackwater.store.series.readings import Reading
from slackwater.web.export import xlsx

DAY = 86_400_000_000


@pytest.mark.parametrize(("count", "sheets"), [(0, [0]), (9, [9]), (10, [10]), (11, [10, 1]), (25, [10, 10, 5])])
def test_what_does_not_fit_into_a_sheet_goes_on_in_the_next(count: int, sheets: list[int]):
    data = [Reading(n * DAY, float(n), "level") for n in range(count)]
    file = io.BytesIO()
    xlsx.write(iter(data), file, rows=10)  # type: ignore[arg-type]
    found = [list(sheet.iter_rows(values_only=True)) for sheet in openpyxl.load_workbook(file)]
    assert [rows[0] for rows in found] == [("x", "y", "series")] * len(sheets)
    assert [len(rows) - 1 for rows in found] == sheets
    assert [y for rows in found for _, y, _ in rows[1:]] == [float(n) for n in range(count)]


def test_a_sheet_is_as_long_as_excel_allows():
    assert xlsx.ROWS + 1 == 2**20
