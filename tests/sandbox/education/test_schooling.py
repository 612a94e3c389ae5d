"""Students, leavers and households: counted from the written files, by hand, without ingest."""

from __future__ import annotations

from collections import Counter
from datetime import date

import pytest
from clerk import Read, Row, has_valid_check, to_date, to_id

SENIOR = ("普通高中", "中等职业学校", "技工院校")
# 规划未给折算表, 取学制年数: the choice in the plan's file of indicator 8, by hand.
YEARS = {"小学": 6, "初中": 9, "高中阶段": 12, "专科": 15, "本科": 16, "硕士研究生": 19, "博士研究生": 22}


def schools(good_rows: Read, year: int) -> dict[str, Row]:
    rows = good_rows("education/school_census", f"学校基层统计_{year}学年")
    return {r["学校（机构）标识码"]: r for r in rows if r["办学类型"] in SENIOR}


def register(good_rows: Read, year: int) -> list[Row]:
    return good_rows("education/student_register", f"高中阶段学籍_{year}学年")


def count_upper(school: Row) -> int:
    return int(school["其中五年制高职四五年级"] or 0)


def count_students(good_rows: Read, year: int) -> int:
    """Students, less the upper years of vocational college, less technicians who count at another school."""
    known = schools(good_rows, year)
    technicians, others = Counter[str](), set()
    for row in register(good_rows, year):
        student = to_id(row["身份证号"])
        if row["学籍状态"] == "在读" and row["是否技工院校学籍"] == "是":
            technicians[student] += 1
        elif row["学籍状态"] == "在读" and int(row["年级"]) <= 3:
            others.add(student)
    counted = sum(int(s["在校生数"]) - count_upper(s) for s in known.values())
    return counted - sum(n for student, n in technicians.items() if student in others)


def count_aged_15_to_17(good_rows: Read, year: int, basis: str) -> int:
    rows = good_rows("statistics/resident_population", f"常住人口_{year}年")
    return sum(int(r["年末常住人口"]) for r in rows if r["口径"] == basis and r["年龄"] in ("15", "16", "17"))


def test_senior_secondary_enrolment_prints_97_3_in_2020_and_99_on_the_census_of_2010(good_rows: Read) -> None:
    """表2第7项; 表1第3项 and its note 2."""
    students = count_students(good_rows, 2020)
    assert f"{100 * students / count_aged_15_to_17(good_rows, 2020, '七普'):.1f}" == "97.3"
    assert 100 * students / count_aged_15_to_17(good_rows, 2020, "六普") >= 99


def test_senior_secondary_enrolment_reaches_98_by_2025(good_rows: Read) -> None:
    value = 100 * count_students(good_rows, 2025) / count_aged_15_to_17(good_rows, 2025, "七普")
    assert f"{value:.1f}" == "98.2"


@pytest.mark.parametrize("year", [2019, 2022])
def test_schools_have_the_students_that_the_register_names(good_rows: Read, year: int) -> None:
    enrolled, upper = Counter[str](), Counter[str]()
    known = schools(good_rows, year)
    for row in register(good_rows, year):
        school = known[row["学校（机构）标识码"]]
        assert (school["办学类型"] == "技工院校") == (row["是否技工院校学籍"] == "是")
        if row["学籍状态"] == "在读":
            enrolled[row["学校（机构）标识码"]] += 1
            upper[row["学校（机构）标识码"]] += int(row["年级"]) > 3
    assert enrolled == Counter({i: int(s["在校生数"]) for i, s in known.items()})
    assert upper == Counter({i: count_upper(s) for i, s in known.items()})


def test_some_entries_on_two_registers_must_be_taken_out_and_some_must_not(good_rows: Read) -> None:
    technicians = {to_id(r["身份证号"]) for r in register(good_rows, 2021) if r["是否技工院校学籍"] == "是"}
    second = [
        r for r in register(good_rows, 2021) if r["是否技工院校学籍"] == "否" and to_id(r["身份证号"]) in technicians
    ]
    kinds = Counter((r["学籍状态"], int(r["年级"]) > 3) for r in second)
    assert kinds["在读", False] > 10
    assert kinds["在读", True] and kinds["转出", False] and kinds["退学", False] and kinds["休学", False]
    assert len(technicians) > 100


def test_numbers_of_students_are_valid_and_hold_their_birth_dates(good_rows: Read) -> None:
    rows = register(good_rows, 2023)
    assert [r for r in rows if not has_valid_check(r["身份证号"])] == []
    assert {len(r["身份证号"]) for r in rows} == {18}
    assert [r for r in rows if to_id(r["身份证号"])[6:14] != to_date(r["出生日期"]).strftime("%Y%m%d")] == []


def test_most_students_move_up_a_grade_in_the_same_school(good_rows: Read) -> None:
    def entries(year: int) -> dict[tuple[str, str], Row]:
        return {(to_id(r["身份证号"]), r["学校（机构）标识码"]): r for r in register(good_rows, year)}

    before, after = entries(2020), entries(2021)
    first = [k for k, r in before.items() if r["年级"] == "1"]
    again = [k for k in first if k in after]
    assert len(again) > 0.95 * len(first)
    assert {after[k]["年级"] for k in again} <= {"2", "4"}
    same = ("姓名", "是否技工院校学籍", "是否残疾学生")
    assert [k for k in again if any(before[k][c] != after[k][c] for c in same)] == []


def leavers(good_rows: Read, year: int) -> list[tuple[Row, Row]]:
    """The first and the last exit of each person in the year."""
    exits: dict[str, list[Row]] = {}
    for row in good_rows("education/graduate_exits", f"离校人员_{year}年"):
        exits.setdefault(to_id(row["身份证号"]), []).append(row)
    ordered = (sorted(rows, key=lambda r: to_date(r["离校日期"])) for rows in exits.values())
    return [(rows[0], rows[-1]) for rows in ordered]


def mean_schooling(good_rows: Read, year: int) -> float:
    years = []
    for _, last in leavers(good_rows, year):
        if last["去向"] != "升学" and last["离校方式"] == "肄业":
            years += [float(last["实际完成年数"])] if last["实际完成年数"] else []
        elif last["去向"] != "升学":
            years.append(float(YEARS[last["离校学段"]]))
    return sum(years) / len(years)


def test_mean_schooling_prints_15_4_in_2020_and_ends_short_of_15_5(good_rows: Read) -> None:
    """表2第8项."""
    assert f"{mean_schooling(good_rows, 2020):.1f}" == "15.4"
    assert f"{mean_schooling(good_rows, 2025):.2f}" == "15.44"


def test_leavers_hold_every_trap_of_the_mean(good_rows: Read) -> None:
    pairs = leavers(good_rows, 2021)
    twice = [(first, last) for first, last in pairs if first is not last]
    assert {last["去向"] for first, last in twice if first["去向"] == "就业"} >= {"升学", "就业"}
    dropped = [last for _, last in pairs if last["离校方式"] == "肄业"]
    assert {bool(r["实际完成年数"]) for r in dropped} == {True, False}
    assert all(r["实际完成年数"] == "" for _, r in pairs if r["离校方式"] != "肄业")
    assert all(to_date(r["离校日期"]).year == 2021 for _, r in pairs)
    assert {r["离校学段"] for _, r in pairs} == set(YEARS)


def test_somebody_leaves_for_work_in_every_county(good_rows: Read) -> None:
    """Or else the province's mean would be marked as partial."""
    rows = [r for r in good_rows("statistics/divisions", "行政区划_2020年") if r["级别"] == "县级"]
    open_then = {r["区划代码"] for r in rows if not r["停用日期"] or to_date(r["停用日期"]) > date(2020, 12, 31)}
    assert open_then <= {last["县区代码"] for _, last in leavers(good_rows, 2020) if last["去向"] != "升学"}


def test_the_longer_schooled_leave_in_the_south(good_rows: Read) -> None:
    def share(cities: tuple[str, ...]) -> float:
        levels = [
            r["离校学段"] for _, r in leavers(good_rows, 2023) if r["县区代码"][:4] in cities and r["去向"] != "升学"
        ]
        return sum(YEARS[level] >= 16 for level in levels) / len(levels)

    assert share(("3201", "3202", "3204", "3205", "3211")) > share(("3203", "3207", "3208", "3209", "3213")) + 0.05


def test_households_are_as_many_as_the_residents_fill(good_rows: Read) -> None:
    """92 in 100 live in families, of 2.60 persons in 2020 and 2.57 in 2022."""
    for year, size in ((2020, 2.60), (2022, 2.57)):
        people, households = Counter[tuple[str, str]](), {}
        for r in good_rows("statistics/resident_population", f"常住人口_{year}年"):
            if r["口径"] == "七普":
                people[r["地区代码"], r["城乡"]] += int(r["年末常住人口"])
        for r in good_rows("statistics/households", f"家庭户数_{year}年"):
            households[r["地区代码"], r["城乡"]] = int(r["年末家庭户数"])
        assert households.keys() == people.keys()
        assert all(abs(households[k] - 0.92 * n / size) <= 0.5 for k, n in people.items())
