"""Each alternative that a question offers is accepted and stands its trial; the right answer is among them."""

import asyncio
from typing import Any

import pytest

from ambiguous.apis import DOUBTS
from budget import every
from file_cases import Case, cases
from runs import Recorder
from slackwater.discover.alternatives import MOST, TRIAL
from slackwater.discover.main import discover
from slackwater.errors import BadSource, Question
from sources import Answer, Recorded, SourceServer, client
from test_ambiguous_apis import api_of

_FEW = 8  # requests of a look


async def asked(orders: dict[str, Any], config: dict[str, Any]) -> list[Any]:
    """The alternatives of what discovery asks; each was accepted when it was given."""
    try:
        await discover(Recorder(task="discover", config=config, **orders))
    except Question as question:
        offered = question.offers
    except BadSource:
        return []
    else:
        return []
    assert len(offered) <= MOST
    for each in offered:
        assert each.preview, f"{each.set} shows no point"
        found = await discover(Recorder(task="discover", config=config | each.set, **orders))
        assert found.proof is not None
        assert not found.proof.objections
        assert found.proof.sample[: len(each.preview)] == each.preview
    return offered


def file_orders(case: Case) -> dict[str, Any]:
    kind = "CSV" if case.file_name.endswith((".csv", ".tsv", ".txt")) else "XLSX"
    return {"content": case.content, "file_name": case.file_name, "source_type": kind}


@pytest.mark.parametrize("case", cases("ask"), ids=lambda case: case.name)
async def test_of_a_file(case: Case) -> None:
    await asked(file_orders(case), {"file_id": "f"})


@pytest.mark.parametrize("name", every(2, DOUBTS))
async def test_of_an_api(name: str) -> None:
    with SourceServer() as server:
        api = api_of(name)
        url = server.route(api.path, api.route).removesuffix(api.path) + api.target
        async with asyncio.timeout(60):
            http = client()
            try:
                await asked({"source_type": "API", "http": http}, {"location": url})
            finally:
                await http.aclose()


async def test_a_chain_of_questions_is_one_with_complete_alternatives() -> None:
    rows = "\n".join(f"{n % 12 + 1:02}/0{n % 9 + 1}/2024,0{n % 8 + 1}/0{n % 7 + 1}/2024,{n + 0.5}" for n in range(9))
    content = f"departure,arrival,weight\n{rows}\n".encode()
    orders = {"content": content, "file_name": "a.csv", "source_type": "CSV"}
    offered = await asked(orders, {"file_id": "f"})
    assert ("date_format", "time_column") in {tuple(sorted(each.set)) for each in offered}
    assert len(offered) >= 2
    assert [each.id for each in offered] == [str(n) for n in range(1, len(offered) + 1)]


async def test_looks_at_alternatives_stay_within_the_budget_of_requests() -> None:
    name = next(name for name, doubt in DOUBTS.items() if "date_field" in doubt.fields)
    with SourceServer() as server:
        api = api_of(name)
        url = server.route(api.path, api.route).removesuffix(api.path) + api.target
        http = client()
        try:
            with pytest.raises(BadSource):
                await discover(
                    Recorder(task="discover", source_type="API", http=http, config={"location": url}, requests=_FEW)
                )
        finally:
            await http.aclose()
        # The service keeps answers: what is asked again does not reach the source.
        assert len({(each.path, *sorted(each.query.items())) for each in server.requests}) <= _FEW + TRIAL


async def test_a_question_that_took_all_requests_offers_what_can_be_told_by_the_answers_it_has() -> None:
    def answer(request: Recorded) -> Answer:
        day = request.query.get("date", "")
        hours = [{"at": f"{day}T{hour:02}:00:00Z", "level": hour * 7 % 24 + 0.5} for hour in range(24)]
        return Answer({"hours": hours if day[:4] == "2026" else []})

    with SourceServer() as server:
        orders = {"source_type": "API", "http": client()}
        offered = await asked(orders, {"location": server.route("/x", answer) + "?date=2026-03-01"})
        await orders["http"].aclose()
    assert [each.set for each in offered] == [{"time_filter": "none"}]
