"""The header of a file: which of its columns are which of ours."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from ingest.promises.column import Column
from ingest.promises.contract import Contract
from ingest.reading.cut import Part, cut
from ingest.reading.dialect import Dialect
from ingest.reading.quotes import header_end
from ingest.reason import Refusal, Unreadable
from ingest.shape import shape

MARKS = {
    b"PK\x03\x04": "XLSX 工作簿",
    b"\xd0\xcf\x11\xe0": "旧式 XLS 工作簿",
    b"PAR1": "Parquet 文件",
    b"\xff\xfe": "UTF-16 编码的文本",
    b"\xfe\xff": "UTF-16 编码的文本",
}
DELIMITERS = {",": "英文逗号", "|": "竖线", "\t": "制表符"}


def check_mark(path: Path, promised: str, own: str = "") -> None:
    """Raises Unreadable when the first bytes are those of another format than our own."""
    with path.open("rb") as file:
        start = file.read(4)
    found = next((kind for mark, kind in MARKS.items() if start.startswith(mark)), "")
    if found != own:
        raise Unreadable(f"文件其实是 {found}，契约约定{promised}" if found else f"文件不是 {own}")


def read_header(path: Path, dialect: Dialect) -> list[str]:
    """The header cells; raises Unreadable when the first record is no text of this encoding."""
    encoding = dialect.encoding
    check_mark(path, f" {encoding} 编码的 CSV", "UTF-16 编码的文本" if encoding == "utf-16" else "")
    with path.open("rb") as file:
        line = file.readline(1 << 16)
    if encoding == "gb18030" and not line.isascii() and _is(line, "utf-8"):
        raise Unreadable(f"表头是 UTF-8 编码的文字，契约约定 {encoding}：文件的编码可能不对")
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
    if not text.strip() or "\x00" in text:
        raise Unreadable("第一行没有表头")
    try:
        return next(csv.reader([text], delimiter=dialect.delimiter))
    except csv.Error:
        raise Unreadable("第一行不能按 CSV 的规则分成表头") from None


def _is(text: bytes, encoding: str) -> bool:
    try:
        text.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def fold(header: str) -> str:
    """A header without blanks and what is invisible, full-width forms folded: headers differ in nothing else."""
    return re.sub(
        r"[\s\xad\u200b-\u200f\u2060\ufeff]+", "", header.replace("（", "(").replace("）", ")").replace("％", "%")
    )


def match(header: list[str], contract: Contract, contracts: Mapping[str, Contract]) -> dict[str, Column]:
    """Our column by folded header; raises Refusal when headers are missing, unknown or another dataset's."""
    wanted = {fold(h): c for c in contract.columns for h in c.headers}
    ignored = {fold(h) for h in contract.ignored_headers} | {""}
    found = {h: wanted[h] for h in header if h in wanted}
    times = Counter(wanted[h].name for h in header if h in wanted)
    repeated = [c.headers[0] for c in contract.columns if times[c.name] > 1]
    missing = [c.headers[0] for c in contract.columns if not times[c.name]]
    unknown = sorted(set(header) - set(found) - ignored)
    if missing:
        for other in contracts.values():
            theirs = {fold(h) for c in other.columns for h in c.headers}
            if other is not contract and len(theirs & set(header)) > max(len(found), len(other.columns) // 2):
                raise Refusal(f"内容是《{other.title}》（{other.name}），不是《{contract.title}》", "wrong_dataset")
    if not found and not (ignored & set(header)) - {""}:  # then the first row may be a person: never show it
        rows = {"csv": f"：可能缺少表头行，或分隔符不是{DELIMITERS[contract.delimiter]}", "xlsx": "：可能缺少表头行"}
        raise Refusal(f"没有契约约定的表头{rows.get(contract.format, '')}", "header_mismatch")
    has_data = any(len(h) > 20 or re.search("[0-9]{4}", h) for h in unknown)
    shown = [shape(h) for h in unknown] if has_data else unknown
    lists = {"缺少表头": missing, "多出表头": shown, "表头重复": repeated}
    if any(lists.values()):
        said = "；".join(f"{what}：{'、'.join(which)}" for what, which in lists.items() if which)
        raise Refusal(said, "header_mismatch")
    return found
