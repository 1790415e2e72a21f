"""The newest point of each series, and how late a source publishes"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("series", sa.Column("newest", sa.BigInteger(), nullable=True))
    op.add_column("series", sa.Column("advanced_at", sa.BigInteger(), nullable=True))
    op.add_column("series", sa.Column("delay", sa.BigInteger(), nullable=True))
    op.add_column("series", sa.Column("advances", sa.Integer(), server_default="0", nullable=False))
    op.add_column("wrappers", sa.Column("freshness", sa.Text(), nullable=True))
    op.execute("UPDATE series SET newest = (SELECT max(x) FROM points WHERE points.series_id = series.series_id)")


def downgrade() -> None:
    op.drop_column("wrappers", "freshness")
    for name in ("advances", "delay", "advanced_at", "newest"):
        op.drop_column("series", name)
