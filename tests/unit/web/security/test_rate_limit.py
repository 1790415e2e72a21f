from slackwater.web.security import rate_limit
from slackwater.web.security.rate_limit import Rates


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_burst_at_once_then_the_rate():
    clock = Clock()
    kept = Rates(2, 3, clock)
    assert [kept.take("a") for _ in range(3)] == [0.0] * 3
    assert kept.take("a") == 0.5
    assert kept.take("b") == 0.0
    clock.now += 0.5
    assert kept.take("a") == 0.0
    assert kept.take("a") == 0.5
    clock.now += 1000
    assert [kept.take("a") > 0 for _ in range(4)] == [False, False, False, True]


def test_no_rate_is_no_limit():
    kept = Rates(0, 1)
    assert not any(kept.take("a") for _ in range(1000))


def test_callers_are_bounded_in_number(monkeypatch):
    monkeypatch.setattr(rate_limit, "MAX_CALLERS", 10)
    clock = Clock()
    kept = Rates(1, 2, clock)
    for number in range(100):
        kept.take(f"caller-{number}")
        clock.now += 0.001
    assert len(kept._buckets) <= 10
