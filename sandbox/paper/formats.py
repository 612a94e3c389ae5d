"""The formats of files written row after row: delimited text, JSON Lines, Parquet."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Sequence
from io import BytesIO

import polars as pl
import pyarrow.parquet as pq

from sandbox.paper.defects import Cell, Defect, Row
from sandbox.paper.rows import RowFile

GROUP_ROWS = 100_000  # of Parquet
MARKED = {"utf-8-sig": ("utf-8", codecs.BOM_UTF8), "utf-16": ("utf-16-le", codecs.BOM_UTF16_LE)}


class CsvFile(RowFile):
    """Delimited text; cells are texts. utf-16 is what a spreadsheet saves as Unicode text, with its mark."""

    def begin(self) -> None:
        self.encoding, mark = MARKED.get(self.contract.encoding, (self.contract.encoding, b""))
        self.file = self.path.open("wb")
        self.file.write(mark + line(self.headers, self.encoding, self.contract.delimiter))
        self.record = 1

    def close(self) -> None:
        self.file.close()

    def write(self, frame: pl.DataFrame) -> None:
        buffer = BytesIO()
        frame.write_csv(buffer, include_header=False, separator=self.contract.delimiter)
        data = buffer.getvalue()
        self.file.write(data if self.encoding == "utf-8" else data.decode().encode(self.encoding))

    def write_row(self, row: Row, defect: Defect | None) -> None:
        row = {name: value or "" for name, value in row.items()}
        cells: list[Cell] = list(row.values()) if defect is None else defect.spoil(row)
        self.file.write(line(cells, self.encoding, self.contract.delimiter))


class JsonFile(RowFile):
    """JSON Lines in UTF-8: one object a line under the department's headers; a null cell is null."""

    def begin(self) -> None:
        self.file = self.path.open("wb")

    def close(self) -> None:
        self.file.close()

    def write(self, frame: pl.DataFrame) -> None:
        frame.rename(dict(zip(frame.columns, self.headers, strict=True))).write_ndjson(self.file)

    def write_row(self, row: Row, defect: Defect | None) -> None:
        """A broken line ends in the middle."""
        is_broken = defect is not None and defect.reason == "broken_json"
        cells = row if defect is None or is_broken else defect.change(row)
        text = json.dumps(dict(zip(self.headers, cells.values(), strict=True)), ensure_ascii=False)
        self.file.write((text[: len(text) * 2 // 3] if is_broken else text).encode() + b"\n")


class ParquetFile(RowFile):
    """Parquet with the types of the blocks' columns; a defect's cell is of its column's type, or None."""

    writer: pq.ParquetWriter | None = None

    def begin(self) -> None:
        """The first block says what the columns are."""
        self.group: list[pl.DataFrame] = []

    def close(self) -> None:
        self._write_group()
        if self.writer is not None:
            self.writer.close()

    def write(self, frame: pl.DataFrame) -> None:
        self.schema = frame.schema
        self.group.append(frame)
        if sum(f.height for f in self.group) >= GROUP_ROWS:
            self._write_group()

    def write_row(self, row: Row, defect: Defect | None) -> None:
        self.write(pl.DataFrame([row if defect is None else defect.change(row)], schema=self.schema))

    def _write_group(self) -> None:
        """What has been gathered becomes one row group."""
        if not self.group:
            return
        frame = pl.concat(self.group)
        frame.columns = self.headers
        table = frame.to_arrow(compat_level=pl.CompatLevel.oldest())
        if self.writer is None:
            self.writer = pq.ParquetWriter(self.path, table.schema, compression="snappy")
        self.writer.write_table(table)
        self.group = []


FORMATS: dict[str, type[RowFile]] = {"csv": CsvFile, "jsonl": JsonFile, "parquet": ParquetFile}


def line(cells: Sequence[Cell], encoding: str, delimiter: str) -> bytes:
    """One record of delimited text; bytes go in as they are."""
    texts = (c if isinstance(c, bytes) else _quote(c, delimiter).encode(encoding) for c in cells)
    return delimiter.encode(encoding).join(texts) + "\n".encode(encoding)


def _quote(text: str, delimiter: str) -> str:
    return '"' + text.replace('"', '""') + '"' if delimiter in text or re.search('["\r\n]', text) else text
