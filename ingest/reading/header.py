"""The header of a file: which of its columns are which of ours."""

from __future__ import annotations

import csv
import re
import unicodedata
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from ingest.fold import fold
from ingest.promises.column import Column
from ingest.promises.contract import Contract
from ingest.reading.cut import Part, cut
from ingest.reading.dialect import Dialect
from ingest.reading.ends import CR, read_start
from ingest.reading.kind import TEXT, UTF_16, check_kind
from ingest.reading.quotes import header_end
from ingest.reason import Refusal, Unreadable
from ingest.shape import mask, shape
from ingest.words import listed

# What no header has, besides a citizen number: so many digits, or nothing but a long number or a date.
DATA = re.compile(r"\d(?:[\W_]?\d){14}|\d{7}|^(?=(?:\D*\d){7})(?:\W|[\d年月日])+$")
PLAIN = re.compile("[^ -~、-〿㐀-鿿\U00020000-\U0003ffff‘’“”…—·×]")
LONGEST = 40
DELIMITERS = {",": "英文逗号", "|": "竖线", "\t": "制表符"}
SEPARATORS = DELIMITERS | {";": "英文分号", "，": "全角逗号（，）", "；": "全角分号（；）", "、": "顿号（、）"}
SEPARATORS |= {"｜": "全角竖线（｜）", "^": "尖号（^）", "~": "波浪号（~）", "\u3000": "全角空格", " ": "空格"}


def read_header(path: Path, dialect: Dialect) -> list[str]:
    """The header cells; raises Unreadable when the first record is no text of this encoding."""
    encoding = dialect.encoding
    kind = check_kind(path, f" {encoding} 编码的 CSV", TEXT, None, *([UTF_16] if encoding == "utf-16" else []))
    if encoding == "utf-16" and kind is not UTF_16:
        raise Unreadable("文件不是 UTF-16 编码的文本，开头没有它的标记（BOM）；请按约定的编码另存")
    _check_encoding(read_start(path, encoding).partition(b"\n")[0], encoding)
    part = next(cut(path, dialect, 1 << 16), Part(memoryview(b""), [], 0))
    if part.strays and part.strays[0][0] == 0:
        raise Unreadable("表头里的英文双引号没有成对")
    block = bytes(part.data)
    text = (
        block[: header_end(block, len(block), dialect)]
        .decode(dialect.written, "replace")
        .lstrip("\ufeff")
        .rstrip("\r\n")
    )
    if "\ufffd" in text:
        raise Unreadable(f"表头不是 {encoding} 编码的文字：文件的编码可能不对")
    if "\x00" in text:
        raise Unreadable(f"第一行里有零字节，不是 {encoding} 编码的文字：可能是没有标记的 UTF-16，或文件已损坏")
    if not text.strip():
        raise Unreadable("第一行没有表头，是空行")
    if re.match("sep=", text, re.IGNORECASE):
        raise Unreadable("第一行是给表格软件看的 sep=，不是表头；请删去这一行")
    try:
        return next(csv.reader([text], delimiter=dialect.delimiter))
    except csv.Error:
        raise Unreadable(CR if "\r" in text else "第一行不能按 CSV 的规则分成表头") from None


def _check_encoding(line: bytes, encoding: str) -> None:
    """Raises Unreadable when the line is in GB18030 and not in UTF-8, or the other way, as was not promised."""
    other = "utf-8" if encoding == "gb18030" else "gb18030"
    is_other = _is(line, other) and (other == "utf-8" or not _is(line, "utf-8"))
    if encoding != "utf-16" and not line.isascii() and is_other:
        said = f"表头是 {other.upper()} 编码的文字，契约约定 {encoding}：文件的编码可能不对，请按约定的编码另存"
        raise Unreadable(said)


def _is(text: bytes, encoding: str) -> bool:
    try:
        text.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def match(header: list[str], contract: Contract, contracts: Mapping[str, Contract]) -> dict[str, Column]:
    """Our column by folded header; raises Refusal when headers are missing, unknown or another dataset's."""
    wanted = {fold(h): c for c in contract.read_columns for h in c.headers}
    ignored = {fold(h) for h in contract.ignored_headers} | {""}
    found = {h: wanted[h] for h in header if h in wanted}
    times = Counter(wanted[h].name for h in header if h in wanted)
    repeated = [c.headers[0] for c in contract.read_columns if times[c.name] > 1]
    missing = [c.headers[0] for c in contract.columns if not times[c.name]]
    unknown = sorted(set(header) - set(found) - ignored)
    if missing:
        for other in contracts.values():
            theirs = {fold(h) for c in other.columns for h in c.headers}
            if other is not contract and len(theirs & set(header)) > max(len(found), len(other.columns) // 2):
                raise Refusal(f"内容是《{other.title}》（{other.name}），不是《{contract.title}》", "wrong_dataset")
    if not found and not (ignored & set(header)) - {""}:
        rows = {"csv": f"：可能缺少表头行，或分隔符不是{DELIMITERS[contract.delimiter]}", "xlsx": "：可能缺少表头行"}
        seen = listed(map(shape, filter(None, header)), "列")
        raise Refusal(f"没有契约约定的表头{rows.get(contract.format, '')}；看到的是：{seen}", "header_mismatch")
    shown = _show(unknown, is_header=2 * len(times) >= len(contract.columns))
    lists = {"缺少表头": missing, "多出表头": shown, "表头重复": repeated}
    if any(lists.values()):
        said = "；".join(f"{what}：{listed(which, '列')}" for what, which in lists.items() if which)
        raise Refusal(said, "header_mismatch")
    return found


def _show(unknown: list[str], is_header: bool) -> list[str]:
    """Headers that nobody promised, as they are; only their shapes where they may be a record, of a person at worst."""
    if not is_header or any(DATA.search(header) or mask(header) != header for header in unknown):
        return [shape(header) for header in unknown]
    return [PLAIN.sub(_spell, header[:LONGEST]) + "…" * (len(header) > LONGEST) for header in unknown]


def _spell(letter: re.Match[str]) -> str:
    """A letter with its code point, alone where it cannot be seen: 'а（U+0430）'."""
    seen = letter[0] if letter[0].isprintable() and not unicodedata.category(letter[0]).startswith("M") else ""
    return f"{seen}（U+{ord(letter[0]):04X}）"
