"""Shares options of the commands for a server: address, key, source, and progress."""

import contextlib
import io
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape

from slackwater.cli.client import WRAPPERS, Refused, Service, key_for
from slackwater.cli.options import read_settings
from slackwater.cli.terminal import INTERRUPTED, WRONG_USAGE, count, err, fail, out
from slackwater.errors import Unavailable
from slackwater.outbound_settings import outbound_of

LOCAL = "http://127.0.0.1:8080"
POLL_SECONDS = 1.0  # between two looks at the log or at a run
COMPLETION_SECONDS = 2.0  # for a server to answer somebody who presses Tab
COMPLETED = 200  # sources that are offered; chosen: more is no help to who presses Tab
UUID_LENGTH = 36  # characters, RFC 9562


def _completed(ctx: typer.Context, incomplete: str) -> list[tuple[str, str]]:
    """Return the ids and names for shell completion; nothing when the server fails."""
    given = ctx.params
    # A remark on stderr would stand in the middle of the line that is typed.
    with contextlib.suppress(Refused, Unavailable, typer.Exit, ValueError), contextlib.redirect_stderr(io.StringIO()):
        settings = read_settings(data_dir=given.get("data_dir"))
        url = str(given.get("url") or os.environ.get("SLACKWATER_URL") or LOCAL)
        key = key_for(settings, given.get("key_file"))
        with Service(url, key, outbound_of(settings), seconds=COMPLETION_SECONDS) as service:
            rows, _ = service.wrappers(most=COMPLETED)
        pairs = [(row["wrapper_id"], row["metadata"]["name"]) for row in rows]
        ids = [(one, name) for one, name in pairs if one.startswith(incomplete)]
        names = [(name, one) for one, name in pairs if incomplete and name.startswith(incomplete)]
        return ids + names
    return []


Url = Annotated[str, typer.Option("--url", envvar="SLACKWATER_URL", metavar="URL", help="Address of the server.")]
KeyFile = Annotated[
    Path | None,
    typer.Option(
        "--key-file",
        metavar="FILE",
        help="File with the API key. Otherwise SLACKWATER_API_KEY, or admin.key in the data directory.",
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print the server's JSON.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]
Wait = Annotated[bool, typer.Option("--wait", help="Wait until it has read all there is, or has failed.")]
Id = Annotated[
    str,
    typer.Argument(
        metavar="SOURCE",
        help="The id of a source, a beginning of it that is unique, or its name.",
        autocompletion=_completed,
    ),
]


@contextmanager
def connected(url: str, key_file: Path | None, data_dir: Path | None) -> Iterator[Service]:
    """Connect to the server of the options; a refusal exits with 1 and a sentence."""
    settings = read_settings(data_dir=data_dir)
    try:
        service = Service(url, key_for(settings, key_file), outbound_of(settings))
    except (Refused, Unavailable) as wrong:
        fail(str(wrong), code=WRONG_USAGE)
    try:
        with service:
            yield service
    except Refused as refused:
        fail(str(refused))
    except KeyboardInterrupt:
        raise typer.Exit(INTERRUPTED) from None


def full_id(service: Service, given: str) -> str:
    """Return the id of the source that `given` names, or is the unique beginning of."""
    if len(given) >= UUID_LENGTH and given.count("-") == 4:
        return given
    named, _ = service.wrappers(most=10_000, q=given)
    found = [row["wrapper_id"] for row in named if row["metadata"]["name"] == given]
    if not found:
        rows, _ = service.wrappers(most=10_000)
        found = [row["wrapper_id"] for row in rows if row["wrapper_id"].startswith(given.lower())]
    if len(found) != 1:
        reason = "stands for more than one source" if found else "is neither the id nor the name of a source"
        fail(f"{given} {reason}; `slackwater sources list` shows them.", code=WRONG_USAGE)
    return str(found[0])


def awaited(service: Service, wrapper_id: str) -> str:
    """Wait until the source is read, printing progress; exit with the reason on failure."""
    said = ""
    with err.status("waiting") as line:
        while True:
            wrapper = service.wrapper(wrapper_id)
            status = wrapper["status"]
            words = f"{status}, {count(wrapper['data_points_count'])} points stored"
            follows = wrapper["source_type"] == "API" and wrapper["phase"] == "continuous"
            if status == "completed" or (status == "executing" and follows):
                return words
            if status in ("error", "stopped"):
                fail(f"The source is {status}: {wrapper['error_message'] or 'it was stopped meanwhile'}")
            line.update(escape(words))
            if status != said and not err.is_terminal:
                err.print(escape(words))
            said = status
            time.sleep(POLL_SECONDS)


def print_json(answer: Any) -> None:
    """Print what the server answered."""
    typer.echo(json.dumps(answer, indent=2, ensure_ascii=False))


def show_result(result: dict[str, Any], as_json: bool) -> None:
    """Print the outcome of an order; exit code 1 when it was not carried out."""
    if as_json:
        print_json(result)
    if not result["success"]:
        if as_json:
            raise typer.Exit(1)
        fail(result["message"])
    if not as_json:
        sent = result.get("data_points_sent")
        out.print(escape(result["message"]) + (f" ({count(sent)} points in this run)" if sent else ""))


def confirmed(question: str, yes: bool) -> None:
    """Go on when a person says so, or `--yes` does; leave otherwise."""
    if not yes and not typer.confirm(question, err=True):
        fail("Nothing was changed.")


def source_path(wrapper_id: str) -> str:
    """Return the path of a source."""
    return f"{WRAPPERS}/{wrapper_id}"
