"""An XLSX sheet as departments make them: title, unit row, merged header, subtotals, footnote."""

from __future__ import annotations

import datetime
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import python_calamine

from ingest.blocks import Block
from ingest.contract import Column, Contract
from ingest.header import fold
from ingest.reason import Unreadable

HEADER_ROWS = 20  # the header must end within so many rows


def read_sheet(path: Path) -> tuple[list[list[Any]], list[tuple[tuple[int, int], tuple[int, int]]]]:
    """Typed cells by row, and the merged ranges ((row, column) of first and last cell, 0-based) of the first sheet."""
    try:
        book = python_calamine.CalamineWorkbook.from_path(str(path))
        sheet = book.get_sheet_by_index(0)
        rows = [list(r) for r in sheet.to_python(skip_empty_area=False)]
        return rows, list(sheet.merged_cell_ranges or [])
    except (python_calamine.CalamineError, OSError, IndexError) as error:
        raise Unreadable(f"不是可以打开的 XLSX 工作簿（{type(error).__name__}）") from None


def find_header(rows: list[list[Any]], merged: list[Any], wanted: set[str]) -> tuple[list[str], int]:
    """Header paths ('评估单位/代码') by column, and the number of rows down to the end of the header.

    wanted: folded header paths. The header is the block of rows whose joined paths name the most wanted columns.
    """
    width = max((len(r) for r in rows[:HEADER_ROWS]), default=0)
    grid = [[*r, *[""] * (width - len(r))] for r in rows[:HEADER_ROWS]]
    for (top, left), (bottom, right) in merged:
        for r in range(top, min(bottom, len(grid) - 1) + 1):
            for c in range(left, min(right, width - 1) + 1):
                grid[r][c] = grid[top][left]
    candidates = [
        (_paths(grid[top : end + 1]), end + 1)
        for top in range(len(grid))
        for end in range(top, min(top + 4, len(grid)))
    ]
    if not candidates:
        raise Unreadable("工作表是空的")
    return max(candidates, key=lambda c: (sum(fold(p) in wanted for p in c[0]), -c[1]))


def _paths(rows: list[list[Any]]) -> list[str]:
    paths = []
    for column in zip(*rows, strict=True):
        parts = [fold(str(v)) for v in column if v != ""]
        paths.append("/".join(p for i, p in enumerate(parts) if i == 0 or p != parts[i - 1]))
    return paths


def read_rows(
    rows: list[list[Any]], start: int, header: list[str], wanted: dict[str, Column], contract: Contract
) -> Block:
    """The body as one block; subtotals, footnotes and empty rows are left out by the contract's rule."""
    kept, numbers = [], []
    for number, row in enumerate(rows[start:], start + 1):
        first = next((str(v) for v in row if v != ""), None)
        if first is None or (contract.skipped_rows and contract.skipped_rows.search(re.sub(r"\s+", "", first))):
            continue
        kept.append(row)
        numbers.append(number)
    arrays: dict[str, pa.Array] = {}
    for position, path in enumerate(header):
        if path in wanted:
            cells = [_cell(row[position]) if position < len(row) else b"" for row in kept]
            arrays[wanted[path].name] = pa.array(cells, pa.binary())
    return Block(pa.RecordBatch.from_pydict(arrays), np.array(numbers, np.int64), "utf-8", [])


def _cell(value: Any) -> bytes:
    """A cell as its text. A number of 16 digits and more shows as 3.20106E+17: its last digits are lost already."""
    if isinstance(value, bool):
        return "是".encode() if value else "否".encode()
    if isinstance(value, float):
        shown = f"{value:.5E}" if abs(value) >= 1e15 else format(Decimal(f"{value:.15g}"), "f")
        return shown.encode()
    if isinstance(value, datetime.datetime):
        value = value.date()
    return str(value).encode()
