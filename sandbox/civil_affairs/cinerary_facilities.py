"""骨灰安放设施: columbaria, cemeteries and vigil centres at the year end, with the townships that each serves."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import numpy as np
import polars as pl

from sandbox.paper.defects import RAGGED, Defect, Defects, each, wrong_codes
from sandbox.paper.inbox import Inbox
from sandbox.paper.variety import write_dates, write_flags, write_texts
from sandbox.province.counts import Bools, Ints, join
from sandbox.province.days import day
from sandbox.province.draw import Keys, generator, mix, pick
from sandbox.province.frame import read_frame
from sandbox.province.stock import Stock, stock_by_size
from sandbox.province.towns import list_towns, locate, reach_years, read_towns, rural_shares

TYPES = ["骨灰堂", "公墓", "集中守灵中心"]
# Townships of 1,203 that a public-benefit facility serves at the year end; the plan prints no value of 2020 (62 %).
SERVED = {2019: 662, 2020: 746, 2021: 842, 2022: 938, 2023: 1035, 2024: 1119, 2025: 1179}
# Besides those that the townships rely on, as many as the scale asks for: assumed.
OTHERS = {2019: 11_000, 2020: 11_200, 2021: 11_300, 2022: 11_400, 2023: 11_500, 2024: 11_500, 2025: 11_500}
CLOSING = 0.01  # share of them that close in a year
SHARED = 3  # townships of a city that rely on one facility, in one county or in two


class Facilities(NamedTuple):
    """Some of the facilities; number within the unit; days as in stock.Listed."""

    unit: Ints
    number: Ints
    kind: Ints
    is_public: Bools
    serves: pl.Series  # codes of townships, null for none
    since: Ints
    until: Ints


def write(inbox: Inbox, year: int) -> None:
    """骨灰安放设施_<year>年: what is in use, what closed in the year and what opened just after it."""
    scale, seed = inbox.scale, inbox.seed
    listed = join(_list_relied(year, seed), _list_others(year, scale, seed), _list_vigil_centres(year, seed))
    draw, u = generator(seed, "cinerary", year), listed.unit
    number = pl.Series(u * 1_000_000 + listed.number).cast(pl.String).str.zfill(9)
    kinds = pl.Series(TYPES).gather(listed.kind)
    columns = {
        "facility_id": "BZ" + number,
        "设施名称": pl.Series(read_frame().names).gather(u) + number.str.tail(6) + "号" + kinds + "（模拟）",
        "facility_type": kinds,
        "is_public_benefit": write_flags(listed.is_public, draw),
        "serves_township_codes": write_texts(listed.serves, draw, listed.serves.is_null().to_numpy()),
        "open_date": write_dates(listed.since, draw),
        "close_date": write_dates(listed.until, draw, listed.until == 0),
        "county_code": read_frame().codes_in(year, u),
    }
    inbox.send(__name__, year, columns, _defects(year))


@cache
def _years_served(seed: int) -> Ints:
    return reach_years("cinerary", SERVED, seed)


@cache
def _areas(seed: int) -> pl.DataFrame:
    """number, u, year, serves: townships that come to rely on one facility, and codes of what is none among them."""
    years, codes = _years_served(seed), pl.col("codes")
    return (
        list_towns()
        .with_columns(year=pl.Series(np.where(years == 0, min(SERVED), years)), city=pl.col("county_code").str.head(4))
        .unique("township_code", keep="first", maintain_order=True)
        .with_columns(area=pl.int_range(pl.len()).over("year", "city") // SHARED)
        .group_by("year", "city", "area", maintain_order=True)
        .agg(u=pl.col("unit").first().cast(pl.Int64), codes=pl.col("township_code"))
        .with_columns(number=pl.int_range(pl.len()))
        .with_columns(codes=pl.when(pl.col("number") % 50 == 7).then(codes.list.concat(codes)).otherwise(codes))
        .with_columns(
            serves=pl.when(pl.col("number") % 3 == 0).then(codes.list.join("；")).otherwise(codes.list.join("、"))
        )
    )


def _list_relied(year: int, seed: int) -> Facilities:
    """What the townships rely on; here and there another was in use the year before and closed on 31 December."""
    areas = _areas(seed)
    keys, opened = _keys(areas["number"].to_numpy(), "areas", seed), areas["year"].to_numpy()
    began = np.where(opened == min(SERVED), 1998 + pick(keys, "before", 22), opened)
    since = day(began, 1 + pick(keys, "month", 12), 1 + pick(keys, "day", 28))
    lasting = np.flatnonzero(since < day(year + 1, 2))
    row = np.concatenate([lasting, np.flatnonzero((opened == year + 1) & (pick(keys, "tried", 5) == 0))])
    tried = np.arange(len(row)) >= len(lasting)
    u, number = areas["u"].to_numpy()[row], areas["number"].to_numpy()[row] + np.where(tried, 10_000, 0)
    since, until = np.where(tried, day(year, 4, 2), since[row]), np.where(tried, day(year, 12, 31), 0)
    kind, is_public = pick(keys, "type", 5)[row] // 4, np.ones(len(row), bool)
    return Facilities(u, number, kind, is_public, areas["serves"].gather(row), since, until)


@cache
def _stock(scale: float, seed: int) -> Stock:
    return stock_by_size("cinerary", OTHERS, slice(60, 101), 0, CLOSING, scale, seed)


def _list_others(year: int, scale: float, seed: int) -> Facilities:
    """Each serves one township at most; where no township relies on a public one yet, these are not public either."""
    u, serial, keys, since, until = _stock(scale, seed).list(year)
    town = locate(u, keys, rural_shares(60))
    is_public = (town >= 0) & (_years_served(seed)[town] <= year) & (pick(keys, "public", 5) > 0)
    codes = pl.Series([*list_towns()["township_code"], None])
    serves = codes.gather(np.where(is_public | (pick(keys, "serves", 2) == 0), town, len(codes) - 1))
    kind = np.where(is_public, pick(keys, "type", 4) // 3, 1)
    return Facilities(u, 20_000 + serial, kind, is_public, serves, since, until)


def _list_vigil_centres(year: int, seed: int) -> Facilities:
    """One by unit in the end, for all its townships; they keep no ashes."""
    u = np.arange(len(read_frame().codes))
    keys = _keys(u, "vigil", seed)
    since = day(2008 + pick(keys, "since", 18), 1 + pick(keys, "month", 12), 9)
    u, since = u[since < day(year + 1, 2)], since[since < day(year + 1, 2)]
    serves = pl.Series(["、".join(read_towns(i)["township_code"]) or None for i in u.tolist()], dtype=pl.String)
    return Facilities(u, np.full_like(u, 90_000), np.full_like(u, 2), u >= 0, serves, since, np.zeros_like(u))


def _keys(numbers: Ints, name: str, seed: int) -> Keys:
    return mix(mix(numbers.astype(np.uint64), seed), name)


def _defects(year: int) -> Defects:
    kinds = (
        Defect("pattern", "serves_township_codes", "320102001—320102009"),
        Defect("pattern", "serves_township_codes", "本镇"),
        Defect("required", "is_public_benefit", "……"),
        *each("not_in_codes", is_public_benefit="公益", facility_type="殡仪馆"),
        Defect("required", "facility_type", ""),
        Defect("pattern", "facility_id", "BZ-0001"),
        *wrong_codes(year, "329912"),
        Defect("date_format", "open_date", "九十年代"),
        Defect("date_impossible", "close_date", f"{year}-02-30"),
        Defect("encoding", "facility_type", "骨灰堂".encode("gb18030")),  # a cell pasted in GB18030
        *RAGGED,
    )
    return Defects(
        kinds, {"facility_id": "BZ999{:06d}"}, {"设施名称": "重复填报设施（模拟）", "is_public_benefit": "否"}
    )
