"""A workbook's archive, looked at before its sheets are read: which, how far they reach, what has no value."""

from __future__ import annotations

import errno
import lzma
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from ingest.reading.kind import XLSX, ZIP, check_kind
from ingest.reason import SPOILT, Refusal, Unreadable
from ingest.settings import LIMITS, Limits

CHUNK = 8 << 20
BROKEN = (  # what an archive raises that is damaged
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, ElementTree.ParseError, LookupError, ValueError,
    NotImplementedError, RuntimeError, EOFError, OverflowError, OSError,
)  # fmt: skip
ROW = re.compile(rb"""row [^>]*?r=["'](\d+)""")
# Of references only those that may be far: others are within 26 columns and a million rows. Each pattern begins with
# letters of its own, for which the text is searched ten times as fast.
FAR = [re.compile(rb"r=%b([A-Z]{2,}|[A-Z](?=\d{7}))(\d+)" % quote) for quote in (b'"', b"'")]
ERROR = rb"""<{x}c\b(?=[^>]*\st=["']e["'])[^>]*?\sr=["']([A-Z]+)(\d+)["'][^>]*>\s*{f}(?:<{x}v>([^<]*))?"""
FORMULA = rb"""<{x}c\b(?![^>]*\st=["']str["'])[^>]*?\sr=["']([A-Z]+)(\d+)["'][^>]*>\s*(?=<{x}f\b){f}{v}</{x}c>"""
PARTS = {
    b"{f}": rb"(?:<{x}f\b(?:[^>]*/>|[^>]*>[^<]*</{x}f>)\s*)?",
    b"{v}": rb"(?:<{x}v\s*/>\s*|<{x}v>\s*</{x}v>\s*)?",
}

Spoilt = dict[int, dict[int, str]]  # by row and column, 0-based, what a cell shows that has no value: #N/A, or =


@dataclass(frozen=True)
class Leaf:
    """A sheet of cells, no chart, in the workbook's order."""

    name: str
    is_visible: bool
    part: str


@contextmanager
def opened(path: Path) -> Iterator[zipfile.ZipFile]:
    """The archive; raises Refusal when it is none, damaged or of no sensible size."""
    check_kind(path, " XLSX 工作簿", XLSX, ZIP)
    with path.open("rb") as file:
        try:
            with zipfile.ZipFile(file) as archive:
                _weigh(archive.infolist(), LIMITS)
                if "xl/workbook.xml" not in (name.casefold() for name in archive.namelist()):
                    check_kind(path, " XLSX 工作簿", XLSX)
                _check_whole(archive)
                yield archive
        except Refusal:
            raise
        except BROKEN as error:
            if getattr(error, "errno", None) not in (None, errno.EINVAL):  # of the machine, not of a wrong offset
                raise
            raise Unreadable(f"不是可以打开的 XLSX 工作簿（{type(error).__name__}）：文件已损坏，或没有传完") from None


def _weigh(parts: list[zipfile.ZipInfo], limits: Limits) -> None:
    unpacked, packed = sum(p.file_size for p in parts), sum(p.compress_size for p in parts)
    is_bomb = unpacked > 64 << 20 and unpacked > limits.ratio * packed
    if len(parts) > limits.parts or unpacked > limits.unpacked or is_bomb:
        raise Refusal(f"工作簿展开后有 {unpacked >> 20:,} MB、{len(parts):,} 个部件，大得异常", "too_large")


def _check_whole(archive: zipfile.ZipFile) -> None:
    """Raises BadZipFile where a part differs from its checksum, which the reader of the cells does not look at.

    The sheets are checked as they are looked at.
    """
    for part in archive.infolist():
        if part.filename.casefold().endswith((".xml", ".rels")) and "/worksheets/sheet" not in part.filename.casefold():
            with archive.open(part) as file:
                while file.read(CHUNK):
                    pass


def leaves(archive: zipfile.ZipFile) -> list[Leaf]:
    """The workbook's sheets of cells."""
    names = {name.casefold(): name for name in archive.namelist()}

    def part(name: str) -> str:
        return names[name.casefold()]

    related = ElementTree.fromstring(archive.read(part("xl/_rels/workbook.xml.rels")))
    targets = {r.get("Id"): r.get("Target", "") for r in related if r.get("Type", "").endswith("/worksheet")}
    book = ElementTree.fromstring(archive.read(part("xl/workbook.xml")))
    found = []
    for sheet in book.iterfind("{*}sheets/{*}sheet"):
        target = targets.get(next((v for k, v in sheet.items() if k.endswith("}id")), ""))
        if target:
            place = target.removeprefix("/") if target.startswith("/") else f"xl/{target.removeprefix('./')}"
            found.append(Leaf(sheet.get("name", ""), sheet.get("state", "visible") == "visible", part(place)))
    return found


def look(archive: zipfile.ZipFile, leaf: Leaf) -> Spoilt:
    """What has no value in the sheet; raises Refusal when it reaches too far to be read."""
    spoilt: Spoilt = {}
    row, column, rest = 0, 0, b""
    with archive.open(leaf.part) as file:
        while chunk := file.read(CHUNK):
            text = rest + chunk
            end = text.rfind(b"<", 0, text.rfind(b"row ") + 1) if len(chunk) == CHUNK else len(text)
            text, rest = text[: max(end, 0)], text[max(end, 0) :]
            far = {found for pattern in FAR for found in pattern.findall(text)}
            row = max([row, *map(int, ROW.findall(text)), *(int(number) for _, number in far)])
            column = max([column, *(_column(letters) for letters in {letters for letters, _ in far})])
            if row * (column + 1) > LIMITS.cells:
                raise Refusal(_too_far(leaf, row, column), "too_large")
            _mark(text, spoilt)
    return spoilt


def _mark(text: bytes, spoilt: Spoilt) -> None:
    """Enter the cells of this piece of XML that have no value; the cells of most sheets all have one."""
    for marks, kind in ((b't="e"', b"t='e'"), ERROR), ((b"<f", b":f"), FORMULA):
        if not any(mark in text for mark in marks):
            continue
        for letters, number, *shown in _pattern(kind, text).findall(text):
            error = b"".join(shown).decode("utf-8", "replace")
            what = "=" if kind is FORMULA else error if error in SPOILT else "#N/A"
            spoilt.setdefault(int(number) - 1, {})[_column(letters)] = what


def _pattern(kind: bytes, text: bytes) -> re.Pattern[bytes]:
    """With the prefix that the names have in this text: <x:row>, or none."""
    prefix = re.search(rb"<(\w+:)?(?:row|c)\b", text)
    for name, part in PARTS.items():
        kind = kind.replace(name, part)
    return re.compile(kind.replace(b"{x}", (prefix and prefix[1]) or b""))


def _column(letters: bytes) -> int:
    """0-based: A is 0, XFD 16383."""
    number = 0
    for letter in letters[:6]:
        number = number * 26 + letter - 64
    return number - 1


def _too_far(leaf: Leaf, row: int, column: int) -> str:
    letters = ""
    while column >= 0:
        column, letter = column // 26 - 1, chr(column % 26 + 65)
        letters = letter + letters
    return f"工作表“{leaf.name}”一直用到 {letters}{row}，远在数据区之外，多半是零星的单元格或格式"
