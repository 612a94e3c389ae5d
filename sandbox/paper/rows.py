"""Files written row after row, the same bytes on every run: their blocks, with the defects between the good rows."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from pathlib import Path

import numpy as np
import polars as pl

from ingest.promises.contract import Contract
from sandbox.paper.defects import Columns, Defect, Defects, Row

BLOCK_ROWS = 20_000


def find_headers(contract: Contract, columns: Iterable[str], old: Collection[str] = ()) -> list[str]:
    """What the department calls our columns, some by the old header; what the contract ignores has no name of ours."""
    known = {c.name: c.headers for c in contract.columns}
    return [known[name][-1 if name in old else 0] if name in known else name for name in columns]


class RowFile:
    """A file written block by block; each format says how it writes rows.

    Blocks are frames with the file's columns in their order, by our names, or by the header where the contract ignores
    the column. n of the defects are planned, from the start-th on, in the first four fifths of the blocks.
    """

    def __init__(
        self,
        path: Path,
        contract: Contract,
        defects: Defects,
        n: int,
        start: int,
        draw: np.random.Generator,
        old: Collection[str],
    ):
        self.path, self.contract, self.defects, self.draw, self.old = path, contract, defects, draw, old
        self.headers: list[str] = []
        self.record = 0
        self.blocks: list[pl.DataFrame] = []
        self.spoiled: list[tuple[int, Defect]] = []  # record, and what is wrong with it
        kinds, order = defects.choose(n, start, contract.key[0]), draw.permutation(n).tolist()
        self.waiting = [(p, i, kinds[i]) for p, i in zip(sorted(draw.uniform(0, 0.8, n)), order, strict=True)]

    def begin(self) -> None:
        """Begin the file, once its headers are known."""

    def close(self) -> None:
        raise NotImplementedError

    def write(self, frame: pl.DataFrame) -> None:
        raise NotImplementedError

    def write_row(self, row: Row, defect: Defect | None) -> None:
        """One row with its defect; None where only its key repeats an earlier one."""
        raise NotImplementedError

    def append(self, columns: pl.DataFrame | Columns, done: float = 1.0) -> None:
        """Take a block; done is the part of the file that is finished with it. Small blocks are written together."""
        self.blocks.append(pl.DataFrame(columns))
        if sum(b.height for b in self.blocks) >= BLOCK_ROWS or done == 1.0:
            block, self.blocks = pl.concat(self.blocks), []
            if not self.headers:
                self.headers = find_headers(self.contract, block.columns, self.old)
                self.begin()
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
        self.write(frame)
        self.record += frame.height

    def _write_defect(self, row: Row, serial: int, defect: Defect) -> None:
        row = self.defects.prepare(defect, row, serial)
        self.write_row(row, None if defect.reason == "duplicate_key" else defect)
        self.record += 1
        self.spoiled.append((self.record, defect))
