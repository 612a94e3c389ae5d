"""The cache of kept aggregates, spoiled and looked at."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb


def forget(kept: Path, year: str) -> None:
    """As if a year's aggregates had never been kept."""
    with duckdb.connect(str(kept)) as con:
        models = con.execute("select model, inputs_key from keys where year = ?", [year]).fetchall()
        for model, key in models:
            con.execute(f"delete from {model} where inputs_key = ?", [key])
        con.execute("delete from keys where year = ?", [year])
    assert models


def doubled(kept: Path) -> Iterator[str]:
    """Tables of aggregates that hold a row twice, or rows of a key that was not finished."""
    with duckdb.connect(str(kept)) as con:
        for (table,) in con.sql("select table_name from duckdb_columns() where column_name = 'measure'").fetchall():
            rows = f"(select * exclude (value) from {table})"
            if con.sql(f"from {rows} except all from (select distinct * from {rows})").fetchall():
                yield table
            if con.sql(f"from {table} anti join keys using (inputs_key)").fetchall():
                yield table


def kept_rows(kept: Path) -> dict[str, tuple]:
    """By table, how many rows it has and their checksum."""
    with duckdb.connect(str(kept)) as con:
        tables = con.sql("select distinct table_name from duckdb_columns() where column_name = 'measure'").fetchall()
        rows = "select count(*), bit_xor(hash(row)) from (select * exclude (inputs_key) from {}) as row"
        return {table: con.sql(rows.format(table)).fetchone() for (table,) in tables}
