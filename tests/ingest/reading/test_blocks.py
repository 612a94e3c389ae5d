"""Blocks of any size against Python's csv module and the codec over the whole file."""

from __future__ import annotations

import csv
import io
import tempfile
import time
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pytest
from desk import csv_bytes
from hypothesis import example, given
from hypothesis import strategies as st
from slowly import Record, read_slowly

from ingest.promises.column import Column
from ingest.reading import cut, delimited
from ingest.reading.delimited import read_blocks
from ingest.reading.dialect import Dialect
from ingest.reason import Unreadable

CELL = st.text(st.sampled_from('aZ0 ,|"\n\t张三㛃𬱖〇亅'), max_size=5)
TABLE = st.lists(st.lists(CELL, min_size=3, max_size=3), max_size=12)
QUOTING = st.fixed_dictionaries(
    {"lineterminator": st.sampled_from(["\n", "\r\n"]), "quoting": st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL])}
)
DIALECTS = st.sampled_from([Dialect(e, d) for e in ("gb18030", "utf-8", "utf-16") for d in ",|\t"])


def column(name: str, coded: bool = False) -> Column:
    kind = "region" if coded else "text"
    return Column(name, (name,), "", kind, "VARCHAR", False, {}, None, None, None, False)


GB18030, UTF_8 = Dialect("gb18030"), Dialect("utf-8")
FOLDER = tempfile.TemporaryDirectory(prefix="suheng-blocks-")
WANTED = {"a": column("a"), "b": column("b", coded=True)}


def read(data: bytes, size: int, dialect: Dialect = GB18030) -> tuple[list[Record], list[int], int]:
    """Records of the columns a and b, record numbers of the ragged rows, and the number of blocks."""
    path, blocks = Path(FOLDER.name) / "file.csv", 0
    path.write_bytes(data)
    records: list[Record] = []
    ragged: list[int] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cut, "BLOCK", size)
        for block in read_blocks(path, list("abc"), WANTED, dialect):
            blocks += 1
            cells = [[c.decode(block.encoding) for c in column.to_pylist()] for column in block.cells.columns]
            records += zip(block.records.tolist(), map(list, zip(*cells, strict=True)), strict=True)
            ragged += block.broken["record"].to_list()
    return records, ragged, blocks


def read_two(data: bytes, dialect: Dialect = GB18030) -> tuple[list[Record], list[int]]:
    """The same, read slowly."""
    records, broken = read_slowly(data, dialect, 3)
    return [(number, row[:2]) for number, row in records], broken


@given(TABLE, st.integers(1, 60), QUOTING, st.booleans(), DIALECTS)
@example([[",", "\n,", ""]], 1, {"lineterminator": "\n", "quoting": csv.QUOTE_MINIMAL}, False, GB18030)
def test_blocks_of_any_size_hold_the_records_of_the_csv_module(
    table: list[list[str]], size: int, quoting: dict[str, Any], is_ended: bool, dialect: Dialect
) -> None:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=dialect.delimiter, **quoting).writerows([["头", "b", "c"], *table])
    whole = text.getvalue()
    data = (whole if is_ended else whole.removesuffix(quoting["lineterminator"])).encode(dialect.encoding)

    try:
        expected = read_two(data, dialect)
    except EOFError:  # what looks like two records with stray quotes cannot be told from one that is cut off
        with pytest.raises(Unreadable, match="文件在引号之内结束"):
            read(data, size, dialect)
        return
    found, broken, _ = read(data, size, dialect)
    assert (found, broken) == expected
    assert broken or found == [(n, row[:2]) for n, row in enumerate(table, 2) if any(row)]


def test_a_cell_may_have_so_many_lines_that_its_record_has_twenty() -> None:
    for lines, is_kept in ((20, True), (21, False)):
        data = 'a,b,c\n1,"' + "x\n" * (lines - 1) + '",2\n3,4,5\n'
        for size in (10, 1000):
            found, broken, _ = read(data.encode(), size)
            assert found[-1][1] == ["3", "4"]
            assert (broken == []) == is_kept


def test_the_rows_between_two_stray_quotes_land_and_the_two_lines_are_told() -> None:
    rows = [f"{n},张三,2025-09-{n % 30 + 1:02}" for n in range(2, 302)]
    for place in (9, 189):
        rows[place] = rows[place].replace("张三", '"张三')
    path = Path(FOLDER.name) / "file.csv"
    path.write_bytes("\n".join(["a,b,c", *rows, ""]).encode("gb18030"))
    (block,) = read_blocks(path, list("abc"), WANTED, GB18030)
    assert block.broken.select("record", "reason", "shape").rows() == [
        (11, "stray_quote", '文本第 11 行：99,"汉汉,9999-99-99'),
        (191, "stray_quote", '文本第 191 行：999,"汉汉,9999-99-99'),
    ]
    kept = [n for n in range(2, 302) if n not in (11, 191)]
    assert block.records.tolist() == kept
    assert [[c.decode(block.encoding) for c in r.values()] for r in block.cells.to_pylist()] == [
        [str(n), "张三"] for n in kept
    ]


def test_a_stray_quote_is_told_with_its_line_of_text_behind_cells_of_several_lines() -> None:
    path = Path(FOLDER.name) / "file.csv"
    path.write_bytes(b'a,b,c\n1,"x\ny\nz",3\n4,5,6\n7,"8,9\n10,11,12\n')
    for size in (5, 1000):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(cut, "BLOCK", size)
            broken = pl.concat(block.broken for block in read_blocks(path, list("abc"), WANTED, GB18030))
        assert broken.select("record", "shape").rows() == [(4, '文本第 6 行：9,"9,9')]


def test_of_cr_cr_lf_the_first_cr_is_a_line_as_every_program_shows_it() -> None:
    path = Path(FOLDER.name) / "file.csv"
    path.write_bytes(b'a,b,c\r\r\n1,2,3\r\r\n4,"5,6\r\r\n7,8\r\r\n9,8,7\r\r\n')
    for size in (5, 20, 1000):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(cut, "BLOCK", size)
            blocks = list(read_blocks(path, list("abc"), WANTED, GB18030))
        broken = pl.concat(block.broken for block in blocks)
        assert broken.select("record", "shape").rows() == [(5, '文本第 5 行：9,"9,9'), (7, "9,9")]
        assert [n for block in blocks for n in block.records.tolist()] == [3, 9]


STRAY = st.text(st.sampled_from('aé,,"\n\n'), max_size=60)
BORDERS = st.lists(st.sampled_from(["1,2,3\n", '"', ",", "\n", '4,"5\n', '",6\n', '7"', '""']), max_size=40).map(
    "".join
)


@given(STRAY | BORDERS, st.integers(1, 30))
@example('1,5"管,3\n"4\n",5,6\n7,8"管,9\n', 4)
@example('1,"a"b"c,2\n3,"4\n",5\n', 4)
@example('1,"",""\n2,""x"",3\n4,"""\n""",5\n', 4)
@example('1,"2,3\n4,5,6\n7,"8,9\n', 4)
@example('1,"2,3\n4,5,6\n7,8",9\n', 4)
@example('1,"2,3\n' + "4,5,6\n" * 30 + '7,8",9\n', 4)
@example('1,2,"3\n4",5,6\n7,8,"9', 4)
@example('1,"2,3\n4,5","6,7"\n8,9,0\n', 4)
@example('"1,2","3,4\n5,6",7\n8,9,0\n', 4)
@example('1,"2,3\n4,5","6\n7"\n8,9,0\n', 4)
@example('"1\n2","3,4\n5,6",7\n8,9,0\n', 4)
def test_a_stray_quote_swallows_no_record_whatever_the_block_size(text: str, size: int) -> None:
    data = f"头,b,c\n{text}".encode("gb18030")
    try:
        expected = read_two(data)
    except EOFError:
        with pytest.raises(Unreadable, match="文件在引号之内结束"):
            read(data, size)
    else:
        assert read(data, size)[:2] == expected


@pytest.mark.parametrize("two", ['1,"2,3\n4,5","6,7"', '"1,2","3,4\n5,6",7', '"1,2","3,4\n5,6","7,8"'])
def test_a_stray_quote_swallows_no_record_beside_a_cell_with_a_delimiter(two: str) -> None:
    assert read(f"头,b,c\n{two}\n8,9,0\n".encode("gb18030"), 1000)[:2] == ([(4, ["8", "9"])], [2, 3])


def test_a_stray_quote_beside_a_cell_of_two_lines_costs_the_lines_of_both_records() -> None:
    text = '头,b,c\n1,"2,3\n4,5","6\n7"\n8,9,0\n"1\n2","3,4\n5,6",7\n8,9,0\n'
    found, broken, _ = read(text.encode("gb18030"), 1000)
    assert [row for _, row in found] == [["8", "9"]] * 2
    assert len(broken) in range(4, 7)


def test_record_numbers_go_on_over_ragged_rows_and_block_borders() -> None:
    rows = [["列", "b", "c"], *([str(n), "乙", "丙"] for n in range(2, 200))]
    for number in (2, 3, 50, 51, 120, 199):
        rows[number - 1] = rows[number - 1][:2] if number % 2 else [*rows[number - 1], "丁"]
    found, ragged, blocks = read(csv_bytes(rows), 64)
    assert blocks > 20
    assert ragged == [2, 3, 50, 51, 120, 199]
    assert found == [(n, [str(n), "乙"]) for n in range(2, 200) if n not in ragged]


@pytest.mark.parametrize("encoding", ["gb18030", "utf-16"])
@pytest.mark.parametrize("most", [3, 10, 1000])
def test_empty_lines_without_number_come_in_blocks_of_few(
    monkeypatch: pytest.MonkeyPatch, most: int, encoding: str
) -> None:
    monkeypatch.setattr(cut, "MOST_LINES", most)
    text = "头,b,c\n甲,2,3\n" + "\n" * 500 + '乙,"5\n5",6\n' + "\n" * 20 + "丙,8,9"
    found, broken, _ = read(text.encode(encoding), 4000, Dialect(encoding))
    assert (found, broken) == ([(2, ["甲", "2"]), (503, ["乙", "5\n5"]), (524, ["丙", "8"])], [])
    path = Path(tempfile.mkdtemp()) / "a.csv"
    path.write_bytes(text.encode(encoding))
    lines = [bytes(part.data).count(b"\n") for part in cut.cut(path, Dialect(encoding), 4000)]
    assert (sum(lines), max(lines) <= most + 3) == (524, True) or most == 1000 == len(lines) * 1000


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("blank", ["", ",,", '"",,""', ",,,,,", "  "])
def test_blank_lines_are_numbered_but_are_no_records(newline: str, blank: str) -> None:
    lines = ["a,b,c", blank, "1,2,3", blank, blank, "4,5,6", ",,有", *[blank] * 5, ""]
    for size in (1, 7, 1000):
        found, ragged, _ = read(newline.join(lines).encode("gb18030"), size)
        assert found == [(3, ["1", "2"]), (6, ["4", "5"]), (7, ["", ""])]
        assert ragged == []


@pytest.mark.parametrize("data", [b"", b"a,b,c", b"a,b,c\n", b"a,b,c\r\n", b"\xef\xbb\xbfa,b,c\n", b"a,b,c\n\n\n"])
def test_a_header_alone_has_no_records(data: bytes) -> None:
    assert read(data, 1000, UTF_8)[:2] == ([], [])


def test_a_quoted_header_may_have_a_byte_order_mark_and_line_breaks() -> None:
    data = '\ufeff"a\n（甲）","b ""乙""","c"\n1,2,3\n'.encode()
    for size in (1, 10, 1000):
        assert read(data, size, UTF_8)[0] == [(2, ["1", "2"])]


def test_the_shape_of_a_ragged_row_does_not_tell_who_it_is() -> None:
    path = Path(FOLDER.name) / "file.csv"
    path.write_bytes("a,b,c\n320102194001010012,张三\n".encode("gb18030"))
    (block,) = read_blocks(path, list("abc"), WANTED, GB18030)
    assert block.broken.rows() == [(2, "*", "ragged_row", "999999999999999999,汉汉")]


def test_broken_bytes_beside_a_ragged_row_stay_in_their_cell() -> None:
    data = b"a,b,c\n1\x81,2,3\n4,5\n\x81\x30,\xb0,6\n"
    found, ragged, _ = read(data, 1000)
    assert ragged == [3]
    assert [(n, "\ufffd" in a, b) for n, (a, b) in found] == [(2, True, "2"), (4, True, "\ufffd")]


def test_broken_bytes_before_a_delimiter_stay_in_their_cell() -> None:
    found, ragged, _ = read(b"a|b|c\n1\x81\x20|2|3\n4|\x81|9\n", 1000, Dialect("gb18030", "|"))
    assert ragged == [3]  # \x81| is a character
    assert [(n, "\ufffd" in a, b) for n, (a, b) in found] == [(2, True, "2")]
    assert read("a|b|c\n1|亅|3\n".encode("gb18030"), 3, Dialect("gb18030", "|"))[0] == [(2, ["1", "亅"])]


def test_half_a_character_of_utf_16_is_marked_in_its_cell() -> None:
    data = "a,b,c\n1,2\ud800,3\n4,5,张".encode("utf-16", "surrogatepass")
    assert read(data, 5, Dialect("utf-16"))[0] == [(2, ["1", "2\ufffd"]), (3, ["4", "5"])]
    assert read(data[:-5], 5, Dialect("utf-16"))[:2] == ([(2, ["1", "2\ufffd"])], [3])


def test_bytes_of_nothing_are_kept_for_the_checks() -> None:
    assert read(b"a,b,c\n1,2\x00,3\n\x00\x00\x00", 1000)[:2] == ([(2, ["1", "2\x00"])], [3])


@pytest.mark.parametrize("size", [10, 100, 1 << 20])
def test_a_quote_that_is_never_closed_costs_its_line_and_no_other(size: int) -> None:
    data = b"a,b,c\n1,2,3\n" + b'1,"2,3\n' + b"1,2,3\n" * 1000 + b'4,"5\n'
    found, broken, _ = read(data, size)
    assert broken == [3, 1004]
    assert [n for n, _ in found] == [2, *range(4, 1004)]


def test_a_line_without_an_end_is_found_before_memory_is_full(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cut, "LONGEST_RECORD", 1000)
    with pytest.raises(Unreadable, match="有一行超过 8 MB"):
        read(b'a,b,c\n1,2,3\n1,"2,3' + b"1,2,3" * 1000, 100)


def test_thousands_of_stray_quotes_do_not_take_long() -> None:
    started = time.process_time()
    found, broken, _ = read(b"a,b,c\n" + (b'1,"2,3\n' + b'1,""2"",3\n' + b'"' * 9 + b"\n") * 20_000, 1 << 20)
    assert len(found) + len(broken) > 20_000
    assert time.process_time() - started < 10


@pytest.mark.parametrize("opening", [b'1,2,"3\n', b'a,b,"c\n'])
def test_one_stray_quote_far_from_the_end_does_not_take_long(opening: bytes) -> None:
    """All lines behind it seem to be in its cell."""
    started = time.process_time()
    found, broken, _ = read(b"a,b,c\n" + opening + b"1,2,3\n" * 100_000, 1 << 20)
    assert (len(found), len(broken)) == (100_000, 1)
    assert time.process_time() - started < 10


@pytest.mark.parametrize(("sample", "coded"), [(500, [False, True]), (1000, [False, False])])
def test_only_columns_of_few_values_come_as_dictionaries(
    monkeypatch: pytest.MonkeyPatch, sample: int, coded: list[bool]
) -> None:
    """Of a file whose first block is no larger than the sample none does."""
    monkeypatch.setattr(cut, "BLOCK", 1000)
    monkeypatch.setattr(delimited, "SAMPLE", sample)
    path = Path(FOLDER.name) / "file.csv"
    path.write_bytes(b"a,b,c\n" + b"".join(b"%d,%d,3\n" % (n, n % 3) for n in range(1000)))
    blocks = list(read_blocks(path, list("abc"), WANTED, GB18030))
    is_coded = [[pa.types.is_dictionary(c.type) for c in block.cells.columns] for block in blocks]
    assert is_coded == [coded] * len(blocks)
    assert b"".join(
        b"%s,%s;" % (a, b) for k in blocks for a, b in zip(*(c.to_pylist() for c in k.cells.columns), strict=True)
    ) == b"".join(b"%d,%d;" % (n, n % 3) for n in range(1000))
