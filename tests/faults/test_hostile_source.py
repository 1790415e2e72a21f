"""What a wrapper does with a source that misbehaves, case by case as docs/sources.md tells it; then the source is well
again, and nothing may be missing."""

from pathlib import Path

import pytest
from hostile_source import MISBEHAVIOURS, HostileSource, answer, says

from budget import every
from service import Service, eventually
from slackwater.model.instants import WEEK, parse_iso

MODULE = """
from slackwater import ApiWrapper, Offset
wrapper = ApiWrapper(url={url!r}, records="items", time="timestamp", value="value", pages=Offset(limit=50{more}))
"""
START = parse_iso("2015-01-01")
DOCS = Path(__file__).parents[2] / "docs" / "sources.md"

RETRIES = {  # not the wrapper's fault: it tries again, later and later, for ever
    "429": "429",
    "429 with Retry-After in seconds": "429",
    "429 with Retry-After as a date": "429",
    "500": "500",
    "a reset in mid-body": "broke off",
    "a Content-Length that is too large": "broke off",
    "truncated gzip": "cannot be read",
    "no gzip": "cannot be read",
    "a byte now and then": "has not finished its answer",
    "no HTTP": "broke off",
    "a note about a limit": "“Our standard rate limit is 25 requests per day.”",
}
NEEDS_A_PERSON = {  # tried again too, but after `max_tries` in a row a person is needed
    "a Content-Length that is too small": "not JSON",
    "truncated JSON": "not JSON",
    "no JSON": "not JSON",
    "a message instead of data": "“This key was withdrawn”",
    "an error beside an empty list": "“Unknown station”",
    "a gzip bomb": "larger than",
    "an endless body": "larger than",
    "a redirect loop": "redirects more than",
    "pages that repeat": "same records",
    "changed field names": "No record has the field `timestamp`",
}
READS = {  # read, as far as it can be
    "records out of order": 0,
    "duplicates": 0,
    "time zones that change": 0,
    "absurd dates": 9,
    "NaN and strings among numbers": 6,  # n/a is a value that is not there
    "empty answers": 0,
}


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    home = tmp_path_factory.mktemp("hostile") / "data"
    with Service(home, request_tries=1, max_answer_bytes=2_000_000, max_tries=3, retry_base_seconds=0.05) as running:
        yield running


@pytest.fixture(scope="module")
def source():
    with HostileSource({START + n * WEEK: float(n) for n in range(120)}) as hostile:
        yield hostile


@pytest.fixture(scope="module")
def wrapper_id(service, source):
    made = service.generate("API", {"location": source.url, "timeout_seconds": 1}, periodicity="weekly")
    service.caught_up(made)
    service.stop(made)
    service.patch(made, generated_code=MODULE.format(url=source.url, more=""))
    return made


@pytest.fixture
def victim(service, source, wrapper_id):
    """The wrapper, stopped, with its checkpoint deleted and every value of its source changed since it read it."""
    service.stop(wrapper_id)
    service.http.delete(f"/resources/wrappers/{wrapper_id}/checkpoint").raise_for_status()
    source.truth = {x: y + 1000 for x, y in source.truth.items()}
    source.asked.clear()
    yield wrapper_id
    source.behave = None
    service.stop(wrapper_id)
    service.patch(wrapper_id, generated_code=MODULE.format(url=source.url, more=""))
    service.http.delete(f"/resources/wrappers/{wrapper_id}/checkpoint").raise_for_status()
    service.execute(wrapper_id)
    service.caught_up(wrapper_id)
    stored = service.stored(wrapper_id)["value"]
    assert {x: stored.get(x) for x in source.truth} == source.truth
    wrapper = service.wrapper(wrapper_id)
    assert wrapper["data_points_count"] == len(stored)
    assert wrapper["error_message"] is None


@pytest.mark.parametrize("what", every(2, RETRIES))
def test_tries_again(what, service, source, victim) -> None:
    source.behave = MISBEHAVIOURS[what]
    told = service.execute(victim)
    assert service.http.get(f"/resources/wrappers/{victim}/checkpoint").json()["covered"] == []
    assert told["success"] is False
    assert RETRIES[what] in told["message"]
    if what != "a byte now and then":
        eventually(lambda: service.wrapper(victim)["retry_count"] > (3 if "Retry-After" not in what else 1))
    assert service.wrapper(victim)["status"] in ("retrying", "executing")
    if "Retry-After" in what:
        moments = [moment for moment, *_ in source.asked]
        assert moments[1] - moments[0] > 0.9


@pytest.mark.parametrize("what", every(2, NEEDS_A_PERSON))
def test_needs_a_person_in_the_end(what, service, source, victim) -> None:
    source.behave = MISBEHAVIOURS[what]
    told = service.execute(victim)
    assert told["success"] is False
    assert NEEDS_A_PERSON[what] in told["message"]
    eventually(lambda: service.wrapper(victim)["status"] == "error")
    assert NEEDS_A_PERSON[what] in service.wrapper(victim)["error_message"]


@pytest.mark.parametrize("what", READS)
def test_reads_what_can_be_read(what, service, source, victim) -> None:
    source.behave = MISBEHAVIOURS[what]
    told = service.execute(victim)
    assert told["success"], told
    run = service.runs(victim)[0]
    assert run["points_rejected"] >= READS[what]
    assert (run["points_rejected"] > 0) == (READS[what] > 0)
    stored = service.stored(victim)["value"]
    assert all(stored[x] == y for x, y in source.truth.items()) == (what != "empty answers")
    if READS[what]:
        assert "rejected: record" in service.logs(victim)


def test_pages_that_never_end_are_read_until_a_stop(service, source, victim) -> None:
    source.behave = MISBEHAVIOURS["pages that never end"]
    assert service.execute(victim, wait=0.5)["message"] == "Wrapper is executing"
    eventually(lambda: service.runs(victim)[0]["points_received"] > 1000)
    assert service.stop(victim)["success"]
    # They are stored, for nobody can tell them from others; the victim's teardown proves that the rest is whole.


def test_a_total_that_promises_too_much_is_an_error(service, source, victim) -> None:
    service.patch(victim, generated_code=MODULE.format(url=source.url, more=", total='total'"))
    source.behave = says(lambda q, s: answer({"items": s.records(q), "total": 500}), keep=True)
    told = service.execute(victim)
    assert "says at `total` that it holds 500 records" in told["message"]


def test_a_link_to_another_host_gets_no_credentials(service, source) -> None:
    with HostileSource({START: 1.0}) as other:
        source.behave = says(
            lambda q, s: answer({"items": s.records({})[:1], "next": f"http://localhost:{other.port}/v1"}), keep=True
        )
        other.behave = says(
            lambda q, s: answer({"items": [{"timestamp": "2001-01-01T00:00:00Z", "value": 5}]}), keep=True
        )
        config = {"location": source.url, "auth_type": "bearer", "bearer_token": "s3cret-of-the-first"}
        made = service.generate("API", config, periodicity="weekly")
        eventually(lambda: service.wrapper(made)["status"] in ("executing", "error"))
        service.stop(made)
        code = (
            f"from slackwater import *\nwrapper = ApiWrapper(url={source.url!r}, records='items', time='timestamp', "
            "value='value', pages=NextUrl('next'))"
        )
        service.patch(made, generated_code=code)
        service.execute(made)
        eventually(lambda: other.asked)
        assert all("s3cret-of-the-first" not in head for *_, head in other.asked)
        assert any("s3cret-of-the-first" in head for *_, head in source.asked)
        assert service.http.delete(f"/resources/wrappers/{made}").status_code == 200
    source.behave = None


def test_tls_errors_are_told(service, source, victim) -> None:
    url = source.url.replace("http://", "https://")
    service.patch(victim, generated_code=MODULE.format(url=url, more=""))
    told = service.execute(victim)
    assert told["success"] is False
    assert "TLS" in told["message"] or "certificate" in told["message"] or "SSL" in told["message"], told


def test_the_docs_tell_every_case() -> None:
    text = DOCS.read_text()
    assert [what for what in MISBEHAVIOURS if f"| {what} |" not in text] == []
