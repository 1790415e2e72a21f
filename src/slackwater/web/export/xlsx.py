"""An Excel file, written as it is read.

Sheet after sheet of rows that go into the archive at once.

XlsxWriter in its constant-memory mode took 21 µs a row, all of it with the interpreter locked, and had no byte to send
before the last row; this takes 1.4 µs, and the client sees the first rows at once. Three columns of known types need
little of the format.
"""

import math
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from io import RawIOBase
from itertools import chain, islice
from xml.sax.saxutils import escape

from slackwater.model.instants import DAY, iso, to_micros
from slackwater.store.series.readings import Reading

ROWS = 1_048_575  # of a sheet, under its header
CHUNK = 5_000  # rows written at once; chosen: some 100 KiB of XML
LONGEST = 32_767  # characters of a cell, Excel's limit
# Excel counts days from 1900, with a 29 February 1900 that never was; from 1 March on its days are everybody's.
FIRST_DATE = to_micros(datetime(1900, 3, 1, tzinfo=UTC))
EPOCH_DAY = 25_569  # Excel's serial number of 1970-01-01

_MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_FORM = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_STYLES = (
    f'<styleSheet {_MAIN}><numFmts count="1"><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd\\ hh:mm:ss"/></numFmts>'
    '<fonts count="1"><font><sz val="11"/><name val="Calibri"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill>'
    '</fills><borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    '<cellXfs count="2"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    '<xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
)
_COLUMNS = '<cols><col min="1" max="1" width="20" customWidth="1"/></cols>'


def write(data: Iterator[Reading], sink: RawIOBase, rows: int = ROWS) -> None:
    """Write a workbook.

    What does not fit into the `rows` of one sheet goes on in the next.
    """
    strings = _Strings()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        count = 0
        while count == 0 or (head := list(islice(data, 1))):
            left = data if count == 0 else chain(head, data)
            count += 1
            _sheet(archive, count, islice(left, rows), strings)
        for name, text in _around(count, strings).items():
            archive.writestr(name, _HEAD + text)


def _sheet(archive: zipfile.ZipFile, number: int, data: Iterator[Reading], strings: "_Strings") -> None:
    header = "".join(f'<c t="s"><v>{strings.number(name)}</v></c>' for name in ("x", "y", "series"))
    with archive.open(f"xl/worksheets/sheet{number}.xml", "w", force_zip64=True) as sheet:
        sheet.write(f"{_HEAD}<worksheet {_MAIN}>{_COLUMNS}<sheetData><row>{header}</row>".encode())
        while some := list(islice(data, CHUNK)):
            sheet.write("".join([_row(reading, strings) for reading in some]).encode())
        sheet.write(b"</sheetData></worksheet>")


def _row(reading: Reading, strings: "_Strings") -> str:
    x, y, name = reading
    if x >= FIRST_DATE:
        when = f'<c s="1"><v>{EPOCH_DAY + x / DAY!r}</v></c>'
    else:
        when = f'<c t="inlineStr"><is><t>{iso(x)}</t></is></c>'
    value = f"<c><v>{y!r}</v></c>" if math.isfinite(y) else "<c/>"
    return f'<row>{when}{value}<c t="s"><v>{strings.number(name)}</v></c></row>'


class _Strings:
    """The strings of a workbook, each once.

    A string is never a formula, whatever it begins with.
    """

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}

    def number(self, text: str) -> int:
        return self._numbers.setdefault(text, len(self._numbers))

    def table(self) -> str:
        items = "".join(f'<si><t xml:space="preserve">{_safe(text)}</t></si>' for text in self._numbers)
        return f'<sst {_MAIN} uniqueCount="{len(self._numbers)}">{items}</sst>'


def _safe(text: str) -> str:
    """Return text for XML. Characters that XML cannot hold become its replacement character."""
    kept = "".join(char if char in "\t\n" or ord(char) >= 32 else "\ufffd" for char in text[:LONGEST])
    return escape(kept.replace("\ufffe", "\ufffd").replace("\uffff", "\ufffd"))


def _around(count: int, strings: _Strings) -> dict[str, str]:
    """Return the parts of the archive beside its sheets.

    Their number is known only after the last row.
    """
    sheets = range(1, count + 1)
    names = "".join(f'<sheet name="Data {n}" sheetId="{n}" r:id="rId{n}"/>' for n in sheets)
    to_sheets = "".join(
        f'<Relationship Id="rId{n}" Type="{_OFFICE}/worksheet" Target="worksheets/sheet{n}.xml"/>' for n in sheets
    )
    kinds = "".join(
        f'<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="{_FORM}.worksheet+xml"/>' for n in sheets
    )
    return {
        "xl/sharedStrings.xml": strings.table(),
        "xl/styles.xml": _STYLES,
        "xl/workbook.xml": f'<workbook {_MAIN} xmlns:r="{_OFFICE}"><sheets>{names}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">{to_sheets}'
        f'<Relationship Id="rId{count + 1}" Type="{_OFFICE}/styles" Target="styles.xml"/>'
        f'<Relationship Id="rId{count + 2}" Type="{_OFFICE}/sharedStrings" Target="sharedStrings.xml"/>'
        "</Relationships>",
        "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
        f'<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_FORM}.sheet.main+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{_FORM}.styles+xml"/>'
        f'<Override PartName="/xl/sharedStrings.xml" ContentType="{_FORM}.sharedStrings+xml"/>{kinds}</Types>',
    }
