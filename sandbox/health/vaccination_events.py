"""预防接种记录: every dose that is given in a year, and the records that must not count."""

from __future__ import annotations

import numpy as np
import polars as pl

from sandbox.health.doses import IN_TIME, PRIVATE, Shots, give_doses
from sandbox.health.vaccine_schedule import read_schedule
from sandbox.paper.defects import Columns, Defect, Defects, ways
from sandbox.paper.inbox import Inbox
from sandbox.paper.variety import write_dates, write_ids, write_names
from sandbox.province.children import Children, find_children, list_blocks
from sandbox.province.citizen import never_born, scientific, stranger, write_young, wrong_check
from sandbox.province.counts import Bools, Ints, join, take
from sandbox.province.days import day
from sandbox.province.draw import generator, pick
from sandbox.province.frame import read_frame

SINCE = 2018  # what is given the year before the first may count in the first
SITES = 20  # vaccination clinics of a unit
# Records beside those of a dose in time: it is recorded twice, a vaccine outside the programme is given with it, or a
# child who is on no card gets the same.
BESIDE = (0.012, 0.03, 0.008)
TWICE, OUTSIDE, STRANGE, ITSELF = range(4)
OTHERS = ("VarV", "Hib", "RV5", "EV71")  # vaccines outside the programme
UNKNOWN = (90_000, 9_000)  # serials of children without a card: the first, and how many of a cohort


def write(inbox: Inbox, year: int) -> None:
    """预防接种记录_<year>年: what is given in the year."""
    blocks, number = list_blocks(inbox.scale), 0
    with inbox.open(__name__, year, _defects(year)) as file:
        for i, block in enumerate(blocks):
            columns = _rows(block, year, number, inbox)
            file.append(columns, (i + 1) / len(blocks))
            number += len(columns["event_id"])


def _rows(block: tuple[int, int], year: int, number: int, inbox: Inbox) -> Columns:
    """The records of the cohorts of a block of units by their days, numbered on from number."""
    schedule, children = read_schedule(), find_children(*block, inbox.scale, inbox.seed)
    draw = generator(inbox.seed, "shots", year, block[0])
    shots, beside = _find_shots(block, year, inbox, draw)
    n, child = len(beside), shots.child
    names = [*schedule.vaccine, *OTHERS]
    outside = len(schedule.vaccine) + draw.integers(0, len(OTHERS), n)
    sites = pl.Series([f"{code}{i:04d}" for code in read_frame().codes for i in range(1, SITES + 1)])
    site = (pick(children.keys[child], "site", SITES) + (beside == TWICE)) % SITES
    lots = pl.Series([f"{year % 100}{i:04d}" for i in range(500)] + [None])
    return {
        "event_id": "V" + pl.Series(year * 10**9 + number + np.arange(n)).cast(pl.String),
        "child_key": write_ids(_find_ids(children, child, beside == STRANGE, inbox.seed), draw),
        "儿童姓名": write_names(pick(children.keys[child], "name", 40_000)),
        "vaccine_code": pl.Series(names).gather(np.where(beside == OUTSIDE, outside, shots.row)),
        "dose_no": pl.Series(np.where(beside == OUTSIDE, 1, schedule.dose[shots.row])),
        "vaccination_date": write_dates(shots.day, draw),
        "site_code": sites.gather(children.home[child] * SITES + site),
        "疫苗批号": lots.gather(draw.integers(0, len(lots), n)),
        "is_programme": pl.Series((shots.way != PRIVATE) & (beside != OUTSIDE)),
    }


def _find_shots(block: tuple[int, int], year: int, inbox: Inbox, draw: np.random.Generator) -> tuple[Shots, Ints]:
    """(the year's doses by day, some of them again; what each record is beside the dose itself)."""
    plans = [give_doses(block, last, inbox.scale, inbox.seed) for last in (year, year + 1)]
    shots = join(*plans)
    here = np.flatnonzero((shots.day >= day(year)) & (shots.day < day(year + 1)))
    kind = np.searchsorted(np.cumsum(BESIDE), draw.random(len(here)), side="right")
    again = (kind != ITSELF) & (shots.way[here] == IN_TIME)
    rows = np.concatenate([here, here[again]])
    beside = np.concatenate([np.full(len(here), ITSELF), kind[again]])
    days = shots.day[rows] + np.where(beside == TWICE, draw.integers(0, 2, len(rows)), 0)
    order = np.argsort(days, kind="stable")
    rows, days, beside = rows[order], np.minimum(days, day(year + 1) - 1)[order], beside[order]
    return take(shots, rows)._replace(day=days), beside


def _find_ids(children: Children, child: Ints, strange: Bools, seed: int) -> pl.Series:
    """The children's citizen numbers; the strange ones' are those of somebody born the same year."""
    rows = np.flatnonzero(strange)
    who = child[rows]
    first, many = UNKNOWN
    others = write_young(children.home[who], children.birth_year[who], first + children.serial[who] % many, seed)[1]
    return children.ids.gather(child).scatter(rows, others)


def _defects(year: int) -> Defects:
    kinds = (
        Defect("id_check_digit", "child_key", wrong_check),
        Defect("broken_json", "*"),
        Defect("id_scientific", "child_key", scientific),
        Defect("outside_period", "vaccination_date", f"{year - 1}-12-28"),
        Defect("required", "vaccine_code"),
        Defect("pattern", "vaccine_code", "五联"),
        *ways("dose_no", number_format="第二剂", out_of_range=12, required=None),
        Defect("id_birth_date", "child_key", never_born),
        *ways("vaccination_date", date_format="周三上午", date_impossible=f"{year}-02-30", required=None),
        Defect("not_in_codes", "is_programme", "自费"),
        Defect("pattern", "site_code", "门诊3"),
        Defect("id_format", "child_key", lambda good: good[:-1]),
        Defect("pattern", "event_id", "暂未编号"),
    )
    return Defects(
        kinds,
        {"event_id": f"V{year}9{{:08d}}", "child_key": stranger(year, 10)},
        {"site_code": "3201020001", "疫苗批号": None},
    )
