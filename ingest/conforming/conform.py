"""Raw cells become typed columns; what does not conform becomes a reason."""

from __future__ import annotations

import re
from datetime import date

import numpy as np
import polars as pl
import pyarrow as pa

from ingest.conforming import citizen
from ingest.conforming.clean import BROKEN, CONTROL, NULLS, SCIENTIFIC, UNCLEAN, are_plainly_clean, clean, hold
from ingest.conforming.limits import EPOCH, Periods, beyond, limits, nothing
from ingest.exchange import Texts, to_bytes
from ingest.fold import fold, folded
from ingest.promises.column import Column
from ingest.promises.period import Period
from ingest.promises.region import Regions
from ingest.reason import SPOILT

DATE = r"^([0-9]{4})(?:[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?|([0-9]{2})([0-9]{2}))"
TIME = r"(?:[T ]+([0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?) ?(Z|[+-][0-9]{2}(?::?[0-9]{2})?)?)?$"
MIDNIGHT = r"^00?:00(:00(\.0+)?)? ?(\+08(:?00)?)?$"
MIDNIGHT_IN_UTC = r"^16:00(:00(\.0+)?)? ?(Z|\+00(:?00)?)$"  # in Shanghai
DATES = ((date(1850, 1, 1) - EPOCH).days, (date(2100, 12, 31) - EPOCH).days)
# What programs write for no date.
NOTHING = ["0000-00-00", "0001-01-01", "1899-12-30", "1899-12-31", "1900-01-01", "9999-12-31"]
NO_DAYS = [(day - EPOCH).days for day in (date(1899, 12, 30), date(1899, 12, 31), date(1900, 1, 1))]
DECIMAL = r"^[+-]?(([0-9]+|[1-9][0-9]{0,2}(,[0-9]{3})+)(\.[0-9]*)?|\.[0-9]+)$"
TEXT = pl.col("text")


def conform(
    column: Column, texts: Texts, period: Period | Periods, regions: Regions
) -> tuple[pl.Series, pl.Series | None]:
    """Texts of one column -> (typed values, reasons): a reason where the cell does not conform; None when all do.

    Citizen numbers come back normalised as text; pseudonyms are made afterwards of the rows that are kept.
    """
    values, reasons = parse(column, texts), None
    if values.null_count():
        rows = values.is_null().arg_true()
        odd = texts.series.gather(rows)
        if column.required or not odd.is_in(NULLS).all():
            again, reasons = parse_slowly(column, odd, period, regions)
            values = values.scatter(rows, again)
            reasons = nothing(len(values)).scatter(rows, reasons) if reasons.null_count() < len(reasons) else None
    far = limits(column, values, period)
    if far is not None:
        reasons = far if reasons is None else pl.select(pl.coalesce(reasons, far)).to_series()
    return values, reasons


def parse(column: Column, cells: Texts) -> pl.Series:
    """The common form of each kind, fast; null where the cell is anything else. A text that is taken is itself."""
    texts = cells.series
    if column.kind == "integer":
        return texts.cast(_number(column), strict=False)
    if column.kind == "decimal":  # the cast takes 1.2E+08, whose last digits a spreadsheet has lost
        if hold(to_bytes(cells.array)[0], b"Ee"):
            texts = texts.set(texts.str.contains("[Ee]"), None)
        if are_longer(cells.array, column.decimals):  # the cast would round
            texts = texts.set(texts.str.contains(rf"\.[0-9]{{{column.decimals + 1}}}"), None)
        return texts.cast(_number(column), strict=False)
    if column.kind == "date":
        dates = texts.str.to_date("%Y-%m-%d", strict=False, cache=False)  # to look a day up costs more than to read it
        days = dates.to_physical()
        dates = dates if (far := beyond(days, *DATES)) is None else dates.set(far, None)
        return dates if beyond(days, NO_DAYS[-1] + 1, None) is None else dates.set(days.is_in(NO_DAYS), None)
    if column.kind == "text":
        doubtful = texts.is_in([*NULLS, *SPOILT])
        if not are_plainly_clean(cells.array):
            doubtful = doubtful | texts.str.contains(UNCLEAN)
        if column.pattern:
            doubtful = doubtful | ~texts.str.contains(column.pattern)
        if (held := citizen.hold(cells)).any():
            doubtful = doubtful | pl.Series(held)
        return texts.set(doubtful, None) if doubtful.any() else texts
    if column.kind == "citizen":
        return texts.set(~pl.Series(citizen.is_plainly_right(texts)), None)
    return (
        texts.replace_strict(column.codes, default=None, return_dtype=pl.String)
        if column.codes
        else nothing(len(texts))
    )


def parse_slowly(
    column: Column, odd: pl.Series, period: Period | Periods, regions: Regions
) -> tuple[pl.Series, pl.Series]:
    """Texts that parse() did not take -> (values, reasons)."""
    frame = odd.to_frame("odd").select("odd", text=clean(pl.col("odd")))
    if column.kind == "citizen":
        value, reason = map(pl.lit, citizen.check(frame["text"]))
    elif column.kind == "region":
        value, reason = map(pl.lit, regions.check(frame.select(folded(TEXT)).to_series(), period.year))
    else:
        value, reason = _rules(column)
    is_broken = pl.col("odd").str.contains(BROKEN)
    spoilt = TEXT.str.to_uppercase().replace_strict(SPOILT, default=None, return_dtype=pl.String)
    is_empty = TEXT.is_null() if column.required else pl.lit(False)
    is_wrong = {"encoding": is_broken, "control_character": pl.col("odd").str.contains(CONTROL)}
    wrong = (pl.when(is_so).then(pl.lit(r)) for r, is_so in is_wrong.items())
    first = pl.coalesce(*wrong, spoilt, pl.when(is_empty).then(pl.lit("required")), reason)
    found = frame.select(value=pl.when(first.is_null()).then(value), reason=first)
    return found["value"], found["reason"]


def _rules(column: Column) -> tuple[pl.Expr, pl.Expr]:
    """Value and reason of a cleaned text; a null one gives neither."""
    if column.kind in ("codes", "boolean"):
        labels = [fold(label) for label in column.codes]
        value = folded(TEXT).replace_strict(labels, list(column.codes.values()), default=None, return_dtype=pl.String)
        return value, _reason((value.is_null(), "not_in_codes"))
    if column.kind == "text":
        is_personal = TEXT.fill_null("").map_batches(lambda s: pl.Series(citizen.hold(Texts(s))), pl.Boolean)
        never = (TEXT.str.contains(SCIENTIFIC), "scientific"), (is_personal, "personal_number")
        if (pattern := column.pattern) is None:
            return TEXT, _reason(*never)
        code = folded(TEXT)  # one may be written in full-width letters
        is_right, is_code = TEXT.str.contains(pattern), code.str.contains(pattern)
        value = pl.when(is_right).then(TEXT).when(is_code).then(code)
        return value, _reason(*never, (value.is_null(), "pattern"))
    if column.kind == "date":
        return _date(column)
    bare = TEXT.str.strip_chars("¥￥元 ")
    # 120.0 is a whole number, and 8.20 has one decimal
    plain = bare.str.replace_all(",", "", literal=True).str.replace(r"(\.[0-9]*?)0+$", "$1").str.strip_suffix(".")
    is_formed, is_long = bare.str.contains(DECIMAL), plain.str.contains(rf"\.[0-9]{{{column.decimals + 1}}}")
    value = pl.when(is_formed & ~is_long).then(plain).cast(_number(column), strict=False)
    return value, _reason(
        (~is_formed, "number_format"), (is_long, "too_many_decimals"), (value.is_null(), "out_of_range")
    )


def _date(column: Column) -> tuple[pl.Expr, pl.Expr]:
    """With a time only midnight in Shanghai."""
    parts = TEXT.str.extract_groups(DATE + TIME).struct
    month, day = (pl.coalesce(parts.field(*either)) for either in (("2", "4"), ("3", "5")))
    written = parts.field("1") + "-" + month.str.zfill(2) + "-" + day.str.zfill(2)
    time = parts.field("6") + parts.field("7").fill_null("")
    is_eve = time.str.contains(MIDNIGHT_IN_UTC).fill_null(False)
    is_day = (time.is_null() | time.str.contains(MIDNIGHT)).fill_null(True) | is_eve
    read = written.str.to_date("%Y-%m-%d", strict=False)
    day_of = pl.when(is_eve).then(read.dt.offset_by("1d")).otherwise(read)
    is_nothing = written.is_in(NOTHING)
    value = pl.when(day_of.to_physical().is_between(*DATES) & ~is_nothing & is_day).then(day_of)
    for_nothing = pl.lit("required" if column.required else None) if column.empty_dates else pl.lit("nothing_date")
    reason = _reason((written.is_null(), "date_format"), (~is_day, "time_of_day"), (value.is_null(), "date_impossible"))
    return value, pl.when(is_nothing & is_day).then(for_nothing).otherwise(reason)


def are_longer(texts: pa.Array, decimals: int) -> bool:
    """Whether there is a point with more than so many characters behind it, by a look at the bytes."""
    flat, borders = to_bytes(texts)
    points = np.count_nonzero(flat == ord("."))
    if not points:
        return False
    for behind in range(1, decimals + 2):
        places = borders[1:] - behind
        points -= np.count_nonzero((flat[places.clip(0)] == ord(".")) & (places >= borders[:-1]))
    return bool(points > 0)


def _reason(*cases: tuple[pl.Expr, str]) -> pl.Expr:
    """The first reason that applies to a text."""
    return pl.when(TEXT.is_not_null()).then(pl.coalesce(pl.when(wrong).then(pl.lit(r)) for wrong, r in cases))


def _number(column: Column) -> pl.DataType:
    if column.kind == "integer":
        return pl.Int64() if column.sql_type == "BIGINT" else pl.Int32()
    precision, scale = re.findall(r"\d+", column.sql_type)
    return pl.Decimal(int(precision), int(scale))
