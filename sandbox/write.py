"""Tables as departments write them, the same bytes on every run."""

from __future__ import annotations

import codecs
import re
from collections.abc import Sequence
from io import BytesIO
from types import TracebackType
from typing import Self

import polars as pl

from sandbox.defects import Cell, Defect, Defects, Row, more_at
from sandbox.draw import generator
from sandbox.inbox import USUAL, Inbox

BLOCK_ROWS = 20_000


class RowFile:
    """A file written block by block, its defects put between the good rows; each format says how it writes rows.

    columns: our name -> header, in file order; blocks are frames with our names in that order.
    """

    extension = "csv"

    def __init__(
        self,
        inbox: Inbox,
        folder: str,
        stem: str,
        columns: dict[str, str],
        period: str,
        when: tuple[float, float] = USUAL,
    ):
        self.inbox, self.period, self.when, self.columns = inbox, period, when, columns
        self.path = inbox.path(folder, stem, self.extension)
        self.name = self.path.relative_to(inbox.root).as_posix()
        self.draw = generator(inbox.seed, "defects", self.name)
        self.record = 0
        self.blocks: list[pl.DataFrame] = []
        self.waiting: list[tuple[float, int, Defect]] = []
        self.defects: Defects | None = None
        self.open()

    def open(self) -> None:
        """Begin the file, with its header where it has one."""
        raise NotImplementedError

    def close(self) -> None:
        raise NotImplementedError

    def write(self, frame: pl.DataFrame) -> None:
        raise NotImplementedError

    def write_row(self, row: Row, defect: Defect | None) -> None:
        """One row with its defect; None where only its key repeats an earlier one."""
        raise NotImplementedError

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
        if kind is None:
            assert not self.waiting, f"{self.name}: no block took the last defects"
            self.inbox.receive(self.path, self.period, self.when)

    def spoil(self, defects: Defects, n: int | None = None, start: int = 0) -> None:
        """Plan n defects, by default one of each kind and a few more, in the first four fifths of the blocks."""
        self.defects = defects
        n = len(defects.kinds) + 1 + more_at(self.inbox.scale) if n is None else n
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
        self.write(frame)
        self.record += frame.height

    def _write_defect(self, row: Row, serial: int, defect: Defect) -> None:
        assert self.defects is not None
        if defect.reason == "duplicate_key":
            self.write_row({**row, **self.defects.repeat}, None)
        else:
            self.write_row(self.defects.renew(row, serial), defect)
        self.record += 1
        self.inbox.key.reject(self.name, self.record, defect)


class CsvFile(RowFile):
    """Delimited text; cells are texts. utf-16 is what a spreadsheet saves as Unicode text, with its mark."""

    def __init__(
        self,
        inbox: Inbox,
        folder: str,
        stem: str,
        columns: dict[str, str],
        encoding: str,
        period: str,
        when: tuple[float, float] = USUAL,
        delimiter: str = ",",
    ):
        self.mark = {"utf-8-sig": codecs.BOM_UTF8, "utf-16": codecs.BOM_UTF16_LE}.get(encoding, b"")
        self.encoding, self.delimiter = {"utf-8-sig": "utf-8", "utf-16": "utf-16-le"}.get(encoding, encoding), delimiter
        super().__init__(inbox, folder, stem, columns, period, when)

    def open(self) -> None:
        self.file = self.path.open("wb")
        self.file.write(self.mark + line(list(self.columns.values()), self.encoding, self.delimiter))
        self.record = 1

    def close(self) -> None:
        self.file.close()

    def write(self, frame: pl.DataFrame) -> None:
        buffer = BytesIO()
        frame.write_csv(buffer, include_header=False, separator=self.delimiter)
        data = buffer.getvalue()
        self.file.write(data if self.encoding == "utf-8" else data.decode().encode(self.encoding))

    def write_row(self, row: Row, defect: Defect | None) -> None:
        row = {name: value or "" for name, value in row.items()}
        cells: list[Cell] = list(row.values()) if defect is None else defect.spoil(row)
        self.file.write(line(cells, self.encoding, self.delimiter))


def line(cells: Sequence[Cell], encoding: str, delimiter: str = ",") -> bytes:
    """One record of delimited text; bytes go in as they are."""
    texts = (c if isinstance(c, bytes) else _quote(c, delimiter).encode(encoding) for c in cells)
    return delimiter.encode(encoding).join(texts) + "\n".encode(encoding)


def _quote(text: str, delimiter: str) -> str:
    return '"' + text.replace('"', '""') + '"' if delimiter in text or re.search('["\r\n]', text) else text
