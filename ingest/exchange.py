"""NumPy's arrays and Arrow's into each other without pandas, which pyarrow would import for it: half a second."""

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
