"""Fields of numbers that a run met and nobody reads"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("runs", sa.Column("fields_unread", sa.Text(), server_default="[]", nullable=False))


def downgrade() -> None:
    op.drop_column("runs", "fields_unread")
