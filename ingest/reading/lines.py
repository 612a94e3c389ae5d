"""JSON Lines as blocks of raw cells: one object a line, its keys the department's headers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pyarrow as pa

from ingest.fold import fold
from ingest.promises.column import Column
from ingest.promises.contract import Contract
from ingest.reading.blocks import Block, Match, flatten_varied
from ingest.reading.cut import cut
from ingest.reading.dialect import Dialect
from ingest.reading.ends import read_start
from ingest.reading.kind import JSON, TEXT, check_kind, kind_of
from ingest.reason import Unreadable, reject
from ingest.shape import shapes

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

LINES = Dialect("utf-8", delimiter="")
LETTERS = r'(?:[^"\\]|\\.)*'  # of a string
NUMBER = r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?"
# From one key to the next, over the strings, so that nothing within them is taken for a number.
MEMBER = rf'([{{,]\s*"{LETTERS}"\s*:\s*)(?:({NUMBER})|"({LETTERS})")'
LONG = r":\s*-?(?:[0-9]{16}|[0-9.]+[eE])"  # of this many digits a program that takes it for a double has not all
EXACT = 2.0**53
NUMBERS = ["UBIGINT", "BIGINT", "HUGEINT", "UHUGEINT", "DOUBLE"]
IS_OBJECT = (
    "select coalesce(case when json_valid(line) then json_type(line) = 'OBJECT' end, false) as is_object from lines"
)
KEYS = "select json_keys(line) as keys from lines"
WORDS = {"true": "是", "false": "否"}


def read_lines(path: Path, contract: Contract, match: Match) -> Iterator[Block]:
    """Blocks of the contract's columns; raises Refusal. Blank lines are counted and left out.

    A value is a string, a number, a truth value or null; a key that a line does not have is an empty cell.
    """
    import duckdb  # only here: to import it costs more than a small file

    check_kind(path, "每行一个对象的 JSON Lines", JSON, TEXT, None)
    _check_encoding(read_start(path, contract.encoding), contract)
    coded = {c.name for c in contract.columns if c.is_worded}
    keys: list[str] = []
    wanted: dict[str, Column] = {}
    row = 1
    with duckdb.cursor() as con:
        for number, part in enumerate(cut(path, LINES)):
            lines = _split(part.data).to_frame("line").with_row_index("record", row)
            row += len(lines)
            # A parser would make 320000000000000000.0 of 3.2E17: numbers become strings as they are written.
            as_written = pl.col("line").str.replace_all(MEMBER, '${1}"${2}${3}"')
            lines = lines.filter(pl.col("line").str.strip_chars() != "")
            long = lines.filter(pl.col("line").str.contains(LONG))
            lines = lines.with_columns(as_written)
            is_object = con.execute(IS_OBJECT).pl()["is_object"]
            broken = [(lines.filter(~is_object), "broken_json")]
            lines = lines.filter(is_object)
            named, is_repeated = _keys(con, lines, keys)
            if new := named - set(keys):
                keys += sorted(new)
                wanted = match([fold(k) for k in keys])
            if not keys:
                break
            texts, is_flat = _texts(con, lines, {wanted[fold(k)].name: k for k in keys if fold(k) in wanted})
            broken += [
                (lines.filter(~is_flat & ~is_repeated), "broken_json"),
                (lines.filter(is_repeated), "repeated_key"),
            ]
            is_record = is_flat & ~is_repeated
            bare = _bare(con, long.join(lines.filter(is_record), on="record", how="semi"), keys, wanted)
            is_record &= ~lines["record"].is_in(bare["record"].implode())
            lines, cells = lines.filter(is_record), _encode(texts.filter(is_record), coded)
            if number == 0:
                cells = flatten_varied(cells)
                coded = {field.name for field in cells.schema if pa.types.is_dictionary(field.type)}
            rejects = [
                reject(b["record"], "*", reason, shapes(b["line"].str.strip_chars())) for b, reason in broken if len(b)
            ]
            yield Block(cells, lines["record"].cast(pl.Int64).to_numpy(), "utf-8", pl.concat([*rejects, bare]))
    if not keys:
        is_list = kind_of(path) is JSON
        said = "：像是一个 JSON 数组，或一个对象分成了几行" if is_list else ""
        raise Unreadable(f"没有一行是 JSON 对象{said}；契约约定每行一个对象的 JSON Lines")


def _check_encoding(start: bytes, contract: Contract) -> None:
    """Raises Unreadable when the promised keys stand there as GB18030 has them."""
    keys = [key for column in contract.columns for key in column.headers if not key.isascii()]
    written, otherwise = (sum(key.encode(code) in start for key in keys) for code in ("utf-8", "gb18030"))
    if otherwise > written:
        raise Unreadable("文件是 GB18030 编码的文字，契约约定 utf-8；请按约定的编码另存")


def _split(block: memoryview) -> pl.Series:
    """Its lines, with their ends; U+FFFD marks a broken character."""
    data = np.frombuffer(str(block, "utf-8", "replace").encode(), np.uint8)
    ends = np.flatnonzero(data == ord("\n")) + 1
    offsets = np.unique(np.concatenate([[0], ends, [len(data)]])).astype(np.int32)
    return pl.Series(pa.StringArray.from_buffers(len(offsets) - 1, pa.py_buffer(offsets), pa.py_buffer(data)))


def _keys(con: DuckDBPyConnection, lines: pl.DataFrame, known: list[str]) -> tuple[set[str], pl.Series]:
    """The keys of the objects in `lines`, and which of these have one twice, be it written with other blanks."""
    keys = con.execute(KEYS).pl()["keys"]
    kinds = keys.unique().to_list()
    repeated = [kind for kind in kinds if len(set(map(fold, kind))) < len(kind)]
    is_repeated = keys.is_in(repeated) if repeated else pl.Series([False]).new_from_index(0, len(keys))
    named = {key for kind in kinds if kind not in repeated for key in kind}
    spare = {fold(key): key for kind in repeated for key in kind}  # the header is known though no line is good
    for key in {*named, *known}:
        spare.pop(fold(key), None)
    return named | set(spare.values()), is_repeated


def _texts(con: DuckDBPyConnection, lines: pl.DataFrame, names: dict[str, str]) -> tuple[pl.DataFrame, pl.Series]:
    """Texts by our names, null where nothing is said; which lines have no list and no object in them.

    names: the object's key by our name.
    """
    structure = json.dumps(dict.fromkeys(names.values(), "VARCHAR"), ensure_ascii=False)
    texts = con.execute("select unnest(json_transform(line, $1)) from lines", [structure]).pl()
    texts.columns = list(names)
    is_flat = pl.Series([True]).new_from_index(0, len(texts))
    odd = texts.select(pl.all().str.contains(r"^(true|false|\[.*|\{.*)$").any())
    for name, key in names.items():
        if not odd[name][0]:
            continue
        kinds = con.execute("select coalesce(json_type(line, $1), '') as kind from lines", [_pointer(key)]).pl()["kind"]
        is_flat &= ~kinds.is_in(["OBJECT", "ARRAY"])
        words = texts[name].replace_strict(WORDS, default=None, return_dtype=pl.String)
        texts = texts.with_columns(words.zip_with(kinds == "BOOLEAN", texts[name]).alias(name))
    return texts, is_flat


def _bare(con: DuckDBPyConnection, long: pl.DataFrame, keys: list[str], wanted: dict[str, Column]) -> pl.DataFrame:
    """The rejects of numbers without quotes that are too long to be sure of their last digits.

    long: lines as they are written, those that may have one.
    """
    rejects = [reject([], "*", "")]
    for key in keys if len(long) else ():
        if column := wanted.get(fold(key)):
            found = con.execute(
                "select record, json_type(line, $1) as kind, line ->> $1 as text from long", [_pointer(key)]
            )
            numbers = found.pl().filter(pl.col("kind").is_in(NUMBERS))
            rounded = numbers.filter(pl.col("text").cast(pl.Float64, strict=False).abs() > EXACT)
            rejects.append(reject(rounded["record"], column.name, "bare_number", shapes(rounded["text"])))
    return pl.concat(rejects)


def _pointer(key: str) -> str:
    return "/" + key.replace("~", "~0").replace("/", "~1")


def _encode(texts: pl.DataFrame, coded: set[str]) -> pa.RecordBatch:
    arrays, texts = {}, texts.fill_null("")
    for name in texts.columns:
        cells = texts[name].to_arrow().cast(pa.binary())
        arrays[name] = cells.dictionary_encode() if name in coded else cells
    return pa.RecordBatch.from_pydict(arrays)
