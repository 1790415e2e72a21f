"""What makes a module another one."""

import pytest

from slackwater.supervise.lifecycle.module_diff import is_same

MODULE = 'wrapper = ApiWrapper(\n    url="https://x.example",\n    value="v",  # {}\n)\n'


def test_comments_in_other_words_make_no_other_module() -> None:
    assert is_same(MODULE.format("a range was asked for, and came"), MODULE.format("a range was requested, and came"))


@pytest.mark.parametrize("other", [MODULE.replace('"v"', '"w"'), MODULE.replace("x.example", "y.example"), ""])
def test_other_arguments_make_another_module(other: str) -> None:
    assert not is_same(MODULE, other)


def test_what_is_no_python_is_compared_by_its_letters() -> None:
    broken = "wrapper = ApiWrapper(\n"
    assert is_same(broken, broken)
    assert not is_same(broken, broken + "# more")
    assert not is_same("(" * 100_000, "[" * 100_000)
