"""One column that a department promises: our name, its headers, and what a cell must be."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from ingest.fold import fold
from ingest.promises.vocabulary import ContractError, kind_of, properties

BOOLEANS = {"是": "true", "否": "false"}
ARROW = {
    "VARCHAR": pa.string(),
    "INTEGER": pa.int32(),
    "BIGINT": pa.int64(),
    "DATE": pa.date32(),
    "BOOLEAN": pa.bool_(),
}


@dataclass(frozen=True)
class Column:
    """One column: our name, the department's headers (the present one first), and what a cell must be."""

    name: str
    headers: tuple[str, ...]
    description: str
    kind: str  # text, codes, integer, decimal, date, boolean, region, citizen
    sql_type: str
    required: bool
    codes: Mapping[str, str]
    pattern: str | None
    minimum: float | None
    maximum: float | None
    within_period: bool
    empty_dates: bool = False  # 1900-01-01, 9999-12-31 and the like stand for none
    not_before: str | None = None  # the column whose date comes first

    @property
    def decimals(self) -> int:
        """How many decimals a number may have."""
        return int(decimal[1]) if (decimal := re.fullmatch(r"DECIMAL\(\d+,\s*(\d+)\)", self.sql_type)) else 0

    @property
    def is_worded(self) -> bool:
        """Whether few different cells are to be expected in many rows, and to read one costs more than to tell it."""
        return self.kind in ("text", "codes", "boolean", "region")

    @property
    def arrow_type(self) -> pa.DataType:
        if decimal := re.fullmatch(r"DECIMAL\((\d+),\s*(\d+)\)", self.sql_type):
            return pa.decimal128(int(decimal[1]), int(decimal[2]))
        return pa.uuid() if self.kind == "citizen" else ARROW[self.sql_type]


def read_column(path: Path, p: Mapping[str, Any]) -> Column:
    """One property of the contract at path; raises ContractError, or KeyError for a missing key."""
    options = p.get("logicalTypeOptions", {})
    codes = {str(e["label"]): str(e["value"]) for e in p.get("enum", ())}
    kind = kind_of(path, p["name"], p.get("logicalType"), options.get("format"), p.get("physicalType"))
    if len({fold(label) for label in codes}) < len(codes):
        raise ContractError(f"{path}: {p['name']}: enum: 两个取值只差空格或全角半角 (two labels look alike)")
    own = properties(path, "column", p)
    return Column(
        name=p["name"],
        headers=(p["physicalName"], *(s["synonym"] for s in p.get("synonyms", ()))),
        description=p["description"],
        kind="codes" if codes else kind,
        sql_type=p["physicalType"].upper(),
        required=p.get("required", False),
        codes=codes or (BOOLEANS if kind == "boolean" else {}),
        pattern=options.get("pattern"),
        minimum=options.get("minimum"),
        maximum=options.get("maximum"),
        within_period=bool(own.get("withinPeriod")),
        empty_dates=bool(own.get("emptyDates")),
        not_before=own.get("notBefore"),
    )


def year_column(headers: tuple[str, ...]) -> Column:
    """What tells each record's year again, by its header: it is compared with the file's name and does not land."""
    return Column(
        name=headers[0],
        headers=headers,
        description="与文件名相同的年份",
        kind="text",
        sql_type="VARCHAR",
        required=False,
        codes={},
        pattern=None,
        minimum=None,
        maximum=None,
        within_period=False,
    )


def check_order(path: Path, columns: Sequence[Column]) -> None:
    """Raises ContractError where what is said of dates is not said of dates."""
    dates = {c.name for c in columns if c.kind == "date"}
    for column in columns:
        if column.not_before and not {column.name, column.not_before} <= dates:
            said = f"notBefore: {column.not_before}: 两列都应是日期 (both must be dates)"
            raise ContractError(f"{path}: {column.name}: {said}")
        if column.empty_dates and column.name not in dates:
            raise ContractError(f"{path}: {column.name}: emptyDates: 只用于日期 (only of a date)")
