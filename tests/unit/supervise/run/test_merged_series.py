"""Several series that are read as one are told by what comes again; revisions are not taken for that."""

import pytest

from slackwater.errors import BadSource
from slackwater.model.checkpoint import Interval
from slackwater.store.series.points import Stored
from slackwater.supervise.run.merged_series import FEW, Doubles

WINDOW = Interval(1000, 2000)


def test_many_points_that_come_again_with_another_value_are_no_series() -> None:
    doubles = Doubles(None, None)
    doubles.note([WINDOW], Stored(received=1000, new=1000, changed=0))
    with pytest.raises(BadSource, match=r"^1,000 of 2,000 points came again .* Give series_field"):
        doubles.note([WINDOW], Stored(received=1000, new=0, changed=1000))


def test_so_are_many_of_one_answer() -> None:
    with pytest.raises(BadSource, match=r"^600 of 1,200 points came again"):
        Doubles(None, None).note([None], Stored(received=1200, new=600, changed=0, contradicted=600))


@pytest.mark.parametrize(("received", "again"), [(100, FEW), (8760, 400)])
def test_a_few_are_let_through(received: int, again: int) -> None:
    Doubles(None, None).note([WINDOW], Stored(received=received, new=received - again, changed=again))


def test_what_comes_again_as_it_was_is_no_contradiction() -> None:
    Doubles(None, None).note([WINDOW], Stored(received=1000, new=10, changed=0))


@pytest.mark.parametrize("window", [Interval(1500, 2500), Interval(500, 1001), Interval(1200, 1300)])
def test_where_points_are_stored_a_changed_value_is_a_revision(window: Interval) -> None:
    Doubles(1000, 2000).note([window], Stored(received=1000, new=0, changed=1000))


@pytest.mark.parametrize("window", [Interval(500, 1000), Interval(2001, 3000)])
def test_older_and_newer_than_all_that_is_stored_it_is_none(window: Interval) -> None:
    with pytest.raises(BadSource):
        Doubles(1000, 2000).note([window], Stored(received=1000, new=500, changed=500))


def test_a_first_walk_that_goes_on_is_still_judged() -> None:
    with pytest.raises(BadSource):
        Doubles(1000, 1900, WINDOW).note([WINDOW], Stored(received=1000, new=0, changed=1000))
