"""What a contract may say where the standard's own schema lets any word pass."""

from __future__ import annotations

import re
from collections.abc import Mapping
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
    "format": ("csv", "xlsx"),
    "encoding": ("gb18030", "utf-8", "utf-8-sig"),
    "combination": ("snapshot", "period", "delta"),
    "reach": ("year", "to_date", "latest"),
}
OWN = {  # our customProperties, by where they stand
    "contract": {"department", "combination", "reach", "maxRejectShare"},
    "schema": {"ignoredHeaders", "skippedRows"},
    "column": {"withinPeriod"},
}


class ContractError(ValueError):
    """A contract that cannot be used: names the file and the key."""


def check_words(path: Path, said: Mapping[str, Any]) -> None:
    for key, words in WORDS.items():
        if key in said and said[key] not in words:
            raise ContractError(f"{path}: {key}: {said[key]} 应为 {'、'.join(words)} 之一 (not one of these words)")


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


def pattern(path: Path, text: str) -> re.Pattern[str]:
    """The pattern of file names, which must give the year."""
    try:
        compiled = re.compile(text)
    except re.error as error:
        raise ContractError(f"{path}: path: {text}: {error} (not a regular expression)") from None
    if "year" not in compiled.groupindex:
        raise ContractError(f"{path}: path: {text}: 没有 (?P<year>…) (no year)")
    return compiled
