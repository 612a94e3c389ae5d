"""How lines end is told; a file that was cut off on its way never lands."""

from __future__ import annotations

import codecs
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from desk import GOOD, HEADER, Desk, citizen, csv_bytes, row

ROWS = [HEADER, *(row(n, 住址="中山路，“九号”") for n in range(1, 40))]


def lines(count: int, newline: str = "\n") -> bytes:
    written = (json.dumps({**GOOD, "身份证号": citizen(n)}, ensure_ascii=False) + newline for n in range(1, count))
    return "".join(written).encode()


WRITTEN: dict[str, tuple[dict[str, Any], Callable[[str], bytes]]] = {  # contract, and the file with this line end
    "csv": ({}, lambda end: csv_bytes(ROWS, newline=end)),
    "csv in UTF-8": ({"encoding": "utf-8"}, lambda end: csv_bytes(ROWS, "utf-8", end)),
    "csv in UTF-16": ({"encoding": "utf-16"}, lambda end: csv_bytes(ROWS, "utf-16", end)),
    "pipe": ({"delimiter": "|"}, lambda end: csv_bytes(ROWS, newline=end, delimiter="|")),
    "jsonl": ({"format": "jsonl", "encoding": "utf-8"}, lambda end: lines(40, end)),
}


@pytest.fixture(params=WRITTEN)
def office(request: pytest.FixtureRequest, desk: Desk) -> tuple[Desk, Callable[[str], bytes]]:
    changes, write = WRITTEN[request.param]
    return replace(desk, contract=replace(desk.contract, **changes)), write


def test_lines_that_end_in_cr_alone_are_told(office: Any) -> None:
    desk, write = office
    receipt = desk.take(write("\r")).receipt
    assert receipt["reason"] == "unreadable"
    assert "每行末尾只有回车符（CR，旧式 Mac 的换行），没有换行符（LF）" in receipt["message_zh"]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_file_that_was_cut_off_within_a_record_never_lands(office: Any, end: str) -> None:
    """Within its last cell a cut cannot be seen, and at a line end it is a shorter file."""
    desk, write = office
    whole, encoding = write(end), desk.contract.encoding
    begins = whole.rindex(end.encode(encoding).removeprefix(codecs.BOM_UTF16_LE), 0, -len(end.encode(encoding)))
    is_json = desk.contract.format == "jsonl"
    ends = whole.rindex(b"}" if is_json else desk.contract.delimiter.encode())
    assert ends - begins > 60
    for place in [*range(begins + 5, ends, 7), ends]:
        receipt = desk.take(whole[:place]).receipt
        assert (receipt["outcome"], receipt["reason"]) == ("refused", "cut_off"), whole[begins:place]


def test_what_is_cut_off_is_told_with_what_to_do(office: Any) -> None:
    desk, write = office
    receipt = desk.take(write("\n")[: len(write("\n")) * 55 // 100 // 2 * 2]).receipt
    assert receipt["reason"] == "cut_off"
    assert "文件似乎在传输中断开" in receipt["message_zh"] and "重新上传" in receipt["message_zh"]


def test_a_whole_last_line_needs_no_line_end(office: Any) -> None:
    desk, write = office
    whole = write("\n")
    found = desk.take(whole[: -len("\n".encode(desk.contract.encoding).lstrip(b"\xff\xfe"))])
    assert (found.receipt["rows_read"], found.rejects, found.receipt["is_unended"]) == (39, [], True)
    assert "is_unended" not in desk.take(whole).receipt


SHORT, LONG = (csv_bytes([HEADER, *map(row, range(n))]) for n in (29, 40))


@pytest.mark.parametrize(
    ("before", "now", "reason"),
    [
        (LONG, SHORT[:-1], "cut_off"),  # 29 of 40 rows
        (LONG, SHORT[:-3], "cut_off"),  # within the last cell
        (LONG, SHORT, None),
        (LONG[:-1], SHORT[:-1], None),  # whoever wrote it writes no last line end
        (LONG, csv_bytes([HEADER, *map(row, range(31))])[:-1], None),
        (SHORT, LONG[:-1], None),
    ],
)
@pytest.mark.parametrize("name", ["名册_2020年09月_更正.csv", "名册_2020年10月.csv"])
def test_a_file_without_its_last_line_end_is_as_long_as_the_one_before_it(
    desk: Desk, before: bytes, now: bytes, reason: str | None, name: str
) -> None:
    free = tuple(replace(column, within_period=False) for column in desk.contract.columns)
    assert desk.take(desk.write(before), columns=free).outcome == "landed"
    receipt = desk.take(desk.write(now, name), columns=free).receipt
    assert receipt["reason"] == reason
    if reason:
        said = f"文件末尾没有换行，只有 {len(now):,} 字节，而 2020-09 的有 {len(before):,} 字节：似乎在传输中断开"
        assert said in receipt["message_zh"]


def test_a_delta_is_as_long_as_there_are_changes(desk: Desk) -> None:
    assert desk.take(desk.write(LONG), combination="delta").outcome == "landed"
    assert desk.take(desk.write(SHORT[:-1], "名册_2020年09月_2.csv"), combination="delta").outcome == "landed"
