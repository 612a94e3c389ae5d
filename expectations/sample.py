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
IMPERSONAL = {"deliveries", "indicators", "regions", "service_levels"}  # they count files and days, name targets, codes
KEYS = {"period"}  # a year is a number, too


def open_indicators(snapshot: Path) -> dict[str, bool]:
    """Those whose numbers are shown at every level; whether all of them are, as there are no strata."""
    with duckdb.connect(str(snapshot), read_only=True) as con:
        told = "select indicator, suppression_threshold is null from marts.indicators where not is_sensitive"
        return dict(con.sql(told).fetchall())


def show(
    table: str, rows: Iterable[dict[str, Any]], told: dict[str, bool], most: int | None = None
) -> list[dict[str, Any]]:
    """The first rows of a rule's query; told: the open indicators. What is not known to be open is guarded."""
    return [row if _is_open(table, row, told) else _hide(row) for row in islice(rows, most)]


def _is_open(table: str, row: dict[str, Any], told: dict[str, bool]) -> bool:
    is_whole = table == "target_progress" or row.get("stratum") == "all"
    indicator = row.get("indicator")
    return table in IMPERSONAL or (indicator in told and (is_whole or told[indicator]))


def _hide(row: dict[str, Any]) -> dict[str, Any]:
    # true and false are numbers, too
    return {
        column: HIDDEN if isinstance(value, int | float | Decimal) and column not in KEYS else value
        for column, value in row.items()
    }
