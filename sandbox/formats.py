"""Files that are no delimited text: JSON Lines and Parquet."""

from __future__ import annotations

import json

import polars as pl
import pyarrow.parquet as pq

from sandbox.defects import Defect, Row
from sandbox.write import RowFile

GROUP_ROWS = 100_000  # of Parquet


class JsonFile(RowFile):
    """JSON Lines in UTF-8: one object a line under the department's headers; a null cell is null."""

    extension = "jsonl"

    def open(self) -> None:
        self.file = self.path.open("wb")

    def close(self) -> None:
        self.file.close()

    def write(self, frame: pl.DataFrame) -> None:
        frame.rename(self.columns).write_ndjson(self.file)

    def write_row(self, row: Row, defect: Defect | None) -> None:
        """A broken line ends in the middle."""
        cells = row if defect is None or defect.reason == "broken_json" else defect.change(row)
        text = json.dumps(dict(zip(self.columns.values(), cells.values(), strict=True)), ensure_ascii=False)
        if defect is not None and defect.reason == "broken_json":
            text = text[: len(text) * 2 // 3]
        self.file.write(text.encode() + b"\n")


class ParquetFile(RowFile):
    """Parquet with the types of the blocks' columns; a defect's cell is of its column's type, or None."""

    extension = "parquet"
    writer: pq.ParquetWriter | None = None

    def open(self) -> None:
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
        table = pl.concat(self.group).rename(self.columns).to_arrow(compat_level=pl.CompatLevel.oldest())
        if self.writer is None:
            self.writer = pq.ParquetWriter(self.path, table.schema, compression="snappy")
        self.writer.write_table(table)
        self.group = []
