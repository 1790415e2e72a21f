"""Flags on charts, problems that are seen, and links to comparisons"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

LONG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
SOURCE_CHANGED = "its source has changed; its module is a new one, see its log"


def upgrade() -> None:
    changes = op.create_table(
        "changes",
        sa.Column(
            "change_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("owner", sa.String(length=48), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("first", sa.BigInteger(), nullable=True),
        sa.Column("last", sa.BigInteger(), nullable=True),
        sa.Column("points", sa.BigInteger(), nullable=True),
        sa.Column("run_id", sa.String(length=36), nullable=True),
        sa.PrimaryKeyConstraint("change_id", name=op.f("pk_changes")),
    )
    op.create_index("ix_changes_owner", "changes", ["owner", "kind", "change_id"])
    op.create_table(
        "acknowledgements",
        sa.Column("wrapper_id", sa.String(length=36), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("newest", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("wrapper_id", name=op.f("pk_acknowledgements")),
        sa.ForeignKeyConstraint(
            ["wrapper_id"], ["wrappers.wrapper_id"], name=op.f("fk_acknowledgements_wrapper_id"), ondelete="CASCADE"
        ),
    )
    op.add_column("shares", sa.Column("resource_ids", sa.Text(), nullable=True))
    _take_over(changes)


def _take_over(changes: sa.Table) -> None:
    """Flag what the execution logs and the kept revisions still tell."""
    c = op.get_bind()
    events = sa.table("events", *map(sa.column, ("event_id", "wrapper_id", "at", "text")))
    rows: list[dict[str, Any]] = [
        {"owner": row.wrapper_id, "kind": kind, "at": row.at}
        for row in c.execute(sa.select(events).order_by(events.c.event_id))
        if (kind := _kind_of(row.text)) is not None
    ]
    if rows:
        c.execute(changes.insert(), rows)
    revisions = sa.table("revisions", *map(sa.column, ("series_id", "x", "at", "run_id")))
    series = sa.table("series", *map(sa.column, ("series_id", "owner")))
    noted = sa.func.max(revisions.c.at)
    found = (
        sa.select(
            series.c.owner,
            sa.literal("revised"),
            noted,
            sa.func.min(revisions.c.x),
            sa.func.max(revisions.c.x),
            sa.func.count(),
            revisions.c.run_id,
        )
        .select_from(sa.join(revisions, series, series.c.series_id == revisions.c.series_id))
        .where(series.c.owner.not_like("gone:%"), revisions.c.run_id.is_not(None))
        .group_by(series.c.owner, revisions.c.run_id)
        .order_by(noted)
    )
    c.execute(changes.insert().from_select(["owner", "kind", "at", "first", "last", "points", "run_id"], found))


def _kind_of(event: str) -> str | None:
    if event.startswith("changed: "):
        changed = event.removeprefix("changed: ").split(", ")
        return "module" if "generated_code" in changed else "source" if "source_config" in changed else None
    if event.startswith("regeneration asked for"):
        return "begun"
    return "source" if event == SOURCE_CHANGED else None


def downgrade() -> None:
    op.drop_column("shares", "resource_ids")
    op.drop_table("acknowledgements")
    op.drop_index("ix_changes_owner", "changes")
    op.drop_table("changes")
