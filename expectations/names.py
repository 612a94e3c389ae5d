"""What codes and columns are called in Chinese, for the quality report."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from html import escape
from typing import Any

import duckdb

from ingest.contract import read_contracts


@dataclass(frozen=True)
class Names:
    """Names of columns, and of codes by the column that they stand in; what has no name is shown as it is."""

    columns: dict[str, str]
    codes: dict[str, dict[str, str]]

    def head(self, column: str) -> str:
        """HTML."""
        name = self.columns.get(column)
        return f"{escape(name)}<br><code>{escape(column)}</code>" if name else f"<code>{escape(column)}</code>"

    def cell(self, column: str, value: Any) -> str:
        """HTML."""
        if value is None:
            return ""
        name = self.codes.get(column, {}).get(str(value))
        return f"{escape(name)}<br><code>{escape(str(value))}</code>" if name else escape(_say(value))


def read_names(con: duckdb.DuckDBPyConnection) -> Names:
    """From the comments and tables of a snapshot, and from the contracts."""
    comments = con.sql(
        "select column_name, min_by(comment, length(comment)) from duckdb_columns() "
        "where schema_name = 'marts' and comment is not null group by column_name"
    ).fetchall()
    regions = con.sql("select region_code, name_zh from marts.regions where valid_to is null").fetchall()
    contracts = read_contracts().values()
    return Names(
        {column: re.split("[：；（，]", comment)[0] for column, comment in comments},
        {
            "region_code": dict(regions),
            "indicator": dict(con.sql("select indicator, name_zh from marts.indicators").fetchall()),
            "department": {contract.department: contract.department_zh for contract in contracts},
            "dataset": {contract.dataset: contract.title for contract in contracts},
        },
    )


def _say(value: Any) -> str:
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M}"
    return f"{value:.6f}".rstrip("0").rstrip(".") if isinstance(value, float | Decimal) else str(value)
