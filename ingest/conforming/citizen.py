"""Citizen numbers (GB 11643): checked on the byte matrix, then replaced by keyed pseudonyms."""

from __future__ import annotations

import binascii

import numpy as np
import polars as pl
import polars_hash  # noqa: F401  registers the .chash namespace
import pyarrow as pa

from ingest.exchange import Texts, to_bytes

WEIGHTS = np.array([pow(2, 17 - i, 11) for i in range(18)], np.uint16)
CHECK = np.frombuffer(b"10X98765432", np.uint8)
YEARS = (1850, 2100)
HIGH, ZEROS = np.uint64(0xF0F0F0F0F0F0F0F0), np.uint64(0x3030303030303030)  # of digits (and :;<=>?) in eight bytes


def _days() -> np.ndarray:
    """Whether a day exists, by ((year - 1850) x 13 + month) x 32 + day."""
    exists = np.zeros(((YEARS[1] - YEARS[0]) * 13, 32), bool)
    months = np.arange("1850-01", "2100-01", dtype="datetime64[M]")
    lengths = ((months + 1).astype("datetime64[D]") - months.astype("datetime64[D]")).astype(int)
    row = np.arange(len(months)) // 12 * 13 + np.arange(len(months)) % 12 + 1
    exists[row] = (np.arange(32) > 0) & (np.arange(32) <= lengths[:, None])
    return exists.ravel()


DAYS = _days()


def is_plainly_right(texts: pl.Series) -> np.ndarray:
    """Whether each text is a right number of 18 characters as it stands; check() sees to the rest."""
    right = np.zeros(len(texts), bool)
    rows = np.flatnonzero(texts.str.len_bytes().fill_null(0).to_numpy() == 18)
    if len(rows) == 0:
        return right
    matrix = _matrix(texts if len(rows) == len(texts) else texts.gather(rows), 18)
    digits = np.ascontiguousarray(matrix.T) - np.uint8(48)  # what is no digit becomes more than 9
    digits[17][digits[17] == ord("X") - 48] = 10
    formed = (digits[:17].max(axis=0) <= 9) & (digits[17] <= 10) & (digits[0] > 0)
    century, year, month, day = digits[6:14:2] * np.uint8(10) + digits[7:14:2]
    year = century.astype(np.int32) * 100 + year
    known = formed & (year >= YEARS[0]) & (year < YEARS[1]) & (month <= 12) & (day <= 31)
    born = DAYS[np.where(known, ((year - YEARS[0]) * 13 + month) * 32 + day, 0)]
    total = np.zeros(len(rows), np.uint16)
    for digit, weight in zip(digits, WEIGHTS, strict=True):
        total += digit * weight
    right[rows] = known & born & (total % 11 == 1)
    return right


def hold(texts: Texts) -> np.ndarray:
    """Whether each text holds a right number of 18 characters, or is one of 15.

    A run of 15 digits covers eight bytes at a multiple of eight, which few texts have: only those are looked at.
    """
    flat, borders = to_bytes(texts.array)
    found, is_long = np.zeros(len(borders) - 1, bool), np.diff(borders) >= 15
    starts = np.flatnonzero(flat[: len(flat) // 8 * 8].view("<u8") & HIGH == ZEROS) * 8
    if len(starts) == 0 or not is_long.any():
        return found
    found[np.searchsorted(borders, starts.astype(borders.dtype), "right") - 1] = True
    rows = np.flatnonzero(found & is_long)
    found[:] = False
    found[rows] = _look(texts.series.gather(rows))
    return found


def _look(texts: pl.Series) -> np.ndarray:
    runs = texts.to_frame("text").with_row_index("row").with_columns(pl.col("text").str.extract_all("[0-9]{17,}[Xx]?"))
    runs = runs.explode("text").drop_nulls()
    both = pl.col("text").str.head(18), pl.col("text").str.tail(18)  # a number may stand at either end of a longer one
    runs = pl.concat([runs.with_columns(end) for end in both])
    is_old = texts.str.contains("^[1-9][0-9]{14}$")
    found: np.ndarray = (is_old & check(texts.set(~is_old, None))[1].is_null()).to_numpy(writable=True)
    found[runs["row"].to_numpy()[is_plainly_right(runs["text"].str.to_uppercase())]] = True
    return found


def check(texts: pl.Series) -> tuple[pl.Series, pl.Series]:
    """Cleaned texts (String, nulls allowed) -> (18-character numbers, null where bad; reason, null where good)."""
    upper = texts.str.to_uppercase()
    old = upper.str.contains(r"^[0-9]{15}$").fill_null(False)
    if old.any():
        given = upper.filter(old)
        renewed = pl.Series(_with_check_digit(given.str.slice(0, 6) + "19" + given.str.slice(6)), dtype=pl.String)
        upper = upper.scatter(old.arg_true(), renewed)
    number = pl.col("number")
    born = number.str.slice(6, 8).str.to_date("%Y%m%d", strict=False).dt.year()
    reason = (
        pl.when(number.is_null() | pl.Series(is_plainly_right(upper)))
        .then(None)
        .when(number.str.contains(r"^[0-9](\.[0-9]+)?E\+?[0-9]+$"))
        .then(pl.lit("id_scientific"))
        .when(~number.str.contains(r"^[1-9][0-9]{16}[0-9X]$"))
        .then(pl.lit("id_format"))
        .when(~born.is_between(YEARS[0], YEARS[1] - 1).fill_null(False))
        .then(pl.lit("id_birth_date"))
        .otherwise(pl.lit("id_check_digit"))
    )
    found = upper.to_frame("number").select(number, reason=reason)
    return found["number"].set(found["reason"].is_not_null(), None), found["reason"]


def pseudonymise(numbers: pl.Series, key: str) -> pa.Array:
    """HMAC-SHA-256 of each number, truncated to 128 bits (pa.uuid). Hashed eagerly: a serialised plan shows the key."""
    hashed = numbers.fill_null("").to_frame("n").select(pl.col("n").chash.hmac_sha256(key=key)).to_series()  # type: ignore[attr-defined]
    half = binascii.unhexlify(_matrix(hashed.str.head(32), 32).data)
    given = numbers.is_not_null().to_arrow().buffers()[1] if numbers.null_count() else None
    storage = pa.FixedSizeBinaryArray.from_buffers(pa.binary(16), len(numbers), [given, pa.py_buffer(half)])
    return pa.ExtensionArray.from_storage(pa.uuid(), storage)


def _matrix(texts: pl.Series, width: int) -> np.ndarray:
    return to_bytes(texts.to_arrow().cast(pa.large_string()))[0].reshape(-1, width)


def _with_check_digit(seventeen: pl.Series) -> list[str]:
    digits = _matrix(seventeen, 17).T.astype(np.uint16) - 48
    last = CHECK[(digits * WEIGHTS[:17, None]).sum(axis=0) % 11]
    full = np.concatenate([digits.T.astype(np.uint8) + 48, last[:, None]], axis=1)
    return np.ascontiguousarray(full).view("S18").ravel().astype(str).tolist()
