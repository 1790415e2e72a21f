"""Units of the series of a wrapper.

Said of one series, written in its name, or said of the whole source.
"""

import json
from dataclasses import dataclass

import sqlalchemy as sa

from slackwater.errors import NotFound
from slackwater.formats.units import unit_in
from slackwater.store.schema import resources, wrappers


@dataclass(frozen=True)
class Units:
    """What is known of the units of a wrapper's series.

    Said of one, and of the whole source.
    """

    said: dict[str, str]
    whole: str | None

    def of(self, name: str) -> str | None:
        """Return the unit of a series.

        As people say, as its name has it, or that of the source.
        """
        return self.said.get(name) or unit_in(name) or self.whole


def units_of(c: sa.Connection, wrapper_id: str) -> Units:
    """Return what tells the unit of each series.

    A resource whose wrapper is gone still has its legend.
    """
    kept = c.execute(sa.select(wrappers.c.metadata).where(wrappers.c.wrapper_id == wrapper_id)).scalar_one_or_none()
    metadata = {} if kept is None else json.loads(kept)
    said: dict[str, str] = metadata.get("units") or {}
    whole: str | None = metadata.get("unit")
    if kept is None:
        mine = (resources.c.wrapper_id == wrapper_id, resources.c.deleted_at.is_(None), resources.c.legend.isnot(None))
        whole = c.execute(sa.select(resources.c.legend).where(*mine).limit(1)).scalar_one_or_none()
    return Units(said, whole)


def replace(c: sa.Connection, wrapper_id: str, units: dict[str, str], now: int) -> None:
    """Keep what people say of the units of single series.

    NotFound when there is no such wrapper. `now` is in µs since the epoch.
    """
    mine = wrappers.c.wrapper_id == wrapper_id
    kept = c.execute(sa.select(wrappers.c.metadata).where(mine).with_for_update()).scalar_one_or_none()
    if kept is None:
        raise NotFound(what="Wrapper")
    others = {name: value for name, value in json.loads(kept).items() if name != "units"}
    values = {"metadata": json.dumps(others | ({"units": units} if units else {})), "updated_at": now}
    c.execute(wrappers.update().where(mine).values(values))
