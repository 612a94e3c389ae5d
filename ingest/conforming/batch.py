"""A block of raw cells becomes a batch in the lake's schema; what does not conform becomes rejects."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from ingest.conforming import citizen
from ingest.conforming.conform import conform
from ingest.conforming.limits import Periods, tell_other_year
from ingest.exchange import Texts, plain, to_arrow, to_numpy
from ingest.promises.column import Column
from ingest.promises.contract import Contract
from ingest.promises.period import Period
from ingest.promises.region import Regions, read_regions
from ingest.reading.blocks import Block
from ingest.reading.decode import decode
from ingest.reason import NO_REJECTS, reject
from ingest.shape import shapes

Item = TypeVar("Item")
Result = TypeVar("Result")


@dataclass(frozen=True)
class Batch:
    """All records of a block in the lake's types, and which are good; a bad one's cells mean nothing."""

    records: pa.RecordBatch  # texts of few values as dictionaries
    is_good: np.ndarray
    rejects: pl.DataFrame
    read: int  # records and lines that are none
    is_distinct: bool = False  # whether it is known that its file has no key twice


def conform_blocks(
    blocks: Iterable[Block], contract: Contract, period: Period, scope: str, key: str | None
) -> Iterator[Batch]:
    """Each block as a batch, in order. scope: the reporting area; key: of pseudonyms, where there are citizen numbers.

    While one block is worked on, the next is read and the last is written.
    """
    regions = read_regions(scope)
    return beside(lambda block: conform_block(block, contract, period, regions, key), blocks)


def conform_block(
    block: Block, contract: Contract, period: Period | Periods, regions: Regions, key: str | None
) -> Batch:
    arrays: dict[str, pa.Array] = {"record": to_arrow(block.records)}
    is_good = np.ones(len(block.records), bool)
    is_deleted = np.zeros(len(block.records), bool)
    rejects = [NO_REJECTS]  # with the text that is wrong, until its shape takes its place
    for column in sorted(contract.columns, key=lambda c: c.name != "operation"):
        cells = block.cells.column(column.name)
        index = to_numpy(cells.indices) if pa.types.is_dictionary(cells.type) else None
        texts = decode(cells if index is None else cells.dictionary, block.encoding)
        values, reasons = conform(column, texts, period, regions)
        arrays[column.name] = _array(column, values, texts, index, key)
        if column.name == "operation" and contract.combination == "delta":
            is_deleted = _spread((values == "delete").fill_null(False).to_numpy(), index)
        if reasons is None:
            continue
        is_bad = _spread(reasons.is_not_null().to_numpy(), index)
        if column.name not in contract.filled:  # of a deletion only the key and the operation need be told
            is_bad &= ~(is_deleted & _spread((reasons == "required").fill_null(False).to_numpy(), index))
        rows = np.flatnonzero(is_bad)
        is_good[rows] = False
        at = rows if index is None else index[rows]
        rejects.append(reject(block.records[rows], column.name, reasons.gather(at), texts.series.gather(at)))
    if (told := contract.year_column) and told.name in block.cells.schema.names:
        years = decode(plain(block.cells.column(told.name), pa.binary()), block.encoding).series
        rows = np.flatnonzero(tell_other_year(years, period.year))
        is_good[rows] = False
        rejects.append(reject(block.records[rows], told.name, "other_year", years.gather(rows)))
    for column in (c for c in contract.columns if c.not_before):
        rows = np.flatnonzero(_precedes(arrays[column.name], arrays[str(column.not_before)]))
        is_good[rows] = False
        rejects.append(reject(block.records[rows], column.name, "date_order"))
    schema = pa.schema([field.with_type(arrays[field.name].type) for field in contract.arrow_schema])
    records = pa.RecordBatch.from_arrays([arrays[name] for name in schema.names], schema=schema)
    rejected = pl.concat(rejects)
    rejected = pl.concat([block.broken, rejected.with_columns(shape=shapes(rejected["shape"]))])
    return Batch(records, is_good, rejected, len(block.records) + len(block.broken))


def _precedes(dates: pa.Array, others: pa.Array) -> np.ndarray:
    """Where a date lies before the other; not where one of both is missing."""
    return to_numpy(pc.fill_null(pc.less(dates, others), False))


def _spread(values: np.ndarray, index: np.ndarray | None) -> np.ndarray:
    """Of each row what was found of its cell; index: of a dictionary's cells."""
    return values if index is None else values[index]


def _array(column: Column, values: pl.Series, texts: Texts, index: np.ndarray | None, key: str | None) -> pa.Array:
    if column.kind == "citizen":
        return citizen.pseudonymise(values if index is None else values.gather(index), str(key))
    if column.kind == "boolean":
        values = values == "true"
    array = texts.array if values is texts.series else values.to_arrow().cast(column.arrow_type)
    if index is None:
        return array
    if not pa.types.is_string(array.type):
        return array.take(to_arrow(index))
    coded = array.dictionary_encode()
    return pa.DictionaryArray.from_arrays(coded.indices.take(to_arrow(index)), coded.dictionary)


def beside(work: Callable[[Item], Result], items: Iterable[Item]) -> Iterator[Result]:
    """work(item) in order, in a thread of its own, one item ahead of whoever takes the results."""
    with ThreadPoolExecutor(1) as pool:
        last: Future[Result] | None = None
        for item in items:
            last, done = pool.submit(work, item), last
            if done:
                yield done.result()
        if last:
            yield last.result()
