"""A clerk can tell from the receipt alone what to do; nothing in it is a person's, a formula or markup."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
import python_calamine
from desk import HEADER, KEY, PEOPLE, Delivery, Desk, citizen, csv_bytes, row
from marks import ATTACK, WORD, Marks, is_only_text
from sheets import write_book, write_sheets

from ingest import settings
from ingest.answering import expected, outbox, page, reply
from ingest.answering.steps import STEPS
from ingest.fold import fold
from ingest.promises.contract import read_contracts
from ingest.promises.period import Period
from ingest.reason import ADVICE, REJECT, REMEDY
from ingest.shape import shape
from ingest.words import SIMULATED

DATE = "必填；日期，如 2024-07-05、2024/7/5、2024年7月5日或 20240705，在 2020-09-01 至 2020-09-30 之内"
RECEIVED = "2020-10-19T23:30:00+00:00"  # in China the 20th already, the last day for September


class Text(HTMLParser):
    """What a page shows, without its marks."""

    def __init__(self, page: str):
        super().__init__()
        self.shown: list[str] = []
        self.feed(page)

    def handle_data(self, data: str) -> None:
        self.shown.append(data)


class Answered:
    """The receipt of a delivery, as its department sees it."""

    def __init__(self, desk: Desk, found: Delivery):
        outbox.answer(desk.contract)
        (self.page,) = (desk.data / "outbox" / "demo").glob(f"*{found.folder.name.removeprefix('delivery=')}.html")
        self.html = self.page.read_text("utf-8")
        self.text = " ".join(Text(self.html).shown)
        self.book = self.page.with_suffix(".xlsx")

    def sheet(self, name: str) -> list[list[Any]]:
        book = python_calamine.CalamineWorkbook.from_path(str(self.book))
        return book.get_sheet_by_name(name).to_python()


def send(
    desk: Desk, file: bytes | list[list[str]], name: str = "名册_2020年09月.csv", at: str = RECEIVED, seen: str = ""
) -> Answered:
    """seen: by our own clock, at once where it is not told."""
    desk = replace(desk, found_at=datetime.fromisoformat(seen or at))
    path = desk.write(file, name)
    path.with_name(f"{name}.received").write_text(at)
    return Answered(desk, desk.take(path))


def renamed(old: str, new: str) -> bytes:
    return csv_bytes([[new if h == old else h for h in HEADER], row(1)])


SPOILT = [row(n, 身份证号="3.20102E+17") for n in range(3)] + [row(n) for n in range(3, 9)]
UNREGULAR = [row(1, 次数="5001"), row(2, 日期="2020-10-01"), *(row(n) for n in range(3, 9))]
DEFECTIVE: dict[str, tuple[Callable[[Desk], Answered], list[str]]] = {
    "wrong encoding": (
        lambda desk: send(desk, csv_bytes([HEADER, row(1)], "utf-8")),
        ["表头是 UTF-8 编码的文字", "契约约定的格式是 CSV 文本，编码 GB18030", "另存为“CSV（逗号分隔）”", "有没有乱码"],
    ),
    "a header renamed": (
        lambda desk: send(desk, renamed("次数", "服务次数")),
        ["缺少表头：次数", "多出表头：服务次数", "表头改成下表“文件应有的表头”", "姓名、住址可有可无",
         "日期 或 服务日期", DATE, "可空；整数，0 至 5000", "可空；格式：S〔4 位数字〕",
         "必填；只能是：助餐、照料，（含夜间）", "必填；六位县（市、区）或功能区代码，2020 年有效"],
    ),
    "too many bad rows": (
        lambda desk: send(strict(desk), UNREGULAR),
        ["2 行不合格（25.0%），契约允许 5.0%", "表头是第 1 行", "3 日期 日期不在本期之内 9999-99-99 必填；日期",
         "2 次数 数值超出契约规定的范围 9999 可空；整数，0 至 5000", "核对数值和单位", "改在那一期的文件里报送"],
    ),
    "numbers that a spreadsheet spoilt": (
        lambda desk: send(strict(desk), SPOILT),
        ["改成了科学计数法", "末位已丢失，不能由本文件恢复", "先把该列设为文本格式，再从业务系统重新导出",
         "4 身份证号", "9.99999A+99", "公民身份号码18位（末位可以是 X），整列按文本格式"],
    ),
    "a month that does not exist": (
        lambda desk: send(desk, [row(1)], "名册_2020年13月.csv"),
        ["文件名不符合规则", "文件名里看不出", "改名为 名册_〔四位年份〕年〔两位月份（01 至 12）〕月.csv"],
    ),
    "another dataset": (
        lambda desk: send(desk, csv_bytes([["路线编号", "起点"], ["1", "2"]])),
        ["没有契约约定的表头", "可能缺少表头行，或分隔符不是英文逗号", "文件应有的表头"],
    ),
    "a part of the rows": (
        lambda desk: send(replace(desk, contract=replace(desk.contract, min_rows=3)), [row(1)]),
        ["只有 1 行", "检查导出条件", "至少 3 行"],
    ),
}  # fmt: skip


def strict(desk: Desk) -> Desk:
    return replace(desk, contract=replace(desk.contract, max_reject_share=0.05))


@pytest.mark.parametrize("kind", DEFECTIVE)
def test_a_clerk_can_tell_from_the_receipt_what_is_wrong_and_what_to_do_by_when(desk: Desk, kind: str) -> None:
    make, words = DEFECTIVE[kind]
    found = make(desk)
    is_named = kind != "a month that does not exist"
    assert found.page.name.startswith(f"名册_{'2020-09' if is_named else '时期不明'}_退回_")
    always = ["整个文件退回，没有一行计入统计", "报送部门 省测试厅", "2020-10-20 07:30（北京时间）", "最迟 2020-10-30",
              "重新报送整个文件（不是只报改正的行）", "如 名册_2025年09月.csv", "放到 inbox/demo/people/"]  # fmt: skip
    always += ["应报期限 2020-10-20，按时"] if is_named else ["应报期限 不明"]
    shown = re.sub(r"\s+", " ", found.text)
    assert [w for w in [*words, *always] if w not in shown] == []
    in_book = re.sub(r"\s+", " ", " ".join(
        str(c) for name in python_calamine.CalamineWorkbook.from_path(str(found.book)).sheet_names
        for cells in found.sheet(name) for c in cells
    ))  # fmt: skip
    assert [w for w in [*words, *always] if w not in in_book.replace(".0 ", " ")] == []


def test_a_row_that_is_left_out_is_named_in_the_words_of_the_file_it_came_from(desk: Desk) -> None:
    header = ["服务日期" if h == "日期" else h for h in HEADER]
    rows = [row(1), row(2, 日期="昨天", 类别="洗浴"), row(1), row(3, 县区代码="320611", 日期="2020-09-31"), row(4)[:5]]
    found = send(desk, csv_bytes([header, *rows]), at="2020-10-25T00:00:00+00:00")
    assert "_部分接收_" in found.page.name
    assert found.sheet("须改正的行") == [
        ["行", "列", "原因", "内容的形状", "应为"],
        [3.0, "服务日期", "不是日期", "汉汉", DATE],
        [3.0, "类别", "不在契约规定的取值之内", "汉汉", "必填；只能是：助餐、照料，（含夜间）"],
        [4.0, "身份证号", "与前面的记录主键重复", "", "身份证号、日期：在一个文件中不能有两行相同"],
        [5.0, "服务日期", "日期不存在", "9999-99-99", DATE],
        [6.0, "（整行）", "列数与表头不符", "999999999999999999,汉汉,9999-99-99,999999,汉汉", "列数与表头相同"],
    ]
    assert found.sheet("出错原因")[0] == ["列", "原因", "处数", "应为", "怎样改"]
    facts = {k: v for k, v, *_ in found.sheet("回执")}
    assert facts["结论"] == "接收 1 行；另有 4 行不合格，改正之前不计入统计"
    assert facts["应报期限"] == "2020-10-20，逾期 5 天"
    assert facts["重新报送期限"] == "2020-11-04（我方收到后 10 天，但不早于应报期限）"
    assert (facts["读到行数"], facts["接收行数"], facts["不合格行数"]) == ("5", "1", "4")
    assert citizen(2) not in found.html


def test_what_says_that_it_came_long_ago_is_to_be_sent_again_in_time_from_when_we_saw_it(desk: Desk) -> None:
    found = send(desk, [row(1), row(2, 次数="多")], seen="2023-07-03T20:00:00+00:00")
    shown = re.sub(r"\s+", " ", found.text)
    assert "2020-10-20 07:30（北京时间），是文件自己说的" in shown
    assert "重新报送期限 2023-07-14（我方收到后 10 天" in shown and "最迟 2023-07-14" in shown


def test_a_correction_is_not_late_and_a_refused_one_tells_which_delivery_still_counts(desk: Desk) -> None:
    path = desk.write([row(1)])
    path.with_name(f"{path.name}.received").write_text(RECEIVED)
    first = desk.take(path).receipt["delivery_id"]
    late, follows = "2023-07-03T00:00:00+00:00", f"先前采用的是 {first}"
    refused = send(desk, renamed("次数", "服务次数"), "名册_2020年09月_更正.csv", late)
    assert f"没有一行计入统计，仍以先前接收的 {first} 为准：省测试厅" in refused.text
    accepted = send(desk, [row(2)], "名册_2020年09月_再更正.csv", late)
    for found in (refused, accepted):
        assert "逾期" not in found.text and follows in found.text
    assert "为准：" not in accepted.text
    overtaken = send(desk, [row(3)], "名册_2020年09月_补报.csv", "2020-10-22T00:00:00+00:00")
    assert "2020-10-20，逾期 2 天" in re.sub(r"\s+", " ", overtaken.text)
    fresh = send(desk, renamed("次数", "服务次数"), "名册_2020年08月.csv", late)
    assert "为准" not in fresh.text and "，逾期 " in fresh.text


def test_an_early_delivery_need_not_be_sent_again_before_it_was_due(desk: Desk) -> None:
    found = send(desk, [row(1, 次数="无数")], at="2020-10-01T00:00:00+00:00")
    assert "最迟 2020-10-20" in found.text


def test_a_code_that_is_no_longer_valid_is_told_with_the_one_that_took_its_place(desk: Desk) -> None:
    found = send(desk, [row(1, 县区代码="320611"), row(2)], "名册_2021年09月.csv", "2021-10-01T00:00:00+00:00")
    assert "该代码在本期之前已停用" in found.text
    assert "320611 港闸区 改为 320613" in found.text
    assert "320684 海门市 改为 320614" in found.text
    assert "320103 白下区 改为 320104" in found.text


def test_a_good_delivery_is_thanked_for_in_a_page_alone(desk: Desk) -> None:
    found = send(desk, [row(1)], f"名册_2020年09月_{SIMULATED}.csv")
    assert "全部接收，无须改正" in found.text
    assert f"{SIMULATED}：由沙盘生成" in found.text
    assert "怎样做" not in found.text
    assert "期限 2020-10-20" in re.sub(r"\s+", " ", found.text)
    assert not found.book.exists()


def test_rows_of_a_workbook_are_numbered_as_in_their_sheet(desk: Desk) -> None:
    contract = replace(desk.contract, format="xlsx", sheets=re.compile("区$"))
    office = replace(desk, contract=contract)
    path = write_sheets(
        office.inbox / "名册_2020年09月.xlsx",
        {
            "玄武区": [HEADER, row(1), row(2, 次数="多")],
            "说明": [["不读"]],
            f"{citizen(9)}区": [["名册"], HEADER, row(3), row(4), row(5, 类别="无此类")],
        },
    )
    found = Answered(office, office.take(path))
    assert [cells[:3] for cells in found.sheet("须改正的行")] == [
        ["工作表", "行", "列"],
        ["玄武区", 3.0, "次数"],
        ["999999999999999999区", 5.0, "类别"],
    ]
    assert "行号是工作表里的行号" in found.text
    assert "读取的工作表 “玄武区”、“999999999999999999区”" in re.sub(r"\s+", " ", found.text)


def test_what_was_merged_is_told_with_the_sheet_that_was_read(desk: Desk) -> None:
    office = replace(desk, contract=replace(desk.contract, format="xlsx"))
    rows: list[list[str]] = [list(HEADER), *(row(n) for n in range(3))]
    for cells in rows[1:]:
        cells[HEADER.index("县区代码")] = ""
    county = (1, HEADER.index("县区代码"), 3, HEADER.index("县区代码"), "320102")
    found = Answered(office, office.take(write_book(office.inbox / "名册_2020年09月.xlsx", rows, [county])))
    said = "读取的工作表 “Sheet1”（1 处合并的单元格，其中每一行都按同一个值读取）"
    assert said in re.sub(r"\s+", " ", found.text)


def test_who_is_told_when_a_file_was_received_is_told_when_we_first_saw_it_where_that_is_far_apart(desk: Desk) -> None:
    now = datetime.now(UTC)
    found = send(desk, [row(1)], seen=now.isoformat())
    days = (now - datetime.fromisoformat(RECEIVED)).days
    assert (
        f"2020-10-20 07:30（北京时间），是文件自己说的；我方 {now.astimezone(settings.SHANGHAI):%Y-%m-%d}" in found.text
    )
    assert f"才第一次见到它，晚 {days} 天" in found.text
    year, month = (now - timedelta(days=40)).year, (now - timedelta(days=40)).month  # over, and due or nearly
    soon = send(
        desk, [row(2)], f"名册_{year}年{month:02}月.csv", (now - timedelta(days=6)).isoformat(), now.isoformat()
    )
    assert "才第一次见到它" not in soon.text


ATTACKS = ['=A1("//x","y")', "+1+cmd|'/C'!A0", "-2+3", "@SUM(1)", "<script>a()</script>", "{=1+1}", "\x01&amp;<b>"]


@pytest.mark.parametrize("attack", ATTACKS)
def test_nothing_from_outside_is_a_formula_or_markup(desk: Desk, attack: str) -> None:
    as_cell = send(desk, [row(1, 次数=attack), row(2)])
    as_header = send(desk, renamed("次数", attack), "名册_2020年08月.csv")
    as_name = send(desk, [row(1, 次数="x")], f"名册_2020年07月{attack.replace('/', '')}.csv")
    for found in (as_cell, as_header, as_name):
        assert not re.search("<script|<a |<b>", found.html)
        with zipfile.ZipFile(found.book) as book:
            parts = {name: book.read(name).decode() for name in book.namelist() if name.endswith(".xml")}
        assert not any("<f>" in part or "<f " in part or "hyperlink" in part for part in parts.values())
        assert 'quotePrefix="1"' in parts["xl/styles.xml"]  # a cell that is edited stays a text
    assert as_cell.sheet("须改正的行")[1][3] == shape(attack).replace("\x01", "\ufffd")
    assert fold(attack) in as_header.text


def test_nothing_that_a_page_is_given_is_markup(tmp_path: Path) -> None:
    def write(word: str) -> Marks:
        table = reply.Table(word, (word, word), [(word, 1), (word, 2)], 300)
        page.write_page(tmp_path / "page.html", reply.Reply(word, "partly", True, {word: word}, [word, word], [table]))
        return Marks(tmp_path / "page.html")

    plain, attacked = write(WORD), write(ATTACK)
    assert is_only_text(attacked, plain)
    assert plain.text.count(WORD) == 2 + 2 + 2 + 1 + 2 + 2
    assert attacked.needs_nothing()
    assert attacked.ways == []


def test_more_rows_than_a_page_or_a_workbook_holds_are_counted(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page, "MOST", 3)
    monkeypatch.setattr(reply, "MOST", 4)
    found = send(desk, [row(n, 次数="多") for n in range(6)])
    assert "共 6 行，只列前 3 行；同名 XLSX：共 6 行，只列前 4 行" in found.text
    assert len(re.findall(">不是数字<", found.html)) == 3 + 1  # rows, and the cause
    assert len(found.sheet("须改正的行")) == 4 + 1
    assert ["工作表“须改正的行”", "共 6 行，只列前 4 行"] in [cells[:2] for cells in found.sheet("回执")]


def state(data: Path) -> dict[str, tuple[bytes, int]]:
    files = [p for p in (data / "outbox").rglob("*") if p.is_file()]
    return {p.relative_to(data).as_posix(): (p.read_bytes(), p.stat().st_mtime_ns) for p in files}


def test_a_receipt_is_written_once_and_again_only_where_it_is_missing(desk: Desk) -> None:
    send(desk, [row(1), row(2, 次数="多")])
    second = send(desk, [row(1, 次数="多")], "名册_2020年10月.csv")
    before = state(desk.data)
    assert len(before) == 4
    assert outbox.answer(desk.contract) == 0
    assert state(desk.data) == before
    second.page.unlink()
    assert outbox.answer(desk.contract) == 1
    after = state(desk.data)
    assert {name: content for name, (content, _) in after.items()} == {n: c for n, (c, _) in before.items()}
    assert len({n for n in after if after[n] == before[n]}) == 2


KILLED = """
import os, signal, sys
from pathlib import Path
from ingest.answering import outbox
from ingest.promises.contract import read_contract

replace, calls = Path.replace, []

def replace_or_die(self, target):
    calls.append(target)
    if len(calls) == int(sys.argv[2]):
        os.kill(os.getpid(), signal.SIGKILL)
    return replace(self, target)

Path.replace = replace_or_die
outbox.answer(read_contract(Path(sys.argv[1])))
"""


@pytest.mark.parametrize("step", [1, 3, 4])
def test_what_a_killed_process_left_out_the_next_one_writes(desk: Desk, step: int, tmp_path: Path) -> None:
    contract = tmp_path / "contracts" / "demo" / "people.yaml"
    contract.parent.mkdir(parents=True)
    contract.write_text(PEOPLE, "utf-8")
    for month in (9, 10):
        desk.take(desk.write([row(1, 次数="多")], f"名册_2020年{month:02d}月.csv"))
    call = [sys.executable, "-c", KILLED, str(contract), str(step)]
    environment = os.environ | {"SUHENG_DATA": str(desk.data), "SUHENG_PSEUDONYM_KEY": KEY}
    done = subprocess.run(call, cwd=settings.ROOT, env=environment, check=False, capture_output=True)
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()
    room = desk.data / "outbox" / "demo"
    pages = list(room.glob("*.html"))
    assert len(pages) == max(0, step - 3)
    assert all(p.with_suffix(".xlsx").exists() for p in pages)
    assert outbox.answer(desk.contract) == 2 - len(pages)
    assert sorted(p.suffix for p in room.iterdir()) == [".html", ".html", ".xlsx", ".xlsx"]


def test_every_reason_has_a_remedy_and_every_refusal_a_first_step() -> None:
    assert REMEDY.keys() == REJECT.keys()
    assert STEPS.keys() == ADVICE.keys()


def test_patterns_are_told_in_words() -> None:
    assert expected.pattern_in_words("^S[0-9]{4}$") == "格式：S〔4 位数字〕"
    assert expected.pattern_in_words("^(1|2)[0-9]{2}$") == "格式：〔1 或 2〕〔2 位数字〕"
    assert expected.pattern_in_words("^[1-6][0-9]{5}$") == "格式：〔1 位1 至 6 的数字〕〔5 位数字〕"
    assert expected.pattern_in_words("^32[0-9]{4}([0-9]{3})?$") == "格式：32〔4 位数字〕〔可以没有：〔3 位数字〕〕"
    assert expected.pattern_in_words("^[A-Za-z0-9-]{2,12}$") == "格式：〔2 至 12 位字母、数字或连字符〕"
    several = "格式：〔9 位数字〕〔可以没有或重复：〔1 位“、；;”之一〕〔9 位数字〕〕"
    assert expected.pattern_in_words("^[0-9]{9}([、；;][0-9]{9})*$") == several


@pytest.mark.parametrize("name", read_contracts())
def test_no_contract_is_told_in_regular_expressions(name: str) -> None:
    contract = read_contracts()[name]
    said = [expected.cell(c, Period(2024, 7), "320500") for c in contract.columns] + [expected.name_of(contract)]
    assert [text for text in said if re.search(r"[\[\]{}^$|*?\\]|\(\?", text)] == []
    assert contract.repair_days in (10, 15, 30)


def test_a_range_may_be_open() -> None:
    assert [expected.limits(*ends) for ends in [(0, 5), (1.5, None), (None, 99999), (None, None)]] == [
        "，0 至 5",
        "，不小于 1.5",
        "，不大于 99999",
        "",
    ]
