"""What codes and columns are called in Chinese, for the quality report."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import duckdb

from ingest import settings
from ingest.promises.contract import read_contracts

COMPUTED = {  # by rules, in no mart
    "accepted": "采用的交付数",
    "block": "分组",
    "baseline_of_plan": "规划的基期值",
    "cells": "格数",
    "change": "比上年变化",
    "compared_period": "相比的时期",
    "period_before": "相比的时期",
    "value_text": "公布值（豁免只对它有效）",
    "deliveries": "交付数",
    "denominator_was": "原分母",
    "expected": "应有",
    "factor": "通常的倍数",
    "first_period": "最早时期",
    "found": "实有",
    "general_practitioners": "全科医生数",
    "hidden": "不公布的个数",
    "key": "键",
    "last_period": "最晚时期",
    "missing": "缺少",
    "next_from": "下一段启用日期",
    "numerator_was": "原分子",
    "observed_value": "指标值表中的值",
    "physicians": "医生数",
    "rejected_pct": "隔离率（%）",
    "rows_before": "上期接收行数",
    "shown": "已公布的",
    "sigma": "稳健标准差",
    "starts": "时期开始",
    "sum_of_denominators": "分母之和",
    "sum_of_numerators": "分子之和",
    "target_of_plan": "规划的目标值",
    "times": "次数",
    "usual_high": "通常不高于",
    "usual_low": "通常不低于",
    "value_was": "原值",
}


@dataclass(frozen=True)
class Label:
    """What is shown of a column or value: its name, its code, or both."""

    name: str = ""
    code: str = ""


@dataclass(frozen=True)
class Names:
    """Names of columns, and of codes by the column that they stand in; what has no name is shown as it is."""

    columns: dict[str, str]
    codes: dict[str, dict[str, str]]

    def head(self, column: str) -> Label:
        return Label(self.columns.get(column, ""), column)

    def cell(self, column: str, value: Any) -> Label:
        if value is None:
            return Label()
        name = self.codes.get(column, {}).get(str(value))
        return Label(name, str(value)) if name else Label(_say(value))


def read_names(con: duckdb.DuckDBPyConnection) -> Names:
    """From the comments and tables of a snapshot, and from the contracts."""
    comments = con.sql(
        "select column_name, min_by(comment, length(comment)) from duckdb_columns() "
        "where schema_name = 'marts' and comment is not null group by column_name"
    ).fetchall()
    regions = con.sql("select region_code, name_zh from marts.regions where valid_to is null").fetchall()
    contracts = read_contracts().values()
    words: dict[str, dict[str, str]] = {}
    for column, code, name in con.sql("select column_name, code, name_zh from marts.vocabulary").fetchall():
        words.setdefault(column, {})[code] = name
    return Names(
        COMPUTED | {column: re.split("[：；（，]| · ", comment)[0] for column, comment in comments},
        words
        | {
            "region_code": dict(regions),
            "indicator": dict(con.sql("select indicator, name_zh from marts.indicators").fetchall()),
            "department": {contract.department: contract.department_zh for contract in contracts},
            "dataset": {contract.dataset: contract.title for contract in contracts},
        },
    )


def _say(value: Any) -> str:
    if isinstance(value, datetime):
        return f"{value.replace(tzinfo=UTC).astimezone(settings.SHANGHAI):%Y-%m-%d %H:%M}"  # marts are in UTC
    return f"{value:.6f}".rstrip("0").rstrip(".") if isinstance(value, float | Decimal) else str(value)
