"""What clerks and spreadsheets do to rows: planned defects, and the answer key that names each of them."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from sandbox.province.citizen import never_born, scientific, wrong_check

Cell = Any  # a text, bytes that are no text, or, in a typed file, a value of the column's type
Row = dict[str, Any]
Columns = dict[str, pl.Series]  # by our name, in the order of the file


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


RAGGED = (Defect("ragged_row", "*", "more"), Defect("ragged_row", "*", "fewer"))


def wrong_numbers(column: str, change: Callable[[str], str] | None = lambda good: good[:-1]) -> list[Defect]:
    """A citizen number with another check character, changed in length or letters (unless None), as a spreadsheet
    shows it, and of somebody born on 30 February.
    """
    changed = [Defect("id_format", column, change)] if change else []
    check, birth = Defect("id_check_digit", column, wrong_check), Defect("id_birth_date", column, never_born)
    return [check, *changed, Defect("id_scientific", column, scientific), birth]


def ended_code(year: int, column: str = "county_code") -> Defect:
    """A county code that is in use no more."""
    return Defect("expired_region", column, "320684" if year > 2020 else "320721")


def wrong_codes(year: int, unknown: str) -> list[Defect]:
    """A county code that never was, and one that is in use no more."""
    return [Defect("unknown_region", "county_code", unknown), ended_code(year)]


def each(reason: str, **cells: Cell) -> list[Defect]:
    """One defect of the same kind for each column."""
    return [Defect(reason, column, cell) for column, cell in cells.items()]


def ways(column: str, **cells: Cell) -> list[Defect]:
    """Defects of several kinds, all of them in one column."""
    return [Defect(reason, column, cell) for reason, cell in cells.items()]


@dataclass(frozen=True)
class Defects:
    """What goes wrong in one dataset.

    renew: the cells that give a copy of a good row a key of its own, made from a running number by a function or a
    format; repeat: those that differ in a row that repeats an earlier key.
    """

    kinds: Sequence[Defect]
    renew: Row
    repeat: Row

    def count(self, scale: float) -> int:
        """How many are planned for a file: one of each kind and a few more."""
        return len(self.kinds) + 1 + more_at(scale)

    def choose(self, n: int, start: int, key: str) -> list[Defect]:
        """n of the kinds in turn, so that a run of files meets them all; a repeated key is one of them."""
        named = any(kind.reason == "duplicate_key" for kind in self.kinds)
        kinds = [*self.kinds, *([] if named else [Defect("duplicate_key", key)])]
        return [kinds[(start + i) % len(kinds)] for i in range(n)]

    def prepare(self, defect: Defect, row: Row, serial: int) -> Row:
        """A copy of a good row with nothing wrong but, at most, its repeated key."""
        if defect.reason == "duplicate_key":
            return row | self.repeat
        return row | {name: _number(cell, serial) for name, cell in self.renew.items()}


def _number(cell: Cell, serial: int) -> Cell:
    if callable(cell):
        return cell(serial)
    return cell.format(serial) if isinstance(cell, str) else cell


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
