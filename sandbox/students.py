"""高中阶段学籍: students of senior-secondary schools, who stay themselves from year to year, some on two registers."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache

import numpy as np
import polars as pl

from sandbox.apportion import Ints, apportion, share_out
from sandbox.citizen import make_stranger, never_born, number, scientific, write_citizen, wrong_check
from sandbox.course import SENIOR, numerators
from sandbox.defects import Defect, Defects, Row
from sandbox.demography import estimate
from sandbox.draw import Keys, generator, mix, pick, unit
from sandbox.frame import read_frame
from sandbox.inbox import Inbox
from sandbox.population import by_unit
from sandbox.spans import list_members, list_spans, number_off
from sandbox.variety import day, write_dates, write_ids, write_names, write_words
from sandbox.write import BLOCK_ROWS, CsvFile

FOLDER = "education/student_register"
TYPES = ("小学", "初级中学", "普通高中", "中等职业学校", "技工院校")
GENERAL, VOCATIONAL, TECHNICIAN = 2, 3, 4
# Schools of the province by type, from the orders of magnitude known (about 4,100, 2,300, 600, 300): assumed, constant.
SCHOOLS = (4100, 2300, 600, 210, 90)
LEAST = (1, 1, 1, 1, 0)  # in each unit; many units have no technician college
COLUMNS = {
    "student_key": "身份证号",
    "name": "姓名",
    "school_id": "学校（机构）标识码",
    "grade": "年级",
    "entry_year": "入学年份",
    "status": "学籍状态",
    "transfer_in": "转入日期",
    "transfer_out": "转出日期",
    "birth_date": "出生日期",
    "is_technician": "是否技工院校学籍",
    "is_disabled": "是否残疾学生",
    "hukou_county": "户籍县区代码",
}
STATUSES = ["在读", "休学", "转出", "退学"]
VOCATIONAL_SHARE, TECHNICIAN_SHARE = 0.42, 0.12  # of all students, not general; in a technician college: assumed
FIVE_YEARS = 0.22  # of the students of vocational schools
ELSEWHERE = 0.3  # students of technician colleges who are on a vocational school's register, too, or were


@dataclass(frozen=True)
class Places:
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


def count_students(year: int, scale: float, seed: int) -> Ints:
    """Students of senior-secondary education by unit, each counted once, (107,)."""
    aged_15_to_17 = by_unit("census_2020", year, scale, slice(15, 18))
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
    cohort = (u * 10_000 + birth_year).astype(np.uint64) << np.uint64(32)
    keys = mix(cohort + serial.astype(np.uint64), seed)
    luck = unit(keys, "kind")
    technician = luck < np.where(count_schools()[u, TECHNICIAN] > 0, TECHNICIAN_SHARE, 0)
    kind = np.where(technician, TECHNICIAN, np.where(luck < VOCATIONAL_SHARE, VOCATIONAL, GENERAL))
    present = (grade <= 3) | ((kind == VOCATIONAL) & (unit(keys, "five") < FIVE_YEARS))
    entries = Places(u, keys, birth_year, serial, _choose_school(u, keys, kind), kind, grade, np.zeros_like(grade))
    both = np.flatnonzero(present & technician & (unit(keys, "elsewhere") < ELSEWHERE))
    second = _take(entries, both)
    other = np.full(len(both), VOCATIONAL)
    fate = pick(second.keys, "fate", 8)  # 0-3 enrolled, 4 enrolled in the fourth year, 5-7 not enrolled any more
    school, grade = _choose_school(second.unit, second.keys, other), np.where(fate == 4, 4, second.grade)
    second = replace(second, school=school, kind=other, grade=grade, status=np.maximum(fate - 4, 0))
    ones = _take(entries, np.flatnonzero(present))
    return Places(**{name: np.concatenate([a, vars(second)[name]]) for name, a in vars(ones).items()})


def write_register(inbox: Inbox, year: int) -> None:
    """高中阶段学籍_<year>学年."""
    students = count_students(year, inbox.scale, inbox.seed)
    with CsvFile(inbox, FOLDER, f"高中阶段学籍_{year}学年", COLUMNS, "gb18030", str(year)) as file:
        file.spoil(_defects(year))
        for first, last in list_spans(students, BLOCK_ROWS):
            places = find_places(year, first, last, students, inbox.seed)
            file.append(
                _rows(places, year, inbox.seed, generator(inbox.seed, "register", year, first)), last / len(students)
            )


@cache
def school_ids() -> pl.Series:
    """Numbers of all schools, by unit, type and then in turn; they stay when the county's code changes."""
    counts = count_schools().sum(axis=1)
    u = np.repeat(np.arange(len(counts)), counts)
    return pl.Series(7 * 10**9 + u * 10**6 + number_off(counts)).cast(pl.String)


def write_numbers(u: Ints, birth_year: Ints, serial: Ints, seed: int) -> tuple[Ints, pl.Series]:
    """(birthdays, citizen numbers) of young persons, each of a unit of its own."""
    cohort = mix((u * 10_000 + birth_year).astype(np.uint64), seed)
    birthday, seventeen = number(u, birth_year, serial, pick(cohort, "young", 700_000))
    return birthday, write_citizen(seventeen)


def _choose_school(u: Ints, keys: Keys, kind: Ints) -> Ints:
    """Each student's school of a kind in the unit; the earlier ones are larger."""
    schools = count_schools()
    before = np.cumsum(schools).reshape(schools.shape) - schools
    return np.asarray(before[u, kind] + (unit(keys, "school") ** 1.4 * schools[u, kind]).astype(np.int64))


def _take(places: Places, rows: Ints) -> Places:
    return Places(**{name: values[rows] for name, values in vars(places).items()})


def _rows(places: Places, year: int, seed: int, draw: np.random.Generator) -> pl.DataFrame:
    frame, n = read_frame(), len(places.keys)
    birthday, ids = write_numbers(places.unit, places.birth_year, places.serial, seed)
    came, left = unit(places.keys, "came") < 0.02, places.status >= 2
    entry = year + 1 - places.grade
    return pl.DataFrame(
        {
            "student_key": write_ids(ids, draw),
            "name": write_names(pick(places.keys, "name", 40_000)),
            "school_id": school_ids().gather(places.school),
            "grade": pl.Series(places.grade).cast(pl.String),
            "entry_year": write_words([str(y) for y in range(2010, 2030)], entry - 2010, draw, draw.random(n) < 0.005),
            "status": pl.Series(STATUSES).gather(places.status),
            "transfer_in": write_dates(day(entry, 10, 8), draw, ~came),
            "transfer_out": write_dates(day(year, 6, 1) + pick(places.keys, "left", 60), draw, ~left),
            "birth_date": write_dates(birthday, draw),
            "is_technician": pl.Series(["否", "是"]).gather((places.kind == TECHNICIAN).astype(int)),
            "is_disabled": write_words(["否", "是"], (pick(places.keys, "disabled", 200) == 0).astype(int), draw),
            "hukou_county": write_words(frame.labels(year), places.unit, draw, draw.random(n) < 0.05),
        }
    )


def _defects(year: int) -> Defects:
    kinds = (
        Defect("id_check_digit", "student_key", wrong_check),
        Defect("id_scientific", "student_key", scientific),
        Defect("id_birth_date", "student_key", never_born),
        Defect("id_format", "student_key", lambda good: good[:-1]),
        Defect("required", "student_key", "暂无"),
        Defect("pattern", "school_id", "职校-12"),
        Defect("out_of_range", "grade", "7"),
        Defect("number_format", "grade", "高一"),
        Defect("required", "grade", "—"),
        Defect("not_in_codes", "status", "借读"),
        Defect("not_in_codes", "is_technician", "人社"),
        Defect("date_impossible", "birth_date", f"{year - 16}-02-30"),
        Defect("date_format", "transfer_in", "去年秋季"),
        Defect("pattern", "hukou_county", "外省"),
        Defect("encoding", "status", "在读".encode("gb18030")[:-1]),
        Defect("ragged_row", "*", "more"),
    )

    def renew(row: Row, serial: int) -> Row:
        return {**row, "student_key": make_stranger(serial, year, 7)}

    return Defects(kinds, renew, "student_key", {"status": "退学", "is_disabled": ""})
