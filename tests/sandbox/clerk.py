"""Cells as a clerk reads them, by means that share nothing with ingest."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from datetime import date
from typing import Any

NULLS = {"", "-", "—", "——", "…", "……", "/", "暂无", "无", "不详"}
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)  # GB 11643-1999
Row = dict[str, str]
Answers = dict[str, list[dict[str, Any]]]
Read = Callable[[str, str], list[Row]]


def plain(cell: str) -> str:
    """Half-width, without blanks and apostrophe; '' for a null mark."""
    text = unicodedata.normalize("NFKC", cell).strip().lstrip("'")
    return "" if text in NULLS or cell.strip() in NULLS else text


def to_date(text: str) -> date:
    """2020-01-31, 2020/1/31, 2020.1.31, 2020年1月31日 or 20200131."""
    parts = re.findall("[0-9]+", text)
    year, month, day = parts if len(parts) == 3 else (text[:4], text[4:6], text[6:])
    return date(int(year), int(month), int(day))


def to_id(text: str) -> str:
    """The 17 digits of a citizen number: without its check character, with the century of an old one."""
    return text[:6] + "19" + text[6:] if len(text) == 15 else text[:17]


def has_valid_check(text: str) -> bool:
    """Whether a citizen number has the check character of GB 11643; one of 15 digits has none."""
    if len(text) == 15:
        return True
    return "10X98765432"[sum(w * int(d) for w, d in zip(WEIGHTS, text, strict=False)) % 11] == text[17].upper()
