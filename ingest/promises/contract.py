"""What a department promises: one ODCS file per dataset, read and checked."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import jsonschema_rs
import open_data_contract_standard
import pyarrow as pa
import yaml

from ingest import settings
from ingest.promises.column import Column, check_order, read_column, year_column
from ingest.promises.enforced import check_clauses
from ingest.promises.period import Period, period_of
from ingest.promises.vocabulary import ContractError, check_delta, check_words, expression, file_names, properties

__all__ = ["Contract", "ContractError", "read_contract", "read_contracts"]

EXAMPLE = {"year": "2025", "month": "09", "scope": "320500"}


@dataclass(frozen=True)
class Contract:
    """One dataset of one department: its files, its columns, its thresholds."""

    department: str
    dataset: str
    version: str
    department_zh: str
    title: str
    description: str
    filename: re.Pattern[str]
    format: str  # csv, xlsx, jsonl, parquet
    encoding: str
    delimiter: str
    sheets: re.Pattern[str] | None  # names of the workbook's sheets that are read; the first one where none is said
    combination: str  # snapshot, period, delta
    reach: str  # how much of it one year reads: year, next_year, to_date, latest
    frequency: str  # y, m
    every: int  # so many years or months
    latency_days: int
    repair_days: int  # after its receipt, for what was refused or rejected
    min_rows: int
    max_reject_share: float
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    ignored_headers: tuple[str, ...]
    year_headers: tuple[str, ...]  # of the column, where there is one, that tells the year which the file's name tells
    skipped_rows: re.Pattern[str] | None
    sha256: str  # of all that it says but for descriptions

    @property
    def name(self) -> str:
        return f"{self.department}/{self.dataset}"

    @property
    def example_name(self) -> str:
        """A file name as it should be: 上门养老服务记录_2025年09月.csv."""
        example = re.sub(r"\(\?P<(\w+)>[^()]*\)", lambda group: EXAMPLE[group[1]], self.filename.pattern)
        return f"{example.removeprefix('^')}.{self.format}"

    @property
    def is_by_city(self) -> bool:
        """Whether each city reports for itself."""
        return "scope" in self.filename.groupindex

    @cached_property
    def year_column(self) -> Column | None:
        """What is read besides its columns and does not land."""
        return year_column(self.year_headers) if self.year_headers else None

    @property
    def read_columns(self) -> tuple[Column, ...]:
        return (*self.columns, self.year_column) if self.year_column else self.columns

    def due_date(self, period: Period) -> date:
        """The last day on which a period's delivery is in time."""
        return period.end + timedelta(days=self.latency_days)

    @cached_property
    def filled(self) -> frozenset[str]:
        """Names of the columns that no record leaves empty: of a delta's deletion only key and operation are told."""
        told = {*self.key, "operation"} if self.combination == "delta" else {c.name for c in self.columns}
        return frozenset(c.name for c in self.columns if c.required and c.name in told)

    @cached_property
    def arrow_schema(self) -> pa.Schema:
        """Lake schema: the record number, then the contract's columns."""
        fields = [pa.field(c.name, c.arrow_type, nullable=c.name not in self.filled) for c in self.columns]
        return pa.schema([pa.field("record", pa.int64(), nullable=False), *fields])


def read_contract(path: Path) -> Contract:
    """Read and check one contract file, once for each of its versions; raises ContractError naming file and key."""
    return _read(path, path.stat().st_mtime_ns)


@cache
def _read(path: Path, _modified: int) -> Contract:
    try:
        raw = yaml.load(path.read_text("utf-8"), Loader=yaml.CSafeLoader)
    except (yaml.YAMLError, UnicodeDecodeError) as broken:
        raise ContractError(f"{path}: 不是 UTF-8 编码的 YAML (not YAML in UTF-8): {broken}") from None
    if errors := list(_validator().iter_errors(raw)):
        error = max(errors, key=lambda e: len(e.instance_path))  # the others follow from the one that lies deepest
        raise ContractError(f"{path}: {'.'.join(map(str, error.instance_path))}: {error.message[:200]}")
    try:
        check_clauses(path, raw)
        return _contract(path, raw)
    except KeyError as error:
        raise ContractError(f"{path}: 缺少 {error} (missing key)") from None


def _contract(path: Path, raw: dict[str, Any]) -> Contract:
    """raw: as the standard's schema has it."""
    if len(raw["schema"]) != 1 or len(raw["servers"]) != 1:
        raise ContractError(f"{path}: 需要恰好一个 schema 和一个 server (exactly one schema and one server)")
    (table,), (server,), own = raw["schema"], raw["servers"], properties(path, "contract", raw)
    about = properties(path, "schema", table)
    sla = {p["property"]: p for p in raw["slaProperties"]}
    check_words(path, {**server, **own, **about})
    if f"{path.parent.name}.{path.stem}" != raw["id"]:
        raise ContractError(f"{path}: id 应为 {path.parent.name}.{path.stem} (id must follow the path)")
    keyed = sorted((p for p in table["properties"] if p.get("primaryKey")), key=lambda p: p["primaryKeyPosition"])
    if not keyed:
        raise ContractError(f"{path}: primaryKey: 没有主键 (no primary key)")
    columns = tuple(read_column(path, p) for p in table["properties"])
    check_order(path, columns)
    if own["combination"] == "delta":
        check_delta(path, next((c.codes for c in columns if c.name == "operation" and c.required), {}))
    counts = (q["mustBeGreaterOrEqualTo"] for q in table.get("quality", []) if q.get("metric") == "rowCount")
    return Contract(
        department=path.parent.name,
        dataset=path.stem,
        version=raw["version"],
        department_zh=own["department"],
        title=table["physicalName"],
        description=table["description"],
        filename=file_names(path, server["path"], EXAMPLE),
        format=server["format"],
        encoding=server.get("encoding", "utf-8"),
        delimiter=server.get("delimiter", ","),
        sheets=expression(path, "sheets", about.get("sheets")),
        combination=own["combination"],
        reach=own.get("reach", "year"),
        frequency=sla["frequency"]["unit"],
        every=int(sla["frequency"]["value"]),
        latency_days=int(sla["latency"]["value"]),
        repair_days=int(sla["timeToRepair"]["value"]),
        min_rows=int(next(counts, 0)),
        max_reject_share=float(own["maxRejectShare"]),
        columns=columns,
        key=tuple(p["name"] for p in keyed),
        ignored_headers=tuple(about.get("ignoredHeaders", ())),
        year_headers=tuple(about.get("yearHeaders", ())),
        skipped_rows=expression(path, "skippedRows", about.get("skippedRows")),
        sha256=hashlib.sha256(json.dumps(_undescribed(raw), sort_keys=True).encode()).hexdigest()[:16],
    )


def _undescribed(part: Any) -> Any:
    """A part of the contract without what only people read."""
    if isinstance(part, dict):
        return {k: _undescribed(v) for k, v in part.items() if k not in ("description", "version")}
    return [_undescribed(item) for item in part] if isinstance(part, list) else part


def read_contracts(folder: Path = settings.CONTRACTS) -> dict[str, Contract]:
    """All contracts by 'department/dataset', sorted."""
    return {c.name: c for c in (read_contract(p) for p in sorted(folder.glob("*/*.yaml")))}


def find_named(file: str, contracts: Iterable[Contract]) -> Contract | None:
    """The contract whose files have such a name."""
    return next((contract for contract in contracts if period_of(file, contract.filename)), None)


@cache
def _validator() -> Any:
    """The standard's own JSON schema."""
    schema = json.loads((Path(open_data_contract_standard.__file__).parent / "schema.json").read_text("utf-8"))
    return jsonschema_rs.validator_for(schema)
