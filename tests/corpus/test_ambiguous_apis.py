"""Wrong guesses are worse than questions: what could be read in two ways is asked, and read exactly when answered."""

import pytest

from ambiguous.apis import DOUBTS
from api import Api
from not_yet import NOT_ANSWERED, NOT_ASKED
from reading import Outcome, Trial
from slackwater.errors import Question
from sources import SourceServer


def api_of(name: str) -> Api:
    return Api(name=name, target=f"/{name}", answer=lambda _: DOUBTS[name].body, points=DOUBTS[name].points)


async def judged(name: str, **config: str) -> Outcome:
    with SourceServer() as server:
        return await Trial(api_of(name), server, config).judge()


def is_asked(name: str, outcome: Outcome) -> bool:
    """Whether a field that settles the doubt is asked for, and named in the sentence."""
    fields = DOUBTS[name].fields
    if outcome.kind != "question" or not any(field in outcome.said for field in fields):
        return False
    return not isinstance(outcome.error, Question) or outcome.error.field in fields


@pytest.mark.parametrize("name", DOUBTS)
async def test_it_is_asked(name: str) -> None:
    outcome = await judged(name)
    told = f"{outcome.kind}: {outcome.said}\n{outcome.found.code if outcome.found else ''}"
    if name in NOT_ASKED:
        assert not is_asked(name, outcome), f"take it off NOT_ASKED\n{told}"
    else:
        assert is_asked(name, outcome), told


@pytest.mark.parametrize("name", [name for name, doubt in DOUBTS.items() if doubt.given])
async def test_with_the_answer_given_the_points_are_exact(name: str) -> None:
    outcome = await judged(name, **DOUBTS[name].given)
    told = f"{outcome.kind}: {outcome.said}\n{outcome.found.code if outcome.found else ''}"
    if name in NOT_ANSWERED:
        assert outcome.kind != "exact", f"take it off NOT_ANSWERED\n{told}"
    else:
        assert outcome.kind == "exact", told
