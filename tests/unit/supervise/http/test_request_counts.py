from slackwater.supervise.http.request_counts import MOST_PAIRS, OTHER, RequestCounts


def test_a_host_that_answers_ever_other_codes_fills_no_memory() -> None:
    counts = RequestCounts()
    for number in range(3 * MOST_PAIRS):
        counts.count(f"host-{number}", "200")
    counts.count("host-1", "200")
    found = counts.by_host()
    assert len(found) == MOST_PAIRS + 1
    assert found[OTHER, OTHER] == 2 * MOST_PAIRS
    assert found["host-1", "200"] == 2
