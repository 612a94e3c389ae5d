"""Numbers and days that lie beyond what the contract or the period allows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import polars as pl

from ingest.fold import folded
from ingest.promises.column import Column
from ingest.promises.period import Period

EPOCH = date(1970, 1, 1)

Bound = float | pl.Series | None


@dataclass(frozen=True)
class Periods:
    """Of each row the first and the last day of its period, all in one year."""

    year: int
    start: pl.Series
    end: pl.Series


def limits(column: Column, values: pl.Series, period: Period | Periods) -> pl.Series | None:
    """Reasons where a value is beyond what the contract allows, None when none is."""
    if column.within_period:
        outside = beyond(values.to_physical(), _days(period.start), _days(period.end))
        return None if outside is None else nothing(len(values)).set(outside, "outside_period")
    outside = beyond(values, column.minimum, column.maximum)
    return None if outside is None else nothing(len(values)).set(outside, "out_of_range")


def tell_other_year(texts: pl.Series, year: int) -> np.ndarray:
    """Which texts tell a year that is another one: 2024, 2024年, 2024年度, 2024.0; what is no year tells none."""
    told = texts.to_frame("text").select(folded(pl.col("text")).str.extract(r"^([0-9]{4})(\.0+)?(年|年度)?$"))
    other: np.ndarray = (told.to_series().cast(pl.Int32) != year).fill_null(False).to_numpy()
    return other


def _days(day: date | pl.Series) -> int | pl.Series:
    return day.to_physical() if isinstance(day, pl.Series) else (day - EPOCH).days


def beyond(values: pl.Series, least: Bound, most: Bound) -> pl.Series | None:
    """Where a number is less than least or more than most, None when none is; cheap when all are within.

    least and most: of all numbers, or of each its own."""
    if least is None and most is None:
        return None
    low: Any = values.min()
    high: Any = values.max()
    lowest: Any = least.max() if isinstance(least, pl.Series) else least
    highest: Any = most.min() if isinstance(most, pl.Series) else most
    if low is None or ((lowest is None or low >= lowest) and (highest is None or high <= highest)):
        return None
    found = pl.Series([False]).new_from_index(0, len(values))
    if least is not None:
        found = found | (values < least).fill_null(False)
    if most is not None:
        found = found | (values > most).fill_null(False)
    return found


def nothing(length: int) -> pl.Series:
    """No reason for any of so many rows."""
    return pl.Series("reason", [None], pl.String).new_from_index(0, length)
