"""A CSV file of any encoding as record-aligned blocks of raw cells, without transcoding."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as pcsv

from ingest.contract import Column
from ingest.reason import Unreadable
from ingest.shape import shape

BLOCK = 8 << 20
LONGEST_RECORD = 8 << 20


@dataclass(frozen=True)
class Block:
    """Raw cells of consecutive records: binary or dictionary<binary> columns, their row numbers and the ragged rows."""

    cells: pa.RecordBatch
    records: np.ndarray  # row number of each row of cells
    encoding: str
    ragged: list[tuple[int, str]]  # row number, shape of the row


def read_header(path: Path, encoding: str) -> list[str]:
    """The header cells; raises Unreadable when the first line is no text of this encoding."""
    with path.open("rb") as file:
        first = file.readline(1 << 20)
    try:
        text = first.decode(encoding).lstrip("\ufeff").rstrip("\r\n")
    except UnicodeDecodeError:
        raise Unreadable(f"表头不是 {encoding} 编码的文字") from None
    if not text.strip() or "\x00" in text:
        raise Unreadable("第一行没有表头")
    return next(iter(_split(text)), [])


def _split(line: str) -> Iterator[list[str]]:
    import csv

    yield from csv.reader([line])


def cut(path: Path, size: int = BLOCK) -> Iterator[bytes]:
    """Record-aligned byte blocks, header line first in the first one.

    In GB18030 and UTF-8 the bytes of newline, quote and comma never occur inside a multibyte character, so a block
    ends at the last newline outside quotes: the last one before which the number of quotes is even.
    """
    tail = b""
    with path.open("rb", buffering=0) as file:
        while raw := file.read(size):
            buffer = tail + raw if tail else raw
            end = _last_record_end(buffer)
            if end < 0:
                if len(buffer) > LONGEST_RECORD + size:
                    raise Unreadable("有一行超过 8 MB：引号可能没有成对")
                tail = buffer
                continue
            yield buffer[: end + 1]
            tail = buffer[end + 1 :]
    if tail:
        yield tail


def _last_record_end(buffer: bytes) -> int:
    end, quotes = len(buffer), buffer.count(b'"')
    while (newline := buffer.rfind(b"\n", 0, end)) >= 0:
        quotes -= buffer.count(b'"', newline, end)
        if quotes % 2 == 0:
            return newline
        end = newline
    return -1


def read_blocks(path: Path, header: list[str], wanted: dict[str, Column], encoding: str) -> Iterator[Block]:
    """Blocks of the wanted columns, keyed by our column names.

    header: the file's headers in order; wanted: our column by header. Coded columns come as dictionaries.
    """
    names = [wanted[h].name if h in wanted else f"ignored {i}" for i, h in enumerate(header)]
    include = [c.name for c in wanted.values()]
    types = {
        c.name: pa.binary() if c.kind == "citizen" else pa.dictionary(pa.int32(), pa.binary()) for c in wanted.values()
    }
    convert = pcsv.ConvertOptions(
        column_types=types, check_utf8=False, strings_can_be_null=False, include_columns=include
    )
    row = 2
    for number, raw in enumerate(cut(path)):
        block = raw if number else raw[raw.find(b"\n") + 1 or len(raw) :]
        if not block:
            continue
        cells, ragged, used = _parse(block, names, convert, encoding)
        if number == 0:  # a column of many values is not worth a dictionary
            convert.column_types = types | {n: pa.binary() for n in _varied(cells)}
        alive = np.arange(cells.num_rows + len(ragged))
        if ragged:
            alive = np.delete(alive, [r for r, _ in ragged])
        yield Block(cells, alive + row, used, [(row + r, s) for r, s in ragged])
        row += cells.num_rows + len(ragged)


def _varied(cells: pa.RecordBatch) -> list[str]:
    coded = ((n, c) for n, c in zip(cells.schema.names, cells.columns, strict=True) if pa.types.is_dictionary(c.type))
    return [name for name, column in coded if len(column.dictionary) * 2 > len(column)]


def _parse(
    block: bytes, names: list[str], convert: pcsv.ConvertOptions, encoding: str
) -> tuple[pa.RecordBatch, list[tuple[int, str]], str]:
    """Optimistic: raw bytes first; a block with ragged rows is decoded and parsed again with their handler."""
    ragged: list[tuple[int, str]] = []
    parse = pcsv.ParseOptions(newlines_in_values=True, ignore_empty_lines=False)
    try:
        table = pcsv.read_csv(pa.py_buffer(block), _options(names, block), parse, convert)
    except pa.ArrowInvalid:

        def keep(row: pcsv.InvalidRow) -> str:
            ragged.append((row.number - 1, shape(row.text)))
            return "skip"

        block, encoding = block.decode(encoding, "replace").encode(), "utf-8"
        parse = pcsv.ParseOptions(newlines_in_values=True, ignore_empty_lines=False, invalid_row_handler=keep)
        table = pcsv.read_csv(pa.py_buffer(block), _options(names, block), parse, convert)
    return table.combine_chunks().to_batches()[0] if table.num_rows else _empty(table.schema), ragged, encoding


def _options(names: list[str], block: bytes) -> pcsv.ReadOptions:
    return pcsv.ReadOptions(column_names=names, use_threads=False, block_size=len(block) + 1)


def _empty(schema: pa.Schema) -> pa.RecordBatch:
    return pa.RecordBatch.from_pylist([], schema=schema)


def fold(header: str) -> str:
    """A header without blanks, full-width forms folded: departments' headers differ in nothing else."""
    return re.sub(r"\s+", "", header.replace("（", "(").replace("）", ")").replace("％", "%"))
