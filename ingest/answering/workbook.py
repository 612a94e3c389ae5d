"""A reply as a workbook, in which every text is a constant string, never a formula or a link."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cache
from html import escape
from pathlib import Path

import xlsxwriter

from ingest.answering.reply import MOST, Reply
from ingest.words import SIMULATED_NOTE

FACTS = "回执"
WIDTHS = {"项目": 24, "内容": 100, "行": 8, "处数": 8, "列": 18, "工作表": 18, "原因": 30, "内容的形状": 30}
NO_CHARACTER = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # of XML

Row = tuple[str | int, ...]


def write_workbook(path: Path, reply: Reply) -> None:
    """A sheet of facts and steps, and one for each table."""
    about: list[Row] = [
        (f"交付回执：{reply.title}", reply.verdict),
        *([("", SIMULATED_NOTE)] if reply.is_simulated else []),
    ]
    about += [*reply.facts.items(), *((f"怎样做（{i}）", step) for i, step in enumerate(reply.steps, 1))]
    about += [(f"工作表“{table.caption}”", table.count()) for table in reply.tables]
    sheets: dict[str, tuple[tuple[str, ...], Sequence[Row]]]
    sheets = {FACTS: (("项目", "内容"), about)} | {t.caption: (t.header, t.rows) for t in reply.tables}
    empty, parts, style = _empty(tuple((caption, header) for caption, (header, _) in sheets.items()))
    path.write_bytes(empty)
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as book:
        for (name, part), (_, rows) in zip(parts, sheets.values(), strict=True):
            filled = part.replace("</sheetData>", f"{''.join(_rows(rows, style))}</sheetData>")
            book.writestr(zipfile.ZipInfo(name), filled, zipfile.ZIP_DEFLATED)


@cache
def _empty(sheets: tuple[tuple[str, tuple[str, ...]], ...]) -> tuple[bytes, list[tuple[str, str]], int]:
    """A workbook of these sheets (name, header) without their parts, these parts, and the style of a text.

    xlsxwriter makes it once for all replies: it would take most of the time of a night's receipts.
    """
    made, rest = io.BytesIO(), io.BytesIO()
    with xlsxwriter.Workbook(made, {"in_memory": True}) as book:
        book.set_properties({"title": "交付回执", "created": datetime(2000, 1, 1)})
        bold = book.add_format({"bold": True, "valign": "top"})
        # a text that begins like a formula stays one when its cell is edited
        text = book.add_format({"quote_prefix": True, "text_wrap": True, "valign": "top"})
        for name, header in sheets:
            sheet = book.add_worksheet(name)
            sheet.write_row(0, 0, header, bold)
            sheet.freeze_panes(1, 0)
            sheet.autofilter(0, 0, MOST, len(header) - 1)
            for column, title in enumerate(header):
                sheet.set_column(column, column, WIDTHS.get(title, 60), text)
    with zipfile.ZipFile(made) as book, zipfile.ZipFile(rest, "w", zipfile.ZIP_DEFLATED) as other:
        names = [f"xl/worksheets/sheet{number}.xml" for number in range(1, len(sheets) + 1)]
        for name in sorted(set(book.namelist()) - set(names)):
            other.writestr(zipfile.ZipInfo(name), book.read(name), zipfile.ZIP_DEFLATED)
        parts = [(name, book.read(name).decode()) for name in names]
    return rest.getvalue(), parts, text.xf_index


def _rows(rows: Iterable[Row], style: int) -> Iterable[str]:
    for row in rows:
        yield f"<row>{''.join(_cell(value, style) for value in row)}</row>"


def _cell(value: str | int, style: int) -> str:
    if isinstance(value, int):
        return f'<c s="{style}"><v>{value}</v></c>'
    text = escape(NO_CHARACTER.sub("\ufffd", value), quote=False)
    return f'<c s="{style}" t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'
