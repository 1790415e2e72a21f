"""Tells the nodes that share a PostgreSQL to look again: NOTIFY.

A notice says «look again», never what to find, and may be lost: whoever waits looks now and then by itself.
One channel tells what is worth nothing a second later, and is kept nowhere: what somebody's look at a source asks.
"""

from collections.abc import Iterable

import sqlalchemy as sa

CHANGED = "slackwater_changed"  # something of these wrappers may have changed
STOP = "slackwater_stop"  # these wrappers are wanted stopped
DUE = "slackwater_due"  # something has become due
LOOKS = "slackwater_looks"  # three words: of whose look at a source, how many requests, the URL of the last
CHANNELS = (CHANGED, STOP, DUE, LOOKS)
MOST = 200  # ids of 37 bytes in one notice: PostgreSQL takes less than 8,000


def send(c: sa.Connection, channel: str, ids: Iterable[str] = ()) -> None:
    """Tell all nodes, when the transaction is committed; nobody where no others can be."""
    if c.dialect.name != "postgresql":
        return
    every = list(ids)
    for at in range(0, max(1, len(every)), MOST):
        c.execute(sa.select(sa.func.pg_notify(channel, " ".join(every[at : at + MOST]))))
