"""What data a source configuration brings: the same identity, the same checkpoint."""

import json
from hashlib import sha256
from typing import Any

from slackwater.model.source.config import FileConfig
from slackwater.model.source.secrets import is_secret, without_secrets

IDENTITY_FIELDS = (frozenset(FileConfig.model_fields) - {"stall_seconds", "run_seconds"}) | {
    "location",
    "date_field",
    "value_field",
    "query_params",
    "body",
    "body_params",
    "records_path",
    "series_field",
    "timezone",
    "start",
    "value_fields",
    "shape",
    "date_format",
    "decimal",
    "thousands",
    "paging",
    "page_param",
    "page_size_param",
    "page_size",
    "time_filter",
    "align",
}
"""Fields of `source_config` that decide which data comes: changing one needs `regenerate` or `DELETE checkpoint`."""


def identity(config: dict[str, Any]) -> str:
    """Return a digest of what decides which data a configuration brings: unequal digests, unrelated checkpoints."""
    decisive = {name: config[name] for name in IDENTITY_FIELDS & config.keys()}
    # A key in a parameter opens the source; it does not choose what is read.
    params = {name: value for name, value in (config.get("query_params") or {}).items() if not is_secret(name)}
    opened = {"query_params": params, "body": without_secrets(config.get("body"))}
    decisive = {name: value for name, value in (decisive | opened).items() if value not in (None, {}, [])}
    return sha256(json.dumps(decisive, sort_keys=True).encode()).hexdigest()
