"""The province prints the plan's values: counted from the written files, by hand, without ingest."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from clerk import Read, Row, to_date, to_id

AGES = ("3岁在园幼儿数", "4岁在园幼儿数", "5岁在园幼儿数", "6岁及以上在园幼儿数")


def children(row: Row) -> int:
    return sum(int(row[age]) for age in AGES)


def is_inclusive(row: Row, census_day: date) -> bool:
    if row["办园性质"] == "公办":
        return True
    valid = row["普惠到期日期"] == "" or to_date(row["普惠到期日期"]) >= census_day
    return row["办园性质"] == "普惠性民办" and valid and to_date(row["普惠认定日期"]) <= census_day


@pytest.fixture
def kindergartens(good_rows: Read) -> Any:
    def read(year: int) -> list[Row]:
        return good_rows("education/kindergarten_census", f"幼儿园基层统计_{year}学年{'_更正' if year == 2022 else ''}")

    return read


@pytest.fixture
def aged_3_to_5(good_rows: Read) -> Any:
    def count(year: int, basis: str) -> int:
        rows = good_rows("statistics/resident_population", f"常住人口_{year}年")
        return sum(int(r["年末常住人口"]) for r in rows if r["口径"] == basis and r["年龄"] in ("3", "4", "5"))

    return count


@pytest.fixture
def home_care(good_rows: Read) -> Any:
    def count(year: int) -> tuple[int, int]:
        """(persons served, persons of 60 and over at home on some day of the year)."""
        first, last = date(year, 1, 1), date(year, 12, 31)
        at_home = set()
        for row in good_rows("civil_affairs/elder_profiles", f"老年人基本信息_{year}年"):
            until = to_date(row["注销日期"]) if row["注销日期"] else date.max
            born, seen = to_date(row["出生日期"]), min(until, last)
            age = seen.year - born.year - ((seen.month, seen.day) < (born.month, born.day))
            if row["居住方式"] == "居家" and to_date(row["登记日期"]) <= last and until > first and age >= 60:
                at_home.add(to_id(row["身份证号"]))
        visits = [
            row
            for month in range(1, 13)
            for row in good_rows("civil_affairs/homecare_services", f"上门养老服务记录_{year}年{month:02d}月")
        ]
        served = {to_id(row["身份证号"]) for row in visits if row["是否核验"] == "是"}
        return len(served & at_home), len(at_home)

    return count


def test_inclusive_coverage_prints_85_in_2020(kindergartens: Any) -> None:
    rows = kindergartens(2020)
    covered = sum(children(r) for r in rows if is_inclusive(r, date(2020, 9, 1)))
    assert f"{100 * covered / sum(map(children, rows)):.0f}" == "85"


@pytest.mark.parametrize("year", [2021, 2023, 2025])
def test_inclusive_coverage_stays_above_its_floor(kindergartens: Any, year: int) -> None:
    rows = kindergartens(year)
    covered = sum(children(r) for r in rows if is_inclusive(r, date(year, 9, 1)))
    assert 85 < 100 * covered / sum(map(children, rows)) < 90


def test_gross_enrolment_prints_96_5_on_the_census_of_2020(kindergartens: Any, aged_3_to_5: Any) -> None:
    enrolled = sum(map(children, kindergartens(2020)))
    assert f"{100 * enrolled / aged_3_to_5(2020, '七普'):.1f}" == "96.5"
    assert 100 * enrolled / aged_3_to_5(2020, "六普") >= 98


def test_gross_enrolment_ends_short_of_its_target(kindergartens: Any, aged_3_to_5: Any) -> None:
    assert f"{100 * sum(map(children, kindergartens(2025))) / aged_3_to_5(2025, '七普'):.1f}" == "97.6"


def test_home_care_prints_13_86_in_2020(home_care: Any) -> None:
    served, at_home = home_care(2020)
    assert f"{100 * served / at_home:.2f}" == "13.86"


def test_home_care_passes_18_by_2025(home_care: Any) -> None:
    served, at_home = home_care(2025)
    assert f"{100 * served / at_home:.2f}" == "18.31"


def standing(sheet_rows: Any, last: int) -> set[str]:
    """Units whose latest provincial conclusion up to the end of a year is a pass, under the codes of 2020."""
    latest: dict[str, tuple[date, str]] = {}
    for year in range(2019, last + 1):
        for row in sheet_rows("education/balanced_evaluations", f"义务教育优质均衡评估结果_{year}年"):
            if row[4] == "省级":
                on = row[3] if isinstance(row[3], date) else to_date(row[3])
                code, known = str(row[2]), latest.get(str(row[2]), (date.min, ""))
                latest[code] = max(known, (on, row[5]))
    passed = {code for code, (_, result) in latest.items() if result == "通过"}
    merged_passes = {"320602", "320611"} <= passed  # the worse result holds until the new county is evaluated
    passed |= {"320613"} if merged_passes else set()
    passed |= {"320614"} if "320684" in passed else set()
    return passed - {"320602", "320611", "320684"}


def evaluation_units(good_rows: Read, year: int) -> set[str]:
    day = date(year, 12, 31)
    rows = good_rows("statistics/divisions", f"行政区划_{year}年")
    begun = [r for r in rows if r["是否督导评估单位"] == "是" and to_date(r["启用日期"]) <= day]
    return {r["区划代码"] for r in begun if not r["停用日期"] or to_date(r["停用日期"]) > day}


def test_balanced_counties_print_18_9_in_2020(sheet_rows: Any, good_rows: Read) -> None:
    units = evaluation_units(good_rows, 2020)
    passed = standing(sheet_rows, 2020)
    assert passed <= units
    assert (len(passed), len(units)) == (18, 95)


def test_balanced_counties_end_at_54_of_95_with_one_failed_and_one_revoked(sheet_rows: Any, good_rows: Read) -> None:
    passed = standing(sheet_rows, 2025)
    assert passed <= evaluation_units(good_rows, 2025)
    assert len(passed) == 54
    rows = [
        r for y in (2021, 2022) for r in sheet_rows("education/balanced_evaluations", f"义务教育优质均衡评估结果_{y}年")
    ]
    assert sorted(r[5] for r in rows if r[4] == "省级" and r[5] != "通过") == ["撤销", "未通过"]


def test_the_south_is_ahead_and_the_north_catches_up(good_rows: Read, kindergartens: Any) -> None:
    """Nanjing to Suzhou and Zhenjiang against Xuzhou, Lianyungang, Huai'an, Yancheng and Suqian."""

    def coverage(year: int, cities: tuple[str, ...]) -> float:
        rows = [r for r in kindergartens(year) if r["县区代码"][:4] in cities]
        covered = sum(children(r) for r in rows if is_inclusive(r, date(year, 9, 1)))
        return 100 * covered / sum(map(children, rows))

    south, north = ("3201", "3202", "3204", "3205", "3211"), ("3203", "3207", "3208", "3209", "3213")
    gap_2020 = coverage(2020, south) - coverage(2020, north)
    gap_2025 = coverage(2025, south) - coverage(2025, north)
    assert gap_2020 > gap_2025 > 0
