"""Where a module comes from, and what it was found by"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:

    op.add_column("wrappers", sa.Column("code_origin", sa.String(length=16), nullable=True))
    op.add_column("wrappers", sa.Column("findings", sa.Text(), nullable=True))
    op.add_column("wrappers", sa.Column("rediscovered", sa.Boolean(), server_default=sa.false(), nullable=False))


def downgrade() -> None:

    op.drop_column("wrappers", "rediscovered")
    op.drop_column("wrappers", "findings")
    op.drop_column("wrappers", "code_origin")
