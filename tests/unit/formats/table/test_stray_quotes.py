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


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("width", [2, 3, 5])
@pytest.mark.parametrize("opens", [0, 1, -1])
@pytest.mark.parametrize("closes", [0, 1, -1])
@pytest.mark.parametrize("line", [0, 3])
def test_a_single_row_inside_a_quoted_cell_is_a_sentence(delimiter, width, opens, closes, line):
    """The mark opens before any cell of one row and closes before or behind any cell of the next one."""
    lines = [each.split(delimiter) for each in table(delimiter, 29, width)]
    lines[line][opens] = '"' + lines[line][opens]
    lines[line + 1][closes] = '"' + lines[line + 1][closes] if closes >= 0 else lines[line + 1][closes] + '"'
    with pytest.raises(BadSource, match=rf"lines {line + 1} to {line + 2} stand inside one quoted cell"):
        rows("\n".join(delimiter.join(each) for each in lines))


@pytest.mark.parametrize("above", ["Station;Faro", "Period;2001-01-01;2024-12-31", "a;b;c;d"])
def test_a_first_row_swallowed_by_the_names_is_a_sentence(above):
    lines = [above, 'Data;"Nível (m)', *table(";", 29, 2)]
    lines[2] += '"'
    with pytest.raises(BadSource, match="lines 2 to 3 stand inside one quoted cell"):
        rows("\n".join(lines))


@pytest.mark.parametrize("note", ["seen 2024-01-01\n2024-01-02", "3 times,\nand 4 times", "1,2\n3,4,5,6"])
def test_notes_with_numbers_are_text(note):
    assert len(rows(f'date,value,note\n2024-01-01,1,"{note}"\n2024-01-02,2,ok\n')) == 3


@pytest.mark.parametrize("mark", [',"', 'a,"', '"', 'x,y,"'])
def test_a_row_that_goes_on_behind_a_closing_mark_is_a_sentence(mark):
    lines = ['"Table 3"', mark, '"Date","Visitors"', *(f'"2014-12-{day:02}","{day}"' for day in range(6, 20))]
    with pytest.raises(BadSource, match=r"lines 2 to \d+ (are read as one row|stand inside one quoted cell)"):
        rows("\n".join(lines))


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("width", [2, 3, 25])
@pytest.mark.parametrize("between", [[], [""]])
@pytest.mark.parametrize(
    ("opens", "swallowed"), [('{0}"', 1), ('"Table 3', 1), ('"', 1), ("{1}", 1), ('"Table 3\n', 2)]
)
def test_a_row_of_names_inside_a_quoted_cell_is_a_sentence(delimiter, width, between, opens, swallowed):
    above = opens.format(delimiter, delimiter * (width - 1) + '"')
    names = delimiter.join(["Date", *(f"Name {chr(65 + n)}" for n in range(1, width))]) + '"'
    lines = ["Visitors", above, names, *between, *table(delimiter, 9, width)]
    with pytest.raises(BadSource, match=f"lines 2 to {2 + swallowed} stand inside one quoted cell"):
        rows("\n".join(lines))


@pytest.mark.parametrize(
    "above",
    [
        '"Visitors\nin Faro, by age, and sex"',
        '"Visitors\n1,5 of them"',
        '"Visitors\n\nMuseums, paid"',
        'day,"first,\nof all","second,\nof all"',
        'day,"Level\nin m, at 9 h",Rain',
    ],
)
def test_lines_of_text_above_a_table_are_text(above):
    for width in (2, 3):
        assert len(rows("\n".join([above, "day,level,rain"[: 9 if width == 2 else None], *table(",", 9, width)]))) == 10


@pytest.mark.parametrize(
    "lines",
    [
        ['"Codes:\nR,S,H"', "", "day,level,rain", *table(",", 9, 3)],
        ['"Unit\nEUR,USD,GBP"', "country,2020,2021", "A,1.5,2.5", "B,3.5,4.5"],
        ['"Weather Office\nMain Street 135,63067,Offenbach"', "day,level,rain", *table(",", 9, 3)],
        ['day,"Wind\n(N,E,S,W)",Gust', *(f"{row}," for row in table(",", 9, 3))],
        ["day,level,rain,remarks", *(f'{row},"\npump,valve,seal,tap"' for row in table(",", 9, 3))],
        ["day,level,remarks,by", *(f'{row},"off\npump,valve,seal,tap"' for row in table(",", 4, 2)), "2024-01-05,1,,x"],
    ],
)
def test_lists_in_a_cell_are_no_row_of_names(lines):
    assert len(rows("\n".join(lines))) == len(lines)
