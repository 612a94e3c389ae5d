"""Waivers: rows that a rule may find until a day, each named by its keys; a file is one decision."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import yaml

WAIVERS = Path(__file__).parent / "waivers"
FIELDS = {"rule": str, "rows": list, "by": str, "reason": str, "until": date}


@dataclass(frozen=True)
class Waiver:
    """One row of one rule that does not count up to and on a day."""

    rule: str  # <table>/<rule>
    keys: dict[str, str | None]  # column of the rule's query: its value as text; all must agree
    by: str
    reason: str
    until: date

    @property
    def condition(self) -> str:
        """SQL, never NULL; a colon and a brace would otherwise be read as parameters."""
        return " and ".join(
            f'cast("{column}" as varchar) is not distinct from {_quote(value)}' for column, value in self.keys.items()
        )

    def say(self, rows: int | None = None) -> str:
        """rows: how many it names, where that is known; only one that names one row waives it."""
        keys = ", ".join(f"{column}={value}" for column, value in self.keys.items())
        effect = {None: "", 0: "；没有这样的行，可以删除", 1: ""}.get(
            rows, f"；指到 {rows} 行，不起作用：须恰好指明一行"
        )
        return f"{self.rule}（{keys}）至 {self.until}，{self.by}：{self.reason}{effect}"


def read_waivers(rules: Iterable[str], folder: Path = WAIVERS) -> list[Waiver]:
    """All waivers by file, expired ones included.

    Raises ValueError when a file has other fields than rule, rows, by, reason and until, names no rule, or would waive
    a whole rule (a row without keys) or leaves one empty.
    """
    known = set(rules)
    return [waiver for path in sorted(folder.glob("*.yaml")) for waiver in _read(path, known)]


def _read(path: Path, known: set[str]) -> list[Waiver]:
    raw = yaml.safe_load(path.read_text("utf-8"))
    fields: dict[str, Any] = raw if isinstance(raw, dict) else {}
    typed = fields.keys() == FIELDS.keys() and all(type(fields[f]) is kind and fields[f] for f, kind in FIELDS.items())
    if not typed or fields["rule"] not in known or not all(isinstance(row, dict) and row for row in fields["rows"]):
        raise ValueError(
            f"{path.name}：豁免须写明已有的规则（rule）、按键逐行指明的行（rows）、批准人（by）、理由（reason）和截止日期"
            "（until），不得有别的 (a waiver has rule, rows, by, reason and until, and names an existing rule)"
        )
    return [
        Waiver(
            fields["rule"],
            {str(column): None if value is None else str(value) for column, value in row.items()},
            fields["by"],
            fields["reason"],
            fields["until"],
        )
        for row in fields["rows"]
    ]


def _quote(text: str | None) -> str:
    if text is None:
        return "null"
    escaped = text.replace("'", "''").replace("{", "{{").replace("}", "}}").replace(":", "\\:")
    return f"'{escaped}'"
