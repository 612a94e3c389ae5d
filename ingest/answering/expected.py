"""What a contract expects of a file, of its name and of each cell, in words for a clerk."""

from __future__ import annotations

import re
from functools import cache

import polars as pl

from ingest.promises.column import Column
from ingest.promises.contract import Contract
from ingest.promises.period import Period
from ingest.promises.region import PROVINCE, read_regions
from ingest.reading.header import DELIMITERS
from ingest.reading.quotes import LINES

GROUPS = {"year": "四位年份", "month": "两位月份（01 至 12）", "scope": "设区市代码（六位，如 320500）"}
SETS = {"0-9": "数字", "A-Za-z0-9-": "字母、数字或连字符"}
ROWS = {
    "ragged_row": "列数与表头相同",
    "stray_quote": f"英文双引号成对，后一个紧接分隔符或行尾；一条记录最多 {LINES} 行",
    "repeated_key": "每个键只有一个",
    "broken_json": "每行一个完整的 JSON 对象，一格一值",
}
FORMATS = {
    "xlsx": "XLSX 工作簿",
    "jsonl": "JSON Lines（UTF-8 编码，每行一个对象，键即表头）",
    "parquet": "Parquet",
}
SAVE_AS = {
    "gb18030": "在表格软件中另存为“CSV（逗号分隔）”，或在导出程序中把编码选为 GB18030（GBK、GB2312 也可）",
    "utf-8": "在导出程序中把编码选为 UTF-8",
    "utf-8-sig": "在表格软件中另存为“CSV UTF-8（逗号分隔）”",
    "utf-16": "在表格软件中另存为“Unicode 文本”",
}


def name_of(contract: Contract) -> str:
    """'名册_〔四位年份〕年〔两位月份（01 至 12）〕月.csv，如 名册_2025年09月.csv'."""
    named = re.sub(r"\(\?P<(\w+)>[^()]*\)", lambda group: f"〔{GROUPS[group[1]]}〕", contract.filename.pattern)
    return f"{named.removeprefix('^')}.{contract.format}，如 {contract.example_name}"


def format_of(contract: Contract) -> str:
    """'CSV 文本，编码 GB18030，分隔符为英文逗号'."""
    if contract.format == "csv":
        return f"CSV 文本，编码 {contract.encoding.upper()}，分隔符为{DELIMITERS[contract.delimiter]}"
    return FORMATS[contract.format]


def save_as(contract: Contract) -> str:
    """How to make such a file."""
    return SAVE_AS[contract.encoding] if contract.format == "csv" else f"另存为 {FORMATS[contract.format]}"


def place(contract: Contract, column: str, reason: str, period: Period | None, scope: str) -> str:
    """What was expected where the cell of this column, or the whole row ('*'), was rejected for the reason."""
    if reason in ("duplicate_key", "contradiction"):
        keyed = "、".join(c.headers[0] for c in contract.columns if c.name in contract.key)
        return f"{keyed}：在一个文件中不能有两行相同"
    headers = {c.name: c.headers[0] for c in contract.columns}
    found = next((c for c in contract.columns if c.name == column), None)
    if reason == "other_year" and period:
        return f"{period.year}，与文件名相同"
    if reason == "date_order" and found and found.not_before:
        return f"{headers[column]}不早于{headers[found.not_before]}"
    return cell(found, period, scope) if found else ROWS.get(reason, "")


def cell(column: Column, period: Period | None, scope: str = PROVINCE) -> str:
    """'必填；日期，如 2024-07-05……，在 2024-07-01 至 2024-07-31 之内'."""
    return f"{'必填' if column.required else '可空'}；{_content(column, period, scope)}"


def _content(column: Column, period: Period | None, scope: str) -> str:
    if column.codes:
        return f"只能是：{'、'.join(column.codes)}"
    if column.kind == "citizen":
        return "公民身份号码18位（末位可以是 X），整列按文本格式；旧式15位也可"
    if column.kind == "region":
        ours = "" if scope == PROVINCE else f"，属于本填报地区（{scope[:4]} 开头）"
        return f"六位县（市、区）或功能区代码，{f'{period.year} 年' if period else '本期'}有效{ours}"
    if column.kind == "date":
        within = f"，在 {period.start} 至 {period.end} 之内" if column.within_period and period else ""
        return f"日期，如 2024-07-05、2024/7/5、2024年7月5日或 20240705{within}"
    if column.kind in ("integer", "decimal"):
        kind = "整数" if column.kind == "integer" else f"数字，最多 {column.decimals} 位小数"
        return kind + limits(column.minimum, column.maximum)
    return pattern_in_words(column.pattern) if column.pattern else "文字"


def limits(least: float | None, most: float | None) -> str:
    """'，0 至 5000' of a range that is open at neither, either or both ends."""
    if least is not None and most is not None:
        return f"，{least:.12g} 至 {most:.12g}"
    return f"，不小于 {least:.12g}" if least is not None else f"，不大于 {most:.12g}" if most is not None else ""


def pattern_in_words(pattern: str) -> str:
    """'^S[0-9]{4}$' -> '格式：S〔4 位数字〕'; sets, alternatives, what may be left out or repeated."""
    said = re.sub(r"\[([^\]]+)\](?:\{(\d+)(?:,(\d+))?\})?", _set_in_words, pattern.removeprefix("^").removesuffix("$"))
    said = re.sub(r"\(([^()]*)\)\?", r"〔可以没有：\1〕", said)
    said = re.sub(r"\(([^()]*)\)\*", r"〔可以没有或重复：\1〕", said)
    return "格式：" + re.sub(r"\(([^()]*)\)", r"〔\1〕", said).replace("|", " 或 ")


def _set_in_words(found: re.Match[str]) -> str:
    letters, least, most = found.groups()
    is_range = re.fullmatch("[0-9]-[0-9]", letters)
    kind = SETS.get(letters) or (f"{letters[0]} 至 {letters[2]} 的数字" if is_range else f"“{letters}”之一")
    return f"〔{least or 1}{f' 至 {most}' if most else ''} 位{kind}〕"


@cache
def successors(year: int) -> str:
    """The codes that were no longer valid in the year and what took their place: '320602 崇川区 改为 320613；…'."""
    old = read_regions().codes.filter(pl.col("valid_to") < year, pl.col("successor_code").is_not_null())
    rows = old.select("code", "name", pl.col("successor_code").str.replace_all(";", " 或 ")).iter_rows()
    return "；".join(f"{code} {name} 改为 {successor}" for code, name, successor in rows)
