"""XLSX sheets as departments make them: title, unit row, merged header, subtotals, footnote."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import python_calamine

from ingest.fold import fold
from ingest.promises.contract import Contract
from ingest.reading.blocks import Block, Match
from ingest.reading.workbook.book import Leaf, leaves, look, opened
from ingest.reading.workbook.table import HEADER_ROWS, Sheet, check_beneath, find_header, is_blank, read_rows
from ingest.reason import Refusal, Unreadable
from ingest.shape import mask, shape
from ingest.words import listed

SHEET = "工作表名"


def read_sheets(path: Path, contract: Contract, match: Match) -> Iterator[Block]:
    """Blocks of each visible sheet that the contract names, in the workbook's order; raises Refusal.

    Where it names none, of each that has the contract's header; others are passed over unless they have half of it.
    Hidden rows and columns are read: a filter that was left on must not take records away. Record numbers run on
    through the sheets. A column with the header 工作表名 holds the sheet's name.
    """
    headers = {fold(h) for c in contract.columns for h in c.headers}
    before, is_read = 0, False
    unseen: list[str] = []
    misses: list[tuple[int, Refusal]] = []
    for sheet in read_book(path, contract.sheets):
        unseen = sheet.unseen
        top = list(islice(sheet.rows, HEADER_ROWS))
        if not contract.sheets and all(is_blank(row) for row in top):
            continue
        hits = 0
        try:
            header, start = find_header(top, sheet.merged, headers)
            hits = sum(path in headers for path in header)
            wanted = match([*header, SHEET] if SHEET in headers else header)
            columns = {number: wanted[path] for number, path in enumerate(header) if path in wanted}
            check_beneath(top, sheet.merged, start, columns)
        except Refusal as refusal:
            named = _named(sheet, refusal)
            if contract.sheets or 2 * hits >= len(contract.columns):
                raise named from None
            misses.append((hits, named))
            continue
        merged = sum(last >= start and last > first for (first, _), (last, _) in sheet.merged)
        told: dict[str, Any] = {"name": sheet.name, "rows_before": before}
        told |= {"unseen": unseen} if unseen and not is_read else {}  # with the first that is read
        hidden = sum(start < number <= sheet.height for number in sheet.hidden)
        place: dict[str, Any] | None = told | {k: n for k, n in (("merged", merged), ("hidden", hidden)) if n}
        try:
            for body, records in read_rows(sheet, top, start, header, wanted, contract):
                names = pa.DictionaryArray.from_arrays(np.zeros(len(body), np.int32), [sheet.name.encode()])
                cells = body.append_column(wanted[SHEET].name, names) if SHEET in wanted else body
                yield Block(cells, records + before, "utf-8", sheet=place)
                place = None
        except Refusal as refusal:
            raise _named(sheet, refusal) from None
        before, is_read = before + sheet.height, True
    if not is_read:
        _, nearest = max(misses, key=lambda miss: miss[0], default=(0, Unreadable("工作表是空的")))
        raise Refusal(f"{nearest}{_told_unseen(unseen)}", nearest.reason)


def _named(sheet: Sheet, refusal: Refusal) -> Refusal:
    return Refusal(f"工作表“{_shown(sheet.name)}”：{refusal}", refusal.reason)


def read_book(path: Path, sheets: re.Pattern[str] | None) -> Iterator[Sheet]:
    """The visible sheets of cells, of those whose name fits; raises Refusal."""
    with opened(path) as archive:
        every = leaves(archive)
        chosen = [leaf for leaf in every if leaf.is_visible and (not sheets or sheets.search(leaf.name))]
        if not chosen:
            raise Refusal(_none(every, sheets), "wrong_dataset")
        seen = [look(archive, leaf) for leaf in chosen]
        unseen = _unseen(leaf for leaf in every if not sheets or sheets.search(leaf.name))
        try:
            book = python_calamine.CalamineWorkbook.from_path(str(path))
            for leaf, (spoilt, hidden) in zip(chosen, seen, strict=True):
                sheet = book.get_sheet_by_name(leaf.name)
                rows = (list(row) for row in sheet.iter_rows())
                height = sheet.end[0] + 1 if sheet.end else 0
                yield Sheet(leaf.name, rows, height, list(sheet.merged_cell_ranges or []), spoilt, hidden, unseen)
        except python_calamine.CalamineError as error:
            raise Unreadable(f"不是可以打开的 XLSX 工作簿（{type(error).__name__}）：文件已损坏，或没有传完") from None


def _none(leaves: list[Leaf], sheets: re.Pattern[str] | None) -> str:
    said = f"没有名称合乎契约的工作表（{sheets.pattern}）" if sheets else "没有可见的工作表"
    names = [_shown(leaf.name) + ("" if leaf.is_visible else "（隐藏）") for leaf in leaves]
    return f"{said}，只有：{listed(names, '张')}{_told_unseen(_unseen(leaves))}"


def _unseen(leaves: Iterable[Leaf]) -> list[str]:
    return [_shown(leaf.name) for leaf in leaves if not leaf.is_visible]


def _told_unseen(names: list[str]) -> str:
    said = listed([f"“{name}”" for name in names], "张")
    return f"；工作表{said}是隐藏的，没有读取：数据在那里的，取消隐藏后再存" if names else ""


def _shown(name: str) -> str:
    return shape(name) if mask(name) != name else name
