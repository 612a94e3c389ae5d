"""Workbooks as departments make them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import xlsxwriter


def write_book(
    path: Path, rows: Sequence[Sequence[Any]], merged: Sequence[tuple[int, int, int, int, str]] = ()
) -> Path:
    """One sheet of these rows; text stays text, numbers stay numbers. merged: (top, left, bottom, right, text)."""
    return write_sheets(path, {"Sheet1": rows}, merged)


def write_sheets(
    path: Path,
    sheets: dict[str, Sequence[Sequence[Any]]],
    merged: Sequence[tuple[int, int, int, int, str]] = (),
) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    book = xlsxwriter.Workbook(str(path))
    for name, rows in sheets.items():
        _write(book.add_worksheet(name), rows, merged, book.add_format({"num_format": "yyyy-mm-dd"}))
    book.close()
    return path


def _write(sheet: Any, rows: Sequence[Sequence[Any]], merged: Sequence[Any], day: Any) -> None:
    for r, cells in enumerate(rows):
        for c, cell in enumerate(cells):
            if isinstance(cell, date):
                sheet.write_datetime(r, c, cell, day)
            elif isinstance(cell, str):
                sheet.write_string(r, c, cell)
            elif cell is not None:
                sheet.write(r, c, cell)
    for top, left, bottom, right, text in merged:
        sheet.merge_range(top, left, bottom, right, text)
