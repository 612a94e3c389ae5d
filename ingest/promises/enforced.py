"""Which clauses of the standard a delivery is held to: a contract with one that nobody enforces is refused."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

from ingest.promises.vocabulary import ContractError

READ = {"description", "customProperties"}  # everywhere: for people, and our own
CLAUSES = {
    "contract": {
        "apiVersion",
        "kind",
        "id",
        "name",
        "version",
        "status",
        "domain",
        "servers",
        "slaProperties",
        "schema",
    },
    "server": {"server", "type", "path", "format", "encoding", "delimiter"},
    "schema": {"name", "physicalName", "physicalType", "quality", "properties"},
    "quality": {"metric", "mustBeGreaterOrEqualTo"},
    "slaProperty": {"property", "value", "unit"},
    "property": {
        *("name", "physicalName", "synonyms", "logicalType", "physicalType", "logicalTypeOptions", "enum", "required"),
        *("primaryKey", "primaryKeyPosition", "classification"),
    },
}
OPTIONS = {"string": {"format", "pattern"}, "integer": {"minimum", "maximum"}, "number": {"minimum", "maximum"}}
UNITS = {"frequency": "ym", "latency": "d", "timeToRepair": "d"}
VERSION = r"[0-9]+\.[0-9]+\.[0-9]+"


def check_clauses(path: Path, raw: Mapping[str, Any]) -> None:
    """Raises ContractError naming the file and the key. raw: as the standard's schema has it."""
    for place, part, kind in _parts(raw):
        if unknown := sorted(part.keys() - CLAUSES[kind] - READ):
            raise ContractError(
                f"{path}: {place}{unknown[0]}: 本系统不执行这一条，请删去 (a clause that is not enforced)"
            )
    if not re.fullmatch(VERSION, raw["version"]):
        raise ContractError(f"{path}: version: {raw['version']} 应为三段数字，如 1.0.0 (three numbers)")
    if raw["status"] != "active":
        raise ContractError(
            f"{path}: status: {raw['status']} 应为 active；不再用的契约请删去 (delete what is not used)"
        )
    _check_levels(path, raw["slaProperties"])
    for table in raw["schema"]:
        for rule in table.get("quality", ()):
            if rule.get("metric") != "rowCount" or type(rule.get("mustBeGreaterOrEqualTo")) is not int:
                raise ContractError(
                    f"{path}: quality: 只执行 rowCount 的 mustBeGreaterOrEqualTo (the only rule enforced)"
                )
        _check_columns(path, table["properties"])


def _parts(raw: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any], str]]:
    """(where it stands, a part of the contract, its kind)."""
    yield "", raw, "contract"
    for server in raw["servers"]:
        yield "servers.", server, "server"
    for level in raw["slaProperties"]:
        yield f"slaProperties.{level.get('property')}.", level, "slaProperty"
    for table in raw["schema"]:
        yield "schema.", table, "schema"
        yield from (("schema.quality.", rule, "quality") for rule in table.get("quality", ()))
        yield from ((f"{column['name']}: ", column, "property") for column in table["properties"])


def _check_levels(path: Path, levels: Collection[Mapping[str, Any]]) -> None:
    said = Counter(level["property"] for level in levels)
    if said != Counter(UNITS.keys()):
        raise ContractError(f"{path}: slaProperties: 应恰有 {'、'.join(UNITS)} 各一条 (each of these once)")
    for level in levels:
        name, unit, value = level["property"], level.get("unit"), level["value"]
        if unit not in [*UNITS[name]]:
            raise ContractError(f"{path}: {name}: unit: {unit} 应为 {'、'.join(UNITS[name])} (not one of these units)")
        if type(value) is not int or value < (name == "frequency"):
            raise ContractError(f"{path}: {name}: value: {value} 应为整数 (a whole number)")


def _check_columns(path: Path, columns: Collection[Mapping[str, Any]]) -> None:
    for column in columns:
        wanted = OPTIONS.get(column.get("logicalType", ""), set()) if "enum" not in column else set()
        if unknown := sorted(column.get("logicalTypeOptions", {}).keys() - wanted):
            raise ContractError(
                f"{path}: {column['name']}: {unknown[0]}: 这一列不执行这一条，请删去 (not enforced here)"
            )
    headers = [h for c in columns for h in {c["physicalName"], *(s["synonym"] for s in c.get("synonyms", ()))}]
    for key, said in ("name", [c["name"] for c in columns]), ("physicalName", headers):
        if repeated := [text for text, count in Counter(said).items() if count > 1]:
            raise ContractError(f"{path}: {key}: {repeated[0]} 重复 (said of two columns)")
    positions = sorted(c.get("primaryKeyPosition", 0) for c in columns if c.get("primaryKey"))
    if positions != list(range(1, len(positions) + 1)):
        raise ContractError(f"{path}: primaryKeyPosition: {positions} 应为从 1 起的连号 (1, 2, 3 …)")
