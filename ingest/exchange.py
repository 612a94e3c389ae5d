"""Arrays of NumPy, polars and Arrow into each other, without pandas: pyarrow would take half a second to import it."""

from __future__ import annotations

import numpy as np
import polars as pl
import pyarrow as pa


def to_arrow(values: np.ndarray) -> pa.Array:
    return pl.Series(values).to_arrow()


def to_numpy(array: pa.Array) -> np.ndarray:
    """Of an array without nulls."""
    values: np.ndarray = pl.Series(array).to_numpy()
    return values


def to_bytes(texts: pl.Series) -> tuple[np.ndarray, np.ndarray]:
    """The texts' UTF-8 end to end (uint8), and where in it each one begins and the last one ends (int64)."""
    array = texts.to_arrow().cast(pa.large_string())
    _, offsets, data = array.buffers()
    borders = np.frombuffer(offsets, np.int64)[array.offset : array.offset + len(array) + 1]
    flat = np.frombuffer(data or b"", np.uint8)[borders[0] : borders[-1]]
    return flat, borders - borders[0]
