"""Dry runs on nodes that share a store"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "trials",
        sa.Column("trial_id", sa.String(length=36), nullable=False),
        sa.Column("wrapper_id", sa.String(length=36), nullable=False),
        sa.Column("node_id", sa.String(length=36), nullable=False),
        sa.Column("unwanted", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.ForeignKeyConstraint(["node_id"], ["nodes.node_id"], name=op.f("fk_trials_node_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("trial_id", name=op.f("pk_trials")),
    )
    op.create_index("ix_trials_wrapper_id", "trials", ["wrapper_id"])
    op.create_index("ix_trials_node_id", "trials", ["node_id"])


def downgrade() -> None:
    op.drop_index("ix_trials_node_id", "trials")
    op.drop_index("ix_trials_wrapper_id", "trials")
    op.drop_table("trials")
