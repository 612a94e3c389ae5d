"""A value that falls from one year to the next is not published, until somebody stands for it or it is corrected."""

from __future__ import annotations

import re
from pathlib import Path

import duckdb
import pytest
from test_chain import copy_project

from expectations.rules import read_rules

CELL = "indicator = 'physicians_per_1000' and region_code = '320000' and period = '2025' and stratum = 'all'"
VALUE = f"select value from marts.indicator_values where {CELL} and population_basis = 'census_2020'"
DATASET, LATER = "health/health_personnel", re.compile("再更正|定稿")
PHYSICIAN, ASSISTANT, OTHER = (f",{name},".encode("gb18030") for name in ("执业医师", "执业助理医师", "其他卫生人员"))


@pytest.fixture
def fallen(refreshed, tmp_path):
    """A build with an export that wrote another profession for four physicians of five: no row is wrong in itself."""
    suheng = type(refreshed)(refreshed.copy(tmp_path / "data").data, copy_project(tmp_path))
    lines = whole(suheng).read_bytes().splitlines(keepends=True)
    edited = [
        line if n % 5 == 0 else line.replace(PHYSICIAN, OTHER).replace(ASSISTANT, OTHER) for n, line in enumerate(lines)
    ]
    deliver(suheng, "_再更正", "2026-06-01", b"".join(edited))
    return suheng


def test_a_fall_by_four_fifths_blocks_until_it_is_waived(refreshed, fallen):
    current, before = fallen.data / "published" / "current", refreshed.query(VALUE)[0][0]
    published = current.readlink()
    said = fallen("audit", ok=False)
    assert "indicator_values/outliers：省、市的值在自身历年的通常范围之内" in said
    assert "build/audit/waivers/" in said
    assert "不能发布" in fallen("publish", ok=False)
    assert current.readlink() == published
    ((value,),) = read(fallen.data / "build" / "suheng.duckdb", VALUE)
    assert 0.1 * before < value < 0.3 * before

    text = draft_of(fallen).read_text("utf-8")
    (said,) = re.findall("(?m)^- {indicator: physicians_per_1000, region_code: '320000', period: '2025',.*$", text)
    assert f"value_text: '{value:.2f}'".rstrip("0'") in said  # for this value and no other
    filled = text.replace("by:\n", "by: 省卫生健康委 某处长\n").replace("reason:\n", "reason: 注册制度改变（模拟）\n")
    waiver = fallen.root / "expectations" / "waivers" / "physicians.yaml"
    waiver.write_text(filled.replace("until:\n", "until: 2999-12-31\n"), "utf-8")
    fallen("audit")
    fallen("publish")
    assert fallen.query(VALUE) == [(value,)]
    ((outcome, waived, who),) = fallen.query(
        "select outcome, rows_waived, waivers from marts.quality_results where rule = 'indicator_values/outliers'"
    )
    assert (outcome, waived) == ("passed", text.count("{indicator:"))
    assert "省卫生健康委 某处长：注册制度改变（模拟）" in who


@pytest.mark.soak
def test_a_fall_by_four_fifths_blocks_until_it_is_corrected(refreshed, fallen):
    fallen("audit", ok=False)
    deliver(fallen, "_定稿", "2026-06-02", whole(fallen).read_bytes())
    fallen("audit")
    fallen("publish")
    assert fallen.query(VALUE) == refreshed.query(VALUE)
    assert not draft_of(fallen).exists()


def draft_of(suheng) -> Path:
    return suheng.data / "build" / "audit" / "waivers" / "indicator_values__outliers.yaml"


def whole(suheng) -> Path:
    """The file that counts, but for what the tests deliver."""
    files = (suheng.data / "inbox" / DATASET).glob("卫生人员注册信息_2025年*.csv")
    return max((path for path in files if not LATER.search(path.name)), key=lambda path: path.stat().st_mtime)


def deliver(suheng, suffix: str, day: str, content: bytes) -> None:
    """Take a file in that came on a day, and build."""
    file = whole(suheng).with_name(whole(suheng).name.replace(".csv", f"{suffix}.csv"))
    file.write_bytes(content)
    file.with_name(f"{file.name}.received").write_text(f"{day}T00:00:00+08:00", "utf-8")
    assert "退回" not in suheng("ingest", DATASET)
    suheng.rebuild()


def read(path: Path, sql: str) -> list[tuple[float, ...]]:
    with duckdb.connect(str(path), read_only=True) as con:
        return con.sql(sql).fetchall()


@pytest.fixture(scope="module")
def judge(refreshed):
    """The rows that the rule finds in the published values of the sandbox province, read by a query of them."""
    (rule,) = (rule for rule in read_rules() if rule.name == "indicator_values/outliers")
    with duckdb.connect(str(refreshed.data / "published" / "current" / "suheng.duckdb"), read_only=True) as con:
        yield lambda cells: con.sql(rule.query.format(batch=f"({cells})")).fetchall()


def test_no_span_of_the_sandbox_provinces_years_has_an_outlier(judge):
    """As a history of two years would be judged, of three, up to all seven."""
    for first in range(2019, 2025):
        for last in range(first + 1, 2026):
            span = f"select * from marts.indicator_values where period between '{first}' and '{last}'"
            assert judge(span) == [], (first, last)


@pytest.mark.parametrize("year", range(2019, 2026))
def test_a_year_of_the_sandbox_province_at_a_fifth_is_named(judge, refreshed, year):
    """Of everything that is no count of areas; at a thousandth of the province, 35 general practitioners are few."""
    is_off = f"region_code = '320000' and period = '{year}'"
    scaled = ", ".join(
        f"cast(if({is_off}, 0.2, 1) * {column} as {kind}) as {column}"
        for column, kind in {
            "value": "double", "numerator": "decimal(28, 6)", "value_lower": "double", "value_upper": "double",
        }.items()
    )  # fmt: skip
    found = judge(f"select * replace ({scaled}) from marts.indicator_values")
    assert {row[1:3] for row in found} == {("320000", str(year))}
    expected = refreshed.query(
        "select distinct indicator from marts.indicator_values inner join marts.indicators using (indicator) "
        f"where {is_off} and stratum = 'all' and value is not null "
        "and formula_kind <> 'area_share' and indicator <> 'gp_per_10000'"
    )
    assert len(expected) == 12
    assert {(row[0],) for row in found} >= set(expected)
