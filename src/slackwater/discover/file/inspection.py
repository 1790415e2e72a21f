"""Inspects an upload: its content and its faults."""

from collections.abc import Sequence
from typing import BinaryIO

from slackwater.discover.file.column_profile import Column
from slackwater.discover.file.sample import FileSample, take_sample
from slackwater.errors import BadSource
from slackwater.formats.table.reader import (
    Row,
    detect_encoding,
    file_kind,
    head_text,
    is_blank,
    open_table,
    open_workbook,
)
from slackwater.pipe.frames import Inspected

PREVIEW_ROWS = 5  # rows; chosen: what a person needs to recognise a file
MAX_SHEETS = 500  # of a workbook; chosen: beyond what people make, bounded work for hostile files
PREVIEW_LINE = 1_000  # characters of a line; chosen: a screen's width several times over
SAMPLE_TEXT = 100  # characters of a cell; chosen: what fits into a table on a page

_WORKBOOK_NAMES = (".xlsx", ".xls")
_IS = {
    "zip": "an Excel workbook or a ZIP archive",
    "ole": "an Excel workbook or another Office document",
    "text": "text",
}


def inspect(file: BinaryIO, name: str) -> Inspected:
    """Return a preview, columns, row count, sheets, and the file's faults."""
    kind = file_kind(file)
    if not file.read(1):
        return Inspected(preview="", errors=["the file is empty"])
    wants_workbook = name.lower().endswith(_WORKBOOK_NAMES)
    if (kind in {"zip", "ole"}) != wants_workbook or kind not in _IS:
        suffix = name.rpartition(".")[2].upper()
        return Inspected(preview="", errors=[f"the file is named as {suffix}, but it is {_IS.get(kind, kind)}"])
    try:
        return _workbook(file) if wants_workbook else _text(file)
    except BadSource as problem:
        return Inspected(preview="", errors=[str(problem)])


def _text(file: BinaryIO) -> Inspected:
    encoding = detect_encoding(file)
    lines = [line[:PREVIEW_LINE] for line in head_text(file, encoding).splitlines() if line.strip()]
    preview = "\n".join(lines[:PREVIEW_ROWS])
    return _inspected(take_sample(open_table(file, encoding=encoding)), preview, [])


def _workbook(file: BinaryIO) -> Inspected:
    """Inspect the first sheet with a table, else the first with any cell."""
    sheets = list(open_workbook(file).sheet_names)
    if len(sheets) > MAX_SHEETS:
        return Inspected(preview="", errors=[f"the workbook has {len(sheets):,} sheets; {MAX_SHEETS:,} are the most"])
    first: Inspected | None = None
    for sheet in sheets:
        file.seek(0)
        try:
            sample = take_sample(open_table(file, sheet=sheet))
        except BadSource:
            continue
        seen = _inspected(sample, _preview(sample.head), sheets)
        first = first or seen
        if not seen.errors and any(column["type"] != "text" for column in seen.columns):
            return seen
    return first or Inspected(preview="", sheets=sheets, errors=["the workbook has no sheet with anything in it"])


def _inspected(sample: FileSample, preview: str, sheets: list[str]) -> Inspected:
    errors = []
    if len(sample.columns) < 2:
        errors.append(f"the file has only one column, {sample.names}; a time series needs two")
    elif not sample.row_count:
        errors.append("the file has column names, but no row of data")
    return Inspected(
        preview=preview,
        columns=[_shown(column) for column in sample.columns],
        row_count=sample.row_count,
        sheets=sheets,
        errors=errors,
    )


def _shown(column: Column) -> dict[str, str]:
    first = next(iter(column.filled), "")
    return {"name": column.name, "type": column.kind, "sample": str(first)[:SAMPLE_TEXT]}


def _preview(rows: Sequence[Row]) -> str:
    filled = [row for row in rows if not is_blank(row)][:PREVIEW_ROWS]
    return "\n".join("\t".join(str("" if cell is None else cell) for cell in row)[:PREVIEW_LINE] for row in filled)
