"""Lists the tables of nodes that share a store.

Times are µs since the epoch (UTC), by the database's clock.
"""

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Integer, LargeBinary, String, Table, Text, false

from slackwater.store.schema import metadata

# One row for each node that lives, or may live: its lease. See docs/decisions/0017-nodes-and-leases.md.
nodes = Table(
    "nodes",
    metadata,
    Column("node_id", String(36), primary_key=True),  # of one life of a node
    Column("name", Text, nullable=False, unique=True),  # what `runs.node` says
    Column("started_at", BigInteger, nullable=False),
    Column("renewed_at", BigInteger, nullable=False),
    Column("silence", BigInteger, nullable=False),  # µs without a renewal after which nothing of it is alive
    Column("draining", Boolean, nullable=False, server_default=false()),
    Column("state", Text, nullable=False, server_default="{}"),  # what it says of itself, as JSON
)

# One row for each dry run on a node, until nothing of it is alive. Not a foreign key: it outlives its wrapper.
trials = Table(
    "trials",
    metadata,
    Column("trial_id", String(36), primary_key=True),
    Column("wrapper_id", String(36), nullable=False, index=True),
    Column("node_id", String(36), ForeignKey("nodes.node_id", ondelete="CASCADE"), nullable=False, index=True),
    Column("unwanted", Boolean, nullable=False, server_default=false()),  # its wrapper was stopped after it began
)

# What is taken together of a host (`host:port`) or by a caller; docs/decisions/0018-limits-over-nodes.md.
rates = Table(
    "rates",
    metadata,
    Column("name", Text, primary_key=True),
    Column("paid_until", BigInteger, nullable=False),  # when all that was taken is paid for
    Column("paused_until", BigInteger, nullable=False, server_default="0"),  # a host has asked for silence
    Column("paused_by", Integer, nullable=False, server_default="0"),  # the status that it answered
)

# Connections to a host that a node may have.
host_shares = Table(
    "host_shares",
    metadata,
    Column("host", Text, primary_key=True),
    Column("node_id", String(36), ForeignKey("nodes.node_id", ondelete="CASCADE"), primary_key=True, index=True),
    Column("held", Integer, nullable=False),
    Column("wanted", Integer, nullable=False),
    Column("since", BigInteger, nullable=False),  # its place in the line
)

# The bytes of uploads, where nodes have no disk in common.
file_chunks = Table(
    "file_chunks",
    metadata,
    Column("file_id", String(36), ForeignKey("files.file_id", ondelete="CASCADE"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("content", LargeBinary, nullable=False),
)
