"""Writes the statements that read a whole table in the order of its primary key."""

import sqlalchemy as sa


def names(columns: "sa.ColumnCollection[str, sa.Column[object]] | list[sa.Column[object]]") -> str:
    """Return the names of columns as SQL has them."""
    return ", ".join(f'"{column.name}"' for column in columns)


def everything(table: sa.Table, *, collation: str = "", after: bool) -> str:
    """Return the query of all rows, by key.

    `after`: of those behind a key that is given. `collation`: the clause that lets texts be ordered by their bytes.
    """
    keys = _keys(table, collation)
    where = f" WHERE ({', '.join(keys)}) > ({', '.join('?' * len(keys))})" if after else ""
    order = ", ".join(keys)
    return f"SELECT {names(table.columns)} FROM {table.name}{where} ORDER BY {order}"  # noqa: S608 - our own names


def last_key(table: sa.Table, *, collation: str = "") -> str:
    """Return the query of the greatest key; see `everything`."""
    keys = list(table.primary_key.columns)
    order = ", ".join(f"{key} DESC" for key in _keys(table, collation))
    return f"SELECT {names(keys)} FROM {table.name} ORDER BY {order} LIMIT 1"  # noqa: S608 - our own names


def _keys(table: sa.Table, collation: str) -> list[str]:
    return [
        f'"{column.name}"{collation if isinstance(column.type, sa.String) else ""}'
        for column in table.primary_key.columns
    ]
