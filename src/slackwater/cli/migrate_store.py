"""`slackwater migrate-store`: moves the store to PostgreSQL, and back."""

import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Self
from urllib.parse import unquote, urlsplit

import typer
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, Task, TextColumn, TimeRemainingColumn
from rich.text import Text

from slackwater.cli.options import URL_IN_ARGV, DatabaseUrl, DataDir, read_settings
from slackwater.cli.terminal import INTERRUPTED, WRONG_USAGE, count, err, fail, leaving_on_signals, out
from slackwater.database_url import BEGINNINGS, passwords_in, place_of, without_password
from slackwater.errors import SlackwaterError
from slackwater.settings import Settings, text_of

if TYPE_CHECKING:
    from slackwater.store.engine.database import Server
    from slackwater.store.move.ends import Location

SAID_SECONDS = 10.0  # between two lines on progress where no terminal shows a bar; chosen
NOWHERE = (
    "Say where the store is to go: --to postgresql://user@host:5432/database (or SLACKWATER_DATABASE_URL, which may "
    "hold the password), or --to DIRECTORY for the way back."
)
TWO_DIRECTORIES = (
    "The store is in a data directory already: set SLACKWATER_DATABASE_URL, or give --database-url, to move it from "
    "there to {target}. To copy a data directory use `slackwater backup` and `slackwater restore`."
)
TWO_DATABASES = (
    "SLACKWATER_DATABASE_URL names another database than --to. The data directory is moved to the one that "
    "SLACKWATER_DATABASE_URL names when --to is left out. From one PostgreSQL to another use pg_dump and pg_restore."
)
NO_KEY = (
    "SLACKWATER_SECRET_KEY is not set. Set it to the key that the nodes of this database have: the secrets of sources "
    "stay encrypted with it."
)
TO_DATABASE = (
    "From now on set SLACKWATER_DATABASE_URL to the address of that database, and {key}, and start `slackwater serve`. "
    "{directory} is as it was; nothing is written to its store any more."
)
TO_DIRECTORY = (
    "From now on unset SLACKWATER_DATABASE_URL, keep SLACKWATER_SECRET_KEY, and start `slackwater serve --data-dir "
    "{directory}`. The database is as it was; nothing is written to it any more."
)


def register(top: typer.Typer, name: str, summary: str) -> None:
    """Add the command to the application."""
    more = (
        "Stop all services first. A move that was interrupted goes on when it is called again. The store is served at "
        "its new place only when every row, point and upload has been compared; the old one stays as it is."
    )
    top.command(name, help=f"{summary}\n\n{more}")(_migrate)


@dataclass(frozen=True)
class _Way:
    """Says from where to where, and how each is opened."""

    source: "Location"
    target: "Location"
    key: str | None
    done: str  # what to do when it is done


def _migrate(
    to: Annotated[
        str | None,
        typer.Option(
            "--to",
            metavar="TARGET",
            help="postgresql://user@host:5432/database, without a password; or a data directory (DIR or sqlite:///DIR) "
            "to go back to. Default: the database of SLACKWATER_DATABASE_URL or of the settings file.",
        ),
    ] = None,
    verify_only: Annotated[
        bool, typer.Option("--verify-only", help="Change nothing: compare both, row by row and point by point.")
    ] = False,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    from slackwater.store.engine.database import Connection
    from slackwater.store.move.mover import move
    from slackwater.store.records import nodes
    from slackwater.supervise.lifecycle import transitions

    way = _way(to, read_settings(data_dir=data_dir, database_url=database_url))

    def release(c: Connection) -> None:
        transitions.release(c, nodes.present(c))

    began = time.monotonic()
    err.print(escape(f"From {way.source.name} to {way.target.name}."))
    try:
        with leaving_on_signals(), _Bar() as bar:
            found = move(way.source, way.target, way.key, release=release, watcher=bar, verify_only=verify_only)
    except SlackwaterError as error:
        fail(str(error))
    except KeyboardInterrupt:
        err.print("Interrupted. Call it again: it goes on where it was." if not verify_only else "Interrupted.")
        raise typer.Exit(INTERRUPTED) from None
    what = f"{count(found.wrappers)} wrappers, {count(found.points)} points, {count(found.uploads)} uploads"
    out.print(f"{'Equal' if verify_only else 'Moved, and equal'}: {what} ({time.monotonic() - began:,.0f} s).")
    if not verify_only:
        err.print(escape(way.done))


def _way(to: str | None, settings: Settings) -> _Way:
    """Return the way that is meant; exit 2 when it is none."""
    from slackwater.store.engine.vault import KEY_FILE
    from slackwater.store.move.ends import Location

    url, key = text_of(settings.database_url), text_of(settings.secret_key)
    if to is None and url is None:
        fail(NOWHERE, code=WRONG_USAGE)
    if to is None or to.startswith(BEGINNINGS):
        if to is not None and passwords_in(to):
            fail(URL_IN_ARGV.replace("--database-url", "--to"), code=WRONG_USAGE)
        if to is not None and url is not None and without_password(to) != without_password(url):
            fail(TWO_DATABASES, code=WRONG_USAGE)
        named = url or to or ""
        directory = settings.data_dir
        words = "SLACKWATER_SECRET_KEY as it is" if key else f"SLACKWATER_SECRET_KEY_FILE to {directory / KEY_FILE}"
        return _Way(
            Location(str(directory), directory),
            Location(place_of(named), directory, _server(settings, named)),
            key,
            TO_DATABASE.format(key=words, directory=directory),
        )
    directory = _directory(to)
    if url is None:
        fail(TWO_DIRECTORIES.format(target=directory), code=WRONG_USAGE)
    if key is None:
        fail(NO_KEY, code=WRONG_USAGE)
    return _Way(
        Location(place_of(url), directory, _server(settings, url)),
        Location(str(directory), directory),
        key,
        TO_DIRECTORY.format(directory=directory),
    )


def _server(settings: Settings, url: str) -> "Server":
    from slackwater.store.engine.database import Server

    return Server(url=url, wait=settings.wait_for_database, connections=settings.database_connections)


def _directory(to: str) -> Path:
    """Return the directory that `DIR` or `sqlite:///DIR` means, as SQLAlchemy reads such an address."""
    if to.startswith("sqlite:///"):
        found = Path(unquote(to.removeprefix("sqlite:///").partition("?")[0]))
        return found.parent if found.suffix == ".db" else found
    if "://" in to or not to.strip():
        scheme = urlsplit(to).scheme
        fail(f"--to cannot be {scheme + '://…' if scheme else 'empty'}. {NOWHERE}", code=WRONG_USAGE)
    return Path(to)


class _Rate(ProgressColumn):
    """Shows the rows per second."""

    def render(self, task: Task) -> Text:
        """Return the text for a task."""
        return Text(f"{task.speed:,.0f}/s" if task.speed else "")


class _Bar:
    """Shows a bar on a terminal, and a line now and then elsewhere."""

    def __init__(self) -> None:
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), _Rate(), TimeRemainingColumn())
        self._progress = Progress(*columns, console=err, disable=not err.is_terminal)
        self._task = self._progress.add_task("", total=None, visible=False)
        self._step, self._total, self._done, self._began, self._said = "", 0, 0, 0.0, 0.0

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def begin(self, step: str, total: int) -> None:
        """Begin a step of so many rows."""
        self._progress.remove_task(self._task)
        self._task = self._progress.add_task(step, total=total)
        self._step, self._total, self._done = step, total, 0
        self._began = self._said = time.monotonic()
        self._say()

    def advance(self, rows: int) -> None:
        """Tell of rows that are done."""
        self._done += rows
        self._progress.advance(self._task, rows)
        if time.monotonic() - self._said > SAID_SECONDS:
            self._said = time.monotonic()
            self._say()

    def remark(self, sentence: str) -> None:
        """Say something that is to be known."""
        err.print(f"[yellow]{escape(sentence)}[/yellow]")

    def _say(self) -> None:
        if err.is_terminal:
            return
        seconds = time.monotonic() - self._began
        rate = self._done / seconds if seconds and self._done else 0
        left = f", {rate:,.0f}/s, {(self._total - self._done) / rate:,.0f} s left" if rate else ""
        err.print(f"{self._step}: {count(self._done)} of {count(self._total)} rows{left}")
