"""The shape of a text that may hold personal data: what kind of characters, never which."""

from __future__ import annotations

import os
import re

import polars as pl

LONGEST = 60
NARROW = str.maketrans("０１２３４５６７８９Ｘｘ", "0123456789Xx")
# What may stand within a number written in parts: entities, escapes and tags of the web, words but for a file's ending,
# any other sign.
JOINT = r"(?:&#?\w{1,8};|%[0-9A-Fa-f]{2}|<[^<>]{0,20}>|(?<!\.)[A-Za-z]{1,12}+|[^\dA-Za-z])"
GAP = JOINT + "{0,3}"
YEAR, MONTH, DAY = (
    rf"(1{GAP}9|2{GAP}0){GAP}\d{GAP}\d",
    rf"(0{GAP}[1-9]|1{GAP}[0-2])",
    rf"(0{GAP}[1-9]|[12]{GAP}\d|3{GAP}[01])",
)
IN_PARTS = GAP.join(["[1-9]", *[r"\d"] * 5, YEAR, MONTH, DAY, *[r"\d"] * 3, r"[\dXx]"])
OLD_DAY = r"\d{0}\d{0}(0{0}[1-9]|1{0}[0-2]){0}(0{0}[1-9]|[12]{0}\d|3{0}[01])"
OLD_IN_PARTS = rf"[1-9]\d{{5}}{GAP}{OLD_DAY.format('')}{GAP}\d{{3}}"
OLD_IN_GROUPS = "[ _-]?".join(["[1-9]", *[r"\d"] * 5, OLD_DAY.format("[ _-]?"), *[r"\d"] * 3])  # of whatever length
NUMBER = re.compile(rf"\d{{15,}}[Xx]?|{IN_PARTS}|(?<!\d)({OLD_IN_PARTS}|{OLD_IN_GROUPS})(?!\d)")


def shape(text: str) -> str:
    """'3.20106E+17' -> '9.99999A+99', '张三' -> '汉汉'; at most 60 characters."""
    masked = re.sub(r"[0-9０-９]", "9", text)
    masked = re.sub(r"[A-Za-z]", "A", masked)
    return re.sub(r"[^\x00-\x7f]", "汉", masked)[:LONGEST]


def mask(text: str) -> str:
    """The text with what may be a citizen number in it as a shape: 15 digits and more, which no date or code has, or a
    number written in parts, told by its date of birth."""
    plain, done, end = text.translate(NARROW), "", 0
    for found in NUMBER.finditer(plain):
        done += text[end : found.start()] + shape(re.sub(JOINT, "", found[0][:-1]) + found[0][-1])
        end = found.end()
    return done + text[end:]


def told_masked(name: str) -> str:
    """What the 9s in a name that is shown mean, empty where it is shown as it is."""
    said = "名称里的 9 代替了可能是公民身份号码的数字，名称不得带有号码，请改名"
    return said if mask(name) != name else ""


def show_name(name: str) -> str:
    """A file's name as it can be shown and written: masked, what is not UTF-8 in it by its bytes, a line break by its
    code."""
    text = os.fsencode(mask(name)).decode("utf-8", "backslashreplace")
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def shapes(texts: pl.Series) -> pl.Series:
    """shape of each text (String -> String)."""
    shape = pl.col("text").str.replace_all(r"[0-9０-９]", "9").str.replace_all(r"[A-Za-z]", "A")
    shape = shape.str.replace_all(r"[^\x00-\x7f]", "汉").str.slice(0, LONGEST)
    return texts.to_frame("text").select(shape).to_series()
