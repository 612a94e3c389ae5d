"""Workbooks as departments make them: title, unit, merged header, rows, footnote."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import xlsxwriter

from ingest.promises.contract import Contract
from ingest.words import SIMULATED
from sandbox.paper.defects import Defect, Defects, Row
from sandbox.paper.rows import find_headers

BODY = 4  # rows above the first data row: title, unit, two of header


@dataclass(frozen=True)
class Sheet:
    """rows: cells by our column, or by the header where the contract ignores it, subtotals among them; the first row
    has them all, in order. A header is a path, 'top/sub', or one part where the cell spans both rows.

    spoiled: position in rows -> what is wrong.
    """

    title: str
    unit: str
    rows: Sequence[Row]
    note: str
    spoiled: dict[int, Defect] = field(default_factory=dict)
    name: str = "Sheet1"


def spoil(defects: Defects, serial: int, good: Row, key: str) -> tuple[Row, Defect]:
    """(the one bad row of a small workbook, made from a good one; what is wrong with it): the kinds in turn."""
    (defect,) = defects.choose(1, serial, key)
    row = defects.prepare(defect, good, serial)
    return row if defect.reason == "duplicate_key" else defect.change(row), defect


def put_in_words(on: date) -> str:
    return f"{on.year}年{on.month}月{on.day}日"


def write_workbook(path: Path, contract: Contract, made: datetime, *sheets: Sheet) -> Iterator[tuple[int, Defect]]:
    """One workbook, records running on over its sheets; in memory, so that its parts carry no time of writing.

    Yields the spoiled records, and what is wrong with each.
    """
    before = 0
    with xlsxwriter.Workbook(str(path), {"in_memory": True}) as book:
        title = f"{sheets[0].title}（{SIMULATED}）"
        book.set_properties({"title": title, "comments": SIMULATED, "created": made.replace(tzinfo=None)})
        for content in sheets:
            _write_sheet(book, content, contract)
            yield from ((before + BODY + place + 1, defect) for place, defect in sorted(content.spoiled.items()))
            before += BODY + len(content.rows) + 1


def _write_sheet(book: Any, content: Sheet, contract: Contract) -> None:
    sheet, columns = book.add_worksheet(content.name), list(content.rows[0])
    centred = book.add_format({"align": "center", "valign": "vcenter", "border": 1})
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    sheet.merge_range(0, 0, 0, len(columns) - 1, f"{content.title}（{SIMULATED}）", centred)
    sheet.write(1, len(columns) - 1, content.unit)
    _write_header(sheet, find_headers(contract, columns), centred)
    for r, row in enumerate(content.rows, BODY):
        for c, value in enumerate(map(row.get, columns)):
            if isinstance(value, date):
                sheet.write_datetime(r, c, datetime.combine(value, time()), day)
            elif value is not None:
                sheet.write(r, c, value)
    sheet.write(BODY + len(content.rows), 0, content.note)


def _write_header(sheet: Any, header: Sequence[str], style: Any) -> None:
    tops = [path.split("/")[0] for path in header]
    for c, path in enumerate(header):
        if "/" not in path:
            sheet.merge_range(BODY - 2, c, BODY - 1, c, path, style)
            continue
        sheet.write(BODY - 1, c, path.split("/")[1], style)
        if tops.index(tops[c]) == c:
            sheet.merge_range(BODY - 2, c, BODY - 2, c + tops.count(tops[c]) - 1, tops[c], style)
