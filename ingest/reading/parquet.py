"""A Parquet file as blocks of raw cells: typed columns as the text that they would show."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import time
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pyarrow.types as pt

from ingest import settings
from ingest.fold import fold
from ingest.promises.contract import Contract
from ingest.reading.blocks import Block, Match, flatten_varied
from ingest.reading.kind import PARQUET, check_kind
from ingest.reason import Refusal, Unreadable
from ingest.settings import LIMITS, Limits

ROWS = 1 << 16  # of a block
EVE = time(16)
EXACT = 1e15  # a float from here on has lost digits


def read_parquet(path: Path, contract: Contract, match: Match) -> Iterator[Block]:
    """Blocks of the contract's columns; raises Refusal."""
    check_kind(path, " Parquet 文件", PARQUET)
    with _opened(path) as file:
        check_size(file.metadata, path.stat().st_size, LIMITS)
        schema = _schema(file)
    wanted = match([fold(name) for name in schema.names])
    fields = [(field, wanted[fold(field.name)]) for field in schema if fold(field.name) in wanted]
    for field, _ in fields:
        if not _is_cell(field.type):
            raise Refusal(f"列“{field.name}”的类型是 {field.type}，不是一格一值", "header_mismatch")
    fields = [
        (field.with_type(pa.timestamp(field.type.unit, "UTC")), column)
        if column.kind == "date" and _is_naive(field.type) and _are_eves(path, field.name)
        else (field, column)
        for field, column in fields
    ]
    texts = [field.name for field, column in fields if pt.is_string(field.type) and column.kind != "citizen"]
    for batch in _batches(path, texts, texts):  # a dictionary of many values is not worth while
        texts = [f.name for f in flatten_varied(batch).schema if pt.is_dictionary(f.type)]
        break
    row = 1
    for batch in _batches(path, [field.name for field, _ in fields], texts):
        cells = pa.RecordBatch.from_pydict({c.name: _cells(_moments(batch.column(f.name), f)) for f, c in fields})
        yield Block(cells, np.arange(row, row + len(batch)), "utf-8")
        row += len(batch)


def check_size(footer: pq.FileMetaData, size: int, limits: Limits) -> None:
    """Raises Refusal when what the footer tells of is more than a real file of this size (bytes) holds."""
    found = {
        f"{footer.num_columns:,} 列": footer.num_columns > limits.columns,
        f"{footer.num_row_groups:,} 个行组": footer.num_row_groups > limits.groups,
        f"{footer.num_rows:,} 行": not 0 <= footer.num_rows <= min(limits.rows, limits.rows_per_byte * size),
    }
    groups = (footer.row_group(g) for g in range(footer.num_row_groups)) if not any(found.values()) else ()
    largest = max((g.column(c).total_uncompressed_size for g in groups for c in range(g.num_columns)), default=0)
    found[f"一列一组 {largest >> 20:,} MB"] = largest > limits.chunk
    if any(found.values()):
        said = "、".join(what for what, is_too_much in found.items() if is_too_much)
        raise Refusal(f"{size / 1e6:,.1f} MB 的文件说它有 {said}，大得异常", "too_large")


def _schema(file: pq.ParquetFile) -> pa.Schema:
    """The file's columns; those of INT96 are in UTC, by definition of all that write it."""
    fields = list(file.schema_arrow)
    if len(fields) == len(file.schema):  # none is nested
        for place, field in enumerate(fields):
            if file.schema.column(place).physical_type == "INT96":
                fields[place] = field.with_type(pa.timestamp("ns", "UTC"))
    return pa.schema(fields)


def _is_naive(kind: pa.DataType) -> bool:
    return pt.is_timestamp(kind) and kind.tz is None


def _are_eves(path: Path, name: str) -> bool:
    """Whether all moments of this column are at 16:00: midnights in Shanghai, which their writer took to UTC."""
    seen = False
    for batch in _batches(path, [name], []):
        times = pl.Series(batch.column(0)).dt.time().drop_nulls()
        if not (times == EVE).all():
            return False
        seen = seen or len(times) > 0
    return seen


def _moments(column: pa.Array, field: pa.Field) -> pa.Array:
    """With its zone as UTC, in which all that have one are stored: Arrow knows few of the names that writers give."""
    return (
        column.view(pa.timestamp(column.type.unit, "UTC")) if pt.is_timestamp(field.type) and field.type.tz else column
    )


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
    except UnicodeDecodeError:
        raise Unreadable("列名不是 UTF-8 编码的文字") from None
    except (pa.ArrowException, OSError) as error:
        if getattr(error, "errno", None):  # of the machine
            raise
        raise Unreadable(f"不是可以打开的 Parquet 文件（{type(error).__name__}）：文件已损坏，或没有传完") from None


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
    """Dates as 2020-09-05, midnights too, be they in Shanghai or in UTC: the date is the same; truth values as 是 and
    否, numbers without exponents unless their last digits are lost.
    """
    if pt.is_boolean(column.type):
        return pl.Series(column).replace_strict([True, False], ["是", "否"], default=None).to_arrow()
    if pt.is_date(column.type):
        return column.cast(pa.date32()).cast(pa.string())
    if pt.is_timestamp(column.type):
        moments = pl.Series(column)
        here = moments.dt.convert_time_zone(settings.SHANGHAI.key) if column.type.tz else moments
        is_day = (here.dt.time() == time()) | (moments.dt.time() == time())
        days = here.dt.date().cast(pl.String)
        return (
            days.zip_with(is_day.fill_null(True), here.dt.strftime("%Y-%m-%d %H:%M:%S%.f")).to_arrow().cast(pa.string())
        )
    if pt.is_decimal(column.type):
        if column.type.precision > 38:
            return pa.array([None if v is None else format(v, "f") for v in column.to_pylist()], pa.string())
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
