"""Holds the metadata that all tables share."""

from sqlalchemy import BigInteger, Integer, MetaData

Long = BigInteger().with_variant(Integer, "sqlite")  # SQLite counts rows only in INTEGER keys

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)
