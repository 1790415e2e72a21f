"""Real APIs, nothing but their URL given (and the key, where the provider wants one): are the points exact?

Prints one table. The aim is 95 % of them exact; what is not exact yet is listed by name in not_yet.py, and leaves the
list as soon as it is. A wrong point is worse than a question, and is not allowed to any.
"""

import sys
from collections.abc import AsyncIterator

import pytest

from api import APIS
from budget import LONG, some
from not_yet import NOT_EXACT, WRONG
from reading import Outcome, Trial
from slackwater.settings import Settings
from sources import SourceServer

DEAREST = {"coin_gecko", "influxdb"}  # by processor time; both have shapes that others have, too
LEAST_SHARE = 0.99  # of the APIs that need no help; it only rises

_outcomes: dict[str, Outcome] = {}


@pytest.fixture
async def server() -> AsyncIterator[SourceServer]:
    with SourceServer() as server:
        yield server


async def outcome_of(name: str, server: SourceServer) -> Outcome:
    """The outcome of an API, tried once in a session."""
    if name not in _outcomes:
        _outcomes[name] = await Trial(APIS[name], server).judge()
    return _outcomes[name]


def table(outcomes: dict[str, Outcome]) -> str:
    """All outcomes, one a line."""
    lines = [f"{'API':28} {'outcome':11} asked  read  why not"]
    lines += [
        f"{name:28} {each.kind:11} {each.asked:5} {each.read:5}  {each.said[:150]}"
        for name, each in sorted(outcomes.items())
    ]
    return "\n".join(lines)


@pytest.mark.parametrize("name", some(APIS, *APIS.keys() - DEAREST))
async def test_an_api_by_its_url(name: str, server: SourceServer) -> None:
    outcome = await outcome_of(name, server)
    told = f"{outcome.kind}: {outcome.said}\n{outcome.found.code if outcome.found else ''}"
    assert outcome.asked <= Settings.model_fields["discovery_requests"].default
    if name in WRONG:
        assert outcome.kind == "wrong", f"no longer wrong: take it off WRONG\n{told}"
    elif name in NOT_EXACT:
        assert outcome.kind not in ("exact", "wrong"), f"take it off NOT_EXACT, or mend it\n{told}"
    else:
        assert outcome.kind == "exact", told
        assert not outcome.unused, f"read without {outcome.unused}, so the corpus is wrong\n{told}"


async def test_the_share_that_needs_no_help(server: SourceServer, capsys: pytest.CaptureFixture[str]) -> None:
    outcomes = {name: await outcome_of(name, server) for name in APIS if LONG or name not in DEAREST}
    exact = sum(outcome.kind == "exact" for outcome in outcomes.values())
    share = exact / len(outcomes)
    with capsys.disabled():
        sys.stdout.write(f"\n\n{table(outcomes)}\n\n")
        sys.stdout.write(f"{exact} of {len(outcomes)} APIs points-exact with only the URL given: {share:.0%}\n")
    assert {name for name, each in outcomes.items() if each.kind == "wrong"} == WRONG.keys()
    assert NOT_EXACT.keys() | WRONG.keys() <= APIS.keys()
    assert share >= LEAST_SHARE
