"""国家免疫规划疫苗程序: when each dose falls due, and how the programme changed from one birth cohort to the next."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import numpy as np
import polars as pl

from sandbox.paper.defects import Defect, Defects, ways
from sandbox.paper.inbox import Inbox
from sandbox.paper.variety import write_dates, write_words
from sandbox.province.counts import Ints
from sandbox.province.days import FIRST_DAY
from sandbox.province.draw import generator
from sandbox.province.frame import read

SINCE = 2019  # children of any year's file were due under earlier versions


class Schedule(NamedTuple):
    """The rows of the reference; ages in days, birthdays as days since 1900-01-01."""

    vaccine: list[str]
    name: pl.Series
    dose: Ints
    due: Ints
    least: Ints  # age
    interval: Ints  # 0 if none
    grace: Ints
    born_from: Ints
    born_before: Ints  # 0 if none
    known: Ints  # the year that learns of it

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
    """Every version of every dose, with the birth cohorts that it holds for."""
    table = read("vaccine_schedule.csv").with_columns(
        (pl.col(name).str.to_date() - FIRST_DAY).dt.total_days() for name in ("born_from", "born_before")
    )
    vaccine, name, *numbers = table.get_columns()
    return Schedule(vaccine.to_list(), name, *(column.fill_null(0).to_numpy() for column in numbers))


def write(inbox: Inbox, year: int) -> None:
    """国家免疫规划疫苗程序_<year>年: every version known by then, valid on the days when its first cohort is due."""
    schedule, draw = read_schedule(), generator(inbox.seed, "schedule", year)
    began = schedule.born_from == schedule.born_from.min()
    rows = np.flatnonzero(began | (schedule.known <= year))
    ends = (schedule.born_before > 0) & (schedule.known <= year)
    since = np.where(began, schedule.born_from, schedule.born_from + schedule.due)
    until = schedule.born_before + schedule.due
    texts = [str(n) for n in range(schedule.due.max() + 1)]
    columns = {
        "vaccine_code": pl.Series(schedule.vaccine).gather(rows),
        "疫苗名称": schedule.name.gather(rows),
        "dose_no": pl.Series(texts).gather(schedule.dose[rows]),
        "due_age_days": pl.Series(texts).gather(schedule.due[rows]),
        "min_age_days": pl.Series(texts).gather(schedule.least[rows]),
        "min_interval_days": write_words(texts, schedule.interval[rows], draw, schedule.interval[rows] == 0),
        "grace_days": pl.Series(texts).gather(schedule.grace[rows]),
        "valid_from": write_dates(since[rows], draw),
        "valid_to": write_dates(until[rows], draw, ~ends[rows]),
    }
    with inbox.open(__name__, year, _defects(), n=2, start=2 * year) as file:
        file.append(columns)


def _defects() -> Defects:
    kinds = (
        *ways("due_age_days", required="—", number_format="8月龄"),
        Defect("out_of_range", "dose_no", "12"),
        Defect("pattern", "vaccine_code", "麻腮风"),
        Defect("number_format", "min_interval_days", "1个月"),
        Defect("date_format", "valid_from", "2020年6月起"),
        Defect("ragged_row", "*", "fewer"),
    )
    return Defects(kinds, {"vaccine_code": "HPV", "dose_no": lambda n: str(n % 9 + 1)}, {"grace_days": "30"})
