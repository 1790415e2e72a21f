"""A quotation mark out of place never takes rows out of a table without a word."""

import io

import pytest

from slackwater.errors import BadSource
from slackwater.formats.table.reader import open_table


def rows(text: str) -> list[list[object]]:
    return [list(row) for row in open_table(io.BytesIO(text.encode())).rows]


def table(delimiter: str, count: int, width: int) -> list[str]:
    return [delimiter.join([f"2024-01-{day:02}", *(str(day * n) for n in range(1, width))]) for day in range(1, count)]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("width", [2, 3, 5])
@pytest.mark.parametrize("swallowed", [2, 20])
def test_rows_inside_a_quoted_cell_are_a_sentence(delimiter, width, swallowed):
    lines = table(delimiter, 29, width)
    lines[3] = lines[3].rpartition(delimiter)[0] + delimiter + '"reset'
    lines[3 + swallowed] += '"'
    with pytest.raises(BadSource, match=rf"lines 4 to {4 + swallowed} stand inside one quoted cell"):
        rows("\n".join(lines))


@pytest.mark.parametrize("note", ["two\nlines", "a, list\nof, things", "one\n\ntwo", 'he said ""no""\nand left, again'])
def test_text_with_line_breaks_is_text(note):
    text = f'date,value,note\n2024-01-01,1,"{note}"\n2024-01-02,2,ok\n'
    assert len(rows(text)) == 3
