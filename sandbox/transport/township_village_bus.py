"""镇村公交开通情况: the townships, and whether a village bus goes there."""

from __future__ import annotations

import polars as pl

from sandbox.paper.defects import Defect, Defects, ways
from sandbox.paper.inbox import Inbox
from sandbox.paper.variety import write_flags
from sandbox.province.draw import generator
from sandbox.province.frame import read_frame, read_townships

OPENED = {2019: 0.985}  # share of townships; 表1, line 153: 100 % in 2020


def write(inbox: Inbox, year: int) -> None:
    """镇村公交开通情况_<year>年: the 1,203 townships, under the counties of the year."""
    draw, frame = generator(inbox.seed, "villages", year), read_frame()
    towns = read_townships().filter(pl.col("kind") != "other")
    opened = draw.random(towns.height) < OPENED.get(year, 1.0)
    rows = towns.select(
        pl.lit(str(year)).alias("年份"),
        "township_code",
        pl.col("name").alias("乡镇名称"),
        pl.col("county_code").replace(frame.recode(2023, year)),
        is_opened=write_flags(opened, draw),
    )
    inbox.send(__name__, year, rows, _defects())


def _defects() -> Defects:
    kinds = (
        Defect("pattern", "township_code", "3201020"),
        Defect("unknown_region", "county_code", "329908"),
        *ways("is_opened", not_in_codes="在建", required="……"),
        Defect("ragged_row", "*", "more"),
    )
    return Defects(kinds, {"township_code": "3299{:05d}"}, {"is_opened": "否"})
