"""What is published late while a back-fill or a catch-up goes on longer than `lookback`: the next run finds it."""

import pytest
from boundaries import gated, step
from lifetimes import LOOKBACK
from stand import Place, Row, Stand

from budget import some
from service import eventually
from slackwater.model.freshness import LIVE_PERIODS
from slackwater.model.instants import SECOND, WEEK, parse_iso

LONGER = 8 * LOOKBACK  # that the reading goes on


@pytest.mark.long
@pytest.mark.parametrize("kind", some(["windows", "whole"], "windows"))
@pytest.mark.parametrize("cut", some([False, True], True), ids=["in one go", "stopped and resumed"])
def test_late_data_of_a_long_back_fill(kind: str, cut: bool) -> None:
    with Stand(Row("late data"), Place()) as stand:
        life = stand.add(kind, count=700, delay=0.0)
        gate = gated(stand, life)
        gate.let_generate(stand.service, life.wrapper_id)
        late = stand.clock.now() // SECOND * SECOND - 3 * WEEK
        for _ in range(5):  # of fourteen pages
            assert step(stand, life, gate)
        while kind == "windows" and not life.entry().covers(late):
            assert step(stand, life, gate)
        eventually(lambda: gate.waiting)
        life.publish(late, 7.5)
        if cut:
            stand.service.stop(life.wrapper_id)
            gate.forget()
        stand.clock.set(stand.clock.ahead + LONGER / SECOND)
        if cut:
            stand.service.execute(life.wrapper_id, wait=0)
        gate.open()
        stand.service.caught_up(life.wrapper_id)
        life.caught_up(stand.clock.now())
        assert late not in life.unsure
        assert life.entry().stored["value"][late] == 7.5
        assert stand.row.clean, stand.row.broken


def test_a_long_catch_up_is_fetched_once() -> None:
    """After years of silence a poll reads what came since; the next one reads `lookback` and no more of it."""
    with Stand(Row("catch-up"), Place()) as stand:
        life = stand.add("windows", count=50, delay=0.0)
        life.caught_up(stand.clock.now())
        stand.service.stop(life.wrapper_id)
        stand.clock.set(stand.clock.ahead + 40 * LONGER / SECOND)
        life.caught_up(stand.clock.now())
        assert life.endpoint is not None
        asked = len(life.endpoint.requests)
        life.caught_up(stand.clock.now())
        again = [request.query["from"] for request in life.endpoint.requests[asked:]]
        assert again
        # It has paused for longer than a live series may: the youngest stretch alone is looked at.
        since = stand.clock.now() - LIVE_PERIODS * WEEK - LOOKBACK - WEEK
        assert all(parse_iso(each) >= since for each in again), again
