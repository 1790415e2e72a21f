"""What was found is created as it was approved, for an hour, of the same source."""

import pytest

from slackwater.errors import BadInput
from slackwater.model.source.config import ApiConfig
from slackwater.model.wrapper import Origin, SourceType
from slackwater.pipe.frames import Found
from slackwater.supervise.lifecycle.discoveries import KEPT_SECONDS, MOST, Discoveries
from slackwater.supervise.run.one_shot import Returned

FOUND = Returned(Found(code="wrapper = 1"))
CONFIG = ApiConfig(location="https://data.example.org/v1")
API = SourceType.API


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_what_was_found_is_given_back_until_an_hour_has_passed():
    clock = Clock()
    kept = Discoveries(clock)
    name = kept.keep(FOUND, Origin.DISCOVERED, API, CONFIG)
    clock.now = KEPT_SECONDS - 1
    assert kept.get(name, API, CONFIG).returned is FOUND
    clock.now = KEPT_SECONDS + 1
    with pytest.raises(BadInput, match="not known any more"):
        kept.get(name, API, CONFIG)


def test_it_is_for_the_same_data_alone():
    kept = Discoveries(Clock())
    name = kept.keep(FOUND, Origin.DISCOVERED, API, CONFIG)
    since = CONFIG.model_copy(update={"start": "1990-01-01", "timeout_seconds": 7.0})
    assert kept.get(name, API, since).returned is FOUND, "how far back and how patiently changes no module"
    for other in ({"location": "https://data.example.org/v2"}, {"date_field": "day"}, {"time_filter": "none"}):
        with pytest.raises(BadInput, match="another source_config"):
            kept.get(name, API, CONFIG.model_copy(update=other))


def test_the_oldest_make_room():
    kept = Discoveries(Clock())
    names = [kept.keep(FOUND, Origin.DISCOVERED, API, CONFIG) for _ in range(MOST + 1)]
    with pytest.raises(BadInput):
        kept.get(names[0], API, CONFIG)
    assert kept.get(names[1], API, CONFIG)
