"""Settings as command-line options, and what is wrong with settings as sentences.

The options are made from the model: a setting that is added there is an option at once.
"""

import inspect
import os
import tomllib
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import ValidationError
from pydantic.fields import FieldInfo
from rich.markup import escape

from slackwater.cli.plain_words import plain
from slackwater.cli.terminal import WRONG_USAGE, err, fail
from slackwater.database_url import passwords_in
from slackwater.files_url import secrets_in
from slackwater.settings import DEFAULT_CONFIG, PREFIX, Settings, is_secret_setting, load, secrets_from_files

DataDir = Annotated[
    Path | None,
    typer.Option("--data-dir", metavar="DIR", help="Directory of the store, instead of the one in the settings."),
]
DatabaseUrl = Annotated[
    str | None,
    typer.Option(
        "--database-url",
        metavar="URL",
        help="PostgreSQL database that holds the store, without a password, instead of the one in the settings.",
    ),
]
FILES_URL_IN_ARGV = (
    "The user and password in --files-url could be read by everybody on this machine: set SLACKWATER_FILES_URL, or "
    "name a file with SLACKWATER_FILES_URL_FILE."
)
URL_IN_ARGV = (
    "The password in --database-url could be read by everybody on this machine: set SLACKWATER_DATABASE_URL, or name a "
    "file with SLACKWATER_DATABASE_URL_FILE, or leave the password to ~/.pgpass."
)
OTHER_VARIABLES = (f"{PREFIX}CONFIG", f"{PREFIX}URL")  # which the command line reads besides
_REPEATED = {"labels": "--label"}  # options that may be given more than once, each with one value
_METAVARS: dict[object, str] = {int: "INTEGER", float: "NUMBER", Path: "PATH", str: "TEXT"}


def flag(name: str) -> str:
    """Return the option of a setting: `max_runs` → `--max-runs`."""
    return _REPEATED.get(name) or "--" + name.replace("_", "-")


def variable(name: str) -> str:
    """Return the environment variable of a setting: `max_runs` → `SLACKWATER_MAX_RUNS`."""
    return "SLACKWATER_" + name.upper()


def may_be_an_option(name: str, field: FieldInfo) -> bool:
    """Say whether a setting may stand in argv.

    No secret may; an address may as long as it holds no password.
    """
    return name in ("database_url", "files_url") or not is_secret_setting(field)


def parameters() -> list[inspect.Parameter]:
    """Return one typer option for each setting that is no secret.

    Each is passed on as text: the model alone decides what is a good value, and then all that is wrong is said at once.
    """
    return [_parameter(name, field) for name, field in Settings.model_fields.items() if may_be_an_option(name, field)]


def secrets_help() -> str:
    """Return the sentence that says where the settings go that are no options."""
    names = [variable(name) for name, field in Settings.model_fields.items() if not may_be_an_option(name, field)]
    return (
        f"{', '.join(names)} are no options, because argv is public: set them in the environment, in the TOML file, or "
        "in a file that the variable with _FILE behind its name leads to."
    )


def unknown_variables(environment: Mapping[str, str]) -> list[str]:
    """Return one sentence per unknown `SLACKWATER_…` variable, with the nearest known name."""
    known = {f"{PREFIX}{name.upper()}" for name in Settings.model_fields} | set(OTHER_VARIABLES)
    known |= {
        f"{PREFIX}{name.upper()}_FILE" for name, field in Settings.model_fields.items() if is_secret_setting(field)
    }
    sentences = []
    for name in sorted(environment):
        if name.upper().startswith(PREFIX) and name.upper() not in known:
            near = get_close_matches(name.upper(), known, n=1)
            hint = f"did you mean {near[0]}?" if near else "`slackwater serve --help` names all settings."
            sentences.append(f"The variable {name} is no setting and is ignored; {hint}")
    return sentences


def read_settings(config: Path | None = None, **given: Any) -> Settings:
    """Return the settings with `given` on top (None: not given); exit 2 on errors."""
    given = {name: value for name, value in given.items() if value != []}  # an option that may come again, and did not
    if passwords_in(given.get("database_url") or ""):
        fail(URL_IN_ARGV, code=WRONG_USAGE)
    if secrets_in(given.get("files_url") or ""):
        fail(FILES_URL_IN_ARGV, code=WRONG_USAGE)
    if config is not None:
        os.environ["SLACKWATER_CONFIG"] = str(config)
    named = os.environ.get("SLACKWATER_CONFIG")
    if named and not Path(named).is_file():
        fail(f"The settings file {named} does not exist. Give another one with --config.", code=WRONG_USAGE)
    file = named or str(DEFAULT_CONFIG)
    for sentence in unknown_variables(os.environ):
        # No error: an orchestrator may set variables of its own, such as SLACKWATER_SERVICE_HOST.
        err.print(f"[yellow]{escape(sentence)}[/yellow]")
    try:
        secrets_from_files(os.environ)
    except ValueError as error:
        fail(str(error), code=WRONG_USAGE)
    try:
        return load(**given)
    except ValidationError as error:
        fail(*sentences(error, file), code=WRONG_USAGE)
    except tomllib.TOMLDecodeError as error:
        fail(f"The settings file {file} is not valid TOML: {error}.", code=WRONG_USAGE)
    except (OSError, UnicodeDecodeError) as error:
        fail(f"The settings file {file} cannot be read: {error}.", code=WRONG_USAGE)


def settings_of(directory: Path, **given: Any) -> Settings:
    """Return the settings of a command that reads one source into a directory.

    Where a service on this machine keeps its own is nothing to it.
    """
    # Whoever types an address at a terminal may reach it anyway.
    settings = read_settings(data_dir=directory, allow_private_sources=True, **given)
    return settings.model_copy(update={"database_url": None, "files_url": None})


def sentences(error: ValidationError, file: str) -> list[str]:
    """Return one sentence per wrong setting: its names, its value, and what is right.

    The value of a secret setting is never quoted.
    """
    return [_sentence(str(each["loc"][0]), each["input"], plain(each), file) for each in error.errors()]


def _sentence(name: str, value: object, message: str, file: str) -> str:
    field = Settings.model_fields.get(name)
    if field is None:
        near = get_close_matches(name, Settings.model_fields, n=1)
        hint = f"did you mean {near[0]}?" if near else "`slackwater serve --help` names all settings."
        return f"{name} in {file} is no setting; {hint}"
    wanted = message[:1].lower() + message[1:]
    if is_secret_setting(field):
        return f"{name} ({variable(name)}) cannot be used: {wanted}."
    return f"{name} ({flag(name)}, {variable(name)}) cannot be {str(value)!r}: {wanted}."


def _parameter(name: str, field: FieldInfo) -> inspect.Parameter:
    words = f"{field.description} {variable(name)}; default {_word(field.default)}."
    switch = field.annotation is bool
    option = typer.Option(
        f"{flag(name)}/--no-{flag(name)[2:]}" if switch else flag(name),
        metavar=None if switch else _METAVARS.get(field.annotation, "TEXT"),
        help=words,
    )
    kind: Any = bool | None if switch else list[str] | None if name in _REPEATED else str | None
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=Annotated[kind, option])


def _word(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, float) else str(value)


def settings_table() -> str:
    """Return all settings as the Markdown table of `docs/cli.md`."""
    lines = ["| option | variable | default | what |", "| --- | --- | --- | --- |"]
    for name, field in Settings.model_fields.items():
        option = "none: argv is public" if not may_be_an_option(name, field) else f"`{flag(name)}`"
        default = "none" if field.default is None else f"`{_word(field.default)}`"
        lines.append(f"| {option} | `{variable(name)}` | {default} | {field.description} |")
    return "\n".join(lines)
