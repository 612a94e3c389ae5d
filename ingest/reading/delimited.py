"""A delimited file of any encoding as blocks of raw cells, without transcoding where that is safe."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pcsv

from ingest.exchange import plain, to_arrow, to_numpy
from ingest.fold import fold
from ingest.promises.column import Column
from ingest.promises.contract import Contract
from ingest.reading.blocks import Block, Match, flatten_varied
from ingest.reading.cut import BLANKED, count_ends, cut
from ingest.reading.dialect import Dialect
from ingest.reading.ends import read_start
from ingest.reading.header import DELIMITERS, SEPARATORS, read_header
from ingest.reading.quotes import LINES, header_end
from ingest.reason import Refusal, reject
from ingest.shape import shape

CODED = pa.dictionary(pa.int32(), pa.binary())
SAMPLE = 1 << 18  # bytes of a first block that show which columns are of few values


def read_delimited(path: Path, contract: Contract, match: Match) -> Iterator[Block]:
    """Blocks of the contract's columns; raises Refusal."""
    dialect = Dialect(contract.encoding, contract.delimiter)
    header = [fold(h) for h in read_header(path, dialect)]
    try:
        wanted = match(header)
    except Refusal as refusal:
        lines = read_start(path, dialect.encoding).decode(dialect.encoding, "replace").splitlines()[:LINES]
        headers = {fold(header) for column in contract.columns for header in column.headers}
        half = len(contract.columns) / 2
        least = max(len(headers.intersection(header)) + 1, half)
        if other := _other_delimiter(lines[0], dialect, headers, least):
            ours = DELIMITERS[dialect.delimiter]
            said = f"表头用{other}分隔，契约约定用{ours}：请在导出程序里把分隔符改为{ours}，整个文件重新导出"
            raise Refusal(said, refusal.reason) from None
        raise Refusal(f"{refusal}{_header_below(lines, dialect, headers, half)}", refusal.reason) from None
    return read_blocks(path, header, wanted, dialect)


def _other_delimiter(line: str, dialect: Dialect, headers: set[str], least: float) -> str:
    """What stands between the headers, beside the delimiter or in its place, where at least so many are found then."""
    for other, name in SEPARATORS.items():
        cells = re.split(f"[{re.escape(other + dialect.delimiter)}]", line)
        if other != dialect.delimiter and len(headers.intersection(fold(cell.strip('"')) for cell in cells)) >= least:
            return name
    return ""


def _header_below(lines: list[str], dialect: Dialect, headers: set[str], least: float) -> str:
    """That the header seems to stand in a later line, under a title."""
    for number, line in enumerate(lines[1:], 2):
        if len(headers.intersection(map(fold, line.split(dialect.delimiter)))) >= least:
            return f"；表头像是在第 {number} 行，请删去它上面的行"
    return ""


def read_blocks(path: Path, header: list[str], wanted: dict[str, Column], dialect: Dialect) -> Iterator[Block]:
    """Blocks of the wanted columns, keyed by our column names; blank lines are counted and left out.

    header: the file's headers in order; wanted: our column by header. Columns of few values come as dictionaries, of a
    small file none does.
    """
    names = [wanted[h].name if h in wanted else f"ignored {i}" for i, h in enumerate(header)]
    types = {column.name: pa.binary() for column in wanted.values()}
    dialect = replace(dialect, width=len(header))
    row, inside, start = 1, 0, 0
    for number, part in enumerate(cut(path, dialect)):
        strays = [f"文本第 {row + inside + line} 行：{_shown(text, dialect)}" for line, text in part.strays]
        inside += part.inside
        if number == 0:
            top = bytes(part.data[: 1 << 20])
            start = header_end(top, len(top), dialect)
            row += count_ends(top, len(top[:start].rstrip(b"\r\n")), start)
        block, start = part.data[start:], 0
        if not block:
            continue
        if number == 0 and len(block) > SAMPLE:
            coded = {c.name: CODED if c.is_worded else pa.binary() for c in wanted.values()}
            sample = block[: bytes(block[:SAMPLE]).rfind(b"\n") + 1] or block
            first = flatten_varied(_parse(sample, names, coded, dialect, strays)[0])
            types = {field.name: field.type for field in first.schema}
        cells, ragged, used = _parse(block, names, types, dialect, strays)
        rows = np.arange(row, row + cells.num_rows + len(ragged))
        ragged = [(row + r, reason, s) for r, reason, s in ragged]
        row += len(rows)
        if ragged:
            rows = np.setdiff1d(rows, [r for r, *_ in ragged])
        blank = _blank(cells)
        if len(blank) and len(names) > len(types):  # what is not wanted may hold something
            blank = _blank(_parse(block, names, dict.fromkeys(names, pa.binary()), dialect, strays)[0])
        if len(blank):
            cells, rows = cells.take(to_arrow(np.delete(np.arange(len(rows)), blank))), np.delete(rows, blank)
        ragged = [broken for broken in ragged if broken[2].strip(f'{dialect.delimiter}" \t')]
        records, reasons, shapes = zip(*ragged, strict=True) if ragged else ((), (), ())
        yield Block(cells, rows, used, reject(records, "*", reasons, shapes))


def _shown(text: bytes, dialect: Dialect) -> str:
    return shape(text.decode(dialect.written, "replace"))


def _parse(
    block: memoryview, names: list[str], types: dict[str, pa.DataType], dialect: Dialect, strays: list[str]
) -> tuple[pa.RecordBatch, list[tuple[int, str, str]], str]:
    """Optimistic: raw bytes first; a block with ragged rows is decoded and parsed again with their handler.

    strays: what is told of the lines taken out. Returns (row, reason, shape) of each line that is no record.
    """
    ragged: list[tuple[int, str, str]] = []
    waiting = iter(strays)

    def keep(row: pcsv.InvalidRow) -> str:
        stray = next(waiting, None) if row.text.startswith(BLANKED.decode()) else None
        told = ("ragged_row", shape(row.text)) if stray is None else ("stray_quote", stray)
        ragged.append((row.number - 1, *told))
        return "skip"

    try:
        return _read(block, names, types, dialect), ragged, dialect.written
    except pa.ArrowInvalid:
        decoded = memoryview(str(block, dialect.written, "replace").encode())
        return _read(decoded, names, types, dialect, keep), ragged, "utf-8"


def _read(
    block: memoryview,
    names: list[str],
    types: dict[str, pa.DataType],
    dialect: Dialect,
    handler: Callable[[pcsv.InvalidRow], str] | None = None,
) -> pa.RecordBatch:
    table = pcsv.read_csv(
        pa.py_buffer(block),
        pcsv.ReadOptions(column_names=names, use_threads=False, block_size=len(block) + 1),
        # A block is read whole, quoted newlines too: newlines_in_values would only look for its end, at half the cost.
        pcsv.ParseOptions(delimiter=dialect.delimiter, ignore_empty_lines=False, invalid_row_handler=handler),
        pcsv.ConvertOptions(
            column_types=types, check_utf8=False, strings_can_be_null=False, include_columns=list(types)
        ),
    )
    if table.num_rows == 0:
        return pa.RecordBatch.from_pylist([], schema=table.schema)
    return table.combine_chunks().to_batches()[0]


def _blank(cells: pa.RecordBatch) -> np.ndarray:
    """Positions of the rows without a single character."""
    rows = np.arange(cells.num_rows)
    for column in cells.columns:
        if len(rows) == 0:
            break
        found = column.take(to_arrow(rows)) if len(rows) < len(column) else column
        rows = rows[to_numpy(pc.binary_length(plain(found, pa.binary()))) == 0]
    return rows
