"""Whole files: what lands, what is quarantined and why, what is refused, and what nobody may see."""

from __future__ import annotations

import csv
import gzip
import hmac
import random
import re
import stat
import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from desk import HEADER, KEY, Delivery, Desk, check_digit, citizen, csv_bytes, everything_written, row
from sheets import write_book, write_sheets

from ingest import intake
from ingest.answering import expected
from ingest.conforming.pseudonym import key_id
from ingest.landing import records, settle
from ingest.promises.contract import Contract, read_contracts
from ingest.reading import cut, file
from ingest.reason import ADVICE, REJECT
from ingest.settings import LIMITS, data

BROKEN = "BROKEN"  # becomes a byte that is in no character
BAD: dict[tuple[str, str], Callable[[int], list[str]]] = {  # a way to earn each reason, by column and reason
    ("*", "ragged_row"): lambda n: row(n)[:-1],
    ("provider", "encoding"): lambda n: row(n, 机构=f"夕阳{BROKEN}"),
    ("provider", "control_character"): lambda n: row(n, 机构="夕阳\x0b红"),
    ("event_date", "required"): lambda n: row(n, 日期="——"),
    ("person_key", "id_format"): lambda n: row(n, 身份证号="E12345678"),
    ("person_key", "id_check_digit"): lambda n: row(n, 身份证号=citizen(n)[:17] + wrong_digit(citizen(n))),
    ("person_key", "id_scientific"): lambda n: row(n, 身份证号="3.20102E+17"),
    ("provider", "scientific"): lambda n: row(n, 机构="3.20102E+17"),
    ("provider", "personal_number"): lambda n: row(n, 机构=f"个体户{citizen(1)}"),
    ("guardian_key", "id_birth_date"): lambda n: row(n, 监护人身份证号=citizen(n, "19990230")),
    ("event_date", "date_format"): lambda n: row(n, 日期="九月五日"),
    ("event_date", "date_impossible"): lambda n: row(n, 日期="2020-09-31"),
    ("event_date", "nothing_date"): lambda n: row(n, 日期="9999-12-31"),
    ("event_date", "time_of_day"): lambda n: row(n, 日期="2020-09-05 08:30"),
    ("event_date", "outside_period"): lambda n: row(n, 日期="2020-10-01"),
    ("times", "number_format"): lambda n: row(n, 次数="三"),
    ("fee_cny", "too_many_decimals"): lambda n: row(n, 费用="8.255"),
    ("fee_cny", "out_of_range"): lambda n: row(n, 费用="100000.01"),
    ("service", "not_in_codes"): lambda n: row(n, 类别="助浴"),
    ("form_id", "pattern"): lambda n: row(n, 单号="S12"),
    ("county_code", "region_length"): lambda n: row(n, 县区代码="320102.0"),
    ("county_code", "unknown_region"): lambda n: row(n, 县区代码="320000"),
    ("county_code", "expired_region"): lambda n: row(n, 县区代码="320103"),  # 白下区, until 2013
    ("person_key", "duplicate_key"): lambda n: row(1),
    ("provider", "error_cell"): lambda n: row(n, 机构="#REF!"),
    ("times", "no_value"): lambda n: row(n, 次数="="),
}
ELSEWHERE = {
    "broken_json",
    "repeated_key",
    "outside_scope",
    "stray_quote",
    "bare_number",
}  # in test_lines, test_scope, test_blocks
ELSEWHERE |= {"date_order", "contradiction", "other_year"}  # below, and in test_delta and test_year


def wrong_digit(number: str) -> str:
    return "1" if number[17] != "1" else "2"


def broken(rows: list[list[str]]) -> bytes:
    return csv_bytes([HEADER, *rows]).replace(BROKEN.encode(), b"\xff")


def pseudonym(number: str) -> uuid.UUID:
    return uuid.UUID(bytes=hmac.digest(KEY.encode(), number.encode(), "sha256")[:16])


@pytest.fixture
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cut, "BLOCK", 1500)


def test_every_reason_is_found_at_its_cell_and_its_row_number(desk: Desk, small_blocks: None) -> None:
    assert sorted(reason for _, reason in BAD) == sorted(REJECT.keys() - ELSEWHERE)
    found = desk.take(broken([row(1), *(make(100 + n) for n, make in enumerate(BAD.values())), row(2)]))
    assert found.rejects == [(n, column, reason) for n, (column, reason) in enumerate(BAD, 3)]
    assert [r["record"] for r in found.rows] == [2, len(BAD) + 3]
    receipt = found.receipt
    assert (receipt["rows_read"], receipt["rows_accepted"], receipt["rows_rejected"]) == (len(BAD) + 2, 2, len(BAD))
    assert receipt["reject_reasons"] == {r: {"rows": 1, "zh": REJECT[r]} for r in sorted(REJECT.keys() - ELSEWHERE)}


def test_an_end_before_its_start_is_rejected_at_the_end(desk: Desk) -> None:
    people = desk.contract
    later = replace(people.columns[1], name="end_date", headers=("注销日期",), required=False, within_period=False)
    columns = (*people.columns, replace(later, not_before="event_date", empty_dates=True))
    ends = ["2020-09-04", "2020-09-05", "2020-09-06", "", "9999-12-31", "1900-01-01", "2020年9月1日"]
    rows = [[*row(n), end] for n, end in enumerate(ends)]
    found = desk.take(csv_bytes([[*HEADER, "注销日期"], *rows]), columns=columns)
    assert found.rejects == [(2, "end_date", "date_order"), (8, "end_date", "date_order")]
    assert [r["end_date"] for r in found.rows] == [date(2020, 9, 5), date(2020, 9, 6), None, None, None]
    said = expected.place(replace(people, columns=columns), "end_date", "date_order", None, "320000")
    assert said == "注销日期不早于日期"


def test_a_row_with_several_bad_cells_is_one_row_with_several_entries(desk: Desk) -> None:
    found = desk.take([row(1), row(2, 日期="？", 次数="多", 类别="助浴"), row(3)])
    assert found.rejects == [
        (3, "event_date", "date_format"),
        (3, "service", "not_in_codes"),
        (3, "times", "number_format"),
    ]
    assert (found.receipt["rows_rejected"], found.receipt["rows_accepted"]) == (1, 2)


def test_a_record_lands_with_its_types_and_its_row_number(desk: Desk) -> None:
    found = desk.take(
        [row(1, 监护人身份证号=citizen(2), 是否核验="否", 次数="－", 费用="￥1,280.5", 类别="照料，（含夜间）")]
    )
    assert found.rows == [
        {
            "record": 2,
            "person_key": pseudonym(citizen(1)),
            "event_date": date(2020, 9, 5),
            "county_code": "320102",
            "service": "care",
            "is_checked": False,
            "form_id": "S0001",
            "provider": "夕阳红",
            "times": None,
            "fee_cny": Decimal("1280.50"),
            "guardian_key": pseudonym(citizen(2)),
        }
    ]


def test_a_receipt_says_what_came_when_and_what_became_of_it(desk: Desk) -> None:
    path = desk.write([row(1), row(2, 日期="")])
    path.with_name(path.name + ".received").write_text("2020-10-08T09:30:00+08:00", "utf-8")
    found = desk.take(path)
    drop, now = desk.drop(path), datetime.now(UTC)
    assert timedelta() < now - datetime.fromisoformat(found.receipt["arrived_at"]) < timedelta(minutes=1)
    assert found.receipt == {
        "arrived_at": found.receipt["arrived_at"],
        "delivery_id": drop.delivery_id,
        "department": "demo",
        "dataset": "people",
        "contract_version": "1.0.0",
        "contract_sha256": desk.contract.sha256,
        "arrival": 0,
        "overtaken_by": None,
        "follows": None,
        "period": "2020-09",
        "scope": "320000",
        "combination": "period",
        "received_at": "2020-10-08T01:30:00+00:00",
        "said_at": "2020-10-08T01:30:00+00:00",
        "due_date": "2020-10-20",
        "source_file": path.name,
        "source_sha256": drop.sha256,
        "source_bytes": path.stat().st_size,
        "is_simulated": False,
        "sandbox_scale": None,
        "pseudonym_algorithm": "HMAC-SHA-256/128",
        "pseudonym_key_id": key_id(KEY),
        "outcome": "landed",
        "reason": None,
        "message_zh": None,
        "rows_read": 2,
        "rows_accepted": 1,
        "rows_rejected": 1,
        "reject_reasons": {"required": {"rows": 1, "zh": "必填项为空"}},
    }
    assert found.said.startswith("demo/people/名册_2020年09月.csv：2 行，隔离 1 行")


def test_of_a_repeated_key_the_first_record_stays_wherever_the_blocks_end(desk: Desk, small_blocks: None) -> None:
    rows = [row(n % 50, 次数=f"{n}") for n in range(150)]
    found = desk.take(rows)
    assert [(r["record"], r["times"]) for r in found.rows] == [(n + 2, n) for n in range(50)]
    assert found.rejects == [(n + 2, "person_key", "duplicate_key") for n in range(50, 150)]


def test_the_key_is_all_of_its_columns(desk: Desk) -> None:
    found = desk.take([row(1), row(1, 日期="2020-09-06"), row(2), row(1, 日期="2020年9月6日")])
    assert found.rejects == [(5, "person_key", "duplicate_key")]


def test_a_quarantined_record_does_not_take_the_place_of_a_good_one(desk: Desk) -> None:
    found = desk.take([row(1, 次数="多"), row(1, 次数="2"), row(1, 次数="3")])
    assert found.rejects == [(2, "times", "number_format"), (4, "person_key", "duplicate_key")]
    assert [r["times"] for r in found.rows] == [2]


def test_one_person_written_in_four_ways_has_one_pseudonym(desk: Desk) -> None:
    number = next(n for n in map(citizen, range(100)) if n.endswith("X"))
    wide = number.translate(str.maketrans("0123456789X", "０１２３４５６７８９Ｘ"))
    forms = [number, number.lower(), f"'{number}", f" {number}　", wide, number[:6] + number[8:17]]
    found = desk.take([row(1, 身份证号=form, 日期=f"2020-09-{n:02}") for n, form in enumerate(forms, 1)])
    assert found.rejects == []
    assert {r["person_key"] for r in found.rows} == {pseudonym(number)}


DRAW = random.Random(14)
NULLS = ("", "-", "—", "——", "－", "…", "……", "/", "暂无", "无", "不详")


def any_row(n: int) -> list[str]:
    """A record as departments write it: good in many forms, or bad."""
    number, day, fee = citizen(n % 900), DRAW.randint(1, 31), DRAW.randrange(2_000_000)
    forms = [
        number,
        number.lower(),
        f" {number}",
        f"'{number}",
        number[:6] + number[8:17],
        number[:17] + "0",
        "3.2E+17",
        "无",
    ]
    dates = [f"2020-09-{day:02}", f"2020年9月{day}日", f"2020/9/{day}", f"202009{day:02}", f"2020-08-{day:02}", "近期"]
    return row(
        n % 900,
        身份证号=DRAW.choices(forms, [60, 9, 9, 9, 9, 2, 1, 1])[0],
        姓名=DRAW.choice(["张三", "㛃·𬱖", '李"四"', "王,五", "赵\n六"]),
        日期=DRAW.choices(dates, [60, 9, 9, 9, 2, 1])[0],
        机构=DRAW.choice(["夕阳红", "𠮷祥院，甲", "一\r\n二", "Ａ１２", *NULLS]),
        次数=DRAW.choices([f"{n}", f"{n:,}", "二", *NULLS], [60, 9, 1, *[1] * len(NULLS)])[0],
        费用=DRAW.choices(
            [f"{fee / 100:.2f}", f"￥{fee / 100:,.2f}", f"{fee / 100:.2f}元", "１２．５", "—"], [60, 9, 9, 9, 9]
        )[0],
    )


def read_slowly(path: Path) -> tuple[list[dict[str, Any]], list[tuple[int, str, str]]]:
    """The file by the csv module and the codec, cell by cell: kept rows and (record, column, reason)."""
    narrow = str.maketrans("０１２３４５６７８９Ｘｘ．，－　", "0123456789Xx.,- ")
    kept: dict[tuple[Any, Any], dict[str, Any]] = {}
    rejects = []
    with path.open(encoding="gb18030", newline="") as file:
        for record, cells in enumerate(csv.DictReader(file), 2):
            clean = {h: t.translate(narrow).strip().removeprefix("'") for h, t in cells.items()}
            clean = {h: None if cells[h].strip() in NULLS else t for h, t in clean.items()}
            found: dict[str, Any] = {"record": record, "provider": clean["机构"]}
            bad = []
            number = (clean["身份证号"] or "").upper()
            if len(number) == 15:
                number = number[:6] + "19" + number[6:]
                number += check_digit(number)
            if not number:
                bad.append(("person_key", "required"))
            elif "E+" in number:
                bad.append(("person_key", "id_scientific"))
            elif number[17] != check_digit(number[:17]):
                bad.append(("person_key", "id_check_digit"))
            else:
                found["person_key"] = pseudonym(number)
            digits = re.findall("[0-9]+", clean["日期"] or "")
            if not digits:
                bad.append(("event_date", "date_format"))
            else:
                y, m, d = map(int, digits if len(digits) == 3 else (digits[0][:4], digits[0][4:6], digits[0][6:]))
                try:
                    found["event_date"] = date(y, m, d)
                    if (y, m) != (2020, 9):
                        bad.append(("event_date", "outside_period"))
                except ValueError:
                    bad.append(("event_date", "date_impossible"))
            times = (clean["次数"] or "").replace(",", "")
            found["times"] = int(times) if times.isascii() and times else None
            if not times.isascii():
                bad.append(("times", "number_format"))
            fee = (clean["费用"] or "").strip("￥元").replace(",", "")
            found["fee_cny"] = Decimal(fee).quantize(Decimal("0.01")) if fee else None
            if not bad and (found["person_key"], found["event_date"]) in kept:
                bad.append(("person_key", "duplicate_key"))
            rejects += [(record, *entry) for entry in bad]
            if not bad:
                kept[found["person_key"], found["event_date"]] = found
    return list(kept.values()), rejects


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("block", [5000, 8 << 20])
def test_a_whole_file_is_read_as_a_slow_reader_reads_it(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, block: int, newline: str
) -> None:
    monkeypatch.setattr(cut, "BLOCK", block)
    path = desk.write(csv_bytes([HEADER, *map(any_row, range(1500))], newline=newline))
    found, (rows, rejects) = desk.take(path), read_slowly(path)
    assert found.rejects == sorted(rejects)
    assert len({reason for _, _, reason in rejects}) == 8
    assert [{k: r[k] for k in rows[0]} for r in found.rows] == rows
    assert len(rows) > 1000


@pytest.mark.parametrize("end", ["\n", ""])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_line_ends_do_not_matter(desk: Desk, newline: str, end: str) -> None:
    content = csv_bytes([HEADER, *map(row, range(5))], newline=newline).removesuffix(newline.encode()) + end.encode()
    assert [r["record"] for r in desk.take(content).rows] == [2, 3, 4, 5, 6]


def test_blank_lines_are_neither_read_nor_rejected(desk: Desk, small_blocks: None) -> None:
    blank = [""] * len(HEADER)
    found = desk.take([row(1), [], blank, row(2), row(3, 日期=""), *[blank] * 40, [], []])
    assert [r["record"] for r in found.rows] == [2, 5]
    assert found.rejects == [(6, "event_date", "required")]
    assert found.receipt["rows_read"] == 3


def test_a_row_with_nothing_but_a_name_is_no_blank_line(desk: Desk) -> None:
    nameless = dict.fromkeys(HEADER, "")
    found = desk.take([row(1), list({**nameless, "姓名": "张三"}.values())])
    assert [(n, c) for n, c, _ in found.rejects] == [
        (3, c) for c in ("county_code", "event_date", "person_key", "service")
    ]


# ---- whole files that are refused


def refused(desk: Desk, content: Any, name: str = "名册_2020年09月.csv", **changes: Any) -> Delivery:
    return desk.take(desk.write(content, name), **changes)


def refused_by_its_sidecar(desk: Desk) -> Delivery:
    path = desk.write([row(1)])
    path.with_name(path.name + ".received").write_text("昨天", "utf-8")
    return desk.take(path)


def same_table(desk: Desk) -> Delivery:
    path = write_sheets(desk.inbox / "名册_2020年09月.xlsx", {"原表": [HEADER, row(1)], "副本": [HEADER, row(1)]})
    return desk.take(path, format="xlsx")


def merged_cells(desk: Desk) -> Delivery:
    cells = [None if header in ("次数", "费用") else cell for header, cell in zip(HEADER, row(1), strict=True)]
    path = write_book(desk.inbox / "名册_2020年09月.xlsx", [HEADER, cells], [(1, 8, 1, 9, "3")])
    return desk.take(path, format="xlsx")


def too_large(desk: Desk) -> Delivery:
    rows = [[*HEADER, *[None] * (16383 - len(HEADER)), "远"], *[[]] * 1_048_574, [*[None] * 16383, "远"]]
    return desk.take(write_book(desk.inbox / "名册_2020年09月.xlsx", rows), format="xlsx")


def our_fault(desk: Desk) -> Delivery:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(settle, "count_rows", lambda *_: 1 // 0)
        return desk.take([row(1)])


REFUSED: dict[str, Callable[[Desk], Delivery]] = {
    "unknown_name": lambda desk: refused(desk, [row(1)], "名册_2020年13月.csv"),
    "unknown_time": refused_by_its_sidecar,
    "future_period": lambda desk: refused(desk, [row(1)], "名册_2099年01月.csv"),
    "wrong_dataset": lambda desk: refused(desk, homecare()),
    "header_mismatch": lambda desk: refused(desk, csv_bytes([[*HEADER, "备注"], [*row(1), ""]])),
    "unreadable": lambda desk: refused(desk, csv_bytes([HEADER, row(1)], "utf-8")),
    "packed": lambda desk: refused(desk, gzip.compress(csv_bytes([HEADER, row(1)])), "名册_2020年09月.csv.gz"),
    "cut_off": lambda desk: refused(desk, csv_bytes([HEADER, row(1), row(2)])[:-60]),
    "same_table": same_table,
    "merged_cells": merged_cells,
    "too_large": too_large,
    "our_fault": our_fault,
    "too_few_rows": lambda desk: refused(desk, [row(1), row(2)], min_rows=3),
    "too_many_rejects": lambda desk: refused(desk, [row(1), row(2), row(3, 次数="多")], max_reject_share=0.3),
}
SAID = {
    "unknown_name": "应如 名册_2025年09月.csv",
    "unknown_time": "名册_2020年09月.csv.received 不是 ISO 8601 时间",
    "future_period": "文件名说是 2099-01 的数据，这一期到 2099-01-01 才开始",
    "wrong_dataset": "内容是《上门养老服务记录》（civil_affairs/homecare_services），不是《名册》",
    "header_mismatch": "多出表头：备注",
    "unreadable": "表头是 UTF-8 编码的文字，契约约定 gb18030",
    "packed": "文件是 GZIP 压缩包；请解压，报送里面的文件",
    "cut_off": "最后一行不完整，也没有换行：文件似乎在传输中断开",
    "same_table": "工作表“原表”“副本”都有契约的表头，其中 1 行主键重复，分不清以哪一张为准",
    "merged_cells": "工作表“Sheet1”：数据行里有左右合并的单元格（I2:J2），分不清值是哪一列的",
    "too_large": "工作表“Sheet1”一直用到 XFD1048576",
    "our_fault": "读取时程序出错（ZeroDivisionError），是我方的程序没有料到",
    "too_few_rows": "只有 2 行，契约要求至少 3 行",
    "too_many_rejects": "1 行不合格（33.3%），契约允许 30.0%：不是数字 1 行",
}


def homecare() -> bytes:
    return csv_bytes([[c.headers[0] for c in read_contracts()["civil_affairs/homecare_services"].columns]])


@pytest.fixture
def wide_desk(desk: Desk, people: Contract, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """A desk that knows all departments' contracts beside its own."""
    known = {**read_contracts(), people.name: people}
    take_in = intake.take_in
    monkeypatch.setattr("desk.take_in", lambda drop, contracts: take_in(drop, {**known, **contracts}))
    return desk


@pytest.mark.parametrize("reason", ADVICE)
def test_a_refusal_keeps_the_file_and_says_what_was_found_and_what_to_do(wide_desk: Desk, reason: str) -> None:
    found = REFUSED[reason](wide_desk)
    receipt = found.receipt
    (path,) = (p for p in wide_desk.inbox.iterdir() if p.suffix != ".received")
    assert (found.outcome, receipt["outcome"], receipt["reason"]) == ("refused", "refused", reason)
    assert receipt["rows_accepted"] == 0
    message = receipt["message_zh"]
    assert found.said == message
    assert message == f"省测试厅《名册》文件 {path.name} 已退回：{message.split('已退回：')[1]}"
    assert SAID[reason] in message
    assert message.endswith(f"{ADVICE[reason]}。")
    kept = wide_desk.data / "refused" / "demo" / "people" / receipt["delivery_id"]
    assert stat.S_IMODE(kept.stat().st_mode) == 0o700
    assert [p.name for p in kept.iterdir()] == [path.name]
    assert (kept / path.name).read_bytes() == path.read_bytes()
    assert "data.parquet" not in {p.name for p in found.folder.iterdir()}
    assert wide_desk.take(path).outcome == "unchanged"
    assert wide_desk.said == [message]


def test_a_file_refused_for_its_rows_leaves_the_list_of_what_to_correct(desk: Desk) -> None:
    found = REFUSED["too_many_rejects"](desk)
    assert found.rejects == [(4, "times", "number_format")]
    assert found.receipt["reject_reasons"] == {"number_format": {"rows": 1, "zh": "不是数字"}}


@pytest.mark.parametrize(("bad", "outcome"), [(30, "landed"), (31, "refused")])
def test_the_share_of_rejects_may_reach_its_limit(desk: Desk, bad: int, outcome: str) -> None:
    rows = [row(n, 次数="多" if n < bad else "1") for n in range(100)]
    assert desk.take(rows, max_reject_share=0.3).outcome == outcome


def test_a_file_of_little_but_rejects_is_not_read_to_its_end(
    desk: Desk, small_blocks: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(records, "LIMITS", replace(LIMITS, rejects=20))
    assert desk.take([row(n, 次数="多" if n < 20 else "1") for n in range(300)], max_reject_share=0.5).rejects == [
        (n, "times", "number_format") for n in range(2, 22)
    ]
    found = desk.take([row(n, 次数="多") for n in range(300)], max_reject_share=1.0)
    assert (found.outcome, found.receipt["reason"]) == ("refused", "too_many_rejects")
    assert found.receipt["rows_read"] == found.receipt["rows_rejected"] == len(found.rejects)
    assert 20 < len(found.rejects) < 300
    assert f"前 {len(found.rejects)} 行里已有 {len(found.rejects)} 处不合格，其余的没有再检查" in desk.said[-1]


@pytest.mark.parametrize(("rows", "outcome"), [(3, "landed"), (2, "refused")])
def test_the_least_number_of_rows_is_enough(desk: Desk, rows: int, outcome: str) -> None:
    assert desk.take(map(row, range(rows)), min_rows=3).outcome == outcome


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "unreadable"),
        (csv_bytes([HEADER]), "too_few_rows"),
        (csv_bytes([HEADER]).strip(), "too_few_rows"),
        (csv_bytes([HEADER, [], [], []]), "too_few_rows"),
        (csv_bytes([HEADER, row(1)], "utf-8-sig"), "unreadable"),
        (csv_bytes([HEADER, row(1)], "utf-16"), "unreadable"),
        (csv_bytes([HEADER, row(1)]).replace(b",", b";"), "header_mismatch"),
        (csv_bytes([HEADER, row(1)]).replace(b"\n", b"\r"), "unreadable"),
        (csv_bytes([[*HEADER, "费用"], [*row(1), "1"]]), "header_mismatch"),
        (csv_bytes([row(1), row(2)]), "header_mismatch"),
        (b"\x00" * 10_000, "unreadable"),
        (csv_bytes([HEADER, row(1)])[:-5] + b',"', "unreadable"),
    ],
)
def test_a_file_that_is_no_table_of_ours_is_refused(desk: Desk, content: bytes, reason: str) -> None:
    found = desk.take(content)
    assert (found.outcome, found.receipt["reason"], found.receipt["rows_read"]) == ("refused", reason, 0)


def test_without_a_limit_a_file_without_records_lands_empty(desk: Desk) -> None:
    found = desk.take([], min_rows=0)
    assert (found.outcome, found.rows, found.rejects) == ("landed", [], [])
    assert pq.read_schema(found.folder / "data.parquet").equals(desk.contract.arrow_schema)


# ---- deliveries


@pytest.fixture
def known(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """A desk whose contract is the only one there is."""
    monkeypatch.setattr(intake, "read_contracts", lambda: {desk.contract.name: desk.contract})
    return desk


def take_all(desk: Desk) -> dict[str, int]:
    return intake.ingest(desk.contract.name, desk.said.append)


def test_a_dataset_is_taken_in_once(known: Desk) -> None:
    known.write([row(1), row(2, 日期="")], "名册_2020年09月.csv")
    known.write([row(1)], "名册_2020年99月.csv")
    counts = {"landed": 1, "refused": 1, "unchanged": 0, "moving": 0, "rows": 2, "rejects": 1}
    assert take_all(known) == counts
    assert take_all(known) == {**dict.fromkeys(counts, 0), "unchanged": 2}
    (refused,) = known.said
    assert "名册_2020年99月.csv 已退回" in refused


def test_a_file_that_lands_is_told_of_only_when_that_is_wanted(known: Desk) -> None:
    known.write([row(1), row(2, 日期="")])
    intake.ingest(known.contract.name, known.said.append, verbose=True)
    (landed,) = known.said
    assert landed.startswith("demo/people/名册_2020年09月.csv：2 行，隔离 1 行，")


def test_the_same_bytes_are_one_delivery_under_any_name(known: Desk) -> None:
    known.write([row(1)], "名册_2020年09月.csv")
    known.write([row(1)], "名册_2020年09月（重报）.csv")
    assert take_all(known)["landed"] == 1
    assert len(list(known.lake.iterdir())) == 1


def test_a_later_file_stands_beside_the_earlier_one_with_its_time(known: Desk) -> None:
    early, late = known.write([row(1)], "名册_2020年09月.csv"), known.write([row(2)], "名册_2020年09月（更正）.csv")
    early.with_name(early.name + ".received").write_text("2020-10-01T08:00:00+08:00")
    late.with_name(late.name + ".received").write_text("2020-10-09T08:00:00+08:00")
    assert take_all(known)["landed"] == 2
    receipts = [Delivery("", folder, "").receipt for folder in known.lake.iterdir()]
    newest = max(receipts, key=lambda r: (r["received_at"], r["delivery_id"]))
    assert newest["source_file"] == late.name
    assert {r["period"] for r in receipts} == {"2020-09"}


def test_the_same_inbox_gives_the_same_lake(desk: Desk, small_blocks: None) -> None:
    path = desk.write([any_row(n) for n in range(300)])
    first = desk.take(path)
    receipt, files = first.receipt, {p.name: p.read_bytes() for p in first.folder.glob("*.parquet")}
    first.folder.rename(desk.data / "elsewhere")
    again = desk.take(path)
    assert {p.name: p.read_bytes() for p in again.folder.glob("*.parquet")} == files
    assert {**again.receipt, "arrived_at": receipt["arrived_at"]} == receipt


@pytest.mark.parametrize("change", ["grows", "is replaced", "is touched", "goes away"])
@pytest.mark.parametrize("rows", [30, 0], ids=["good", "to be refused"])
def test_a_file_that_changes_while_it_is_read_is_left_for_the_next_time(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, change: str, rows: int, small_blocks: None
) -> None:
    content = csv_bytes([HEADER, *map(row, range(rows))])
    path = desk.write(content)
    match = file.match

    def meanwhile(*arguments: Any) -> Any:
        if change == "goes away":
            path.unlink()
        elif change == "is touched":
            path.touch()
        else:
            path.write_bytes(content + csv_bytes([row(500)]) if change == "grows" else content[: len(content) // 2])
        return match(*arguments)

    monkeypatch.setattr(file, "match", meanwhile)
    found = desk.take(path)
    assert (found.outcome, list(desk.lake.iterdir())) == ("moving", [])
    left = "demo/people/名册_2020年09月.csv：读取时文件被改动或移走，留待下次 (the file changed while it was read)"
    assert found.said == left
    assert not (desk.data / "refused").exists()
    monkeypatch.setattr(file, "match", match)
    assert desk.take(desk.write(content)).outcome == ("landed" if rows else "refused")


def test_an_error_of_the_machine_is_no_refusal_and_leaves_nothing(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(settle, "write_receipt", full)
    with pytest.raises(OSError, match="No space left"):
        desk.take([row(1)])
    assert list(desk.lake.iterdir()) == []
    assert desk.said == []


def test_without_a_key_nothing_lands(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUHENG_PSEUDONYM_KEY", "too short")
    with pytest.raises(ValueError, match="SUHENG_PSEUDONYM_KEY 应为"):
        desk.take([row(1)])
    assert not desk.lake.exists()


def test_data_without_persons_needs_no_key(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUHENG_PSEUDONYM_KEY", "too short")
    columns = tuple(c for c in desk.contract.columns if c.kind != "citizen")
    ignored = (*desk.contract.ignored_headers, "身份证号", "监护人身份证号")
    found = desk.take([row(1)], columns=columns, key=("form_id",), ignored_headers=ignored)
    assert found.outcome == "landed"
    assert "pseudonym_key_id" not in found.receipt


# ---- nobody may see who it is


NAMES = ("张三丰", "欧阳㛃", "李\n四光")
STREETS = ("紫金山路九号", "𬱖水街")


def person(n: int, **changes: str) -> list[str]:
    return row(n, 姓名=NAMES[n % 3], 住址=STREETS[n % 2], 监护人身份证号=citizen(n + 300), **changes)


def test_no_number_and_no_name_is_written_or_said(wide_desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    desk = wide_desk
    numbers = [citizen(n) for n in range(900)]
    bad = [make(200 + n) for n, make in enumerate(BAD.values()) if len(make(1)) == len(HEADER)]
    bad += [
        person(400)[:-1],
        [*person(401), "多"],
        person(402, 身份证号=citizen(402)[:17]),
        person(403, 身份证号=citizen(403) + "0"),
    ]
    bad += [
        person(404, 类别=citizen(404)),
        person(405, 次数=citizen(405)),
        person(406, 日期="张三丰"),
        person(407, 县区代码="欧阳㛃"),
    ]
    rows = [*map(person, range(30)), *bad]
    files = [
        desk.write(broken(rows)),
        desk.write(csv_bytes(rows), "名册_2020年10月.csv"),  # no header: the first row is a person
        desk.write(csv_bytes([[*HEADER, *person(501)], *rows]), "名册_2020年11月.csv"),
        desk.write(csv_bytes([HEADER, *rows], "utf-8"), "名册_2020年12月.csv"),
        desk.write(csv_bytes([[*HEADER[:-1], '"住址\n' + "\n".join(map(",".join, rows))]]), "名册_2021年01月.csv"),
        desk.write(csv_bytes([HEADER, *rows])[:-9] + b',"', "名册_2021年02月.csv"),
        desk.write(csv_bytes([HEADER, *rows, *rows]), "名册_2021年03月.csv"),
    ]
    outcomes = [desk.take(path, max_reject_share=0.9).outcome for path in files]
    assert outcomes[0] == "landed" and outcomes[1:] == ["refused"] * 6
    kept = everything_written(data() / "lake") + "\n".join(desk.said).encode() + capsys.readouterr().out.encode()
    assert len(kept) > 10_000
    for number in numbers:
        assert number[:17].encode() not in kept and number[6:17].encode() not in kept
    for word in (*NAMES, *STREETS, "四光", "中山路"):
        for encoding in ("utf-8", "gb18030", "unicode_escape"):
            assert word.encode(encoding) not in kept
    assert not re.search(rb"[0-9]{17}[0-9Xx]", re.sub(rb"9{17,}", b"", kept))


def test_the_lists_of_rejects_tell_shapes(desk: Desk) -> None:
    found = desk.take(
        [
            row(1),
            ["Zhang 3", "李"],
            row(3, 身份证号="3.20102E+17"),
            row(4, 身份证号=citizen(4)[:17]),
            row(5, 类别="助浴A"),
            row(6, 日期=""),
            row(1),
        ]
    )
    shapes = {r["record"]: r["shape"] for r in pq.read_table(found.folder / "rejects.parquet").to_pylist()}
    assert shapes == {3: "AAAAA 9,汉", 4: "9.99999A+99", 5: "9" * 17, 6: "汉汉A", 7: "", 8: ""}
