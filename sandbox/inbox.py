"""Where the province's files go, and when each of them is received."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from functools import cache
from pathlib import Path

from ingest import settings
from ingest.promises.contract import read_contract
from ingest.promises.period import Period
from ingest.words import SIMULATED
from sandbox.defects import AnswerKey
from sandbox.draw import generator

MADE = datetime(2020, 1, 1, tzinfo=UTC)  # the time of what no department sent
USUAL = (0.3, 0.8)  # received in this part of the days that the contract allows
BEIJING = timedelta(hours=8)


@dataclass
class Inbox:
    """Where the province's files go, and what is known about them."""

    root: Path
    scale: float
    seed: int
    key: AnswerKey = field(default_factory=AnswerKey)

    def path(self, folder: str, stem: str, extension: str) -> Path:
        path = self.root / folder / f"{stem}_{SIMULATED}.{extension}"
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def receive(self, path: Path, period: str, when: tuple[float, float] = USUAL) -> None:
        """Set the time of the drop: a working hour on a day in this part (1 is the due date) of the days allowed."""
        name = path.relative_to(self.root).as_posix()
        draw = generator(self.seed, "received", name)
        allowed = _latency("/".join(name.split("/")[:2]))
        days = max(1, round(allowed * draw.uniform(*when)))
        if days > allowed:
            self.key.late.append({"file": name, "days": days - allowed})
        second = timedelta(seconds=int(draw.integers(9 * 3600, 18 * 3600)))
        moment = datetime.combine(_period(period).end + timedelta(days=days), time(), UTC) + second - BEIJING
        os.utime(path, (moment.timestamp(), moment.timestamp()))


@cache
def _latency(folder: str) -> int:
    return read_contract(settings.CONTRACTS / f"{folder}.yaml").latency_days


def _period(text: str) -> Period:
    year, *month = map(int, text.split("-"))
    return Period(year, *month)
