"""What clerks and spreadsheets do to rows: planned defects, and the answer key that names each of them."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

Cell = Any  # a text, bytes that are no text, or, in a typed file, a value of the column's type
Row = dict[str, Any]


@dataclass(frozen=True)
class Defect:
    """One way to spoil a row: reason as ingest names it, our column, and the cell that takes the good one's place."""

    reason: str
    column: str
    cell: Cell | Callable[[Any], Cell] = ""

    def spoil(self, row: Row) -> list[Cell]:
        """The cells of a row of text with this defect and no other."""
        if self.reason == "ragged_row":
            return [*row.values(), "备用"] if self.cell == "more" else list(row.values())[:-2]
        return list(self.change(row).values())

    def change(self, row: Row) -> Row:
        """The row with the bad cell in the good one's place."""
        return {**row, self.column: self.cell(row[self.column]) if callable(self.cell) else self.cell}


@dataclass(frozen=True)
class Defects:
    """What goes wrong in one dataset.

    renew gives a copy of a good row a key of its own, from a running number; repeat holds what differs in a row that
    repeats an earlier key (named first in key).
    """

    kinds: Sequence[Defect]
    renew: Callable[[Row, int], Row]
    key: str = ""
    repeat: Row = field(default_factory=dict)

    def choose(self, n: int, start: int = 0) -> list[Defect]:
        """n of the kinds in turn, so that a run of files meets them all."""
        kinds = [*self.kinds, *([Defect("duplicate_key", self.key)] if self.key else [])]
        return [kinds[(start + i) % len(kinds)] for i in range(n)]


@dataclass
class AnswerKey:
    """Everything that was done on purpose: ingest is right when it finds exactly this."""

    rejects: list[dict[str, object]] = field(default_factory=list)
    refused: list[dict[str, object]] = field(default_factory=list)
    same_bytes: list[dict[str, object]] = field(default_factory=list)
    superseded: list[dict[str, object]] = field(default_factory=list)
    late: list[dict[str, object]] = field(default_factory=list)

    def reject(self, file: str, record: int, defect: Defect) -> None:
        self.rejects.append({"file": file, "record": record, "column": defect.column, "reason": defect.reason})

    def write(self, path: Path) -> None:
        lists = {
            name: sorted(entries, key=lambda e: [str(v).zfill(9) for v in e.values()])
            for name, entries in vars(self).items()
        }
        text = json.dumps({"note": "模拟数据：沙盘有意加入的缺陷", **lists}, ensure_ascii=False, indent=1)
        path.write_text(text + "\n", "utf-8")


def more_at(scale: float) -> int:
    """Files grow a thousandfold from the smallest scale to the full one, their defects only by a few."""
    return 2 * round(float(np.log10(max(scale / 0.001, 1.0))))
