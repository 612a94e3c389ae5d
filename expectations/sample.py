"""What is shown of the rows that a rule found: their keys, but no number that the publication hides or may hide."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any

import duckdb

ROWS = 5
HIDDEN = "＊"
IMPERSONAL = {"deliveries", "indicators", "regions"}  # they count files, name targets and codes
KEYS = {"period"}  # a year is a number, too


def open_indicators(snapshot: Path) -> set[str]:
    """Those whose numbers are shown at every level."""
    with duckdb.connect(str(snapshot), read_only=True) as con:
        return {name for (name,) in con.sql("select indicator from marts.indicators where not is_sensitive").fetchall()}


def show(table: str, rows: Iterable[dict[str, Any]], told: set[str]) -> list[dict[str, Any]]:
    """The first rows of a rule's query; told: the open indicators. What is not known to be open is guarded."""
    return [row if _is_open(table, row, told) else _hide(row) for row in islice(rows, ROWS)]


def _is_open(table: str, row: dict[str, Any], told: set[str]) -> bool:
    is_whole = table == "target_progress" or row.get("stratum") == "all"
    return table in IMPERSONAL or (row.get("indicator") in told and is_whole)


def _hide(row: dict[str, Any]) -> dict[str, Any]:
    # true and false are numbers, too
    return {
        column: HIDDEN if isinstance(value, int | float | Decimal) and column not in KEYS else value
        for column, value in row.items()
    }
