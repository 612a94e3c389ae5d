"""The marts as tables of PostgreSQL: types, rows, keys, comments."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from itertools import groupby

import duckdb
from psycopg2.extensions import cursor

from warehouse.building import mart

TYPES = {  # of DuckDB: of PostgreSQL, both exact
    "BOOLEAN": "boolean",
    "INTEGER": "integer",
    "BIGINT": "bigint",
    "DOUBLE": "double precision",
    "VARCHAR": "text",
    "DATE": "date",
    "TIMESTAMP": "timestamp",
}


def transfer(source: duckdb.DuckDBPyConnection, to: cursor, schema: str) -> None:
    """All marts with their keys and comments, in a new schema; a schema of this name is dropped.

    Raises ValueError on a column whose type has no other in PostgreSQL, psycopg2.Error, duckdb.Error.
    """
    to.execute(f"drop schema if exists {schema} cascade")
    to.execute(f"create schema {schema}")
    comments = dict(
        source.execute("select table_name, comment from duckdb_tables() where schema_name = 'marts'").fetchall()
    )
    found = source.execute(
        "select table_name, column_name, data_type, is_nullable, comment from duckdb_columns() "
        "where schema_name = 'marts' order by table_name, column_index"
    ).fetchall()
    keys = mart.keys()
    for table, columns in ((table, list(group)) for table, group in groupby(found, key=lambda row: row[0])):
        name = f'{schema}."{table}"'
        to.execute(f"create table {name} ({', '.join(_define(*column[:4]) for column in columns)})")
        _stream(source, table, to, name)
        if table in keys:
            key = ", ".join(f'"{column}"' for column in keys[table])
            to.execute(f"alter table {name} add primary key ({key})")
        to.execute(f"comment on table {name} is %s", [comments[table]])
        for _, column, *_, comment in columns:
            to.execute(f'comment on column {name}."{column}" is %s', [comment])
        to.execute(f"analyze {name}")


def _define(table: str, column: str, kind: str, is_nullable: bool) -> str:
    is_decimal = kind.startswith("DECIMAL(")
    if not is_decimal and kind not in TYPES:
        raise ValueError(
            f"数据集市 {table} 的列 {column} 是 {kind}，没有规定它在 PostgreSQL 里的类型："
            f"可用 {'、'.join(TYPES)}、DECIMAL (no type of PostgreSQL for it)"
        )
    own = kind.replace("DECIMAL", "numeric") if is_decimal else TYPES[kind]
    return f'"{column}" {own}' + ("" if is_nullable else " not null")


def _stream(source: duckdb.DuckDBPyConnection, table: str, to: cursor, name: str) -> None:
    """One table through a pipe: DuckDB writes what PostgreSQL reads."""
    out, into = os.pipe()

    def export() -> None:
        try:
            source.cursor().execute(
                f"copy marts.\"{table}\" to '/dev/fd/{into}' (format csv, header false, force_quote *)"
            )
        finally:
            os.close(into)

    with ThreadPoolExecutor(1) as thread:
        exported = thread.submit(export)
        with open(out, "rb") as stream:  # noqa: PTH123  closed before the thread is waited for: it then writes to nobody
            # freeze: also those see the rows who began to read before they were there
            to.copy_expert(f"copy {name} from stdin (format csv, freeze)", stream)
        exported.result()
