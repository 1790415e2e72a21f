"""The first schema"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:

    op.create_table(
        "api_keys",
        sa.Column("key_id", sa.String(length=36), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role", sa.String(length=8), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("key_id", name=op.f("pk_api_keys")),
        sa.UniqueConstraint("hash", name=op.f("uq_api_keys_hash")),
    )
    op.create_table(
        "files",
        sa.Column("file_id", sa.String(length=36), nullable=False),
        sa.Column("filename", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("uploaded_at", sa.BigInteger(), nullable=False),
        sa.Column("report", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("file_id", name=op.f("pk_files")),
    )
    with op.batch_alter_table("files", schema=None) as batch_op:
        batch_op.create_index("ix_files_uploaded_at", ["uploaded_at"], unique=False)

    op.create_table(
        "points",
        sa.Column("series_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("x", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("y", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("series_id", "x", name=op.f("pk_points")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "resources",
        sa.Column("id", sa.String(length=24), nullable=False),
        sa.Column("wrapper_id", sa.String(length=36), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("legend", sa.Text(), nullable=True),
        sa.Column("source_type", sa.String(length=8), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("deleted_at", sa.BigInteger(), nullable=True),
        sa.Column("start_period", sa.BigInteger(), nullable=True),
        sa.Column("end_period", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_resources")),
    )
    with op.batch_alter_table("resources", schema=None) as batch_op:
        batch_op.create_index("ix_resources_wrapper_id", ["wrapper_id"], unique=False)

    op.create_table(
        "series",
        sa.Column("series_id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("owner", sa.String(length=48), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("series_id", name=op.f("pk_series")),
        sa.UniqueConstraint("owner", "name", name=op.f("uq_series_owner_name")),
    )
    op.create_table(
        "wrappers",
        sa.Column("wrapper_id", sa.String(length=36), nullable=False),
        sa.Column("source_type", sa.String(length=8), nullable=False),
        sa.Column("source_config", sa.Text(), nullable=False),
        sa.Column("metadata", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("auto_create_resource", sa.Boolean(), nullable=False),
        sa.Column("resource_id", sa.String(length=24), nullable=True),
        sa.Column("generated_code", sa.Text(), nullable=True),
        sa.Column("identity", sa.String(length=64), nullable=True),
        sa.Column("inferred_period", sa.BigInteger(), nullable=True),
        sa.Column("wanted", sa.String(length=16), nullable=False),
        sa.Column("status", sa.String(length=24), nullable=False),
        sa.Column("epoch", sa.BigInteger(), nullable=False),
        sa.Column("error_message", sa.Text(), nullable=True),
        sa.Column("retry_count", sa.Integer(), server_default="0", nullable=False),
        sa.Column("fault_count", sa.Integer(), server_default="0", nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=True),
        sa.Column("execution_result", sa.Text(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("completed_at", sa.BigInteger(), nullable=True),
        sa.Column("last_health_check", sa.BigInteger(), nullable=True),
        sa.Column("last_data_sent", sa.BigInteger(), nullable=True),
        sa.Column("poll_count", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("error_count", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("request_count", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("bytes_received", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("points_rejected", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("points", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("high_water_mark", sa.BigInteger(), nullable=True),
        sa.Column("low_water_mark", sa.BigInteger(), nullable=True),
        sa.Column("checkpoint", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("wrapper_id", name=op.f("pk_wrappers")),
    )
    with op.batch_alter_table("wrappers", schema=None) as batch_op:
        batch_op.create_index("ix_wrappers_created_at", ["created_at", "wrapper_id"], unique=False)
        batch_op.create_index(
            "ix_wrappers_due_at",
            ["due_at"],
            unique=False,
            sqlite_where=sa.text("due_at IS NOT NULL"),
            postgresql_where=sa.text("due_at IS NOT NULL"),
        )

    op.create_table(
        "events",
        sa.Column("event_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("wrapper_id", sa.String(length=36), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["wrapper_id"], ["wrappers.wrapper_id"], name=op.f("fk_events_wrapper_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_events")),
    )
    with op.batch_alter_table("events", schema=None) as batch_op:
        batch_op.create_index("ix_events_wrapper_id", ["wrapper_id", "event_id"], unique=False)

    op.create_table(
        "logs",
        sa.Column("line_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("wrapper_id", sa.String(length=36), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("level", sa.String(length=8), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["wrapper_id"], ["wrappers.wrapper_id"], name=op.f("fk_logs_wrapper_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("line_id", name=op.f("pk_logs")),
    )
    with op.batch_alter_table("logs", schema=None) as batch_op:
        batch_op.create_index("ix_logs_wrapper_id", ["wrapper_id", "line_id"], unique=False)

    op.create_table(
        "runs",
        sa.Column("run_id", sa.String(length=36), nullable=False),
        sa.Column("wrapper_id", sa.String(length=36), nullable=False),
        sa.Column("epoch", sa.BigInteger(), nullable=False),
        sa.Column("task", sa.String(length=16), nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("finished_at", sa.BigInteger(), nullable=True),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.Column("message", sa.Text(), nullable=True),
        sa.Column("points_received", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("points_new", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("points_changed", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("points_rejected", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("request_count", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("request_errors", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("bytes_received", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("rows_processed", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("rows_total", sa.BigInteger(), nullable=True),
        sa.Column("window_start", sa.BigInteger(), nullable=True),
        sa.Column("window_end", sa.BigInteger(), nullable=True),
        sa.Column("exit_code", sa.Integer(), nullable=True),
        sa.Column("signal", sa.Integer(), nullable=True),
        sa.Column("node", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["wrapper_id"], ["wrappers.wrapper_id"], name=op.f("fk_runs_wrapper_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("run_id", name=op.f("pk_runs")),
    )
    with op.batch_alter_table("runs", schema=None) as batch_op:
        batch_op.create_index("ix_runs_wrapper_id", ["wrapper_id", "started_at"], unique=False)
        batch_op.create_index(
            "uq_runs_open",
            ["wrapper_id"],
            unique=True,
            sqlite_where=sa.text("outcome = 'running'"),
            postgresql_where=sa.text("outcome = 'running'"),
        )


def downgrade() -> None:

    with op.batch_alter_table("runs", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_runs_open", sqlite_where=sa.text("outcome = 'running'"), postgresql_where=sa.text("outcome = 'running'")
        )
        batch_op.drop_index("ix_runs_wrapper_id")

    op.drop_table("runs")
    with op.batch_alter_table("logs", schema=None) as batch_op:
        batch_op.drop_index("ix_logs_wrapper_id")

    op.drop_table("logs")
    with op.batch_alter_table("events", schema=None) as batch_op:
        batch_op.drop_index("ix_events_wrapper_id")

    op.drop_table("events")
    with op.batch_alter_table("wrappers", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_wrappers_due_at",
            sqlite_where=sa.text("due_at IS NOT NULL"),
            postgresql_where=sa.text("due_at IS NOT NULL"),
        )
        batch_op.drop_index("ix_wrappers_created_at")

    op.drop_table("wrappers")
    op.drop_table("series")
    with op.batch_alter_table("resources", schema=None) as batch_op:
        batch_op.drop_index("ix_resources_wrapper_id")

    op.drop_table("resources")
    op.drop_table("points")
    with op.batch_alter_table("files", schema=None) as batch_op:
        batch_op.drop_index("ix_files_uploaded_at")

    op.drop_table("files")
    op.drop_table("api_keys")
