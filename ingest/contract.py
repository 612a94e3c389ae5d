"""What a department promises: one ODCS file per dataset, read and checked."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import open_data_contract_standard
import pyarrow as pa
import yaml
from open_data_contract_standard.model import OpenDataContractStandard, SchemaObject, SchemaProperty

from ingest import settings
from ingest.vocabulary import ContractError, check_words, kind_of, pattern, properties

__all__ = ["Column", "Contract", "ContractError", "read_contract", "read_contracts"]

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

    @property
    def arrow_type(self) -> pa.DataType:
        if decimal := re.fullmatch(r"DECIMAL\((\d+),\s*(\d+)\)", self.sql_type):
            return pa.decimal128(int(decimal[1]), int(decimal[2]))
        return pa.uuid() if self.kind == "citizen" else ARROW[self.sql_type]


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
    format: str
    encoding: str
    combination: str  # snapshot, period, delta
    reach: str  # how much of it one year reads: year, or latest
    frequency: str  # y, m
    every: int  # so many years or months
    latency_days: int
    min_rows: int
    max_reject_share: float
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    ignored_headers: tuple[str, ...]
    skipped_rows: re.Pattern[str] | None

    @property
    def name(self) -> str:
        return f"{self.department}/{self.dataset}"

    @property
    def example_name(self) -> str:
        """A file name as it should be: 上门养老服务记录_2025年09月.csv."""
        example = self.filename.pattern.lstrip("^").replace("(?P<year>20[0-9]{2})", "2025")
        return f"{example.replace('(?P<month>[0-9]{2})', '09')}.{self.format}"

    @property
    def arrow_schema(self) -> pa.Schema:
        """Lake schema: the record number, then the contract's columns."""
        fields = [pa.field(c.name, c.arrow_type, nullable=not c.required) for c in self.columns]
        return pa.schema([pa.field("record", pa.int64(), nullable=False), *fields])


def read_contract(path: Path) -> Contract:
    """Read and check one contract file, once for each of its versions; raises ContractError naming file and key."""
    return _read(path, path.stat().st_mtime_ns)


@cache
def _read(path: Path, _modified: int) -> Contract:
    try:
        raw = yaml.safe_load(path.read_text("utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as broken:
        raise ContractError(f"{path}: 不是 UTF-8 编码的 YAML (not YAML in UTF-8): {broken}") from None
    for error in _validator().iter_errors(raw):
        raise ContractError(f"{path}: {'.'.join(map(str, error.absolute_path))}: {error.message[:200]}")
    odcs = OpenDataContractStandard.model_validate(raw)
    if len(odcs.schema_ or []) != 1 or len(odcs.servers or []) != 1:
        raise ContractError(f"{path}: 需要恰好一个 schema 和一个 server (exactly one schema and one server)")
    table: SchemaObject = (odcs.schema_ or [])[0]
    server, own = raw["servers"][0], properties(path, "contract", raw)
    about = properties(path, "schema", raw["schema"][0])
    sla = {p["property"]: p for p in raw.get("slaProperties", [])}
    check_words(path, {**server, **own})
    if f"{path.parent.name}.{path.stem}" != odcs.id:
        raise ContractError(f"{path}: id 应为 {path.parent.name}.{path.stem} (id must follow the path)")
    keyed = sorted((p for p in table.properties or [] if p.primaryKey), key=lambda p: p.primaryKeyPosition or 0)
    if not keyed:
        raise ContractError(f"{path}: primaryKey: 没有主键 (no primary key)")
    try:
        return Contract(
            department=path.parent.name,
            dataset=path.stem,
            version=str(odcs.version),
            department_zh=own["department"],
            title=str(table.physicalName),
            description=str(table.description),
            filename=pattern(path, server["path"]),
            format=server["format"],
            encoding=server.get("encoding", "utf-8"),
            combination=own["combination"],
            reach=own.get("reach", "year"),
            frequency=sla["frequency"]["unit"],
            every=int(sla["frequency"]["value"]),
            latency_days=int(sla["latency"]["value"]),
            min_rows=_min_rows(raw["schema"][0]),
            max_reject_share=float(own["maxRejectShare"]),
            columns=tuple(_column(path, p) for p in table.properties or []),
            key=tuple(str(p.name) for p in keyed),
            ignored_headers=tuple(about.get("ignoredHeaders", ())),
            skipped_rows=re.compile(about["skippedRows"]) if "skippedRows" in about else None,
        )
    except KeyError as error:
        raise ContractError(f"{path}: 缺少 {error} (missing key)") from None


def read_contracts(folder: Path = settings.CONTRACTS) -> dict[str, Contract]:
    """All contracts by 'department/dataset', sorted."""
    return {c.name: c for c in (read_contract(p) for p in sorted(folder.glob("*/*.yaml")))}


def _column(path: Path, p: SchemaProperty) -> Column:
    options: dict[str, Any] = p.logicalTypeOptions or {}
    codes = {str(e.label): str(e.value) for e in p.enum or []}
    kind = kind_of(path, str(p.name), p.logicalType, options.get("format"), p.physicalType)
    own = properties(path, "column", p.model_dump())
    return Column(
        name=str(p.name),
        headers=(str(p.physicalName), *(str(s.synonym) for s in p.synonyms or [])),
        description=str(p.description),
        kind="codes" if codes else kind,
        sql_type=str(p.physicalType).upper(),
        required=bool(p.required),
        codes=codes or (BOOLEANS if kind == "boolean" else {}),
        pattern=options.get("pattern"),
        minimum=options.get("minimum"),
        maximum=options.get("maximum"),
        within_period=bool(own.get("withinPeriod")),
    )


def _min_rows(schema: dict[str, Any]) -> int:
    counts = (q for q in schema.get("quality", []) if q.get("metric") == "rowCount")
    return int(next((q["mustBeGreaterOrEqualTo"] for q in counts), 0))


@cache
def _validator() -> Any:
    """The standard's own JSON schema: the pydantic model alone lets misspelt nested keys pass."""
    schema = json.loads((Path(open_data_contract_standard.__file__).parent / "schema.json").read_text("utf-8"))
    return jsonschema.validators.validator_for(schema)(schema)
