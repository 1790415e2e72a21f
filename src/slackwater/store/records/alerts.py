"""Stores alerts, the channels that they are reported to, and their messages."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import msgspec
import sqlalchemy as sa

from slackwater.errors import NotFound
from slackwater.model.alerts import Kind, News, Times
from slackwater.store.engine.vault import vault_of, vault_to_seal
from slackwater.store.schema import alert_channels, alert_messages, alerts

WAITING, SENT, DEAD = "waiting", "sent", "dead"
KEPT = 1_000  # messages that are done with, and alerts that have ended
_news = msgspec.json.Decoder(list[News]).decode


@dataclass(frozen=True, kw_only=True)
class Channel:
    """Who is told, of what and when.

    `url` and `secret` are in clear: they never leave without need.
    """

    channel_id: str
    name: str
    form: str  # apprise or webhook
    url: str = field(repr=False)
    secret: str | None = field(default=None, repr=False)
    kinds: tuple[Kind, ...]
    wrapper_ids: tuple[str, ...] | None = None  # None: all
    times: Times
    enabled: bool = True
    created_at: int

    def wants(self, news: News) -> bool:
        """Check whether the channel receives this alert."""
        kind = Kind.RECOVERED if news.recovered else news.kind
        mine = self.wrapper_ids is None or news.wrapper_id in self.wrapper_ids
        return self.enabled and mine and kind in self.kinds and news.kind in self.kinds


@dataclass(frozen=True, kw_only=True)
class Alert:
    """Something that is or was wrong with a source. Times in µs since the epoch."""

    alert_id: int
    wrapper_id: str
    name: str
    kind: Kind
    message: str
    opened_at: int
    closed_at: int | None


@dataclass(frozen=True, kw_only=True)
class Message:
    """News on their way to a channel; `state` is waiting, sent or dead."""

    message_id: str
    channel_id: str
    state: str
    news: list[News]
    created_at: int
    due_at: int
    tries: int
    error: str | None


def open_alerts(c: sa.Connection) -> dict[tuple[str, Kind], Alert]:
    """Return what is wrong now."""
    found = map(_alert, c.execute(sa.select(alerts).where(alerts.c.closed_at.is_(None))))
    return {(each.wrapper_id, each.kind): each for each in found}


def list_alerts(c: sa.Connection, *, only_open: bool, skip: int, limit: int) -> tuple[list[Alert], int]:
    """Return a page of alerts, newest first, and how many there are."""
    conditions = [alerts.c.closed_at.is_(None)] if only_open else []
    total = c.execute(sa.select(sa.func.count()).select_from(alerts).where(*conditions)).scalar_one()
    query = sa.select(alerts).where(*conditions).order_by(alerts.c.alert_id.desc()).offset(skip).limit(limit)
    return [_alert(row) for row in c.execute(query)], total


def record(c: sa.Connection, news: Iterable[News], new_id: Iterable[str]) -> None:
    """Write what has begun and ended.

    Put it into the message that each channel gets next.
    """
    recorded = list(news)
    for each in recorded:
        mine = (alerts.c.wrapper_id == each.wrapper_id, alerts.c.kind == each.kind.value)
        if each.recovered:
            c.execute(alerts.update().where(*mine, alerts.c.closed_at.is_(None)).values(closed_at=each.at))
            continue
        ended = each.at if each.kind is Kind.SCHEMA_CHANGED else None  # it happens; it does not last
        values = {"name": each.name, "message": each.message, "opened_at": each.at, "closed_at": ended}
        c.execute(alerts.insert().values(wrapper_id=each.wrapper_id, kind=each.kind.value, **values))
    ids = iter(new_id)
    for channel in channels(c):
        if wanted := [each for each in recorded if channel.wants(each)]:
            _post(c, channel, wanted, ids)
    _forget_old(c)


def close(c: sa.Connection, alert_ids: Iterable[int], now: int) -> None:
    """End alerts of sources that were stopped or deleted.

    A recovery that was none is not reported. `now` is in µs since the epoch.
    """
    c.execute(alerts.update().where(alerts.c.alert_id.in_(list(alert_ids))).values(closed_at=now))


def channels(c: sa.Connection) -> list[Channel]:
    """Return all channels, oldest first."""
    return [_channel(c, row) for row in c.execute(sa.select(alert_channels).order_by(alert_channels.c.created_at))]


def channel(c: sa.Connection, channel_id: str) -> Channel:
    """Return a channel; NotFound if there is none."""
    row = c.execute(sa.select(alert_channels).where(alert_channels.c.channel_id == channel_id)).one_or_none()
    if row is None:
        raise NotFound("Channel")
    return _channel(c, row)


def put_channel(c: sa.Connection, it: Channel) -> Channel:
    """Write a channel, new or changed."""
    vault = vault_to_seal(c)
    values = {
        "name": it.name,
        "form": it.form,
        "url": vault.seal_text(it.url),
        "secret": it.secret and vault.seal_text(it.secret),
        "rules": json.dumps({"kinds": it.kinds, "wrapper_ids": it.wrapper_ids}),
        "times": msgspec.json.encode(it.times).decode(),
        "enabled": it.enabled,
        "created_at": it.created_at,
    }
    here = alert_channels.c.channel_id == it.channel_id
    if not c.execute(alert_channels.update().where(here).values(**values)).rowcount:
        c.execute(alert_channels.insert().values(channel_id=it.channel_id, **values))
    return it


def delete_channel(c: sa.Connection, channel_id: str) -> None:
    """Delete a channel and its messages; NotFound if there is none."""
    if not c.execute(alert_channels.delete().where(alert_channels.c.channel_id == channel_id)).rowcount:
        raise NotFound("Channel")
    c.execute(alert_messages.delete().where(alert_messages.c.channel_id == channel_id))


def post(c: sa.Connection, it: Channel, news: News, message_id: str) -> Message:
    """Put one message on its way, now and by itself."""
    values = {"message_id": message_id, "channel_id": it.channel_id, "state": WAITING, "created_at": news.at}
    c.execute(alert_messages.insert().values(**values, news=_packed([news]), due_at=news.at, tries=1, grouping=False))
    return message(c, message_id)


def message(c: sa.Connection, message_id: str) -> Message:
    """Return a message; NotFound if there is none."""
    row = c.execute(sa.select(alert_messages).where(alert_messages.c.message_id == message_id)).one_or_none()
    if row is None:
        raise NotFound("Message")
    return _message(row)


def due_messages(c: sa.Connection, now: int, limit: int = 20) -> list[tuple[Message, Channel]]:
    """Return what is to be sent now, oldest first, with its channel.

    `now` is in µs since the epoch.
    """
    here = (alert_messages.c.state == WAITING, alert_messages.c.due_at <= now)
    found = [_message(row) for row in c.execute(sa.select(alert_messages).where(*here).order_by("due_at").limit(limit))]
    there = {each.channel_id: each for each in channels(c)} if found else {}
    return [(each, there[each.channel_id]) for each in found if each.channel_id in there]


def change_message(c: sa.Connection, message_id: str, **values: Any) -> Message:
    """Write how a message has fared; NotFound if there is none."""
    c.execute(alert_messages.update().where(alert_messages.c.message_id == message_id).values(**values, grouping=False))
    return message(c, message_id)


def list_messages(c: sa.Connection, *, state: str | None, skip: int, limit: int) -> tuple[list[Message], int]:
    """Return a page of messages, newest first, and how many there are."""
    conditions = [alert_messages.c.state == state] if state else []
    total = c.execute(sa.select(sa.func.count()).select_from(alert_messages).where(*conditions)).scalar_one()
    query = sa.select(alert_messages).where(*conditions).order_by(alert_messages.c.created_at.desc())
    return [_message(row) for row in c.execute(query.offset(skip).limit(limit))], total


def fared(c: sa.Connection) -> dict[tuple[str, str], int]:
    """Count the messages of each channel in each state."""
    m = alert_messages.c
    query = sa.select(m.channel_id, m.state, sa.func.count()).group_by(m.channel_id, m.state)
    return {(channel_id, state): count for channel_id, state, count in c.execute(query)}


def _post(c: sa.Connection, it: Channel, news: list[News], ids: Iterable[str]) -> None:
    open_one = (
        alert_messages.c.channel_id == it.channel_id,
        alert_messages.c.state == WAITING,
        alert_messages.c.grouping,
        alert_messages.c.due_at > news[0].at,
    )
    row = c.execute(sa.select(alert_messages).where(*open_one).limit(1)).one_or_none()
    if row is not None:
        here = alert_messages.c.message_id == row.message_id
        c.execute(alert_messages.update().where(here).values(news=_packed([*_news(row.news), *news])))
        return
    values = {"channel_id": it.channel_id, "state": WAITING, "created_at": news[0].at, "tries": 0, "grouping": True}
    due = it.times.due(news[0].at)
    c.execute(alert_messages.insert().values(message_id=next(iter(ids)), news=_packed(news), due_at=due, **values))


def _forget_old(c: sa.Connection) -> None:
    for table, key, done in (
        (alerts, alerts.c.opened_at, alerts.c.closed_at.is_not(None)),
        (alert_messages, alert_messages.c.created_at, alert_messages.c.state != WAITING),
    ):
        oldest = sa.select(key).where(done).order_by(key.desc()).offset(KEPT).limit(1).scalar_subquery()
        c.execute(table.delete().where(done, key <= oldest))


def _packed(news: list[News]) -> str:
    return msgspec.json.encode(news).decode()


def _alert(row: Any) -> Alert:
    return Alert(**{**row._mapping, "kind": Kind(row.kind)})


def _message(row: Any) -> Message:
    values = dict(row._mapping)
    values.pop("grouping")
    return Message(**{**values, "news": _news(row.news)})


def _channel(c: sa.Connection, row: Any) -> Channel:
    vault, rules = vault_of(c), json.loads(row.rules)
    return Channel(
        channel_id=row.channel_id,
        name=row.name,
        form=row.form,
        url=vault.open_text(row.url),
        secret=row.secret and vault.open_text(row.secret),
        kinds=tuple(map(Kind, rules["kinds"])),
        wrapper_ids=None if rules["wrapper_ids"] is None else tuple(rules["wrapper_ids"]),
        times=msgspec.json.decode(row.times, type=Times),
        enabled=bool(row.enabled),
        created_at=row.created_at,
    )
