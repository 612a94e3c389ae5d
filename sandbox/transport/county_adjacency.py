"""县级毗邻关系: the real pairs of neighbouring counties, inside the province and across its border."""

from __future__ import annotations

from functools import cache

import numpy as np
import polars as pl

from sandbox.paper.defects import Defect, Defects, each, ways
from sandbox.paper.inbox import Inbox
from sandbox.paper.variety import write_dates
from sandbox.province.days import day
from sandbox.province.draw import generator
from sandbox.province.frame import read, read_frame

NORTH_BANK = ("320111", "320116")  # of Nanjing; otherwise 苏南 lies on the south bank, 苏中 and 苏北 on the north
LISTED = 2010  # the boundaries carry no date: taken to be as old as this
# Assumed, so that not every pair on the list is valid: no neighbours since the districts of Nanjing were redrawn.
ENDED = ("320102", "玄武区", "320105", "建邺区", "1983-01-01", "2013-03-01")


@cache
def read_pairs() -> pl.DataFrame:
    """county_code_a, name_a, county_code_b, name_b, shared_border_km, same_city, cross_province: codes of 2020."""
    return read("county_adjacency.csv")


@cache
def read_inner_pairs() -> pl.DataFrame:
    """The 241 pairs inside the province."""
    return read_pairs().filter(pl.col("cross_province") == "no")


def write(inbox: Inbox, year: int) -> None:
    """县级毗邻关系_<year>年: every pair under the codes of the year; one that has ended stays on the list."""
    draw = generator(inbox.seed, "adjacency", year)
    frame = read_frame()
    renamed = frame.recode(2020, year)
    said = {"yes": "是", "no": "否"}
    south = {code for code, macro in zip(frame.codes, frame.macro, strict=True) if macro == 1} - set(NORTH_BANK)
    is_water = pl.col("county_code_a").is_in(list(south)) != pl.col("county_code_b").is_in(list(south))
    inner = pl.col("cross_province") == "no"
    pairs = read_pairs()
    current = pairs.select(
        pl.col("county_code_a").replace(renamed),
        pl.col("name_a").alias("甲县名称"),
        pl.col("county_code_b").replace(renamed),
        pl.col("name_b").alias("乙县名称"),
        pl.col("shared_border_km").cast(pl.String),
        adjacency_type=pl.when(inner).then(pl.when(is_water).then(pl.lit("水域")).otherwise(pl.lit("陆地"))),
        is_same_city=pl.col("same_city").replace_strict(said),
        is_cross_province=pl.col("cross_province").replace_strict(said),
        valid_from=write_dates(day(np.full(pairs.height, LISTED)), draw),
        valid_to=pl.lit(None, pl.String),
    )
    a, name_a, b, name_b, since, until = ENDED
    ended = dict.fromkeys(current.columns, "") | {
        "county_code_a": a,
        "甲县名称": name_a,
        "county_code_b": b,
        "乙县名称": name_b,
    }
    ended |= {"is_same_city": "是", "is_cross_province": "否", "valid_from": since, "valid_to": until}
    inbox.send(__name__, year, pl.concat([current, pl.DataFrame([ended])]), _defects())


def _defects() -> Defects:
    kinds = (
        Defect("unknown_region", "county_code_a", "329906"),
        Defect("pattern", "county_code_b", "和县"),
        *ways("shared_border_km", number_format="约三十", out_of_range="45100"),
        *each("not_in_codes", is_same_city="同市", adjacency_type="山脊"),
        Defect("date_impossible", "valid_from", "2010-02-30"),
        Defect("required", "is_cross_province", "不详"),
        Defect("ragged_row", "*", "fewer"),
    )
    return Defects(kinds, {"county_code_a": "320102", "county_code_b": "3699{:02d}"}, {"shared_border_km": "0.1"})
