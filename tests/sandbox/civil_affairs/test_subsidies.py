"""The two disability subsidies counted from the written files by hand, without ingest."""

from __future__ import annotations

from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from clerk import Answers, Read, Row, has_valid_check, plain, to_date, to_id

from sandbox.civil_affairs.grants import find_errors, pay
from sandbox.province.disabled import find_disabled

FOLDER = "civil_affairs/disability_subsidy_payments"
SOUTH, NORTH = ("3201", "3202", "3204", "3205", "3211"), ("3203", "3207", "3208", "3209", "3213")
LIVING, NURSING = "困难残疾人生活补贴", "重度残疾人护理补贴"
YEARS = range(2019, 2026)


@pytest.fixture(scope="module")
def paid_in(province: Path, answers: Answers) -> Any:
    """year -> the payments made in it that the answer key does not reject: (person, kind, month, date, county)."""
    rejected = {(r["file"], r["record"]) for r in answers["rejects"]}

    @cache
    def read(year: int) -> list[tuple[str, str, str, date, str]]:
        found = []
        for month in range(1, 13):
            name = f"{FOLDER}/残疾人两项补贴发放_{year}年{month:02d}月_模拟数据.parquet"
            rows = pl.read_parquet(province / name).select(
                "身份证号", "补贴类别", "所属月份", "支付日期", "发放县区代码"
            )
            found += [r for n, r in enumerate(rows.iter_rows(), 1) if (name, n) not in rejected]
        return [(to_id(plain(person)), *rest) for person, *rest in found]

    return read


@pytest.fixture(scope="module")
def paid_for(paid_in: Any) -> Any:
    """year -> the payments for its months, made in it or in the next year."""

    def select(year: int) -> list[tuple[str, str, str, date, str]]:
        made = paid_in(year) + (paid_in(year + 1) if year + 1 in YEARS else [])
        return [p for p in made if p[2].startswith(f"{year}-")]

    return select


@pytest.fixture(scope="module")
def findings(good_rows: Read) -> Any:
    """year -> what the audits of it and of the next year found about its months."""

    def select(year: int) -> list[Row]:
        sent = [y for y in (year, year + 1) if y in YEARS]
        rows = [
            r for y in sent for r in good_rows("civil_affairs/disability_subsidy_audits", f"残疾人两项补贴核查_{y}年")
        ]
        return [r for r in rows if r["所属月份"].startswith(f"{year}-")]

    return select


@pytest.fixture(scope="module")
def register(good_rows: Read) -> Any:
    def read(year: int) -> list[Row]:
        return good_rows("disabled_persons/disability_register", f"残疾人登记_{year}年")

    return read


@pytest.fixture(scope="module")
def count(paid_for: Any, findings: Any) -> Any:
    def count(year: int, cities: tuple[str, ...] = ("32",)) -> tuple[int, int, int]:
        """(paid, wrong, omitted) person-months; the counties are those of the rows."""
        paid = {(who, month) for who, _, month, _, county in paid_for(year) if county.startswith(cities)}
        confirmed = {
            (to_id(r["身份证号"]), r["所属月份"], r["问题类型"])
            for r in findings(year)
            if r["认定日期"] and r["县区代码"].startswith(cities)
        }
        return len(paid), *(sum(kind == what for *_, kind in confirmed) for what in ("错发", "漏发"))

    return count


def test_precision_prints_99_87_in_2020(count: Any) -> None:
    paid, wrong, omitted = count(2020)
    assert f"{100 * (paid - wrong - omitted) / paid:.2f}" == "99.87"
    assert wrong > 0 and omitted > 0


def test_precision_ends_short_of_100(count: Any) -> None:
    paid, wrong, omitted = count(2025)
    assert f"{100 * (paid - wrong - omitted) / paid:.2f}" == "99.96"


@pytest.mark.parametrize("scale", [0.01, 0.1])
def test_at_a_larger_scale_precision_prints_the_same(scale: float) -> None:
    for year, printed in ((2020, "99.87"), (2025, "99.96")):
        people, errors = find_disabled(year, scale, 14), find_errors(year, scale, 14)
        paid = pay(people, errors, year).any(axis=1).sum()
        assert f"{100 * (paid - errors.confirmed.sum()) / paid:.2f}" == printed


def test_errors_are_rarer_in_the_south(count: Any) -> None:
    def rate(cities: tuple[str, ...]) -> float:
        paid, wrong, omitted = (sum(column) for column in zip(*(count(y, cities) for y in YEARS), strict=True))
        return (wrong + omitted) / paid

    assert rate(SOUTH) < 0.7 * rate(NORTH)


def test_payments_have_what_must_count_once_or_elsewhere(paid_in: Any, paid_for: Any) -> None:
    """Both kinds in a month, a month paid twice, two counties for one month, months of the year before."""
    seen: set[str] = set()
    for year in YEARS:
        rows = paid_for(year)
        kinds = {(who, month, kind) for who, kind, month, *_ in rows}
        assert all(f"{on:%Y-%m}" >= month for *_, month, on, _ in rows)
        seen |= {"both kinds"} if len(kinds) > 1.1 * len({k[:2] for k in kinds}) else set()
        seen |= {"twice"} if len(rows) > len(kinds) else set()
        places = {(who, month, county) for who, _, month, _, county in rows}
        seen |= {"two counties"} if len(places) > len({p[:2] for p in places}) else set()
        seen |= {"late"} if any(f"{on:%Y-%m}" > month for *_, month, on, _ in rows) else set()
        seen |= {"last year's"} if any(month < f"{year}" for _, _, month, *_ in paid_in(year)) else set()
    assert seen == {"both kinds", "twice", "two counties", "late", "last year's"}


def test_findings_have_what_must_not_count_or_count_once(findings: Any, paid_for: Any) -> None:
    """Not confirmed; both kinds of one person; confirmed in the next year; omitted, so that nothing was paid."""
    seen: set[str] = set()
    for year in YEARS:
        rows = findings(year)
        confirmed = [r for r in rows if r["认定日期"]]
        persons = {(to_id(r["身份证号"]), r["所属月份"]) for r in confirmed}
        omitted = {(to_id(r["身份证号"]), r["所属月份"]) for r in confirmed if r["问题类型"] == "漏发"}
        seen |= {"not confirmed"} if len(confirmed) < len(rows) else set()
        seen |= {"both kinds"} if len(confirmed) > len(persons) else set()
        seen |= {"next year"} if any(to_date(r["认定日期"]).year > year for r in confirmed) else set()
        seen |= {"not among the paid"} if omitted - {(who, month) for who, _, month, *_ in paid_for(year)} else set()
    assert seen == {"not confirmed", "both kinds", "next year", "not among the paid"}


def test_confirmed_findings_are_true(findings: Any, paid_for: Any) -> None:
    """What was wrongly paid was paid, what was omitted was not."""
    for year in YEARS:
        paid = {(who, month, kind) for who, kind, month, *_ in paid_for(year)}
        for row in (r for r in findings(year) if r["认定日期"]):
            cell = (to_id(row["身份证号"]), row["所属月份"], row["补贴类别"])
            assert (cell in paid) == (row["问题类型"] == "错发"), row["核查编号"]


def test_the_register_recomputes_what_the_audits_confirm_for_december_and_a_little_more(
    register: Any, paid_for: Any, findings: Any
) -> None:
    recomputed, confirmed = set(), set()
    for year in YEARS:
        month, rows = f"{year}-12", register(year)
        flags = {LIVING: "是否符合生活补贴条件", NURSING: "是否符合护理补贴条件"}
        due = {(to_id(r["身份证号"]), kind) for r in rows for kind, flag in flags.items() if r[flag] == "是"}
        paid = {(who, kind) for who, kind, for_month, *_ in paid_for(year) if for_month == month}
        wrong, omitted = ({(year, who) for who, _ in some} for some in (paid - due, due - paid))
        recomputed |= {("错发", *who) for who in wrong} | {("漏发", *who) for who in omitted}
        found = (r for r in findings(year) if r["认定日期"] and r["所属月份"] == month)
        confirmed |= {(r["问题类型"], year, to_id(r["身份证号"])) for r in found}
        persons = len({who for who, _ in paid})
        assert 99.5 < 100 * (persons - len(wrong) - len(omitted)) / persons <= 100
        assert 0.6 < persons / len(rows) < 0.65
    assert confirmed < recomputed
    assert len(recomputed) < 3 * len(confirmed)


def test_the_same_persons_stay_on_the_register_and_are_paid(register: Any, paid_in: Any) -> None:
    for year in range(2019, 2025):
        before, after = ({to_id(r["身份证号"]): r["出生日期"] for r in register(y)} for y in (year, year + 1))
        both = before.keys() & after.keys()
        assert len(both) > 0.93 * len(before)
        assert [p for p in both if to_date(before[p]) != to_date(after[p])] == []
        paid, still = ({who for who, *_ in paid_in(y)} for y in (year, year + 1))
        assert len(paid & still) > 0.85 * len(paid)


def test_every_county_is_on_the_register_and_pays(register: Any, paid_in: Any) -> None:
    for year in (2019, 2023):
        assert len({r["县区代码"] for r in register(year)}) == len({p[-1] for p in paid_in(year)}) >= 95 + 11


def test_a_certificate_holds_the_citizen_number_and_some_children_have_none(register: Any) -> None:
    rows = register(2022)
    certified = [r for r in rows if r["残疾人证号"]]
    assert all(has_valid_check(r["残疾人证号"][:18]) and len(r["残疾人证号"]) == 20 for r in certified)
    assert all(to_id(r["残疾人证号"][:18]) == to_id(r["身份证号"]) for r in certified)
    children = [r for r in rows if not r["残疾人证号"]]
    assert children and all(to_date(r["出生日期"]).year > 2004 and not r["残疾等级"] for r in children)
    assert {r["是否符合生活补贴条件"] for r in children} == {"否"}
    assert 0.25 < sum(r["是否有康复需求"] == "是" for r in rows) / len(rows) < 0.35


def test_amounts_are_decimals_and_dates_are_dates(province: Path) -> None:
    schema = pl.read_parquet_schema(province / f"{FOLDER}/残疾人两项补贴发放_2021年06月_模拟数据.parquet")
    assert (schema["支付金额"], schema["支付日期"]) == (pl.Decimal(12, 2), pl.Date)
