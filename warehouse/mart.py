"""The tables of a snapshot."""

from __future__ import annotations

import duckdb


def columns(con: duckdb.DuckDBPyConnection) -> dict[str, list[str]]:
    """Column names by table of the schema marts, both in alphabetical order."""
    rows = con.sql(
        "select table_name, list(column_name order by column_name) from duckdb_columns() "
        "where schema_name = 'marts' group by table_name order by table_name"
    ).fetchall()
    return dict(rows)
