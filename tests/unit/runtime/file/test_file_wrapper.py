import io
from datetime import date, datetime

import pytest

from runs import Recorder
from slackwater.discover.file.inspection import inspect
from slackwater.discover.file.pipeline import discover
from slackwater.errors import BadSource
from slackwater.model.checkpoint import Checkpoint
from slackwater.model.instants import DAY, YEAR, parse_iso
from slackwater.model.planning import Wanted
from slackwater.runtime.file import long_table, wide_table
from slackwater.runtime.file.wrapper import FileWrapper
from slackwater.runtime.read_loop import read
from workbooks import workbook

PORTUGUESE = "Data;Água;Preço\n01/01/2020;1,5;1.200,50\n13/01/2020;2;n/a\n25/01/2020;2,5;900,00\n"


def day(text):
    return parse_iso(text)


async def stored(wrapper, content, checkpoint=None):
    run = Recorder(content=content, checkpoint=checkpoint, wanted=Wanted(period=DAY))
    await read(wrapper, run)
    return run


async def found(content, **config):
    """Discover, load the module that was written, and read the file with it."""
    run = Recorder(content=content, config={"file_id": "f", **config}, file_name="a.csv", task="discover")
    result = await discover(run)
    scope = {}
    exec(result.code, scope)
    return result, await stored(scope["wrapper"], content)


# --- reading ---------------------------------------------------------------------------------------------------------


async def test_one_series_for_each_value_column():
    run = await stored(FileWrapper(time="t", values=["a", "b"]), b"t,a,b\n2020-01-01,1,2\n2020-01-02,,4\n")
    assert run.points == {"a": {day("2020-01-01"): 1.0}, "b": {day("2020-01-01"): 2.0, day("2020-01-02"): 4.0}}
    assert run.rejected_count == 0
    assert run.checkpoint.backfill_done
    assert run.checkpoint.backfill_reason == "file read to its end"
    assert run.progressed[-1] == (2, 2)


async def test_without_values_every_other_column_of_numbers_is_read():
    run = await stored(FileWrapper(time="t"), b"t,name,a\n2020-01-01,x1y,1\n2020-01-02,y1z,4\n")
    assert set(run.points) == {"a"}


async def test_marks_and_forms_are_those_of_each_column():
    content = b"Data;A;B\n01/02/2020 10:00;1,5;1.5\n02/02/2020 10:00;1.000,5;x1\n"
    wrapper = FileWrapper(
        time="Data",
        values=["A", "B"],
        decimal={"A": ","},
        thousands={"A": "."},
        date_format="%d/%m/%Y %H:%M",
        timezone="Europe/Madrid",
    )
    run = await stored(wrapper, content)
    assert run.points["A"] == {day("2020-02-01T09:00"): 1.5, day("2020-02-02T09:00"): 1000.5}
    assert run.points["B"] == {day("2020-02-01T09:00"): 1.5}
    assert [(each.where, each.reason) for each in run.rejected] == [("row 3", "B 'x1' is not a number")]


@pytest.mark.parametrize("newest_first", [False, True])
async def test_instants_stay_where_they_are_when_clocks_go_back(newest_first):
    rows = [f"2024-10-27T{hour:02}:30:00Z,{hour}" for hour in range(6)]
    content = "\n".join(["t,v", *(rows[::-1] if newest_first else rows)]).encode()
    run = await stored(FileWrapper(time="t", values=["v"], timezone="Europe/Lisbon"), content)
    assert run.points == {"v": {day(f"2024-10-27T{hour:02}:30"): float(hour) for hour in range(6)}}


async def test_rows_that_give_no_point_are_counted_with_their_reason():
    content = b"t,v\n2020-01-01,1\n31/31/2020,2\n,3\n,\n2020-01-02,inf\n2020-01-03,1,5\n2020-01-04\n2020-01-05,7,\n"
    run = await stored(FileWrapper(time="t", values=["v"]), content)
    assert run.points == {"v": {day("2020-01-01"): 1.0, day("2020-01-05"): 7.0}}
    assert [(each.where, each.reason) for each in run.rejected] == [
        ("row 7", "3 cells where there are 2 columns"),
        ("row 3", "t '31/31/2020' does not fit ISO 8601"),
        ("row 4", "t is empty"),
        ("row 6", "v 'inf' is not a number"),
    ]
    assert run.rejected_count == 4


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "windows-1252"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
async def test_encodings_and_delimiters_are_told_from_the_content(encoding, delimiter):
    rows = [["Mês", "Precipitação"], ["2020-01", "1.5"], ["2020-02", "2.5"]]
    content = "\r\n".join(delimiter.join(row) for row in rows).encode(encoding)
    run = await stored(FileWrapper(time="Mês", values=["Precipitação"]), content)
    assert run.points == {"Precipitação": {day("2020-01-01"): 1.5, day("2020-02-01"): 2.5}}


async def test_quoted_line_breaks_stay_inside_their_cell():
    content = b'"t","note\nof two lines",v\n2020-01-01,"a\nb",1\n2020-01-02,"c ""d"", e",2\n'
    run = await stored(FileWrapper(time="t", values=["v"]), content)
    assert run.points == {"v": {day("2020-01-01"): 1.0, day("2020-01-02"): 2.0}}


async def test_names_are_tidied_counted_and_made_up():
    content = b"t, a ,a,\n2020-01-01,1,2,3\n"
    run = await stored(FileWrapper(time="t", values=["a", "a (2)", "column 4"]), content)
    assert {name: list(points.values()) for name, points in run.points.items()} == {
        "a": [1.0],
        "a (2)": [2.0],
        "column 4": [3.0],
    }


async def test_excel_dates_years_text_numbers_and_percentages():
    rows = [
        [],
        ["When", "Text", "Share", "Mixed"],
        [datetime(2020, 1, 1, 12), "1,5", 0.125, 1],
        [date(2020, 1, 2), "2", 0.25, "12,5 %"],
    ]
    wrapper = FileWrapper(time="When", values=["Text", "Share", "Mixed"], sheet="Dados", decimal=",")
    run = await stored(wrapper, workbook(Capa=[["x"]], Dados=rows))
    noon, second = day("2020-01-01T12:00"), day("2020-01-02")
    assert run.points == {
        "Text": {noon: 1.5, second: 2.0},
        "Share": {noon: 0.125, second: 0.25},
        "Mixed": {noon: 1.0, second: 0.125},
    }
    years = await stored(FileWrapper(time="Anos", values=["N"]), workbook(S=[["Anos", "N"], [2019, 1], [2020, 2]]))
    assert years.points == {"N": {day("2019-01-01"): 1.0, day("2020-01-01"): 2.0}}


async def test_resuming_at_each_token_gives_the_same_points(monkeypatch):
    monkeypatch.setattr(long_table, "PAGE", 10)
    rows = [f"{2000 + n // 12}-{n % 12 + 1:02},{n},{'x' if n == 40 else n * 2}" for n in range(77)]
    content = ("t,a,b\n" + "\n".join(rows)).encode()
    wrapper = FileWrapper(time="t", values=["a", "b"])
    whole = await stored(wrapper, content)
    assert len(whole.pages) == 16
    for stop, checkpoint in enumerate(whole.checkpoints[:-1]):
        rest = await stored(wrapper, content, checkpoint)
        assert rest.checkpoint.backfill_done
        assert sum(page.rows for page in whole.pages[: stop + 1]) + sum(page.rows for page in rest.pages) == 77
        merged = {name: dict(points) for name, points in rest.points.items()}
        for page in whole.pages[: stop + 1]:
            for name, (times, values) in page.columns.items():
                assert not set(times) & set(rest.points.get(name, ()))
                merged.setdefault(name, {}).update(zip(times, values, strict=True))
        assert merged == whole.points


async def test_a_file_of_names_alone_ends_empty():
    run = await stored(FileWrapper(time="t", values=["v"]), b"t,v\n")
    assert run.points == {}
    assert run.checkpoint.backfill_done


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"t,v\nfoo,1\nbar,2\n", "not one of the 2 rows can be read; row 2: t 'foo' does not fit ISO 8601"),
        (b"t,w\n2020-01-01,1\n", "the file has no value column 'v'; it has 't', 'w'"),
        (b"", "the file is empty"),
        (b"%PDF-1.7 ...", "the file is a PDF document, not a table"),
        (b't,v\n2020-01-01,"1\n' + b"2020-01-02,2\n" * 20_000, "a quotation mark that is never closed"),
    ],
)
async def test_what_cannot_be_read_says_so(content, message):
    with pytest.raises(BadSource, match=None) as failure:
        await stored(FileWrapper(time="t", values=["v"]), content)
    assert message in str(failure.value)


@pytest.mark.parametrize("declared", [{"date_format": "dd/mm"}, {"timezone": "Mars"}, {"values": []}])
def test_a_declaration_that_cannot_be_right_is_refused_at_once(declared):
    with pytest.raises((ValueError, KeyError)):
        FileWrapper(time="t", **declared)


# --- discovery -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "windows-1252"])
async def test_a_portuguese_file_is_understood(encoding):
    result, run = await found(PORTUGUESE.encode(encoding))
    first, second, third = day("2020-01-01"), day("2020-01-13"), day("2020-01-25")
    assert run.points == {"Água": {first: 1.5, second: 2.0, third: 2.5}, "Preço": {first: 1200.5, third: 900.0}}
    assert run.rejected_count == 0
    assert result.period == 12 * DAY
    assert 'thousands={"Preço": "."}' in result.code
    assert len(result.code.splitlines()) < 20


async def test_marks_are_decided_for_each_column():
    content = b"Date\tA\tB\tC\n2020-01-01\t1,5\t1.5\t1 234,5\n2020-01-02\t2,25\t2.25\t7\n"
    _, run = await found(content)
    assert [list(points.values()) for points in run.points.values()] == [[1.5, 2.25], [1.5, 2.25], [1234.5, 7.0]]


async def test_preamble_index_text_and_identifiers_are_not_data():
    content = (
        "Fonte: INE\n\nQuadro 3\n;Ano;station_id;Nome;Total\n"
        + "".join(f"{n};{1990 + n};77;Faro {n};{n}\n" for n in range(1, 21))
    ).encode()
    result, run = await found(content)
    assert "header_row=4" in result.code
    assert set(run.points) == {"Total"}
    assert len(run.points["Total"]) == 20
    assert 365 * DAY <= result.period <= YEAR + DAY
    [left] = [finding for finding in result.findings if finding.what == "left out"]
    assert left.value == ["column 1", "station_id"]
    assert "`station_id` (identifier" in left.reason


async def test_an_index_or_a_number_of_something_is_a_series():
    content = b"Date,Price index,Number of nights per month\n2020-01-01,1,5\n2020-02-01,2,6\n"
    _, run = await found(content)
    assert set(run.points) == {"Price index", "Number of nights per month"}


async def test_a_file_without_names_gets_some():
    result, run = await found(b"2020-01-01,1.5\n2020-01-02,2.5\n2020-01-03,3.5\n")
    assert "header_row=0" in result.code
    assert run.points == {"column 2": {day(f"2020-01-0{n}"): n + 0.5 for n in (1, 2, 3)}}


async def test_the_sheet_with_the_data_is_found():
    content = workbook(
        Leia=[["Notas"], ["isto não são dados"]],
        Dados=[["Anos", "Total", "Algarve"], [2019, 1.5, "2,5"], [2020, 3, "4,5"]],
    )
    result, run = await found(content)
    assert 'sheet="Dados"' in result.code
    assert 'decimal={"Algarve": ","}' in result.code
    assert run.points["Algarve"] == {day("2019-01-01"): 2.5, day("2020-01-01"): 4.5}


async def test_what_is_given_wins():
    content = b"a,b,v,w\n01/02/2020,2020-01-01,1,2\n02/03/2020,2020-01-02,3,4\n"
    _, run = await found(content, time_column="A", value_columns=["w"], date_format="%m/%d/%Y", timezone="Asia/Tokyo")
    assert run.points == {"w": {day("2020-01-01T15:00"): 2.0, day("2020-02-02T15:00"): 4.0}}


@pytest.mark.parametrize(
    ("content", "config", "message"),
    [
        (b"Date,v\n01/02/2020,1\n03/04/2020,2\n", {}, "give date_format"),
        (b"a,b,v\n2020-01-01,2021-01-01,1\n2020-01-02,2021-01-02,2\n", {}, "give time_column"),
        (b"a,b\nx,1.5\ny,2.5\n", {}, "give time_column"),
        (b"Date,b\n2020-01-01,x\n2020-01-02,y\n", {}, "give value_columns"),
        (b"Date,v\n2020-01-01,1\n", {"time_column": "When"}, "'When' is not in the file; there are 'Date', 'v'"),
        (b"Date,v\n2020-01-01,1\n", {"value_columns": ["x"]}, "value_columns 'x' is not in the file"),
        (b"Date,v\n2020-01-01,abc\n", {"value_columns": ["v"]}, "value column 'v' does not hold numbers: 'abc'"),
        (b"Date,v\n2020-01-01,1\n", {"date_format": "%d/%m/%Y"}, "date_format '%d/%m/%Y' fits no value"),
        (b"Date,v\n2020-01-01,1\n", {"date_format": "DD/MM"}, "date_format: 'DD/MM' is not a date format"),
        (b"Date,v\n2020-01-01,1\n", {"header_row": 9}, "header_row is 9"),
        (b"Date,v\n2020-01-01,1\n", {"sheet_name": "S"}, "leave sheet_name out"),
        (b"Date,v\n2020-01-01,1\n2020-01-01,2\n2020-01-01,3\n", {}, "repeats its times"),
        (b"Ano;1;2;3;4;5;6;7;8;9;10;11;12\n" + b"2020" + b";1" * 12 + b"\n2021" + b";2" * 12, {}, "give layout"),
        (b"Date,v\n2020-01-01,1\n", {"series_columns": ["x"]}, "series_columns 'x' is not in the file"),
        (b"Date,v\n2020-01-01,1\n", {"time_columns": ["Date", "x"]}, "time_columns 'x' is not in the file"),
        (b"Date,v\n2020-01-01,1\n", {"layout": "wide"}, "layout is wide, but no two columns have a time"),
        (b"Date,v\n2020-01-01,1\n", {"fill_down": ["x"]}, "fill_down 'x' is not in the file"),
        (b"justone\n1\n2\n", {}, "only one column"),
        (b"a,b\n", {}, "no row of data"),
        (b"", {}, "the file is empty"),
        (workbook(A=[["x"]], B=[["y"]]), {"sheet_name": "C"}, "no sheet 'C'; sheet_name can be one of 'A', 'B'"),
        (workbook(A=[["x"]], B=[["y"]]), {}, "give sheet_name"),
        (b"PK\x03\x04 rubbish", {}, "damaged"),
    ],
)
async def test_what_cannot_be_found_out_names_the_field_to_give(content, config, message):
    with pytest.raises(BadSource) as failure:
        await found(content, **config)
    assert message in str(failure.value)


async def test_every_decision_is_told_with_the_field_that_overrides_it():
    content = (
        "Quadro 1\n\nAno;Mês;Região;Valor\n2022;Novembro;Norte;1,5\n;Dezembro;Norte;-999\n;Total;Norte;3,5\n"
        "2022;Novembro;Sul;2,5\n;Dezembro;Sul;4\nFonte: INE\n"
    )
    result, run = await found(content.encode())
    first, second = day("2022-11-01"), day("2022-12-01")
    assert run.points == {"Norte": {first: 1.5}, "Sul": {first: 2.5, second: 4.0}}
    assert run.rejected_count == 0
    told = {each.what: (each.value, each.field) for each in result.findings}
    assert told == {
        "encoding": ("utf-8", "encoding"),
        "delimiter": (";", "delimiter"),
        "header": ([3, 1], "header_row"),
        "footer": (8, "last_row"),
        "layout": ("gaps in Ano", "fill_down"),
        "time": (["Ano", "Mês"], "time_columns"),
        "dates": ("month", "date_format"),
        "total rows": (["Total"], "skip_totals"),
        "numbers": ([[",", "none"]], "decimal"),
        "series": (["Região"], "series_columns"),
        "missing values": (["-999"], "missing_values"),
        "values": (["Valor"], "value_columns"),
    }
    assert all(0.5 <= each.confidence <= 1 and each.reason for each in result.findings)


async def test_what_is_given_of_a_layout_is_obeyed():
    content = b"Nome;2020;2021\nA;1,5;2,5\nB;3,5;4,5\nnota;9;9\n"
    given = {"last_row": 3, "value_columns": ["2021"], "layout": "wide", "series_columns": ["Nome"]}
    _, run = await found(content, **given)
    assert run.points == {"A": {day("2021-01-01"): 2.5}, "B": {day("2021-01-01"): 4.5}}
    _, run = await found(b"Ano;V\n2020;1\n2021;77\nTotal;78\n2022;\n", missing_values=["77"], skip_totals=False)
    assert run.points == {"V": {day("2020-01-01"): 1.0}}
    assert [each.reason for each in run.rejected] == ["Ano 'Total' does not fit year"]


async def test_rows_that_cannot_be_read_are_rejected_with_their_reason_in_every_layout():
    across = FileWrapper(layout="wide", series=["n"], date_format="year")
    run = await stored(across, b"n,2020,2021\na,1,2\nb,x1,4\n,5,6\nc,<5,<5\n")
    assert run.points == {"a": {day("2020-01-01"): 1.0, day("2021-01-01"): 2.0}, "b": {day("2021-01-01"): 4.0}}
    assert [(each.where, each.reason) for each in run.rejected] == [
        ("row 3", "2020 'x1' is not a number"),
        ("row 4", "n names no series"),
        ("row 5", "2020 '<5' is not a number"),
        ("row 5", "2021 '<5' is not a number"),
    ]
    named = FileWrapper(time="t", values=["v"], series=["n"])
    run = await stored(named, b"t,n,v\n2020,a,1\n2021,,2\n2022,a,3 (p)\n")
    assert run.points == {"a": {day("2020-01-01"): 1.0, day("2022-01-01"): 3.0}}
    assert [(each.where, each.reason) for each in run.rejected] == [("row 3", "n names no series")]


@pytest.mark.parametrize(
    "wrapper",
    [
        FileWrapper(layout="wide", time="y", date_format="month", fill_down=["n"], series=["n"]),
        FileWrapper(time="y", values=["Jan", "Feb"], series=["n"], date_format="year", fill_down=["n"]),
    ],
    ids=["wide", "long"],
)
async def test_resuming_in_the_middle_of_a_filled_column_gives_the_same_points(wrapper, monkeypatch):
    monkeypatch.setattr(long_table, "PAGE", 8)
    monkeypatch.setattr(wide_table, "PAGE", 8)
    rows = "".join(f"{1900 + n if n % 5 == 0 else ''},{1950 + n % 60},{n},{n}.5\n" for n in range(30))
    content = f"n,y,Jan,Feb\n{rows}".encode()
    whole = await stored(wrapper, content)
    assert len(whole.pages) > 5
    assert whole.rejected_count == 0
    for stop, checkpoint in enumerate(whole.checkpoints[:-1]):
        rest = await stored(wrapper, content, checkpoint)
        merged = {name: dict(points) for name, points in rest.points.items()}
        for page in whole.pages[: stop + 1]:
            for name, (times, values) in page.columns.items():
                merged.setdefault(name, {}).update(zip(times, values, strict=True))
        assert merged == whole.points


async def test_a_name_cannot_break_out_of_the_module():
    content = 'Date;"v"") \n__import__(\'os\')#\u2028"\n2020-01-01;1\n2020-01-02;2\n'.encode()
    result, run = await found(content)
    assert list(run.points) == ["v\") __import__('os')#"]
    assert all(line.isprintable() for line in result.code.splitlines())


# --- inspection ------------------------------------------------------------------------------------------------------


async def looked_at(name, content):
    return inspect(io.BytesIO(content), name)


async def test_an_upload_is_described():
    seen = await looked_at("a.csv", PORTUGUESE.encode("windows-1252"))
    assert seen.preview.splitlines()[:2] == ["Data;Água;Preço", "01/01/2020;1,5;1.200,50"]
    assert seen.columns == [
        {"name": "Data", "type": "time", "sample": "01/01/2020"},
        {"name": "Água", "type": "number", "sample": "1,5"},
        {"name": "Preço", "type": "number", "sample": "1.200,50"},
    ]
    assert (seen.row_count, seen.sheets, seen.errors) == (3, [], [])


async def test_an_uploaded_workbook_is_described():
    seen = await looked_at(
        "a.xlsx", workbook(Vazia=[], Dados=[["Anos", "N", "Nome"], [2019, 1, "x1y"], [2020, 2, "z"]])
    )
    assert seen.sheets == ["Vazia", "Dados"]
    assert [column["type"] for column in seen.columns] == ["time", "number", "text"]
    assert seen.preview.splitlines()[0] == "Anos\tN\tNome"
    assert (seen.row_count, seen.errors) == (2, [])


@pytest.mark.parametrize(
    ("name", "content", "error"),
    [
        ("a.csv", b"", "the file is empty"),
        ("a.csv", b"\n\n", "the file is empty"),
        ("a.csv", b"a\n1\n2\n", "only one column"),
        ("a.csv", b"a,b\n", "no row of data"),
        ("a.csv", b"%PDF-1.4\n", "named as CSV, but it is a PDF document"),
        ("a.csv", b"PK\x03\x04aaaa", "named as CSV, but it is an Excel workbook or a ZIP archive"),
        ("a.csv", b"a,b\n\x00\x01\x02", "binary data"),
        ("a.csv", b"<!DOCTYPE html><html>", "a web page"),
        ("a.xlsx", b"a,b\n1,2\n", "named as XLSX, but it is text"),
        ("a.xls", b"<html><table>", "a web page"),
        ("a.xlsx", b"PK\x03\x04aaaa", "damaged"),
        ("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1aaaa", "cannot be opened as an Excel workbook"),
        ("a.xlsx", workbook(A=[]), "no sheet with anything in it"),
    ],
)
async def test_what_is_wrong_with_an_upload_is_said(name, content, error):
    seen = await looked_at(name, content)
    assert len(seen.errors) == 1
    assert error in seen.errors[0]


async def test_a_long_file_is_counted_and_sampled():
    rows = "".join(f"2020-01-01T{n // 3600:02}:{n // 60 % 60:02}:{n % 60:02},{n}\n" for n in range(30_000))
    seen = await looked_at("a.csv", f"t,v\n{rows}".encode())
    assert seen.row_count == 30_000
    result, run = await found(f"t,v\n{rows}".encode())
    assert len(run.points["v"]) == 30_000
    assert result.period == 1_000_000
    assert run.checkpoint.version == len(run.pages) == 3
    assert Checkpoint().version == 0
