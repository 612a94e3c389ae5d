"""学校基层统计: every school at the start of a school year, its pupils and students."""

from __future__ import annotations

import numpy as np
import polars as pl

from sandbox.apportion import Ints, apportion_groups
from sandbox.defects import Defect, Defects, Row
from sandbox.draw import Keys, generator, mix, unit
from sandbox.frame import read_frame, read_points
from sandbox.inbox import Inbox
from sandbox.population import by_unit
from sandbox.spans import list_members, list_spans, number_off
from sandbox.students import GENERAL, TYPES, VOCATIONAL, count_schools, count_students, find_places, school_ids
from sandbox.towns import list_towns, locate, rural_shares
from sandbox.variety import write_counts, write_words
from sandbox.write import BLOCK_ROWS, CsvFile

FOLDER = "education/school_census"
COLUMNS = {
    "school_year": "学年",
    "school_id": "学校（机构）标识码",
    "name": "学校名称",
    "school_type": "办学类型",
    "star_rating": "星级",
    "is_standard_met": "是否达到省定办学标准",
    "enrolment": "在校生数",
    "enrol_five_year_upper": "其中五年制高职四五年级",
    "graduates": "毕业生数",
    "oversize_class_count": "大班额班数",
    "has_after_school": "是否开展课后服务",
    "county_code": "县区代码",
    "township_code": "乡镇街道代码",
    "lon": "经度",
    "lat": "纬度",
}
STARS = ["二星级", "三星级", "四星级"]
AGES = (slice(6, 12), slice(12, 15))  # of primary and junior secondary schools
YEARS_OF_COURSE = np.array([6, 3, 3, 3, 3])


def write_schools(inbox: Inbox, year: int) -> None:
    """学校基层统计_<year>学年: senior-secondary schools have the students that 高中阶段学籍 names."""
    pupils = [by_unit("census_2020", year, inbox.scale, ages) for ages in AGES]
    students = count_students(year, inbox.scale, inbox.seed)
    with CsvFile(inbox, FOLDER, f"学校基层统计_{year}学年", COLUMNS, "gb18030", str(year)) as file:
        file.spoil(_defects(year))
        file.append(_rows(year, *_enrol(year, pupils, students, inbox.seed), inbox.seed))


def _enrol(year: int, pupils: list[Ints], students: Ints, seed: int) -> tuple[Ints, Ints]:
    """(all, in the last two of five years of vocational college) by school."""
    u, kind, _, keys = _list_schools(seed)
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


def _list_schools(seed: int) -> tuple[Ints, Ints, Ints, Keys]:
    """Unit, place in TYPES, serial in the unit, and key of each school; they are as many at any scale."""
    schools = count_schools()
    u, kind = list_members(schools)
    serial = number_off(schools.sum(axis=1))
    return u, kind, serial, mix((u + 1000).astype(np.uint64) << np.uint64(32) | serial.astype(np.uint64), seed)


def _rows(year: int, enrolled: Ints, upper: Ints, seed: int) -> pl.DataFrame:
    frame, draw, (u, kind, serial, keys) = read_frame(), generator(seed, "schools", year), _list_schools(seed)
    n, compulsory = len(kind), kind < GENERAL
    towns, town = list_towns()["township_code"].to_list(), locate(u, keys, rural_shares(6, 17))
    star = np.searchsorted([0.22 - 0.03 * (year - 2019), 0.65], unit(keys, "star"))
    standard = unit(keys, "standard") < 0.90 + 0.018 * (year - 2020)
    after = unit(keys, "after") < 0.88 + 0.02 * (year - 2020)
    oversize = np.where(compulsory, np.maximum(draw.poisson(1.2, n) - (year - 2018), 0), 0)
    points = np.array(read_points())[u]
    lon, lat = (points[:, i] + 0.1 * (unit(keys, axis) - 0.5) for i, axis in enumerate(("lon", "lat")))
    lost = draw.random(n) < 0.01
    return pl.DataFrame(
        {
            "school_year": pl.repeat(f"{year}/{year + 1}", n, eager=True),
            "school_id": school_ids(),
            "name": pl.Series(frame.names).gather(u) + "第" + pl.Series(serial + 1).cast(pl.String) + "学校（模拟）",
            "school_type": pl.Series(TYPES).gather(kind),
            "star_rating": write_words(STARS, star, draw, (kind != GENERAL) | (unit(keys, "unrated") < 0.06)),
            "is_standard_met": write_words(["否", "是"], standard.astype(int), draw, ~compulsory),
            "enrolment": write_counts(enrolled, draw),
            "enrol_five_year_upper": write_words(
                [str(i) for i in range(int(upper.max()) + 1)], upper, draw, (kind != VOCATIONAL) & (upper == 0)
            ),
            "graduates": write_counts(enrolled // YEARS_OF_COURSE[kind], draw),
            "oversize_class_count": write_counts(oversize, draw),
            "has_after_school": write_words(["否", "是"], after.astype(int), draw, ~compulsory),
            "county_code": pl.Series(frame.labels(year)).gather(u),
            "township_code": write_words(towns, town, draw, town < 0),
            "lon": write_words([f"{x:.6f}" for x in lon], np.arange(n), draw, lost),
            "lat": write_words([f"{x:.6f}" for x in lat], np.arange(n), draw, lost),
        }
    )


def _defects(year: int) -> Defects:
    kinds = (
        Defect("unknown_region", "county_code", "329906"),
        Defect("expired_region", "county_code", "320684" if year > 2020 else "320721"),
        Defect("required", "enrolment", "/"),
        Defect("not_in_codes", "school_type", "完全中学"),
        Defect("number_format", "enrolment", "千余人"),
        Defect("out_of_range", "enrolment", "99999"),
        Defect("out_of_range", "enrol_five_year_upper", "-3"),
        Defect("not_in_codes", "star_rating", "五星级"),
        Defect("pattern", "school_id", "32010-0001"),
        Defect("pattern", "township_code", "3201020"),
        Defect("not_in_codes", "is_standard_met", "基本达到"),
        Defect("out_of_range", "lat", "118.796900"),
        Defect("encoding", "school_type", "小学".encode("gb18030")[:-1]),
        Defect("ragged_row", "*", "fewer"),
        Defect("required", "school_type", ""),
    )
    repeat = {"name": "重复报送学校（模拟）", "graduates": "1"}
    return Defects(kinds, _renew, "school_id", repeat)


def _renew(row: Row, serial: int) -> Row:
    return {**row, "school_id": f"6{serial:09d}"}
