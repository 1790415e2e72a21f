import pytest

from slackwater.model.source.quota import quota

NOW = 1_700_000_000.0


@pytest.mark.parametrize(
    ("headers", "limit", "remaining", "wait"),
    [
        ({}, None, None, 0),
        ({"x-ratelimit-limit": "60", "x-ratelimit-remaining": "0", "x-ratelimit-reset": "1700000030"}, 60, 0, 30),
        ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": "1700000030000"}, None, 0, 30),
        ({"ratelimit-limit": "100, 100;w=60", "ratelimit-remaining": "0", "ratelimit-reset": "12"}, 100, 0, 12),
        ({"ratelimit": "limit=10, remaining=0, reset=7"}, 10, 0, 7),
        ({"ratelimit": '"default";r=0;t=9', "ratelimit-policy": '"default";q=50;w=60'}, 50, 0, 9),
        ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": "2023-11-14T22:13:50Z"}, None, 0, 30),
        ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": "Tue, 14 Nov 2023 22:13:50 GMT"}, None, 0, 30),
        ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": "soon"}, None, 0, 0),
        ({"x-ratelimit-remaining": "0"}, None, 0, 0),
        ({"x-ratelimit-remaining": "1", "x-ratelimit-reset": "50"}, None, 1, 0),
        ({"x-ratelimit-remaining": "many", "x-ratelimit-reset": "50"}, None, None, 0),
        ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": "1600000000"}, None, 0, 0),
    ],
)
def test_what_headers_say(headers, limit, remaining, wait):
    said = quota(headers)
    assert (said.limit, said.remaining, said.wait(NOW)) == (limit, remaining, wait)
