"""Persons who cannot exist, and who stay themselves."""

from __future__ import annotations

from collections import Counter
from datetime import date

import pytest
from clerk import Read, Row, has_valid_check, to_date, to_id


@pytest.fixture
def register(good_rows: Read) -> dict[int, list[Row]]:
    return {y: good_rows("civil_affairs/elder_profiles", f"老年人基本信息_{y}年") for y in (2020, 2021)}


def test_numbers_are_valid_and_of_areas_never_assigned(register: dict[int, list[Row]], good_rows: Read) -> None:
    numbers = [r["身份证号"] for rows in register.values() for r in rows]
    numbers += [r["身份证号"] for r in good_rows("civil_affairs/homecare_services", "上门养老服务记录_2021年06月")]
    assert [n for n in numbers if not has_valid_check(n)] == []
    assert {n[:4] for n in numbers} == {"3297", "3298", "3299"}


def test_the_number_holds_the_birth_date(register: dict[int, list[Row]]) -> None:
    assert [r for r in register[2020] if to_id(r["身份证号"])[6:14] != to_date(r["出生日期"]).strftime("%Y%m%d")] == []


def test_persons_stay_themselves(register: dict[int, list[Row]]) -> None:
    """Most of those who were there in 2020 are there in 2021, with the same name, birth date and first day."""

    def first_spells(rows: list[Row]) -> dict[str, tuple[str, date, date]]:
        known: dict[str, tuple[str, date, date]] = {}
        for r in rows:
            known.setdefault(to_id(r["身份证号"]), (r["姓名"], to_date(r["出生日期"]), to_date(r["登记日期"])))
        return known

    before, after = first_spells(register[2020]), first_spells(register[2021])
    both = before.keys() & after.keys()
    assert len(both) > 0.93 * len(before)
    assert [p for p in both if before[p][:2] != after[p][:2]] == []
    moved_in_2020 = sum(before[p][2] != after[p][2] for p in both)
    assert moved_in_2020 < 0.01 * len(both)


def test_a_key_names_one_spell(register: dict[int, list[Row]]) -> None:
    keys = Counter((to_id(r["身份证号"]), to_date(r["登记日期"])) for r in register[2020])
    assert max(keys.values()) == 1


def test_who_moves_to_an_institution_has_two_spells_that_meet(register: dict[int, list[Row]]) -> None:
    spells: dict[str, list[Row]] = {}
    for r in register[2020]:
        spells.setdefault(to_id(r["身份证号"]), []).append(r)
    moved = [s for s in spells.values() if len(s) > 1]
    assert len(moved) > 10
    for home, institution in moved:
        assert (home["居住方式"], institution["居住方式"]) == ("居家", "机构")
        assert to_date(home["注销日期"]) == to_date(institution["登记日期"])


def test_the_register_has_the_persons_of_60_and_over(register: dict[int, list[Row]], good_rows: Read) -> None:
    """County by county, at the year end."""
    population = Counter[str]()
    for r in good_rows("statistics/resident_population", "常住人口_2020年"):
        if r["口径"] == "七普" and int(r["年龄"]) >= 60:
            population[r["地区代码"]] += int(r["年末常住人口"])
    registered = {
        (r["居住县区代码"], to_id(r["身份证号"]))
        for r in register[2020]
        if not r["注销日期"] and to_date(r["出生日期"]) <= date(1960, 12, 31)
    }
    assert Counter(county for county, _ in registered) == population


def test_a_few_on_the_register_are_under_60(register: dict[int, list[Row]]) -> None:
    young = [r for r in register[2020] if to_date(r["出生日期"]) > date(1960, 12, 31)]
    assert 0 < len(young) < 0.01 * len(register[2020])


def test_some_visits_must_not_count(register: dict[int, list[Row]], good_rows: Read) -> None:
    """Strangers, residents of institutions, and persons whose visits were never verified."""
    known = {to_id(r["身份证号"]) for r in register[2021]}
    home = {to_id(r["身份证号"]) for r in register[2021] if r["居住方式"] == "居家"}
    visits = [
        r
        for m in range(1, 13)
        for r in good_rows("civil_affairs/homecare_services", f"上门养老服务记录_2021年{m:02d}月")
    ]
    visited = {to_id(r["身份证号"]) for r in visits}
    verified = {to_id(r["身份证号"]) for r in visits if r["是否核验"] == "是"}
    assert visited - known and (visited & known) - home and (visited & home) - verified
    assert 3.5 < len(visits) / len(verified & home) < 5
    assert len({r["服务单号"] for r in visits}) == len(visits)
