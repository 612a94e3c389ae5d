"""The province's files read back by simple means that share nothing with ingest."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import python_calamine
from clerk import Answers, Read, Row, plain


@pytest.fixture(scope="session")
def answers(province: Path) -> Answers:
    found: Answers = json.loads((province.parent / "answer_key.json").read_text("utf-8"))
    return found


@pytest.fixture(scope="session")
def good_rows(province: Path, answers: Answers) -> Read:
    """(folder, stem) -> the rows of a CSV or JSON Lines file that the answer key does not reject, as a clerk reads."""
    rejected = {(r["file"], r["record"]) for r in answers["rejects"]}

    def read_lines(name: str) -> list[Row]:
        lines = enumerate((province / name).read_text("utf-8").splitlines(), 1)
        objects = [json.loads(line) for number, line in lines if (name, number) not in rejected]
        words = {True: "是", False: "否", None: ""}
        return [
            {k: words[v] if v is None or isinstance(v, bool) else plain(str(v)) for k, v in o.items()} for o in objects
        ]

    @cache
    def read(folder: str, stem: str) -> list[Row]:
        name = f"{folder}/{stem}_模拟数据.csv"
        if not (province / name).exists():
            return read_lines(f"{folder}/{stem}_模拟数据.jsonl")
        content = (province / name).read_bytes()
        marks = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16"}
        encoding = next((e for mark, e in marks.items() if content.startswith(mark)), "gb18030")
        text = io.StringIO(content.decode(encoding, "replace"), newline="")
        records = csv.reader(text, delimiter="\t" if encoding == "utf-16" else ",")
        header = next(records)
        kept = [r for number, r in enumerate(records, 2) if (name, number) not in rejected]
        return [dict(zip(header, map(plain, r), strict=True)) for r in kept]

    return read


@pytest.fixture(scope="session")
def sheet_rows(province: Path, answers: Answers) -> Callable[..., list[list[Any]]]:
    """(folder, stem) -> every row of the workbook, or of one sheet, but the rejected ones, cells as they are."""
    rejected = {(r["file"], r["record"]) for r in answers["rejects"]}

    def read(folder: str, stem: str, wanted: str | None = None) -> list[list[Any]]:
        name = f"{folder}/{stem}_模拟数据.xlsx"
        book = python_calamine.CalamineWorkbook.from_path(str(province / name))
        sheets = ((s, book.get_sheet_by_name(s).to_python(skip_empty_area=False)) for s in book.sheet_names)
        rows = enumerate(((sheet, row) for sheet, rows in sheets for row in rows), 1)
        return [row for n, (sheet, row) in rows if wanted in (None, sheet) and (name, n) not in rejected]

    return read
