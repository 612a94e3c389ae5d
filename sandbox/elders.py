"""老年人基本信息: persons who stay themselves from year to year, aged 60 and over, and the spells they are registered for."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import polars as pl
from numpy.typing import NDArray

from sandbox.apportion import Ints, share_out
from sandbox.citizen import STRANGERS, number, write_citizen
from sandbox.defects import Defect, Defects, Row, more_at
from sandbox.draw import Keys, generator, mix, pick, unit
from sandbox.frame import read, read_frame, read_townships
from sandbox.population import YEARS, by_unit, estimate, survival
from sandbox.variety import day, write_addresses, write_dates, write_ids, write_names, write_words
from sandbox.write import CsvFile, Inbox

FOLDER = "civil_affairs/elder_profiles"
COLUMNS = {
    "person_key": "身份证号",
    "name": "姓名",
    "birth_date": "出生日期",
    "county_code": "居住县区代码",
    "resident_township": "居住乡镇代码",
    "address": "住址",
    "hukou_county": "户籍县区代码",
    "residence_type": "居住方式",
    "assessment_level": "能力评估等级",
    "assessment_date": "评估日期",
    "age_friendly_renovation_date": "适老化改造日期",
    "valid_from": "登记日期",
    "valid_to": "注销日期",
}
OLDEST = 1918  # birth year that holds everybody older as well
COHORTS = YEARS[-1] - 59 - OLDEST  # birth years that turn 60 by the last year, and one more
INSTITUTION = 0.02
MOVING = 0.002  # share of persons who move to an institution in a year
ELSEWHERE = ["341122", "341522", "410725", "371321", "330106", "420116", "411602", "340881"]  # counties of other provinces
LEVELS = ["能力完好", "轻度失能", "中度失能", "重度失能", "完全失能"]


@dataclass(frozen=True)
class Windows:
    """Serial numbers of each unit's birth years: those in [low, high) are present at the year end."""

    low: Ints  # (8 years, 107 units, COHORTS)
    high: Ints
    early: Ints  # (107, COHORTS) the first serials are registered a year before they turn 60


@dataclass(frozen=True)
class People:
    """Persons of one unit on the register in one year; days count from 1900-01-01."""

    birth_year: Ints
    serial: Ints
    keys: Keys
    since: Ints  # registered
    until: Ints  # left the register, 0 while on it
    moved: Ints  # moved from home to an institution, 0 if not (yet)
    institution: NDArray[np.bool_]  # in an institution for the whole of the spell

    def at_home(self, year: int) -> NDArray[np.bool_]:
        """Aged 60 and at home on any day of the year."""
        return ~self.institution & (self.birth_year <= year - 60)


@cache
def read_windows(scale: float, seed: int) -> Windows:
    """Who is present at each year end, from 2018 on.

    Each year those who turn 60 come in at the upper end of a new window and the dead leave at the lower ends, shared
    over the birth years by mortality, so that every unit has the persons of 60 and over that 常住人口 gives it.
    """
    units = len(read_frame().codes)
    low, high = (np.zeros((len(YEARS), units, COHORTS), np.int64) for _ in range(2))
    people = estimate("census_2020")
    for i, year in enumerate(YEARS):
        older = by_unit("census_2020", year, scale, slice(60, 101))
        ages = np.clip(year - OLDEST - np.arange(COHORTS), 0, 100)
        weights = np.where(ages >= 60, people[year].sum(axis=1)[:, ages], 0.0)
        dying = np.where(ages > 60, (1 - survival().mean(axis=0))[ages], 0.0)
        if i:
            low[i], high[i] = low[i - 1], high[i - 1]
            entering = np.minimum(np.rint(scale * weights[:, ages == 60][:, 0]).astype(np.int64), older)
            high[i][:, ages == 60] = entering[:, None]
        for u in range(units):
            present = high[i, u] - low[i, u]
            change = int(older[u] - present.sum())
            if change >= 0:
                high[i, u] += share_out(change, weights[u])
            else:
                low[i, u] += share_out(-change, dying * present, np.where(ages > 60, present, 0))
    turning = np.stack([people[min(max(OLDEST + b + 59, YEARS[0]), YEARS[-1])][:, :, 59].sum(axis=1) for b in range(COHORTS)], axis=1)
    luck = generator(seed, "elders", "early").random(turning.shape)
    return Windows(low, high, np.floor(0.02 * scale * turning + luck).astype(np.int64))


def find_people(year: int, u: int, scale: float, seed: int) -> People:
    """Everybody of a unit who is on the register on some day of the year."""
    windows, i = read_windows(scale, seed), YEARS.index(year)
    cohort = np.arange(COHORTS)
    low, high = windows.low[:, u], windows.high[:, u]
    gone_from, gone_to = (low[i - 1], low[i])
    early = np.where(OLDEST + cohort == year - 59, windows.early[u], 0)
    counts = np.concatenate([high[i] - low[i], gone_to - gone_from, early])
    starts = np.concatenate([low[i], gone_from, np.zeros_like(early)])
    serial = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts - starts, counts)
    birth_year = np.repeat(np.tile(OLDEST + cohort, 3), counts)
    left = np.repeat(np.arange(3) == 1, COHORTS).repeat(counts)
    keys = mix(np.uint64(u) << np.uint64(48) | birth_year.astype(np.uint64) << np.uint64(32) | serial.astype(np.uint64), seed)
    since = _registered(windows, u, birth_year, serial, keys)
    until = np.where(left, day(year, 1, 15) + pick(keys, "left", 350), 0)
    return _settle(People(birth_year, serial, keys, since, until, np.zeros_like(since), left), year)


def write_elders(inbox: Inbox, year: int) -> Ints:
    """老年人基本信息_<year>年. Returns the persons of 60 and over at home on any day of the year, by unit (107,)."""
    units = len(read_frame().codes)
    at_home = np.zeros(units, np.int64)
    with CsvFile(inbox, FOLDER, f"老年人基本信息_{year}年", COLUMNS, "gb18030", str(year)) as file:
        defects = _defects(year)
        file.spoil(defects, len(defects.kinds) + 1 + more_at(inbox.scale))
        for u in range(units):
            people = find_people(year, u, inbox.scale, inbox.seed)
            at_home[u] = people.at_home(year).sum()
            file.append(_rows(people, year, u, inbox.seed), (u + 1) / units)
    return at_home


def write_numbers(people: People, u: int, seed: int) -> tuple[Ints, pl.Series]:
    """(birthdays, citizen numbers) of the persons of a unit."""
    shift = pick(mix(np.uint64(u) << np.uint64(32) | people.birth_year.astype(np.uint64), seed), "cohort", 2_000_000)
    birthday, seventeen = number(u, people.birth_year, people.serial, shift)
    return birthday, write_citizen(seventeen)


def take(people: People, rows: NDArray[np.int64] | NDArray[np.bool_]) -> People:
    return People(**{name: values[rows] for name, values in vars(people).items()})


def _registered(windows: Windows, u: int, birth_year: Ints, serial: Ints, keys: Keys) -> Ints:
    """First day on the register: in the year of the 60th birthday, or when a person came to the county, or a year early."""
    cohort = birth_year - OLDEST
    came = (windows.high[:, u][:, cohort] <= serial).sum(axis=0) + YEARS[0]  # first year end at which present
    early = serial < windows.early[u, cohort]
    year = np.where(early, birth_year + 59, np.maximum(came, birth_year + 60))
    stock = np.minimum(np.maximum(birth_year + 60, 2006) + pick(keys, "stock", 6), YEARS[0])
    return day(np.where(came <= YEARS[0], stock, year)) + 30 + pick(keys, "registered", 330)


def _settle(people: People, year: int) -> People:
    """Where each person lives: 2 % in institutions throughout, some move there, in a year of their own."""
    luck = unit(people.keys, "institution")
    moving_year = YEARS[1] + ((luck - INSTITUTION) / MOVING).astype(np.int64)
    mover = (luck >= INSTITUTION) & (moving_year <= year) & (moving_year >= YEARS[1])
    moved = day(np.where(mover, moving_year, year), 2, 1) + pick(people.keys, "moved", 300)
    stays = (moved <= people.since + 1) | ((people.until > 0) & (moving_year == year))
    moved = np.where(mover & ~stays, moved, 0)
    return People(**{**vars(people), "moved": moved, "institution": (luck < INSTITUTION) | ((moved > 0) & (moved < day(year)))})


def _rows(people: People, year: int, u: int, seed: int) -> pl.DataFrame:
    """One row per spell: who moved during the year has two."""
    frame, draw = read_frame(), generator(seed, "elders", year, u)
    moving = np.flatnonzero((people.moved > 0) & ~people.institution)
    rows = np.sort(np.concatenate([np.arange(len(people.keys)), moving]), kind="stable")
    second = np.concatenate([[False], rows[1:] == rows[:-1]]) if len(rows) else np.zeros(0, bool)
    birthday, ids = write_numbers(people, u, seed)
    at, n = take(people, rows), len(rows)
    since = np.where((at.moved > 0) & (second | at.institution), at.moved, at.since)
    until = np.where((at.moved > 0) & ~second & ~at.institution, at.moved, at.until)
    towns = read_townships().filter(pl.col("county_code") == frame.labels(2023)[u])
    town, codes = pick(at.keys, "town", max(towns.height, 1)), list(towns["township_code"])
    assessed = day(2016) + pick(at.keys, "assessed", 3650)
    renovated = day(2018) + pick(at.keys, "renovated", 2900)
    unassessed = (unit(at.keys, "assessment") > 0.4) | (assessed >= day(year + 1))
    level = np.searchsorted([0.62, 0.80, 0.90, 0.96], unit(at.keys, "level"))
    return pl.DataFrame(
        {
            "person_key": write_ids(ids.gather(rows), draw),
            "name": write_names(pick(at.keys, "name", 40_000)),
            "birth_date": write_dates(birthday[rows], draw),
            "county_code": pl.repeat(frame.labels(year)[u], n, eager=True),
            "resident_township": write_words(codes, town, draw, (draw.random(n) < 0.01) | towns.is_empty()),
            "address": write_addresses(_places(u), town, pick(at.keys, "door", 4000), draw),
            "hukou_county": _hukou(at.keys, frame.labels(year), u, draw),
            "residence_type": pl.Series(["居家", "机构"]).gather((second | at.institution).astype(int)),
            "assessment_level": write_words(LEVELS, level, draw, unassessed),
            "assessment_date": write_dates(assessed, draw, unassessed),
            "age_friendly_renovation_date": write_dates(
                renovated, draw, (unit(at.keys, "renovation") > 0.06) | (renovated >= day(year + 1))
            ),
            "valid_from": write_dates(since, draw),
            "valid_to": write_dates(until, draw, until == 0),
        }
    )


def _hukou(keys: Keys, labels: list[str], u: int, draw: np.random.Generator) -> pl.Series:
    words = [*labels, *ELSEWHERE]
    luck = unit(keys, "hukou")
    index = np.where(luck < 0.93, u, np.where(luck < 0.97, pick(keys, "county", len(labels)), len(labels) + pick(keys, "other", len(ELSEWHERE))))
    return write_words(words, index, draw, luck > 0.99)


@cache
def _places(u: int) -> list[str]:
    frame = read_frame()
    city = dict(read("cities.csv").select("city_code", "name").iter_rows())[f"{frame.codes[u][:4]}00"]
    towns = read_townships().filter(pl.col("county_code") == frame.labels(2023)[u])["name"]
    return [f"江苏省{city}{frame.names[u]}{town}" for town in towns] or [f"江苏省{city}{frame.names[u]}"]


def make_strangers(n: int, draw: np.random.Generator) -> pl.Series:
    """Citizen numbers of n persons who are on nobody's register."""
    serial = draw.choice(20_000_000, n, replace=False)
    seventeen = number((STRANGERS - 329700) // 2 + draw.integers(0, 40, n), draw.integers(1935, 1959, n), serial, np.zeros(n, np.int64))[1]
    return write_citizen(seventeen)


def wrong_check(number: str) -> str:
    return number[:-1] + ("7" if number[-1] != "7" else "5")


def never_born(number: str) -> str:
    """The same person born on 30 February, with a check character that fits."""
    return str(write_citizen(np.array([int(number[:10] + "0230" + number[14:17])]))[0])


def renew_person(row: Row, serial: int, year: int) -> Row:
    """A copy of a row under the number of somebody who is not on the register."""
    stranger = make_strangers(1, generator(serial, "renewed", year))
    return {**row, "person_key": str(stranger[0])}


def _defects(year: int) -> Defects:
    kinds = (
        Defect("id_check_digit", "person_key", wrong_check),
        Defect("id_format", "person_key", lambda number: number[:-1]),
        Defect("id_scientific", "person_key", lambda number: f"{number[0]}.{number[1:6]}E+17"),
        Defect("id_birth_date", "person_key", never_born),
        Defect("required", "person_key", "不详"),
        Defect("date_impossible", "birth_date", "1950-02-30"),
        Defect("date_format", "valid_from", "二〇一九年三月"),
        Defect("not_in_codes", "residence_type", "住院"),
        Defect("not_in_codes", "assessment_level", "三级"),
        Defect("unknown_region", "county_code", "329902"),
        Defect("expired_region", "county_code", "320684" if year > 2020 else "320621"),
        Defect("pattern", "resident_township", "32010200"),
        Defect("pattern", "hukou_county", "本县"),
        Defect("required", "residence_type", ""),
        Defect("encoding", "residence_type", "居家".encode("gb18030")[:-1]),
        Defect("ragged_row", "*", "more"),
        Defect("ragged_row", "*", "fewer"),
        Defect("date_impossible", "assessment_date", "2018年2月30日"),
    )
    repeat = {"birth_date": "1951-03-05", "assessment_level": "", "assessment_date": ""}
    return Defects(kinds, lambda row, serial: renew_person(row, serial, year), "person_key", repeat)
