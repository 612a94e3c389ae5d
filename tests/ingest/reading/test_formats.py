"""One table in every format that a department may send: the same rows, the same rejects, and nobody's number."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from desk import GOOD, HEADER, KEY, Delivery, Desk, citizen, csv_bytes, everything_written, row
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.promises.contract import Contract
from ingest.reading import cut, file, parquet

Rows = Sequence[Sequence[str]]


def json_lines(rows: Rows) -> bytes:
    objects = (dict(zip(HEADER, cells, strict=True)) for cells in rows)
    return "".join(json.dumps(o, ensure_ascii=False) + "\n" for o in objects).encode()


def parquet_bytes(rows: Rows) -> bytes:
    columns = zip(*rows, strict=True) if rows else [[] for _ in HEADER]
    sink = pa.BufferOutputStream()
    table = pa.table([pa.array(c, pa.string()) for c in columns], HEADER)
    pq.write_table(table, sink, row_group_size=7)
    return bytes(sink.getvalue())


def delimited(encoding: str, delimiter: str, mark: str = "") -> Callable[[Rows], bytes]:
    return lambda rows: mark.encode(encoding) + csv_bytes([HEADER, *rows], encoding, "\r\n", delimiter)


FORMATS: dict[str, tuple[dict[str, str], int, Callable[[Rows], bytes]]] = {  # contract, first record, how written
    "csv": ({}, 2, delimited("gb18030", ",")),
    "pipe": ({"encoding": "utf-8", "delimiter": "|"}, 2, delimited("utf-8", "|")),
    "pipe in GB18030": ({"delimiter": "|"}, 2, delimited("gb18030", "|")),
    "tab in GB18030": ({"delimiter": "\t"}, 2, delimited("gb18030", "\t")),
    "UTF-16": ({"encoding": "utf-16"}, 2, delimited("utf-16-le", ",", "\ufeff")),
    "Unicode text": ({"encoding": "utf-16", "delimiter": "\t"}, 2, delimited("utf-16-be", "\t", "\ufeff")),
    "jsonl": ({"format": "jsonl"}, 1, json_lines),
    "parquet": ({"format": "parquet"}, 1, parquet_bytes),
}
CELLS = {
    "身份证号": st.sampled_from([*(citizen(n) for n in range(4)), f" {citizen(5)}", "3.2E+17", citizen(6)[:17], ""]),
    "姓名": st.sampled_from(["张三", '李"四"', "王,五", "赵\n六", "㛃|𬱖", "\t丁"]),
    "日期": st.sampled_from(["2020-09-05", "2020年9月6日", "2020/9/7", "2020-08-31", "——", "近期"]),
    "类别": st.sampled_from(["助餐", "照料，（含夜间）", "助浴"]),
    "机构": st.text(
        st.sampled_from('aZ0|,"\n\t張㛃𬱖〇俓亅'), max_size=6
    ),  # in GB18030 the last two hold the byte of |
    "费用": st.sampled_from(["12.5", "1,280.50", "￥3元", "—", "1E3"]),
}
TABLE = st.lists(st.fixed_dictionaries(CELLS), min_size=1, max_size=20)
FOLDER = tempfile.TemporaryDirectory(prefix="suheng-formats-")


def landed(people: Contract, table: Rows, name: str, size: int = 8 << 20) -> tuple[list[Any], list[Any], Delivery]:
    """Rows and rejects of the table in this format, counted from 0; size: bytes of a block."""
    changes, first, write = FORMATS[name]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SUHENG_DATA", str(Path(FOLDER.name) / name / str(size)))
        patch.setenv("SUHENG_PSEUDONYM_KEY", KEY)
        patch.setattr(cut, "BLOCK", size)
        patch.setattr(parquet, "ROWS", max(size // 100, 1))
        patch.setitem(file.READERS, "parquet", parquet.read_parquet)  # in this process
        desk = Desk(Path(FOLDER.name) / name / str(size), replace(people, **changes))
        found = desk.take(desk.write(write(table)))
        rows = [{**r, "record": r["record"] - first} for r in found.rows]
        return rows, [(record - first, *entry) for record, *entry in found.rejects], found


@pytest.mark.parametrize("name", FORMATS)
@settings(max_examples=20)
@given(table=TABLE, size=st.sampled_from([300, 1000, 8 << 20]))
def test_a_table_lands_the_same_in_every_format(people: Contract, name: str, table: list[Any], size: int) -> None:
    rows = [list((GOOD | cells).values()) for cells in table]
    assert landed(people, rows, name, size)[:2] == landed(people, rows, "csv")[:2]


@pytest.mark.parametrize("name", FORMATS)
def test_no_number_and_no_name_is_written_or_said_in_any_format(desk: Desk, name: str) -> None:
    changes, _, write = FORMATS[name]
    office = replace(desk, contract=replace(desk.contract, **changes))
    rows = [row(n, 姓名="张三丰", 监护人身份证号=citizen(n + 300)) for n in range(9)]
    rows += [row(9, 类别=citizen(9)), row(10, 次数=citizen(10)), row(11, 日期="张三丰"), row(12, 单号=citizen(12)[:17])]
    whole = write(rows)
    found = office.take(office.write(whole))
    assert (found.outcome, found.receipt["rows_rejected"]) == ("landed", 4)
    cut_off = office.take(office.write(whole[:-50])).receipt
    assert cut_off["reason"] == ("unreadable" if name == "parquet" else "cut_off")
    assert office.take(office.write(whole[200:])).outcome == ("landed" if name == "jsonl" else "refused")
    kept = everything_written(office.data / "lake") + "\n".join(office.said).encode()
    for n in (*range(13), *range(300, 309)):
        assert citizen(n)[:17].encode() not in kept and citizen(n)[6:17].encode() not in kept
    for encoding in ("utf-8", "gb18030", "utf-16-le", "unicode_escape"):
        assert "张三丰".encode(encoding) not in kept
