"""What goes wrong with a delivery and what its department then reads on its receipt, kind by kind."""

from __future__ import annotations

import gzip
import html
import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter
from desk import GOOD, HEADER, Desk, citizen, csv_bytes, row
from sheets import write_book, write_sheets

from ingest.answering import outbox
from ingest.reading.header import SEPARATORS

Write = Callable[[Path], object]


def text(*rows: Any, header: Any = HEADER, newline: str = "\n", encoding: str = "gb18030") -> Write:
    return lambda path: path.write_bytes(csv_bytes([header, *rows], encoding, newline))


def data(content: bytes) -> Write:
    return lambda path: path.write_bytes(content)


def lines(*changes: dict[str, Any], encoding: str = "utf-8", end: str = "\n") -> Write:
    rows = ({**GOOD, "身份证号": citizen(n), **change} for n, change in enumerate(changes))
    return data("".join(json.dumps(cells, ensure_ascii=False) + end for cells in rows).encode(encoding))


def parquet(**columns: Any) -> Write:
    length = len(next(iter(columns.values())))
    table = pa.table(
        {**dict(zip(HEADER, map(list, zip(*map(row, range(length)), strict=True)), strict=True)), **columns}
    )
    return lambda path: pq.write_table(table, path)


def book(*rows: Any, **sheets: Any) -> Write:
    return lambda path: write_sheets(path, sheets) if sheets else write_book(path, [HEADER, *rows])


def hidden(path: Path) -> None:
    with xlsxwriter.Workbook(str(path)) as made:
        dictionary, chart, cells = (
            made.add_worksheet("WpsReserved"),
            made.add_chartsheet("图"),
            made.add_worksheet("数据"),
        )
        bars = made.add_chart({"type": "bar"})
        bars.add_series({"values": "=数据!$A$1:$A$2"})
        chart.set_chart(bars)
        dictionary.write(0, 0, "字典")
        for r, written in enumerate([HEADER, row(1)]):
            cells.write_row(r, 0, written)
        cells.activate()
        dictionary.very_hidden()


WIDE = [*HEADER, *(f"扩展字段{n}" for n in range(1188))]
SPACED = [f"\ufeff{HEADER[0]}", *(f" {header}\u3000" for header in HEADER[1:])]
KINDS: dict[str, tuple[str, Write, str, list[str]]] = {  # format, what is dropped, outcome, what is read
    # dates and numbers, as other programs write them
    "c05 midnight": ("csv", text(row(1, 日期="2020-09-05 00:00:00")), "landed", ["接收行数 1"]),
    "c07 midnight in UTC": ("csv", text(row(1, 日期="2020-09-05T16:00:00.000Z")), "landed", ["接收行数 1"]),
    "a time of day": (
        "csv",
        text(row(1), row(2, 日期="2020-09-05 08:30")),
        "partly",
        ["日期后面带有零点以外的时间", "去掉时间，只留年、月、日（零点可以保留）"],
    ),
    "a time of day in JSON": ("jsonl", lines({}, {"日期": "2020-09-05T08:30:00"}), "partly", ["带有零点以外的时间"]),
    "a time of day in a workbook": (
        "xlsx",
        book(row(1), [citizen(2), "", datetime(2020, 9, 5, 8, 30), *row(2)[3:]]),
        "partly",
        ["3 日期 日期后面带有零点以外的时间 9999-99-99 99:99:99"],
    ),
    "a time of day in Parquet": (
        "parquet",
        parquet(日期=[datetime(2020, 9, 5), datetime(2020, 9, 5, 8, 30)]),
        "partly",
        ["2 日期 日期后面带有零点以外的时间 9999-99-99 99:99:99"],
    ),
    "c10 no date": ("csv", text(row(1), row(2, 日期="9999-12-31")), "partly", ["占位日期", "没有日期的留空"]),
    "c11 no date of MySQL": ("csv", text(row(1), row(2, 日期="0000-00-00")), "partly", ["占位日期", "没有日期的留空"]),
    "c11 NULL": ("csv", text(row(1, 次数="NULL"), row(2, 次数="\\N")), "landed", ["接收行数 2"]),
    "c13 120.0": ("csv", text(row(1, 次数="120.0")), "landed", ["接收行数 1"]),
    "120.5": ("csv", text(row(1), row(2, 次数="120.5")), "partly", ["小数位数超过契约规定", "可空；整数"]),
    "c14 codes of another length": (
        "csv",
        text(*(row(n, 县区代码=c) for n, c in enumerate(["320102.0", "320102000", "320102000000", "320102"]))),
        "partly",
        ["区划代码不是六位数字 3 必填；六位县（市、区）或功能区代码", "去掉末尾的 .0", "九位、十二位代码只取前六位"],
    ),
    "the number of a day": (
        "xlsx",
        book([citizen(1), "", 44079, *row(1)[3:]], row(2)),
        "partly",
        ["2 日期 不是日期 99999", "五位数（如 45905）是表格软件的日期序号，先把该列设为日期格式再另存"],
    ),
    "j09 numbers without quotes": (
        "jsonl",
        lines({}, {"身份证号": 320102194001010012}, {"身份证号": 3.2970119500101e17}),
        "partly",
        ["身份证号 十六位以上的号码以数字书写，末位可能已丢失，须加引号 2", "写在英文双引号之内"],
    ),
    "a code in scientific notation": (
        "csv",
        text(row(1), row(2, 机构="3.20102E+17")),
        "partly",
        ["代码被表格软件改成了科学计数法", "先把该列设为文本格式"],
    ),
    "p06 decimals of every width": (
        "parquet",
        parquet(费用=pa.array([1, 2], pa.int8()).cast(pa.decimal256(40, 2))),
        "landed",
        ["接收行数 2"],
    ),
    # how the lines are written
    "c22 CR": (
        "csv",
        text(row(1), newline="\r"),
        "refused",
        ["每行末尾只有回车符（CR", "改为 Windows（CRLF）或 Unix（LF）"],
    ),
    "j15 CR": ("jsonl", lines({}, {}, end="\r"), "refused", ["每行末尾只有回车符（CR"]),
    "j15 U+2028 in a text": ("jsonl", lines({"机构": "夕\u2028阳"}, {}), "landed", ["接收行数 2"]),
    "j07 GB18030": (
        "jsonl",
        lines({}, encoding="gb18030"),
        "refused",
        ["文件是 GB18030 编码的文字", "JSON Lines（UTF-8"],
    ),
    "UTF-8": ("csv", text(row(1), encoding="utf-8"), "refused", ["表头是 UTF-8 编码的文字", "把编码选为 GB18030"]),
    "f12 cut off": (
        "csv",
        data(csv_bytes([HEADER, row(1), row(2)])[:-40]),
        "refused",
        ["文件似乎在传输中断开", "看文件最后一行", "重新上传"],
    ),
    # headers
    "c36 many columns": ("csv", text(header=WIDE), "refused", ["多出表头：扩展字段0、", "…等共 1,188 列"]),
    "c36 one column": ("csv", text(header=["身份证号"]), "refused", ["缺少表头：日期、县区代码、类别"]),
    "c41 what cannot be seen": (
        "csv",
        text(row(1), header=["\ufeff身份\u200b证号", *HEADER[1:]]),
        "landed",
        ["接收行数 1"],
    ),
    "c42 a column more": ("csv", text(row(1), header=[*HEADER, "2025年末备注"]), "refused", ["多出表头：2025年末备注"]),
    "a title over the header": (
        "csv",
        data(csv_bytes([["2020年9月名册"], [], HEADER, row(1)])),
        "refused",
        ["看到的是：9999汉9汉汉汉；表头像是在第 3 行，请删去它上面的行"],
    ),
    **{
        f"{name} between the cells": (
            "csv",
            data(csv_bytes([HEADER, row(1)]).decode("gb18030").replace(",", delimiter).encode("gb18030")),
            "refused",
            [f"表头用{name}分隔，契约约定用英文逗号：请在导出程序里把分隔符改为英文逗号"],
        )
        for delimiter, name in SEPARATORS.items()
        if delimiter != ","
    },
    "some commas of full width": (
        "csv",
        data(csv_bytes([HEADER, row(1)]).decode("gb18030").replace(",", "，", 5).encode("gb18030")),
        "refused",
        ["表头用全角逗号（，）分隔，契约约定用英文逗号"],
    ),
    "quotes and semicolons": (
        "csv",
        data(";".join(f'"{header}"' for header in HEADER).encode("gb18030") + b"\n1\n"),
        "refused",
        ["表头用英文分号分隔，契约约定用英文逗号"],
    ),
    "no header": (
        "csv",
        text(row(2), header=row(1)),
        "refused",
        ["可能缺少表头行", "看到的是：999999999999999999、汉汉、"],
    ),
    "p10 blanks in names": (
        "parquet",
        lambda path: pq.write_table(pa.table([[c] for c in row(1)], SPACED), path),
        "landed",
        ["接收行数 1"],
    ),
    "p10 a name twice": (
        "parquet",
        lambda path: pq.write_table(pa.table([[c] for c in [*row(1), "1"]], [*HEADER, "费用 "]), path),
        "refused",
        ["表头重复：费用"],
    ),
    # other files
    "f04 no byte": ("csv", data(b""), "refused", ["文件是空的（0 字节）"]),
    "f04 no byte of a workbook": ("xlsx", data(b""), "refused", ["文件是空的（0 字节）"]),
    "f05 gzip": (
        "csv",
        data(gzip.compress(b"x")),
        "refused",
        ["GZIP 压缩包", "把压缩包解压，只报送里面的文件（CSV 文本"],
    ),
    "x30 HTML": ("xlsx", data("<html><table>".encode("gbk")), "refused", ["网页（HTML）", "另存为 XLSX 工作簿"]),
    # workbooks
    "x02, x04 a hidden sheet and a chart": (
        "xlsx",
        hidden,
        "landed",
        ["读取的工作表 “数据”（隐藏的工作表“WpsReserved”没有读取）"],
    ),
    "x03 a cover": ("xlsx", book(填报说明=[["请如实填报"]], 数据=[HEADER, row(1)]), "landed", ["读取的工作表 “数据”"]),
    "x20 rows of blanks": ("xlsx", book(row(1), *[[" "]] * 3000), "landed", ["读到行数 1 接收行数 1"]),
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_department_reads_what_it_can_act_on(desk: Desk, kind: str) -> None:
    form, write, outcome, words = KINDS[kind]
    encoding = "gb18030" if form == "csv" else "utf-8"
    office = replace(desk, contract=replace(desk.contract, format=form, encoding=encoding))
    path = office.inbox / f"名册_2020年09月.{form}"
    path.parent.mkdir(parents=True)
    write(path)
    found = office.take(path)
    assert found.outcome == ("refused" if outcome == "refused" else "landed")
    assert (found.receipt["rows_rejected"] > 0) == (outcome == "partly")
    outbox.answer(office.contract)
    (page,) = (office.data / "outbox" / "demo").glob("*.html")
    shown = re.sub(r"\s+", " ", html.unescape(re.sub("<[^>]*>", " ", page.read_text("utf-8"))))
    for word in words:
        assert word in shown, shown
    for number in map(citizen, range(3)):
        assert number not in shown + found.said + json.dumps(found.receipt)


def test_a_midnight_is_its_day_and_an_eve_in_utc_the_next_one(desk: Desk) -> None:
    found = desk.take([row(1, 日期="2020-09-05 00:00:00"), row(2, 日期="2020-09-05T16:00:00.000Z")])
    assert [r["event_date"] for r in found.rows] == [date(2020, 9, 5), date(2020, 9, 6)]
