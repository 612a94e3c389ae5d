"""国家免疫规划疫苗程序: when each dose falls due, and how the programme changed from one birth cohort to the next."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import numpy as np
import polars as pl

from sandbox.paper.defects import Columns, Defect, Defects
from sandbox.paper.inbox import Inbox
from sandbox.paper.variety import write_dates, write_words
from sandbox.province.counts import Ints
from sandbox.province.days import day
from sandbox.province.draw import generator

SINCE = 2019  # children of any year's file were due under earlier versions
NAMES = {
    "HepB": "乙肝疫苗",
    "BCG": "卡介苗",
    "IPV": "脊灰灭活疫苗",
    "bOPV": "脊灰减毒活疫苗",
    "DTaP": "百白破疫苗",
    "DT": "白破疫苗",
    "MR": "麻风疫苗",
    "MMR": "麻腮风疫苗",
    "JE-L": "乙脑减毒活疫苗",
    "MPSV-A": "A群流脑多糖疫苗",
    "MPSV-AC": "A群C群流脑多糖疫苗",
    "HepA-L": "甲肝减毒活疫苗",
}
EXPANDED = (2008, 1, 1)
OCTOBER_2019 = (2019, 10, 1)  # born from then on: two doses of IPV, and MMR at 8 and 18 months (程序2021年版)
NOVEMBER_2024 = (2024, 11, 1)  # two months old from January 2025 on: DTaP at 2, 4, 6 and 18 months
JANUARY_2019 = (2019, 1, 1)  # six years old from January 2025 on: a fifth DTaP takes the place of DT
# Vaccine, dose; due age, least age, least interval, grace, in days; born from, born before, the year that learns of it.
# Grace lasts to the age before which the programme of 2021 advises the dose, 90 days where it names none.
SCHEDULE = (
    ("HepB", 1, 0, 0, None, 1, EXPANDED, None, 2019),
    ("HepB", 2, 30, 28, 28, 90, EXPANDED, None, 2019),
    ("HepB", 3, 183, 181, 60, 181, EXPANDED, None, 2019),
    ("BCG", 1, 0, 0, None, 89, EXPANDED, None, 2019),
    ("IPV", 1, 61, 59, None, 90, EXPANDED, None, 2019),
    ("IPV", 2, 91, 89, 28, 90, OCTOBER_2019, None, 2019),
    ("bOPV", 1, 91, 89, None, 90, EXPANDED, OCTOBER_2019, 2019),
    ("bOPV", 2, 122, 120, 28, 242, EXPANDED, OCTOBER_2019, 2019),
    ("bOPV", 3, 1461, 1460, 28, 364, EXPANDED, OCTOBER_2019, 2019),
    ("bOPV", 1, 122, 120, None, 242, OCTOBER_2019, None, 2019),
    ("bOPV", 2, 1461, 1460, 28, 364, OCTOBER_2019, None, 2019),
    ("DTaP", 1, 91, 89, None, 90, EXPANDED, NOVEMBER_2024, 2024),
    ("DTaP", 1, 61, 59, None, 90, NOVEMBER_2024, None, 2024),
    ("DTaP", 2, 122, 120, 28, 90, EXPANDED, None, 2019),
    ("DTaP", 3, 152, 150, 28, 212, EXPANDED, NOVEMBER_2024, 2024),
    ("DTaP", 3, 183, 181, 28, 181, NOVEMBER_2024, None, 2024),
    ("DTaP", 4, 548, 546, 180, 182, EXPANDED, None, 2019),
    ("DTaP", 5, 2192, 2191, 365, 364, JANUARY_2019, None, 2024),
    ("DT", 1, 2192, 2191, None, 364, EXPANDED, JANUARY_2019, 2024),
    ("MR", 1, 243, 242, None, 121, EXPANDED, OCTOBER_2019, 2020),
    ("MMR", 1, 548, 546, None, 182, EXPANDED, OCTOBER_2019, 2020),
    ("MMR", 1, 243, 242, None, 121, OCTOBER_2019, None, 2020),
    ("MMR", 2, 548, 546, 28, 182, OCTOBER_2019, None, 2020),
    ("JE-L", 1, 243, 242, None, 121, EXPANDED, None, 2019),
    ("JE-L", 2, 730, 730, 365, 364, EXPANDED, None, 2019),
    ("MPSV-A", 1, 183, 181, None, 90, EXPANDED, None, 2019),
    ("MPSV-A", 2, 274, 273, 90, 273, EXPANDED, None, 2019),
    ("MPSV-AC", 1, 1096, 1095, None, 364, EXPANDED, None, 2019),
    ("MPSV-AC", 2, 2192, 2191, 1095, 364, EXPANDED, None, 2019),
    ("HepA-L", 1, 548, 546, None, 182, EXPANDED, None, 2019),
)


class Schedule(NamedTuple):
    """The rows of SCHEDULE; ages in days, birthdays as days since 1900-01-01."""

    vaccine: list[str]
    dose: Ints
    due: Ints
    least: Ints  # age
    interval: Ints  # 0 if none
    grace: Ints
    born_from: Ints
    born_before: Ints  # 0 if none
    known: Ints

    @property
    def last(self) -> Ints:
        """The last age at which the dose counts."""
        return self.due + self.grace

    def neighbours(self, row: int, step: int) -> Ints:
        """Rows of the vaccine's next (1) or previous (-1) dose, of any version."""
        same = np.array([vaccine == self.vaccine[row] for vaccine in self.vaccine])
        return np.flatnonzero(same & (self.dose == self.dose[row] + step))


@cache
def read_schedule() -> Schedule:
    vaccine, dose, due, least, interval, grace, born_from, born_before, known = zip(*SCHEDULE, strict=True)
    return Schedule(
        vaccine=list(vaccine),
        dose=np.array(dose),
        due=np.array(due),
        least=np.array(least),
        interval=np.array([days or 0 for days in interval]),
        grace=np.array(grace),
        born_from=np.array([day(*born) for born in born_from]),
        born_before=np.array([day(*born) if born else 0 for born in born_before]),
        known=np.array(known),
    )


def write(inbox: Inbox, year: int) -> None:
    """国家免疫规划疫苗程序_<year>年: every version known by then, valid on the days when its first cohort is due."""
    with inbox.open(__name__, year, _defects(), n=2, start=2 * year) as file:
        file.append(_rows(year, inbox.seed))


def _rows(year: int, seed: int) -> Columns:
    schedule, draw = read_schedule(), generator(seed, "schedule", year)
    began = schedule.born_from == day(*EXPANDED)
    rows = np.flatnonzero(began | (schedule.known <= year))
    vaccine = pl.Series(schedule.vaccine).gather(rows)
    ends = (schedule.born_before > 0) & (schedule.known <= year)
    since = np.where(began, schedule.born_from, schedule.born_from + schedule.due)
    until = schedule.born_before + schedule.due
    texts = [str(n) for n in range(schedule.due.max() + 1)]
    return {
        "vaccine_code": vaccine,
        "疫苗名称": vaccine.replace_strict(NAMES),
        "dose_no": pl.Series(texts).gather(schedule.dose[rows]),
        "due_age_days": pl.Series(texts).gather(schedule.due[rows]),
        "min_age_days": pl.Series(texts).gather(schedule.least[rows]),
        "min_interval_days": write_words(texts, schedule.interval[rows], draw, schedule.interval[rows] == 0),
        "grace_days": pl.Series(texts).gather(schedule.grace[rows]),
        "valid_from": write_dates(since[rows], draw),
        "valid_to": write_dates(until[rows], draw, ~ends[rows]),
    }


def _defects() -> Defects:
    kinds = (
        Defect("required", "due_age_days", "—"),
        Defect("number_format", "due_age_days", "8月龄"),
        Defect("out_of_range", "dose_no", "12"),
        Defect("pattern", "vaccine_code", "麻腮风"),
        Defect("number_format", "min_interval_days", "1个月"),
        Defect("date_format", "valid_from", "2020年6月起"),
        Defect("ragged_row", "*", "fewer"),
    )
    return Defects(kinds, {"vaccine_code": "HPV", "dose_no": lambda n: str(n % 9 + 1)}, {"grace_days": "30"})
