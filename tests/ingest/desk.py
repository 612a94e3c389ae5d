"""A department's desk: a contract with every kind of column, an inbox, a lake, and what was said."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from ingest.intake import take_in
from ingest.landing.inbox import Drop
from ingest.promises.contract import Contract

KEY = "5f" * 32  # the tests' own pseudonym key; the user's key file is never touched
PEOPLE = """
apiVersion: v3.2.0
kind: DataContract
id: demo.people
name: people
version: 1.0.0
status: active
domain: demo
description: {purpose: 测试, limitations: 无}
servers:
  - {server: inbox, type: local, format: csv, encoding: gb18030,
     path: '^名册_(?P<year>20[0-9]{2})年(?P<month>[0-9]{2})月'}
slaProperties:
  - {property: frequency, value: 1, unit: m}
  - {property: latency, value: 20, unit: d}
  - {property: timeToRepair, value: 10, unit: d}
customProperties:
  - {property: department, value: 省测试厅}
  - {property: combination, value: period}
  - {property: maxRejectShare, value: 1}
schema:
  - name: people
    physicalName: 名册
    physicalType: file
    description: 每行一人一日
    quality:
      - {metric: rowCount, mustBeGreaterOrEqualTo: 1}
    customProperties:
      - {property: ignoredHeaders, value: [姓名, 住址]}
      - {property: skippedRows, value: '^(合计|注[：:])'}
    properties:
      - {name: person_key, physicalName: 身份证号, description: 人, logicalType: string, physicalType: UUID,
         logicalTypeOptions: {format: citizen_number}, required: true, primaryKey: true, primaryKeyPosition: 1}
      - {name: event_date, physicalName: 日期, synonyms: [{synonym: 服务日期, description: 旧表头}], description: 日,
         logicalType: date, physicalType: DATE, required: true, primaryKey: true, primaryKeyPosition: 2,
         customProperties: [{property: withinPeriod, value: true}]}
      - {name: county_code, physicalName: 县区代码, description: 县, logicalType: string, physicalType: VARCHAR,
         logicalTypeOptions: {format: county_code}, required: true}
      - {name: service, physicalName: 类别, description: 类, logicalType: string, physicalType: VARCHAR, required: true,
         enum: [{value: meals, label: 助餐}, {value: care, label: 照料，（含夜间）}]}
      - {name: is_checked, physicalName: 是否核验, description: 核, logicalType: boolean, physicalType: BOOLEAN}
      - {name: form_id, physicalName: 单号, description: 号, logicalType: string, physicalType: VARCHAR,
         logicalTypeOptions: {pattern: '^S[0-9]{4}$'}}
      - {name: provider, physicalName: 机构, description: 机构, logicalType: string, physicalType: VARCHAR}
      - {name: times, physicalName: 次数, description: 次, logicalType: integer, physicalType: INTEGER,
         logicalTypeOptions: {minimum: 0, maximum: 5000}}
      - {name: fee_cny, physicalName: 费用, description: 元, logicalType: number, physicalType: 'DECIMAL(12,2)',
         logicalTypeOptions: {minimum: 0, maximum: 100000}}
      - {name: guardian_key, physicalName: 监护人身份证号, description: 监护人, logicalType: string, physicalType: UUID,
         logicalTypeOptions: {format: citizen_number}}
"""
GOOD = {
    "身份证号": "",
    "姓名": "张三",
    "日期": "2020-09-05",
    "县区代码": "320102",
    "类别": "助餐",
    "是否核验": "是",
    "单号": "S0001",
    "机构": "夕阳红",
    "次数": "3",
    "费用": "12.50",
    "监护人身份证号": "",
    "住址": "中山路",
}
HEADER = tuple(GOOD)
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)  # as printed in GB 11643-1999


def check_digit(seventeen: str) -> str:
    return "10X98765432"[sum(int(d) * w for d, w in zip(seventeen, WEIGHTS, strict=True)) % 11]


def citizen(serial: int, born: str = "19400101") -> str:
    """A citizen number of 玄武区 that nobody has."""
    seventeen = f"320102{born}{serial:03d}"
    return seventeen + check_digit(seventeen)


def row(serial: int, **changes: str) -> list[str]:
    """The cells of a good record but for the changes."""
    return list({**GOOD, "身份证号": citizen(serial), **changes}.values())


def csv_bytes(
    rows: Iterable[Sequence[str]], encoding: str = "gb18030", newline: str = "\n", delimiter: str = ","
) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator=newline, delimiter=delimiter).writerows(rows)
    return text.getvalue().encode(encoding)


def everything_written(folder: Path) -> bytes:
    """All bytes of all files, and all cells and statistics of all Parquet files as text."""
    said = [p.read_bytes() for p in folder.rglob("*") if p.is_file()]
    for path in folder.rglob("*.parquet"):
        said.append(repr(pq.read_table(path, partitioning=None).to_pylist()).encode())
        metadata = pq.read_metadata(path)
        said.append(repr(metadata.to_dict()).encode())
    return b"\n".join([*said, *(str(p).encode() for p in folder.rglob("*"))])


@dataclass
class Delivery:
    """What became of a file."""

    outcome: str
    folder: Path
    said: str

    @property
    def receipt(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.folder / "receipt.json").read_text("utf-8"))
        return found

    @property
    def rows(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = pq.read_table(self.folder / "data.parquet", partitioning=None).to_pylist()
        return found

    @property
    def rejects(self) -> list[tuple[int, str, str]]:
        """(record, column, reason) in the file's order."""
        found = pq.read_table(self.folder / "rejects.parquet", partitioning=None).to_pylist()
        return [(r["record"], r["column"], r["reason"]) for r in found]


@dataclass
class Desk:
    data: Path
    contract: Contract
    said: list[str] = field(default_factory=list)
    found_at: datetime | None = None  # by our own clock, now where it is none

    @property
    def inbox(self) -> Path:
        return self.data / "inbox" / self.contract.department / self.contract.dataset

    @property
    def lake(self) -> Path:
        return self.data / "lake" / self.contract.department / self.contract.dataset

    def write(self, content: bytes | Iterable[Sequence[str]], name: str = "名册_2020年09月.csv") -> Path:
        """Drop a file: bytes as they are, or rows under the good header."""
        path = self.inbox / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else csv_bytes([HEADER, *content]))
        return path

    def drop(self, path: Path, **changes: Any) -> Drop:
        found_at = self.found_at or datetime.now(UTC)
        return Drop(path, replace(self.contract, **changes), path.stat(), found_at=found_at)

    def take(self, file: Path | bytes | Iterable[Sequence[str]], **changes: Any) -> Delivery:
        """Take in a file under the contract with these changes."""
        path = file if isinstance(file, Path) else self.write(file)
        drop = self.drop(path, **changes)
        taken = take_in(drop, {drop.contract.name: drop.contract})
        self.said += [taken.said] if taken.said else []
        return Delivery(taken.outcome, drop.home, taken.said)
