"""What the log says of a run that has ended."""

import pytest

from slackwater.model.instants import SECOND
from slackwater.store.records.runs import RunRecord
from slackwater.supervise.lifecycle.transitions import _summary

COUNTERS = dict.fromkeys(("points_changed", "request_errors", "bytes_received", "rows_processed"), 0)
NOTHING = dict.fromkeys(("finished_at", "message", "rows_total", "window", "exit_code", "signal"))


@pytest.mark.parametrize(("count", "said"), [(0, "0 requests"), (1, "1 request"), (1_200, "1,200 requests")])
def test_its_requests_are_counted_in_words(count, said):
    run = RunRecord(
        run_id="r",
        wrapper_id="w",
        epoch=1,
        task="read",
        started_at=0,
        node="n",
        outcome="succeeded",
        points_received=3,
        points_new=3,
        points_rejected=0,
        request_count=count,
        **COUNTERS,
        **NOTHING,
    )
    summary = f"Run finished: 3 new, 0 changed, 0 rejected points; {said} in 1.5 s."
    assert _summary(run, SECOND * 3 // 2) == summary
