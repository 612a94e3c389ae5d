"""Mutated files of every format: each one lands or is refused, and of what lands every record is accounted for."""

from __future__ import annotations

import csv
import io
import json
import random
import re
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from desk import HEADER, Desk, citizen, csv_bytes, row
from sheets import write_book
from slowly import read_slowly
from soak import SOAK

from ingest.reading.dialect import Dialect

SCALE = 40 if SOAK else 1
SIGNS = [b'"', b"\n", b",", b"|", b"\t", b"\x00", b"\xff", b"\x81", b"{", b"}", b":", b"[", b"\\", b"\xef\xbb\xbf"]
NUMBERS = [b"0", b"-1", b"65536", b"1048576", b"4294967295", b"9" * 19]
SERIALS = range(12)


def mutate(draw: random.Random, data: bytes) -> bytes:
    """A few bytes changed, moved, repeated or left out, a sign put in, or a number made large."""
    for _ in range(draw.randint(1, 3)):
        at, length = draw.randrange(len(data) + 1), draw.choice([1, 1, 2, 4, 9, 40])
        before, piece, behind = data[:at], data[at : at + length], data[at + length :]
        ways = [
            before + draw.randbytes(len(piece)) + behind,
            before + behind,
            before + piece * draw.choice([2, 50]) + behind,
            before + draw.choice(SIGNS) + piece + behind,
            before + draw.choice(SIGNS) * len(piece) + behind,
            before,
            re.sub(rb"[0-9]+", draw.choice(NUMBERS), data, count=1 + at % 3),
        ]
        (data,) = draw.choices(ways, [4, 4, 4, 6, 2, 1, 2])
    return data


def check(desk: Desk, path: Path, count: Callable[[Path], int | None], **changes: Any) -> str:
    """Take the file in; returns the outcome. count: its records, as another reader finds them; None if it cannot."""
    found = desk.take(path, **changes)
    if found.outcome == "unchanged":
        return found.outcome
    assert found.outcome in ("landed", "refused")
    receipt = found.receipt
    told = json.dumps(receipt, ensure_ascii=False) + found.said
    assert path.name in told and not any(citizen(n) in told for n in SERIALS)
    assert receipt["reason"] != "our_fault", receipt["message_zh"]
    if found.outcome == "landed":
        accepted, rejected = {r["record"] for r in found.rows}, {n for n, *_ in found.rejects}
        assert (len(accepted), len(rejected)) == (receipt["rows_accepted"], receipt["rows_rejected"])
        assert len(accepted | rejected) == receipt["rows_read"]
        assert count(path) in (None, receipt["rows_read"])
    return found.outcome


def each(desk: Desk, count: int, ending: str) -> Iterator[tuple[random.Random, Path]]:
    """A draw and a place for so many files one after the other."""
    for n in range(count * SCALE):
        path = desk.inbox / f"名册_2020年09月_{n}.{ending}"
        path.parent.mkdir(parents=True, exist_ok=True)
        yield random.Random(n), path
        path.unlink()


def summed(outcomes: list[str]) -> None:
    assert {"landed", "refused"} <= set(outcomes) <= {"landed", "refused", "unchanged"}
    assert outcomes.count("landed") > len(outcomes) / 20


@pytest.mark.parametrize(("encoding", "delimiter"), [("gb18030", ","), ("utf-8", "|"), ("utf-16", "\t")])
def test_delimited_files(desk: Desk, encoding: str, delimiter: str) -> None:
    rows = [HEADER, *(row(n, 机构="夕阳\n红" if n % 4 else '夕阳"红"') for n in SERIALS)]
    whole, outcomes = csv_bytes(rows, encoding, delimiter=delimiter), []
    count = partial(count_lines, dialect=Dialect(encoding, delimiter))
    for draw, path in each(desk, 80, "csv"):
        start = draw.choice([0, len(whole) // 4])  # leave the header alone, as a rule
        path.write_bytes(whole[:start] + mutate(draw, whole[start:]))
        outcomes.append(check(desk, path, count, encoding=encoding, delimiter=delimiter))
    summed(outcomes)


def count_lines(path: Path, dialect: Dialect) -> int | None:
    """Of a file in which only \\n ends a line."""
    text = path.read_bytes().decode(dialect.encoding, "replace").removeprefix("\ufeff")
    if "\r" in text:
        return None
    width = len(next(csv.reader(io.StringIO(text, newline=""), delimiter=dialect.delimiter)))
    records, broken = read_slowly(text.encode("utf-8", "replace"), replace(dialect, encoding="utf-8"), width)
    return len(records) + len(broken)


def test_json_lines(desk: Desk) -> None:
    whole = "".join(json.dumps(dict(zip(HEADER, row(n), strict=True)), ensure_ascii=False) + "\n" for n in SERIALS)
    outcomes = []
    for draw, path in each(desk, 80, "jsonl"):
        path.write_bytes(mutate(draw, whole.encode()))
        outcomes.append(check(desk, path, count_objects, format="jsonl", encoding="utf-8"))
    summed(outcomes)


def count_objects(path: Path) -> int:
    lines = path.read_bytes().decode("utf-8", "replace").removeprefix("\ufeff").split("\n")
    return sum(line.strip() != "" for line in lines)


def test_workbooks(desk: Desk, tmp_path: Path) -> None:
    book = write_book(tmp_path / "whole.xlsx", [HEADER, *map(row, SERIALS)], [(14, 0, 14, 3, "注：无")])
    with zipfile.ZipFile(book) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    content, outcomes = [name for name in parts if name.startswith("xl/")], []
    for draw, path in each(desk, 90, "xlsx"):
        if draw.randrange(4):
            part = draw.choice(["xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", draw.choice(content)])
            path.write_bytes(pack({**parts, part: mutate(draw, parts[part])}))
        else:
            path.write_bytes(mutate(draw, book.read_bytes()))
        outcomes.append(check(desk, path, count_rows, format="xlsx"))
    summed(outcomes)


def pack(parts: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return file.getvalue()


def count_rows(path: Path) -> int | None:
    """Rows of the first sheet below the header that show anything but the note; None of XML that is no sheet's."""
    with zipfile.ZipFile(path) as archive:
        try:
            texts, sheet = (
                ElementTree.fromstring(archive.read(f"xl/{n}.xml")) for n in ("sharedStrings", "worksheets/sheet1")
            )
        except (ElementTree.ParseError, LookupError):
            return None
    strings = ["".join(item.itertext()) for item in texts]
    shown = {}
    for number, line in enumerate(sheet.iterfind(".//{*}row"), 1):
        cells = []
        for cell in line.iterfind("{*}c"):
            value = cell.findtext("{*}v") or ""
            is_string = cell.get("t") == "s" and value.isdecimal() and int(value) < len(strings)
            cells.append(strings[int(value)] if is_string else value)
        if line.get("r") != str(number):
            return None
        shown[number] = cells
    return sum(any(c.strip() for c in cells) and "注：无" not in cells for n, cells in shown.items() if n > 1)


def test_parquet_files(desk: Desk) -> None:
    columns = dict(zip(HEADER, map(list, zip(*map(row, SERIALS), strict=True)), strict=True))
    outcomes = []
    for draw, path in each(desk, 90, "parquet"):
        sink = pa.BufferOutputStream()
        codec = draw.choice(["none", "snappy", "zstd"])
        pq.write_table(pa.table(columns), sink, compression=codec, use_dictionary=draw.random() < 0.5)
        data = bytes(sink.getvalue())
        footer = len(data) - 8 - int.from_bytes(data[-8:-4], "little")
        if draw.randrange(3):  # in the footer, so that it stays where its length says
            changed = bytearray(data[footer:-8])
            for _ in range(draw.randint(1, 3)):
                changed[draw.randrange(len(changed))] = draw.randrange(256)
            data = data[:footer] + bytes(changed) + data[-8:]
        else:
            data = data[:4] + mutate(draw, data[4:footer]) + data[footer:]
        path.write_bytes(data)
        outcomes.append(check(desk, path, count_in_duckdb, format="parquet"))
    summed(outcomes)


def count_in_duckdb(path: Path) -> int | None:
    try:
        return int(duckdb.sql("select count(*) from read_parquet($1)", params=[str(path)]).fetchall()[0][0])
    except duckdb.Error:
        return None
