"""Doses due and given in time, counted from the written files by hand, without ingest."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from datetime import date
from functools import cache
from typing import Any, NamedTuple

import pytest
from clerk import Read, Row, to_date, to_id

FIRST, NEVER = 2019, date.max.toordinal()
SOUTH, NORTH = ("3201", "3202", "3204", "3205", "3211"), ("3203", "3207", "3208", "3209", "3213")
NUMBERS = ("剂次", "应种日龄", "最小接种日龄", "宽限天数", "与前一剂最小间隔天数")
Key = tuple[str, str, int]  # child, vaccine, dose


class Dose(NamedTuple):
    """A dose that is due, and the days (ordinals) that matter for it."""

    county: str
    least: int
    last: int
    interval: int


def ordinal(text: str) -> int:
    return to_date(text).toordinal() if text else NEVER


@pytest.fixture(scope="module")
def changes(good_rows: Read) -> Callable[[int], list[Row]]:
    return lambda year: good_rows("health/immunization_cards", f"预防接种卡变更_{year}年")


@pytest.fixture(scope="module")
def register(changes: Callable[[int], list[Row]]) -> Callable[[int], list[Row]]:
    """year -> the cards that stand after its file."""

    def read(year: int) -> list[Row]:
        cards: dict[tuple[str, date], Row] = {}
        for row in (r for y in range(FIRST, year + 1) for r in changes(y)):
            key = to_id(row["身份证号"]), to_date(row["居住起始日期"])
            if row["变更类型"] == "注销":
                del cards[key]
            else:
                cards[key] = row
        return list(cards.values())

    return read


@pytest.fixture(scope="module")
def schedule(good_rows: Read) -> list[Row]:
    return good_rows("health/vaccine_schedule", "国家免疫规划疫苗程序_2025年")


@pytest.fixture(scope="module")
def records(good_rows: Read) -> Callable[[int], dict[Key, list[tuple[int, bool]]]]:
    """year -> the day of each record of a dose in the files up to it, and whether it is of the programme."""

    @cache
    def read(year: int) -> dict[Key, list[tuple[int, bool]]]:
        found: dict[Key, list[tuple[int, bool]]] = defaultdict(list)
        for y in range(FIRST - 1, year + 1):
            for row in good_rows("health/vaccination_events", f"预防接种记录_{y}年"):
                key = to_id(row["身份证号"]), row["疫苗编码"], int(row["剂次"])
                found[key].append((ordinal(row["接种日期"]), row["是否免疫规划疫苗"] == "是"))
        return found

    return read


@pytest.fixture(scope="module")
def due(register: Any, schedule: list[Row]) -> Callable[[int], dict[Key, Dose]]:
    @cache
    def count(year: int) -> dict[Key, Dose]:
        start, end = date(year, 1, 1).toordinal(), date(year, 12, 31).toordinal()
        rows = [
            (r["疫苗编码"], *(int(r[h] or 0) for h in NUMBERS), *(ordinal(r[h]) for h in ("启用日期", "停用日期")))
            for r in schedule
        ]
        found: dict[Key, tuple[int, Dose]] = {}
        for card in register(year):
            child, born = to_id(card["身份证号"]), ordinal(card["出生日期"])
            since, until = ordinal(card["居住起始日期"]), ordinal(card["居住终止日期"])
            for vaccine, number, age, least, grace, interval, valid_from, valid_to in rows:
                on = born + age
                if start <= on + grace <= end and valid_from <= on < valid_to and since <= on < until:
                    dose = Dose(card["居住县区代码"], born + least, on + grace, interval)
                    key = (child, vaccine, number)
                    found[key] = max(found.get(key, (0, dose)), (since, dose), key=lambda pair: pair[0])
        return {key: dose for key, (_, dose) in found.items()}

    return count


def is_given(key: Key, dose: Dose, records: dict[Key, list[tuple[int, bool]]]) -> bool:
    child, vaccine, number = key
    before = [on for on, _ in records.get((child, vaccine, number - 1), [])]
    return any(
        of_programme and dose.least <= on <= dose.last and not any(on - dose.interval < b <= on for b in before)
        for on, of_programme in records.get(key, [])
    )


@pytest.fixture(scope="module")
def rate(due: Any, records: Any) -> Callable[..., float]:
    def compute(year: int, cities: tuple[str, ...] = ("32",)) -> float:
        known = records(year)
        doses = {k: d for k, d in due(year).items() if d.county.startswith(cities)}
        return 100 * sum(is_given(k, d, known) for k, d in doses.items()) / len(doses)

    return compute


def test_immunisation_prints_95_in_2020_and_is_not_below(rate: Any) -> None:
    assert f"{rate(2020):.0f}" == "95"
    assert f"{rate(2020):.1f}" == "95.2"


def test_immunisation_keeps_its_floor_in_the_first_year_and_to_2025(rate: Any) -> None:
    assert f"{rate(2019):.1f}" == "95.0"
    assert f"{rate(2025):.1f}" == "96.1"


def test_the_south_is_a_little_ahead(rate: Any) -> None:
    assert 0.3 < rate(2020, SOUTH) - rate(2020, NORTH) < 4


@pytest.mark.parametrize("scale", [0.01, 0.1])
def test_at_a_larger_scale_immunisation_prints_95_2(scale: float) -> None:
    from sandbox.health.doses import count_due, count_missed

    due, missed = count_due(2020, scale, 14), count_missed(2020, scale, 14)
    assert f"{100 * (1 - missed.sum() / due.sum()):.2f}" == "95.20"
    assert (missed <= due).all()


def test_there_are_records_that_must_not_count(due: Any, records: Any) -> None:
    """Of 2021: early, late, private, too soon, twice, never, of a vaccine outside the programme, of nobody's card."""
    known, doses = records(2021), due(2021)
    seen: set[str] = set()
    for key, dose in doses.items():
        found = known.get(key, [])
        ours = [on for on, of_programme in found if of_programme]
        within = [on for on in ours if dose.least <= on <= dose.last]
        seen |= {"never"} if not found else set()
        seen |= {"private"} if found and not ours else set()
        seen |= {"early"} if ours and max(ours) < dose.least else set()
        seen |= {"late"} if ours and min(ours) > dose.last else set()
        seen |= {"too soon"} if within and not is_given(key, dose, known) else set()
        seen |= {"twice"} if len(within) > 1 else set()
        seen |= {"the year before"} if within and date.fromordinal(within[0]).year == 2020 else set()
    children, vaccines = {child for child, _, _ in doses}, {vaccine for _, vaccine, _ in doses}
    seen |= {"no card"} if any(child not in children for child, _, _ in known) else set()
    seen |= {"outside"} if any(vaccine not in vaccines and vaccine != "DT" for _, vaccine, _ in known) else set()
    wanted = {"early", "late", "private", "too soon", "twice", "never", "the year before", "no card", "outside"}
    assert seen == wanted


def test_the_register_has_the_provinces_children_of_0_to_6(register: Any, good_rows: Read) -> None:
    end = date(2020, 12, 31).toordinal()
    here = [r for r in register(2020) if ordinal(r["居住终止日期"]) > end and to_date(r["出生日期"]).year >= 2014]
    residents = good_rows("statistics/resident_population", "常住人口_2020年")
    young = sum(int(r["年末常住人口"]) for r in residents if r["口径"] == "七普" and int(r["年龄"]) <= 6)
    assert len({to_id(r["身份证号"]) for r in here}) == pytest.approx(young, rel=0.05)


def test_later_files_tell_changes_only_and_cancel_what_they_told(changes: Any, register: Any) -> None:
    assert {r["变更类型"] for r in changes(FIRST)} == {"新增"}
    for year in range(FIRST + 1, 2026):
        rows = changes(year)
        assert {r["变更类型"] for r in rows} == {"新增", "变更", "注销"}
        assert len(rows) < 0.3 * len(changes(FIRST))
        before = {(to_id(r["身份证号"]), to_date(r["居住起始日期"])) for r in register(year - 1)}
        keys = {(to_id(r["身份证号"]), to_date(r["居住起始日期"])): r["变更类型"] for r in rows}
        assert all((key in before) == (operation != "新增") for key, operation in keys.items())


def test_who_moves_has_two_spells_that_meet(register: Any) -> None:
    spells = defaultdict(list)
    for row in register(2025):
        spells[to_id(row["身份证号"])].append((ordinal(row["居住起始日期"]), ordinal(row["居住终止日期"])))
    moved = [sorted(s) for s in spells.values() if len(s) == 2]
    meeting = [s for s in moved if s[0][1] == s[1][0]]
    assert len(meeting) > 0.05 * len(spells)
    assert len(moved) - len(meeting) < 0.01 * len(spells)  # a second card by mistake, not cancelled yet


def test_a_change_of_the_schedule_leaves_one_version_of_a_dose_for_each_cohort(schedule: list[Row]) -> None:
    """As ordinals of birthdays: what ends for one version begins for the next."""
    cohorts = defaultdict(list)
    for row in schedule:
        age = int(row["应种日龄"])
        until = ordinal(row["停用日期"])
        cohorts[row["疫苗编码"], row["剂次"]].append((ordinal(row["启用日期"]) - age, until - (until < NEVER) * age))
    assert sum(len(spans) > 1 for spans in cohorts.values()) == 5  # bOPV 1 and 2, DTaP 1 and 3, MMR 1
    for spans in cohorts.values():
        for (_, end), (start, _) in zip(sorted(spans), sorted(spans)[1:], strict=False):
            assert end == start


def test_no_child_has_the_number_of_a_student(register: Any, good_rows: Read) -> None:
    children = {to_id(r["身份证号"]) for r in register(2025)}
    for year in range(FIRST, 2026):
        students = good_rows("education/student_register", f"高中阶段学籍_{year}学年")
        leavers = good_rows("education/graduate_exits", f"离校人员_{year}年")
        assert not children & {to_id(r["身份证号"]) for r in (*students, *leavers)}
