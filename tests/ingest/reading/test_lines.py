"""JSON Lines: objects as departments' systems write them, and lines that are none."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pyarrow.parquet as pq
import pytest
from desk import GOOD, HEADER, Desk, citizen, csv_bytes
from hypothesis import example, given
from hypothesis import strategies as st

from ingest.reading import cut
from ingest.reading.lines import MEMBER, _split

NAME = "名册_2020年09月.jsonl"


@pytest.fixture
def office(desk: Desk) -> Desk:
    """A desk whose contract promises JSON Lines."""
    return replace(desk, contract=replace(desk.contract, format="jsonl", encoding="utf-8"))


def line(serial: int, **changes: Any) -> str:
    return json.dumps({**GOOD, "身份证号": citizen(serial), **changes}, ensure_ascii=False)


def take(office: Desk, *lines: str, **changes: Any) -> Any:
    return office.take(office.write("\n".join(lines).encode("utf-8", "surrogatepass"), NAME), **changes)


def refusal(office: Desk, content: bytes) -> tuple[str, str]:
    found = office.take(office.write(content, NAME))
    assert found.outcome == "refused"
    assert citizen(1) not in str(found.receipt)
    return found.receipt["reason"], found.receipt["message_zh"]


def test_a_value_is_read_as_it_is_written(office: Desk) -> None:
    found = take(
        office,
        line(1, 次数=3, 费用=12.5, 是否核验=True, 县区代码=320102),
        line(2, 次数=None, 费用=None, 是否核验=False, 机构='a\\b"c\n夕阳红\u0041'),
        line(3, 次数="4", 费用="1,280.50"),
        '{ "身份证号" : "' + citizen(4) + '" ,"日期":"2020\\u002d09-05", "县区代码":"320102","类别":"\\u52a9餐"}  ',
        line(5).replace('"12.50"', "100000.00"),
    )
    assert found.rejects == []
    rows = found.rows
    assert [r["record"] for r in rows] == [1, 2, 3, 4, 5]
    assert [r["times"] for r in rows] == [3, None, 4, None, 3]
    assert [r["is_checked"] for r in rows] == [True, False, True, None, True]
    assert [r["fee_cny"] for r in rows] == [Decimal("12.5"), None, Decimal("1280.5"), None, Decimal(100000)]
    assert rows[0]["county_code"] == "320102"
    assert rows[1]["provider"] == 'a\\b"c\n夕阳红A'
    assert (rows[3]["service"], rows[3]["provider"]) == ("meals", None)


@pytest.mark.parametrize("number", ["3.2E17", "3.20106e+17", "320102194001010012.0", "3.2e17"])
def test_a_citizen_number_whose_digits_are_lost_is_not_made_up(office: Desk, number: str) -> None:
    found = take(office, line(1).replace(f'"{citizen(1)}"', number), line(2))
    assert found.rejects == [(1, "person_key", "bare_number")]
    found = take(office, line(1, 身份证号=number, 机构=number), line(2))
    reason = "id_format" if number.endswith(".0") else "id_scientific"
    assert (1, "person_key", reason) in found.rejects


@pytest.mark.parametrize("number", ["12345678901234567.89", "0.00001", "1e400", "12345678901234567890123456789"])
def test_a_number_keeps_all_its_digits(number: str) -> None:
    (text,) = _split(f'{{"a": {number}, "b":{number}}}'.encode()).str.replace_all(MEMBER, '${1}"${2}${3}"')
    assert json.loads(text) == {"a": number, "b": number}


def test_a_long_number_without_quotes_is_rejected_since_its_writer_may_have_rounded_it(office: Desk) -> None:
    of_digits = next(citizen(n) for n in range(100, 200) if citizen(n).isdigit())
    found = take(
        office,
        line(0).replace(f'"{citizen(0)}"', of_digits),
        line(1),
        line(2, 机构=2025000000001),
        line(3, 机构=2**53),
        line(4, 机构=2**53 + 2),
        line(5, 机构=f'说:{2**53 + 2}, "a": {2**53 + 2}', 住址=2**60),
        line(6, 费用=-(2**64)),
        '{"类别": [12345678901234567890]}',
    )
    assert found.rejects == [
        (1, "person_key", "bare_number"),
        (5, "provider", "bare_number"),
        (7, "fee_cny", "bare_number"),
        (8, "*", "broken_json"),
    ]
    assert [r["provider"] for r in found.rows] == [
        "夕阳红", "2025000000001", "9007199254740992", '说:9007199254740994, "a": 9007199254740994',
    ]  # fmt: skip
    assert found.receipt["rows_read"] == 8


def test_120_0_is_120(office: Desk) -> None:
    found = take(office, line(1, 次数=120.0), line(2, 次数="120.0"), line(3).replace('"3"', "120.00"))
    assert (found.rejects, [r["times"] for r in found.rows]) == ([], [120] * 3)


@pytest.mark.parametrize("sign", ["\u2028", "\u2029", "\x85", "\x0b", "\x0c", "\x1c", "\r"])
def test_only_a_line_feed_ends_a_line(office: Desk, sign: str) -> None:
    escaped, raw = line(1, 机构=f"夕{sign}阳"), line(2, 机构="夕XX阳").replace("XX", sign)
    found = take(office, escaped, raw, line(3))
    assert found.receipt["rows_read"] == 3
    assert [r["record"] for r in found.rows if r["provider"] == "夕阳红"] == [3]
    assert {record for record, _, _ in found.rejects} <= {1, 2}


TEXT = st.text(st.sampled_from('a"\\:,{}[] 1.-e\n张true'), max_size=12)
KEY = st.text(st.sampled_from('a"\\:}[ 1.-张'), max_size=6)  # no header has a comma in it, or an opening brace
SCALAR = st.none() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT


@given(st.dictionaries(KEY, SCALAR, max_size=4), st.sampled_from([(",", ":"), (" , ", "\t: ")]))
@example({"a": ":1,", "b": 1}, (",", ":"))
@example({"x": "x,", ":2": ":1,", "y": None, ":": "{"}, (",", ":"))
@example({"": 1, "\\": -1.5e-7}, (",", ":"))
def test_only_numbers_become_strings(written: dict[str, Any], separators: tuple[str, str]) -> None:
    text = json.dumps(written, ensure_ascii=False, separators=separators)
    (found,) = _split(text.encode()).str.replace_all(MEMBER, '${1}"${2}${3}"')
    shown = {k: json.dumps(v) if isinstance(v, int | float) else v for k, v in written.items()}
    assert json.loads(found) == shown


def test_a_truth_value_is_told_from_a_string_and_a_list_in_a_column_that_nobody_keeps_does_no_harm(
    office: Desk,
) -> None:
    found = take(
        office, line(1, 机构=True, 是否核验="true"), line(2, 机构="true", 住址=["中山路"]), line(3, 机构="[甲]")
    )
    assert found.rejects == [(1, "is_checked", "not_in_codes")]
    assert [r["provider"] for r in found.rows] == ["true", "[甲]"]
    assert take(office, line(1, 机构=True), line(2, 机构=None)).rows[0]["provider"] == "是"


BROKEN = {
    "cut off": line(50)[:-9],
    "no object": '["a"]',
    "a number": "5",
    "two objects": line(51) + line(52),
    "single quotes": "{'身份证号': '1'}",
    "a table in a cell": line(53, 机构={"名称": "夕阳红"}),
    "a list in a cell": line(54, 类别=["助餐"]),
    "a leading zero": line(55).replace('"3"', "03"),
    "a CSV line": f"{citizen(56)},张三,2020-09-05",
}


@pytest.mark.parametrize("block", [400, 8 << 20])
def test_a_line_that_is_no_record_is_quarantined_by_its_shape(
    office: Desk, monkeypatch: pytest.MonkeyPatch, block: int
) -> None:
    monkeypatch.setattr(cut, "BLOCK", block)
    found = take(office, line(1), "", *BROKEN.values(), "   \r", line(2), line(3, 日期=""))
    broken = [(n, "*", "broken_json") for n in range(3, 3 + len(BROKEN))]
    assert found.rejects == [*broken, (len(BROKEN) + 5, "event_date", "required")]
    assert [r["record"] for r in found.rows] == [1, len(BROKEN) + 4]
    assert found.receipt["rows_read"] == len(BROKEN) + 3
    assert found.receipt["reject_reasons"]["broken_json"] == {"rows": len(BROKEN), "zh": "不是完整的一行 JSON"}
    shapes = pq.read_table(found.folder / "rejects.parquet")["shape"].to_pylist()
    assert shapes[0].startswith('{"汉汉汉汉": "999999')
    assert shapes[8] == "9" * 18 + ",汉汉,9999-99-99"


def test_a_broken_character_stays_in_its_cell(office: Desk) -> None:
    content = "\n".join([line(1), line(2, 机构="夕阳X"), line(3)]).encode().replace(b"X", b"\xe5\xa4")
    found = office.take(office.write(content, NAME))
    assert found.rejects == [(2, "provider", "encoding")]
    assert [r["record"] for r in found.rows] == [1, 3]


def test_a_key_that_a_line_does_not_have_is_an_empty_cell(office: Desk) -> None:
    short = json.dumps({"身份证号": citizen(2), "县区代码": "320102", "类别": "助餐"}, ensure_ascii=False)
    found = take(office, line(1), short)
    assert found.rejects == [(2, "event_date", "required")]


def test_keys_are_matched_like_headers(office: Desk) -> None:
    mark = "\ufeff"
    assert take(office, mark + line(1).replace("县区代码", "县区 代码")).outcome == "landed"
    missing = take(office, *(line(n).replace("费用", "金额") for n in range(3))).receipt
    assert missing["reason"] == "header_mismatch"
    assert "缺少表头：费用；多出表头：金额" in missing["message_zh"]
    assert refusal(office, line(1).replace("费用", "服务日期").encode())[1].count("表头重复：日期") == 1


def test_a_key_that_comes_twice_in_a_line_is_a_reject_however_it_is_written(office: Desk) -> None:
    twice = [line(n).replace('"次数"', '"次数": "9", ' + key) for n, key in ((2, '"次数"'), (3, '"次 数"'))]
    found = take(office, line(1), *twice, line(4))
    assert found.rejects == [(2, "*", "repeated_key"), (3, "*", "repeated_key")]
    assert [r["record"] for r in found.rows] == [1, 4]
    assert take(office, *twice).rejects == [(1, "*", "repeated_key"), (2, "*", "repeated_key")]


def test_an_unknown_key_is_found_wherever_it_comes(office: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cut, "BLOCK", 400)
    reason, message = refusal(office, "\n".join([*map(line, range(20)), line(20, 备注="x")]).encode())
    assert (reason, "多出表头：备注" in message) == ("header_mismatch", True)


def test_objects_of_another_kind_are_refused_without_showing_them(office: Desk) -> None:
    reason, message = refusal(office, json.dumps({citizen(1): "张三"}).encode())
    assert reason == "header_mismatch"
    assert "没有契约约定的表头" in message and "分隔符" not in message


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "文件是空的（0 字节）"),
        (b"\n \n", "文件是空的"),
        (csv_bytes([HEADER, [citizen(1)] * 12], "utf-8"), "没有一行是 JSON 对象；契约约定每行一个对象的 JSON Lines"),
        (f"[{line(1)}]".encode(), "没有一行是 JSON 对象"),
        (json.dumps([GOOD], indent=1).encode(), "没有一行是 JSON 对象"),
        (line(1).encode("utf-16"), "文件其实是 UTF-16 编码的文本，契约约定每行一个对象的 JSON Lines"),
        (b"PAR1xxx", "文件其实是 Parquet 文件，契约约定每行一个对象的 JSON Lines"),
        (b"PAR1xx", "文件其实是 Parquet 文件"),
        (line(1).encode("gb18030"), "表头|JSON"),
    ],
)
def test_a_file_of_another_format_is_refused(office: Desk, content: bytes, said: str) -> None:
    reason, message = refusal(office, content)
    assert reason in ("unreadable", "header_mismatch")
    assert said in message or said == "表头|JSON"


def test_a_line_without_an_end_is_found_before_memory_is_full(office: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cut, "BLOCK", 100)
    monkeypatch.setattr(cut, "LONGEST_RECORD", 1000)
    reason, message = refusal(office, line(1).encode() + b" " * 5000)
    assert (reason, "有一行超过 8 MB" in message) == ("unreadable", True)
