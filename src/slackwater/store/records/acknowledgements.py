"""Stores which problems of sources somebody has seen."""

from dataclasses import dataclass

import sqlalchemy as sa

from slackwater.store.schema import acknowledgements, runs, wrappers

_a, _r = acknowledgements.c, runs.c
_GOOD_RUN = (_r.wrapper_id == _a.wrapper_id, _r.task == "read", _r.outcome == "succeeded", _r.started_at > _a.at)


@dataclass(frozen=True, kw_only=True)
class Acknowledgement:
    """Tells who has seen which problem of a source, `at` in µs since the epoch."""

    wrapper_id: str
    state: str
    name: str | None
    at: int


@dataclass(frozen=True, kw_only=True)
class Standing:
    """Tells what has become of a source since its problem was seen."""

    seen: Acknowledgement
    fetched: bool  # a run has succeeded
    spotless: bool  # one without failed requests and rejected rows
    advanced: bool  # there are newer points


def acknowledge(c: sa.Connection, wrapper_id: str, state: str, name: str | None, now: int) -> None:
    """Note that somebody has seen the problem of a source.

    `now` is in µs since the epoch.
    """
    newest = sa.select(wrappers.c.high_water_mark).where(wrappers.c.wrapper_id == wrapper_id).scalar_subquery()
    forget(c, wrapper_id)
    c.execute(acknowledgements.insert().values(wrapper_id=wrapper_id, state=state, name=name, at=now, newest=newest))


def forget(c: sa.Connection, wrapper_id: str) -> None:
    """Forget that somebody has seen the problem of a source."""
    c.execute(acknowledgements.delete().where(_a.wrapper_id == wrapper_id))


def standing(c: sa.Connection) -> dict[str, Standing]:
    """Return what was seen of which source, and what has come since."""
    fetched = sa.exists(sa.select(_r.run_id).where(*_GOOD_RUN).correlate(acknowledgements))
    without_fault = (*_GOOD_RUN, _r.request_errors == 0, _r.points_rejected == 0)
    spotless = sa.exists(sa.select(_r.run_id).where(*without_fault).correlate(acknowledgements))
    mark = sa.func.coalesce(wrappers.c.high_water_mark, 0)
    query = sa.select(
        _a.wrapper_id,
        _a.state,
        _a.name,
        _a.at,
        fetched.label("fetched"),
        spotless.label("spotless"),
        (mark > sa.func.coalesce(_a.newest, 0)).label("advanced"),
    ).select_from(sa.join(acknowledgements, wrappers, wrappers.c.wrapper_id == _a.wrapper_id))
    return {
        row.wrapper_id: Standing(
            seen=Acknowledgement(wrapper_id=row.wrapper_id, state=row.state, name=row.name, at=row.at),
            fetched=bool(row.fetched),
            spotless=bool(row.spotless),
            advanced=bool(row.advanced),
        )
        for row in c.execute(query)
    }
