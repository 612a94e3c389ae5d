"""离校人员: who left a school in a year, with how many years of schooling, and whether to study on."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import numpy as np
import polars as pl

from ingest.promises.plan import read_plan
from sandbox.paper.defects import Columns, Defect, Defects, each, ways, wrong_codes, wrong_numbers
from sandbox.paper.inbox import Inbox
from sandbox.paper.rows import BLOCK_ROWS
from sandbox.paper.variety import write_dates, write_ids, write_names, write_words
from sandbox.province.citizen import stranger, write_young
from sandbox.province.counts import Floats, Ints, join, list_members, list_spans, rank_within, share_out, take
from sandbox.province.course import SCHOOLED
from sandbox.province.days import day
from sandbox.province.draw import generator
from sandbox.province.frame import read_frame

LEVELS = ("小学", "初中", "高中阶段", "专科", "本科", "硕士研究生", "博士研究生")
STATUSES, DESTINATIONS = ["毕业", "结业", "肄业"], ["升学", "就业", "未就业"]
GRADUATED, COMPLETED, DROPPED = range(3)
LEAVERS = 900_000  # in 2020, not to study on: the order of magnitude known
GROWTH = 0.01  # of their number in a year: assumed
COLLEGE, BACHELOR = 3, 4
# (level, status, years completed where that counts, share of the leavers): assumed.
KINDS = (
    (0, GRADUATED, 0.0, 0.002),
    (1, GRADUATED, 0.0, 0.012),
    (1, DROPPED, 8.0, 0.003),
    (2, GRADUATED, 0.0, 0.095),
    (2, COMPLETED, 0.0, 0.005),
    (2, DROPPED, 10.5, 0.008),
    (COLLEGE, GRADUATED, 0.0, 0.300),
    (COLLEGE, COMPLETED, 0.0, 0.006),
    (COLLEGE, DROPPED, 13.5, 0.007),
    (BACHELOR, GRADUATED, 0.0, 0.455),
    (BACHELOR, COMPLETED, 0.0, 0.004),
    (BACHELOR, DROPPED, 14.0, 0.006),
    (5, GRADUATED, 0.0, 0.087),
    (6, GRADUATED, 0.0, 0.010),
)
STUDYING = np.array([0.0, 0.40, 0.30, 0.03, 0.07, 0.01, 0.0])  # leavers to study on, by level, for one who does not
UNKNOWN = 0.004  # drop-outs of whom nobody knows the years, for one leaver
EARLIER = 0.03  # persons who had left another school earlier in the year


class Exits(NamedTuple):
    """Exits from the schools of some units."""

    unit: Ints
    level: Ints  # place in LEVELS
    status: Ints
    years: Floats  # completed, 0 where the level's own count, NaN where unknown
    destination: Ints
    person: Ints  # number in the unit and level
    date: Ints  # days since 1900-01-01


@cache
def read_years() -> Floats:
    """Years of schooling by level, as the plan's file settles them."""
    (indicator,) = (i for i in read_plan().indicators if i.indicator == "new_labour_mean_schooling_years")
    return np.array(list(indicator.choices["schooling_years"]["value"].values()), np.float64)


def count_kinds(year: int, scale: float) -> Ints:
    """Leavers of the province by kind, such that their mean years of schooling are the year's."""
    total = round(LEAVERS * scale * (1 + GROWTH * (year - 2020)))
    level, status, years, share = (np.array(column) for column in zip(*KINDS, strict=True))
    counts = share_out(total, share)
    years = np.where(status == DROPPED, years, read_years()[level])
    # A graduate more of a university and one less of a college is one year more.
    college, university = (KINDS.index(k) for k in KINDS if k[1] == GRADUATED and k[0] in (COLLEGE, BACHELOR))
    missing = round(SCHOOLED[year] * total - float(counts @ years))
    counts[[college, university]] += [-missing, missing]
    return counts


@cache
def place_leavers(year: int, scale: float, seed: int) -> Ints:
    """Leavers by unit and kind, (107, 14): at least one in a unit, the longer schooled rather in 苏南."""
    frame, draw = read_frame(), generator(seed, "exits", year)
    counts = count_kinds(year, scale)
    kind = np.repeat(np.arange(len(KINDS)), counts)
    units = len(frame.codes)
    sizes = 1 + share_out(len(kind) - units, frame.bands.sum(axis=(1, 2)))
    unit = np.repeat(np.arange(units), sizes)
    kind = kind[np.argsort(kind + draw.normal(0, 6, len(kind)), kind="stable")]
    unit = unit[np.argsort(0.5 * frame.macro[unit] + draw.normal(size=len(unit)), kind="stable")]
    return np.bincount(unit * len(KINDS) + kind, minlength=units * len(KINDS)).reshape(units, -1)


def find_exits(year: int, first: int, last: int, leavers: Ints, draw: np.random.Generator) -> Exits:
    """Of the units first..last-1: the leavers (107, 14), those who study on, drop-outs of unknown years, and earlier
    exits of some of all these.
    """
    u, kind = list_members(leavers[first:last])
    n = leavers[first:last].sum(axis=1)
    at_school, studying = list_members(draw.poisson(STUDYING * n[:, None]))
    (where,) = list_members(draw.poisson(UNKNOWN * n))
    unknown = draw.choice([2, COLLEGE, BACHELOR], len(where))
    sizes = [len(kind), len(studying), len(unknown)]
    level, status, years, _ = (np.array(column) for column in zip(*KINDS, strict=True))
    units, levels = np.concatenate([u, at_school, where]), np.concatenate([level[kind], studying, unknown])
    once = Exits(
        unit=first + units,
        level=levels,
        status=np.concatenate([status[kind], np.repeat([GRADUATED, DROPPED], sizes[1:])]),
        years=np.concatenate([years[kind], np.repeat([0.0, np.nan], sizes[1:])]),
        destination=np.concatenate([1 + (draw.random(len(kind)) < 0.2), np.repeat([0, 2], sizes[1:])]),
        person=rank_within(units * len(LEVELS) + levels, np.arange(len(levels))),
        date=day(year, 6, 1) + draw.integers(0, 200, sum(sizes)),
    )
    twice = np.flatnonzero((levels > 1) & (draw.random(len(levels)) < EARLIER))
    earlier = take(once, twice)._replace(
        status=np.full(len(twice), DROPPED),
        years=read_years()[levels[twice]] - 2,
        destination=np.ones(len(twice), np.int64),
        date=day(year, 1, 5) + draw.integers(0, 140, len(twice)),
    )
    return join(once, earlier)


def write(inbox: Inbox, year: int) -> None:
    """离校人员_<year>年: one row per exit; of two exits of a person in the year the later one counts."""
    leavers = place_leavers(year, inbox.scale, inbox.seed)
    with inbox.open(__name__, year, _defects(year)) as file:
        for first, last in list_spans(leavers.sum(axis=1), BLOCK_ROWS):
            draw = generator(inbox.seed, "exits", year, first)
            exits = find_exits(year, first, last, leavers, draw)
            file.append(_rows(exits, year, inbox.seed, draw), last / len(leavers))


def _rows(exits: Exits, year: int, seed: int, draw: np.random.Generator) -> Columns:
    # Serials of their own for each level, year and age, above those of the students' registers.
    older, place = exits.person % 2, exits.person // 2
    birth_year = year - 6 - read_years()[exits.level].astype(np.int64) - older
    serial = 100_000 + 40_000 * (2 * exits.level + older) + place
    _, ids = write_young(exits.unit, birth_year, serial, seed)
    counts = np.rint(2 * np.nan_to_num(exits.years)).astype(np.int64)
    return {
        "student_key": write_ids(ids, draw),
        "姓名": write_names(serial + birth_year),
        "exit_level": pl.Series(LEVELS).gather(exits.level),
        "exit_status": pl.Series(STATUSES).gather(exits.status),
        "years_completed": write_words([f"{i / 2:g}" for i in range(60)], counts, draw, counts == 0),
        "next_destination": pl.Series(DESTINATIONS).gather(exits.destination),
        "exit_date": write_dates(exits.date, draw),
        "county_code": read_frame().codes_in(year, exits.unit),
    }


def _defects(year: int) -> Defects:
    kinds = (
        *wrong_numbers("student_key", None),
        Defect("required", "student_key", "——"),
        *each("not_in_codes", exit_level="幼儿园", exit_status="休学", next_destination="参军"),
        Defect("required", "next_destination", "不详"),
        *ways("years_completed", number_format="两年半", out_of_range="105"),
        *ways(
            "exit_date", outside_period=f"{year - 1}-12-30", date_impossible=f"{year}年6月31日", date_format="毕业季"
        ),
        *wrong_codes(year, "329908"),
        Defect("encoding", "exit_level", "本科".encode("gb18030")[:-1]),
        Defect("ragged_row", "*", "fewer"),
    )
    return Defects(kinds, {"student_key": stranger(year, 8)}, {"next_destination": "就业"})
