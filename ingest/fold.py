"""Texts that look alike as one: how headers and codes are compared, however they were typed or copied."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

import polars as pl

# What shows nothing and no text needs: marks that are there for how it is set, and fillers.
MARKS = "".join(
    map(
        chr,
        [
            *(0xAD, 0x34F, 0x61C, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x3164, 0xFEFF, 0xFFA0),
            *(*range(0x180B, 0x1810), *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2070)),
            *(*range(0xFE00, 0xFE10), *range(0xFFF9, 0xFFFC)),
        ],
    )
)
UNSEEN = rf"[\s\x00-\x1f\x7f-\xa0\u2800{MARKS}]+"  # these with blanks and controls
_UNSEEN = re.compile(UNSEEN)


def shows_nothing(text: str) -> bool:
    return not text or _UNSEEN.fullmatch(text) is not None


@lru_cache(1024)
def fold(text: str) -> str:
    """Without what shows nothing, full-width and other compatible forms as the plain ones: （％） is (%)."""
    return _UNSEEN.sub("", unicodedata.normalize("NFKC", _UNSEEN.sub("", text)))


def folded(text: pl.Expr) -> pl.Expr:
    """The same of a column."""
    return text.str.replace_all(UNSEEN, "").str.normalize("NFKC").str.replace_all(UNSEEN, "")
