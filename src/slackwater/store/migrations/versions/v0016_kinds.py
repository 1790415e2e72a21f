"""What events and lines of the log are about, beside their texts"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

# How the texts of before begin or end, the first that fits.
EVENTS = (
    ("rediscovered", "%its source has changed; its module is a new one, see its log"),
    ("begun", "regeneration asked for%"),
    ("module", "changed: %generated_code%"),
    ("source", "changed: %source_config%"),
)


def upgrade() -> None:
    op.add_column("events", sa.Column("kind", sa.String(length=16)))
    op.add_column("logs", sa.Column("kind", sa.String(length=16)))
    events = sa.table("events", sa.column("kind"), sa.column("text"))
    logs = sa.table("logs", sa.column("kind"), sa.column("message"))
    for kind, text in EVENTS:
        op.execute(events.update().where(events.c.kind.is_(None), events.c.text.like(text)).values(kind=kind))
    op.execute(logs.update().where(logs.c.message.like("rejected: %")).values(kind="rejected"))


def downgrade() -> None:
    op.drop_column("logs", "kind")
    op.drop_column("events", "kind")
