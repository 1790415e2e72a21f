"""Labels that a source needs of the node that runs it"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("wrappers", sa.Column("runs_on", sa.Text(), server_default="", nullable=False))
    some = sa.text("runs_on <> ''")
    op.create_index("ix_wrappers_runs_on", "wrappers", ["runs_on"], sqlite_where=some, postgresql_where=some)


def downgrade() -> None:
    op.drop_index("ix_wrappers_runs_on", "wrappers")
    op.drop_column("wrappers", "runs_on")
