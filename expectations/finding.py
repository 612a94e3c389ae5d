"""What the gate finds."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

EXAMPLE_LENGTH = 300  # characters


@dataclass(frozen=True)
class Finding:
    """What one rule says of one build."""

    rule: str  # <table>/<rule>
    title_zh: str
    severity: str  # critical, warning
    outcome: str  # passed, failed, crashed
    rows_found: int | None  # rows that offend and are not waived; None when the rule could not be evaluated
    rows_waived: int | None = 0
    example: str | None = None  # the first that was found, or why the rule could not be evaluated
    waivers: str | None = None  # each in a line of its own
    sample: list[dict[str, Any]] = field(default_factory=list)  # the first rows found, as they may be shown
    rows: list[dict[str, Any]] = field(default_factory=list, compare=False, repr=False)  # up to 200, as they are
