"""Texts without what typists and spreadsheets put around them."""

from __future__ import annotations

import numpy as np
import polars as pl
import pyarrow as pa

from ingest.reading.exchange import to_bytes

NULLS = ["", "-", "—", "——", "－", "…", "……", "/", "暂无", "无", "不详"]
FULL_WIDTH = dict(zip("０１２３４５６７８９Ｘｘ．，－／　", "0123456789Xx.,-/ ", strict=True))
BLANKS = " \t\r\n\u3000\ufeff\u200b\xa0"
BROKEN = "[\ufffd\x00]"
UNCLEAN = f"^[{BLANKS}']|[{BLANKS}]$|[{''.join(FULL_WIDTH)}\ufffd\x00]"  # what clean() changes and what is broken
# The same by bytes: those of which one is in every unclean text, and those that one begins or ends with.
SIGNS = bytes({c.encode()[0] for c in [*FULL_WIDTH, *BLANKS, "\ufffd", "\x00"] if not c.isascii() or c == "\x00"})
EDGES = np.isin(np.arange(256), list(b" \t\r\n'"))


def clean(text: pl.Expr) -> pl.Expr:
    """Blanks and a leading apostrophe off, full-width digits folded, null marks to null."""
    folded = text.str.replace_many(list(FULL_WIDTH), list(FULL_WIDTH.values())).str.strip_chars(BLANKS)
    folded = folded.str.strip_prefix("'").str.strip_chars(BLANKS)
    return pl.when(~text.str.strip_chars(BLANKS).is_in(NULLS) & (folded != "")).then(folded)


def are_plainly_clean(texts: pa.Array) -> bool:
    """Whether none of the texts matches UNCLEAN, by a look at their bytes, which may take a clean text for unclean."""
    flat, borders = to_bytes(texts)
    if len(flat) == 0:
        return True
    ends = flat[borders[:-1].clip(max=len(flat) - 1)], flat[borders[1:] - 1]
    return not (any(EDGES[end].any() for end in ends) or hold(flat, SIGNS))


def hold(flat: np.ndarray, letters: bytes) -> bool:
    """Whether one of the letters is in the bytes (uint8)."""
    whole = flat.tobytes()
    return any(letter in whole for letter in letters)
