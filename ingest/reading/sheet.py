"""XLSX sheets as departments make them: title, unit row, merged header, subtotals, footnote."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import python_calamine

from ingest.promises.column import Column
from ingest.promises.contract import Contract
from ingest.reading.blocks import Block, Match
from ingest.reading.header import fold
from ingest.reason import Refusal, Unreadable
from ingest.shape import shape

HEADER_ROWS = 20  # the header must end within so many rows
SHEET = "工作表名"

Rows = list[list[Any]]
Merged = tuple[tuple[int, int], tuple[int, int]]  # (row, column) of the first and the last cell, 0-based


def read_sheets(path: Path, contract: Contract, match: Match) -> Iterator[Block]:
    """A block for each sheet that the contract names, in the workbook's order; raises Refusal.

    Record numbers run on through the sheets. A column with the header 工作表名 holds the sheet's name.
    """
    headers = {fold(h) for c in contract.columns for h in c.headers}
    before = 0
    for name, rows, merged in read_book(path, contract.sheets):
        try:
            header, start = find_header(rows, merged, headers)
            wanted = match([*header, SHEET] if SHEET in headers else header)
        except Refusal as refusal:
            where = f"工作表“{name}”：" if contract.sheets else ""
            raise Refusal(f"{where}{refusal}", refusal.reason) from None
        cells, records = read_rows(rows, start, header, wanted, contract)
        if SHEET in wanted:
            named = pa.DictionaryArray.from_arrays(np.zeros(len(cells), np.int32), [name.encode()])
            cells = cells.append_column(wanted[SHEET].name, named)
        yield Block(cells, records + before, "utf-8", sheet={"name": name, "rows_before": before})
        before += len(rows)


def read_book(path: Path, sheets: re.Pattern[str] | None) -> Iterator[tuple[str, Rows, list[Merged]]]:
    """Name, typed cells by row and merged ranges of each sheet whose name fits, or of the first sheet."""
    try:
        book = python_calamine.CalamineWorkbook.from_path(str(path))
        names = [n for n in book.sheet_names if sheets.search(n)] if sheets else book.sheet_names[:1]
        for name in names:
            sheet = book.get_sheet_by_name(name)
            yield name, [list(r) for r in sheet.to_python(skip_empty_area=False)], list(sheet.merged_cell_ranges or [])
    except (python_calamine.CalamineError, OSError) as error:
        raise Unreadable(f"不是可以打开的 XLSX 工作簿（{type(error).__name__}）") from None
    if not names:
        found = "、".join(shape(n) if re.search("[0-9]{15}", n) else n for n in book.sheet_names)
        raise Refusal(f"没有名称合乎契约的工作表（{sheets.pattern if sheets else ''}），只有：{found}", "wrong_dataset")


def find_header(rows: Rows, merged: list[Merged], wanted: set[str]) -> tuple[list[str], int]:
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


def _paths(rows: Rows) -> list[str]:
    paths = []
    for column in zip(*rows, strict=True):
        parts = [fold(str(v)) for v in column if v != ""]
        paths.append("/".join(p for i, p in enumerate(parts) if i == 0 or p != parts[i - 1]))
    return paths


def read_rows(
    rows: Rows, start: int, header: list[str], wanted: dict[str, Column], contract: Contract
) -> tuple[pa.RecordBatch, np.ndarray]:
    """Cells and row numbers of the body; subtotals, footnotes and empty rows are left out by the contract's rule."""
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
    return pa.RecordBatch.from_pydict(arrays), np.array(numbers, np.int64)


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
