"""The wrapper record's parts: what comes through the door, which secrets are hidden, and what identity means."""

import json
from typing import get_type_hints

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from slackwater.model.checkpoint import Checkpoint
from slackwater.model.instants import DAY, HOUR
from slackwater.model.source.config import ApiConfig, FileConfig, parse_config
from slackwater.model.source.identity import identity
from slackwater.model.source.secrets import MASK, is_secret, masked, unmasked
from slackwater.model.status import Status
from slackwater.model.wrapper import PARTS, Changes, Metadata, SourceType, WrapperRecord, changed, from_flat

API = {"location": "https://data.example.org/v1/levels"}
SECRETS = {
    **API,
    "auth_type": "api_key",
    "api_key": "k-1",
    "bearer_token": "t-2",
    "username": "ana",
    "password": "p-3",
    "custom_headers": {"Authorization": "h-4", "Accept": "application/json"},
    "query_params": {"access_token": "q-5", "station": "Lagos", "limit": 5},
}
HIDDEN = ("k-1", "t-2", "p-3", "h-4", "q-5")


def fields_of(caught):
    return {".".join(map(str, error["loc"])) for error in caught.value.errors()}


class TestSecrets:
    def test_none_is_shown_and_all_else_is(self):
        shown = masked(SECRETS)
        text = json.dumps(shown)
        assert not [secret for secret in HIDDEN if secret in text]
        assert text.count(MASK) == len(HIDDEN)
        assert (shown["username"], shown["location"]) == ("ana", API["location"])
        assert shown["custom_headers"]["Accept"] == "application/json"
        assert (shown["query_params"]["station"], shown["query_params"]["limit"]) == ("Lagos", 5)

    def test_hiding_does_not_touch_what_is_kept(self):
        before = json.dumps(SECRETS)
        masked(SECRETS)
        unmasked(masked(SECRETS), SECRETS)
        assert json.dumps(SECRETS) == before

    def test_what_is_not_there_is_not_made_up(self):
        assert masked(API) == API
        assert masked({"api_key": None, "password": ""}) == {"api_key": None, "password": ""}

    def test_what_was_shown_and_sent_back_changes_nothing(self):
        assert unmasked(masked(SECRETS), SECRETS) == SECRETS

    def test_a_new_secret_replaces_the_kept_one(self):
        sent = {"api_key": "new", "custom_headers": {"Authorization": "fresh", "X-More": MASK}}
        back = unmasked(sent, SECRETS)
        assert back["api_key"] == "new"
        assert back["custom_headers"]["Authorization"] == "fresh"

    def test_a_mask_for_what_was_never_kept_is_no_secret(self):
        assert unmasked({"password": MASK}, API) == {"password": None}

    @settings(deadline=None, max_examples=100)
    @given(
        st.dictionaries(st.sampled_from(["api_key", "bearer_token", "password", "username"]), st.text(max_size=5)),
        st.dictionaries(st.sampled_from(["X-Api-Key", "Cookie", "Accept", "x-auth-token"]), st.text(max_size=5)),
    )
    def test_showing_and_sending_back_is_lossless_for_any_configuration(self, plain, headers):
        kept = {**API, **plain, "custom_headers": headers}
        shown = masked(kept)
        assert unmasked(shown, kept) == kept
        assert all(value in ("", MASK) for name, value in shown["custom_headers"].items() if is_secret(name))

    @pytest.mark.parametrize(
        "name", ["Authorization", "Cookie", "X-API-Key", "apikey", "access_token", "client-secret"]
    )
    def test_names_that_carry_credentials(self, name):
        assert is_secret(name)

    @pytest.mark.parametrize("name", ["Accept", "station", "from", "User-Agent", "format"])
    def test_names_that_do_not(self, name):
        assert not is_secret(name)


LIMITS = ("run_seconds", "stall_seconds")


class TestIdentity:
    @pytest.mark.parametrize(
        "change",
        [
            {"location": "https://data.example.org/v2"},
            {"date_field": "when"},
            {"value_field": "v"},
            {"query_params": {"station": "Faro"}},
            {"records_path": "items"},
            {"series_field": "name"},
            {"timezone": "Europe/Lisbon"},
            {"start": "1958-03-29"},
        ],
    )
    def test_changes_with_what_decides_which_data_comes(self, change):
        assert identity(API | change) != identity(API)

    @pytest.mark.parametrize(
        "change",
        [
            {"auth_type": "bearer", "bearer_token": "x"},
            {"api_key": "x", "api_key_header": "X-Key"},
            {"username": "u", "password": "p"},
            {"timeout_seconds": 5},
            {"custom_headers": {"Accept": "x"}},
            {"lookback": "P3D"},
            {"date_field": None},
            {"query_params": {}},
        ],
    )
    def test_stays_with_credentials_timeouts_and_what_is_not_given(self, change):
        assert identity(API | change) == identity(API)

    @pytest.mark.parametrize("name", sorted(FileConfig.model_fields.keys() - {"file_id", *LIMITS}))
    def test_every_field_of_a_file_decides(self, name):
        assert identity({"file_id": "f", name: "x"}) != identity({"file_id": "f"})

    @pytest.mark.parametrize("name", LIMITS)
    def test_a_limit_of_time_does_not(self, name):
        assert identity({"file_id": "f", name: 60.0}) == identity({"file_id": "f"})

    def test_the_order_of_fields_does_not_matter(self):
        assert identity(dict(reversed(SECRETS.items()))) == identity(SECRETS)


class TestDoor:
    @pytest.mark.parametrize(
        ("form", "field"),
        [
            ({}, "location"),
            ({"location": ""}, "location"),
            ({"location": "ftp://example.org/x"}, "location"),
            ({"location": "data.example.org"}, "location"),
            ({"location": "https://"}, "location"),
            ({"location": "https://example.org:99999/"}, "location"),
            ({"location": "https://ana:secret@example.org/"}, "location"),
            ({**API, "auth_type": "oauth"}, "auth_type"),
            ({**API, "api_key_header": "X Key"}, "api_key_header"),
            ({**API, "timeout_seconds": 0}, "timeout_seconds"),
            ({**API, "timeout_seconds": float("nan")}, "timeout_seconds"),
            ({**API, "timezone": "Lisbon"}, "timezone"),
            ({**API, "timezone": "../../etc/passwd"}, "timezone"),
            ({**API, "lookback": "two days"}, "lookback"),
            ({**API, "lookback": "P" + "9" * 400 + "D"}, "lookback"),
            ({**API, "start": "long ago"}, "start"),
            ({**API, "start": "0001-01-01T00:00:00+14:00"}, "start"),
            ({**API, "locaton": "typo"}, "locaton"),
        ],
    )
    def test_an_api_configuration_names_the_field_that_is_wrong(self, form, field):
        with pytest.raises(ValidationError) as caught:
            parse_config(SourceType.API, form)
        assert fields_of(caught) == {field}

    def test_a_password_in_the_url_is_not_repeated_in_the_sentence(self):
        with pytest.raises(ValidationError) as caught:
            parse_config(SourceType.API, {"location": "https://ana:secret@example.org/"})
        assert "secret" not in caught.value.errors()[0]["msg"]

    @pytest.mark.parametrize(
        ("form", "field"),
        [
            ({}, "file_id"),
            ({"file_id": "  "}, "file_id"),
            ({"file_id": "f", "location": "/etc/passwd"}, "location"),
            ({"file_id": "f", "value_columns": []}, "value_columns"),
            ({"file_id": "f", "value_columns": "Total"}, "value_columns"),
            ({"file_id": "f", "delimiter": ";;"}, "delimiter"),
            ({"file_id": "f", "decimal": ";"}, "decimal"),
            ({"file_id": "f", "thousands": "x"}, "thousands"),
            ({"file_id": "f", "encoding": "utf-99"}, "encoding"),
            ({"file_id": "f", "timezone": "Mars/Phobos"}, "timezone"),
            ({"file_id": "f", "header_row": 0}, "header_row"),
        ],
    )
    @pytest.mark.parametrize("source_type", [SourceType.CSV, SourceType.XLSX])
    def test_a_file_configuration_names_the_field_that_is_wrong(self, source_type, form, field):
        with pytest.raises(ValidationError) as caught:
            parse_config(source_type, form)
        assert fields_of(caught) == {field}

    @pytest.mark.parametrize(
        ("form", "field"),
        [
            ({}, "name"),
            ({"name": " "}, "name"),
            ({"name": "x" * 301}, "name"),
            ({"name": "x", "carrying_capacity": float("inf")}, "carrying_capacity"),
            ({"name": "x", "colour": "blue"}, "colour"),
        ],
    )
    def test_metadata_names_the_field_that_is_wrong(self, form, field):
        with pytest.raises(ValidationError) as caught:
            Metadata.model_validate(form)
        assert fields_of(caught) == {field}

    def test_what_is_right_comes_through(self):
        config = parse_config(
            SourceType.API, SECRETS | {"timezone": "Europe/Lisbon", "lookback": "P3D", "start": "1958-03-29"}
        )
        assert isinstance(config, ApiConfig)
        assert (config.timeout_seconds, config.api_key_header) == (30, "X-API-Key")
        file = parse_config(SourceType.CSV, {"file_id": " f ", "encoding": "windows-1252", "header_row": 3})
        assert isinstance(file, FileConfig)
        assert file.file_id == "f"
        assert Metadata(name=" CO₂ ", periodicity="Diário").name == "CO₂"

    @pytest.mark.parametrize("text", ["sometimes", "Anual (INE)", "N/A", "P" + "9" * 400 + "D"])
    def test_a_periodicity_that_names_no_period_is_kept_as_text(self, text):
        metadata = Metadata(name="x", periodicity=text).model_dump()
        assert metadata["periodicity"] == text
        assert TestRecord.record(metadata=metadata, inferred_period=7 * DAY).period == 7 * DAY


class TestRecord:
    @staticmethod
    def record(**values):
        return from_flat(
            {"wrapper_id": "w", "source_type": SourceType.API, "source_config": API}
            | {"metadata": {"name": "x"}, "created_at": 0, "updated_at": 0}
            | values
        )

    def test_its_period_is_declared_else_inferred_else_a_day(self):
        declared = {"name": "x", "periodicity": "Hourly"}
        assert self.record(metadata=declared, inferred_period=7).period == HOUR
        assert self.record(inferred_period=7).period == 7
        assert self.record().period == DAY

    def test_it_follows_when_it_executes_with_its_history_in(self):
        done = Checkpoint(backfill_done=True)
        assert self.record(status=Status.EXECUTING, checkpoint=done).following
        assert not self.record(status=Status.EXECUTING).following
        assert not self.record(status=Status.RETRYING, checkpoint=done).following

    def test_a_change_names_fields_of_its_parts_and_leaves_the_others(self):
        record = self.record(points=3, status=Status.STOPPED, generated_code="x")
        after = changed(record, {"points": 4, "epoch": 7, "resource_id": "r"})
        assert (after.counters.points, after.control.epoch, after.resource_id) == (4, 7, "r")
        assert (after.control.status, after.definition, after.marks) == (
            Status.STOPPED,
            record.definition,
            record.marks,
        )

    def test_what_may_change_is_a_field_of_one_part_and_of_its_type(self):
        owned = {"resource_id": get_type_hints(WrapperRecord)["resource_id"]}
        for part in PARTS.values():
            hints = get_type_hints(part)
            assert not hints.keys() & owned.keys()
            owned |= hints
        changes = get_type_hints(Changes)
        assert changes == {name: owned[name] for name in changes}
