"""How the lines of a text end, and whether its last one does: a file that was cut off on its way is no delivery."""

from __future__ import annotations

import codecs
import csv
import os
from pathlib import Path

from ingest.reading.dialect import Dialect
from ingest.reason import Refusal, Unreadable

START, TAIL = 1 << 16, 1 << 16  # bytes that are looked at
NOTHING = " \t\r\n\x1a\ufeff"
CR = (
    "每行末尾只有回车符（CR，旧式 Mac 的换行），没有换行符（LF）；"
    "请在导出程序或文本编辑器里把换行符改为 Windows（CRLF）或 Unix（LF）"
)


def read_start(path: Path, encoding: str) -> bytes:
    """The first bytes; raises Unreadable when their lines end in CR alone."""
    with path.open("rb") as file:
        start = file.read(START)
    text = start.decode(encoding, "replace") if encoding == "utf-16" else start.decode("latin-1")
    if "\n" not in text and "\0" not in text and "\r" in text.rstrip(NOTHING):
        raise Unreadable(CR)
    return start


def check_end(path: Path, dialect: Dialect, is_broken: bool) -> bool:
    """Whether the last line has no line end; raises Refusal when it is cut off besides.

    is_broken: whether it is no record. One with more fields than the header, or closed, is wrong but not cut off.
    """
    line = _last_line(path, dialect)
    if not line.strip(f'{NOTHING}{dialect.delimiter}"'.encode()):
        return False
    text = line.decode(dialect.written, "replace")
    if dialect.delimiter:
        is_short = len(next(csv.reader([text.replace("\r", " ")], delimiter=dialect.delimiter))) <= dialect.width
    else:
        is_short = not text.rstrip(NOTHING).endswith("}")
    if _is_cut(line, dialect.written) or (is_broken and is_short):
        raise Refusal("最后一行不完整，也没有换行：文件似乎在传输中断开，后面的行没有传到", "cut_off")
    return True


def _last_line(path: Path, dialect: Dialect) -> bytes:
    """What stands behind the last line end; of UTF-16 as UTF-8."""
    with path.open("rb") as file:
        order = "utf-16-be" if file.read(2) == codecs.BOM_UTF16_BE else "utf-16-le"
        file.seek(max(file.seek(0, os.SEEK_END) - TAIL, 0) & ~1)
        tail = file.read()
    if dialect.encoding == "utf-16":
        tail = tail.decode(order, "replace").encode()
    return tail[tail.rfind(b"\n") + 1 :]


def _is_cut(line: bytes, encoding: str) -> bool:
    """Whether it ends within a character."""
    try:
        line.decode(encoding)
    except UnicodeDecodeError as error:
        return (error.end == len(line) and "incomplete" in error.reason) or error.reason == "unexpected end of data"
    return False
