"""A Parquet file as blocks of raw cells: typed columns as the text that they would show."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pyarrow.types as pt

from ingest import settings
from ingest.promises.contract import Contract
from ingest.reading.blocks import Block, Match, flatten_varied
from ingest.reading.header import check_mark, fold
from ingest.reason import Refusal, Unreadable

ROWS = 1 << 16  # of a block
EXACT = 1e15  # a float from here on has lost digits


def read_parquet(path: Path, contract: Contract, match: Match) -> Iterator[Block]:
    """Blocks of the contract's columns; raises Refusal."""
    check_mark(path, " Parquet", "Parquet 文件")
    with _opened(path) as file:
        schema = file.schema_arrow
    wanted = match([fold(name) for name in schema.names])
    fields = [(field, wanted[fold(field.name)]) for field in schema if fold(field.name) in wanted]
    for field, _ in fields:
        if not _is_cell(field.type):
            raise Refusal(f"列“{field.name}”的类型是 {field.type}，不是一格一值", "header_mismatch")
    texts = [field.name for field, column in fields if pt.is_string(field.type) and column.kind != "citizen"]
    for batch in _batches(path, texts, texts):  # a dictionary of many values is not worth while
        texts = [f.name for f in flatten_varied(batch).schema if pt.is_dictionary(f.type)]
        break
    row = 1
    for batch in _batches(path, [field.name for field, _ in fields], texts):
        cells = pa.RecordBatch.from_pydict({c.name: _cells(batch.column(f.name)) for f, c in fields})
        yield Block(cells, np.arange(row, row + len(batch)), "utf-8")
        row += len(batch)


def _batches(path: Path, names: list[str], texts: list[str]) -> Iterator[pa.RecordBatch]:
    """The columns names, of which texts come as dictionaries."""
    with _opened(path, texts) as file:
        yield from file.iter_batches(ROWS, columns=names, use_threads=False)


@contextmanager
def _opened(path: Path, texts: Collection[str] = ()) -> Iterator[pq.ParquetFile]:
    """The file, its columns texts read as dictionaries; raises Unreadable when it is none or damaged."""
    try:
        with path.open("rb") as source, pq.ParquetFile(source, read_dictionary=list(texts)) as file:
            yield file
    except (pa.ArrowException, OSError) as error:
        if getattr(error, "errno", None):  # of the machine
            raise
        raise Unreadable(f"不是可以打开的 Parquet 文件（{type(error).__name__}）") from None


def _is_cell(kind: pa.DataType) -> bool:
    is_odd = pt.is_nested(kind) or pt.is_temporal(kind) or isinstance(kind, pa.BaseExtensionType)
    return pt.is_date(kind) or pt.is_timestamp(kind) or not is_odd


def _cells(column: pa.Array) -> pa.Array:
    """Binary cells, or a dictionary of them; a null is an empty cell."""
    if not pt.is_dictionary(column.type):
        return pl.Series(_text(column).cast(pa.binary())).fill_null(b"").to_arrow().cast(pa.binary())
    values = pa.concat_arrays([_cells(column.dictionary), pl.Series([b""]).to_arrow().cast(pa.binary())])
    indices = pl.Series(column.indices.cast(pa.int32())).fill_null(len(values) - 1)
    return pa.DictionaryArray.from_arrays(indices.to_arrow(), values)


def _text(column: pa.Array) -> pa.Array:
    """Dates as 2020-09-05, truth values as 是 and 否, numbers without exponents unless their last digits are lost."""
    if pt.is_boolean(column.type):
        return pl.Series(column).replace_strict([True, False], ["是", "否"], default=None).to_arrow()
    if pt.is_date(column.type):
        return column.cast(pa.date32()).cast(pa.string())
    if pt.is_timestamp(column.type):
        moments = pl.Series(column)
        here = moments.dt.convert_time_zone(settings.SHANGHAI.key) if column.type.tz else moments
        return here.dt.date().to_arrow().cast(pa.string())
    if pt.is_decimal(column.type) and column.type.precision <= 38:
        return (
            pl.Series(column.cast(pa.decimal128(column.type.precision, column.type.scale))).cast(pl.String).to_arrow()
        )
    if pt.is_floating(column.type):
        return _floats(pl.Series(column).fill_nan(None)).to_arrow()
    return column.cast(pa.string()) if pt.is_primitive(column.type) else column


def _floats(values: pl.Series) -> pl.Series:
    """Floats to the 15 digits that are sure; of what has lost digits the exponent shows."""
    sure = values.round_sig_figs(15) if values.dtype == pl.Float64 else values
    texts = sure.cast(pl.String).str.strip_suffix(".0")
    tiny = texts.str.contains("e").fill_null(False)
    plain = texts.filter(tiny).cast(pl.Decimal(38, 20), strict=False).cast(pl.String).str.strip_chars_end("0")
    lost = (values.abs() >= EXACT).fill_null(False)
    shown = pl.Series(np.char.mod("%.5E", values.filter(lost).to_numpy()), dtype=pl.String)
    return texts.scatter(tiny.arg_true(), plain).scatter(lost.arg_true(), shown)
