"""The JSON Schema of the file of sources says the same as the reader of it."""

import jsonschema
import pytest

from slackwater.cli.sources.manifest import json_schema

SCHEMA = json_schema()
TIDES = {"name": "Tides", "location": "https://data.example.org/v1", "periodicity": "Daily", "bearer_token": "${env:T}"}
VISITORS = {"name": "Visitors", "file": "visitors.csv", "unit": "people", "value_columns": ["total"]}


def test_it_is_a_schema_and_takes_what_apply_takes():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    jsonschema.validate({"sources": [TIDES, VISITORS]}, SCHEMA)


@pytest.mark.parametrize(
    "entry",
    [
        {"name": "no place"},
        {"location": "https://data.example.org"},
        TIDES | {"file": "both.csv"},
        TIDES | {"perodicity": "1h"},
        VISITORS | {"time_filter": "none"},
    ],
)
def test_it_refuses_what_apply_refuses(entry: dict[str, object]):
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"sources": [entry]}, SCHEMA)
