"""What an answer claims beyond its records, answers in XML, and CSV without names."""

import pytest

from discovering import look
from runs import Recorder
from slackwater.discover.api.paging.claims import is_opaque
from slackwater.errors import Question
from slackwater.model.instants import DAY, parse_iso
from slackwater.model.planning import Wanted
from slackwater.pipe.frames import Found
from slackwater.runtime.process.main import load
from slackwater.runtime.read_loop import read
from sources import Answer, SourceServer, client

FLOWS = [{"when": f"2023-05-{day:02}", "flow": round(3.5 + day * 0.4, 2)} for day in range(1, 15)]


@pytest.fixture
def server():
    with SourceServer() as server:
        yield server


MORE = {
    "truncated": {"truncated": True},
    "limit exceeded": {"exceededTransferLimit": True},
    "flag deep within": {"paging": {"hasNextPage": True}},
    "total": {"total": 61},
    "number matched": {"numberMatched": 15},
    "pages": {"meta": {"total_pages": "3"}},
    "total of hits": {"hits": {"total": {"value": 400, "relation": "eq"}}},
    "continuation": {"x-continuation-row": "0099"},
    "token": {"next_page_token": "c14z"},
    "next page": {"meta": {"next_page": 2}},
    "link": {"links": {"next": "/flows?behind=14"}},
    "total of a list": {"list_total_count": 142},
    "number of records": {"numberOfRecords": 15},
    "total of records": {"head": {"totalRecordCount": 15}},
    "an offset that is a token": {"offset": "itrQ/rec9"},
    "a part": {"isPartial": True},
    "a part, as a text": {"partial": "True"},
}


@pytest.mark.parametrize("claim", MORE.values(), ids=MORE)
async def test_a_claim_of_more_without_a_second_page_is_a_question(server, claim):
    url = server.route("/flows", Answer({**claim, "items": FLOWS}))
    with pytest.raises(Question, match=r"says .* 14 records came and no second page") as raised:
        await look(url)
    assert raised.value.field == "paging"
    assert (await look(url, **raised.value.alternatives[0])).code


@pytest.mark.parametrize(
    "offset",
    [
        "+01:00",
        "-0300",
        "PT0S",
        "PT1H30M15S",
        "UTC",
        "UTC+01:00",
        "MS",
        "-3h",
        "Etc/GMT+10",
        "none",
        "3h30",
        "Europe/Lisbon",
        "2024/01/02",
    ],
)
async def test_an_offset_of_a_zone_or_a_duration_is_no_token(server, offset):
    assert (await look(server.route("/flows", Answer({"meta": {"offset": offset}, "items": FLOWS})))).code


@pytest.mark.parametrize("place", ["utc_offset", "offset_of_zone", "meta.gridOffset"])
def test_a_text_that_is_no_offset_by_its_whole_name_is_no_token(place):
    assert is_opaque("meta.offset", "itrQ/rec9")
    assert not is_opaque(place, "itrQ/rec9")


async def test_a_total_in_a_header_is_a_claim(server):
    url = server.route("/flows", Answer(FLOWS, headers={"X-Total-Count": "400"}))
    with pytest.raises(Question, match="400"):
        await look(url)


async def test_a_link_header_is_a_claim(server):
    link = {"Link": '</elsewhere?after=14>; rel="next"'}
    url = server.route("/flows", Answer(FLOWS, headers=link))
    with pytest.raises(Question, match="Link header"):
        await look(url)


async def test_the_total_of_a_range_that_did_not_come_whole_is_a_claim(server):
    """The newest 40 of a range, whose own total is another than that of all: half of the range did not come."""
    old = [
        {"when": f"2022-{month:02}-{day:02}", "flow": day * month / 4} for month in range(1, 13) for day in range(1, 28)
    ]

    def cut(request):
        low, high = (request.query.get(name) for name in ("since_day", "until_day"))
        held = [row for row in old if (not low or low[:10] <= row["when"]) and (not high or row["when"] <= high[:10])]
        return Answer({"total": len(held) + 7 * bool(low), "items": held[-40:]})

    with pytest.raises(Question, match="says `total`"):
        await look(server.route("/flows", cut))


MET = {
    "truncated": {"truncated": False},
    "total": {"total": 14},
    "one page": {"meta": {"total_pages": 1}},
    "a count of something": {"hits": 9000},
    "numbers of other things": {
        "record_number": 512,
        "station_count": 61,
        "missing_record_count": 61,
        "all_stations": 61,
        "itemNumber": 9000,
    },
    "an offset of clocks": {"utc_offset": "+01:00", "offset": 0},
    "no next page": {"next": None, "next_page": "", "links": {"next": None}},
    "the last page again": {"pagination": {"current_page": 1, "last_page": 1, "next_page": 1}},
    "another next": {"next_update": "2023-06-01", "nextRun": 7},
}


@pytest.mark.parametrize("claim", MET.values(), ids=MET)
async def test_a_claim_that_is_met_needs_no_question(server, claim):
    assert (await look(server.route("/flows", Answer({**claim, "items": FLOWS})))).code


def _xml(values: list[str]) -> bytes:
    return f"<?xml version='1.0'?><doc><body>{''.join(values)}</body></doc>".encode()


XML = {
    "attributes": [f'<obs day="{each["when"]}" flow="{each["flow"]}"/>' for each in FLOWS],
    "children": [f"<obs><day>{each['when']}</day><flow>{each['flow']}</flow></obs>" for each in FLOWS],
    "text": [f'<obs day="{each["when"]}">{each["flow"]}</obs>' for each in FLOWS],
}


@pytest.mark.parametrize("elements", XML.values(), ids=XML)
async def test_records_in_xml_are_found(server, elements):
    answer = Answer(_xml(elements), headers={"Content-Type": "application/xml"})
    found = await look(server.route("/flows.xml", answer))
    assert "doc.body.obs" in found.code
    assert await _points(found) == {parse_iso(each["when"]): each["flow"] for each in FLOWS}


FRAMES = {
    "times in the index": ["\ufeff,flow", *(f"{each['when']},{each['flow']}" for each in FLOWS)],
    "rows counted": [",when,flow", *(f"{n},{each['when']},{each['flow']}" for n, each in enumerate(FLOWS))],
    "names in a comment": ["# flow: m3/s", "# when, flow", *(f"{each['when']}, {each['flow']}" for each in FLOWS)],
    "decimal commas": ["# when;flow", *(f"{each['when']};{each['flow']:.1f}".replace(".", ",") for each in FLOWS)],
    "no names": [f"{each['when']},{each['flow']}" for each in FLOWS],
}


@pytest.mark.parametrize("lines", FRAMES.values(), ids=FRAMES)
async def test_a_data_frame_whose_index_has_no_name(server, lines):
    answer = Answer("\n".join(lines).encode(), headers={"Content-Type": "text/csv; charset=utf-8"})
    found = await look(server.route("/flows.csv", answer))
    assert await _points(found) == {parse_iso(each["when"]): each["flow"] for each in FLOWS}


async def test_a_comment_names_the_fields_only_as_far_as_it_can(server):
    rows = [f"{each['when']}, {each['flow']}" for each in FLOWS]
    texts = {"flow": "# when, flow", "1": "# 2023, 5.5", "1 ": "# when", " 1": "# flow of it, and more, by day"}
    for name, above in texts.items():
        url = server.route(
            "/flows.csv", Answer("\n".join([above, *rows]).encode(), headers={"Content-Type": "text/csv"})
        )
        assert f'"{name.strip()}"' in (await look(url)).code


async def _points(found: Found) -> dict[int, float]:
    """Read the source whole; it has one series."""
    wanted = Wanted(period=found.period or DAY, start=parse_iso("2023-01-01"))
    run = Recorder(source_type="API", module=found.code, wanted=wanted, http=client())
    async with run.http:
        await read(load(found.code), run)
    [points] = run.points.values()
    assert run.rejected_count == 0
    return points


@pytest.mark.parametrize("name", ["X-RateLimit-Total", "X-Rate-Limit-Total", "X-Quota-Total", "X-Elapsed-Total"])
async def test_a_total_of_requests_is_no_claim(server, name):
    assert (await look(server.route("/flows", Answer(FLOWS, headers={name: "5000"})))).code


async def test_a_header_that_denies_a_continuation_is_no_claim(server):
    assert (await look(server.route("/flows", Answer(FLOWS, headers={"X-Continuation-Supported": "no"})))).code


def of_lists(*partial: bool):
    """Two lists, as a database of time series gives them, that may each be a part of what it holds."""
    halves = [FLOWS[:7], FLOWS[7:]]
    rows = [[[row["when"], row["flow"]] for row in half] for half in halves]
    lists = [
        {"name": "flow", "columns": ["time", "flow"], "values": half, **({"partial": True} if cut else {})}
        for half, cut in zip(rows, partial, strict=True)
    ]
    return Answer({"results": [{"series": lists}]})


async def test_the_last_list_that_is_partial_is_a_claim(server):
    url = server.route("/query", of_lists(True, True))
    with pytest.raises(Question, match="`partial`: true, but 14 records came"):
        await look(url)


async def test_a_partial_list_that_goes_on_in_the_next_is_none(server):
    assert (await look(server.route("/query", of_lists(True, False)))).code


async def test_a_record_of_a_day_that_is_not_over_is_no_claim(server):
    rows = [{**row, "partial": row is FLOWS[-1]} for row in FLOWS]
    assert (await look(server.route("/flows", Answer(rows)))).code
