"""城乡社会救助家庭成员: members of households on assistance, among them some of the children in difficulty."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import polars as pl

from sandbox.paper.defects import RAGGED, Columns, Defect, Defects, wrong_codes, wrong_numbers
from sandbox.paper.inbox import Inbox
from sandbox.paper.variety import write_dates, write_flags, write_ids, write_names, write_words
from sandbox.province.citizen import number, stranger, write_citizen
from sandbox.province.counts import Ints, join, number_off, take
from sandbox.province.days import day
from sandbox.province.draw import Keys, choose, generator, mix, pick, unit
from sandbox.province.frame import read_frame
from sandbox.province.minors import BY_DIBAO, BY_EDGE, ENDED, NOTHING, PLACE, WINDOW, Minors, find_minors

CATEGORIES = ["最低生活保障", "特困供养", "低保边缘家庭", "支出型困难家庭"]
DIBAO, DESTITUTE, EDGE, SPENDING = range(4)
REVIEWS = ["继续救助", "调整待遇", "停止救助", "未复核"]
MEMBERS = PLACE + 1  # a pair of area codes of their own, the last before the strangers'
ELDER = 28  # years by which a child's guardian is older: born before any child, so that both share their area codes
ROWS = 900_000  # of a year at full scale, 1.2 million with the edge of dibao and the children's households: assumed
FIRST, YEARS = 2007, 19.2  # assistance begins on any day of so many years
SHORTEST, LONGEST = 180, 4000  # days that it lasts
PERSONS = 1.8  # of a household, on average
LARGEST = 4
NEVER = day(2040)
AGES = 84  # birth years from 1935 on: prime to the step between the members of a household
BLOCK = 20_000  # households written at a time
NEED = {-1.0: 1.5, 0.0: 1.0, 1.0: 0.6}  # how frequent assistance is by macro-region: assumed
GRADUAL = 0.3  # households on dibao that are on its edge for the year after it
INSTITUTION = {2019: 0.94, 2020: 0.96, 2021: 0.97, 2022: 0.98, 2023: 0.985, 2024: 0.99, 2025: 1.0}  # of those who wish


class Spells(NamedTuple):
    """One person's time on assistance each; days since 1900-01-01."""

    household: pl.Series
    keys: Keys  # the household's
    person: Keys
    seventeen: Ints
    unit: Ints
    category: Ints  # place in CATEGORIES
    since: Ints
    until: Ints


def write(inbox: Inbox, year: int) -> None:
    """城乡社会救助家庭成员_<year>年: everybody on assistance on some day of the year, or by the February after it."""
    spans = (YEARS * 365.25) / (366 + (SHORTEST + LONGEST) / 2)  # of time, for one that a year's file shows
    total = round(ROWS * inbox.scale / PERSONS * spans)
    starts = range(0, total, BLOCK)
    with inbox.open(__name__, year, _defects(year)) as file:
        linked = _link(find_minors(year, inbox.scale, inbox.seed), year)
        file.append(_rows(linked, year, generator(inbox.seed, "linked", year)), 0.01)
        for part, start in enumerate(starts, 1):
            spells = _list(np.arange(start, min(start + BLOCK, total)), inbox.seed)
            file.append(_rows(spells, year, generator(inbox.seed, "assistance", year, part)), part / len(starts))


def _list(households: Ints, seed: int) -> Spells:
    """Members of the households, some of them once more, on the edge of dibao after it."""
    keys = mix(households.astype(np.uint64), seed)
    category = np.searchsorted([0.55, 0.75, 0.90], unit(keys, "support"), side="right")
    size = np.where(category == DESTITUTE, 1, np.searchsorted([0.4, 0.7, 0.88], unit(keys, "size"), side="right") + 1)
    row = np.repeat(np.arange(len(households)), size)
    member = LARGEST * households[row] + number_off(size)
    birthday, seventeen = number(MEMBERS, 1935 + 37 * member % AGES, member // AGES, np.zeros_like(member))
    begun = day(FIRST) + (unit(keys, "begun") * YEARS * 365.25).astype(np.int64)
    ended = begun + SHORTEST + (unit(keys, "ended") * (LONGEST - SHORTEST)).astype(np.int64)
    frame = read_frame()
    home = choose(keys, "home", frame.bands.sum(axis=(1, 2)) * np.array([NEED[m] for m in frame.macro]))
    names = ("J" + pl.Series(households).cast(pl.String).str.zfill(10)).gather(row)
    person = mix(member.astype(np.uint64), "member")
    since = np.maximum(begun[row], birthday)
    first = Spells(names, keys[row], person, seventeen, home[row], category[row], since, ended[row])
    edge = np.flatnonzero((category == DIBAO) & (unit(keys, "gradual") < GRADUAL))
    again = np.flatnonzero(np.isin(row, edge))
    second = take(first, again)
    second = second._replace(category=np.full(len(again), EDGE), since=second.until, until=second.until + 365)
    return join(first, second)


def _link(minors: Minors, year: int) -> Spells:
    """Children in difficulty whose household is on assistance, and with each of them a guardian."""
    child = np.flatnonzero(minors.household != NOTHING)
    at = take(minors, child)
    nobody = np.zeros_like(child)
    names = "J" + pl.Series(at.birth_year * 10**6 + at.serial).cast(pl.String)
    is_over, on_edge = at.household == ENDED, at.household == BY_EDGE  # over in the autumn: not on at the year's end
    category = np.select([is_over, on_edge], [DIBAO, EDGE], DIBAO + at.household - BY_DIBAO)
    since = np.where(is_over, np.minimum(at.since, day(year, 2)), at.since)
    until = np.where(is_over, day(year, 10) + pick(at.keys, "over", 60), np.where(at.until > 0, at.until, NEVER))
    own = number(PLACE, at.birth_year, at.serial, nobody)[1]
    children = Spells(names, at.keys, at.keys, own, at.unit, category, since, until)
    guardians = children._replace(
        person=mix(at.keys, "guardian"), seventeen=number(PLACE, at.birth_year - ELDER, at.serial, nobody)[1]
    )
    return join(children, guardians)


def _rows(spells: Spells, year: int, draw: np.random.Generator) -> Columns:
    """The spells that touch the year, as they are known when the file is made."""
    made, order = day(year + 1, *WINDOW), np.argsort(spells.keys, kind="stable")
    shown = (spells.since < made) & (spells.until >= day(year)) & (spells.since < spells.until)
    at = take(spells, order[shown[order]])
    n, is_known, is_destitute = len(at.keys), at.until < made, at.category == DESTITUTE
    wish, place = unit(at.person, "wish") < 0.35, unit(at.person, "institution")
    cared_for = np.where(wish, place < INSTITUTION[year], place < 0.01)
    review = np.where(is_known, 2, np.searchsorted([0.7, 0.95, 0.95], draw.random(n), side="right"))
    return {
        "household_key": at.household,
        "person_key": write_ids(write_citizen(at.seventeen), draw),
        "姓名": write_names(pick(at.person, "name", 40_000)),
        "county_code": read_frame().codes_in(year, at.unit),
        "category": pl.Series(CATEGORIES).gather(at.category),
        "from_date": write_dates(at.since, draw),
        "to_date": write_dates(at.until, draw, ~is_known),
        "wish_institution": write_flags(wish, draw, ~is_destitute),
        "in_institution": write_flags(cared_for, draw, ~is_destitute),
        "review_result": write_words(REVIEWS, review, draw, draw.random(n) < 0.01),
    }


def _defects(year: int) -> Defects:
    kinds = (
        *wrong_numbers("person_key", lambda good: good + "1"),
        Defect("required", "person_key", "暂无"),
        Defect("pattern", "household_key", "J12"),
        Defect("not_in_codes", "category", "临时救助"),
        Defect("required", "from_date", "—"),
        Defect("date_impossible", "to_date", f"{year}-02-30"),
        Defect("date_format", "from_date", "去年年底"),
        Defect("not_in_codes", "wish_institution", "未表态"),
        *wrong_codes(year, "329906"),
        Defect("not_in_codes", "review_result", "待入户"),
        Defect("encoding", "category", "特困供养".encode("gb18030")[:-1]),
        *RAGGED,
    )
    return Defects(kinds, {"person_key": stranger(year, 22)}, {"review_result": "", "姓名": "重复记录"})
