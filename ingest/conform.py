"""Raw cells become typed columns; what does not conform becomes a reason."""

from __future__ import annotations

import codecs
import re
from datetime import date
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from ingest import citizen
from ingest.contract import Column
from ingest.period import Period
from ingest.region import Regions

NULLS = ["", "-", "—", "——", "－", "…", "……", "/", "暂无", "无", "不详"]
FULL_WIDTH = dict(zip("０１２３４５６７８９Ｘｘ．，－／　", "0123456789Xx.,-/ ", strict=True))
BLANKS = " \t\r\n\u3000\ufeff\u200b\xa0"
SEPARATOR = 0x1F
DATE = r"^([0-9]{4})[-/.年]?([0-9]{1,2})[-/.月]?([0-9]{1,2})日?$"
# The characters that decoders of GB18030 map to the private use area, at their standard places (GB 18030-2022).
PRIVATE = {
    **{chr(0xE78D + i): c for i, c in enumerate("︐︒︑︓︔︕︖︗︘︙")},
    **dict(zip("\ue81e\ue826\ue82b\ue82c\ue832\ue843\ue854\ue864", "龴龵龶龷龸龹龺龻", strict=True)),
}
_PRIVATE_USE = re.compile("[" + "".join(PRIVATE) + "]")


def decode(cells: pa.Array, encoding: str) -> pl.Series:
    """Binary cells -> texts, one codec call for all that is not ASCII; U+FFFD marks a broken character."""
    if pa.types.is_null(cells.type) or len(cells) == 0:
        return pl.Series([], dtype=pl.String)
    offsets = np.frombuffer(cells.buffers()[1], np.int32)[cells.offset : cells.offset + len(cells) + 1]
    data = np.frombuffer(cells.buffers()[2] or b"", np.uint8)[offsets[0] : offsets[-1]]
    if data.size == 0 or data.max() < 0x80:
        return pl.Series(_text(cells))
    high = np.flatnonzero(data >= 0x80) + offsets[0]
    rows = np.searchsorted(offsets, high, side="right") - 1
    rows = rows[np.diff(rows, prepend=-1) > 0]
    if len(rows) * 4 > len(cells):
        return pl.Series(_decode_all(cells, encoding))
    odd = pl.Series(_decode_all(cells.take(pa.array(rows)), encoding))
    mask = np.zeros(len(cells), bool)
    mask[rows] = True
    plain = pc.if_else(pa.array(mask), pa.scalar(b"", pa.binary()), cells)
    return pl.Series(_text(plain)).scatter(rows, odd)


def _text(cells: pa.Array) -> pa.Array:
    return pa.StringArray.from_buffers(len(cells), *cells.buffers()[1:3], None, 0, cells.offset)


def _decode_all(cells: pa.Array, encoding: str) -> pa.Array:
    """Join with the unit separator, decode once, split again."""
    if pc.any(pc.match_substring(cells, b"\x1f")).as_py():
        cells = pc.replace_substring(cells, b"\x1f", b"?")
    whole = pa.ListArray.from_arrays(pa.array([0, len(cells)], pa.int32()), cells)
    text = codecs.decode(pc.binary_join(whole, b"\x1f")[0].as_buffer(), encoding, "replace")
    if _PRIVATE_USE.search(text):
        text = text.translate({ord(k): v for k, v in PRIVATE.items()})
    flat = np.frombuffer(text.encode(), np.uint8)
    ends = np.flatnonzero(flat == SEPARATOR)
    if len(ends) != len(cells) - 1:  # a broken lead byte swallowed a separator: decode one by one
        return pa.array([c.decode(encoding, "replace") for c in cells.to_pylist()], pa.string())
    kept = flat[flat != SEPARATOR]
    offsets = np.concatenate([[0], ends - np.arange(len(ends)), [len(kept)]]).astype(np.int32)
    return pa.StringArray.from_buffers(len(cells), pa.py_buffer(offsets), pa.py_buffer(kept))


def clean(texts: pl.Series) -> pl.Series:
    """Blanks and a leading apostrophe off, full-width digits folded, null marks to null."""
    folded = texts.str.replace_many(list(FULL_WIDTH), list(FULL_WIDTH.values())).str.strip_chars(BLANKS)
    folded = folded.str.strip_prefix("'").str.strip_chars(BLANKS)
    return folded.set(texts.str.strip_chars(BLANKS).is_in(NULLS) | (folded == ""), None)


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
        return texts.cast(pl.Int32, strict=False)
    if column.kind == "decimal":
        return texts.cast(_decimal(column), strict=False)
    if column.kind == "date":
        return texts.str.to_date("%Y-%m-%d", strict=False)
    if column.kind == "text":
        doubtful = texts.is_in(NULLS) | (texts.str.len_bytes() != texts.str.strip_chars(BLANKS).str.len_bytes())
        doubtful = doubtful | texts.str.contains("\ufffd", literal=True)
        if column.pattern:
            doubtful = doubtful | ~texts.str.contains(column.pattern)
        return texts.set(doubtful, None)
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
    broken = odd.str.contains("\ufffd", literal=True)
    if column.required:
        reasons = reasons.set(texts.is_null() & ~broken, "required")
    return values, reasons.set(broken, "encoding")


def _parse_cleaned(column: Column, texts: pl.Series, period: Period, regions: Regions) -> tuple[pl.Series, pl.Series]:
    """A null text gives neither a value nor a reason."""
    given = texts.is_not_null()
    if column.kind == "citizen":
        return citizen.check(texts)
    if column.kind in ("codes", "boolean"):
        values = texts.replace_strict(column.codes, default=None, return_dtype=pl.String)
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
        joined = parts["1"] + "-" + parts["2"].str.zfill(2) + "-" + parts["3"].str.zfill(2)
        values = joined.str.to_date("%Y-%m-%d", strict=False)
        reasons = _reason(given & values.is_null(), "date_impossible")
        return values, reasons.set(given & parts["1"].is_null(), "date_format")
    bare = texts.str.replace_all(",", "", literal=True).str.strip_chars("¥￥元 ")
    dtype = pl.Int32 if column.kind == "integer" else _decimal(column)
    values = bare.cast(dtype, strict=False)
    return values, _reason(given & values.is_null(), "number_format")


def _limits(column: Column, values: pl.Series, period: Period) -> pl.Series | None:
    """Reasons where a value is beyond what the contract allows, None when none is; cheap when all are within."""
    least: Any
    most: Any
    if column.kind == "date":
        least, most, reason = date(1850, 1, 1), date(2100, 12, 31), "date_impossible"
        if column.within_period:
            least, most, reason = period.start, period.end, "outside_period"
    elif column.minimum is not None or column.maximum is not None:
        least, most, reason = column.minimum, column.maximum, "out_of_range"
    else:
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
    return _reason(beyond, reason)


def _nothing(length: int) -> pl.Series:
    return pl.Series("reason", [None], pl.String).new_from_index(0, length)


def _reason(where: pl.Series, reason: str) -> pl.Series:
    return _nothing(len(where)).set(where.fill_null(False), reason)


def _decimal(column: Column) -> pl.Decimal:
    digits = re.findall(r"\d+", column.sql_type)
    return pl.Decimal(int(digits[0]), int(digits[1]))
