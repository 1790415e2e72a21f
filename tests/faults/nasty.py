"""Files that nobody wishes to open: name → (file name, content). Small on the wire, large or endless inside."""

import io
import struct
import zipfile
import zlib
from collections.abc import Callable

import openpyxl

MIB = 2**20
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELS = "http://schemas.openxmlformats.org/package/2006/relationships"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PARTS = {
    "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>',
    "_rels/.rels": f'<Relationships xmlns="{_RELS}"><Relationship Id="rId1" Type="{_OFFICE}/officeDocument" '
    'Target="xl/workbook.xml"/></Relationships>',
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_RELS}"><Relationship Id="rId1" Type="{_OFFICE}/worksheet" '
    f'Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="{_OFFICE}/sharedStrings" '
    'Target="sharedStrings.xml"/></Relationships>',
    "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets><sheet name="Data" sheetId="1" '
    'r:id="rId1"/></sheets></workbook>',
    "xl/sharedStrings.xml": f'<sst xmlns="{_MAIN}"/>',
}


def sheet(rows: str, before: str = "", dimension: str = "A1:B3") -> str:
    head = f'<?xml version="1.0"?>{before}<worksheet xmlns="{_MAIN}"><dimension ref="{dimension}"/>'
    return f"{head}<sheetData>{rows}</sheetData></worksheet>"


def cell(place: str, value: str) -> str:
    return f'<c r="{place}" t="inlineStr"><is><t>{value}</t></is></c>'


def workbook(part: bytes | str, **others: bytes | str) -> bytes:
    """A workbook whose one sheet is `part`."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as packed:
        for name, content in {**PARTS, "xl/worksheets/sheet1.xml": part, **others}.items():
            packed.writestr(name, content)
    return buffer.getvalue()


def good_workbook() -> bytes:
    book = openpyxl.Workbook()
    for row in (("time", "level"), ("2020-01-01", 1.5), ("2020-01-02", 2.5), ("2020-01-03", 3.5)):
        book.active.append(row)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


GOOD = sheet(
    "".join(f'<row r="{n}">{cell(f"A{n}", f"2020-01-0{n}")}<c r="B{n}"><v>{n}</v></c></row>' for n in (1, 2, 3))
)


def packed_bomb() -> bytes:
    """Some GiB of a sheet, in a MiB: twice the memory that the process has."""
    row = ("<row>" + "<c><v>1</v></c>" * 60 + "</row>").encode()
    return _streamed(row * 1000, 1_300)


def lying_bomb() -> bytes:
    """A bomb whose directory says that it is small."""
    content = bytearray(_streamed(("<row>" + "<c><v>1</v></c>" * 60 + "</row>").encode() * 1000, 700))
    true = zipfile.ZipFile(io.BytesIO(bytes(content))).getinfo("xl/worksheets/sheet1.xml").file_size
    for number in range(content.count(struct.pack("<L", true & 0xFFFFFFFF))):
        place = content.find(struct.pack("<L", true & 0xFFFFFFFF))
        content[place : place + 4] = struct.pack("<L", 1000 + number)
    return bytes(content)


def _streamed(block: bytes, times: int) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as packed:
        for name, content in PARTS.items():
            packed.writestr(name, content)
        with packed.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as part:
            head, tail = sheet("@").split("@")
            part.write(head.encode())
            for _ in range(times):
                part.write(block)
            part.write(tail.encode())
    return buffer.getvalue()


def entities(depth: int = 12) -> bytes:
    """Billion laughs."""
    lines = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, depth))
    return workbook(sheet(f"<row>{cell('A1', f'&l{depth - 1};')}</row>", f'<!DOCTYPE w [<!ENTITY l0 "ha">{lines}]>'))


def external_entity() -> bytes:
    before = '<!DOCTYPE w [<!ENTITY x SYSTEM "file:///etc/passwd"><!ENTITY y SYSTEM "http://169.254.169.254/">]>'
    first, second = cell("A1", "time") + cell("B1", "v"), cell("A2", "&x;&y;") + cell("B2", "1")
    rows = f'<row r="1">{first}</row><row r="2">{second}</row>'
    return workbook(sheet(rows, before))


def far_corners() -> bytes:
    """Two cells at opposite ends of the largest sheet there is."""
    rows = f'<row r="1">{cell("A1", "time")}{cell("B1", "v")}</row><row r="1048576">{cell("XFD1048576", "1")}</row>'
    return workbook(sheet(rows, dimension="A1:XFD1048576"))


def absurd_places() -> bytes:
    rows = f'<row r="4294967295">{cell("ZZZZZZZ99999999999999999999", "1")}{cell("A-1", "2")}</row>'
    return workbook(sheet(rows, dimension="A1:ZZZZZZZZZZ999999999999999"))


def deep(tag: str = "a", levels: int = 3_000_000) -> bytes:
    return workbook(sheet(f"<{tag}>" * levels + f"</{tag}>" * levels))


def many_sheets(count: int = 60_000) -> bytes:
    listed = "".join(f'<sheet name="s{n}" sheetId="{n}" r:id="rId1"/>' for n in range(1, count))
    book = f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>{listed}</sheets></workbook>'
    return workbook(sheet(""), **{"xl/workbook.xml": book})


def shared_strings() -> bytes:
    """A million strings that each cell names again."""
    strings = (
        f'<sst xmlns="{_MAIN}" count="4000000000" uniqueCount="4000000000">'
        + "<si><t>x</t></si>" * 1_000_000
        + "</sst>"
    )
    rows = "".join(
        f'<row r="{n}"><c r="A{n}" t="s"><v>{n}</v></c><c r="B{n}" t="s"><v>-{n}</v></c></row>' for n in range(1, 2000)
    )
    return workbook(sheet(rows), **{"xl/sharedStrings.xml": strings})


def nested_archive() -> bytes:
    """A bomb in a bomb, called a workbook."""
    inner = zlib.compress(b"\0" * (64 * MIB), 9)
    return workbook(GOOD, **{f"xl/media/{n}.bin": inner * 4 for n in range(20)})


def climbing_names() -> bytes:
    return workbook(GOOD, **{"../../../../tmp/slackwater-was-here": "x", "/etc/slackwater-was-here": "x"})


def formulas() -> bytes:
    formula = "WEBSERVICE(\"http://169.254.169.254/\")+cmd|' /C calc'!A0"
    rows = "".join(
        f'<row r="{n}">{cell(f"A{n}", f"2020-01-0{n}")}<c r="B{n}"><f>{formula}</f><v>{n}</v></c></row>'
        for n in (1, 2, 3)
    )
    return workbook(sheet(rows))


def truncated() -> bytes:
    whole = good_workbook()
    return whole[: len(whole) // 2]


def broken_directory() -> bytes:
    whole = bytearray(good_workbook())
    whole[-20:-8] = b"\xff" * 12
    return bytes(whole)


def ole_loop() -> bytes:
    """An old workbook whose sectors follow each other in a circle."""
    head = bytearray(512)
    head[:8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
    struct.pack_into("<HHHHH", head, 24, 0x3E, 3, 0xFFFE, 9, 6)
    struct.pack_into("<LLLLLLLLL", head, 44, 1, 1, 0, 4096, 1, 1, 1, 0, 0)
    for n in range(109):
        struct.pack_into("<L", head, 76 + 4 * n, 0)
    table = struct.pack("<128L", *([1, 0] * 64))
    return bytes(head) + table * 4


def polyglot() -> bytes:
    """Readable text first, a workbook behind it."""
    return b"time,level\n2020-01-01,1\n2020-01-02,2\n" + good_workbook()


CORPUS: dict[str, tuple[str, Callable[[], bytes]]] = {
    "zip bomb": ("a.xlsx", packed_bomb),
    "zip bomb that lies": ("a.xlsx", lying_bomb),
    "archive in an archive": ("a.xlsx", nested_archive),
    "entity bomb": ("a.xlsx", entities),
    "external entity": ("a.xlsx", external_entity),
    "cells in far corners": ("a.xlsx", far_corners),
    "places that no sheet has": ("a.xlsx", absurd_places),
    "deep nesting": ("a.xlsx", deep),
    "deep nesting of what is known": ("a.xlsx", lambda: deep("row", 1_000_000)),
    "sixty thousand sheets": ("a.xlsx", many_sheets),
    "a million shared strings": ("a.xlsx", shared_strings),
    "names that climb": ("a.xlsx", climbing_names),
    "formulas": ("a.xlsx", formulas),
    "truncated workbook": ("a.xlsx", truncated),
    "broken directory": ("a.xlsx", broken_directory),
    "a workbook named CSV": ("a.csv", good_workbook),
    "a CSV named workbook": ("a.xlsx", lambda: b"time,level\n2020-01-01,1\n"),
    "empty archive": ("a.xlsx", lambda: b"PK\x05\x06" + b"\0" * 18),
    "sectors in a circle": ("a.xls", ole_loop),
    "an old workbook of noise": ("a.xls", lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(range(256)) * 200),
    "polyglot": ("a.csv", polyglot),
    "polyglot named workbook": ("a.xlsx", polyglot),
    "a line of 40 MiB": ("a.csv", lambda: b"time,level\n" + b"1" * (40 * MIB)),
    "a cell of 40 MiB": ("a.csv", lambda: b'time,level\n2020-01-01,"' + b"x" * (40 * MIB) + b'"\n'),
    "a quotation without end": ("a.csv", lambda: b'time,level\n"' + b"2020-01-01,1\n" * 2_000_000),
    "a million columns": ("a.csv", lambda: b"," * 1_000_000 + b"\n" + b"1," * 1_000_000),
    "ragged rows": ("a.csv", lambda: b"".join(b"1," * n + b"\n" for n in range(3000))),
    "ten million empty lines": ("a.csv", lambda: b"time,level\n" + b"\n" * (10 * MIB)),
    "NUL bytes": ("a.csv", lambda: b"time,level\n2020-01-01,\x001\n" * 1000),
    "NUL bytes after a while": ("a.csv", lambda: b"time,level\n" + b"2020-01-01,1\n" * 10_000 + b"\0" * 1000),
    "half a character": ("a.csv", lambda: "time,nível\n2020-01-01,1\n".encode("utf-16")[:-1]),
    "control characters": ("a.csv", lambda: b"time,level\n" + bytes(range(1, 32)) * 500),
    "injected formulas": ("a.csv", lambda: b"=cmd|' /C calc'!A0,level\n2020-01-01,=HYPERLINK(1)\n2020-01-02,@SUM(1)\n"),
    "a web page": ("a.csv", lambda: b"<html><script>alert(1)</script></html>"),
    "a script": ("a.csv", lambda: b"#!/bin/sh\nrm -rf /\n"),
    "one column": ("a.csv", lambda: b"time\n2020-01-01\n"),
    "nothing": ("a.csv", lambda: b""),
    "numbers beyond all bounds": ("a.csv", lambda: b"time,level\n9999999-01-01,1e99999999\n0000-00-00,-NaN\n" * 100),
    "right to left": ("a.csv", "time,\u202elevel\n2020-01-01,1\n2020-01-02,2\n".encode),
}
