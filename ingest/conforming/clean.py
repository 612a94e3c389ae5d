"""Texts without what typists and spreadsheets put around them."""

from __future__ import annotations

import numpy as np
import polars as pl
import pyarrow as pa

from ingest.exchange import portions, to_bytes
from ingest.fold import MARKS

NULLS = ["", "-", "—", "——", "－", "…", "……", "/", "暂无", "无", "不详"]
NULLS += ["NULL", "null", "(null)", "\\N", "NaN", "nan", "None"]  # of programs
FULL_WIDTH = dict(zip("０１２３４５６７８９Ｘｘ．，－／　", "0123456789Xx.,-/ ", strict=True))
BLANKS = " \t\r\n\u3000\ufeff\u200b\xa0"
BROKEN = "[\ufffd\x00]"
CONTROL = "[\x01-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]"
WRAPPED = '^="(.*)"$'  # a text that a spreadsheet shall not take for a number
SCIENTIFIC = r"^[0-9](\.[0-9]+)?[Ee]\+[0-9]+$"  # a code that a spreadsheet took for a number
UNCLEAN = (  # what clean() changes and what is broken
    f"^[{BLANKS}'=]|[{BLANKS}]$|[{''.join(FULL_WIDTH)}{MARKS}]|{BROKEN}|{CONTROL}|{SCIENTIFIC}"
)
# The same by bytes: those of which one is in every unclean text, and those that one begins or ends with.
UNLIKE = [*FULL_WIDTH, *BLANKS, *MARKS, "\x80", "\ufffd", "\x00", "\x7f", "+"]
SIGNS = bytes({c.encode()[0] for c in UNLIKE if c not in " \t\r\n"})
EDGES = np.isin(np.arange(256), list(b" \t\r\n'="))


def clean(text: pl.Expr) -> pl.Expr:
    """Blanks, what is invisible, ="…" and a leading apostrophe off, full-width digits folded, null marks to null."""
    folded = text.str.replace_many(list(FULL_WIDTH), list(FULL_WIDTH.values())).str.replace_all(f"[{MARKS}]", "")
    folded = folded.str.strip_chars(BLANKS).str.replace(WRAPPED, "$1")
    folded = folded.str.strip_prefix("'").str.strip_chars(BLANKS)
    return pl.when(~text.str.strip_chars(BLANKS).is_in(NULLS) & (folded != "")).then(folded)


def are_plainly_clean(texts: pa.Array) -> bool:
    """Whether none of the texts matches UNCLEAN, by a look at their bytes, which may take a clean text for unclean."""
    flat, borders = to_bytes(texts)
    if len(flat) == 0:
        return True
    ends = flat[borders[:-1].clip(max=len(flat) - 1)], flat[borders[1:] - 1]
    if any(EDGES[end].any() for end in ends) or hold(flat, SIGNS):
        return False
    return bool(flat.min() >= ord(" ") or np.isin(flat[flat < ord(" ")], [9, 10, 13]).all())


def hold(flat: np.ndarray, letters: bytes) -> bool:
    """Whether one of the letters is in the bytes (uint8)."""
    return any(letter in portion for portion in map(np.ndarray.tobytes, portions(flat)) for letter in letters)
