"""Does what is PostgreSQL's own in work on a connection."""

import struct
import sys
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from itertools import groupby
from math import isnan
from typing import Any

import psycopg
import sqlalchemy as sa

from slackwater.errors import Unavailable
from slackwater.store.engine import key_order
from slackwater.store.engine.driver import PointRow
from slackwater.store.engine.lock import MOVING
from slackwater.store.engine.postgresql_trouble import reason

_BYTES = ' COLLATE "C"'  # the order that SQLite has
REPLACEMENT = "\N{REPLACEMENT CHARACTER}"  # in the place of U+0000
PARTITIONS = 16  # of the table of points, by series: all of one series lie in one of them
MIGRATION_LOCK, KEY_LOCK, MOVE_LOCK = (
    0x534C41434B01,
    0x534C41434B02,
    0x534C41434B03,
)  # numbers of advisory locks, arbitrary but ours

# PostgreSQL's binary form of COPY: a signature, rows of (number of fields, length and value of each), an end mark.
_HEAD, _END = b"PGCOPY\n\xff\r\n\0" + bytes(8), b"\xff\xff"
_ROW = struct.Struct(">hiiiqid").pack
_COPY = "COPY points (series_id, x, y) FROM STDIN (FORMAT BINARY)"
_REVISE = (
    "UPDATE points SET y = new.y FROM unnest(%s::int[], %s::bigint[], %s::float8[]) AS new(series_id, x, y) "
    "WHERE points.series_id = new.series_id AND points.x = new.x"
)
_KNOWN = "SELECT x, y FROM points WHERE series_id = %s AND x = ANY(%s::bigint[])"
_KNOWN_OF_SEVERAL = (
    "SELECT p.series_id, p.x, p.y FROM unnest(%s::int[], %s::bigint[]) AS wanted(series_id, x) "
    "JOIN points AS p ON p.series_id = wanted.series_id AND p.x = wanted.x"
)
_BLOCK = "SELECT first, last, count, total, least, most FROM blocks WHERE series_id = s.series_id ORDER BY first"
_ENDS = (
    f"SELECT s.series_id, oldest.*, newest.* FROM unnest(%s::int[]) AS s(series_id), "  # noqa: S608 - our own names
    f"LATERAL ({_BLOCK} LIMIT 1) AS oldest, LATERAL ({_BLOCK} DESC LIMIT 1) AS newest"
)
# Where a sum might leave the range of floats, which is an error here, the values are added up by us.
_SUMS = (
    "SELECT found.* FROM unnest(%s::bigint[], %s::bigint[]) WITH ORDINALITY AS r(low, high, place) CROSS JOIN LATERAL "
    "(SELECT count(*), sum(y) FILTER (WHERE abs(y) < 1e300), min(y), max(y), count(*) FILTER (WHERE abs(y) >= 1e300) "
    "FROM points WHERE series_id = %s AND x BETWEEN r.low AND r.high) AS found ORDER BY r.place"
)
_VALUES = "SELECT y FROM points WHERE series_id = %s AND x BETWEEN %s AND %s ORDER BY x"

# The functions that search and tags use, by the names that they have on SQLite; see store/engine/search.py.
_FOLD = """CREATE OR REPLACE FUNCTION folded(words text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
SELECT CASE WHEN octet_length(words) = char_length(words) THEN lower(words) ELSE
replace(replace(lower(regexp_replace(normalize(words, NFKD), '[{marks}]', '', 'g'){collation}), 'ß', 'ss'), 'ς', 'σ')
END $$"""
_BROKEN = r"\\u(0000|[dD][89abAB]..(?!\\u[dD][c-fC-F]))|(?<!\\u[dD][89abAB]..)\\u[dD][c-fC-F]"  # no jsonb can hold it
_PLAIN = r"""CREATE OR REPLACE FUNCTION plain(document text, VARIADIC names text[] DEFAULT '{}') RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
SELECT CASE WHEN coalesce(document, '') = '' THEN '' WHEN cardinality(names) = 0 OR document ~ '{broken}'
THEN folded(document) ELSE folded(coalesce((SELECT string_agg(
CASE WHEN jsonb_typeof(held.value) = 'array'
THEN (SELECT string_agg(each, ' ') FROM jsonb_array_elements_text(held.value) AS each)
ELSE held.value #>> '{}' END, ' ' ORDER BY n.place)
FROM unnest(names) WITH ORDINALITY AS n(name, place), LATERAL (SELECT document::jsonb -> n.name AS value) AS held),
'')) END $$"""
_JSON_EACH = r"""CREATE OR REPLACE FUNCTION json_each(document text, path text) RETURNS TABLE(value text)
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
SELECT jsonb_array_elements_text(CASE WHEN document ~ '{broken}' THEN '[]'::jsonb
WHEN jsonb_typeof(document::jsonb -> substr(path, 3)) = 'array' THEN document::jsonb -> substr(path, 3)
ELSE '[]'::jsonb END) $$"""
# Whose lower() knows more than ASCII, the database's own first.
_COLLATIONS = ("", "C.utf8", "C.UTF-8", "pg_c_utf8", "en_US.utf8", "und-x-icu")


class PostgresqlDriver:
    """The driver of a store on a database server."""

    def kept_text(self, text: str) -> str:
        """Return a text without U+0000, which PostgreSQL cannot hold."""
        return text.replace("\0", REPLACEMENT)

    def rows(self, c: sa.Connection, statement: str, given: Sequence[Any] = ()) -> list[Any]:
        """Return the rows that a statement gives."""
        rows: list[Any] = _raw(c).execute(_percent(statement), given).fetchall()
        return rows

    def run(self, c: sa.Connection, statement: str, given: Sequence[Any] = ()) -> None:
        """Execute a statement that gives no rows."""
        _raw(c).execute(_percent(statement), given)

    def run_each(self, c: sa.Connection, statement: str, each: Sequence[Sequence[Any]]) -> None:
        """Execute a statement once for each of several values."""
        with _raw(c).cursor() as cursor:
            cursor.executemany(_percent(statement), each)

    def add_points(self, c: sa.Connection, rows: Sequence[PointRow]) -> None:
        """Store new points.

        The caller has locked the row of their wrapper and knows that none of them is there, so no conflict can come.
        """
        if not rows:
            return
        packed = b"".join([_ROW(3, 4, series_id, 8, x, 8, y) for series_id, x, y in rows])
        with _raw(c).cursor() as cursor, cursor.copy(_COPY) as copy:
            copy.write(_HEAD + packed + _END)

    def revise_points(self, c: sa.Connection, rows: Sequence[PointRow]) -> None:
        """Give stored points other values."""
        if rows:
            _raw(c).execute(_REVISE, tuple(map(list, zip(*rows, strict=True))))

    def known_points(self, c: sa.Connection, wanted: Mapping[int, Sequence[int]]) -> dict[int, dict[int, float]]:
        """Return those of the wanted times that are stored."""
        found: dict[int, dict[int, float]] = {series_id: {} for series_id in wanted}
        if len(wanted) == 1:
            series_id, times = next(iter(wanted.items()))
            found[series_id].update(_raw(c).execute(_KNOWN, (series_id, list(times))).fetchall())
            return found
        numbers = [series_id for series_id, times in wanted.items() for _ in times]
        every = [x for times in wanted.values() for x in times]
        for series_id, x, y in _raw(c).execute(_KNOWN_OF_SEVERAL, (numbers, every)).fetchall():
            found[series_id][x] = y
        return found

    def block_ends(self, c: sa.Connection, series_ids: Sequence[int]) -> dict[int, tuple[Any, Any]]:
        """Return the outer blocks of series."""
        rows = _raw(c).execute(_ENDS, (list(series_ids),)).fetchall()
        return {row[0]: (row[1:7], row[7:]) for row in rows}

    def add_rows(self, c: sa.Connection, table: str, columns: tuple[str, ...], rows: Sequence[Sequence[Any]]) -> None:
        """Add new rows to a table."""
        with _raw(c).cursor() as cursor, cursor.copy(_copy(table, columns)) as copy:
            for row in rows:
                copy.write_row(row)

    def sums(self, c: sa.Connection, series_id: int, ranges: Sequence[tuple[int, int]]) -> list[Any]:
        """Return what the points in each of the ranges amount to."""
        raw = _raw(c)
        found = []
        rows = raw.execute(_SUMS, ([low for low, _ in ranges], [high for _, high in ranges], series_id)).fetchall()
        for (low, high), (count, total, least, most, huge) in zip(ranges, rows, strict=True):
            if huge:
                values = raw.execute(_VALUES, (series_id, low, high)).fetchall()
                total = _total([y for (y,) in values])  # noqa: PLW2901
            found.append((count, total, least, most))
        return found

    def before_migration(self, c: sa.Connection) -> None:
        """Wait until no other process migrates, however long it takes.

        Unavailable while one moves the store.
        """
        self.refuse_while_held(c)
        _raw(c).execute("SET LOCAL lock_timeout = 0")
        _raw(c).execute("SELECT pg_advisory_xact_lock(%s)", (MIGRATION_LOCK,))

    def equip(self, c: sa.Connection) -> None:
        """Add the partitions of the points, and the functions that search uses."""
        raw = _raw(c)
        for number in range(PARTITIONS):
            raw.execute(
                f"CREATE TABLE IF NOT EXISTS points_{number:02} PARTITION OF points "
                f"FOR VALUES WITH (MODULUS {PARTITIONS}, REMAINDER {number})"
            )
        raw.execute(_FOLD.replace("{marks}", _marks()).replace("{collation}", _collation(raw)))
        raw.execute(_PLAIN.replace("{broken}", _BROKEN))
        raw.execute(_JSON_EACH.replace("{broken}", _BROKEN))

    def one_keeper(self, c: sa.Connection) -> None:
        """Wait until no other process begins or changes the key of the secrets."""
        _raw(c).execute("SELECT pg_advisory_xact_lock(%s)", (KEY_LOCK,))

    def keep_key(self, c: sa.Connection) -> None:
        """Wait until no other process changes the key of the secrets."""
        _raw(c).execute("SELECT pg_advisory_xact_lock_shared(%s)", (KEY_LOCK,))

    def erase_overwritten(self, c: sa.Connection, on: bool) -> None:
        """Do nothing: what is overwritten leaves when the server vacuums."""

    def empty_log(self, c: sa.Connection) -> None:
        """Do nothing: the log is the server's."""

    def give_back(self, c: sa.Connection) -> bool:
        """Do nothing: the server uses space again, and gives it back, by itself."""
        return False

    def size(self, c: sa.Connection) -> int:
        """Return the bytes of the database."""
        return int(_raw(c).execute("SELECT pg_database_size(current_database())").fetchone()[0])

    def scan(
        self, c: sa.Connection, table: sa.Table, at_once: int, after: Sequence[Any] | None = None
    ) -> Iterator[list[Any]]:
        """Yield all rows of a table by its key, from a cursor of the server."""
        raw = _raw(c)
        raw.execute("SET LOCAL enable_sort = off")  # the keys of points are in order in their indexes
        with raw.cursor(name="everything", binary=True) as cursor:
            cursor.execute(_percent(key_order.everything(table, collation=_BYTES, after=after is not None)), after)
            while rows := cursor.fetchmany(at_once):
                yield rows

    def last_key(self, c: sa.Connection, table: sa.Table) -> Sequence[Any] | None:
        """Return the greatest key of a table."""
        found: Sequence[Any] | None = _raw(c).execute(key_order.last_key(table, collation=_BYTES)).fetchone()
        return found

    def hold_alone(self, c: sa.Connection) -> bool:
        """Take the lock that everybody shares who opens the store."""
        return bool(_raw(c).execute("SELECT pg_try_advisory_lock(%s)", (MOVE_LOCK,)).fetchone()[0])

    def refuse_while_held(self, c: sa.Connection) -> None:
        """Share the lock of whoever moves the store, or raise Unavailable."""
        if not _raw(c).execute("SELECT pg_try_advisory_xact_lock_shared(%s)", (MOVE_LOCK,)).fetchone()[0]:
            raise Unavailable(MOVING)

    def share(self, c: sa.Connection) -> bool:
        """Share the lock of whoever moves the store, until the connection ends."""
        return bool(_raw(c).execute("SELECT pg_try_advisory_lock_shared(%s)", (MOVE_LOCK,)).fetchone()[0])

    def number_on(self, c: sa.Connection, table: sa.Table) -> None:
        """Set the sequence of a table behind the numbers that it holds."""
        column = table.autoincrement_column
        if column is not None:
            _raw(c).execute(
                f'SELECT setval(pg_get_serial_sequence(%s, %s), coalesce(max("{column.name}"), 0) + 1, false) '  # noqa: S608
                f"FROM {table.name}",
                (table.name, column.name),
            )

    def take_stock(self, c: sa.Connection) -> None:
        """Let the server gather its statistics."""
        _raw(c).execute("ANALYZE")

    @contextmanager
    def troubles_as_unavailable(self) -> Iterator[None]:
        """Raise Unavailable, with the reason, for whatever the server refuses."""
        try:
            yield
        except (sa.exc.DBAPIError, sa.exc.TimeoutError, psycopg.Error) as error:
            raise Unavailable(f"The database cannot be used right now: {reason(error)}.") from error


@cache
def _copy(table: str, columns: tuple[str, ...]) -> str:
    names = ", ".join(f'"{name}"' for name in columns)
    return f"COPY {table} ({names}) FROM STDIN"


def _total(values: list[float]) -> float | None:
    total = sum(values)
    return None if isnan(total) else total


def _raw(c: sa.Connection) -> Any:
    """Return psycopg's own connection."""
    return c.connection.dbapi_connection


@cache
def _percent(statement: str) -> str:
    return statement.replace("?", "%s")


def _marks() -> str:
    """Return the ranges of combining marks for a regular expression."""
    marks = (code for code in range(128, sys.maxunicode + 1) if unicodedata.combining(chr(code)))
    ranges = []
    for _, some in groupby(enumerate(marks), key=lambda each: each[1] - each[0]):
        codes = [code for _, code in some]
        ranges.append((codes[0], codes[-1]))
    return "".join(_range(first, last) for first, last in ranges)


def _range(first: int, last: int) -> str:
    return f"\\U{first:08X}" if first == last else f"\\U{first:08X}-\\U{last:08X}"


def _collation(raw: Any) -> str:
    known = {name for (name,) in raw.execute("SELECT collname FROM pg_collation").fetchall()}
    for name in _COLLATIONS:
        if name and name not in known:
            continue
        clause = f' COLLATE "{name}"' if name else ""
        with raw.transaction(force_rollback=True):  # one that the encoding does not go with is an error
            try:
                found = raw.execute(f"SELECT lower('ЖΩ'{clause})").fetchone()
            except psycopg.Error:
                continue
        if found is not None and found[0] == "жω":
            return clause
    return ""
