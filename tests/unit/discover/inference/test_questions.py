"""What discovery hands on with a question, and with a find."""

import pytest

from runs import Recorder
from slackwater.discover.api.pipeline import discover
from slackwater.discover.file import pipeline
from slackwater.discover.inference.questions import knowing, naming_fields, span
from slackwater.errors import BadSource, Question, Refused
from slackwater.model.checkpoint import Interval
from slackwater.model.instants import HOUR, parse_iso
from slackwater.pipe.frames import Finding, Unclear
from slackwater.runtime.process.main import failure
from sources import Answer, Feed, SourceServer, client
from workbooks import workbook

FOUND = Finding(what="records", value="items", confidence=1, reason="It is a list.")


@pytest.fixture
def server():
    with SourceServer() as server:
        yield server


async def look(url, **config):
    run = Recorder(source_type="API", task="discover", config={"location": url, **config}, http=client())
    async with run.http:
        return await discover(run)


async def test_a_find_says_where_it_can_be_tried(server):
    # Long over, so that a trial that began at the present would see nothing.
    feed = Feed.regular("1991-01-01", HOUR, 90)
    found = await look(server.serve("/v1", feed, paging="offset", time_filter=("from", "to")).url)
    assert found.seen == Interval(parse_iso("1991-01-01"), parse_iso("1991-01-01") + 89 * HOUR + 1)


async def test_a_question_carries_what_was_found_before(server):
    rows = [{"begun": f"2024-01-{d:02}", "done": f"2025-01-{d:02}", "level": d} for d in range(1, 29)]
    with pytest.raises(Question) as asked:
        await look(server.route("/v1", Answer({"rows": rows})))
    failed = failure(asked.value)
    assert isinstance(failed, Unclear)
    assert failed.field == "date_field"
    assert failed.choices == ["begun", "done"]
    assert "records" in [finding.what for finding in failed.findings]


@pytest.mark.parametrize(
    ("given", "asked_for", "known"),
    [
        ({"paging": "offset"}, "paging", {"records", "time", "values"}),
        ({"time_filter": ["from", "to"]}, "time_filter", {"records", "time", "values", "paging"}),
    ],
)
async def test_a_question_about_pages_or_times_carries_what_was_found_before(server, given, asked_for, known):
    with pytest.raises(Question) as asked:
        await look(server.serve("/v1", Feed.regular("2024-01-01", HOUR, 90), records="items").url, **given)
    failed = failure(asked.value)
    assert failed.field == asked_for
    assert known <= {finding.what for finding in failed.findings}
    assert all(finding.confidence and finding.reason for finding in failed.findings)


@pytest.mark.parametrize("kind", ["CSV", "XLSX"])
async def test_a_question_about_a_file_carries_what_was_found_before(kind):
    rows = [["day", "level"], *([f"0{day}/02/2024", day + 0.5] for day in range(1, 10))]
    content = "\n".join(f"{day};{level}" for day, level in rows).encode() if kind == "CSV" else workbook(Data=rows)
    with pytest.raises(Question) as asked:
        await pipeline.discover(Recorder(source_type=kind, task="discover", content=content))
    failed = failure(asked.value)
    assert failed.field == "date_format"
    assert "header" in [finding.what for finding in failed.findings]


def test_findings_may_grow_and_the_nearest_are_told():
    def unclear():
        findings = [FOUND]
        with knowing([]), knowing(findings):
            findings.append(FOUND)
            raise BadSource("What is this?")

    with pytest.raises(BadSource) as asked:
        unclear()
    assert failure(asked.value).findings == [FOUND, FOUND]


@pytest.mark.parametrize("api", [True, False])
def test_who_names_no_field_names_all(api):
    said = "What is this.? What can be given in source_config: "
    with pytest.raises(BadSource, match=said) as asked, naming_fields(api=api):
        raise BadSource("What is this?")
    assert ("date_field" in str(asked.value)) == api
    assert ("time_column" in str(asked.value)) == (not api)


@pytest.mark.parametrize(
    "error",
    [Refused("It answered 401."), Question("Which?", field="date_field"), BadSource("Give it.", field="date_field")],
)
def test_who_names_a_field_or_was_refused_says_no_more(error):
    with pytest.raises(BadSource) as asked, naming_fields(api=True):
        raise error
    assert asked.value is error


def test_a_span_ends_after_its_last_time():
    assert span([3, None, 1]) == Interval(1, 4)
    assert span([None]) is None
