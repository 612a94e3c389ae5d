"""居民出行方式调查 and 镇村公交开通情况: what 表1 of the plan printed for public transport in 2020."""

from __future__ import annotations

import numpy as np
import polars as pl

from sandbox.apportion import apportion, nearest_numerator
from sandbox.defects import Defect, Defects, Row
from sandbox.draw import generator
from sandbox.frame import read, read_frame, read_townships
from sandbox.inbox import Inbox
from sandbox.variety import write_words
from sandbox.write import CsvFile

SURVEY, VILLAGES = "transport/modal_split_survey", "transport/township_village_bus"
SURVEY_COLUMNS = {
    "trip_id": "出行编号",
    "year": "调查年份",
    "city_code": "设区市代码",
    "mode": "出行方式",
    "weight": "权数",
}
VILLAGE_COLUMNS = {
    "year": "年份",
    "township_code": "乡镇代码",
    "name": "乡镇名称",
    "county_code": "所属县区代码",
    "is_opened": "是否开通镇村公交",
}
# Per cent of weighted trips; 2020: 表1, line 152. The others are assumed.
PUBLIC = {2019: 26.9, 2020: 26.3, 2021: 26.6, 2022: 26.1, 2023: 27.4, 2024: 27.9, 2025: 28.3}
MODES = ["公共汽电车", "轨道交通", "小汽车", "出租汽车", "电动自行车", "自行车", "步行"]
SHARES = np.array([0.23, 0.07, 0.25, 0.03, 0.22, 0.07, 0.13])  # of the sample, which takes more who ride
TRIPS, LEAST = 50_000, 2_600  # in the sample at full scale; at the smallest, 200 by city
DAILY = 120_000_000  # trips on a day in the towns of the province, assumed
OPENED = {2019: 0.985}  # share of townships; 表1, line 153: 100 % in 2020


def write_trips(inbox: Inbox, year: int) -> None:
    """居民出行方式调查_<year>年: weights make the two public modes the printed share; the sample's share is higher."""
    draw = generator(inbox.seed, "trips", year)
    n = LEAST + round((TRIPS - LEAST) * inbox.scale)
    mode = draw.choice(len(MODES), n, p=SHARES)
    total = round(DAILY * inbox.scale) * 10_000
    public = nearest_numerator(PUBLIC[year], total)
    raw = np.exp(0.4 * draw.normal(size=n))
    weight = apportion(np.array([public, total - public]), np.stack([raw * (mode < 2), raw * (mode >= 2)])).sum(axis=0)
    frame = pl.DataFrame(
        {
            "trip_id": pl.Series(year * 100_000 + np.arange(n)).cast(pl.String).str.replace("^", "C"),
            "year": pl.repeat(str(year), n, eager=True),
            "city_code": read("cities.csv")["city_code"].gather(np.arange(n) % 13),
            "mode": write_words(MODES, mode, draw),
            "weight": pl.Series(weight // 10_000).cast(pl.String)
            + "."
            + pl.Series(weight % 10_000).cast(pl.String).str.zfill(4),
        }
    )
    with CsvFile(inbox, SURVEY, f"居民出行方式调查_{year}年", SURVEY_COLUMNS, "gb18030", str(year)) as file:
        kinds = (
            Defect("pattern", "trip_id", "C12"),
            Defect("pattern", "city_code", "320102"),
            Defect("not_in_codes", "mode", "共享单车"),
            Defect("number_format", "weight", "约3"),
            Defect("out_of_range", "weight", "-1.5"),
            Defect("required", "weight", "—"),
        )

        def renew(row: Row, serial: int) -> Row:
            return {**row, "trip_id": f"C9{serial:08d}"}

        file.spoil(Defects(kinds, renew, "trip_id", {"weight": "1.0000"}))
        file.append(frame)


def write_villages(inbox: Inbox, year: int) -> None:
    """镇村公交开通情况_<year>年: the 1,203 townships, under the counties of the year."""
    draw, frame = generator(inbox.seed, "villages", year), read_frame()
    towns = read_townships().filter(pl.col("kind") != "other")
    renamed = dict(zip(frame.labels(2023), frame.labels(year), strict=True)) | (
        {"320613": "320602"} if year < 2020 else {}
    )
    opened = draw.random(towns.height) < OPENED.get(year, 1.0)
    rows = towns.select(
        pl.lit(str(year)).alias("year"),
        "township_code",
        "name",
        pl.col("county_code").replace(renamed),
        is_opened=write_words(["否", "是"], opened.astype(np.int64), draw),
    )
    with CsvFile(inbox, VILLAGES, f"镇村公交开通情况_{year}年", VILLAGE_COLUMNS, "gb18030", str(year)) as file:
        kinds = (
            Defect("pattern", "township_code", "3201020"),
            Defect("unknown_region", "county_code", "329908"),
            Defect("not_in_codes", "is_opened", "在建"),
            Defect("required", "is_opened", "……"),
            Defect("ragged_row", "*", "more"),
        )

        def renew(row: Row, serial: int) -> Row:
            return {**row, "township_code": f"3299{serial:05d}"}

        repeat = {"is_opened": "否"}
        file.spoil(Defects(kinds, renew, "township_code", repeat))
        file.append(rows)
