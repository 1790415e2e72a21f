"""Reads an uploaded file as rows of cells: delimited text, or a workbook's sheet."""

import codecs
import csv
import io
import re
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, BinaryIO

from slackwater.errors import BadSource
from slackwater.formats.cells import is_year, looks_number, time_part
from slackwater.formats.numbers import is_missing
from slackwater.formats.table.aligned import HEAD as HEAD_LINES
from slackwater.formats.table.aligned import aligned_rows, aligned_width, without_thousands
from slackwater.formats.table.code_pages import told_code_page

Row = Sequence[object]

HEAD = 64 * 1024  # bytes that a delimiter is detected in
CHUNK = 1024 * 1024  # bytes read at a time
UNPACKED = 1024 * 1024 * 1024  # bytes a workbook may unpack to
DELIMITERS = ("\t", ";", "|", ",")  # where two fit, the comma is the decimal mark
ALIGNED = " "  # the delimiter of columns that blanks align
DELIMITER_NAMES = {"\t": "tab", ";": "semicolon", "|": "bar", ",": "comma", ALIGNED: "blank"}
_CLEAR = 0.8  # of the rows that a delimiter cuts alike; chosen: commas in the words above a table cut few

_ZIP = b"PK\x03\x04"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_FOREIGN = (  # how a file begins that is no table, whatever its name
    (b"%PDF", "a PDF document"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"\x89PNG", "an image"),
    (b"\xff\xd8\xff", "an image"),
    (b"GIF8", "an image"),
    (b"Rar!", "an archive"),
    (b"7z\xbc\xaf", "an archive"),
    (b"PAR1", "a Parquet file"),
    (b"SQLite format 3", "a database"),
    (b"\x7fELF", "a program"),
)
_LATIN9_EURO = 0xA4  # in windows-1252 the sign for any currency, which nobody writes
_WINDOWS_ONLY = set(range(0x80, 0xA0))
_PAIR = 2  # cells that a single mark makes
_COMMENTS = ("#", "//", "%%", "!")  # what lines of comments begin with
_CUT = re.compile(r'"[,;\t|]"')  # the end of one quoted cell and the beginning of the next
_MARKUP = re.compile(rb"\s*(<!doctype|<html|<\?xml|<table|<svg)", re.IGNORECASE)
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


@dataclass(frozen=True)
class Table:
    """Holds the rows of a file from the first, and their approximate number.

    Line breaks in quotes count as rows.
    """

    rows: Iterator[Row]
    total: int


def content_kind(head: bytes) -> str:
    """Detect a file's kind by its first bytes: `zip`, `ole`, `text`, or a description."""
    if head.startswith(_ZIP):
        return "zip"
    if head.startswith(_OLE):
        return "ole"
    foreign = next((kind for magic, kind in _FOREIGN if head.startswith(magic)), None)
    if foreign:
        return foreign
    if _MARKUP.match(head.removeprefix(codecs.BOM_UTF8)):
        return "a web page or XML document"
    if b"\0" in head and not head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) and not _wide_encoding(head):
        return "binary data"
    return "text"


def _wide_encoding(head: bytes) -> str | None:
    """Detect UTF-16 without byte order mark by its zero bytes; None for other encodings."""
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if min(even, odd) or max(even, odd) * 4 < len(head) // 2:
        return None
    name = "utf-16-le" if odd else "utf-16-be"
    try:
        text = codecs.getincrementaldecoder(name)().decode(head)
    except UnicodeDecodeError:
        return None
    return name if "\n" in text or "\r" in text else None


def file_kind(file: BinaryIO) -> str:
    """Return `content_kind` of an open file, and leave it at its first byte."""
    file.seek(0)
    head = file.read(HEAD)
    file.seek(0)
    return content_kind(head)


def open_table(
    file: BinaryIO, *, sheet: str | None = None, delimiter: str | None = None, encoding: str | None = None
) -> Table:
    """Return the rows of a text file or workbook.

    What is None is told from the content.

    Raises BadSource for content that is no table, and for a sheet that is not there.
    """
    kind = file_kind(file)
    if kind in {"zip", "ole"}:
        return _sheet(open_workbook(file), sheet)
    if kind != "text":
        raise BadSource(f"the file is {kind}, not a table; upload a CSV, XLSX or XLS file")
    if sheet is not None:
        raise BadSource(
            f"sheet_name {sheet!r} was given, but the file is text and has no sheets; leave sheet_name out",
            field="sheet_name",
        )
    encoding = encoding or detect_encoding(file)
    delimiter = delimiter or detect_delimiter(head_text(file, encoding))
    total = _count_lines(file)
    file.seek(0)
    # A wrong byte makes its own cell unreadable, which is then counted and reported, and no other.
    text = io.TextIOWrapper(file, encoding=encoding, errors="replace", newline="")
    return Table(aligned_rows(text) if delimiter == ALIGNED else _csv_rows(text, delimiter), total)


def _csv_rows(text: io.TextIOWrapper, delimiter: str) -> Iterator[Row]:
    lines: list[str] = []  # of the row that is read
    reader = csv.reader(_kept(text, lines), delimiter=delimiter)
    line = width = 0
    suspect: tuple[list[list[str]], int] | None = None  # lines inside a cell, which the next row may show to be rows
    several: tuple[list[str], int] | None = None  # the last row of several lines, and its first, until one is below it
    try:
        for row in reader:
            if several is not None and not is_blank(row):
                if held := _rows_held(several[0], row, delimiter):
                    raise _swallowed(several[1], held)
                several = None
            if suspect is not None and any(_alike(part, row) for part in suspect[0]):
                raise _swallowed(suspect[1], len(suspect[0]))
            suspect = None
            if reader.line_num > line + 1:
                suspect = _swallowed_rows(row, width, delimiter, line + 1)
                if not _is_well_formed(lines, delimiter):
                    raise _swallowed(line + 1, len(suspect[0])) if suspect else _joined(line + 1, len(lines))
                several = row, line + 1
            line, width = reader.line_num, len(row)
            lines.clear()
            yield row
    except csv.Error as error:
        raise BadSource(
            f"line {reader.line_num} cannot be read as CSV ({error}); look for a quotation mark that is never closed"
        ) from None


def _kept(text: Iterable[str], lines: list[str]) -> Iterator[str]:
    for line in text:
        lines.append(line)
        yield line


def _is_well_formed(lines: Sequence[str], delimiter: str) -> bool:
    """Check that every mark that closes a cell ends it (RFC 4180, section 2)."""
    try:
        list(csv.reader(lines, delimiter=delimiter, strict=True))
    except csv.Error:
        return False
    return True


def _swallowed_rows(row: Sequence[str], width: int, delimiter: str, line: int) -> tuple[list[list[str]], int] | None:
    """Return lines inside a quoted cell that may be rows, which the next row decides.

    None where there are none.

    Raises BadSource when they are rows for certain: a stray quotation mark has taken them out of the table. Text with
    line breaks is no row: its lines do not have as many cells as the row before, `width`, or not their kinds.
    """
    for place, cell in enumerate(row):
        if len(lines := cell.splitlines()) < 2:
            continue
        if 1 < width < len(row):  # the mark that closes the cell stood within a row, which goes on behind it
            raise _swallowed(line, len(lines) - 1)
        begun, *swallowed = csv.reader(lines, delimiter=delimiter)
        first = [*row[:place], *begun]
        # The row before may be a line about the table, of another width.
        widths = [width] if width == len(row) else [width, len(first)]
        if not any(_as_wide(swallowed, wanted, wanted - len(row) + place + 1) for wanted in widths):
            continue
        alike = sum(_alike(part, first) or _alike(part, before) for before, part in pairwise([first, *swallowed]))
        if alike * 2 > len(swallowed) or (alike and alike + 1 == len(swallowed)):
            raise _swallowed(line, len(swallowed))
        return swallowed, line
    return None


def _rows_held(row: Sequence[str], below: Sequence[str], delimiter: str) -> int:
    """Count the lines below the first in a cell that holds the row of names.

    One of them makes as many cells as the row `below` has, which is one of data, where `row` has fewer, or nothing
    stands before it in its cell. Text has a blank behind its marks, or brackets around them; two cells with digits may
    be a number with a decimal mark.
    """
    told = [cell for cell in below if _kind(cell) in ("number", "time")]
    if sum(map(bool, map(str.strip, row))) > _PAIR or all(map(is_year, told)):  # names, and years in the place of names
        return 0
    for cell in row:
        begun, *lines = cell.splitlines() or [""]
        if begun.strip() and len(row) >= len(below):
            continue
        for names in csv.reader(lines, delimiter=delimiter):
            as_wide = len(names) == len(below) > 1 and not any(map(_is_part_of_text, names))
            if as_wide and (len(names) > _PAIR or not any(map(str.isdigit, "".join(names)))):
                return len(lines)
    return 0


def _is_part_of_text(name: str) -> bool:
    return name[:1].isspace() or name.count("(") != name.count(")")


def _as_wide(rows: Sequence[Sequence[str]], wanted: int, last: int) -> bool:
    """Check whether most rows have as many cells as wanted, or the last fewer."""
    whole = sum(len(row) == wanted for row in rows[:-1]) + (len(rows[-1]) in (wanted, last))
    return wanted > 1 and whole * 2 > len(rows)


def _swallowed(line: int, count: int) -> BadSource:
    return BadSource(
        f"lines {line} to {line + count} stand inside one quoted cell, and each looks like a row: a quotation mark in "
        f"line {line} is out of place. Remove it, or close it in its line, and upload the file again"
    )


def _joined(line: int, count: int) -> BadSource:
    return BadSource(
        f"lines {line} to {line + count - 1} are read as one row: a quotation mark in line {line} is out of place. "
        "Remove it, or close it in its line, and upload the file again"
    )


def _alike(row: Sequence[str], other: Sequence[str]) -> bool:
    """Check whether two rows hold numbers, times and texts in the same places."""
    both = [(_kind(one), _kind(two)) for one, two in zip(row, other, strict=False)]
    kinds = [pair for pair in both if all(pair)]
    return any(one == two != "text" for one, two in kinds) and not any(
        one != two and "text" in (one, two) for one, two in kinds[:-1]
    )


def _kind(cell: str) -> str:
    return "" if is_missing(cell) else "number" if looks_number(cell) else "time" if time_part(cell) else "text"


# --- text ------------------------------------------------------------------------------------------------------------


def detect_encoding(file: BinaryIO) -> str:
    """Return the encoding by its byte order mark or its zeros.

    Else UTF-8 if the file is that; else the code page that its words tell, or windows-1252.
    """
    file.seek(0)
    head = file.read(HEAD)
    for bom, name in _BOMS:
        if head.startswith(bom):
            return name
    if b"\0" in head and (wide := _wide_encoding(head)):
        return wide
    file.seek(0)
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        while chunk := file.read(CHUNK):
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return _single_byte(file)
    return "utf-8"


def _single_byte(file: BinaryIO) -> str:
    """Return another code page where the words tell it, else ISO 8859-15 or windows-1252.

    The euro sign has another place in each of these, and one uses codes that the other leaves free.
    """
    seen: set[int] = set()
    file.seek(0)
    told = told_code_page(file.read(CHUNK))
    if told not in {None, "windows-1252"}:
        return str(told)
    file.seek(0)
    while chunk := file.read(CHUNK):
        seen.update(chunk)
    return "iso-8859-15" if _LATIN9_EURO in seen and not seen & _WINDOWS_ONLY else "windows-1252"


def head_text(file: BinaryIO, encoding: str) -> str:
    """Return the whole lines at the beginning of a text file."""
    file.seek(0)
    head = file.read(HEAD)
    text = codecs.getincrementaldecoder(encoding)(errors="replace").decode(head)
    if len(head) == HEAD and "\n" in text:
        text = text[: text.rindex("\n") + 1]
    return text.removeprefix("\ufeff")


def detect_delimiter(text: str) -> str:
    """Return the delimiter that cuts most rows into the same number of cells.

    A blank where none does and blanks align columns, else a comma.
    """
    text = without_thousands(text)
    shares = {mark: _evenness(text, mark) for mark in DELIMITERS}
    best = max(shares.values())
    if best < _CLEAR and aligned_width(text.splitlines()[:HEAD_LINES]):
        return ALIGNED
    if not best:
        return ","
    return next(mark for mark in DELIMITERS if shares[mark] >= best - 0.1 and shares[mark])


def _evenness(text: str, delimiter: str) -> float:
    try:
        rows = [row for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter) if row]
    except csv.Error:
        return 0.0
    rows = [row for row in rows if not row[0].startswith(_COMMENTS)] or rows  # which are of the table, if any are
    # A mark that cuts through what stands in quotation marks is none.
    widths = [len(row) for row in rows if not any(_CUT.search(cell) for cell in row)]
    width, alike = Counter(widths).most_common(1)[0] if widths else (0, 0)
    return alike / len(rows) if width > 1 else 0.0


def _count_lines(file: BinaryIO) -> int:
    file.seek(0)
    lines, last = 0, b"\n"
    while chunk := file.read(CHUNK):
        lines += chunk.count(b"\n")
        last = chunk[-1:]
    return lines + (last not in {b"\n", b"\0"})


# --- workbooks -------------------------------------------------------------------------------------------------------


def open_workbook(file: BinaryIO) -> Any:
    """Return the workbook, as python-calamine gives it; BadSource when it cannot be opened."""
    from python_calamine import CalamineError, PasswordError, load_workbook

    _refuse_bombs(file)
    file.seek(0)
    try:
        return load_workbook(file)
    except PasswordError:
        raise BadSource("the workbook is protected by a password; upload it without one") from None
    except (CalamineError, OSError):  # what the library says of it is about its bytes, and helps nobody
        raise BadSource(
            "the file cannot be opened as an Excel workbook: it is damaged, or of another kind; open it in a "
            "spreadsheet program and save it as XLSX"
        ) from None


def _refuse_bombs(file: BinaryIO) -> None:
    if file_kind(file) != "zip":
        return
    try:
        size = sum(part.file_size for part in zipfile.ZipFile(file).infolist())
    except (zipfile.BadZipFile, OSError, ValueError):
        raise BadSource("the workbook is damaged: its ZIP directory cannot be read; save it again") from None
    if size > UNPACKED:
        raise BadSource(f"the workbook unpacks to {size >> 20:,} MiB, more than the {UNPACKED >> 20:,} MiB allowed")


def _sheet(book: Any, name: str | None) -> Table:
    from python_calamine import CalamineError

    if name is None:
        name = next(iter(book.sheet_names), None)
    if name not in book.sheet_names:
        known = ", ".join(map(repr, book.sheet_names))
        raise BadSource(f"the workbook has no sheet {name!r}; sheet_name can be one of {known}", field="sheet_name")
    try:
        sheet = book.get_sheet_by_name(name)
    except CalamineError:
        raise BadSource(
            f"sheet {name!r} cannot be read: it is damaged; open the workbook in a spreadsheet program and save it "
            "again"
        ) from None
    return Table(iter(sheet.iter_rows()) if sheet.start is not None else iter(()), sheet.total_height)


# --- column names ----------------------------------------------------------------------------------------------------


def is_blank(row: Row) -> bool:
    """Say whether a row has nothing in it."""
    return not any(cell is not None and str(cell).strip() for cell in row)
