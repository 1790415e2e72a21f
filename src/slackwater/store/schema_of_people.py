"""Defines the tables of what people do and leave behind."""

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, String, Table, Text, UniqueConstraint

from slackwater.store.tables import Long, metadata

api_keys = Table(
    "api_keys",
    metadata,
    Column("key_id", String(36), primary_key=True),
    Column("name", Text, nullable=False),
    Column("role", String(8), nullable=False),
    Column("hash", String(64), nullable=False, unique=True),  # SHA-256 of a 256-bit random key, in hex
    Column("created_at", BigInteger, nullable=False),
    Column("revoked_at", BigInteger),
    Column("expires_at", BigInteger),
)

# Who is signed in to the console. The token itself is in the cookie alone.
sessions = Table(
    "sessions",
    metadata,
    Column("hash", String(64), primary_key=True),  # SHA-256 of a 256-bit random token, in hex
    Column("key_id", String(36)),  # of the API key that signed in; null: the identity provider vouched
    Column("issuer", Text),  # the identity provider that did
    Column("who", Text, nullable=False),
    Column("name", Text),
    Column("role", String(8), nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
)
Index("ix_sessions_expires_at", sessions.c.expires_at)

# Public links: who has the token may read this much. The token itself is in the link alone.
shares = Table(
    "shares",
    metadata,
    Column("share_id", String(36), primary_key=True),
    Column("hash", String(64), nullable=False, unique=True),  # SHA-256 of a 256-bit random token, in hex
    Column("resource_id", String(24), nullable=False),
    Column("name", Text, nullable=False),
    Column("series", Text),  # a JSON list of names; null: all
    Column("since", BigInteger),  # what lies before, or after `until`, is not shown
    Column("until", BigInteger),
    Column("created_by", Text),
    Column("created_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger),
    Column("revoked_at", BigInteger),
    Column("resource_ids", Text),  # a JSON list, of a comparison; `resource_id` is its first
)
Index("ix_shares_resource_id", shares.c.resource_id)

# What people have written on charts. Not a foreign key: it outlives the wrapper, as its data does.
notes = Table(
    "notes",
    metadata,
    Column("note_id", String(36), primary_key=True),
    Column("owner", String(48), nullable=False),  # a wrapper id
    Column("at", BigInteger, nullable=False),  # the moment in the data that it is about
    Column("text", Text, nullable=False),
    Column("name", Text),  # of who wrote it
    Column("created_at", BigInteger, nullable=False),
)
Index("ix_notes_owner", notes.c.owner, notes.c.at)

# What was changed of a source and its data. Not a foreign key: it outlives the wrapper, as its data does.
changes = Table(
    "changes",
    metadata,
    Column("change_id", Long, primary_key=True, autoincrement=True),
    Column("owner", String(48), nullable=False),  # a wrapper id
    Column("kind", String(8), nullable=False),  # source module begun revised
    Column("at", BigInteger, nullable=False),
    Column("first", BigInteger),  # of revised points: the oldest, the newest and how many
    Column("last", BigInteger),
    Column("points", BigInteger),
    Column("run_id", String(36)),
)
Index("ix_changes_owner", changes.c.owner, changes.c.kind, changes.c.change_id)

# Problems that somebody has seen, one of each source.
acknowledgements = Table(
    "acknowledgements",
    metadata,
    Column("wrapper_id", String(36), ForeignKey("wrappers.wrapper_id", ondelete="CASCADE"), primary_key=True),
    Column("state", String(16), nullable=False),  # what was wrong
    Column("name", Text),  # of who has seen it
    Column("at", BigInteger, nullable=False),
    Column("newest", BigInteger),  # time of the newest point then
)

# Lists of sources that somebody looks at again; `address` is that of the page.
views = Table(
    "views",
    metadata,
    Column("view_id", String(36), primary_key=True),
    Column("who", Text, nullable=False),  # a key's id, or a subject of the identity provider
    Column("name", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    UniqueConstraint("who", "name"),
)

audit = Table(
    "audit",
    metadata,
    Column("audit_id", Long, primary_key=True, autoincrement=True),
    Column("at", BigInteger, nullable=False),
    Column("kind", String(8), nullable=False),  # deed or refusal
    Column("who", Text),  # key id or subject of a token, null for a stranger
    Column("name", Text),
    Column("role", String(8)),
    Column("method", String(16), nullable=False),
    Column("route", Text, nullable=False),
    Column("target", Text),  # id of the wrapper, file or resource
    Column("status", Integer, nullable=False),
    Column("address", Text),
    Column("note", Text),
)
Index("ix_audit_kind", audit.c.kind, audit.c.audit_id)
