"""Which column is which: by the header, however it is written, and never by position."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from desk import HEADER, citizen
from hypothesis import given
from hypothesis import strategies as st

from ingest.fold import fold, folded
from ingest.promises.contract import Contract, read_contracts
from ingest.reading.dialect import Dialect
from ingest.reading.header import match, read_header
from ingest.reason import Refusal, Unreadable

LINE = ",".join(HEADER)


def header_of(tmp_path: Path, data: bytes, encoding: str, delimiter: str = ",") -> list[str]:
    path = tmp_path / "file.csv"
    path.write_bytes(data)
    return read_header(path, Dialect(encoding, delimiter))


def refusal(header: list[str], contract: Contract, contracts: dict[str, Contract] | None = None) -> Refusal:
    with pytest.raises(Refusal) as refused:
        match(header, contract, contracts or {contract.name: contract})
    return refused.value


@pytest.mark.parametrize("end", ["", "\n", "\r\n", "\n1,2\n"])
@pytest.mark.parametrize(
    ("mark", "written", "promised"),
    [
        ("", "gb18030", "gb18030"),
        ("\ufeff", "gb18030", "gb18030"),
        ("", "utf-8", "utf-8"),
        ("", "utf-8", "utf-8-sig"),
        ("\ufeff", "utf-8", "utf-8"),
        ("\ufeff", "utf-8", "utf-8-sig"),
    ],
)
def test_a_header_is_read_with_and_without_mark_and_line_end(
    tmp_path: Path, mark: str, written: str, promised: str, end: str
) -> None:
    assert header_of(tmp_path, (mark + LINE + end).encode(written), promised) == list(HEADER)


def test_a_header_may_be_quoted_and_have_line_breaks(tmp_path: Path) -> None:
    data = '"身份证号\n（本人）","住址,现",x\n1,2,3\n'.encode("gb18030")
    assert header_of(tmp_path, data, "gb18030") == ["身份证号\n（本人）", "住址,现", "x"]


@pytest.mark.parametrize("delimiter", [",", "|", "\t"])
@pytest.mark.parametrize(
    ("written", "promised"),
    [("gb18030", "gb18030"), ("utf-8", "utf-8"), ("utf-8-sig", "utf-8"), ("utf-16", "utf-16")],
)
def test_a_header_is_cut_by_its_delimiter(tmp_path: Path, written: str, promised: str, delimiter: str) -> None:
    cells = ["身份证号\n（本人）", f"住址{delimiter}現", "亅億,|\t", "x"]
    data = f'"{cells[0]}"{delimiter}"{cells[1]}"{delimiter}"{cells[2]}"{delimiter}x\r\n1\r\n'.encode(written)
    assert header_of(tmp_path, data, promised, delimiter) == cells


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (LINE.encode("utf-16-le"), "文件不是 UTF-16 编码的文本"),  # without a mark the order of bytes is not known
        (LINE.encode(), "文件不是 UTF-16 编码的文本"),
        (LINE.encode("utf-16")[:-1], "表头不是 utf-16 编码的文字"),
        (b"\xff\xfe\x00\xd8a\x00", "表头不是 utf-16 编码的文字"),
        (b"\xff\xfe", "文件是空的"),
        (b"PK\x03\x04", "文件其实是 ZIP 压缩包，契约约定 utf-16 编码的 CSV；请解压"),
    ],
)
def test_what_is_no_text_of_two_bytes_is_named(tmp_path: Path, data: bytes, said: str) -> None:
    with pytest.raises(Unreadable, match=said):
        header_of(tmp_path, data, "utf-16", "\t")


@pytest.mark.parametrize("delimiter", ["|", ","])
def test_a_header_in_utf_8_is_told_from_gb18030_whatever_the_delimiter(tmp_path: Path, delimiter: str) -> None:
    with pytest.raises(Unreadable, match="表头是 UTF-8 编码"):
        header_of(tmp_path, LINE.replace(",", delimiter).encode(), "gb18030", delimiter)


@pytest.mark.parametrize(
    ("data", "promised", "said"),
    [
        (LINE.encode(), "gb18030", "表头是 UTF-8 编码.*契约约定 gb18030.*编码可能不对"),
        (("\ufeff" + LINE).encode(), "gb18030", "表头是 UTF-8 编码.*编码可能不对"),
        (LINE.encode("gb18030"), "utf-8", "表头是 GB18030 编码.*契约约定 utf-8.*编码可能不对"),
        (LINE.encode("utf-16"), "gb18030", "文件其实是 UTF-16"),
        (LINE.encode("utf-16-be"), "utf-8", "编码可能不对"),
        (b"PK\x03\x04\x14\x00\x06\x00", "gb18030", "文件其实是 ZIP 压缩包"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "gb18030", "文件其实是旧式 XLS"),
        (b"", "gb18030", "文件是空的（0 字节）"),
        (b"\n1,2\n", "gb18030", "没有表头"),
        (b"   \r\n1,2\r\n", "gb18030", "没有表头"),
        (b"sep=,\r\n" + LINE.encode("gb18030"), "gb18030", "第一行是给表格软件看的 sep="),
        (b"a\x00,b\n", "utf-8", "第一行里有零字节"),
        (b"\x00" * 4096, "gb18030", "一串零字节，没有内容"),
        (LINE.encode("gb18030") + b"\r1,2\r", "gb18030", "每行末尾只有回车符"),
        ('身份证号,"姓名\n320102,张三\n'.encode("gb18030"), "gb18030", "引号没有成对"),
    ],
)
def test_a_file_that_is_something_else_is_named_as_what_it_is(
    tmp_path: Path, data: bytes, promised: str, said: str
) -> None:
    with pytest.raises(Unreadable, match=said):
        header_of(tmp_path, data, promised)


@pytest.mark.parametrize("contract", read_contracts().values(), ids=lambda c: c.name)
def test_no_header_of_a_contract_is_taken_for_another_encoding(tmp_path: Path, contract: Contract) -> None:
    header = [c.headers[0] for c in contract.columns]
    data = ",".join(header).encode("gb18030")
    assert header_of(tmp_path, data, "gb18030") == header
    for name in header:
        assert header_of(tmp_path, name.encode("gb18030"), "gb18030") == [name]


def test_columns_are_found_in_any_order(people: Contract) -> None:
    expected = {c.headers[0]: c for c in people.columns}
    for order in (HEADER, HEADER[::-1], HEADER[5:] + HEADER[:5], sorted(HEADER)):
        assert match(list(order), people, {}) == expected


@given(
    st.sampled_from(["学校（机构）标识码", "增长率（％）", "3岁以下在园幼儿数"]),
    st.text(" \n\t\u3000\xa0\u200b\ufeff\u2060", max_size=3),
)
def test_blanks_and_full_width_forms_in_a_header_do_not_matter(header: str, blank: str) -> None:
    narrow = header.replace("（", "(").replace("）", ")").replace("％", "%")
    assert fold(blank.join(header)) == fold(blank.join(narrow)) == narrow


def test_an_older_header_is_understood_but_not_beside_the_new_one(people: Contract) -> None:
    older = ["服务日期" if h == "日期" else h for h in HEADER]
    assert match(older, people, {})["服务日期"].name == "event_date"
    assert str(refusal([*HEADER, "服务日期"], people)) == "表头重复：日期"


def test_a_column_of_ours_that_comes_twice_is_refused(people: Contract) -> None:
    refused = refusal([*HEADER, "费用"], people)
    assert (refused.reason, str(refused)) == ("header_mismatch", "表头重复：费用")


def test_a_column_that_nobody_keeps_may_come_twice_or_have_no_name(people: Contract) -> None:
    assert len(match([*HEADER, "姓名", "", ""], people, {})) == 10


def test_missing_and_unknown_headers_are_both_named(people: Contract) -> None:
    refused = refusal([h for h in HEADER if h not in ("费用", "次数")] + ["金额", "备注"], people)
    assert (refused.reason, str(refused)) == ("header_mismatch", "缺少表头：次数、费用；多出表头：备注、金额")


def test_the_header_of_another_dataset_is_recognised(people: Contract) -> None:
    contracts = {**read_contracts(), people.name: people}
    homecare, elders = contracts["civil_affairs/homecare_services"], contracts["civil_affairs/elder_profiles"]
    header = [fold(c.headers[0]) for c in homecare.columns]
    refused = refusal(header, elders, contracts)
    assert refused.reason == "wrong_dataset"
    assert "上门养老服务记录" in str(refused) and "老年人基本信息" in str(refused)
    for other in contracts.values():
        for own in contracts.values():
            theirs = [fold(c.headers[0]) for c in other.columns]
            if other is own:
                assert len(match(theirs, own, contracts)) == len(own.columns)
            else:
                assert refusal(theirs, own, contracts).reason == "wrong_dataset"


@pytest.mark.parametrize("cell", ["张三13812345678", "2020-09-05张三1234567", "1234567"])
def test_a_cell_of_data_among_headers_is_shown_by_its_shape(people: Contract, cell: str) -> None:
    assert "1234567" not in (said := str(refusal([*(fold(h) for h in HEADER), cell], people))) and "张" not in said


def test_a_file_without_a_header_row_is_refused_without_showing_the_person(people: Contract) -> None:
    refused = refusal([citizen(1), "张三", "2020-09-05", "320102"], people)
    assert refused.reason == "header_mismatch"
    assert "缺少表头行" in str(refused)
    assert citizen(1) not in str(refused) and "张三" not in str(refused) and "2020" not in str(refused)


def test_a_header_that_swallowed_data_is_shown_by_its_shape(people: Contract) -> None:
    refused = refusal([*HEADER, f"备注{citizen(2)}", "张三丰"], people)
    assert str(refused) == "多出表头：汉汉" + re.sub("[0-9]", "9", citizen(2)) + "、汉汉汉"


def test_a_file_with_another_delimiter_is_told_so(people: Contract) -> None:
    assert "或分隔符不是英文逗号" in str(refusal([LINE.replace(",", ";")], people))
    for delimiter, name in (("|", "竖线"), ("\t", "制表符")):
        assert f"或分隔符不是{name}" in str(refusal([LINE], replace(people, delimiter=delimiter)))
    seen = "没有契约约定的表头；看到的是：汉汉汉汉,汉汉"
    assert str(refusal(["身份证号,姓名"], replace(people, format="parquet"))) == seen


def test_a_file_may_leave_out_what_nobody_keeps(people: Contract) -> None:
    assert len(match([h for h in HEADER if h not in people.ignored_headers], people, {})) == 10


# ---- what is shown of a header that nobody promised


def test_where_the_header_is_ours_what_it_has_besides_is_named_as_it_is(people: Contract) -> None:
    extra = ["2025年末备注", "经办人", "2024", "202501", "联系电话（办公）", "A1_b"]
    shown = "2024、202501、2025年末备注、A1_b、经办人、联系电话(办公)"
    assert str(refusal([*HEADER, *map(fold, extra)], people)) == f"多出表头：{shown}"


@pytest.mark.parametrize(
    "data",
    [
        citizen(2),
        f"备注{citizen(2)}",
        "32010240０１０１００１",
        f"{citizen(2)[:6]} {citizen(2)[6:14]} {citizen(2)[14:]}",
        "-".join([citizen(2)[:6], citizen(2)[6:14], citizen(2)[14:]]),
        "3201 0219 4001 0100 11",
        f"{citizen(2)[:6]}&nbsp;{citizen(2)[6:14]}<br>{citizen(2)[14:]}（备用）",
        "13912345678",
        "2020-09-05",
        "20200905",
    ],
)
def test_with_a_number_or_a_date_of_somebody_among_them_only_shapes_are_shown(people: Contract, data: str) -> None:
    said = str(refusal([*HEADER, fold(data), "张三丰"], people))
    assert said.endswith("汉汉汉") and "张" not in said
    assert not re.search("[0-8]", said.removeprefix("多出表头："))


def test_where_most_of_the_header_is_missing_only_shapes_are_shown(people: Contract) -> None:
    said = str(refusal(["身份证号", "日期", "张三丰", "320102"], people))
    assert "缺少表头：县区代码、类别、" in said and said.endswith("多出表头：999999、汉汉汉")
    seen = str(refusal(["张三丰", "中山路9号", "", "助餐"], people))
    assert seen.endswith("；看到的是：汉汉汉、汉汉汉9汉、汉汉")


def test_long_lists_are_cut_with_their_count(people: Contract) -> None:
    said = str(refusal([*HEADER, *(f"扩展{n:04d}" for n in range(1195))], people))
    assert said.startswith("多出表头：扩展0000、扩展0001、") and said.endswith("、扩展0019…等共 1,195 列")
    assert len(said) < 200
    assert str(refusal(["x" * 5000, *HEADER], people)) == f"多出表头：{'x' * 40}…"
    seen = str(refusal([f"列{n}" for n in range(5000)], people))
    assert seen.endswith("…等共 5,000 列") and len(seen) < 200


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("身份证号\u0301", "身份证号（U+0301）"),
        ("身份证\ue000号", "身份证（U+E000）号"),
        ("⻔牌", "⻔（U+2ED4）牌"),
        ("Аддрес", "А（U+0410）д（U+0434）д（U+0434）р（U+0440）е（U+0435）с（U+0441）"),
    ],
)
def test_a_letter_that_is_not_what_it_looks_like_is_shown_with_its_code(
    people: Contract, written: str, shown: str
) -> None:
    assert str(refusal([*HEADER, fold(written)], people)) == f"多出表头：{shown}"


UNSEEN = "\u200b\u200c\u200d\u200e\ufeff\xa0\xad\u2028\u2060\u3000\u3164\ufe0f\x01\x85\t"


@given(st.sampled_from(HEADER), st.text(UNSEEN, max_size=5))
def test_what_cannot_be_seen_makes_no_other_header(header: str, unseen: str) -> None:
    assert fold(unseen.join(header)) == header


# Characters that this Python's Unicode has: the engine's is newer, and what is assigned never changes its form.
ASSIGNED = st.characters(exclude_categories=("Cs", "Cn"))


@given(st.text(ASSIGNED, max_size=20) | st.text(UNSEEN + "（％Ａ１①㎡ﬁ", max_size=20))
def test_a_column_is_folded_as_one_text_is(text: str) -> None:
    assert pl.Series("t", [text]).to_frame().select(folded(pl.col("t"))).item() == fold(text)


def test_compatible_forms_are_one_header(people: Contract) -> None:
    wide = ["身 份证号", "日期", "县区代码", "类别", "是否核验", "单号", "机构", "次数", "费用", "监护人身份证号"]
    assert len(match([fold(h) for h in wide], people, {})) == 10
    assert [fold(h) for h in ("Ａ１（％）", "托位数(３岁以下)", "⽇期", "㎡")] == [
        "A1(%)",
        "托位数(3岁以下)",
        "日期",
        "m2",
    ]
