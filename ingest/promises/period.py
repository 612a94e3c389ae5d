"""The period that a delivery is about, from its file name."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date

# What may follow the name that a contract gives: that it is sent again, which time, that it is simulated. Anything else
# (6月, 作废, _06, 1-6, 202506) may say that it is of another period: a number stands apart from name and others.
AGAIN = "更正|再更正|补报|再报|重报|补充|修订|更新|终稿|终版|定稿"
WORD = rf"(?:[ _（(-]*(?:{AGAIN}|模拟数据|副本)[）)]*)"
SERIAL = r"(?:[ _（(-]*(?:第[0-9]{1,3}[次版稿]|[vV]?(?:0|[1-9][0-9]{0,2})[次版稿]?)(?![0-9])[）)]*)"
COPY = r"(?: [（(][1-9][0-9]{0,2}[）)])?"  # as file managers name the second of a name
MARKS = re.compile(rf"(?![0-9]){WORD}*(?:{SERIAL}(?:{WORD}+{SERIAL})?{WORD}*)?{COPY}(?:\.[A-Za-z][A-Za-z0-9]*)?")


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


def match_name(name: str, pattern: re.Pattern[str]) -> re.Match[str] | None:
    """A file's name under the contract's pattern: that and nothing else, but for MARKS and the extension."""
    found = pattern.match(name)
    return found if found and MARKS.fullmatch(name, found.end()) else None


def period_of(name: str, pattern: re.Pattern[str]) -> Period | None:
    """The period in a file name, or None when the name does not fit the contract's pattern."""
    found = match_name(name, pattern)
    if found is None:
        return None
    month = found.groupdict().get("month")
    if month is not None and not 1 <= int(month) <= 12:
        return None
    return Period(int(found["year"]), int(month) if month else None)
