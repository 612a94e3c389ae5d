"""Texts without what typists and spreadsheets put around them."""

from __future__ import annotations

import polars as pl

NULLS = ["", "-", "—", "——", "－", "…", "……", "/", "暂无", "无", "不详"]
FULL_WIDTH = dict(zip("０１２３４５６７８９Ｘｘ．，－／　", "0123456789Xx.,-/ ", strict=True))
BLANKS = " \t\r\n\u3000\ufeff\u200b\xa0"
BROKEN = "[\ufffd\x00]"
UNCLEAN = f"^[{BLANKS}']|[{BLANKS}]$|[{''.join(FULL_WIDTH)}\ufffd\x00]"  # what clean() changes and what is broken


def clean(text: pl.Expr) -> pl.Expr:
    """Blanks and a leading apostrophe off, full-width digits folded, null marks to null."""
    folded = text.str.replace_many(list(FULL_WIDTH), list(FULL_WIDTH.values())).str.strip_chars(BLANKS)
    folded = folded.str.strip_prefix("'").str.strip_chars(BLANKS)
    return pl.when(~text.str.strip_chars(BLANKS).is_in(NULLS) & (folded != "")).then(folded)
