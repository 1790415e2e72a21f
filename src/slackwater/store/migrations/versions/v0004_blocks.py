"""Adds blocks with their summaries, and builds them for stored points"""

from collections.abc import Iterator
from itertools import groupby, islice
from operator import itemgetter

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

SIZE = 512  # points of a block
INSERT = "INSERT INTO blocks (series_id, first, last, count, total, least, most) VALUES (?, ?, ?, ?, ?, ?, ?)"


def upgrade() -> None:

    op.create_table(
        "blocks",
        sa.Column("series_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("first", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("total", sa.Float(), nullable=True),
        sa.Column("least", sa.Float(), nullable=False),
        sa.Column("most", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("series_id", "first", name=op.f("pk_blocks")),
        sqlite_with_rowid=False,
    )
    connection = op.get_bind().connection
    stored = connection.cursor()
    stored.execute("SELECT series_id, x, y FROM points ORDER BY series_id, x")
    write = connection.cursor()
    rows: Iterator[tuple[int, int, float]] = (tuple(row) for row in iter(stored.fetchone, None))
    for series_id, mine in groupby(rows, key=itemgetter(0)):
        while some := list(islice(mine, SIZE)):
            values = [row[2] for row in some]
            what = (some[0][1], some[-1][1], len(some), sum(values), min(values), max(values))
            write.execute(INSERT, (series_id, *what))


def downgrade() -> None:

    op.drop_table("blocks")
