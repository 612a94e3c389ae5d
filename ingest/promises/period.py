"""The period that a delivery is about, from its file name."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Period:
    """A year or a month: text '2023' or '2023-09'."""

    year: int
    month: int | None = None

    @classmethod
    def read(cls, text: str) -> Period:
        """'2023' or '2023-09'."""
        return cls(*map(int, text.split("-")))

    def __str__(self) -> str:
        return f"{self.year}" if self.month is None else f"{self.year}-{self.month:02d}"

    @property
    def number(self) -> int:
        """Of the month that it ends with, counted from the beginning of time reckoning."""
        return self.year * 12 + (self.month or 12)

    @property
    def start(self) -> date:
        return date(self.year, self.month or 1, 1)

    @property
    def end(self) -> date:
        month = self.month or 12
        return date(self.year, month, calendar.monthrange(self.year, month)[1])


def period_of(name: str, pattern: re.Pattern[str]) -> Period | None:
    """The period in a file name, or None when the name does not fit the contract's pattern."""
    found = pattern.search(name)
    if found is None:
        return None
    month = found.groupdict().get("month")
    if month is not None and not 1 <= int(month) <= 12:
        return None
    return Period(int(found["year"]), int(month) if month else None)
