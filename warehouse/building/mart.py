"""The tables of a snapshot."""

from __future__ import annotations

from typing import Any

import duckdb
import yaml

from ingest import settings

DECLARED = settings.ROOT / "dbt_project" / "models" / "marts"


def columns(con: duckdb.DuckDBPyConnection) -> dict[str, list[str]]:
    """Column names by table of the schema marts, both in alphabetical order."""
    rows = con.sql(
        "select table_name, list(column_name order by column_name) from duckdb_columns() "
        "where schema_name = 'marts' group by table_name order by table_name"
    ).fetchall()
    return dict(rows)


def declared() -> list[dict[str, Any]]:
    """What the yml beside each mart says of it: name, description, key, columns with their types."""
    files = (yaml.safe_load(path.read_text("utf-8")) for path in sorted(DECLARED.glob("*.yml")))
    return [model for file in files for model in file["models"]]


def keys() -> dict[str, list[str]]:
    """By table, the columns that name one of its rows."""
    return {model["name"]: model["config"]["meta"]["key"] for model in declared()}
