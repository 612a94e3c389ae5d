"""The table on a sheet: its header, and its body row by row, without what is no record."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import chain, islice
from typing import Any

import numpy as np
import pyarrow as pa

from ingest.fold import fold, shows_nothing
from ingest.promises.column import Column
from ingest.promises.contract import Contract
from ingest.reading.workbook.reference import letters_of
from ingest.reading.workbook.spoilt import Spoilt
from ingest.reason import Refusal, Unreadable
from ingest.words import listed

HEADER_ROWS = 20  # the header must end within so many rows
ROWS = 1 << 16  # of a block

Row = list[Any]
Merged = tuple[tuple[int, int], tuple[int, int]]  # (row, column) of the first and the last cell, 0-based


@dataclass
class Sheet:
    """Typed cells by row, from the first one on."""

    name: str
    rows: Iterator[Row]
    height: int
    merged: list[Merged]
    spoilt: Spoilt
    hidden: list[int]  # rows, 1-based
    unseen: list[str]  # names of the hidden sheets of its workbook, which are not read


def is_blank(row: Iterable[Any]) -> bool:
    return _first(row) is None


def _first(row: Iterable[Any]) -> str | None:
    """The first cell that shows anything."""
    return next((str(v) for v in row if not (isinstance(v, str) and shows_nothing(v))), None)


def find_header(rows: list[Row], merged: list[Merged], wanted: set[str]) -> tuple[list[str], int]:
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


def _paths(rows: list[Row]) -> list[str]:
    paths = []
    for column in zip(*rows, strict=True):
        parts = [fold(str(v)) for v in column if v != ""]
        paths.append("/".join(p for i, p in enumerate(parts) if i == 0 or p != parts[i - 1]))
    return paths


def check_beneath(top: list[Row], merged: list[Merged], start: int, wanted: dict[int, Column]) -> None:
    """Raises Refusal where a header cell is merged down over records: they show nothing in its column.

    wanted: by their number. Where a required column shows nothing either, the records are rejects as it is.
    """
    over = [(area, c) for area in merged if area[0][0] < start <= area[1][0] for c in range(area[0][1], area[1][1] + 1)]
    told = max((area[1][0] for area, c in over if c in wanted and wanted[c].required), default=start - 1)
    for ((first, left), (last, right)), column in over:
        is_record = last >= HEADER_ROWS or not all(map(is_blank, top[told + 1 : last + 1]))
        if column in wanted and last > told and is_record:
            place = f"{letters_of(left)}{first + 1}:{letters_of(right)}{last + 1}"
            raise Refusal(
                f"表头“{wanted[column].headers[0]}”的单元格向下合并到了数据行（{place}），这些行看不到该列的值："
                "请取消合并，每一行各自填写",
                "header_mismatch",
            )


def read_rows(
    sheet: Sheet, top: list[Row], start: int, header: list[str], wanted: dict[str, Column], contract: Contract
) -> Iterator[tuple[pa.RecordBatch, np.ndarray]]:
    """Cells and row numbers of the body, some rows at a time, at least once.

    top: rows that were read of the sheet already. Subtotals, footnotes and blank rows are left out by the contract's
    rule; a merged cell stands in each of its rows. Raises Refusal where one covers several columns of records.
    """
    places = {column: wanted[path].name for column, path in enumerate(header) if path in wanted}
    across = [area for area in sheet.merged if sum(area[0][1] <= column <= area[1][1] for column in places) > 1]
    body = _kept(enumerate(chain(top, sheet.rows)), start, sheet, contract.skipped_rows)
    body = _check_across(body, across) if across else body
    while True:
        few = list(islice(body, ROWS))
        arrays = {
            name: pa.array([_cell(row[column]) if column < len(row) else b"" for _, row in few], pa.binary())
            for column, name in places.items()
        }
        yield pa.RecordBatch.from_pydict(arrays), np.array([number + 1 for number, _ in few], np.int64)
        if len(few) < ROWS:
            return


def _check_across(rows: Iterator[tuple[int, Row]], across: list[Merged]) -> Iterator[tuple[int, Row]]:
    """The rows; raises Refusal at a record with cells merged across columns: which column has the value is not told.

    across: the areas over several columns. A row that shows nothing else is a note or a title, which is no record.
    """
    waiting, opened = sorted(across, reverse=True), list[Merged]()
    for number, row in rows:
        while waiting and waiting[-1][0][0] <= number:
            opened.append(waiting.pop())
        opened = [area for area in opened if area[1][0] >= number]
        for (_, left), (_, right) in opened:
            if not is_blank([*row[:left], *row[right + 1 :]]):
                alike = [area for area in across if (area[0][1], area[1][1]) == (left, right)]
                raise Refusal(
                    f"数据行里有左右合并的单元格（{_told(alike)}），分不清值是哪一列的：请取消合并，每一列各自填写",
                    "merged_cells",
                )
        yield number, row


def _told(areas: list[Merged]) -> str:
    """'F5:G5、F6:G6等 12 处'."""
    places = [f"{letters_of(left)}{top + 1}:{letters_of(right)}{bottom + 1}" for (top, left), (bottom, right) in areas]
    return listed(places, "处")


def _kept(
    rows: Iterator[tuple[int, Row]], start: int, sheet: Sheet, skipped: re.Pattern[str] | None
) -> Iterator[tuple[int, Row]]:
    """The rows of the body, with what stands in their merged cells and for cells without a value."""
    opening: dict[int, list[Merged]] = {}
    for area in sheet.merged:
        opening.setdefault(area[0][0], []).append(area)
    under: list[tuple[int, int, Any]] = []  # last row, left column, value of merged cells
    for number, row in rows:
        if number < start:
            continue
        for column, shown in sheet.spoilt.get(number, {}).items():
            row.extend([""] * (column + 1 - len(row)))
            row[column] = shown
        if under:
            under = [cell for cell in under if cell[0] >= number]
        for (_, left), (bottom, _) in opening.get(number, ()):
            value = row[left] if left < len(row) else ""
            under += [(bottom, left, value)] * (value != "")
        first = _first(row)
        if first is None:
            continue
        for _, column, value in under:
            row.extend([""] * (column + 1 - len(row)))
            if row[column] not in ("", value):
                place = f"{letters_of(column)}{number + 1}"
                raise Refusal(f"合并的单元格盖住了别的值（{place}），看不到它：请取消合并，核对每一格", "merged_cells")
            row[column] = value
        first = _first(row) if under else first
        if not (skipped and first and skipped.search(re.sub(r"\s+", "", first))):
            yield number, row


def _cell(value: Any) -> bytes:
    """A cell as its text. A number of 16 digits and more shows as 3.20106E+17: its last digits are lost already."""
    if isinstance(value, bool):
        return "是".encode() if value else "否".encode()
    if isinstance(value, float):
        shown = f"{value:.5E}" if abs(value) >= 1e15 else format(Decimal(f"{value:.15g}"), "f")
        return shown.encode()
    if isinstance(value, datetime.datetime):  # a double of days: to the millisecond at best
        moment = value + datetime.timedelta(microseconds=500)
        moment = moment.replace(microsecond=moment.microsecond // 1000 * 1000)
        value = moment.date() if moment.time() == datetime.time() else moment
    return str(value).encode()
