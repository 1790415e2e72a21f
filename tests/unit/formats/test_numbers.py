import pytest
from hypothesis import given
from hypothesis import strategies as st

from slackwater.formats.numbers import NumberForm, infer_number_form, number_parser

MARKS = [(".", None), (",", None), (".", ","), (",", "."), (".", " "), (",", " "), (".", "'"), (",", "'")]
amounts = st.decimals(-(10**9), 10**9, places=2, allow_nan=False, allow_infinity=False)


def written(amount, decimal, thousands):
    text = f"{amount:,.2f}" if thousands else f"{amount:.2f}"
    return text.translate(str.maketrans({",": thousands or "", ".": decimal}))


@given(st.lists(amounts, max_size=5), st.sampled_from(MARKS))
def test_a_number_is_read_as_it_was_written(numbers, marks):
    texts = [written(number, *marks) for number in numbers]
    assert number_parser(*marks)(texts) == ([float(number) for number in numbers], [])


@given(st.lists(st.sampled_from(["1.5", "2,5", "", None, "-", "n/a", 4, 0.5, "1_0", "x1"]), max_size=8))
def test_a_column_is_read_as_its_cells_are(cells):
    for marks in MARKS:
        read = number_parser(*marks)
        alone = [read([cell]) for cell in cells]
        assert read(cells) == ([value for [value], _ in alone], [at for at, (_, wrong) in enumerate(alone) if wrong])


@given(st.lists(amounts, min_size=1, max_size=20), st.sampled_from(MARKS))
def test_two_decimals_leave_no_doubt_about_the_marks(numbers, marks):
    texts = [written(number, *marks) for number in numbers]
    form = infer_number_form(texts)
    assert form is not None
    assert number_parser(form.decimal, form.thousands)(texts)[0] == [float(number) for number in numbers]


@given(st.lists(st.one_of(st.floats(), st.integers(), st.text(max_size=6), st.none(), st.booleans()), max_size=6))
def test_nothing_but_finite_numbers_comes_out(cells):
    for marks in MARKS:
        values, wrong = number_parser(*marks)(cells)
        assert len(values) == len(cells)
        assert all(value is None or abs(value) <= 1.8e308 for value in values)
        assert all(values[place] is None for place in wrong)


@pytest.mark.parametrize(
    "cell", ["", " ", None, "n/a", "NA", "-", "..", ":", "NaN", "#N/A", float("nan"), "x", "+Inf", "-Inf"]
)
def test_missing_is_not_wrong(cell):
    assert number_parser()([cell, "1"]) == ([None, 1.0], [])


@pytest.mark.parametrize(
    "cell", ["abc", "inf", "-Infinity", "1e999", "1_000", "1,5", "1 2", "1.2.3", True, "5 kg", "٣x"]
)
def test_wrong_is_named(cell):
    assert number_parser()(["1", cell]) == ([1.0, None], [1])


@pytest.mark.parametrize(
    ("marks", "cell", "expected"),
    [
        ((",", None), "1.5", None),
        ((",", "."), "1.5", None),
        ((",", "."), "1.234.567,5", 1234567.5),
        ((",", "."), "1.234", 1234.0),
        ((",", " "), "1\u00a0234,5", 1234.5),
        ((",", " "), "1\u202f234", 1234.0),
        ((".", "'"), "1’234.5", 1234.5),
        ((".", None), "−3", -3.0),
        ((".", None), "12.5 %", 0.125),
        ((".", None), ".5", 0.5),
        ((",", None), "1,5e3", 1500.0),
        ((",", None), 2.5, 2.5),
        ((".", None), 10**400, None),
    ],
)
def test_marks(marks, cell, expected):
    assert number_parser(*marks)([cell])[0] == [expected]


@pytest.mark.parametrize(
    ("samples", "expected"),
    [
        (["1.5", "2"], NumberForm()),
        (["1,5", "2"], NumberForm(",")),
        (["1.234", "1.234,56"], NumberForm(",", ".")),
        (["1.234", "1.5"], NumberForm()),
        (["0.123", "0.456"], NumberForm()),
        (["1.234.567", "12"], NumberForm(",", ".")),
        (["1,234,567"], NumberForm(".", ",")),
        (["1 234", "1 234,5"], NumberForm(",", " ")),
        (["1.234", "5.678"], NumberForm(doubtful=True)),
        (["12", "1.234"] * 30, NumberForm(",", ".")),  # decimals would have been cut short somewhere
        ([1.5, 2, "3,5"], NumberForm(",")),
        (["1", "2", "3", "4", "total"], NumberForm()),
        (["1", "total"], None),
        (["", None, "n/a"], None),
        ([True, False], None),
    ],
)
def test_one_form_for_the_column(samples, expected):
    assert infer_number_form(samples) == expected


@pytest.mark.parametrize(
    ("cells", "values"),
    [
        (["1.234,56-", "2,00", "12,5-"], [-1234.56, 2.0, -12.5]),
        (["35-", "7"], [-35.0, 7.0]),
        (["1,234.50-"], [-1234.5]),
    ],
)
def test_a_minus_may_stand_behind_as_accounting_programs_write_it(cells, values):
    form = infer_number_form(cells)
    assert form is not None
    assert number_parser(form.decimal, form.thousands)(cells) == (values, [])


def test_a_minus_on_both_sides_is_no_number():
    assert number_parser()(["-3-"]) == ([None], [0])
