"""Files as departments make them, the same bytes and the same times on every run."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from functools import cache
from io import BytesIO
from pathlib import Path
from types import TracebackType

import polars as pl

from ingest import settings
from ingest.contract import read_contract
from ingest.inbox import SIMULATED
from ingest.period import Period
from sandbox.defects import AnswerKey, Cell, Defect, Defects, Row
from sandbox.draw import generator

MADE = datetime(2020, 1, 1, tzinfo=UTC)  # the time of what no department sent
USUAL = (0.3, 0.8)  # received in this part of the days that the contract allows
BLOCK_ROWS = 20_000
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


class CsvFile:
    """A CSV file written block by block, its defects put between the good rows.

    columns: our name -> header, in file order; blocks are frames of texts with our names in that order.
    """

    def __init__(
        self,
        inbox: Inbox,
        folder: str,
        stem: str,
        columns: dict[str, str],
        encoding: str,
        period: str,
        when: tuple[float, float] = USUAL,
    ):
        self.inbox, self.period, self.when = inbox, period, when
        self.path = inbox.path(folder, stem, "csv")
        self.name = self.path.relative_to(inbox.root).as_posix()
        self.columns, self.encoding = columns, encoding.removesuffix("-sig")
        self.draw = generator(inbox.seed, "defects", self.name)
        self.record = 1
        self.blocks: list[pl.DataFrame] = []
        self.waiting: list[tuple[float, int, Defect]] = []
        self.defects: Defects | None = None
        self.file = self.path.open("wb")
        self.file.write(b"\xef\xbb\xbf" if encoding == "utf-8-sig" else b"")
        self.file.write(line(list(columns.values()), self.encoding))

    def __enter__(self) -> CsvFile:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.file.close()
        if kind is None:
            assert not self.waiting, f"{self.name}: no block took the last defects"
            self.inbox.receive(self.path, self.period, self.when)

    def spoil(self, defects: Defects, n: int, start: int = 0) -> None:
        """Plan n defects somewhere in the first four fifths of the blocks."""
        self.defects = defects
        kinds = defects.choose(n, start)
        order = self.draw.permutation(n)
        self.waiting = [
            (p, i, kinds[i]) for p, i in zip(sorted(self.draw.uniform(0, 0.8, n)), order.tolist(), strict=True)
        ]

    def append(self, frame: pl.DataFrame, done: float = 1.0) -> None:
        """Take a block; done is the part of the file that is finished with it. Small blocks are written together."""
        self.blocks.append(frame)
        if sum(b.height for b in self.blocks) >= BLOCK_ROWS or done == 1.0:
            block, self.blocks = pl.concat(self.blocks), []
            self._mix_in(block, done)

    def _mix_in(self, frame: pl.DataFrame, done: float) -> None:
        """Write a block with the defects that are due in it."""
        due = [w for w in self.waiting if w[0] <= done] if frame.height > 2 else []
        self.waiting = self.waiting[len(due) :]
        positions = sorted(int(p) for p in self.draw.integers(1, frame.height + 1, len(due)))
        start = 0
        for position, (_, serial, defect) in zip(positions, due, strict=True):
            self._write(frame[start:position])
            self._write_defect(frame.row(int(self.draw.integers(0, position)), named=True), serial, defect)
            start = position
        self._write(frame[start:] if start else frame)

    def _write(self, frame: pl.DataFrame) -> None:
        buffer = BytesIO()
        frame.write_csv(buffer, include_header=False)
        data = buffer.getvalue()
        self.file.write(data if self.encoding == "utf-8" else data.decode().encode(self.encoding))
        self.record += frame.height

    def _write_defect(self, row: Row, serial: int, defect: Defect) -> None:
        assert self.defects is not None
        row = {name: value or "" for name, value in row.items()}
        if defect.reason == "duplicate_key":
            cells: list[Cell] = list({**row, **self.defects.repeat}.values())
        else:
            cells = defect.spoil(self.defects.renew(row, serial))
        self.file.write(line(cells, self.encoding))
        self.record += 1
        self.inbox.key.reject(self.name, self.record, defect)


def line(cells: Sequence[Cell], encoding: str) -> bytes:
    """One CSV record; bytes go in as they are."""
    return b",".join(c if isinstance(c, bytes) else _quote(c).encode(encoding) for c in cells) + b"\n"


def _quote(text: str) -> str:
    return '"' + text.replace('"', '""') + '"' if re.search('[,"\r\n]', text) else text
