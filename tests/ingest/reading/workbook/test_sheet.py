"""Workbooks as departments make them, and as they arrive: the same content as a CSV file, or a clear refusal."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from desk import HEADER, Delivery, Desk, check_digit, citizen, row
from sheets import write_book, write_sheets

from ingest.answering.reply import compose
from ingest.promises.contract import Contract, read_contracts
from ingest.reading import file
from ingest.reading.header import match
from ingest.reading.workbook import sheet, table
from ingest.reading.workbook.sheet import read_book
from ingest.reading.workbook.table import find_header, read_rows
from ingest.reason import Refusal, Unreadable

BOOK = "名册_2020年09月.xlsx"


@pytest.fixture
def office(desk: Desk) -> Desk:
    """A desk whose contract promises workbooks."""
    return replace(desk, contract=replace(desk.contract, format="xlsx"))


def test_a_workbook_gives_what_the_same_csv_file_gives(desk: Desk, office: Desk) -> None:
    rows = [row(n, 日期=f"2020年9月{1 + n % 30}日", 机构="𬱖养老院，甲", 费用=f"{n * 1000:,}元") for n in range(60)]
    rows[3] = row(3, 身份证号="3.20106E+17", 费用="无")
    rows[9] = row(9, 类别="助浴", 次数="−1", 县区代码="320100")
    rows[20] = [""] * len(HEADER)
    rows[30] = rows[29]
    flat = desk.take(rows)
    path = write_book(office.inbox / BOOK, [HEADER, *rows, [""] * len(HEADER)])
    sheet = office.take(path)
    assert flat.outcome == sheet.outcome == "landed"
    assert (len(flat.rows), flat.receipt["rows_read"]) == (56, 59)
    assert sheet.rows == flat.rows
    assert sheet.rejects == flat.rejects
    assert [n for n, _, _ in flat.rejects] == [5, 11, 11, 11, 32]
    assert sheet.receipt["reject_reasons"] == flat.receipt["reject_reasons"]


def test_typed_cells_are_read_as_what_they_show(office: Desk) -> None:
    typed: list[Any] = list(row(1))
    typed[HEADER.index("日期")] = datetime(2020, 9, 5)
    typed[HEADER.index("县区代码")] = 320102
    typed[HEADER.index("是否核验")] = True
    typed[HEADER.index("次数")] = 5000
    typed[HEADER.index("费用")] = 12.5
    typed[HEADER.index("机构")] = 0.1 + 0.2
    other = list(typed)
    other[0], other[HEADER.index("是否核验")], other[HEADER.index("费用")] = citizen(2), False, 99999.99
    found = office.take(write_book(office.inbox / BOOK, [HEADER, typed, other]))
    assert found.rejects == []
    first, second = found.rows
    assert (first["event_date"], first["county_code"], first["is_checked"]) == (date(2020, 9, 5), "320102", True)
    assert (first["times"], first["fee_cny"], first["provider"]) == (5000, Decimal("12.50"), "0.3")
    assert (second["is_checked"], second["fee_cny"]) == (False, Decimal("99999.99"))


def test_a_time_of_day_behind_a_date_is_a_reject_but_not_that_of_a_rounded_midnight(office: Desk) -> None:
    days = [datetime(2020, 9, 5, 13, 30), datetime(2020, 9, 5, 23, 59, 59, 999_900), datetime(2020, 9, 5, 0, 0, 1)]
    days += [datetime(2020, 9, 5), datetime(2020, 9, 5, 0, 0, 0, 200)]
    days += [datetime(2020, 9, 5, 23, 59, 59, 997_000), datetime(2020, 9, 5, 0, 0, 0, 3_000)]  # 3 ms away
    rows: list[list[Any]] = [list(row(n)) for n in range(8)]
    for cells, day in zip(rows, [*days, "2020-09-05 00:00"], strict=True):
        cells[HEADER.index("日期")] = day
    rows[0][HEADER.index("机构")] = datetime(2020, 9, 5)
    rows[1][HEADER.index("机构")] = datetime(2020, 9, 5, 13, 30)
    found = office.take(write_book(office.inbox / BOOK, [HEADER, *rows]))
    assert found.rejects == [(n, "event_date", "time_of_day") for n in (2, 4, 7, 8)]
    assert [r["event_date"] for r in found.rows] == [date(2020, 9, n) for n in (6, 5, 5, 5)]
    assert found.rows[0]["provider"] == "2020-09-05 13:30:00"


def test_a_citizen_number_that_became_a_number_is_refused_even_when_its_false_digits_would_pass(office: Desk) -> None:
    # A double keeps 15 to 17 digits: what a reader makes of the rest may be a valid number of somebody else.
    kept = [f"{n:.0f}" for n in (float(320102194001010000 + 64 * i) for i in range(400))]
    plausible = [float(n) for n in kept if n[17] == check_digit(n[:17])]
    assert plausible
    cells: list[list[Any]] = [[n, *row(1)[1:]] for n in plausible]
    found = office.take(write_book(office.inbox / BOOK, [HEADER, *cells, row(500)]))
    assert found.rejects == [(r, "person_key", "id_scientific") for r in range(2, 2 + len(plausible))]
    assert len(found.rows) == 1


def test_an_old_number_of_fifteen_digits_survives_as_a_number(office: Desk) -> None:
    found = office.take(write_book(office.inbox / BOOK, [HEADER, [320102400101001, *row(1)[1:]], row(1)]))
    assert found.rejects == [(3, "person_key", "duplicate_key")]  # 1940 with 19 put in: citizen(1) again


def evaluations() -> Contract:
    return read_contracts()["education/balanced_evaluations"]


def test_title_unit_merged_header_subtotals_and_footnote_are_told_from_the_records(tmp_path: Path) -> None:
    contract = evaluations()
    rows = [
        [],
        ["", "", "", "", "", "单位：个"],
        ["", "", "", "", "", "", "批 次"],
        ["", "名称", "代码", "认定日期", "评估层级", "评估结论", ""],
        [1, "玄武区", "320102", "2020-03-01", "省级", "通过", 1],
        [2, "秦淮区", "320104", datetime(2020, 3, 2), "国家级", "未通过", "—"],
        ["合 计", "", "", "", "", 2],
        [],
        [3, "建邺区", 320105, "2020年3月3日", "省级", "撤销", 2],
        ["注：以批复文件为准"],
    ]
    merged = [
        (0, 0, 0, 6, "2020年义务教育优质均衡评估结果"),
        (2, 0, 3, 0, "序号"),
        (2, 1, 2, 2, "评估单位"),
        (2, 3, 2, 5, "评估\n情况"),
    ]
    (only,) = read_book(write_book(tmp_path / "book.xlsx", rows, merged), None)
    wanted = {h for c in contract.columns for h in c.headers}
    top = list(only.rows)
    header, start = find_header(top, only.merged, wanted)
    assert start == 4
    paths = [
        "序号",
        "评估单位/名称",
        "评估单位/代码",
        "评估情况/认定日期",
        "评估情况/评估层级",
        "评估情况/评估结论",
        "批次",
    ]
    assert header == paths
    ((body, records),) = read_rows(only, top, start, header, match(header, contract, {}), contract)
    assert records.tolist() == [5, 6, 9]
    assert [c.decode() for c in body["eval_unit_code"].to_pylist()] == ["320102", "320104", "320105"]
    assert [c.decode() for c in body["eval_date"].to_pylist()] == ["2020-03-01", "2020-03-02", "2020年3月3日"]
    assert [c.decode() for c in body["batch"].to_pylist()] == ["1", "—", "2"]


@pytest.mark.parametrize("above", [0, 1, 5, 16])
def test_the_header_is_found_wherever_it_stands(above: int) -> None:
    rows = [*[["说明"]] * above, list(HEADER), row(1), row(2)]
    assert find_header(rows, [], set(HEADER)) == (list(HEADER), above + 1)


def test_the_header_ends_as_early_as_it_can() -> None:
    rows = [list(HEADER), ["", "张三"], row(1)]
    assert find_header(rows, [], set(HEADER) - {"姓名"}) == (list(HEADER), 1)


def test_a_table_without_our_header_is_refused_without_showing_its_people(office: Desk) -> None:
    found = office.take(write_book(office.inbox / BOOK, [row(1), row(2)]))
    assert (found.outcome, found.receipt["reason"]) == ("refused", "header_mismatch")
    assert citizen(1) not in str(found.receipt) and "张三" not in str(found.receipt)


def test_an_empty_sheet_is_refused(office: Desk) -> None:
    found = office.take(write_book(office.inbox / BOOK, []))
    assert (found.outcome, found.receipt["reason"]) == ("refused", "unreadable")
    assert "工作表是空的" in found.receipt["message_zh"]


def test_a_header_alone_has_too_few_rows(office: Desk) -> None:
    found = office.take(write_book(office.inbox / BOOK, [HEADER, ["注：本月无"]]))
    assert (found.outcome, found.receipt["reason"]) == ("refused", "too_few_rows")


def test_a_csv_file_under_the_name_of_a_workbook_is_unreadable(office: Desk) -> None:
    found = office.take(office.write([row(1)], BOOK))
    assert (found.outcome, found.receipt["reason"]) == ("refused", "unreadable")
    assert "文件其实是文本（如 CSV），契约约定 XLSX 工作簿" in found.receipt["message_zh"]


def test_a_workbook_under_the_name_of_a_csv_file_is_unreadable(desk: Desk) -> None:
    found = desk.take(write_book(desk.inbox / "名册_2020年09月.csv", [HEADER, row(1)]))
    assert (found.outcome, found.receipt["reason"]) == ("refused", "unreadable")
    assert "XLSX 工作簿" in found.receipt["message_zh"]


@pytest.fixture
def whole(tmp_path: Path) -> bytes:
    return write_book(tmp_path / "whole.xlsx", [HEADER, *(row(n) for n in range(50))]).read_bytes()


def test_a_workbook_cut_off_anywhere_is_unreadable(tmp_path: Path, whole: bytes) -> None:
    for length in [*range(97, len(whole), 97), len(whole) - 1]:
        (tmp_path / "cut.xlsx").write_bytes(whole[:length])
        with pytest.raises(Unreadable, match="不是可以打开的 XLSX"):
            list(read_book(tmp_path / "cut.xlsx", None))


def cells_of(path: Path) -> list[Any]:
    return [(one.name, list(one.rows), one.merged) for one in read_book(path, None)]


def test_a_damaged_workbook_is_unreadable_or_whole(tmp_path: Path, whole: bytes) -> None:
    draw, good = random.Random(14), cells_of(tmp_path / "whole.xlsx")
    refused = 0
    for _ in range(150):
        data = bytearray(whole)
        data[draw.randrange(len(data))] ^= draw.randrange(1, 256)  # in the archive's own dates, too, which do no harm
        (tmp_path / "damaged.xlsx").write_bytes(data)
        try:
            assert cells_of(tmp_path / "damaged.xlsx") == good
        except Refusal:
            refused += 1
    assert 0 < refused < 150


# ---- workbooks of several sheets

TITLE = ["名册"]


def sheets_of(office: Desk, pattern: str, sheets: dict[str, Sequence[Sequence[Any]]], **changes: Any) -> Delivery:
    path = write_sheets(office.inbox / BOOK, sheets)
    return office.take(path, sheets=re.compile(pattern), **changes)


def test_records_are_numbered_on_through_the_sheets_and_the_receipt_tells_where_each_begins(office: Desk) -> None:
    narrow = [h for h in HEADER if h != "姓名"]
    found = sheets_of(
        office,
        "市$",
        {
            "南京市": [TITLE, HEADER, row(1), row(2, 日期="近期"), ["注：无"]],
            "说明": [["填报说明"]],
            "苏州市": [narrow, [c for h, c in zip(HEADER, row(3), strict=True) if h != "姓名"], [], row(0)[:0]],
            "无锡市": [TITLE, [], HEADER, row(4), row(1)],
        },
    )
    assert [r["record"] for r in found.rows] == [3, 7, 11]
    assert found.rejects == [(4, "event_date", "date_format"), (12, "person_key", "duplicate_key")]
    assert found.receipt["sheets"] == [
        {"name": "南京市", "rows_before": 0},
        {"name": "苏州市", "rows_before": 5},
        {"name": "无锡市", "rows_before": 7},
    ]


def test_without_a_pattern_every_sheet_with_the_header_is_read(office: Desk) -> None:
    sheets = {"填报说明": [["县区代码", "六位"]], "甲": [HEADER, row(1)], "Sheet2": [], "乙": [TITLE, HEADER, row(2)]}
    found = office.take(write_sheets(office.inbox / BOOK, sheets))
    assert [r["record"] for r in found.rows] == [2, 5]
    assert found.receipt["sheets"] == [{"name": "甲", "rows_before": 0}, {"name": "乙", "rows_before": 2}]


def test_two_sheets_with_the_same_records_are_refused_by_their_names(office: Desk) -> None:
    found = office.take(write_sheets(office.inbox / BOOK, {"原表": [HEADER, row(1)], "副本": [HEADER, row(1)]}))
    assert (found.outcome, found.receipt["reason"]) == ("refused", "same_table")
    assert "工作表“原表”“副本”都有契约的表头，其中 1 行主键重复" in found.receipt["message_zh"]


def test_a_sheet_with_half_of_the_header_is_not_passed_over(office: Desk) -> None:
    sheets = {
        "甲": [HEADER, row(1)],
        "乙": [(*HEADER[:-1], "备注"), row(2)],
        "汇总": [["县区代码", "人数"], ["320102", 1]],
    }
    receipt = office.take(write_sheets(office.inbox / BOOK, sheets)).receipt
    assert receipt["reason"] == "header_mismatch"
    assert "工作表“乙”：多出表头：备注" in receipt["message_zh"]


def test_without_any_header_the_sheet_that_comes_nearest_is_named(office: Desk) -> None:
    sheets = {"说明": [["填报说明"]], "数据": [["县区代码", "单号", "人数"], ["320102", "S0001", 1]]}
    receipt = office.take(write_sheets(office.inbox / BOOK, sheets)).receipt
    assert "工作表“数据”：缺少表头：身份证号、日期" in receipt["message_zh"]


def test_hidden_rows_and_columns_are_read_and_the_receipt_tells_how_many_rows(office: Desk) -> None:
    """As a filter that was left on hides them, and whoever hides all that is empty below the table."""
    path = office.inbox / BOOK
    path.parent.mkdir(parents=True)
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet("数据")
        for r, written in enumerate([TITLE, HEADER, *(row(n) for n in range(9))]):
            sheet.write_row(r, 0, written)
        for r in (0, 3, 4, 10, *range(11, 500)):
            sheet.set_row(r, None, None, {"hidden": True})
        sheet.set_column(2, 3, None, None, {"hidden": True})
    found = office.take(path)
    assert [r["record"] for r in found.rows] == list(range(3, 12))
    assert found.receipt["sheets"] == [{"name": "数据", "rows_before": 0, "hidden": 3}]
    reply = compose(office.contract, found.receipt, found.folder / "rejects.parquet")
    assert reply.facts["读取的工作表"] == "“数据”（3 行是隐藏的，也照样读取；不该报的请删去）"


@pytest.mark.parametrize("hide", ["hide", "very_hidden"])
def test_a_hidden_sheet_is_never_read(office: Desk, hide: str) -> None:
    path = office.inbox / BOOK
    path.parent.mkdir(parents=True)
    with xlsxwriter.Workbook(str(path)) as book:
        last, chart, now = book.add_worksheet("去年"), book.add_chartsheet("图"), book.add_worksheet("今年")
        bars = book.add_chart({"type": "bar"})
        bars.add_series({"values": "=今年!$A$1:$A$2"})
        chart.set_chart(bars)
        for sheet, serial in ((last, 1), (now, 2)):
            sheet.write_row(0, 0, HEADER)
            sheet.write_row(1, 0, row(serial))
        now.activate()
        getattr(last, hide)()
    found = office.take(path)
    assert (len(found.rows), found.receipt["sheets"]) == (1, [{"name": "今年", "rows_before": 0, "unseen": ["去年"]}])
    reply = compose(office.contract, found.receipt, found.folder / "rejects.parquet")
    assert reply.facts["读取的工作表"] == "“今年”（隐藏的工作表“去年”没有读取）"
    receipt = office.take(path, sheets=re.compile("^今年$"), version="1.0.2").receipt
    assert receipt["sheets"] == [{"name": "今年", "rows_before": 0}]
    receipt = office.take(path, sheets=re.compile("^去年"), version="1.0.1").receipt
    assert (
        "没有名称合乎契约的工作表（^去年），只有：去年（隐藏）、今年；工作表“去年”是隐藏的，没有读取"
        in receipt["message_zh"]
    )


@pytest.mark.parametrize("cover", [["填报说明"], []])
def test_where_the_data_are_on_hidden_sheets_only_these_are_named(office: Desk, cover: list[str]) -> None:
    path = office.inbox / BOOK
    path.parent.mkdir(parents=True)
    with xlsxwriter.Workbook(str(path)) as book:
        book.add_worksheet("封面").write_row(0, 0, cover)
        for name in ("数据", citizen(1)):
            sheet = book.add_worksheet(name)
            sheet.write_row(0, 0, HEADER)
            sheet.write_row(1, 0, row(1))
            sheet.hide()
    found = office.take(path)
    said = f"；工作表“数据”、“{'9' * 18}”是隐藏的，没有读取：数据在那里的，取消隐藏后再存"
    assert found.outcome == "refused" and said in found.said


# ---- cells that show something else than they hold


def test_a_merged_cell_stands_in_each_of_its_rows(office: Desk) -> None:
    rows: list[list[Any]] = [list(HEADER), *(row(n) for n in range(5)), ["合计"], row(6)]
    county, service, fee = HEADER.index("县区代码"), HEADER.index("类别"), HEADER.index("费用")
    for r in (*range(1, 6), 7):
        rows[r][county] = rows[r][service] = rows[r][fee] = None
    merged = [
        (1, county, 4, county, "320102"),
        (5, county, 7, county, "320104"),
        (1, service, 7, service, "照料，（含夜间）"),
    ]
    found = office.take(write_book(office.inbox / BOOK, rows, [*merged, (8, 0, 8, 3, "注：无")]))
    assert found.rejects == []
    assert found.receipt["sheets"] == [{"name": "Sheet1", "rows_before": 0, "merged": 3}]
    assert [r["county_code"] for r in found.rows] == ["320102"] * 4 + ["320104"] * 2
    assert [(r["service"], r["fee_cny"]) for r in found.rows] == [("care", None)] * 6


def test_cells_merged_over_columns_of_records_are_refused_by_their_place(office: Desk) -> None:
    times, fee = HEADER.index("次数"), HEADER.index("费用")
    assert fee == times + 1
    rows: list[list[Any]] = [list(HEADER), *(row(n) for n in range(4)), ["注：无"]]
    for r in (2, 3):
        rows[r][times] = rows[r][fee] = None
    receipt = office.take(
        write_book(office.inbox / BOOK, rows, [(2, times, 3, fee, "7"), (5, 0, 5, 8, "注：无")])
    ).receipt
    assert (receipt["outcome"], receipt["reason"]) == ("refused", "merged_cells")
    assert "工作表“Sheet1”：数据行里有左右合并的单元格（I3:J4）" in receipt["message_zh"]
    # over a column that is read and one that is not the value is told
    name = HEADER.index("姓名")
    assert name == HEADER.index("身份证号") + 1
    rows[2][times] = rows[3][times] = rows[2][name] = None
    found = office.take(write_book(office.inbox / BOOK, rows, [(2, 0, 2, name, rows[2][0])]))
    assert (found.rejects, len(found.rows)) == ([], 4)


def test_a_value_beneath_a_merged_cell_is_refused_by_its_place(office: Desk) -> None:
    """A program may write what a merged cell covers; nobody sees it."""
    times = HEADER.index("次数")
    office.inbox.mkdir(parents=True)
    with xlsxwriter.Workbook(str(office.inbox / BOOK)) as book:
        sheet = book.add_worksheet()
        for r, cells in enumerate([HEADER, *(row(n) for n in range(3))]):
            sheet.write_row(r, 0, cells)
        sheet.merge_range(1, times, 3, times, "7")
        sheet.write_string(2, times, "7")
        sheet.write_string(3, times, "3")
    receipt = office.take(office.inbox / BOOK).receipt
    assert receipt["reason"] == "merged_cells" and "合并的单元格盖住了别的值（I4）" in receipt["message_zh"]


def test_a_subtotal_merged_over_two_rows_is_left_out_in_both(office: Desk) -> None:
    second: list[Any] = [None] * len(HEADER)
    second[HEADER.index("次数")] = 8
    first = ["合计", *second[1:]]
    path = write_book(office.inbox / BOOK, [HEADER, row(1), first, second, row(2)], [(2, 0, 3, 0, "合 计")])
    found = office.take(path)
    assert (found.receipt["rows_read"], found.rejects) == (2, [])
    assert [r["record"] for r in found.rows] == [2, 5]


def test_a_header_merged_down_over_records_is_refused_by_its_place(office: Desk) -> None:
    times = HEADER.index("次数")
    rows: list[list[Any]] = [list(HEADER), *(row(n) for n in range(3))]
    for cells in rows[1:3]:
        cells[times] = None
    receipt = office.take(write_book(office.inbox / BOOK, rows, [(0, times, 2, times, "次数")])).receipt
    assert receipt["reason"] == "header_mismatch"
    assert "工作表“Sheet1”：表头“次数”的单元格向下合并到了数据行（I1:I3）" in receipt["message_zh"]


def test_a_header_merged_down_over_nothing_is_a_header(office: Desk) -> None:
    times = HEADER.index("次数")
    rows = [HEADER, [], row(1), row(2)]
    found = office.take(write_book(office.inbox / BOOK, rows, [(0, times, 1, times, "次数")]))
    assert (found.rejects, [r["times"] for r in found.rows]) == ([], [3, 3])


def test_a_row_of_units_beneath_a_merged_header_is_a_reject(office: Desk) -> None:
    fee = HEADER.index("费用")
    units = ["元" if c == fee else None for c in range(len(HEADER))]
    merged = [(0, c, 1, c, h) for c, h in enumerate(HEADER) if c != fee]
    found = office.take(write_book(office.inbox / BOOK, [HEADER, units, row(1)], merged))
    assert {(n, reason) for n, _, reason in found.rejects} == {(2, "required"), (2, "number_format")}
    assert [r["record"] for r in found.rows] == [3]


def test_a_merged_cell_of_what_nobody_keeps_makes_no_record(office: Desk) -> None:
    name = HEADER.index("姓名")
    rows: list[list[Any]] = [list(HEADER), row(1), [None] * len(HEADER), ["注：无"]]
    rows[1][name] = None
    found = office.take(write_book(office.inbox / BOOK, rows, [(1, name, 2, name, "张三")]))
    assert (found.receipt["rows_read"], found.rejects) == (1, [])


def test_rows_of_blanks_are_no_records(office: Desk) -> None:
    blanks = [[" ", "\u3000", "\xa0", "\u200b", "\u2060\xad", "\u2028"]] * 50
    found = office.take(write_book(office.inbox / BOOK, [HEADER, row(1), *blanks]))
    assert (len(found.rows), found.receipt["rows_read"]) == (1, 1)


def test_a_sheet_is_read_in_blocks(office: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table, "ROWS", 7)
    monkeypatch.setitem(file.READERS, "xlsx", sheet.read_sheets)
    county = HEADER.index("县区代码")
    rows = [list(HEADER), *(row(n) for n in range(30))]
    for cells in rows[1:]:
        cells[county] = ""
    path = write_book(office.inbox / BOOK, rows, [(1, county, 30, county, "320102")])
    found = office.take(path)
    assert [(r["record"], r["county_code"]) for r in found.rows] == [(n, "320102") for n in range(2, 32)]


def test_a_column_may_take_the_name_of_the_sheet(office: Desk) -> None:
    city = replace(next(c for c in office.contract.columns if c.name == "provider"), headers=("工作表名",))
    columns = tuple(city if c.name == "provider" else c for c in office.contract.columns)
    sheets = {n: [[h for h in HEADER if h != "机构"], *[r[:7] + r[8:] for r in rows]] for n, rows in SHEETS.items()}
    found = sheets_of(office, "市$", sheets, columns=columns)
    assert found.rejects == [(4, "event_date", "required")]
    assert [r["provider"] for r in found.rows] == ["南京市", "南京市", "苏州市"]
    receipt = sheets_of(office, "州市$", {"苏州市": [[*HEADER, "工作表名"], [*row(1), "x"]]}, columns=columns).receipt
    assert receipt["reason"] == "header_mismatch" and "表头重复：工作表名" in receipt["message_zh"]


SHEETS = {"南京市": [row(1), row(2), row(3, 日期="")], "苏州市": [row(4)]}


def test_a_workbook_without_such_a_sheet_is_refused_by_the_names_of_its_sheets(office: Desk) -> None:
    found = sheets_of(office, "^20[0-9]{2}年$", {"目录": [], "2020": [HEADER, row(1)], citizen(1): [HEADER]})
    assert (found.outcome, found.receipt["reason"]) == ("refused", "wrong_dataset")
    message = found.receipt["message_zh"]
    assert f"没有名称合乎契约的工作表（^20[0-9]{{2}}年$），只有：目录、2020、{'9' * 18}" in message.replace("A", "9")
    assert citizen(1) not in message


def test_a_sheet_with_another_header_is_named(office: Desk) -> None:
    sheets = {"南京市": [HEADER, row(1)], "苏州市": [[*HEADER, "备注"], [*row(2), ""]]}
    receipt = sheets_of(office, "市$", sheets).receipt
    assert receipt["reason"] == "header_mismatch"
    assert "工作表“苏州市”：多出表头：备注" in receipt["message_zh"]
    assert "工作表“空市”：工作表是空的" in sheets_of(office, "市$", {"空市": []}).receipt["message_zh"]
