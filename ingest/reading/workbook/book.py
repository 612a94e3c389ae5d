"""A workbook's archive, looked at before its sheets are read: which there are, and how far they reach."""

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
from xml.parsers.expat import ExpatError

from ingest.reading.kind import XLSX, ZIP, check_kind
from ingest.reading.workbook.reference import letters_of, number_of
from ingest.reading.workbook.spoilt import Spoilt, find_spoilt, is_suspect
from ingest.reason import Refusal, Unreadable
from ingest.settings import LIMITS, Limits

CHUNK = 8 << 20
BROKEN = (  # what an archive raises that is damaged
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, ElementTree.ParseError, LookupError, ValueError,
    ExpatError, NotImplementedError, RuntimeError, EOFError, OverflowError, OSError,
)  # fmt: skip
ROW = re.compile(rb"""row [^>]*?r=["'](\d+)""")
HIDDEN = re.compile(rb"""row (?=[^>]*? hidden=["'](?:1|true))[^>]*?r=["'](\d+)""")
# Of references only those that may be far: others are within 26 columns and a million rows. Each pattern begins with
# letters of its own, for which the text is searched ten times as fast.
FAR = [re.compile(rb"r=%b([A-Z]{2,}|[A-Z](?=\d{7}))(\d+)" % quote) for quote in (b'"', b"'")]


@dataclass(frozen=True)
class Leaf:
    """A sheet of cells, no chart, in the workbook's order."""

    name: str
    is_visible: bool
    part: str
    is_stale: bool  # its formulas are to be computed when the workbook is opened


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
    calculation = book.find("{*}calcPr")
    is_stale = calculation is not None and calculation.get("fullCalcOnLoad", "0") in ("1", "true")
    found = []
    for sheet in book.iterfind("{*}sheets/{*}sheet"):
        target = targets.get(next((v for k, v in sheet.items() if k.endswith("}id")), ""))
        if target:
            place = target.removeprefix("/") if target.startswith("/") else f"xl/{target.removeprefix('./')}"
            is_visible = sheet.get("state", "visible") == "visible"
            found.append(Leaf(sheet.get("name", ""), is_visible, part(place), is_stale))
    return found


def look(archive: zipfile.ZipFile, leaf: Leaf) -> tuple[Spoilt, list[int]]:
    """What has no value in the sheet, and the numbers of its hidden rows; raises Refusal when it reaches too far to be
    read."""
    row, column, rest, suspect = 0, 0, b"", False
    hidden: list[int] = []
    with archive.open(leaf.part) as file:
        following = file.read(CHUNK)
        while chunk := following:
            following = file.read(CHUNK)
            text = rest + chunk
            end = text.rfind(b"<", 0, text.rfind(b"row ") + 1) if following else len(text)
            text, rest = text[: max(end, 0)], text[max(end, 0) :]
            far = {found for pattern in FAR for found in pattern.findall(text)}
            row = max([row, *map(int, ROW.findall(text)), *(int(number) for _, number in far)])
            column = max([column, *(number_of(letters[:6].decode()) for letters in {letters for letters, _ in far})])
            if row * (column + 1) > LIMITS.cells:
                raise Refusal(_too_far(leaf, row, column), "too_large")
            suspect = suspect or is_suspect(text)
            hidden += map(int, HIDDEN.findall(text)) if b" hidden=" in text else []
    if not suspect:
        return {}, hidden
    with archive.open(leaf.part) as file:
        return find_spoilt(file, leaf.is_stale), hidden


def _too_far(leaf: Leaf, row: int, column: int) -> str:
    return f"工作表“{leaf.name}”一直用到 {letters_of(column)}{row}，远在数据区之外，多半是零星的单元格或格式"
