"""What a validation error may show: never a credential, always something that can be encoded."""

import json

from hypothesis import given
from hypothesis import strategies as st

from slackwater.model.source.secrets import MASK
from slackwater.web.transport.error_handlers import _Room, _shown, described

SECRET = "hunter2-hunter2"


def shown(loc, value, **rest):
    return _shown({"type": "t", "loc": loc, "msg": "wrong", "input": value, **rest}, _Room())


def test_no_way_of_sending_a_credential_echoes_it():
    config = {
        "api_key": SECRET,
        "bearer_token": [SECRET],
        "password": {"x": SECRET},
        "location": f"http://u:{SECRET}@h",
        "custom_headers": {"X": SECRET},
        "query_params": {"q": SECRET},
        "nested": [{"Authorization": SECRET}],
        "url": f"https://u:{SECRET}@host",
    }
    for loc, value in [
        (("body",), SECRET),
        (("body",), SECRET.encode()),
        ((), SECRET),
        (("body",), {"source_config": config}),
        (("body",), {"source_config": [SECRET]}),
        (("body",), {"source_config": SECRET}),
        (("body", "source_config"), [SECRET]),
        (("body", "source_config"), config),
        (("body", "source_config", "api_key"), {"x": SECRET}),
        (("body", "source_config", "custom_headers", "X", 0), SECRET),
        (("body", "source_config", "location"), SECRET),
        (("body", "source_config", "note"), f"see https://u:{SECRET}@host"),
        (("header", "authorization"), SECRET),
        (("query", "token"), SECRET),
    ]:
        assert SECRET not in json.dumps(shown(loc, value)), loc


def test_an_innocent_value_is_echoed_so_that_it_can_be_found():
    assert shown(("body", "metadata", "periodicity"), "bogus")["input"] == "bogus"
    assert shown(("query", "limit"), "101", ctx={"le": 100})["ctx"] == {"le": 100}
    assert shown(("body", "metadata"), {"name": 1, "api_key": None})["input"] == {"name": 1, "api_key": None}
    assert shown(("body", "source_config", "password"), 5)["input"] == MASK


values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.characters(categories=["Cs"])
    | st.binary(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)


@given(st.text(), values)
def test_whatever_came_in_the_answer_can_be_written(name, value):
    json.dumps(shown(("body", name, "\ud800"), value), allow_nan=False, ensure_ascii=False).encode()


def test_an_answer_is_bounded_whatever_was_sent():
    wide = {str(n): "x" * 1_000 for n in range(10_000)}
    deep = [[["x" * 1_000] * 300] * 300] * 300
    errors = [
        {"type": "t", "loc": ("body", n), "msg": "wrong", "input": value} for n in range(500) for value in (wide, deep)
    ]
    answer = described(errors)
    assert len(json.dumps(answer)) < 1_000_000
    assert answer[-1]["msg"] == "950 more errors are not shown"
