"""居民出行方式调查: a sample of the trips that are made in the cities, by means of transport, each with its weight."""

from __future__ import annotations

import numpy as np
import polars as pl

from sandbox.paper.defects import Defect, Defects, each, ways
from sandbox.paper.inbox import Inbox
from sandbox.paper.variety import write_words
from sandbox.province.counts import apportion, nearest_numerator
from sandbox.province.draw import generator
from sandbox.province.frame import read

# Per cent of weighted trips; 2020: 表1, line 152. The others are assumed.
PUBLIC = {2019: 26.9, 2020: 26.3, 2021: 26.6, 2022: 26.1, 2023: 27.4, 2024: 27.9, 2025: 28.3}
MODES = ["公共汽电车", "轨道交通", "小汽车", "出租汽车", "电动自行车", "自行车", "步行"]
SHARES = np.array([0.23, 0.07, 0.25, 0.03, 0.22, 0.07, 0.13])  # of the sample, which takes more who ride
TRIPS, LEAST = 50_000, 2_600  # in the sample at full scale; at the smallest, 200 by city
DAILY = 120_000_000  # trips on a day in the towns of the province, assumed


def write(inbox: Inbox, year: int) -> None:
    """居民出行方式调查_<year>年: weights make the two public modes the printed share; the sample's share is higher."""
    draw = generator(inbox.seed, "trips", year)
    n = LEAST + round((TRIPS - LEAST) * inbox.scale)
    mode = draw.choice(len(MODES), n, p=SHARES)
    total = round(DAILY * inbox.scale) * 10_000
    public = nearest_numerator(PUBLIC[year], total)
    raw = np.exp(0.4 * draw.normal(size=n))
    weight = apportion(np.array([public, total - public]), np.stack([raw * (mode < 2), raw * (mode >= 2)])).sum(axis=0)
    frame = {
        "trip_id": "C" + pl.Series(year * 100_000 + np.arange(n)).cast(pl.String),
        "调查年份": pl.repeat(str(year), n, eager=True),
        "city_code": read("cities.csv")["city_code"].gather(np.arange(n) % 13),
        "mode": write_words(MODES, mode, draw),
        "weight": (pl.Series(weight).cast(pl.Decimal(20, 4)) / 10_000).cast(pl.Decimal(20, 4)).cast(pl.String),
    }
    inbox.send(__name__, year, frame, _defects())


def _defects() -> Defects:
    kinds = (
        *each("pattern", trip_id="C12", city_code="320102"),
        Defect("not_in_codes", "mode", "共享单车"),
        *ways("weight", number_format="约3", out_of_range="-1.5", required="—"),
    )
    return Defects(kinds, {"trip_id": "C9{:08d}"}, {"weight": "1.0000"})
