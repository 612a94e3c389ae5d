"""县级毗邻关系: the real pairs of neighbouring counties, inside the province and across its border."""

from __future__ import annotations

from functools import cache

import numpy as np
import polars as pl

from sandbox.defects import Defect, Defects, Row
from sandbox.draw import generator
from sandbox.frame import read, read_frame
from sandbox.inbox import Inbox
from sandbox.variety import day, write_dates
from sandbox.write import CsvFile

FOLDER = "transport/county_adjacency"
COLUMNS = {
    "county_code_a": "甲县代码",
    "name_a": "甲县名称",
    "county_code_b": "乙县代码",
    "name_b": "乙县名称",
    "shared_border_km": "共有边界长度",
    "adjacency_type": "毗邻方式",
    "is_same_city": "是否同一设区市",
    "is_cross_province": "是否跨省",
    "valid_from": "起始日期",
    "valid_to": "终止日期",
}
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


def write_adjacency(inbox: Inbox, year: int) -> None:
    """县级毗邻关系_<year>年: every pair under the codes of the year; one that has ended stays on the list."""
    draw = generator(inbox.seed, "adjacency", year)
    frame = read_frame()
    renamed = dict(zip(frame.labels(2020), frame.labels(year), strict=True))
    renamed |= {"320613": "320602"} if year < 2020 else {}
    said = {"yes": "是", "no": "否"}
    south = {code for code, macro in zip(frame.codes, frame.macro, strict=True) if macro == 1} - set(NORTH_BANK)
    is_water = pl.col("county_code_a").is_in(list(south)) != pl.col("county_code_b").is_in(list(south))
    inner = pl.col("cross_province") == "no"
    pairs = read_pairs()
    current = pairs.select(
        pl.col("county_code_a").replace(renamed),
        "name_a",
        pl.col("county_code_b").replace(renamed),
        "name_b",
        pl.col("shared_border_km").cast(pl.String),
        adjacency_type=pl.when(inner).then(pl.when(is_water).then(pl.lit("水域")).otherwise(pl.lit("陆地"))),
        is_same_city=pl.col("same_city").replace_strict(said),
        is_cross_province=pl.col("cross_province").replace_strict(said),
        valid_from=write_dates(day(np.full(pairs.height, LISTED)), draw),
        valid_to=pl.lit(None, pl.String),
    )
    a, name_a, b, name_b, since, until = ENDED
    ended = dict.fromkeys(COLUMNS, "") | {"county_code_a": a, "name_a": name_a, "county_code_b": b, "name_b": name_b}
    ended |= {"is_same_city": "是", "is_cross_province": "否", "valid_from": since, "valid_to": until}
    with CsvFile(inbox, FOLDER, f"县级毗邻关系_{year}年", COLUMNS, "utf-8-sig", str(year)) as file:
        file.spoil(_defects())
        file.append(pl.concat([current, pl.DataFrame([ended])]).select(list(COLUMNS)))


def _defects() -> Defects:
    kinds = (
        Defect("unknown_region", "county_code_a", "329906"),
        Defect("pattern", "county_code_b", "和县"),
        Defect("number_format", "shared_border_km", "约三十"),
        Defect("out_of_range", "shared_border_km", "45100"),
        Defect("not_in_codes", "is_same_city", "同市"),
        Defect("not_in_codes", "adjacency_type", "山脊"),
        Defect("date_impossible", "valid_from", "2010-02-30"),
        Defect("required", "is_cross_province", "不详"),
        Defect("ragged_row", "*", "fewer"),
    )

    def renew(row: Row, serial: int) -> Row:
        return {**row, "county_code_a": "320102", "county_code_b": f"3699{serial:02d}"}

    return Defects(kinds, renew, "county_code_a", {"shared_border_km": "0.1"})
