"""养老服务设施: every institution and community facility at the year end, with its beds."""

from __future__ import annotations

import numpy as np
import polars as pl

from sandbox.civil_affairs.homes import INSTITUTION, REGIONAL, RURAL_HOME, Facilities, list_facilities, years_covered
from sandbox.paper.defects import RAGGED, Defect, Defects, each, wrong_codes
from sandbox.paper.inbox import Inbox
from sandbox.paper.variety import write_counts, write_dates, write_flags, write_towns, write_words
from sandbox.province.counts import Ints, nearest_numerator, share_out
from sandbox.province.course import spread
from sandbox.province.days import day
from sandbox.province.draw import generator, pick, unit
from sandbox.province.frame import read_frame
from sandbox.province.towns import list_towns, name_places, scatter

TYPES = ["养老机构", "社区养老服务设施", "农村敬老院", "农村区域性养老服务中心"]
GRADES = ["一级", "二级", "三级", "四级", "五级"]
# Per cent of the beds of registered institutions. 2020: the plan, 表2; 2025 is beyond its 70.
NURSING = {2019: 61.18, 2020: 63.74, 2021: 65.42, 2022: 67.05, 2023: 68.61, 2024: 69.87, 2025: 71.16}
SMART = {2019: 0.03, 2020: 0.06, 2021: 0.10, 2022: 0.16, 2023: 0.22, 2024: 0.28, 2025: 0.33}  # of the institutions
SWAPPED = 3  # returns of a year with their two numbers of beds changed round


def write(inbox: Inbox, year: int) -> None:
    """养老服务设施_<year>年: the open facilities, and those that closed in the year or opened just after it."""
    scale, seed = inbox.scale, inbox.seed
    draw, listed = generator(seed, "eldercare", year), list_facilities(year, scale, seed)
    u, keys, kind, n = listed.unit, listed.keys, listed.kind, len(listed.unit)
    is_home = (kind == INSTITUTION) | (kind == RURAL_HOME)
    registered = is_home & ((listed.number % 4 == 0) | (pick(keys, "registered", 12) > 0)) | (kind == REGIONAL)
    beds, nursing = _count_beds(listed, is_home & registered, year, seed)
    reached = np.where(listed.town >= 0, years_covered(seed)[listed.town], year + 1)
    comprehensive = listed.is_centre | ((unit(keys, "comprehensive") < 0.15) & (reached <= year))
    grade, unrated = _grade(listed, year)
    no_town = (listed.town < 0) | (~listed.is_centre & (draw.random(n) < 0.01))
    lon, lat = scatter(u, keys)
    columns = {
        "facility_id": "YL" + pl.Series(u * 1_000_000 + listed.number).cast(pl.String).str.zfill(9),
        "设施名称": name_places(u, listed.number, pl.Series(TYPES).gather(kind)),
        "facility_type": pl.Series(TYPES).gather(kind),
        "is_registered": write_flags(registered, draw),
        "is_comprehensive": write_flags(comprehensive, draw),
        "grade": write_words(GRADES, grade, draw, ~is_home | unrated),
        "beds_total": write_counts(beds, draw),
        "beds_nursing": write_counts(nursing, draw),
        "is_smart": write_flags(unit(keys, "smart") < SMART[year], draw, ~is_home),
        "residents_count": write_counts(np.floor(0.55 * scale * beds + unit(keys, "lodging")).astype(int), draw),
        "township_code": write_towns(listed.town, draw, no_town),
        "county_code": read_frame().codes_in(year, u),
        "open_date": write_dates(listed.since, draw),
        "close_date": write_dates(listed.until, draw, listed.until == 0),
        "经度": lon,
        "纬度": lat,
    }
    inbox.send(__name__, year, columns, _defects(year), ["beds_nursing"] if year <= 2020 else [])


def _count_beds(listed: Facilities, registered: np.ndarray, year: int, seed: int) -> tuple[Ints, Ints]:
    """(beds, nursing beds): those of registered institutions that stand add up to the year's share, the others do not.

    A few returns have the two numbers changed round, so that they cannot be counted.
    """
    least, more = (np.array(sizes)[listed.kind] for sizes in ((40, 0, 20, 10), (300, 16, 140, 50)))
    beds = np.floor(least + more * unit(listed.keys, "beds")).astype(np.int64)
    counted = registered & (listed.until == 0) & (listed.since < day(year + 1))
    swapped = np.argsort(np.where(counted, unit(listed.keys, f"swapped{year}"), 2), kind="stable")[:SWAPPED]
    counted[swapped] = False
    rural = (listed.town >= 0) & list_towns()["is_rural"].to_numpy()[listed.town]
    weights = beds * spread("nursing", year, seed)[listed.unit] * np.where(rural, 0.85, 1.0)
    weights *= 0.7 + 0.6 * unit(listed.keys, "nursing")
    nursing = beds * 9 // 10
    total = nearest_numerator(NURSING[year], int(beds[counted].sum()))
    nursing[counted] = share_out(total, weights[counted], beds[counted])
    beds[swapped], nursing[swapped] = nursing[swapped], beds[swapped]
    return beds, nursing


def _grade(listed: Facilities, year: int) -> tuple[Ints, np.ndarray]:
    """(index in GRADES, where there is none): rural homes rise to grade 2 one after the other."""
    risen = (listed.kind == RURAL_HOME) & (unit(listed.keys, "risen") < 0.98 * (year - 2018) / 7)
    grade = np.searchsorted([0.35, 0.7, 0.9, 0.97], unit(listed.keys, "grade"))
    return np.where(risen, np.maximum(grade, 1), grade), (pick(listed.keys, "rated", 10) == 0) & ~risen


def _defects(year: int) -> Defects:
    kinds = (
        Defect("required", "beds_total", "—"),
        Defect("number_format", "beds_nursing", "约60张"),
        *each("out_of_range", beds_total="12000", beds_nursing="-1"),
        *each("not_in_codes", facility_type="老年公寓", is_registered="备案中"),
        Defect("required", "is_comprehensive", "不详"),
        Defect("not_in_codes", "grade", "AAA"),
        Defect("pattern", "facility_id", "苏养老001"),
        *wrong_codes(year, "329911"),
        Defect("pattern", "township_code", "3201020010"),
        Defect("date_format", "open_date", "建国初期"),
        Defect("date_impossible", "close_date", f"{year}年11月31日"),
        Defect("encoding", "facility_type", "养老机构".encode("gb18030")[:-1]),
        *RAGGED,
    )
    repeat = {"设施名称": "重复填报设施（模拟）", "beds_total": "9", "beds_nursing": "9"}
    return Defects(kinds, {"facility_id": "YL999{:06d}"}, repeat)
