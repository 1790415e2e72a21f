"""When points came, what later values replaced, and more counters of runs"""

import time

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

COUNTERS = ("rows_unread", "points_overwritten", "points_withdrawn")


def upgrade() -> None:

    op.create_table(
        "arrivals",
        sa.Column("series_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("first", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("series_id", "first", name=op.f("pk_arrivals")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "revisions",
        sa.Column(
            "revision_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("series_id", sa.Integer(), nullable=False),
        sa.Column("x", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("before", sa.Float(), nullable=True),
        sa.Column("after", sa.Float(), nullable=True),
        sa.Column("run_id", sa.String(length=36), nullable=True),
        sa.PrimaryKeyConstraint("revision_id", name=op.f("pk_revisions")),
    )
    op.create_index("ix_revisions_series_id", "revisions", ["series_id", "x"])
    vintages = op.create_table(
        "vintages",
        sa.Column("vintages_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("vintages_id", name=op.f("pk_vintages")),
    )
    # Of what was stored before nobody knows when it came, nor what it replaced.
    op.bulk_insert(vintages, [{"vintages_id": 1, "since": time.time_ns() // 1000}])
    for name in COUNTERS:
        op.add_column("runs", sa.Column(name, sa.BigInteger(), server_default="0", nullable=False))


def downgrade() -> None:

    for name in COUNTERS:
        op.drop_column("runs", name)
    op.drop_table("vintages")
    op.drop_table("revisions")
    op.drop_table("arrivals")
