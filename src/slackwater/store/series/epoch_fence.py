"""Refuses batches of an earlier epoch, inside the transaction that stores them."""

import sqlalchemy as sa

from slackwater.errors import StaleEpoch
from slackwater.store.schema import wrappers

# The row stays locked until the end: where several write at once, whoever raises the epoch waits for this commit.
_EPOCH = sa.select(wrappers.c.epoch).where(wrappers.c.wrapper_id == sa.bindparam("id")).with_for_update(key_share=True)


def check(c: sa.Connection, wrapper_id: str, epoch: int) -> None:
    """Raise StaleEpoch unless `epoch` is the present one of the wrapper, until the transaction ends."""
    current = c.execute(_EPOCH, {"id": wrapper_id}).scalar_one_or_none()
    if current != epoch:
        raise StaleEpoch(wrapper_id=wrapper_id, epoch=epoch)
