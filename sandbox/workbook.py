"""Workbooks as departments make them: title, unit, merged header, rows, footnote."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any

import xlsxwriter

from ingest.words import SIMULATED
from sandbox.defects import Defect
from sandbox.inbox import MADE, Inbox

BODY = 4  # rows above the first data row: title, unit, two of header


@dataclass(frozen=True)
class Sheet:
    """header: a path by column, 'top/sub', or one part where the cell spans both rows.

    rows: cells by row (None for an empty one), subtotals among them; defects: position in rows -> what is wrong.
    """

    title: str
    unit: str
    header: Sequence[str]
    rows: Sequence[Sequence[Any]]
    note: str
    defects: dict[int, Defect] = field(default_factory=dict)
    name: str = "Sheet1"


def write_workbook(inbox: Inbox, folder: str, stem: str, period: str, *sheets: Sheet) -> None:
    """One workbook, records running on over its sheets; in memory, so that its parts carry no time of writing."""
    path, before = inbox.path(folder, stem, "xlsx"), 0
    name = path.relative_to(inbox.root).as_posix()
    with xlsxwriter.Workbook(str(path), {"in_memory": True}) as book:
        book.set_properties({"title": sheets[0].title, "comments": SIMULATED, "created": MADE.replace(tzinfo=None)})
        for content in sheets:
            _write_sheet(book, content)
            for position, defect in sorted(content.defects.items()):
                inbox.key.reject(name, before + BODY + position + 1, defect)
            before += BODY + len(content.rows) + 1
    inbox.receive(path, period)


def _write_sheet(book: Any, content: Sheet) -> None:
    sheet, width = book.add_worksheet(content.name), len(content.header)
    centred = book.add_format({"align": "center", "valign": "vcenter", "border": 1})
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    sheet.merge_range(0, 0, 0, width - 1, content.title, centred)
    sheet.write(1, width - 1, content.unit)
    _write_header(sheet, content.header, centred)
    for r, row in enumerate(content.rows, BODY):
        for c, value in enumerate(row):
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
