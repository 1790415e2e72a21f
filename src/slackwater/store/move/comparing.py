"""Compares two stores row by row, and so point by point."""

from hashlib import sha256
from itertools import zip_longest
from typing import Any

import sqlalchemy as sa

from slackwater.store.engine.database import Connection
from slackwater.store.move import copying
from slackwater.store.move.ends import End
from slackwater.store.move.progress import Watcher
from slackwater.store.records import files
from slackwater.store.schema import points


def differences(source: End, a: Connection, target: End, b: Connection, watcher: Watcher) -> list[str]:
    """Return a sentence for each table that differs, on its first such row."""
    found = [
        sentence
        for table in copying.tables()
        if (sentence := _difference(source, a, target, b, table, watcher)) is not None
    ]
    for record in files.everyone(a):
        if not record.at_url and _digest(source, a, record) != _digest(target, b, record):
            found.append(f"The bytes of the upload {record.filename} ({record.file_id}) differ.")
    return found


def goes_on(source: End, a: Connection, target: End, b: Connection) -> bool:
    """Say whether what the target holds, the points aside, is how the source begins."""
    for table in copying.tables():
        if table is points:
            continue
        theirs = copying.scan(target, b, table)
        for ours in copying.scan(source, a, table):
            held = next(theirs, [])
            if _unlike(target, ours[: len(held)], held):
                return False
            if len(held) < len(ours):
                break
        if next(theirs, []):
            return False
    return True


def _difference(
    source: End, a: Connection, target: End, b: Connection, table: sa.Table, watcher: Watcher
) -> str | None:
    ours: list[Any]
    theirs: list[Any]
    for ours, theirs in zip_longest(copying.scan(source, a, table), copying.scan(target, b, table), fillvalue=[]):
        if _unlike(target, ours, theirs):
            for mine, its in zip_longest(ours, theirs):
                if mine is None or its is None or _unlike(target, [mine], [its]):
                    return _told(table, mine, its)
        watcher.advance(len(ours))
    return None


def _unlike(target: End, ours: list[Any], theirs: list[Any]) -> bool:
    if ours == theirs:
        return False
    kept = target.driver.kept_text
    return [tuple(kept(each) if isinstance(each, str) else each for each in row) for row in ours] != theirs


def _told(table: sa.Table, mine: Any, its: Any) -> str:
    names = [column.name for column in table.columns]
    places = [names.index(column.name) for column in table.primary_key.columns]

    def key(row: Any) -> list[Any]:
        return [row[place] for place in places]

    # By key on both sides: the lesser one is missing on the other.
    alone = mine is None or (its is not None and key(its) < key(mine))
    words = " ".join(f"{names[place]} {(its if alone else mine)[place]}" for place in places)
    if alone:
        return f"{table.name}: {words} is in the target alone."
    if its is None or key(mine) < key(its):
        return f"{table.name}: {words} is missing in the target."
    unlike = [each for each in zip(names, mine, its, strict=True) if each[1] != each[2]]
    # Texts may be secret: that they differ is told, and not what they are.
    shown = (f"{name} {a!r} and {b!r}" if table is points else name for name, a, b in unlike)
    return f"{table.name}: {words} differs in {', '.join(shown)}."


def _digest(end: End, c: Connection, record: files.FileRecord) -> bytes:
    digest = sha256()
    for piece in files.pieces(c, end.place.files_dir, record):
        digest.update(piece)
    return digest.digest()
