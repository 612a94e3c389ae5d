"""高中阶段学籍: students of senior-secondary schools, who stay themselves from year to year, some on two registers."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import numpy as np
import polars as pl

from sandbox.province.counts import Ints, apportion, join, list_members, number_off, share_out, take
from sandbox.province.course import SENIOR, numerators
from sandbox.province.demography import estimate
from sandbox.province.draw import Keys, mix, pair, pick, unit
from sandbox.province.population import by_unit

TYPES = ("小学", "初级中学", "普通高中", "中等职业学校", "技工院校")
GENERAL, VOCATIONAL, TECHNICIAN = 2, 3, 4
# Schools of the province by type, from the orders of magnitude known (about 4,100, 2,300, 600, 300): assumed, constant.
SCHOOLS = (4100, 2300, 600, 210, 90)
LEAST = (1, 1, 1, 1, 0)  # in each unit; many units have no technician college
STATUSES = ["在读", "休学", "转出", "退学"]
VOCATIONAL_SHARE, TECHNICIAN_SHARE = 0.42, 0.12  # of all students, not general; in a technician college: assumed
FIVE_YEARS = 0.22  # of the students of vocational schools
ELSEWHERE = 0.3  # students of technician colleges who are on a vocational school's register, too, or were


class Places(NamedTuple):
    """Entries of some units' registers, one per student and school."""

    unit: Ints
    keys: Keys
    birth_year: Ints
    serial: Ints
    school: Ints  # its number among all schools
    kind: Ints  # of school, its place in TYPES
    grade: Ints
    status: Ints  # place in STATUSES

    @property
    def upper(self) -> np.ndarray:
        """In the last two of five years of vocational college."""
        return np.asarray((self.kind == VOCATIONAL) & (self.grade > 3))


@cache
def count_schools() -> Ints:
    """Schools by unit and type, (107, 5)."""
    people = estimate("census_2020")[2020][:, :, 6:18].sum(axis=(1, 2))
    shares = [n + share_out(total - n * len(people), people) for total, n in zip(SCHOOLS, LEAST, strict=True)]
    return np.stack(shares, axis=1)


def list_schools(seed: int) -> tuple[Ints, Ints, Ints, Keys]:
    """Unit, place in TYPES, serial in the unit, and key of each school; they are as many at any scale."""
    schools = count_schools()
    u, kind = list_members(schools)
    serial = number_off(schools.sum(axis=1))
    return u, kind, serial, mix(pair(u + 1000, serial), seed)


def count_students(year: int, scale: float, seed: int) -> Ints:
    """Students of senior-secondary education by unit, each counted once, (107,)."""
    aged_15_to_17 = by_unit(year, scale, slice(15, 18))
    return numerators("senior", SENIOR[year], aged_15_to_17, year, seed, capped=False)


def find_places(year: int, first: int, last: int, students: Ints, seed: int) -> Places:
    """The registers of the schools of the units first..last-1, with students (107,), at the start of a school year.

    Of a birth cohort the first serial numbers are students, so that most are there again a year later, in the same
    school. Students of technician colleges have a second entry at a vocational school: as enrolled in the first three
    years (to be counted once), in the fourth (which does not count anyway), or no longer enrolled there.
    """
    three = apportion(students[first:last], np.ones((last - first, 3)))
    sizes = np.concatenate([three, np.repeat(students[first:last, None] // 3, 2, axis=1)], axis=1)
    place, years = list_members(sizes)
    u, grade, serial = first + place, 1 + years, number_off(sizes.ravel())
    birth_year = year - 14 - grade
    keys = mix(pair(u * 10_000 + birth_year, serial), seed)
    luck = unit(keys, "kind")
    technician = luck < np.where(count_schools()[u, TECHNICIAN] > 0, TECHNICIAN_SHARE, 0)
    kind = np.where(technician, TECHNICIAN, np.where(luck < VOCATIONAL_SHARE, VOCATIONAL, GENERAL))
    present = (grade <= 3) | ((kind == VOCATIONAL) & (unit(keys, "five") < FIVE_YEARS))
    entries = Places(u, keys, birth_year, serial, _choose_school(u, keys, kind), kind, grade, np.zeros_like(grade))
    both = np.flatnonzero(present & technician & (unit(keys, "elsewhere") < ELSEWHERE))
    second = take(entries, both)
    other = np.full(len(both), VOCATIONAL)
    fate = pick(second.keys, "fate", 8)  # 0-3 enrolled, 4 enrolled in the fourth year, 5-7 not enrolled any more
    school, grade = _choose_school(second.unit, second.keys, other), np.where(fate == 4, 4, second.grade)
    second = second._replace(school=school, kind=other, grade=grade, status=np.maximum(fate - 4, 0))
    return join(take(entries, np.flatnonzero(present)), second)


@cache
def school_ids() -> pl.Series:
    """Numbers of all schools, by unit, type and then in turn; they stay when the county's code changes."""
    counts = count_schools().sum(axis=1)
    u = np.repeat(np.arange(len(counts)), counts)
    return pl.Series(7 * 10**9 + u * 10**6 + number_off(counts)).cast(pl.String)


def _choose_school(u: Ints, keys: Keys, kind: Ints) -> Ints:
    """Each student's school of a kind in the unit; the earlier ones are larger."""
    schools = count_schools()
    before = np.cumsum(schools).reshape(schools.shape) - schools
    return np.asarray(before[u, kind] + (unit(keys, "school") ** 1.4 * schools[u, kind]).astype(np.int64))
