"""The cases of the file corpus: a file as its publisher lays it out, and the points that it means.

`files/sure/NAME.points` lists the exact points of the file NAME beside it (or of the workbook `books.NAME`): a line of
column heads, `time` and the series, then one line a time; `.` is no point. Names made of parts are written `a | b`.
Comment lines may say `bytes:` (the file is kept in UTF-8 to be read here, and encoded so for the test). A file under
`ask` cannot be decided: `question:` is the field of `source_config` that has to be given, `given:` an answer, with
which the points are exact; without points no answer makes the file readable.
"""

import json
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import books
from slackwater.formats.cells import JOIN
from slackwater.model.instants import parse_iso

FILES = Path(__file__).parent / "files"
Points = dict[str, dict[int, float]]


@dataclass(frozen=True)
class Case:
    name: str
    file_name: str
    content: bytes = field(repr=False)
    points: Points = field(repr=False)
    question: str | None = None
    given: dict[str, Any] | None = None

    @cached_property
    def count(self) -> int:
        return sum(map(len, self.points.values()))


def cases(kind: str) -> list[Case]:
    """Return the cases under `sure` or `ask`, by name."""
    return [_case(path) for path in sorted((FILES / kind).glob("*.points"))]


def _case(path: Path) -> Case:
    lines = path.read_text(encoding="utf-8").splitlines()
    notes = dict(line[2:].split(": ", 1) for line in lines if line.startswith("# "))
    file_name, content = _content(path, notes.get("bytes", "utf-8"))
    return Case(
        name=path.stem,
        file_name=file_name,
        content=content,
        points=_points([line for line in lines if line and not line.startswith("# ")]),
        question=notes.get("question"),
        given=json.loads(notes["given"]) if "given" in notes else None,
    )


def _content(path: Path, encoding: str) -> tuple[str, bytes]:
    if path.stem in books.BOOKS:
        return f"{path.stem}.xlsx", books.content(path.stem)
    [source] = [other for other in path.parent.glob(f"{path.stem}.*") if other != path]
    content = source.read_bytes()
    return source.name, content if encoding == "utf-8" else content.decode("utf-8").encode(encoding)


def _points(lines: list[str]) -> Points:
    if not lines:
        return {}
    names = [name.strip().replace(" | ", JOIN) for name in lines[0].split(" ; ")][1:]
    points: Points = {name: {} for name in names}
    for line in lines[1:]:
        time, *values = (cell.strip() for cell in line.split(" ; "))
        for name, value in zip(names, values, strict=True):
            if value != ".":
                points[name][parse_iso(time)] = float(value)
    return points
