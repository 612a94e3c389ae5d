"""幼儿园基层统计: every kindergarten at the start of a school year, its children by age."""

from __future__ import annotations

from functools import cache

import numpy as np
import polars as pl
from numpy.typing import NDArray

from sandbox.apportion import Floats, Ints, apportion_groups, share_out
from sandbox.course import ENROLLED, INCLUSIVE, numerators
from sandbox.defects import Defect, Defects, Row
from sandbox.demography import estimate
from sandbox.draw import Keys, generator, mix, pick, unit
from sandbox.frame import read_frame, read_points
from sandbox.inbox import USUAL, Inbox
from sandbox.population import by_unit
from sandbox.spans import number_off
from sandbox.towns import list_towns, locate, rural_shares
from sandbox.variety import day, write_counts, write_dates, write_words
from sandbox.write import CsvFile

FOLDER = "education/kindergarten_census"
# Kindergartens of the province; 2020 published (MoE table), the others assumed.
OPEN = {2019: 7843, 2020: 7903, 2021: 7921, 2022: 7908, 2023: 7870, 2024: 7816, 2025: 7752}
COLUMNS = {
    "school_year": "学年",
    "kindergarten_id": "学校（机构）标识码",
    "name": "机构名称",
    "county_code": "县区代码",
    "township_code": "乡镇街道代码",
    "ownership": "办园性质",
    "inclusive_from": "普惠认定日期",
    "inclusive_to": "普惠到期日期",
    "is_estate_supporting": "是否小区配套",
    "enrol_under3": "3岁以下在园幼儿数",
    "enrol_age3": "3岁在园幼儿数",
    "enrol_age4": "4岁在园幼儿数",
    "enrol_age5": "5岁在园幼儿数",
    "enrol_6plus": "6岁及以上在园幼儿数",
    "lon": "经度",
    "lat": "纬度",
}
ENROLMENT = [name for name in COLUMNS if name.startswith("enrol")]
OWNERSHIP = ["公办", "普惠性民办", "非普惠性民办"]
AGES = np.array([0.27, 0.34, 0.37, 0.02])  # children of 3, 4, 5, 6 and over
CLOSING = 0.006  # share of a unit's kindergartens that close in a year


def children(year: int, scale: float, seed: int) -> tuple[Ints, Ints]:
    """(all, in inclusive kindergartens): children of 3 and over by unit, both (107,)."""
    aged_3_to_5 = by_unit("census_2020", year, scale, slice(3, 6))
    enrolled = numerators("enrolled", ENROLLED[year], aged_3_to_5, year, seed, capped=False)
    return enrolled, numerators("inclusive", INCLUSIVE[year], enrolled, year, seed)


def write_kindergartens(
    inbox: Inbox, year: int, suffix: str = "", wrong: bool = False, when: tuple[float, float] = USUAL
) -> str:
    """幼儿园基层统计_<year>学年; wrong doubles the children of a few counties. Returns the file's name in the inbox."""
    columns = COLUMNS | ({"kindergarten_id": "机构标识码"} if year <= 2021 else {})
    enrolled, inclusive = children(year, inbox.scale, inbox.seed)
    stem = f"幼儿园基层统计_{year}学年{suffix}"
    with CsvFile(inbox, FOLDER, stem, columns, "gb18030", str(year), when) as file:
        file.spoil(_defects(year))
        factor = np.where(wrong & (np.arange(len(enrolled)) % 20 == 7), 2, 1)
        file.append(_rows(year, inbox.seed, enrolled, inclusive, factor))
    return file.name


def _rows(year: int, seed: int, enrolled: Ints, inclusive: Ints, factor: Ints) -> pl.DataFrame:
    """The kindergartens of all units, which are as many at any scale."""
    frame, draw = read_frame(), generator(seed, "kindergartens", year)
    closed = np.rint(CLOSING * _places(2020) * (year - 2019)).astype(np.int64)
    u = np.repeat(np.arange(len(closed)), _places(year))
    n, place = len(u), closed[u] + number_off(_places(year))
    keys = mix(u.astype(np.uint64) << np.uint64(32) | place.astype(np.uint64), seed)
    kind, since, until = _recognise(place, keys, year)
    sizes = np.exp(0.45 * draw.normal(size=n) + 1.2 * (unit(keys, "size") - 0.5))
    counted = (kind == 0) | ((kind == 1) & ((until == 0) | (until > day(year, 9, 1))))
    counts = _enrol(u, counted, enrolled, inclusive, sizes) * factor[u, None]
    towns, town = list_towns()["township_code"].to_list(), locate(u, keys, rural_shares(3, 5))
    points = np.array(read_points())[u]
    lon, lat = (points[:, i] + 0.1 * (unit(keys, axis) - 0.5) for i, axis in enumerate(("lon", "lat")))
    lost, estate = draw.random(n) < 0.01, pick(keys, "estate", 100)
    return pl.DataFrame(
        {
            "school_year": pl.repeat(f"{year}/{year + 1}", n, eager=True),
            # stays when the county's code changes
            "kindergarten_id": pl.Series(9 * 10**9 + u * 10**6 + place).cast(pl.String),
            "name": pl.Series(frame.names).gather(u) + "第" + pl.Series(place + 1).cast(pl.String) + "幼儿园（模拟）",
            "county_code": pl.Series(frame.labels(year)).gather(u),
            "township_code": write_words(towns, town, draw, town < 0),
            "ownership": pl.Series(OWNERSHIP).gather(kind),
            "inclusive_from": write_dates(since, draw, since == 0),
            "inclusive_to": write_dates(until, draw, until == 0),
            "is_estate_supporting": write_words(["是", "否"], (estate > 30).astype(int), draw, estate > 94),
            **{name: write_counts(numbers, draw) for name, numbers in zip(ENROLMENT, counts.T, strict=True)},
            "lon": write_words([f"{x:.6f}" for x in lon], np.arange(n), draw, lost),
            "lat": write_words([f"{x:.6f}" for x in lat], np.arange(n), draw, lost),
        }
    )


@cache
def _places(year: int) -> Ints:
    """Open kindergartens by unit; at least 8, so that each unit has every kind."""
    children = estimate("census_2020")[2020][:, :, 3:6].sum(axis=(1, 2))
    n = len(children)
    return 8 + share_out(OPEN[year] - 8 * n, children)


def _recognise(place: Ints, keys: Keys, year: int) -> tuple[Ints, Ints, Ints]:
    """(index in OWNERSHIP, recognised from, until) on the census day; 0 for no date.

    Every third place is public and every seventh never recognised. A few recognitions have run out: those
    kindergartens still call themselves inclusive and do not count.
    """
    from_year = 2014 + pick(keys, "recognised", 22)
    private = np.where(from_year <= year, 1, 2)
    kind = np.where(place % 7 == 3, 2, np.where((place % 3 == 0) | (pick(keys, "public", 4) == 0), 0, private))
    lapsed = (kind == 1) & (pick(keys, "lapsed", 30) == 0) & (from_year + 3 <= year)
    since = day(from_year, 3, 1 + pick(keys, "since", 28))
    renewed = np.where(lapsed, 0, np.maximum(year - from_year, 0) // 3)
    until = day(from_year + 3 + 3 * renewed, np.where(lapsed, 6, 12), 30)
    endless = (pick(keys, "endless", 50) == 0) & ~lapsed
    return kind, np.where(kind == 1, since, 0), np.where((kind == 1) & ~endless, until, 0)


def _enrol(u: Ints, counted: NDArray[np.bool_], enrolled: Ints, inclusive: Ints, sizes: Floats) -> Ints:
    """Children (places, 5): under 3, then 3, 4, 5, 6 and over, adding up to each unit's two totals."""
    cells, group = sizes[:, None] * AGES, np.repeat(2 * u + counted, len(AGES))
    totals = np.stack([enrolled - inclusive, inclusive], axis=1).ravel()
    older = apportion_groups(totals, cells.ravel(), group).reshape(cells.shape)
    return np.concatenate([older.sum(axis=1, keepdims=True) // 25, older], axis=1)


def _defects(year: int) -> Defects:
    kinds = (
        Defect("unknown_region", "county_code", "329901"),
        Defect("expired_region", "county_code", "320684" if year > 2020 else "320721"),
        Defect("required", "enrol_age4", "—"),
        Defect("not_in_codes", "ownership", "民办公助"),
        Defect("number_format", "enrol_age3", "三十余"),
        Defect("out_of_range", "enrol_age5", "99999"),
        Defect("out_of_range", "lon", "32.061700"),
        Defect("pattern", "kindergarten_id", "21320-0001"),
        Defect("pattern", "township_code", "3201020"),
        Defect("date_impossible", "inclusive_from", f"{year - 1}年2月30日"),
        Defect("date_format", "inclusive_to", "长期有效"),
        Defect("encoding", "ownership", "公办".encode("gb18030")[:-1]),
        Defect("ragged_row", "*", "more"),
        Defect("ragged_row", "*", "fewer"),
        Defect("required", "kindergarten_id", ""),
    )
    repeat = {"name": "重复报送幼儿园（模拟）", "enrol_age3": "7", "enrol_age4": "9"}
    return Defects(kinds, _renew, "kindergarten_id", repeat)


def _renew(row: Row, serial: int) -> Row:
    return {**row, "kindergarten_id": f"8{serial:09d}"}
