"""The tables of a snapshot."""

from __future__ import annotations

import duckdb
import yaml

from ingest import settings

DECLARED = settings.ROOT / "dbt_project" / "models" / "marts" / "marts.yml"


def columns(con: duckdb.DuckDBPyConnection) -> dict[str, list[str]]:
    """Column names by table of the schema marts, both in alphabetical order."""
    rows = con.sql(
        "select table_name, list(column_name order by column_name) from duckdb_columns() "
        "where schema_name = 'marts' group by table_name order by table_name"
    ).fetchall()
    return dict(rows)


def keys() -> dict[str, list[str]]:
    """By table, the columns that name one of its rows."""
    models = yaml.safe_load(DECLARED.read_text("utf-8"))["models"]
    return {model["name"]: model["config"]["meta"]["key"] for model in models}
