"""Where the province's files go, named and written as their contracts say, and when each of them is received."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import polars as pl

from ingest import settings
from ingest.promises.contract import Contract, read_contract
from ingest.promises.period import Period
from ingest.words import SIMULATED
from sandbox.paper.defects import AnswerKey, Columns, Defects
from sandbox.paper.formats import FORMATS
from sandbox.paper.rows import RowFile
from sandbox.paper.workbook import Sheet, write_workbook
from sandbox.province.draw import generator

MADE = datetime(2020, 1, 1, tzinfo=UTC)  # the time of what no department sent
# Received in this part of the days that the contract allows (1 is the due date); before another file, after it, late.
USUAL, BEFORE, AFTER, LATE = (0.3, 0.8), (0.02, 0.2), (0.85, 1.0), (1.2, 1.3)
BEIJING = timedelta(hours=8)


@dataclass
class Inbox:
    """Where the province's files go, and what is known about them.

    A dataset is called as its module is, 'sandbox.<department>.<dataset>'; a period is a year or '2020-03'.
    """

    root: Path
    scale: float
    seed: int
    years: range
    key: AnswerKey = field(default_factory=AnswerKey)

    def nth(self, place: int) -> int:
        """A year of those asked for, counted from 0, or the last one."""
        return self.years[min(place, len(self.years) - 1)]

    @contextmanager
    def open(
        self,
        dataset: str,
        period: int | str,
        defects: Defects,
        *,
        n: int | None = None,
        start: int = 0,
        scope: str = "",
        suffix: str = "",
        old: Collection[str] = (),
        when: tuple[float, float] = USUAL,
    ) -> Iterator[RowFile]:
        """A file to append blocks to; n of its defects from the start-th on, or one of each kind and a few more.

        old: columns under the header of before.
        """
        contract, path = find_contract(dataset), self.path(dataset, period, scope, suffix)
        draw = generator(self.seed, "defects", self.name(path))
        n = defects.count(self.scale) if n is None else n
        with closing(FORMATS[contract.format](path, contract, defects, n, start, draw, old)) as file:
            yield file
        assert not file.waiting, f"{path}: no block took the last defects"
        for record, defect in file.spoiled:
            self.key.reject(self.name(path), record, defect)
        self.receive(path, period, when)

    def send(
        self, dataset: str, year: int, columns: pl.DataFrame | Columns, defects: Defects, old: Collection[str] = ()
    ) -> None:
        """A file of one block."""
        with self.open(dataset, year, defects, old=old) as file:
            file.append(columns)

    def send_workbook(self, dataset: str, year: int, *sheets: Sheet) -> None:
        path = self.path(dataset, year)
        for record, defect in write_workbook(path, find_contract(dataset), MADE, *sheets):
            self.key.reject(self.name(path), record, defect)
        self.receive(path, year)

    def path(self, dataset: str, period: int | str, scope: str = "", suffix: str = "", stem: str = "") -> Path:
        """Where a file goes, under a name as the contract has it, or under another stem."""
        contract, (year, _, month) = find_contract(dataset), str(period).partition("-")
        said = {"year": year, "month": month, "scope": scope}
        pattern = contract.filename.pattern.removeprefix("^")
        stem = stem or re.sub(r"\(\?P<(\w+)>[^()]*\)", lambda group: said[group[1]], pattern)
        path = self.root / contract.name / f"{stem}{suffix}_{SIMULATED}.{contract.format}"
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def name(self, path: Path) -> str:
        return path.relative_to(self.root).as_posix()

    def receive(self, path: Path, period: int | str, when: tuple[float, float] = USUAL) -> None:
        """Set the time of the drop: a working hour on a day in this part of the days allowed."""
        name = self.name(path)
        draw = generator(self.seed, "received", name)
        allowed = find_contract(".".join(name.split("/")[:2])).latency_days
        days = max(1, round(allowed * draw.uniform(*when)))
        if days > allowed:
            self.key.late.append({"file": name, "days": days - allowed})
        second = timedelta(seconds=int(draw.integers(9 * 3600, 18 * 3600)))
        end = Period(*map(int, str(period).split("-"))).end
        moment = datetime.combine(end + timedelta(days=days), time(), UTC) + second - BEIJING
        os.utime(path, (moment.timestamp(), moment.timestamp()))


def find_contract(dataset: str) -> Contract:
    """The contract of the dataset that a module is called after."""
    return read_contract(settings.CONTRACTS.joinpath(*dataset.split(".")[-2:]).with_suffix(".yaml"))
