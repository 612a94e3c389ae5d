"""A CSV file of any encoding as record-aligned blocks of raw cells, without transcoding."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pcsv

from ingest.contract import Column
from ingest.cut import cut, header_end
from ingest.shape import shape


@dataclass(frozen=True)
class Block:
    """Raw cells of consecutive records: binary or dictionary<binary> columns, their row numbers and the ragged rows."""

    cells: pa.RecordBatch
    records: np.ndarray  # row number of each row of cells
    encoding: str
    ragged: list[tuple[int, str]]  # row number, shape of the row


def read_blocks(path: Path, header: list[str], wanted: dict[str, Column], encoding: str) -> Iterator[Block]:
    """Blocks of the wanted columns, keyed by our column names; blank lines are counted and left out.

    header: the file's headers in order; wanted: our column by header. Columns of few values come as dictionaries.
    """
    names = [wanted[h].name if h in wanted else f"ignored {i}" for i, h in enumerate(header)]
    types = {
        c.name: pa.binary() if c.kind == "citizen" else pa.dictionary(pa.int32(), pa.binary()) for c in wanted.values()
    }
    row = 2
    for number, raw in enumerate(cut(path)):
        block = raw if number else raw[header_end(raw) :]
        if not block:
            continue
        cells, ragged, used = _parse(block, names, types, encoding)
        if number == 0:  # a column of many values is not worth a dictionary
            types |= {n: pa.binary() for n in _varied(cells)}
        rows = np.arange(row, row + cells.num_rows + len(ragged))
        ragged = [(row + r, s) for r, s in ragged]
        row += len(rows)
        if ragged:
            rows = np.setdiff1d(rows, [r for r, _ in ragged])
        blank = _blank(cells)
        if blank.any() and len(names) > len(types):  # what is not wanted may hold something
            blank = _blank(_parse(block, names, dict.fromkeys(names, pa.binary()), encoding)[0])
        if blank.any():
            cells, rows = cells.filter(pa.array(~blank)), rows[~blank]
        yield Block(cells, rows, used, [(r, s) for r, s in ragged if s.strip(', "\t')])


def _varied(cells: pa.RecordBatch) -> list[str]:
    coded = ((n, c) for n, c in zip(cells.schema.names, cells.columns, strict=True) if pa.types.is_dictionary(c.type))
    return [name for name, column in coded if len(column.dictionary) * 2 > len(column)]


def _parse(
    block: bytes, names: list[str], types: dict[str, pa.DataType], encoding: str
) -> tuple[pa.RecordBatch, list[tuple[int, str]], str]:
    """Optimistic: raw bytes first; a block with ragged rows is decoded and parsed again with their handler."""
    ragged: list[tuple[int, str]] = []

    def keep(row: pcsv.InvalidRow) -> str:
        ragged.append((row.number - 1, shape(row.text)))
        return "skip"

    try:
        return _read(block, names, types), ragged, encoding
    except pa.ArrowInvalid:
        block = block.decode(encoding, "replace").encode()
        return _read(block, names, types, keep), ragged, "utf-8"


def _read(
    block: bytes,
    names: list[str],
    types: dict[str, pa.DataType],
    handler: Callable[[pcsv.InvalidRow], str] | None = None,
) -> pa.RecordBatch:
    table = pcsv.read_csv(
        pa.py_buffer(block),
        pcsv.ReadOptions(column_names=names, use_threads=False, block_size=len(block) + 1),
        pcsv.ParseOptions(newlines_in_values=True, ignore_empty_lines=False, invalid_row_handler=handler),
        pcsv.ConvertOptions(
            column_types=types, check_utf8=False, strings_can_be_null=False, include_columns=list(types)
        ),
    )
    if table.num_rows == 0:
        return pa.RecordBatch.from_pylist([], schema=table.schema)
    return table.combine_chunks().to_batches()[0]


def _blank(cells: pa.RecordBatch) -> np.ndarray:
    """Rows without a single character."""
    blank = np.ones(cells.num_rows, bool)
    for column in cells.columns:
        if not blank.any():
            break
        coded = pa.types.is_dictionary(column.type)
        length = pc.binary_length(column.dictionary).take(column.indices) if coded else pc.binary_length(column)
        blank &= length.to_numpy() == 0
    return blank
