"""Defines all tables; times are µs since the epoch (UTC)."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
    text,
)

from slackwater.store.schema_of_people import acknowledgements, api_keys, audit, changes, notes, sessions, shares, views
from slackwater.store.tables import Long, metadata

__all__ = [
    "REVISION",
    "acknowledgements",
    "alert_channels",
    "alert_messages",
    "alerts",
    "api_keys",
    "arrivals",
    "audit",
    "blocks",
    "changes",
    "daily",
    "events",
    "files",
    "logs",
    "metadata",
    "notes",
    "points",
    "refresh_tokens",
    "resources",
    "revisions",
    "runs",
    "series",
    "sessions",
    "shares",
    "vault",
    "views",
    "vintages",
    "wrappers",
]

REVISION = "0019"  # the migration that leads here

wrappers = Table(
    "wrappers",
    metadata,
    Column("wrapper_id", String(36), primary_key=True),
    Column("source_type", String(8), nullable=False),
    Column("source_config", Text, nullable=False),
    Column("metadata", Text, nullable=False),
    Column("name", Text, nullable=False),  # metadata.name again, to search in
    Column("auto_create_resource", Boolean, nullable=False),
    Column("resource_id", String(24)),
    Column("generated_code", Text),
    Column("identity", String(64)),  # what data the code and the checkpoint are about; see model.wrapper.identity
    Column("inferred_period", BigInteger),
    Column("wanted", String(16), nullable=False),
    Column("status", String(24), nullable=False),
    Column("epoch", BigInteger, nullable=False),
    Column("error_message", Text),
    Column("retry_count", Integer, nullable=False, server_default="0"),
    Column("fault_count", Integer, nullable=False, server_default="0"),  # failed runs in a row that were no mere outage
    Column("due_at", BigInteger),
    Column("execution_result", Text),
    Column("created_at", BigInteger, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
    Column("completed_at", BigInteger),
    Column("last_health_check", BigInteger),
    Column("last_data_sent", BigInteger),
    Column("poll_count", BigInteger, nullable=False, server_default="0"),
    Column("error_count", BigInteger, nullable=False, server_default="0"),
    Column("request_count", BigInteger, nullable=False, server_default="0"),
    Column("bytes_received", BigInteger, nullable=False, server_default="0"),
    Column("points_rejected", BigInteger, nullable=False, server_default="0"),
    Column("points", BigInteger, nullable=False, server_default="0"),
    Column("high_water_mark", BigInteger),
    Column("low_water_mark", BigInteger),
    Column("checkpoint", LargeBinary, nullable=False),  # model.checkpoint.Checkpoint as JSON
    Column("code_origin", String(16)),  # model.wrapper.Origin; null: from before it was kept
    Column("findings", Text),  # what the code was written from, as JSON
    Column("rediscovered", Boolean, nullable=False, server_default=false()),  # since the last run that went well
    Column("freshness", Text),  # model.freshness.Freshness as JSON
    Column("runs_on", Text, nullable=False, server_default=""),  # labels of the node that it needs; model.labels.joined
)
Index(
    "ix_wrappers_runs_on",
    wrappers.c.runs_on,
    sqlite_where=text("runs_on <> ''"),
    postgresql_where=text("runs_on <> ''"),
)
Index(
    "ix_wrappers_due_at",
    wrappers.c.due_at,
    sqlite_where=wrappers.c.due_at.isnot(None),
    postgresql_where=wrappers.c.due_at.isnot(None),
)
Index("ix_wrappers_created_at", wrappers.c.created_at, wrappers.c.wrapper_id)

runs = Table(
    "runs",
    metadata,
    Column("run_id", String(36), primary_key=True),
    Column("wrapper_id", String(36), ForeignKey("wrappers.wrapper_id", ondelete="CASCADE"), nullable=False),
    Column("epoch", BigInteger, nullable=False),
    Column("task", String(16), nullable=False),  # read or discover
    Column("started_at", BigInteger, nullable=False),
    Column("finished_at", BigInteger),
    Column("outcome", String(16), nullable=False),  # running succeeded failed stopped interrupted
    Column("message", Text),
    Column("points_received", BigInteger, nullable=False, server_default="0"),
    Column("points_new", BigInteger, nullable=False, server_default="0"),
    Column("points_changed", BigInteger, nullable=False, server_default="0"),
    Column("points_rejected", BigInteger, nullable=False, server_default="0"),
    Column("request_count", BigInteger, nullable=False, server_default="0"),
    Column("request_errors", BigInteger, nullable=False, server_default="0"),
    Column("bytes_received", BigInteger, nullable=False, server_default="0"),
    Column("rows_processed", BigInteger, nullable=False, server_default="0"),
    Column("rows_total", BigInteger),
    Column("window_start", BigInteger),
    Column("window_end", BigInteger),
    Column("exit_code", Integer),
    Column("signal", Integer),
    Column("node", Text),
    Column("rows_unread", BigInteger, nullable=False, server_default="0"),  # of the source, that became no point
    Column("points_overwritten", BigInteger, nullable=False, server_default="0"),  # by another value in the same run
    Column("points_withdrawn", BigInteger, nullable=False, server_default="0"),  # that the source gives no more
    Column("fields_unread", Text, nullable=False, server_default="[]"),  # names, as JSON: numbers that nobody reads
)
Index("ix_runs_wrapper_id", runs.c.wrapper_id, runs.c.started_at)
Index("ix_runs_epoch", runs.c.wrapper_id, runs.c.task, runs.c.epoch, runs.c.started_at)
# At most one open run of a wrapper, kept by the database itself.
Index(
    "uq_runs_open",
    runs.c.wrapper_id,
    unique=True,
    sqlite_where=text("outcome = 'running'"),
    postgresql_where=text("outcome = 'running'"),
)

events = Table(
    "events",
    metadata,
    Column("event_id", Long, primary_key=True, autoincrement=True),
    Column("wrapper_id", String(36), ForeignKey("wrappers.wrapper_id", ondelete="CASCADE"), nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("text", Text, nullable=False),
    Column("kind", String(16)),  # a Change; none of most
)
Index("ix_events_wrapper_id", events.c.wrapper_id, events.c.event_id)

logs = Table(
    "logs",
    metadata,
    Column("line_id", Long, primary_key=True, autoincrement=True),
    Column("wrapper_id", String(36), ForeignKey("wrappers.wrapper_id", ondelete="CASCADE"), nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("level", String(8), nullable=False),
    Column("message", Text, nullable=False),
    Column("kind", String(16)),  # a LineKind; none of most
)
Index("ix_logs_wrapper_id", logs.c.wrapper_id, logs.c.line_id)

series = Table(
    "series",
    metadata,
    Column("series_id", Integer, primary_key=True, autoincrement=True),
    # The wrapper whose data it is. Not a foreign key: data outlives its wrapper. `gone:…` waits to be purged.
    Column("owner", String(48), nullable=False),
    Column("name", Text, nullable=False),
    # Where it ends, and what runs have taught of it; see model/freshness.py.
    Column("newest", BigInteger),
    Column("advanced_at", BigInteger),
    Column("delay", BigInteger),
    Column("advances", Integer, nullable=False, server_default="0"),
    UniqueConstraint("owner", "name"),
)

points = Table(
    "points",
    metadata,
    Column("series_id", Integer, primary_key=True, autoincrement=False),
    Column("x", BigInteger, primary_key=True, autoincrement=False),
    Column("y", Float, nullable=False),
    sqlite_with_rowid=False,
    postgresql_partition_by="HASH (series_id)",  # whose partitions store/engine/postgresql_driver.py makes
)

# New points of each day on which they were stored, over all wrappers; see store/series/daily.py.
daily = Table(
    "daily",
    metadata,
    Column("day", Integer, primary_key=True, autoincrement=False),  # since the epoch, UTC
    Column("points", BigInteger, nullable=False),
)

# What neighbouring points amount to; see store/series/blocks.py. `first` and `last` are times of points.
blocks = Table(
    "blocks",
    metadata,
    Column("series_id", Integer, primary_key=True, autoincrement=False),
    Column("first", BigInteger, primary_key=True, autoincrement=False),
    Column("last", BigInteger, nullable=False),
    Column("count", Integer, nullable=False),
    Column("total", Float),  # null when the sum is no number
    Column("least", Float, nullable=False),
    Column("most", Float, nullable=False),
    sqlite_with_rowid=False,
)

# When points came: every stored point in [first, last] that no later arrival covers was stored at `at`, in one commit.
# See store/series/vintages.py.
arrivals = Table(
    "arrivals",
    metadata,
    Column("series_id", Integer, primary_key=True, autoincrement=False),
    Column("first", BigInteger, primary_key=True, autoincrement=False),
    Column("last", BigInteger, nullable=False),
    Column("at", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

# What became of stored points. `after` is null when the source has withdrawn the point, `before` when it is back.
revisions = Table(
    "revisions",
    metadata,
    Column("revision_id", Long, primary_key=True, autoincrement=True),
    Column("series_id", Integer, nullable=False),
    Column("x", BigInteger, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("before", Float),
    Column("after", Float),
    Column("run_id", String(36)),  # not a foreign key: runs are forgotten sooner
)
Index("ix_revisions_series_id", revisions.c.series_id, revisions.c.x)

# One row: the moment from which on the two above are kept.
vintages = Table(
    "vintages",
    metadata,
    Column("vintages_id", Integer, primary_key=True, autoincrement=False),
    Column("since", BigInteger, nullable=False),
)

resources = Table(
    "resources",
    metadata,
    Column("id", String(24), primary_key=True),
    Column("wrapper_id", String(36), nullable=False),  # stays when the wrapper is deleted
    Column("name", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("legend", Text),
    Column("source_type", String(8), nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("deleted_at", BigInteger),
    # Kept when the wrapper is deleted; while it lives its own marks count.
    Column("start_period", BigInteger),
    Column("end_period", BigInteger),
)
Index("ix_resources_wrapper_id", resources.c.wrapper_id)

files = Table(
    "files",
    metadata,
    Column("file_id", String(36), primary_key=True),
    Column("filename", Text, nullable=False),
    Column("kind", String(8), nullable=False),  # csv xlsx xls
    Column("size", BigInteger, nullable=False),
    Column("uploaded_at", BigInteger, nullable=False),
    Column("report", Text, nullable=False),  # what inspection found, as JSON
)
Index("ix_files_uploaded_at", files.c.uploaded_at)

# What is or was wrong with sources. Not a foreign key: what was wrong is told after its source is gone, too.
alerts = Table(
    "alerts",
    metadata,
    Column("alert_id", Long, primary_key=True, autoincrement=True),
    Column("wrapper_id", String(36), nullable=False),
    Column("name", Text, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("message", Text, nullable=False),
    Column("opened_at", BigInteger, nullable=False),
    Column("closed_at", BigInteger),
)
Index("ix_alerts_closed_at", alerts.c.closed_at)

# Who is told. `url` and `secret` are sealed as the secrets of sources are.
alert_channels = Table(
    "alert_channels",
    metadata,
    Column("channel_id", String(36), primary_key=True),
    Column("name", Text, nullable=False),
    Column("form", String(8), nullable=False),  # apprise or webhook
    Column("url", Text, nullable=False),
    Column("secret", Text),  # what a webhook is signed with
    Column("rules", Text, nullable=False),
    Column("times", Text, nullable=False),
    Column("enabled", Boolean, nullable=False),
    Column("created_at", BigInteger, nullable=False),
)

alert_messages = Table(
    "alert_messages",
    metadata,
    Column("message_id", String(36), primary_key=True),
    Column("channel_id", String(36), nullable=False),
    Column("state", String(8), nullable=False),  # waiting sent dead
    Column("news", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("due_at", BigInteger, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("grouping", Boolean, nullable=False),  # what comes meanwhile is added to it
    Column("error", Text),
)
Index("ix_alert_messages_state", alert_messages.c.state, alert_messages.c.due_at)

# One row: what only the right key decrypts.
vault = Table(
    "vault",
    metadata,
    Column("vault_id", Integer, primary_key=True, autoincrement=False),
    Column("proof", Text, nullable=False),
)

refresh_tokens = Table(
    "refresh_tokens",
    metadata,
    Column("grant_key", String(64), primary_key=True),  # a digest of what the source gives tokens for
    Column("token", Text, nullable=False),  # sealed
    Column("changed_at", BigInteger, nullable=False),
)
