"""托育机构备案信息: every childcare facility at the year end, with its places for children under 3."""

from __future__ import annotations

from functools import cache

import numpy as np
import polars as pl

from sandbox.paper.defects import RAGGED, Defect, Defects, each, ways, wrong_codes
from sandbox.paper.inbox import Inbox
from sandbox.paper.variety import write_counts, write_dates, write_flags, write_texts, write_towns
from sandbox.province.counts import Ints, apportion_groups
from sandbox.province.course import numerators
from sandbox.province.days import day
from sandbox.province.draw import generator, pick, unit
from sandbox.province.frame import read_frame
from sandbox.province.population import by_unit
from sandbox.province.stock import Listed, Stock, stock_by_size
from sandbox.province.towns import locate, name_places, rural_shares, scatter

# Places per 1,000 residents. 2020: the plan prints 2; 2025 is within the tolerance of 4.5左右 and below 4.5.
PLACES = {2019: 1.52, 2020: 2.04, 2021: 2.53, 2022: 3.10, 2023: 3.70, 2024: 4.18, 2025: 4.47}
FACILITIES = {2019: 2400, 2020: 3000, 2021: 3500, 2022: 4200, 2023: 5000, 2024: 5600, 2025: 6000}  # assumed
CLOSING = 0.02  # share of the facilities that close in a year
TYPES = ["托育机构", "幼儿园托班", "社区托育点", "用人单位托育点", "家庭托育点"]
STATUS = ["已备案", "未备案", "暂停收托"]


def places(year: int, scale: float, seed: int) -> Ints:
    """Places for under-3s in filed and open facilities, by unit (107,)."""
    return numerators("childcare", PLACES[year], by_unit(year, scale), year, seed, capped=False, factor=1000)


def write(inbox: Inbox, year: int) -> None:
    """托育机构备案信息_<year>年: the open facilities, and those that closed in the year or opened just after it."""
    scale, seed = inbox.scale, inbox.seed
    draw, listed = generator(seed, "childcare", year), _facilities(seed).list(year)
    keys, n = listed.keys, len(listed.unit)
    status = _status(listed, year)
    under_3 = _share_places(listed, status == 0, year, scale, seed)
    kind = np.searchsorted([0.45, 0.80, 0.90, 0.96], unit(keys, "type"))
    older = np.where(kind == 1, under_3 // 2, 0)  # a kindergarten's class may take children of 3
    town, (lon, lat) = locate(listed.unit, keys, rural_shares()), scatter(listed.unit, keys)
    lost, inclusive = draw.random(n) < 0.01, pick(keys, "inclusive", 100)
    columns = {
        "facility_id": "TY" + pl.Series(listed.unit * 100_000 + listed.serial).cast(pl.String).str.zfill(8),
        "机构名称": name_places(listed.unit, listed.serial, pl.Series(TYPES).gather(kind)),
        "facility_type": pl.Series(TYPES).gather(kind),
        "is_inclusive": write_flags(inclusive <= 55, draw, inclusive > 96),
        "places_total": write_counts(under_3 + older, draw),
        "places_under3": write_counts(under_3, draw),
        "filing_status": pl.Series(STATUS).gather(status),
        "open_date": write_dates(listed.since, draw),
        "close_date": write_dates(listed.until, draw, listed.until == 0),
        "county_code": read_frame().codes_in(year, listed.unit),
        "township_code": write_towns(town, draw, (town < 0) | (draw.random(n) < 0.01)),
        "lon": write_texts(lon, draw, lost),
        "lat": write_texts(lat, draw, lost),
    }
    inbox.send(__name__, year, columns, _defects(year), ["places_under3"] if year <= 2021 else [])


@cache
def _facilities(seed: int) -> Stock:
    """At least 5 in each unit, whatever the scale."""
    return stock_by_size("childcare", FACILITIES, slice(0, 101), 5, CLOSING, 1.0, seed)


def _status(listed: Listed, year: int) -> Ints:
    """Index in STATUS: filed a year or two after the opening, some suspended for one year; every fourth is filed."""
    filed_from = listed.since + pick(listed.keys, "filed", 700) - 350
    suspended = 2019 + pick(listed.keys, "suspended", 200) == year
    return np.where(listed.serial % 4 == 0, 0, np.where(suspended, 2, (filed_from >= day(year + 1)).astype(int)))


def _share_places(listed: Listed, filed: np.ndarray, year: int, scale: float, seed: int) -> Ints:
    """Places of each facility: those that count add up to their unit's; the others offer places that do not count."""
    counted = filed & listed.stands(year)
    sizes = np.exp(1.2 * (unit(listed.keys, "size") - 0.5))
    shares = apportion_groups(places(year, scale, seed), np.where(counted, sizes, 0), listed.unit)
    usual = PLACES[year] / 1000 * scale * 8.5e7 / FACILITIES[year]
    return np.where(counted, shares, np.floor(usual * sizes + unit(listed.keys, "uncounted"))).astype(np.int64)


def _defects(year: int) -> Defects:
    kinds = (
        *ways("places_under3", required="…", number_format="约40个"),
        *each("out_of_range", places_under3="-5", places_total="40000"),
        *each("not_in_codes", filing_status="备案中", facility_type="早教中心", is_inclusive="普惠"),
        Defect("pattern", "facility_id", "苏托备0001"),
        *wrong_codes(year, "329903"),
        Defect("pattern", "township_code", "320102"),
        Defect("date_format", "open_date", "去年底"),
        Defect("date_impossible", "close_date", f"{year}-06-31"),
        Defect("encoding", "facility_type", b"\xcd\xd0\xd3\xfd\xbb\xfa\xb9\xb9"),  # a cell pasted in GB18030
        *RAGGED,
    )
    repeat = {"机构名称": "重复填报机构（模拟）", "places_under3": "9", "places_total": "9"}
    return Defects(kinds, {"facility_id": "TY99{:06d}"}, repeat)
