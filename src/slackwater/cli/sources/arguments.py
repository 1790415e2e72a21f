"""Parses a source's command-line arguments into its configuration and credentials."""

import json
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from pydantic import ValidationError

from slackwater.cli.plain_words import plain
from slackwater.cli.terminal import WRONG_USAGE, fail
from slackwater.model.source.config import ApiConfig, FileConfig, takes_several
from slackwater.model.source.secrets import SECRET_FIELDS, SECRET_GROUPS, is_secret, without_secrets
from slackwater.model.wrapper import Metadata, SourceType

if TYPE_CHECKING:
    from slackwater.cli.one_off_ingest import Source

KINDS = {".csv": SourceType.CSV, ".xlsx": SourceType.XLSX, ".xls": SourceType.XLSX}
AUTH_FIELDS = (
    "auth_type",
    "api_key",
    "api_key_header",
    "api_key_param",
    "bearer_token",
    "username",
    "password",
    "token_url",
    "client_id",
    "client_secret",
    "refresh_token",
    "scope",
    "client_auth",
    "token_params",
    "client_certificate",
    "client_certificate_password",
    "secret_headers",
    "custom_headers",
    "body",
)

Place = Annotated[str, typer.Argument(metavar="FILE_OR_URL", help="A .csv, .xlsx or .xls file, or an http(s) URL.")]
Fields = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="FIELD=VALUE",
        help="A field of source_config; may be repeated: date_field=day, query_params.unit=m.",
    ),
]
Headers = Annotated[
    list[str] | None, typer.Option(metavar="'NAME: VALUE'", help="API: a header to send; no secrets, argv is public.")
]
AuthFile = Annotated[
    Path | None, typer.Option(metavar="FILE", help=f"API: TOML file with the credentials: {', '.join(AUTH_FIELDS)}.")
]


def form_of(given: Sequence[str] | None, header: Sequence[str] | None, auth_file: Path | None) -> dict[str, Any]:
    """Return the fields of `source_config` that `--set`, `--header` and `--auth-file` give."""
    form = set_fields(given or ())
    if auth_file is not None:
        form |= credentials(auth_file)
    if header:
        form["custom_headers"] = form.get("custom_headers", {}) | dict(map(header_pair, header))
    return form


def set_fields(given: Sequence[str]) -> dict[str, Any]:
    """Parse the fields of `--set`; lists repeat the name, nested names use dots."""
    texts: dict[str, list[str]] = {}
    tables: dict[str, dict[str, str]] = {}
    for each in given:
        name, equals, value = each.partition("=")
        table, dot, key = name.partition(".")
        if not equals or not name.strip() or (dot and not key):
            fail(f"--set {each!r} is not of the form FIELD=VALUE.", code=WRONG_USAGE)
        if name in SECRET_FIELDS or (dot and (table in SECRET_GROUPS or is_secret(key))):
            fail(f"--set {name} would show a secret to everybody here; put it into --auth-file.", code=WRONG_USAGE)
        if name == "body" and _holds_a_secret(value):
            fail(f"--set {name} would show a secret to everybody here; put it into --auth-file.", code=WRONG_USAGE)
        if dot:
            tables.setdefault(table, {})[key] = value
        else:
            texts.setdefault(name, []).append(value)
    return {
        name: each if any(takes_several(form, name) for form in (ApiConfig, FileConfig)) else each[-1]
        for name, each in texts.items()
    } | tables


def _holds_a_secret(body: str) -> bool:
    try:
        form = json.loads(body)
        return bool(without_secrets(form) != form)
    except (ValueError, RecursionError):
        return False  # the form says what is wrong with it


def described(given: str, form: dict[str, Any], periodicity: str | None) -> "Source":
    """Return the named source, or exit with one sentence per error."""
    from slackwater.cli.one_off_ingest import Source, fingerprint

    is_url = "://" in given
    path = Path(given)
    kind = SourceType.API if is_url else KINDS.get(path.suffix.lower())
    if kind is None:
        fail(f"{given} is neither a URL nor a .csv, .xlsx or .xls file.", code=WRONG_USAGE)
    if not is_url and not path.is_file():
        fail(_not_a_file(path), code=WRONG_USAGE)
    label = given.partition("?")[0] if is_url else str(path.resolve())
    name = (label if is_url else path.stem)[:300]
    try:
        metadata = Metadata(
            name=name, source=label, periodicity=periodicity, description=None if is_url else fingerprint(path)
        )
        config: FileConfig | ApiConfig
        if is_url:
            config = ApiConfig.model_validate({**form, "location": given})
        else:
            config = FileConfig.model_validate({**form, "file_id": "not yet known"})
    except ValidationError as error:
        fail(*_wrong(error, "a URL" if is_url else "a file"), code=WRONG_USAGE)
    except OSError as error:
        fail(f"The file {given} cannot be read: {error.strerror}.")
    return Source(kind=kind, label=label, path=None if is_url else path, config=config, metadata=metadata)


def _not_a_file(path: Path) -> str:
    if path.is_dir():
        return f"{path} is a directory; give a file in it."
    if path.exists():
        return f"{path} is a pipe or device; only a regular file can be read again after a stop."
    if path.is_symlink():
        return f"{path} is a link to {path.readlink()}, which does not exist."
    return f"The file {path} does not exist."


def _wrong(error: ValidationError, kind: str) -> list[str]:
    return [
        f"{'.'.join(map(str, each['loc']))} does not apply to {kind}; leave it out."
        if each["type"] == "extra_forbidden"
        else f"{'.'.join(map(str, each['loc']))}: {plain(each)}."
        for each in error.errors()
    ]


def credentials(path: Path) -> dict[str, Any]:
    """Read the credentials of a TOML file, or exit without quoting any of them."""
    try:
        form = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        fail(f"The file of credentials {path} cannot be read: {error.strerror}.", code=WRONG_USAGE)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        # The parser's own message could quote a secret.
        fail(
            f"The file of credentials {path} is not valid TOML; write, for example, bearer_token = '…'.",
            code=WRONG_USAGE,
        )
    if unknown := sorted(form.keys() - set(AUTH_FIELDS)):
        fail(f"{path}: {', '.join(unknown)} is none of {', '.join(AUTH_FIELDS)}.", code=WRONG_USAGE)
    if "auth_type" not in form:
        kinds = (("token_url", "oauth2"), ("bearer_token", "bearer"), ("api_key", "api_key"), ("password", "basic"))
        form["auth_type"] = next((kind for field, kind in kinds if field in form), "none")
    return form


def header_pair(text: str) -> tuple[str, str]:
    """Return the name and value of `--header`; one that may hold a secret is refused."""
    name, colon, value = text.partition(":")
    if not colon or not name.strip():
        fail(f"--header {text!r} is not of the form 'NAME: VALUE'.", code=WRONG_USAGE)
    if is_secret(name):
        fail(
            f"--header {name.strip()} would show a secret to everybody here; put it into --auth-file.", code=WRONG_USAGE
        )
    return name.strip(), value.strip()
