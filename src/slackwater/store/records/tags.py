"""Tags of wrappers: words by which people find them.

They are kept with the other metadata of each.
"""

import json
from collections.abc import Iterable, Sequence

import sqlalchemy as sa

from slackwater.errors import BadInput, NotFound
from slackwater.model.wrapper import MOST_TAGS, tags_once
from slackwater.store.schema import wrappers

_TAGS = sa.func.json_each(wrappers.c.metadata, "$.tags").table_valued("value", name="tag")


def tagged(tag: str) -> sa.ColumnElement[bool]:
    """Return the condition that a wrapper has a tag, whatever the case of its letters."""
    wanted = sa.func.plain(tag, type_=sa.String())
    return sa.exists(sa.select(1).select_from(_TAGS).where(sa.func.plain(_TAGS.c.value, type_=sa.String()) == wanted))


def counted(c: sa.Connection) -> list[tuple[str, int]]:
    """Return every tag in alphabetical order, and how many wrappers have it.

    A tag is as it was written first.
    """
    query = sa.select(_TAGS.c.value).select_from(wrappers.join(_TAGS, sa.true()))
    names: dict[str, str] = {}
    numbers: dict[str, int] = {}
    for tag in c.execute(query.order_by(wrappers.c.created_at)).scalars():
        key = tag.casefold()
        names.setdefault(key, tag)
        numbers[key] = numbers.get(key, 0) + 1
    return [(names[key], numbers[key]) for key in sorted(names)]


def change(c: sa.Connection, wrapper_ids: Sequence[str], add: Iterable[str], remove: Iterable[str], now: int) -> int:
    """Add and remove tags of several wrappers, all or none.

    Return how many of these changed.

    NotFound when one of the wrappers does not exist, BadInput when one would have too many tags.
    `now` is in µs since the epoch.
    """
    added, gone = list(add), {each.casefold() for each in remove}
    changed = 0
    for wrapper_id in dict.fromkeys(wrapper_ids):
        mine = wrappers.c.wrapper_id == wrapper_id
        kept = c.execute(sa.select(wrappers.c.metadata).where(mine).with_for_update()).scalar_one_or_none()
        if kept is None:
            raise NotFound(what="Wrapper")
        metadata = json.loads(kept)
        before = metadata.get("tags") or []
        after = tags_once([*(each for each in before if each.casefold() not in gone), *added])
        if len(after) > MOST_TAGS:
            raise BadInput(f"A source has at most {MOST_TAGS} tags")
        if after != before:
            changed += 1
            others = {name: value for name, value in metadata.items() if name != "tags"}
            values = {"metadata": json.dumps(others | ({"tags": after} if after else {})), "updated_at": now}
            c.execute(wrappers.update().where(mine).values(values))
    return changed
