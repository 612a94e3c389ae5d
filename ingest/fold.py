"""Texts that look alike as one: how headers and codes are compared, however they were typed or copied."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

import polars as pl

# What shows nothing: blanks, controls, and the marks that are there for how text is set.
UNSEEN = (
    r"[\s\x00-\x1f\x7f-\xa0\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202f"
    r"\u205f-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb]+"
)
_UNSEEN = re.compile(UNSEEN)


@lru_cache(1024)
def fold(text: str) -> str:
    """Without what shows nothing, full-width and other compatible forms as the plain ones: （％） is (%)."""
    return _UNSEEN.sub("", unicodedata.normalize("NFKC", _UNSEEN.sub("", text)))


def folded(text: pl.Expr) -> pl.Expr:
    """The same of a column."""
    return text.str.replace_all(UNSEEN, "").str.normalize("NFKC").str.replace_all(UNSEEN, "")
