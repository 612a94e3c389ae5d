"""Raw cells become typed columns; what does not conform becomes a reason."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import polars as pl

from ingest import citizen
from ingest.clean import BROKEN, NULLS, clean, is_unclean
from ingest.column import Column
from ingest.period import Period
from ingest.region import Regions

DATE = r"^([0-9]{4})(?:[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?|([0-9]{2})([0-9]{2}))$"
EPOCH = date(1970, 1, 1)
DATES = ((date(1850, 1, 1) - EPOCH).days, (date(2100, 12, 31) - EPOCH).days)
INTEGER = r"^[+-]?([0-9]+|[0-9]{1,3}(,[0-9]{3})+)$"
DECIMAL = r"^[+-]?(([0-9]+|[0-9]{1,3}(,[0-9]{3})+)(\.[0-9]*)?|\.[0-9]+)$"


def conform(column: Column, texts: pl.Series, period: Period, regions: Regions) -> tuple[pl.Series, pl.Series | None]:
    """Texts of one column -> (typed values, reasons): a reason where the cell does not conform; None when all do.

    Citizen numbers come back normalised as text; pseudonyms are made afterwards of the rows that are kept.
    """
    values, reasons = parse(column, texts), None
    if values.null_count():
        rows = values.is_null().arg_true()
        odd = texts.gather(rows)
        if column.required or not odd.is_in(NULLS).all():
            again, reasons = parse_slowly(column, odd, period, regions)
            values = values.scatter(rows, again)
            reasons = _nothing(len(texts)).scatter(rows, reasons) if reasons.null_count() < len(reasons) else None
    beyond = _limits(column, values, period)
    if beyond is not None:
        reasons = beyond if reasons is None else pl.select(pl.coalesce(reasons, beyond)).to_series()
    return values, reasons


def parse(column: Column, texts: pl.Series) -> pl.Series:
    """The common form of each kind, fast; null where the cell is anything else."""
    if column.kind == "integer":
        return texts.cast(_number(column), strict=False)
    if column.kind == "decimal":  # the cast takes 1.2E+08, whose last digits a spreadsheet has lost
        return texts.set(texts.str.contains("[Ee]"), None).cast(_number(column), strict=False)
    if column.kind == "date":
        dates = texts.str.to_date("%Y-%m-%d", strict=False)
        return dates if (far := _beyond(dates.to_physical(), *DATES)) is None else dates.set(far, None)
    if column.kind == "text":
        doubtful = texts.is_in(NULLS) | is_unclean(texts)
        if column.pattern:
            doubtful = doubtful | ~texts.str.contains(column.pattern)
        return texts.set(doubtful, None) if doubtful.any() else texts
    if column.kind == "citizen":
        return texts.set(~pl.Series(citizen.is_plainly_right(texts)), None)
    return (
        texts.replace_strict(column.codes, default=None, return_dtype=pl.String)
        if column.codes
        else _nothing(len(texts))
    )


def parse_slowly(column: Column, odd: pl.Series, period: Period, regions: Regions) -> tuple[pl.Series, pl.Series]:
    """Texts that parse() did not take -> (values, reasons)."""
    texts = clean(odd)
    values, reasons = _parse_cleaned(column, texts, period, regions)
    broken = odd.str.contains(BROKEN)
    if column.required:
        reasons = reasons.set(texts.is_null() & ~broken, "required")
    return values, reasons.set(broken, "encoding")


def _parse_cleaned(column: Column, texts: pl.Series, period: Period, regions: Regions) -> tuple[pl.Series, pl.Series]:
    """A null text gives neither a value nor a reason."""
    given = texts.is_not_null()
    if column.kind == "citizen":
        return citizen.check(texts)
    if column.kind in ("codes", "boolean"):
        labels = clean(pl.Series(list(column.codes)))
        values = texts.replace_strict(labels, list(column.codes.values()), default=None, return_dtype=pl.String)
        return values, _reason(given & values.is_null(), "not_in_codes")
    if column.kind == "region":
        return regions.check(texts, period.year)
    if column.kind == "text":
        wrong = (
            ~texts.str.contains(column.pattern) if column.pattern else pl.Series([False]).new_from_index(0, len(texts))
        )
        return texts.set(wrong, None), _reason(given & wrong, "pattern")
    if column.kind == "date":
        parts = texts.str.extract_groups(DATE).struct.unnest()
        month, day = parts["2"].fill_null(parts["4"]), parts["3"].fill_null(parts["5"])
        values = (parts["1"] + "-" + month.str.zfill(2) + "-" + day.str.zfill(2)).str.to_date("%Y-%m-%d", strict=False)
        values = values.set(~values.to_physical().is_between(*DATES), None)
        reasons = _reason(given & values.is_null(), "date_impossible")
        return values, reasons.set(given & parts["1"].is_null(), "date_format")
    bare = texts.str.strip_chars("¥￥元 ")
    formed = bare.str.contains(INTEGER if column.kind == "integer" else DECIMAL)
    values = bare.set(~formed, None).str.replace_all(",", "", literal=True).cast(_number(column), strict=False)
    return values, _reason(given & values.is_null(), "number_format").set(formed & values.is_null(), "out_of_range")


def _limits(column: Column, values: pl.Series, period: Period) -> pl.Series | None:
    """Reasons where a value is beyond what the contract allows, None when none is."""
    if column.within_period:
        outside = _beyond(values.to_physical(), (period.start - EPOCH).days, (period.end - EPOCH).days)
        return None if outside is None else _reason(outside, "outside_period")
    outside = _beyond(values, column.minimum, column.maximum)
    return None if outside is None else _reason(outside, "out_of_range")


def _beyond(values: pl.Series, least: float | None, most: float | None) -> pl.Series | None:
    """Where a number is less than least or more than most, None when none is; cheap when all are within."""
    if least is None and most is None:
        return None
    low: Any = values.min()
    high: Any = values.max()
    if low is None or ((least is None or low >= least) and (most is None or high <= most)):
        return None
    beyond = pl.Series([False]).new_from_index(0, len(values))
    if least is not None:
        beyond = beyond | (values < least).fill_null(False)
    if most is not None:
        beyond = beyond | (values > most).fill_null(False)
    return beyond


def _nothing(length: int) -> pl.Series:
    return pl.Series("reason", [None], pl.String).new_from_index(0, length)


def _reason(where: pl.Series, reason: str) -> pl.Series:
    return _nothing(len(where)).set(where.fill_null(False), reason)


def _number(column: Column) -> pl.DataType:
    if column.kind == "integer":
        return pl.Int64() if column.sql_type == "BIGINT" else pl.Int32()
    digits = re.findall(r"\d+", column.sql_type)
    return pl.Decimal(int(digits[0]), int(digits[1]))
