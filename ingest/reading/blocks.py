"""Consecutive records of a file as raw cells: what every format is read into."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa

from ingest.promises.column import Column
from ingest.reason import NO_REJECTS

Match = Callable[[list[str]], dict[str, Column]]  # our column by folded header; raises Refusal


@dataclass(frozen=True)
class Block:
    """Raw cells of consecutive records: binary or dictionary<binary> columns without nulls, keyed by our names."""

    cells: pa.RecordBatch
    records: np.ndarray  # record number of each row of cells
    encoding: str
    broken: pl.DataFrame = field(default_factory=lambda: NO_REJECTS)  # lines that are no records
    sheet: dict[str, Any] | None = None  # of a workbook: name, rows_before


def flatten_varied(cells: pa.RecordBatch) -> pa.RecordBatch:
    """The same cells without the dictionaries of so many values that they are not worth while."""
    columns = [
        column.cast(pa.binary())
        if pa.types.is_dictionary(column.type) and len(column.dictionary) * 2 > len(column)
        else column
        for column in cells.columns
    ]
    return pa.RecordBatch.from_arrays(columns, cells.schema.names)
