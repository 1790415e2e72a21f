"""Limits that hold over all nodes"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "rates",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("paid_until", sa.BigInteger(), nullable=False),
        sa.Column("paused_until", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("paused_by", sa.Integer(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_rates")),
    )
    op.create_table(
        "host_shares",
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("node_id", sa.String(length=36), nullable=False),
        sa.Column("held", sa.Integer(), nullable=False),
        sa.Column("wanted", sa.Integer(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["node_id"], ["nodes.node_id"], name=op.f("fk_host_shares_node_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("host", "node_id", name=op.f("pk_host_shares")),
    )
    op.create_index("ix_host_shares_node_id", "host_shares", ["node_id"])


def downgrade() -> None:
    op.drop_index("ix_host_shares_node_id", "host_shares")
    op.drop_table("host_shares")
    op.drop_table("rates")
