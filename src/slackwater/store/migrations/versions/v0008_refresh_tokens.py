"""Refresh tokens that sources have given in the place of the configured ones"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:

    op.create_table(
        "refresh_tokens",
        sa.Column("grant_key", sa.String(length=64), nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("grant_key", name=op.f("pk_refresh_tokens")),
    )


def downgrade() -> None:

    op.drop_table("refresh_tokens")
