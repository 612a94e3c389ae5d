"""The shape of a text that may hold personal data: what kind of characters, never which."""

from __future__ import annotations

import re

import polars as pl

LONGEST = 60


def shape(text: str) -> str:
    """'3.20106E+17' -> '9.99999A+99', '张三' -> '汉汉'; at most 60 characters."""
    masked = re.sub(r"[0-9０-９]", "9", text)
    masked = re.sub(r"[A-Za-z]", "A", masked)
    return re.sub(r"[^\x00-\x7f]", "汉", masked)[:LONGEST]


def mask(text: str) -> str:
    """The text with what may be a citizen number in it as a shape: 15 digits and more, which no date or code has."""
    return re.sub("[0-9０-９]{15,}[XxＸｘ]?", lambda found: shape(found[0]), text)


def shapes(texts: pl.Series) -> pl.Series:
    """shape of each text (String -> String)."""
    shape = pl.col("text").str.replace_all(r"[0-9０-９]", "9").str.replace_all(r"[A-Za-z]", "A")
    shape = shape.str.replace_all(r"[^\x00-\x7f]", "汉").str.slice(0, LONGEST)
    return texts.to_frame("text").select(shape).to_series()
