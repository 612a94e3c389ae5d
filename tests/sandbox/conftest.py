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
    """(folder, stem) -> the rows of a CSV file that the answer key does not reject, cells as a clerk reads them."""
    rejected = {(r["file"], r["record"]) for r in answers["rejects"]}

    @cache
    def read(folder: str, stem: str) -> list[Row]:
        name = f"{folder}/{stem}_模拟数据.csv"
        content = (province / name).read_bytes()
        encoding = "utf-8-sig" if content.startswith(b"\xef\xbb\xbf") else "gb18030"
        records = csv.reader(io.StringIO(content.decode(encoding, "replace"), newline=""))
        header = next(records)
        kept = [r for number, r in enumerate(records, 2) if (name, number) not in rejected]
        return [dict(zip(header, map(plain, r), strict=True)) for r in kept]

    return read


@pytest.fixture(scope="session")
def sheet_rows(province: Path, answers: Answers) -> Callable[[str, str], list[list[Any]]]:
    """(folder, stem) -> every row of the workbook's sheet but the rejected ones, cells as they are."""
    rejected = {(r["file"], r["record"]) for r in answers["rejects"]}

    def read(folder: str, stem: str) -> list[list[Any]]:
        name = f"{folder}/{stem}_模拟数据.xlsx"
        sheet = python_calamine.CalamineWorkbook.from_path(str(province / name)).get_sheet_by_index(0)
        rows = enumerate(sheet.to_python(skip_empty_area=False), 1)
        return [row for number, row in rows if (name, number) not in rejected]

    return read
