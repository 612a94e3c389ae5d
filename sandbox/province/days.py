"""Days as whole numbers, from 1900-01-01 on."""

from __future__ import annotations

from datetime import date

import numpy as np

from sandbox.province.counts import Ints

FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2040, 12, 31)


def day(year: int | Ints, month: int | Ints = 1, of_month: int | Ints = 1) -> Ints:
    """Days since 1900-01-01."""
    months = (np.asarray(year, np.int64) - 1970) * 12 + np.asarray(month) - 1
    days = months.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
    return np.asarray(days + np.asarray(of_month) - 1 + (date(1970, 1, 1) - FIRST_DAY).days)


def compact(days: Ints) -> Ints:
    """Days since 1900-01-01 as numbers like 19450131."""
    dates = days.astype("datetime64[D]") + (np.datetime64("1900-01-01") - np.datetime64("1970-01-01"))
    months = dates.astype("datetime64[M]").astype(np.int64)
    of_month = (dates - dates.astype("datetime64[M]")).astype(np.int64) + 1
    return np.asarray((1970 + months // 12) * 10_000 + (months % 12 + 1) * 100 + of_month)


def month_of(days: Ints) -> Ints:
    """Months from the year 0 of days since 1900-01-01."""
    dates = compact(days)
    return np.asarray(dates // 10_000 * 12 + dates // 100 % 100 - 1)
