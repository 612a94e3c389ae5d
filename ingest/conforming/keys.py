"""One record for each primary key: the first one stays, but where the records contradict each other none does."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from ingest.conforming.batch import Batch
from ingest.exchange import to_arrow, to_numpy
from ingest.promises.contract import Contract
from ingest.reason import reject

ODD = np.uint64(0x9E3779B97F4A7C15)
NOTHING = np.uint64(0)
SHORT = np.uint64(0xFFFF)
LEAST = 1 << 12  # places of the table


def reject_repeated(
    batches: Iterable[Batch], contract: Contract, seed: int, repeated: list[pa.RecordBatch]
) -> Iterator[Batch]:
    """The batches without the records whose key a good record had before.

    repeated: takes the keys of these, of a delta with their operations. Equal hashes stand for equal keys until
    find_contradicted() has looked at the keys themselves.
    """
    told = [*contract.key, *(["operation"] if contract.combination == "delta" else [])]
    keys = Keys()
    for batch in batches:
        if batch.is_distinct:
            yield batch
            continue
        good = np.flatnonzero(batch.is_good)
        again = good[keys.meet(hash_keys(batch.records, contract.key, seed)[good])]
        if len(again) == 0:
            yield batch
            continue
        repeated.append(batch.records.select(told).take(to_arrow(again)))
        yield _without(batch, again, contract, "duplicate_key")


def reject_contradicted(batches: Iterable[Batch], contract: Contract, contradicted: pl.DataFrame) -> Iterator[Batch]:
    """The batches without the records of these keys."""
    for batch in batches:
        keys = _frame(batch.records.select(contradicted.columns)).with_row_index("row").filter(batch.is_good)
        rows = keys.join(contradicted, on=contradicted.columns, how="semi", nulls_equal=True)["row"].to_numpy()
        yield _without(batch, rows, contract, "contradiction") if len(rows) else batch


def _without(batch: Batch, rows: np.ndarray, contract: Contract, reason: str) -> Batch:
    """The batch, these of its records rejected."""
    is_good = batch.is_good.copy()
    is_good[rows] = False
    rejects = reject(to_numpy(batch.records["record"])[rows], contract.key[0], reason)
    return replace(batch, is_good=is_good, rejects=pl.concat([rejects, batch.rejects]))


def are_distinct(
    records: pa.RecordBatch, key: tuple[str, ...], is_good: np.ndarray, places: np.ndarray, count: int
) -> np.ndarray:
    """Of so many files whether no two good records have the same key; places: which file each record is of."""
    hashes = (hash_keys(records, key, 0) ^ places.astype(np.uint64) * ODD)[is_good]
    order = np.argsort(hashes)
    are = np.ones(count, bool)
    are[places[is_good][order][1:][hashes[order][1:] == hashes[order][:-1]]] = False
    return are


class Keys:
    """The keys of the records so far: a table of their hashes, open-addressed and at most half full.

    A hash's place is given by its first bits: hashes in their order go through the table from front to back.
    """

    def __init__(self) -> None:
        self.table, self.count = np.zeros(LEAST, np.uint64), 0

    def meet(self, hashes: np.ndarray) -> np.ndarray:
        """Row numbers, rising, of the records whose key came before, in earlier batches or in this one."""
        hashes = np.maximum(hashes, np.uint64(1))
        ordered = np.sort(hashes)
        is_again = np.append(False, ordered[1:] == ordered[:-1])[: len(ordered)]
        different = ordered[~is_again]
        while 2 * (self.count + len(different)) > len(self.table):
            kept, self.table = self.table[self.table != NOTHING], np.zeros(4 * len(self.table), np.uint64)
            self._place(kept)
        old = self._place(different)
        self.count += len(different) - len(old)
        if len(old) == 0 and len(different) == len(hashes):
            return np.empty(0, np.int64)
        rows = _find(hashes, np.union1d(ordered[is_again], old))
        values, first = np.unique(hashes[rows], return_index=True)
        return np.delete(rows, first[~np.isin(values, old)])

    def _place(self, hashes: np.ndarray) -> np.ndarray:
        """Those of these different hashes that the table had already."""
        last = len(self.table) - 1
        places = (hashes >> np.uint64(64 - last.bit_length())).astype(np.int64)
        old = [hashes[:0]]
        while len(hashes):
            found = self.table[places]
            old.append(hashes[found == hashes])
            # of several for one free place the last one takes it
            self.table[places] = np.where(found == NOTHING, hashes, found)
            left = np.flatnonzero(self.table[places] != hashes)
            hashes, places = hashes[left], (places[left] + 1) & last
        return np.concatenate(old)


def _find(hashes: np.ndarray, few: np.ndarray) -> np.ndarray:
    """Positions of those that are among the few: first by 16 bits, then whole."""
    is_like = np.zeros(1 << 16, bool)
    is_like[few & SHORT] = True
    rows = np.flatnonzero(is_like[hashes & SHORT])
    return rows[np.isin(hashes[rows], few)]


def hash_keys(batch: pa.RecordBatch, key: tuple[str, ...], seed: int) -> np.ndarray:
    """64 bits of each record's key; equal keys have equal bits."""
    hashes = np.zeros(batch.num_rows, np.uint64)
    for name in key:
        hashes = hashes * ODD ^ _hash(batch.column(name), seed)
    return hashes


def _hash(column: pa.Array, seed: int) -> np.ndarray:
    if pa.types.is_dictionary(column.type):
        values = np.append(_hash(column.dictionary, seed), NOTHING)
        spread: np.ndarray = values[pl.Series(column.indices).fill_null(len(column.dictionary)).to_numpy()]
        return spread
    if isinstance(column.type, pa.UuidType):  # half of a pseudonym is as good a hash
        words = np.frombuffer(column.storage.buffers()[1], np.uint64).reshape(-1, 2)
        hashes = words[column.offset : column.offset + len(column), seed % 2]
    else:
        hashes = _series(column).hash(seed).to_numpy()
    return np.where(to_numpy(column.is_valid()), hashes, NOTHING) if column.null_count else hashes


def _series(column: pa.Array) -> pl.Series:
    if isinstance(column.type, pa.UuidType):
        column = column.cast(pa.binary(16)).cast(pa.binary())
    return pl.Series(column.cast(pa.string()) if pa.types.is_dictionary(column.type) else column)


def find_contradicted(data: Path, repeated: list[pa.RecordBatch], key: tuple[str, ...]) -> pl.DataFrame | None:
    """Of these keys those of which a record tells another operation than the one in the file.

    None when one is not in the file: different keys had the same hash.
    """
    told = pl.concat(map(_frame, repeated)).unique()
    keys = told.select(key).unique()
    with pq.ParquetFile(data) as file:
        batches = map(_frame, file.iter_batches(columns=told.columns, use_threads=False))
        kept = pl.concat(batch.join(keys, on=key, how="semi", nulls_equal=True) for batch in batches)
    if len(kept) < len(keys):
        return None
    return told.join(kept, on=told.columns, how="anti", nulls_equal=True).select(key).unique()


def _frame(batch: pa.RecordBatch) -> pl.DataFrame:
    return pl.DataFrame({name: _series(batch.column(name)) for name in batch.schema.names})
