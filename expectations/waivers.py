"""Waivers: rows that a rule may find until a day, named by their keys, each with its reason."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import yaml

WAIVERS = Path(__file__).parent / "waivers.yaml"


@dataclass(frozen=True)
class Waiver:
    """The rows of one rule that do not count up to and on a day."""

    rule: str  # <table>/<rule>
    keys: dict[str, str]  # column of the rule's query: its value as text; all must agree
    reason: str
    until: date

    @property
    def condition(self) -> str:
        """SQL, never NULL; a colon and a brace would otherwise be read as parameters."""
        return " and ".join(
            f'cast("{column}" as varchar) is not distinct from {_quote(value)}' for column, value in self.keys.items()
        )

    @property
    def said(self) -> str:
        keys = ", ".join(f"{column}={value}" for column, value in self.keys.items())
        return f"{self.rule}（{keys}）至 {self.until}：{self.reason}"


def read_waivers(rules: Iterable[str], path: Path = WAIVERS) -> list[Waiver]:
    """All waivers, expired ones included.

    Raises ValueError when one has other fields than rule, keys, reason and until, names no rule, or would waive a
    whole rule (no keys) or give no reason.
    """
    known, waivers = set(rules), []
    for entry in yaml.safe_load(path.read_text("utf-8")) or []:
        fields = entry if isinstance(entry, dict) else {}
        good = set(fields) == {"rule", "keys", "reason", "until"} and fields["rule"] in known and fields["reason"]
        if not (good and isinstance(fields["keys"], dict) and fields["keys"] and type(fields["until"]) is date):
            raise ValueError(
                f"{path.name}：{entry}：豁免须写明已有的规则、键、理由和截止日期"
                " (a waiver has rule, keys, reason and until, and names an existing rule)"
            )
        keys = {str(column): str(value) for column, value in fields["keys"].items()}
        waivers.append(Waiver(fields["rule"], keys, str(fields["reason"]), fields["until"]))
    return waivers


def _quote(text: str) -> str:
    escaped = text.replace("'", "''").replace("{", "{{").replace("}", "}}").replace(":", "\\:")
    return f"'{escaped}'"
