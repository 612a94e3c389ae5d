"""Arrays of NumPy, polars and Arrow into each other, without pandas: pyarrow would take half a second to import it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl
import pyarrow as pa

NEAR = 1 << 18  # bytes


def to_arrow(values: np.ndarray) -> pa.Array:
    return pl.Series(values).to_arrow()


def to_numpy(array: pa.Array) -> np.ndarray:
    """Of an array without nulls."""
    values: np.ndarray = pl.Series(array).to_numpy()
    return values


def plain(column: pa.Array, kind: pa.DataType) -> pa.Array:
    """Of this kind, without a dictionary."""
    return column if column.type == kind else column.cast(kind)


def to_bytes(texts: pa.Array) -> tuple[np.ndarray, np.ndarray]:
    """The bytes of strings or binaries end to end (uint8), and where each one begins and the last one ends (int32; of
    large strings int64)."""
    _, offsets, data = texts.buffers()
    size = np.int64 if pa.types.is_large_string(texts.type) else np.int32
    borders = np.frombuffer(offsets, size)[texts.offset : texts.offset + len(texts) + 1]
    flat = np.frombuffer(data or b"", np.uint8)[borders[0] : borders[-1]]
    return flat, borders - borders[0]


def portions(flat: np.ndarray) -> Iterator[np.ndarray]:
    """The bytes in pieces that the processor keeps near, for several looks at each, and for what one look makes."""
    return (flat[start : start + NEAR] for start in range(0, len(flat), NEAR))


@dataclass(frozen=True)
class Texts:
    """Texts without nulls, of Arrow (string) or of polars, each made of the other when it is asked for."""

    source: pa.Array | pl.Series

    @cached_property
    def array(self) -> pa.Array:
        return self.source.to_arrow().cast(pa.string()) if isinstance(self.source, pl.Series) else self.source

    @cached_property
    def series(self) -> pl.Series:
        return pl.Series(self.source)
