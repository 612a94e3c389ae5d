"""dbt sources with their docs and tests: of a department's contracts, of the plan."""

from __future__ import annotations

from typing import Any

import polars as pl

from ingest.promises.contract import Contract
from ingest.promises.plan import Plan, tables

LINEAGE = {
    "record": ("bigint", "在来源文件中的行号（表头为第1行）"),
    "delivery_id": ("varchar", "交付标识"),
    "period": ("varchar", "时期"),
    "contract_version": ("varchar", "数据契约版本"),
    "received_at": ("timestamptz", "收到时间"),
}
SQL_TYPES = {pl.String: "varchar", pl.Int32: "integer", pl.Int64: "bigint", pl.Boolean: "boolean"}


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
    promised = ("department_zh", "title", "frequency", "every", "latency_days", "is_by_city", "reach")
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
