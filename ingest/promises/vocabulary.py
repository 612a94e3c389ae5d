"""What a contract may say where the standard's own schema lets any word pass."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

LOGICAL = {"string": "text", "integer": "integer", "number": "decimal", "date": "date", "boolean": "boolean"}
FORMATS = {"citizen_number": "citizen", "county_code": "region"}
PHYSICAL = {  # of each kind of column; VARCHAR where none is named
    "citizen": r"UUID",
    "integer": r"INTEGER|BIGINT",
    "decimal": r"DECIMAL\([0-9]+,\s*[0-9]+\)",
    "date": r"DATE",
    "boolean": r"BOOLEAN",
}
WORDS = {
    "format": ("csv", "xlsx", "jsonl", "parquet"),
    "combination": ("snapshot", "period", "delta"),
    "reach": ("year", "next_year", "to_date", "latest"),
}
LAYOUT: dict[str, dict[str, tuple[str, ...]]] = {  # what a contract may say of each format besides
    "csv": {"encoding": ("gb18030", "utf-8", "utf-8-sig", "utf-16"), "delimiter": (",", "|", "\t")},
    "jsonl": {"encoding": ("utf-8",)},
}
OPERATIONS = ["delete", "upsert"]
OWN = {  # our customProperties, by where they stand
    "contract": {"department", "combination", "reach", "maxRejectShare"},
    "schema": {"ignoredHeaders", "skippedRows", "sheets", "yearHeaders"},
    "column": {"withinPeriod", "emptyDates", "notBefore"},
}


class ContractError(ValueError):
    """A contract that cannot be used: names the file and the key."""


def check_words(path: Path, said: Mapping[str, Any]) -> None:
    layout = LAYOUT.get(said.get("format", ""), {})
    for key, words in {**WORDS, "encoding": (), "delimiter": (), **layout}.items():
        if key in said and said[key] not in words:
            known = f"应为 {'、'.join(map(repr, words))} 之一 (not one of these words)"
            fits = known if words else f"{said['format']} 格式没有这一项 (not of this format)"
            raise ContractError(f"{path}: {key}: {said[key]} {fits}")
    if "sheets" in said and said.get("format") != "xlsx":
        raise ContractError(f"{path}: sheets: 只有 xlsx 格式有工作表 (only workbooks have sheets)")


def check_delta(path: Path, codes: Mapping[str, str]) -> None:
    """codes: value by label of the required column operation, empty where there is none."""
    if sorted(set(codes.values())) != OPERATIONS:
        said = f"combination: delta 需要必填的 operation 列，取值为 {' 和 '.join(OPERATIONS)}"
        raise ContractError(f"{path}: operation: {said} (a delta needs a required operation of these two values)")


def kind_of(path: Path, name: str, logical: str | None, format: str | None, physical: str | None) -> str:
    """The kind of a column without codes; a misspelt citizen_number must not land as plain text."""
    if logical not in LOGICAL or not physical:
        raise ContractError(f"{path}: {name}: 需要 logicalType 和 physicalType (both types are required)")
    if format and format not in FORMATS:
        raise ContractError(f"{path}: {name}: format: 没有 {format} 这种格式 (no such format)")
    kind = FORMATS.get(format or "") or LOGICAL[logical]
    if not re.fullmatch(PHYSICAL.get(kind, "VARCHAR"), physical.upper()):
        raise ContractError(f"{path}: {name}: physicalType: {physical} 与 {kind} 不符 (does not fit the kind)")
    return kind


def properties(path: Path, place: str, part: Mapping[str, Any]) -> dict[str, Any]:
    """Our own properties by name; raises ContractError for one that we do not know."""
    found = {p["property"]: p["value"] for p in part.get("customProperties") or []}
    if unknown := sorted(set(found) - OWN[place]):
        where = f"{part.get('name', place)}: customProperties"
        raise ContractError(f"{path}: {where}: 不认识 {'、'.join(unknown)} (unknown property)")
    return found


def expression(path: Path, key: str, text: str | None) -> re.Pattern[str] | None:
    try:
        return None if text is None else re.compile(text)
    except re.error as error:
        raise ContractError(f"{path}: {key}: {text}: {error} (not a regular expression)") from None


def file_names(path: Path, text: str, groups: Collection[str]) -> re.Pattern[str]:
    """The pattern of file names, which must give the year and nothing that is not in groups."""
    compiled = expression(path, "path", text)
    assert compiled is not None
    if unknown := sorted(set(compiled.groupindex) - set(groups)):
        raise ContractError(f"{path}: path: {text}: 不认识 (?P<{unknown[0]}>…) (unknown group)")
    if "year" not in compiled.groupindex:
        raise ContractError(f"{path}: path: {text}: 没有 (?P<year>…) (no year)")
    return compiled
