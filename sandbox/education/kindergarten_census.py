"""幼儿园基层统计: every kindergarten at the start of a school year, its children by age."""

from __future__ import annotations

from functools import cache

import numpy as np
import polars as pl

from sandbox.paper.defects import RAGGED, Columns, Defect, Defects, each, wrong_codes
from sandbox.paper.inbox import AFTER, USUAL, Inbox
from sandbox.paper.variety import write_counts, write_dates, write_flags, write_texts, write_towns
from sandbox.province.counts import Bools, Floats, Ints, apportion_groups, number_off, share_out
from sandbox.province.course import ENROLLED, INCLUSIVE, numerators
from sandbox.province.days import day
from sandbox.province.demography import estimate
from sandbox.province.draw import Keys, generator, mix, pair, pick, unit
from sandbox.province.frame import read_frame
from sandbox.province.population import by_unit
from sandbox.province.towns import locate, name_places, rural_shares, scatter

# Kindergartens of the province; 2020 published (MoE table), the others assumed.
OPEN = {2019: 7843, 2020: 7903, 2021: 7921, 2022: 7908, 2023: 7870, 2024: 7816, 2025: 7752}
ENROLMENT = ("enrol_under3", "enrol_age3", "enrol_age4", "enrol_age5", "enrol_6plus")
OWNERSHIP = ["公办", "普惠性民办", "非普惠性民办"]
AGES = np.array([0.27, 0.34, 0.37, 0.02])  # children of 3, 4, 5, 6 and over
CLOSING = 0.006  # share of a unit's kindergartens that close in a year


def children(year: int, scale: float, seed: int) -> tuple[Ints, Ints]:
    """(all, in inclusive kindergartens): children of 3 and over by unit, both (107,)."""
    aged_3_to_5 = by_unit(year, scale, slice(3, 6))
    enrolled = numerators("enrolled", ENROLLED[year], aged_3_to_5, year, seed, capped=False)
    return enrolled, numerators("inclusive", INCLUSIVE[year], enrolled, year, seed)


def write(inbox: Inbox, year: int) -> None:
    """幼儿园基层统计_<year>学年; one year is sent with wrong numbers first, and corrected before the due date."""
    is_wrong = year == inbox.nth(3)
    sent = _send(inbox, year, is_wrong)
    if is_wrong:
        better = _send(inbox, year, False, "_更正", AFTER)
        inbox.key.superseded.append({"file": sent, "by": better})


def _send(inbox: Inbox, year: int, is_wrong: bool, suffix: str = "", when: tuple[float, float] = USUAL) -> str:
    """Wrong numbers are the children of a few counties, doubled. Returns the file's name in the inbox."""
    enrolled, inclusive = children(year, inbox.scale, inbox.seed)
    factor = np.where(is_wrong & (np.arange(len(enrolled)) % 20 == 7), 2, 1)
    old = ["kindergarten_id"] if year <= 2021 else []
    with inbox.open(__name__, year, _defects(year), suffix=suffix, old=old, when=when) as file:
        file.append(_rows(year, inbox.seed, enrolled, inclusive, factor))
    return inbox.name(file.path)


def _rows(year: int, seed: int, enrolled: Ints, inclusive: Ints, factor: Ints) -> Columns:
    """The kindergartens of all units, which are as many at any scale."""
    draw = generator(seed, "kindergartens", year)
    closed = np.rint(CLOSING * _places(2020) * (year - 2019)).astype(np.int64)
    u = np.repeat(np.arange(len(closed)), _places(year))
    n, place = len(u), closed[u] + number_off(_places(year))
    keys = mix(pair(u, place), seed)
    kind, since, until = _recognise(place, keys, year)
    sizes = np.exp(0.45 * draw.normal(size=n) + 1.2 * (unit(keys, "size") - 0.5))
    counted = (kind == 0) | ((kind == 1) & ((until == 0) | (until > day(year, 9, 1))))
    counts = _enrol(u, counted, enrolled, inclusive, sizes) * factor[u, None]
    town, (lon, lat) = locate(u, keys, rural_shares(3, 5)), scatter(u, keys)
    lost, estate = draw.random(n) < 0.01, pick(keys, "estate", 100)
    return {
        "学年": pl.repeat(f"{year}/{year + 1}", n, eager=True),
        # stays when the county's code changes
        "kindergarten_id": pl.Series(9 * 10**9 + u * 10**6 + place).cast(pl.String),
        "机构名称": name_places(u, place, "幼儿园"),
        "county_code": read_frame().codes_in(year, u),
        "township_code": write_towns(town, draw, town < 0),
        "ownership": pl.Series(OWNERSHIP).gather(kind),
        "inclusive_from": write_dates(since, draw, since == 0),
        "inclusive_to": write_dates(until, draw, until == 0),
        "is_estate_supporting": write_flags(estate <= 30, draw, estate > 94),
        **{name: write_counts(numbers, draw) for name, numbers in zip(ENROLMENT, counts.T, strict=True)},
        "lon": write_texts(lon, draw, lost),
        "lat": write_texts(lat, draw, lost),
    }


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


def _enrol(u: Ints, counted: Bools, enrolled: Ints, inclusive: Ints, sizes: Floats) -> Ints:
    """Children (places, 5): under 3, then 3, 4, 5, 6 and over, adding up to each unit's two totals."""
    cells, group = sizes[:, None] * AGES, np.repeat(2 * u + counted, len(AGES))
    totals = np.stack([enrolled - inclusive, inclusive], axis=1).ravel()
    older = apportion_groups(totals, cells.ravel(), group).reshape(cells.shape)
    return np.concatenate([older.sum(axis=1, keepdims=True) // 25, older], axis=1)


def _defects(year: int) -> Defects:
    kinds = (
        *wrong_codes(year, "329901"),
        Defect("required", "enrol_age4", "—"),
        Defect("not_in_codes", "ownership", "民办公助"),
        Defect("number_format", "enrol_age3", "三十余"),
        *each("out_of_range", enrol_age5="99999", lon="32.061700"),
        *each("pattern", kindergarten_id="21320-0001", township_code="3201020"),
        Defect("date_impossible", "inclusive_from", f"{year - 1}年2月30日"),
        Defect("date_format", "inclusive_to", "长期有效"),
        Defect("encoding", "ownership", "公办".encode("gb18030")[:-1]),
        *RAGGED,
        Defect("required", "kindergarten_id", ""),
    )
    repeat = {"机构名称": "重复报送幼儿园（模拟）", "enrol_age3": "7", "enrol_age4": "9"}
    return Defects(kinds, {"kindergarten_id": "8{:09d}"}, repeat)
