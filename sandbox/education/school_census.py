"""学校基层统计: every school at the start of a school year, its pupils and students."""

from __future__ import annotations

import numpy as np
import polars as pl

from sandbox.education.students import GENERAL, TYPES, VOCATIONAL, count_students, find_places, list_schools, school_ids
from sandbox.paper.defects import Columns, Defect, Defects, each, wrong_codes
from sandbox.paper.inbox import Inbox
from sandbox.paper.rows import BLOCK_ROWS
from sandbox.paper.variety import write_counts, write_flags, write_texts, write_towns, write_words
from sandbox.province.counts import Ints, apportion_groups, list_spans
from sandbox.province.draw import generator, unit
from sandbox.province.frame import read_frame
from sandbox.province.population import by_unit
from sandbox.province.towns import locate, name_places, rural_shares, scatter

STARS = ["二星级", "三星级", "四星级"]
AGES = (slice(6, 12), slice(12, 15))  # of primary and junior secondary schools
YEARS_OF_COURSE = np.array([6, 3, 3, 3, 3])


def write(inbox: Inbox, year: int) -> None:
    """学校基层统计_<year>学年: senior-secondary schools have the students that 高中阶段学籍 names."""
    pupils = [by_unit(year, inbox.scale, ages) for ages in AGES]
    students = count_students(year, inbox.scale, inbox.seed)
    inbox.send(__name__, year, _rows(year, *_enrol(year, pupils, students, inbox.seed), inbox.seed), _defects(year))


def _enrol(year: int, pupils: list[Ints], students: Ints, seed: int) -> tuple[Ints, Ints]:
    """(all, in the last two of five years of vocational college) by school."""
    u, kind, _, keys = list_schools(seed)
    enrolled, upper = np.zeros_like(u), np.zeros_like(u)
    for first, last in list_spans(students, BLOCK_ROWS):
        places = find_places(year, first, last, students, seed)
        there = places.status == 0
        enrolled += np.bincount(places.school[there], minlength=len(u))
        upper += np.bincount(places.school[there & places.upper], minlength=len(u))
    for level, numbers in enumerate(pupils):
        rows = np.flatnonzero(kind == level)
        enrolled[rows] += apportion_groups(numbers, 0.3 + unit(keys[rows], "size"), u[rows])
    return enrolled, upper


def _rows(year: int, enrolled: Ints, upper: Ints, seed: int) -> Columns:
    draw, (u, kind, serial, keys) = generator(seed, "schools", year), list_schools(seed)
    n, compulsory = len(kind), kind < GENERAL
    town, (lon, lat) = locate(u, keys, rural_shares(6, 17)), scatter(u, keys)
    star = np.searchsorted([0.22 - 0.03 * (year - 2019), 0.65], unit(keys, "star"))
    standard = unit(keys, "standard") < 0.90 + 0.018 * (year - 2020)
    after = unit(keys, "after") < 0.88 + 0.02 * (year - 2020)
    oversize = np.where(compulsory, np.maximum(draw.poisson(1.2, n) - (year - 2018), 0), 0)
    lost = draw.random(n) < 0.01
    return {
        "学年": pl.repeat(f"{year}/{year + 1}", n, eager=True),
        "school_id": school_ids(),
        "学校名称": name_places(u, serial, "学校"),
        "school_type": pl.Series(TYPES).gather(kind),
        "star_rating": write_words(STARS, star, draw, (kind != GENERAL) | (unit(keys, "unrated") < 0.06)),
        "is_standard_met": write_flags(standard, draw, ~compulsory),
        "enrolment": write_counts(enrolled, draw),
        "enrol_five_year_upper": write_words(
            [str(i) for i in range(int(upper.max()) + 1)], upper, draw, (kind != VOCATIONAL) & (upper == 0)
        ),
        "graduates": write_counts(enrolled // YEARS_OF_COURSE[kind], draw),
        "oversize_class_count": write_counts(oversize, draw),
        "has_after_school": write_flags(after, draw, ~compulsory),
        "county_code": read_frame().codes_in(year, u),
        "township_code": write_towns(town, draw, town < 0),
        "lon": write_texts(lon, draw, lost),
        "lat": write_texts(lat, draw, lost),
    }


def _defects(year: int) -> Defects:
    kinds = (
        *wrong_codes(year, "329906"),
        Defect("required", "enrolment", "/"),
        Defect("not_in_codes", "school_type", "完全中学"),
        Defect("number_format", "enrolment", "千余人"),
        *each("out_of_range", enrolment="99999", enrol_five_year_upper="-3"),
        Defect("not_in_codes", "star_rating", "五星级"),
        *each("pattern", school_id="32010-0001", township_code="3201020"),
        Defect("not_in_codes", "is_standard_met", "基本达到"),
        Defect("out_of_range", "lat", "118.796900"),
        Defect("encoding", "school_type", "小学".encode("gb18030")[:-1]),
        Defect("ragged_row", "*", "fewer"),
        Defect("required", "school_type", ""),
    )
    repeat = {"学校名称": "重复报送学校（模拟）", "graduates": "1"}
    return Defects(kinds, {"school_id": "6{:09d}"}, repeat)
