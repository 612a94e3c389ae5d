"""Texts without what typists and spreadsheets put around them."""

from __future__ import annotations

import numpy as np
import polars as pl
import pyarrow as pa

NULLS = ["", "-", "—", "——", "－", "…", "……", "/", "暂无", "无", "不详"]
FULL_WIDTH = dict(zip("０１２３４５６７８９Ｘｘ．，－／　", "0123456789Xx.,-/ ", strict=True))
BLANKS = " \t\r\n\u3000\ufeff\u200b\xa0"
BROKEN = "[\ufffd\x00]"
UNCLEAN = f"^[{BLANKS}']|[{BLANKS}]$|[{''.join(FULL_WIDTH)}\ufffd\x00]"  # what clean() changes and what is broken


OPENING = {c.encode()[0] for c in BLANKS + "'"}
CLOSING = {c.encode()[-1] for c in BLANKS}
WITHIN = {c.encode()[0] for c in [*FULL_WIDTH, "\ufffd", "\x00"]}


def clean(texts: pl.Series) -> pl.Series:
    """Blanks and a leading apostrophe off, full-width digits folded, null marks to null."""
    folded = texts.str.replace_many(list(FULL_WIDTH), list(FULL_WIDTH.values())).str.strip_chars(BLANKS)
    folded = folded.str.strip_prefix("'").str.strip_chars(BLANKS)
    return folded.set(texts.str.strip_chars(BLANKS).is_in(NULLS) | (folded == ""), None)


def is_unclean(texts: pl.Series) -> pl.Series:
    """Where clean() changes a text or a character is broken; the pattern is tried where the bytes leave it open."""
    whole = texts.to_arrow().cast(pa.large_string())
    offsets = np.frombuffer(whole.buffers()[1], np.int64)[whole.offset : whole.offset + len(whole) + 1]
    data = np.frombuffer(whole.buffers()[2] or b"", np.uint8)
    starts, ends = offsets[:-1], offsets[1:]
    is_open = starts < ends
    is_open[is_open] = _is_one(data[starts[is_open]], OPENING) | _is_one(data[ends[is_open] - 1], CLOSING)
    within = np.flatnonzero(_is_one(data[offsets[0] : offsets[-1]], WITHIN)) + offsets[0]
    is_open[np.searchsorted(offsets, within, side="right") - 1] = True
    rows = np.flatnonzero(is_open)
    is_unclean = np.zeros(len(texts), bool)
    is_unclean[rows] = texts.gather(rows).str.contains(UNCLEAN).to_numpy()
    return pl.Series(is_unclean)


def _is_one(data: np.ndarray, of: set[int]) -> np.ndarray:
    found: np.ndarray = np.logical_or.reduce([data == byte for byte in of])
    return found
