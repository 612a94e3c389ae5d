"""幼儿园基层统计: every kindergarten at the start of a school year, its children by age."""

from __future__ import annotations

from functools import cache

import numpy as np
import polars as pl

from sandbox.apportion import Floats, Ints, apportion, share_out
from sandbox.course import ENROLLED, INCLUSIVE, numerators
from sandbox.defects import Defect, Defects, Row
from sandbox.demography import estimate
from sandbox.draw import Keys, generator, mix, pick, unit
from sandbox.frame import read_frame, read_points
from sandbox.inbox import USUAL, Inbox
from sandbox.population import by_unit
from sandbox.towns import choose_towns, read_towns, rural_shares
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
        units = len(read_frame().codes)
        for u in range(units):
            factor = 2 if wrong and u % 20 == 7 else 1
            file.append(_rows(u, year, inbox.seed, int(enrolled[u]), int(inclusive[u]), factor), (u + 1) / units)
    return file.name


def _rows(u: int, year: int, seed: int, enrolled: int, inclusive: int, factor: int) -> pl.DataFrame:
    frame, draw = read_frame(), generator(seed, "kindergartens", year, u)
    first, n = round(CLOSING * _places(2020)[u] * (year - 2019)), int(_places(year)[u])
    place = np.arange(first, first + n)
    keys = mix(np.uint64(u) << np.uint64(32) | place.astype(np.uint64), seed)
    kind, since, until = _recognise(place, keys, year)
    sizes = np.exp(0.45 * draw.normal(size=n) + 1.2 * (unit(keys, "size") - 0.5))
    counts = _enrol(kind, until, year, enrolled, inclusive, sizes) * factor
    towns = list(read_towns(u)["township_code"])
    town, no_town = choose_towns(np.full(n, u), keys, rural_shares(3, 5)), np.full(n, not towns)
    lon, lat = (at + 0.1 * (unit(keys, axis) - 0.5) for at, axis in zip(read_points()[u], ("lon", "lat"), strict=True))
    lost, estate = draw.random(n) < 0.01, pick(keys, "estate", 100)
    return pl.DataFrame(
        {
            "school_year": pl.repeat(f"{year}/{year + 1}", n, eager=True),
            "kindergarten_id": pl.Series([f"9{u:03d}{p:06d}" for p in place]),  # stays when the county's code changes
            "name": frame.names[u] + "第" + pl.Series(place + 1).cast(pl.String) + "幼儿园（模拟）",
            "county_code": pl.repeat(frame.labels(year)[u], n, eager=True),
            "township_code": write_words(towns, town, draw, no_town),
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


def _enrol(kind: Ints, until: Ints, year: int, enrolled: int, inclusive: int, sizes: Floats) -> Ints:
    """Children (places, 5): under 3, then 3, 4, 5, 6 and over, adding up to the unit's two totals."""
    counted = (kind == 0) | ((kind == 1) & ((until == 0) | (until > day(year, 9, 1))))
    cells = sizes[:, None] * AGES
    shares = apportion(
        np.array([inclusive, enrolled - inclusive]),
        np.stack([np.where(g[:, None], cells, 0).ravel() for g in (counted, ~counted)]),
    )
    older = shares.sum(axis=0).reshape(cells.shape)
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
