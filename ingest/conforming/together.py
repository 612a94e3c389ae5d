"""Many small blocks conform at once: a call costs as much for a hundred rows as for ten thousand."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
import pyarrow as pa

from ingest.conforming.batch import Batch, conform_block
from ingest.conforming.keys import are_distinct
from ingest.conforming.limits import Periods
from ingest.exchange import plain, to_arrow
from ingest.promises.contract import Contract
from ingest.promises.period import Period
from ingest.promises.region import read_regions
from ingest.reading.blocks import Block
from ingest.reason import NO_REJECTS


@dataclass(frozen=True)
class Reported:
    """A block, and what the name of its file says: the period and the reporting area."""

    block: Block
    period: Period
    scope: str


def conform_together(reported: Sequence[Reported], contract: Contract, key: str | None) -> list[Batch]:
    """The batch of each block, the same as conform_blocks() gives."""
    alike: dict[tuple[int, str, str, int], list[int]] = defaultdict(list)
    for number, one in enumerate(reported):
        alike[one.period.year, one.scope, one.block.encoding, one.block.cells.num_columns].append(number)
    batches: dict[int, Batch] = {}
    for (year, scope, encoding, _), numbers in alike.items():
        ours = [reported[number] for number in numbers]
        places = np.repeat(np.arange(len(ours)), [len(one.block.records) for one in ours])
        starts, ends = (pl.Series([getattr(one.period, end) for one in ours]) for end in ("start", "end"))
        periods = Periods(year, starts.gather(places), ends.gather(places))
        block = Block(_join([one.block.cells for one in ours], contract), np.arange(len(places)), encoding)
        whole = conform_block(block, contract, periods, read_regions(scope), key)
        batches |= zip(numbers, _part(whole, [one.block for one in ours], places, contract.key), strict=True)
    return [batches[number] for number in range(len(reported))]


def _join(cells: Sequence[pa.RecordBatch], contract: Contract) -> pa.RecordBatch:
    """One below the other; only what is worded as dictionaries."""
    columns = {}
    for column in contract.read_columns:
        if column.name not in cells[0].schema.names:
            continue
        joined = pa.concat_arrays([plain(one.column(column.name), pa.binary()) for one in cells])
        columns[column.name] = joined.dictionary_encode() if column.is_worded else joined
    return pa.RecordBatch.from_pydict(columns)


def _part(whole: Batch, blocks: Sequence[Block], places: np.ndarray, key: tuple[str, ...]) -> Iterator[Batch]:
    """The batch of each block; places: which one each record of the whole is of."""
    rows = whole.rejects["record"].to_numpy()
    numbers = np.concatenate([block.records for block in blocks])
    rejects = whole.rejects.with_columns(record=pl.Series(numbers[rows]), place=pl.Series(places[rows]))
    of_place = rejects.partition_by("place", as_dict=True, include_key=False)
    are = are_distinct(whole.records, key, whole.is_good, places, len(blocks)).tolist()
    texts = [plain(c, pa.string()) if pa.types.is_dictionary(c.type) else c for c in whole.records.columns]
    start = 0
    for place, block in enumerate(blocks):
        height = len(block.records)
        columns = [column.slice(start, height) for column in texts]
        found = of_place.get((place,), NO_REJECTS)
        found = pl.concat([block.broken, found]) if len(block.broken) else found
        is_good = whole.is_good[start : start + height]
        yield Batch(
            _as_read(columns, whole.records.schema, block), is_good, found, height + len(block.broken), are[place]
        )
        start += height


def _as_read(columns: Sequence[pa.Array], schema: pa.Schema, block: Block) -> pa.RecordBatch:
    """The block's records, those of its texts that were read as dictionaries as such: of its own values in order."""
    arrays, fields = [], []
    for field, column in zip(schema, columns, strict=True):
        array = column
        if field.name == "record":
            array = to_arrow(block.records)
        elif pa.types.is_string(column.type) and pa.types.is_dictionary(block.cells.column(field.name).type):
            array = column.dictionary_encode()
        arrays.append(array)
        fields.append(field.with_type(array.type))
    return pa.RecordBatch.from_arrays(arrays, schema=pa.schema(fields))
