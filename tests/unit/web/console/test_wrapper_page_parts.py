"""What the wrapper page says of a reading: progress, coverage, settings, code. Values in, values out."""

import pytest

from slackwater.model.checkpoint import Checkpoint, Interval, Page
from slackwater.model.instants import DAY, EARLIEST, HOUR, SECOND, YEAR, parse_iso
from slackwater.model.planning import READ_WHOLE
from slackwater.model.source.config import ApiConfig
from slackwater.model.wrapper import SourceType, WrapperRecord, from_flat
from slackwater.store.records.runs import RunRecord
from slackwater.store.series.charts import WIDTHS, fitting_width
from slackwater.web.console.view import coverage, progress, settings_form
from slackwater.web.console.view.formats import Formats
from slackwater.web.console.view.render import environment
from slackwater.web.console.wrapper import highlighted

NOW = parse_iso("2026-01-01T00:00:00Z")
START = NOW - 10 * YEAR


def record(source_type: SourceType = SourceType.API, **values: object) -> WrapperRecord:
    given = {
        "wrapper_id": "w",
        "source_type": source_type,
        "source_config": {"location": "https://data.example.org/"},
        "metadata": {"name": "Tides"},
        "identity": "",
        "created_at": NOW,
        "updated_at": NOW,
    }
    return from_flat(given | values)


def run(seconds: float, received: int, window: Interval | None = None) -> RunRecord:
    counters = dict.fromkeys(
        (
            "points_new",
            "points_changed",
            "points_rejected",
            "request_count",
            "request_errors",
            "bytes_received",
            "rows_processed",
        ),
        0,
    )
    return RunRecord(
        run_id="r",
        wrapper_id="w",
        epoch=1,
        task="read",
        started_at=NOW - round(seconds * SECOND),
        finished_at=None,
        outcome="running",
        message=None,
        points_received=received,
        rows_total=None,
        window=window,
        exit_code=None,
        signal=None,
        node=None,
        **counters,
    )


def of(
    record: WrapperRecord, run: RunRecord, wanted_from: int | None = None, rows: tuple[int, int | None] | None = None
):
    return progress.of_run(record, run, wanted_from=wanted_from, rows=rows, now=NOW)


class TestProgress:
    def test_without_a_known_beginning_the_remaining_time_is_unknown(self):
        found = of(record(), run(10, 5_000, Interval(NOW - YEAR, NOW)))
        assert (found.rate, found.left, found.share, found.backfilling) == (500, None, None, True)

    def test_with_a_known_beginning_it_follows_from_the_time_that_was_covered(self):
        half = Checkpoint(covered=(Interval(NOW - 5 * YEAR, NOW),))
        found = of(record(checkpoint=half, high_water_mark=NOW), run(10, 100, Interval(NOW - 5 * YEAR, NOW)), START)
        assert found.share == pytest.approx(0.5)
        assert found.left == pytest.approx(10)

    def test_what_an_earlier_run_has_covered_is_no_speed_of_this_one(self):
        half = Checkpoint(covered=(Interval(NOW - 5 * YEAR, NOW),))
        read = Interval(NOW - 5 * YEAR, NOW - 4 * YEAR)
        assert of(record(checkpoint=half, high_water_mark=NOW), run(10, 100, read), START).left == pytest.approx(50)
        assert of(record(checkpoint=half), run(10, 0), START).left is None

    @pytest.mark.parametrize("newest", [None, NOW - 4 * YEAR])
    def test_years_without_a_point_are_read_in_no_time_and_tell_no_speed(self, newest):
        half = Checkpoint(covered=(Interval(NOW - 5 * YEAR, NOW),))
        found = of(record(checkpoint=half, high_water_mark=newest), run(10, 9, Interval(NOW - 5 * YEAR, NOW)), START)
        assert (found.left, found.share) == (None, pytest.approx(0.5))

    def test_of_the_first_second_nothing_is_told(self):
        found = of(record(), run(0.5, 900, Interval(NOW - YEAR, NOW)), START)
        assert (found.rate, found.left) == (None, None)

    def test_who_follows_has_no_end(self):
        done = Checkpoint(covered=(Interval(START, NOW),), backfill_done=True)
        assert of(record(checkpoint=done), run(10, 3), START).left is None

    @pytest.mark.parametrize(
        ("rows", "share", "left"),
        [
            ((250, 1000), 0.25, 30),
            ((0, 1000), 0, None),
            ((7, None), None, None),
            (None, None, None),
            ((1001, 1000), 1, 0),
        ],
    )
    def test_a_file_goes_by_its_rows(self, rows, share, left):
        found = of(record(SourceType.CSV), run(10, 250), None, rows)
        assert (found.share, found.left) == (share, left)

    def test_an_api_that_tells_its_total_goes_by_its_records(self):
        found = of(record(), run(10, 250), None, (250, 1000))
        assert (found.share, found.left) == (0.25, 30)


class TestCoverage:
    def test_nothing_read_has_no_drawing(self):
        assert coverage.strip(record(), wanted_from=None, now=NOW) is None

    def test_bars_gaps_and_marks_lie_where_they_belong(self):
        checkpoint = Checkpoint(
            covered=(Interval(START, START + YEAR), Interval(NOW - 5 * YEAR, NOW)),
            page=Page(window=Interval(START + YEAR, START + 2 * YEAR), token=1),
        )
        found = coverage.strip(
            record(checkpoint=checkpoint, low_water_mark=START, high_water_mark=NOW), wanted_from=START, now=NOW
        )
        assert (found.start, found.end) == (START, NOW)
        assert found.bars == [(0, 100), (500, 500)]
        assert found.unfinished == (100, 100)
        assert (found.low, found.high, found.now) == (0, 1000, 1000)
        assert found.missing == [Interval(START + YEAR, NOW - 5 * YEAR)]

    def test_what_was_found_empty_long_before_the_data_does_not_squeeze_it(self):
        ancient = Checkpoint(covered=(Interval(parse_iso("0001-01-01"), NOW),), backfill_done=True)
        found = coverage.strip(
            record(checkpoint=ancient, low_water_mark=START, high_water_mark=NOW), wanted_from=None, now=NOW
        )
        assert found.start == START - (NOW - START) // 4
        assert found.bars == [(0, 1000)]

    @pytest.mark.parametrize(
        ("checkpoint", "findings"),
        [
            (Checkpoint(page=Page(window=Interval(EARLIEST, NOW), token=1)), None),
            (Checkpoint(covered=(Interval(EARLIEST, NOW),), backfill_done=True, backfill_reason=READ_WHOLE), None),
            (Checkpoint(page=Page(window=Interval(START, NOW), token=1)), [{"what": "time filter", "value": None}]),
        ],
    )
    def test_of_a_source_that_is_read_whole_no_stretch_is_claimed(self, checkpoint, findings):
        mine = record(checkpoint=checkpoint, low_water_mark=START, high_water_mark=NOW, findings=findings)
        assert coverage.is_read_whole(mine)
        assert coverage.strip(mine, wanted_from=None, now=NOW) is None

    def test_with_a_time_filter_a_source_is_not_read_whole(self):
        checkpoint = Checkpoint(covered=(Interval(EARLIEST, NOW),), backfill_done=True)
        assert not coverage.is_read_whole(record(checkpoint=checkpoint))
        assert not coverage.is_read_whole(record(findings=[{"what": "time filter", "value": {"from_param": "a"}}]))

    def test_a_point_of_the_future_is_shown(self):
        checkpoint = Checkpoint(covered=(Interval(START, NOW),))
        mine = record(checkpoint=checkpoint, low_water_mark=START, high_water_mark=NOW + YEAR)
        found = coverage.strip(mine, wanted_from=None, now=NOW)
        assert (found.end, found.high) == (NOW + YEAR, 1000)
        assert found.now < 1000
        assert found.missing == []

    def test_the_minutes_since_the_last_poll_are_not_missing_but_a_month_is(self):
        def missing(until: int) -> list[Interval]:
            checkpoint = Checkpoint(covered=(Interval(START, until),), backfill_done=True)
            mine = record(checkpoint=checkpoint, low_water_mark=START, high_water_mark=until)
            return coverage.strip(mine, wanted_from=None, now=NOW).missing

        assert missing(NOW - HOUR) == []
        assert missing(NOW - 30 * DAY) == [Interval(NOW - 30 * DAY, NOW)]


class TestSettings:
    def test_every_field_has_a_kind_and_secrets_are_masked(self):
        config = {
            "location": "https://x.org/",
            "auth_type": "bearer",
            "bearer_token": "planted",
            "start": "1990-01-01",
            "query_params": {"a": 1, "token": "planted"},
        }
        fields = {each.name: each for each in settings_form.config_fields(record(source_config=config))}
        assert not any("planted" in each.value for each in fields.values())
        assert fields["bearer_token"].kind == "secret"
        assert fields["auth_type"].choices == ("none", "api_key", "bearer", "basic", "oauth2")
        assert (fields["timeout_seconds"].kind, fields["timeout_seconds"].value) == ("number", "30")
        assert fields["query_params"].kind == fields["custom_headers"].kind == "json"
        assert fields["location"].required
        assert fields["location"].identity
        assert not fields["bearer_token"].identity

    def test_a_file(self):
        config = {"file_id": "f", "value_columns": ["a", "b"]}
        fields = {each.name: each for each in settings_form.config_fields(record(SourceType.CSV, source_config=config))}
        assert (fields["value_columns"].kind, fields["value_columns"].value) == ("list", "a\nb")
        assert (fields["decimal"].kind, fields["decimal"].choices) == ("choice", (".", ","))
        assert fields["header_row"].kind == "number"

    @pytest.mark.parametrize(("given", "shown"), [(["from", "to"], "from\nto"), ("none", "none"), (None, "")])
    def test_what_is_a_list_or_a_word_is_shown_as_a_list(self, given, shown):
        config = {"location": "https://x.org/", "time_filter": given}
        fields = {each.name: each for each in settings_form.config_fields(record(source_config=config))}
        assert (fields["time_filter"].kind, fields["time_filter"].value) == ("list", shown)
        back = shown.splitlines() or None  # as the page sends it
        assert ApiConfig.model_validate(config | {"time_filter": back}).time_filter == given

    def test_the_metadata(self):
        meta = {each.name: each.kind for each in settings_form.metadata_fields(record())}
        assert (meta["name"], meta["governance_indicator"], meta["description"]) == ("text", "flag", "long")


def test_highlighted_code_is_escaped():
    found = highlighted("x = '<script>alert(1)</script>'  # <b>\n")
    assert "<script" not in found
    assert "<b>" not in found
    assert "&lt;script&gt;" in found


@pytest.mark.parametrize("span", [SECOND, HOUR, DAY, 37 * DAY, YEAR, 68 * YEAR, 900 * YEAR])
def test_stretches_are_about_as_many_as_asked_for(span: int):
    width = fitting_width(span, 600)
    assert width in WIDTHS
    assert span / width <= 600
    assert span / width >= 150 or width == WIDTHS[0]


def test_a_run_that_asks_for_all_names_no_year_one() -> None:
    fmt = Formats("en", NOW)
    template = environment.from_string(
        '{% from "parts.html" import windowed with context %}{{ windowed(run, fmt.day) }}'
    )

    def said(window: Interval | None) -> str:
        return template.render(run=run(1, 1, window), earliest=EARLIEST, t=fmt.t, fmt=fmt, asset=str)

    assert said(Interval(EARLIEST, NOW)) == "all up to 1 Jan 2026"
    assert said(Interval(NOW - DAY, NOW)) == "31 Dec 2025 – 1 Jan 2026"
    assert said(None) == "–"


def test_the_fields_that_an_error_names_are_shown_with_what_it_offers() -> None:
    asked = "the times in column 'day' can be read as %d/%m/%Y or %m/%d/%Y; give date_format"
    fields = {each.name: each for each in settings_form.config_fields(record(SourceType.CSV, error_message=asked))}
    assert fields["date_format"].is_known
    assert fields["date_format"].offers == ("%d/%m/%Y", "%m/%d/%Y")
    assert [name for name, each in fields.items() if each.asked] == ["date_format"]


def test_what_was_detected_is_told_by_its_name() -> None:
    findings = [
        {"what": "numbers", "field": "decimal", "value": [[",", "."]]},
        {"what": "header", "field": "header_row", "value": [2, 2]},
        {"what": "paging", "field": "paging", "value": {"style": "offset", "limit": 1000}},
    ]
    found = {each.name: each.found for each in settings_form.config_fields(record(SourceType.CSV, findings=findings))}
    assert (found["decimal"], found["header_row"]) == (",", "2")
    fields = settings_form.config_fields(record(findings=findings))
    assert {each.name: each.found for each in fields}["paging"] == "offset"
    assert {each.name for each in fields if each.auth == "basic"} == {"username", "password"}
