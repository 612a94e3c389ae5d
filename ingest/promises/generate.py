"""Contracts become dbt sources with docs and tests; the plan's worked examples dbt unit tests, its strata a page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import polars as pl
import yaml

from ingest import settings
from ingest.promises.clause import HEADLINE
from ingest.promises.contract import Contract, read_contracts
from ingest.promises.plan import Indicator, Plan, read_plan, tables
from ingest.promises.strata import strata_page

MODELS = settings.ROOT / "dbt_project" / "models"
DOCS = settings.ROOT / "docs"
HEAD = "# 由数据契约和规划生成：suheng generate；请勿手工修改 (generated, do not edit)\n"
LINEAGE = {
    "record": ("bigint", "在来源文件中的行号（表头为第1行）"),
    "delivery_id": ("varchar", "交付标识"),
    "period": ("varchar", "时期"),
    "contract_version": ("varchar", "数据契约版本"),
    "received_at": ("timestamptz", "收到时间"),
}
SQL_TYPES = {pl.String: "varchar", pl.Int32: "integer", pl.Int64: "bigint", pl.Boolean: "boolean"}


def generate() -> dict[Path, str]:
    """Every generated file and what it must hold."""
    plan, contracts = read_plan(settings.PLAN), read_contracts()
    files = {MODELS / "staging" / "plan" / "_sources.yml": _dump({"sources": [plan_source(plan)]})}
    for department in sorted({c.department for c in contracts.values()}):
        source = department_source(department, [c for c in contracts.values() if c.department == department])
        files[MODELS / "staging" / department / "_sources.yml"] = _dump({"sources": [source]})
    files[MODELS / "intermediate" / "_examples.yml"] = _dump({"unit_tests": list(unit_tests(plan))})
    files[DOCS / "strata.md"] = strata_page(plan, contracts)
    return files


def write() -> list[Path]:
    """Write what differs; returns the files written."""
    files = generate()
    stale = _stale(files)
    for path in stale:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(files[path], "utf-8")
    return stale


def check() -> list[Path]:
    """Generated files that differ from what the contracts and the plan say now."""
    return _stale(generate())


def _stale(files: dict[Path, str]) -> list[Path]:
    return [path for path, text in files.items() if not path.exists() or path.read_text("utf-8") != text]


def department_source(department: str, contracts: list[Contract]) -> dict[str, Any]:
    return {
        "name": department,
        "schema": "lake",
        "description": f"{contracts[0].department_zh}报送的数据",
        "tables": [_table(c) for c in contracts],
    }


def _table(contract: Contract) -> dict[str, Any]:
    columns: list[dict[str, Any]] = []
    for column in contract.columns:
        tests: list[Any] = ["not_null"] if column.name in contract.filled else []
        if column.kind == "codes":
            tests.append({"accepted_values": {"arguments": {"values": list(column.codes.values())}}})
        entry = {"name": column.name, "description": column.description, "data_type": _sql_type(column.sql_type)}
        columns.append({**entry, "data_tests": tests} if tests else entry)
    key = ["delivery_id", *contract.key]
    promised = ("frequency", "every", "latency_days", "is_by_city", "reach")
    return {
        "name": contract.dataset,
        "identifier": f"{contract.department}__{contract.dataset}",
        "description": f"{contract.title}：{contract.description}",
        "config": {"meta": {name: getattr(contract, name) for name in promised}},
        "data_tests": [{"unique_key": {"arguments": {"columns": key}}}],
        "columns": columns + _lineage(),
    }


def _sql_type(duckdb_type: str) -> str:
    return duckdb_type.lower().replace(",", ", ").replace(",  ", ", ")


def _lineage() -> list[dict[str, Any]]:
    return [{"name": n, "description": d, "data_type": t} for n, (t, d) in LINEAGE.items()]


def plan_source(plan: Plan) -> dict[str, Any]:
    frames = tables(plan)
    return {
        "name": "plan",
        "schema": "lake",
        "description": "规划：指标、目标、公式",
        "tables": [
            {
                "name": name,
                "identifier": f"plan__{name}",
                "config": {"meta": {"reach": "latest"}},
                "columns": [{"name": c, "data_type": _polars_type(t)} for c, t in frame.schema.items()] + _lineage(),
            }
            for name, frame in frames.items()
        ],
    }


def _polars_type(dtype: pl.DataType) -> str:
    if isinstance(dtype, pl.Decimal):
        return f"decimal({dtype.precision}, {dtype.scale})"
    return SQL_TYPES[type(dtype)]


def unit_tests(plan: Plan) -> Iterator[dict[str, Any]]:
    """A worked example is a unit test of the model that computes its kind."""
    for indicator in plan.indicators:
        for example in indicator.examples:
            yield _unit_test(indicator, example)


def _unit_test(indicator: Indicator, example: Mapping[str, Any]) -> dict[str, Any]:
    measures, ancestors = [], []
    for region, values in example["given"].items():
        for measure, value in values.items():
            name, _, basis = measure.partition("@")
            measures.append(
                {
                    "measure": name,
                    "region_code": region,
                    "period": "2025",
                    "stratum": "all",
                    "population_basis": basis or "none",
                    "value": value,
                }
            )
        for ancestor in dict.fromkeys((region, f"{region[:4]}00", "320000")):
            if ancestor in example["then"]:
                ancestors.append({"region_code": region, "ancestor_code": ancestor, "is_county": True})
    # what an example gives for a city or the province is counted there, and must not be summed again
    is_additive = not any(region.endswith("00") for region in example["given"])
    names = dict.fromkeys(m["measure"] for m in measures)
    basis = indicator.population_basis[0]
    formula = [
        {
            "indicator": indicator.indicator,
            "detail": HEADLINE,
            "kind": indicator.formula_kind,
            "role": role,
            "measure": measure,
            "factor": float(indicator.formula_factor or 1),
        }
        for role, measure in indicator.measures.items()
    ]
    expected = [
        {"indicator": indicator.indicator, "region_code": r, "population_basis": basis, "value": v}
        for r, v in example["then"].items()
    ]
    return {
        "name": f"{indicator.indicator}__{example['name']}",
        "model": "int_ratios__computed",
        "given": [
            {"input": "ref('stg_plan__formulas')", "rows": formula},
            {
                "input": "ref('stg_plan__bases')",
                "rows": [{"indicator": indicator.indicator, "population_basis": basis, "rank": 1}],
            },
            {"input": "ref('int_measures')", "rows": measures},
            {
                "input": "ref('int_measures__declared')",
                "rows": [{"measure": name, "is_additive": is_additive} for name in names],
            },
            {"input": "ref('int_regions__ancestors')", "rows": ancestors},
        ],
        "expect": {"rows": expected},
    }


def _dump(content: dict[str, Any]) -> str:
    return HEAD + yaml.safe_dump({"version": 2, **content}, allow_unicode=True, sort_keys=False, width=160)
