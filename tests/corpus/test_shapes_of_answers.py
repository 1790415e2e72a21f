"""Answers in many shapes: read exactly, or asked with an alternative that is exact; never wrong, never short."""

import pytest

from api import Api
from budget import every
from reading import Outcome, Trial
from runs import Recorder
from shaped import SHAPED, Shaped
from shaped_kinds import KINDS
from shaped_more import MORE
from shaped_public import PUBLIC
from slackwater.discover.main import discover
from slackwater.errors import Question
from sources import Answer, SourceServer, client


def served(name: str, shaped: Shaped) -> Api:
    """An API that answers always the same."""
    body = shaped.body.encode() if isinstance(shaped.body, str) else shaped.body
    return Api(
        name=name,
        target=f"/{name}",
        answer=lambda _: Answer(body, headers=shaped.headers),
        points=shaped.points,
        optional=shaped.optional,
        named=shaped.named,
    )


async def offered(api: Api, server: SourceServer) -> list[Outcome]:
    """What comes of each alternative of the question."""
    url = server.route(api.path, api.route).removesuffix(api.path) + api.target
    http = client()
    try:
        with pytest.raises(Question) as asked:
            await discover(Recorder(task="discover", source_type="API", http=http, config={"location": url}))
    finally:
        await http.aclose()
    return [await Trial(api, server, each.set).judge() for each in asked.value.offers]


@pytest.mark.parametrize("name", every(3, [*SHAPED, *MORE, *PUBLIC, *KINDS]))
async def test_a_shape_is_read_or_rightly_asked(name: str) -> None:
    shaped = {**SHAPED, **MORE, **PUBLIC, **KINDS}[name]
    with SourceServer() as server:
        api = served(name, shaped)
        outcome = await Trial(api, server).judge()
        told = f"{outcome.kind}: {outcome.said}\n{outcome.found.code if outcome.found else ''}"
        if outcome.kind == "question" and shaped.asks:
            alternatives = await offered(api, server)
            assert not (alternatives or shaped.offers) or any(each.kind == "exact" for each in alternatives), told
        else:
            assert outcome.kind == "exact", told
