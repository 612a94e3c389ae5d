"""JSON Lines as blocks of raw cells: one object a line, its keys the department's headers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pyarrow as pa

from ingest.blocks import Block, Match, flatten_varied
from ingest.column import Column
from ingest.contract import Contract
from ingest.cut import Dialect, cut
from ingest.header import check_mark, fold
from ingest.reason import Unreadable, reject
from ingest.shape import shapes

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

LINES = Dialect("utf-8", delimiter="")
AFTER_KEY = r'([^\\]"\s*:\s*)'  # within a string a quote has a backslash before it
BARE = {  # a parser would make 320000000000000000.0 of 3.2E17
    r"(-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)": "${2}",
    "(true)": "是",
    "(false)": "否",
}
IS_RECORD = f"""
select coalesce(case when json_valid(line) then json_type(line) = 'OBJECT' end, false)
    and not regexp_matches(line, '{AFTER_KEY}[{{\\[]') as is_record
from lines
"""
KEYS = "select distinct unnest(json_keys(line)) as key from lines order by key"


def read_lines(path: Path, contract: Contract, match: Match) -> Iterator[Block]:
    """Blocks of the contract's columns; raises Refusal. Blank lines are counted and left out.

    A value is a string, a number, a truth value or null; a key that a line does not have is an empty cell.
    """
    import duckdb  # only here: to import it costs more than a small file

    check_mark(path, "每行一个对象的 JSON Lines")
    coded = {c.name for c in contract.columns if c.kind != "citizen"}
    keys: list[str] = []
    wanted: dict[str, Column] = {}
    row = 1
    with duckdb.cursor() as con:
        for number, raw in enumerate(cut(path, LINES)):
            lines = _split(raw).to_frame("line").with_row_index("record", row)
            row += len(lines)
            lines = lines.filter(pl.col("line").str.strip_chars() != "").with_columns(_quote(pl.col("line")))
            lines = lines.with_columns(con.execute(IS_RECORD).pl())
            broken = lines.filter(~pl.col("is_record"))
            lines = lines.filter("is_record")
            if new := set(con.execute(KEYS).pl()["key"]) - set(keys):
                keys += sorted(new)
                wanted = match([fold(k) for k in keys])
            if not keys:
                break
            cells = _cells(con, lines, {wanted[fold(k)].name: k for k in keys if fold(k) in wanted}, coded)
            if number == 0:
                cells = flatten_varied(cells)
                coded = {field.name for field in cells.schema if pa.types.is_dictionary(field.type)}
            records, shown = lines["record"].cast(pl.Int64).to_numpy(), shapes(broken["line"].str.strip_chars())
            yield Block(cells, records, "utf-8", reject(broken["record"], "*", "broken_json", shown))
    if not keys:
        raise Unreadable("文件是空的，或没有一行是 JSON 对象；契约约定每行一个对象的 JSON Lines")


def _split(block: bytes) -> pl.Series:
    """Its lines, with their ends; U+FFFD marks a broken character."""
    data = np.frombuffer(block.decode("utf-8", "replace").encode(), np.uint8)
    ends = np.flatnonzero(data == ord("\n")) + 1
    offsets = np.unique(np.concatenate([[0], ends, [len(data)]])).astype(np.int32)
    return pl.Series(pa.StringArray.from_buffers(len(offsets) - 1, pa.py_buffer(offsets), pa.py_buffer(data)))


def _quote(line: pl.Expr) -> pl.Expr:
    """Numbers as strings, truth values as 是 and 否."""
    for value, text in BARE.items():
        line = line.str.replace_all(rf"{AFTER_KEY}{value}(\s*[,}}])", f'${{1}}"{text}"${{3}}')
    return line


def _cells(con: DuckDBPyConnection, lines: pl.DataFrame, names: dict[str, str], coded: set[str]) -> pa.RecordBatch:
    """Cells of the objects; names: the object's key by our name."""
    structure = json.dumps(dict.fromkeys(names.values(), "VARCHAR"), ensure_ascii=False)
    table = con.execute("select unnest(json_transform(line, $1)) from lines", [structure]).to_arrow_table()
    arrays = {}
    for name, column in zip(names, table.columns, strict=True):
        cells = pl.Series(column).fill_null("").to_arrow().cast(pa.binary())
        arrays[name] = cells.dictionary_encode() if name in coded else cells
    return pa.RecordBatch.from_pydict(arrays)
