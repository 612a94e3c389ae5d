"""Generated files: those of the tree are current, and a stale one is found."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from ingest import generate
from ingest.contract import Contract, read_contracts
from ingest.promise import read_plan, tables
from ingest.settings import PLAN

CONTRACTS = read_contracts()


def test_the_generated_files_of_the_tree_are_current() -> None:
    assert generate.check() == []


def test_a_stale_a_missing_and_a_current_file_are_told_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(generate, "MODELS", tmp_path)
    files = generate.check()
    assert files == generate.write()
    files[0].write_text(files[0].read_text("utf-8").replace("varchar", "text", 1), "utf-8")
    files[-1].unlink()
    assert generate.write() == [files[0], files[-1]]
    assert generate.check() == []


def source_of(contract: Contract) -> dict[str, dict[str, object]]:
    text = generate.generate()[generate.MODELS / "staging" / contract.department / "_sources.yml"]
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
    found = {t["name"]: [c["name"] for c in t["columns"]] for t in generate.plan_source(plan)["tables"]}
    assert found == {name: [*frame.columns, *generate.LINEAGE] for name, frame in tables(plan).items()}


def test_every_worked_example_becomes_one_unit_test() -> None:
    plan = read_plan(PLAN)
    names = [t["name"] for t in generate.unit_tests(plan)]
    assert names == [f"{i.indicator}__{e['name']}" for i in plan.indicators for e in i.examples]
    assert len(set(names)) == len(names) > 0


def test_what_an_example_gives_above_the_county_does_not_add_up() -> None:
    (pairs, *_) = [t for t in generate.unit_tests(read_plan(PLAN)) if t["name"].startswith("adjacent_county_bus_rate")]
    (children, *_) = [t for t in generate.unit_tests(read_plan(PLAN)) if t["name"].startswith("inclusive_kinder")]
    for test, measures, is_additive in (
        (pairs, ["adjacent_county_pairs_with_bus", "adjacent_county_pairs"], False),
        (children, ["inclusive_kindergarten_children", "kindergarten_children"], True),
    ):
        (declared,) = [g["rows"] for g in test["given"] if g["input"] == "ref('int_measures__declared')"]
        assert declared == [{"measure": m, "is_additive": is_additive} for m in measures]
