"""Generated files: those of the tree are current, and a stale one is found."""

from __future__ import annotations

import dataclasses
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from ingest.promises import generate
from ingest.promises.contract import Contract, read_contracts
from ingest.promises.counted import CountedError, read_counted
from ingest.promises.examples import unit_test
from ingest.promises.plan import Indicator, Plan, PlanError, read_plan, tables
from ingest.promises.sources import LINEAGE, plan_source
from ingest.promises.strata import strata_page
from ingest.settings import PLAN

CONTRACTS = read_contracts()
COUNTED = read_counted()


def test_the_generated_files_of_the_tree_are_current() -> None:
    assert generate.check() == []


def test_a_stale_a_missing_and_a_current_file_are_told_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(generate, "MODELS", tmp_path)
    monkeypatch.setattr(generate, "DOCS", tmp_path / "docs")
    files = generate.check()
    assert files == generate.write()
    files[0].write_text(files[0].read_text("utf-8").replace("varchar", "text", 1), "utf-8")
    files[-1].unlink()
    assert generate.write() == [files[0], files[-1]]
    assert generate.check() == []


def test_what_nothing_generates_any_more_is_stale_and_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    models, docs = tmp_path / "models", tmp_path / "docs"
    monkeypatch.setattr(generate, "MODELS", models)
    monkeypatch.setattr(generate, "DOCS", docs)
    generate.write()
    (example, *_) = sorted((models / "intermediate" / "values" / "examples").rglob("*.yml"))
    gone = example.parents[1] / "domain_that_was"
    gone.mkdir()
    left, page = example.rename(gone / example.name), docs / "groups.md"
    page.write_text((docs / "strata.md").read_text("utf-8"), "utf-8")
    (models / "by_hand.yml").write_text("version: 2\n", "utf-8")
    assert generate.check() == [example, page, left]
    assert generate.write() == [example, page, left]
    assert not gone.exists() and not page.exists() and generate.check() == []
    assert (models / "by_hand.yml").exists()


# The union of all measures


def kept(folder: Path, name: str, meta: str, materialized: str = "kept") -> Path:
    path = folder / ("counted" if materialized == "kept" else "values") / f"{name}.sql"
    path.parent.mkdir(exist_ok=True)
    path.write_text(
        f"{{{{ config(materialized='{materialized}') }}}}\nselect * from {{{{ ref('stg_health__doctors') }}}}"
    )
    path.with_suffix(".yml").write_text(f"models: [{{name: {name}, config: {{meta: {meta}}}}}]")
    return path


def test_a_kept_model_is_found_by_its_files_wherever_it_lies(tmp_path: Path) -> None:
    kept(tmp_path, "int_b__counted", "{measures: {doctors: 医生（人）}, strata: {area: health/doctors.township}}")
    kept(tmp_path, "int_a__counted", "{measures: {nurses: 护士（人）, midwives: 助产士（人）}}")
    kept(tmp_path, "int_c__computed", "{}", materialized="table")
    nurses, doctors = read_counted(tmp_path)
    assert (nurses.model, nurses.measures, nurses.fields) == ("int_a__counted", ("nurses", "midwives"), {})
    assert (doctors.measures, doctors.datasets) == (("doctors",), ("health/doctors",))
    assert doctors.fields == {"area": "health/doctors.township"}
    assert re.findall(r"ref\('\w+'\)|union all", generate.union([nurses, doctors])) == [
        "ref('int_a__counted')",
        "union all",
        "ref('int_b__counted')",
    ]


@pytest.mark.parametrize("told", [True, False])
def test_a_kept_model_without_measures_is_an_error_that_names_its_file(tmp_path: Path, told: bool) -> None:
    path = kept(tmp_path, "int_a__counted", "{strata: {}}").with_suffix(".yml")
    if not told:
        path.unlink()
    with pytest.raises(CountedError) as error:
        read_counted(tmp_path)
    assert str(error.value).startswith(f"{path}: meta.measures: 汇总模型须写明它计的度量")


@pytest.mark.parametrize("said", ["", "models:", "models: [{name: int_a__counted, config: {meta: }}]", "models: ["])
def test_a_yml_that_says_nothing_is_named(tmp_path: Path, said: str) -> None:
    path = kept(tmp_path, "int_a__counted", "{measures: {doctors: 医生（人）}}").with_suffix(".yml")
    path.write_text(said, "utf-8")
    with pytest.raises(CountedError, match=re.escape(str(path))):
        read_counted(tmp_path)


def test_a_kept_model_is_found_however_it_is_spaced_and_quoted(tmp_path: Path) -> None:
    path = kept(tmp_path, "int_a__counted", "{measures: {doctors: 医生（人）}}")
    path.write_text('{{ config(materialized = "kept") }}\nfrom {{ ref( "stg_health__personnel" ) }}', "utf-8")
    (found,) = read_counted(tmp_path)
    assert found.datasets == ("health/personnel",)


def test_a_measure_is_counted_by_one_model(tmp_path: Path) -> None:
    kept(tmp_path, "int_a__counted", "{measures: {doctors: 医生（人）}}")
    path = kept(tmp_path, "int_b__counted", "{measures: {doctors: 医生（人）}}")
    with pytest.raises(CountedError) as error:
        read_counted(tmp_path)
    assert str(error.value).startswith(f"{path}: doctors: 已由 int_a__counted 计数")


# Sources and examples


@cache
def generated() -> dict[Path, str]:
    """Of the tree as it is."""
    return generate.generate()


def source_of(contract: Contract) -> dict[str, dict[str, object]]:
    text = generated()[generate.MODELS / "staging" / contract.department / "_sources.yml"]
    (source,) = yaml.safe_load(text)["sources"]
    (table,) = [t for t in source["tables"] if t["name"] == contract.dataset]
    assert table["identifier"] == f"{contract.department}__{contract.dataset}"
    assert table["data_tests"] == [{"unique_key": {"arguments": {"columns": ["delivery_id", *contract.key]}}}]
    return {c["name"]: c for c in table["columns"]}


@pytest.mark.parametrize("contract", CONTRACTS.values(), ids=lambda c: c.name)
def test_a_source_has_the_columns_that_the_lake_has(contract: Contract) -> None:
    columns = source_of(contract)
    lineage = {"record", "delivery_id", "period", "contract_version", "received_at"}
    assert set(columns) == set(contract.arrow_schema.names) | lineage
    for column in contract.columns:
        found = columns[column.name]
        assert str(found["data_type"]).replace(" ", "") == column.sql_type.lower().replace(" ", "")
        tests = found.get("data_tests", [])
        assert isinstance(tests, list)
        assert ("not_null" in tests) == (column.name in contract.filled)
        values = [t["accepted_values"]["arguments"]["values"] for t in tests if isinstance(t, dict)]
        assert values == ([list(column.codes.values())] if column.kind == "codes" else [])


def test_the_plans_source_has_the_columns_that_are_landed() -> None:
    plan = read_plan(PLAN)
    found = {t["name"]: [c["name"] for c in t["columns"]] for t in plan_source(plan)["tables"]}
    assert found == {name: [*frame.columns, *LINEAGE] for name, frame in tables(plan).items()}


def test_every_worked_example_becomes_one_unit_test_in_the_place_that_its_indicator_has_in_the_plan() -> None:
    files = {path: text for path, text in generated().items() if "examples" in path.parts}
    found = {
        (p.parent.name, p.stem): [t["name"] for t in yaml.safe_load(text)["unit_tests"]] for p, text in files.items()
    }
    assert found == {
        (i.domain, i.indicator): [f"{i.indicator}__{example['name']}" for example in i.examples]
        for i in read_plan(PLAN).indicators
        if i.examples
    }


def test_what_an_example_gives_above_the_county_does_not_add_up() -> None:
    by_sequence = {i.sequence: i for i in read_plan(PLAN).indicators}
    pairs, children = (unit_test(by_sequence[n], by_sequence[n].examples[0]) for n in (28, 3))
    for test, measures, is_additive in (
        (pairs, ["adjacent_county_pairs_with_bus", "adjacent_county_pairs"], False),
        (children, ["inclusive_kindergarten_children", "kindergarten_children"], True),
    ):
        (declared,) = [g["rows"] for g in test["given"] if g["input"] == "ref('int_formulas__declared')"]
        assert [(row["measure"], row["is_additive"]) for row in declared] == [(m, is_additive) for m in measures]


# The page of strata and other readings


def row(page: str, sequence: int) -> list[str]:
    """The cells of an indicator's row in the first table of the page."""
    (line,) = [line for line in page.partition("\n## ")[0].splitlines() if line.startswith(f"| {sequence} |")]
    return [cell.strip() for cell in line.strip("|").split("|")]


def replaced(sequence: int, **changes: Any) -> Plan:
    """The plan with one indicator changed."""
    plan = read_plan(PLAN)
    changed: dict[int, Indicator] = {i.sequence: i for i in plan.indicators}
    changed[sequence] = dataclasses.replace(changed[sequence], **changes)
    return dataclasses.replace(plan, indicators=tuple(changed.values()))


def test_the_page_names_the_fields_that_tell_the_strata_and_why_there_are_none() -> None:
    page = strata_page(read_plan(PLAN), CONTRACTS, COUNTED)
    elders = "老年人基本信息的居住乡镇代码（`civil_affairs/elder_profiles.resident_township`）"
    hukou = "老年人基本信息的户籍县区代码（`civil_affairs/elder_profiles.hukou_county`）"
    assert row(page, 15) == ["15", "接受上门服务的居家老年人数占比", elders, hukou]
    places = "托育机构备案信息的乡镇街道代码（`health/childcare_facilities.township_code`）"
    people = "分县常住人口的城乡（`statistics/resident_population.urban_rural`）"
    assert row(page, 2)[2:] == [f"分子：{places}；分母：{people}", "不分：托育机构备案信息没有户籍地"]
    # what the data has not; what they have and would mislead; what is no person
    assert row(page, 11)[2:] == [f"不分：卫生人员注册信息没有{what}" for what in ("乡镇（街道）代码", "户籍地")]
    reason = {i.sequence: i for i in read_plan(PLAN).indicators}[7].strata_reason
    assert reason and row(page, 7)[2:] == [f"不分：{reason}"] * 2
    assert row(page, 28)[2:] == ["不分：按地区计，地区不分城乡", "不分：按地区计，地区不分户籍"]
    assert "第9、10、14、16、19、21、22、24、25、29、30、31、32、33、34、35项尚无报送数据" in page
    assert "| 15 | 接受上门服务的居家老年人数占比 | 户籍老年人口径 | `hukou` | 县（市、区） |" in page
    assert "| 13 | 人均预期寿命 | 女性 | `female` | 全省 |" in page


@pytest.mark.parametrize(
    ("sequence", "changes", "message"),
    [
        (3, {"strata": ("urban", "rural", "local", "migrant")}, "strata: inclusive_kindergarten_children 没有按户籍"),
        (11, {"strata": ("urban", "rural")}, "strata: physicians 没有按城乡"),
        (7, {"strata_reason": None}, "strata_reason: 报送数据有乡镇（街道）代码"),
        (3, {"strata": ()}, "strata_reason: 报送数据有乡镇（街道）代码"),
        (15, {"strata": ("urban", "rural")}, "strata_reason: 报送数据有户籍地"),
        (11, {"strata_reason": "不必分"}, "strata_reason: 多余"),
    ],
)
def test_strata_that_nobody_counts_or_that_are_left_out_without_a_reason_are_refused(
    sequence: int, changes: dict[str, Any], message: str
) -> None:
    plan = replaced(sequence, **changes)
    (changed,) = [i for i in plan.indicators if i.sequence == sequence]
    with pytest.raises(PlanError) as error:
        strata_page(plan, CONTRACTS, COUNTED)
    assert str(error.value).startswith(f"{changed.domain}/{changed.indicator}.yaml: {message}")
