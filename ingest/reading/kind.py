"""What a file is by its first bytes, whatever it is called, and what to do where it is not what was promised."""

from __future__ import annotations

import codecs
import mmap
import re
from dataclasses import dataclass
from pathlib import Path

from ingest.reason import Unreadable

HEAD, TAIL, MOST = 1 << 13, 1 << 16, 1 << 26  # bytes that are looked at
OLE = b"\xd0\xcf\x11\xe0"
BINARY = bytes({*range(32)} - {*b"\t\n\v\f\r\x1a\x1b\x1c\x1d\x1e\x1f"})  # what no text has


@dataclass(frozen=True)
class Kind:
    """todo: what the clerk does to make of it what was promised."""

    name: str
    todo: str = "请从业务系统按约定的格式重新导出"
    reason: str = "unreadable"

    @property
    def shown(self) -> str:
        """Behind Chinese letters."""
        return f" {self.name}" if self.name[0].isascii() else self.name


def _packed(name: str) -> Kind:
    return Kind(f"{name} 压缩包", "请解压，报送里面的文件", "packed")


def _book(name: str) -> Kind:
    return Kind(name, "请用表格软件打开，另存为约定的格式")


XLSX, ZIP, PARQUET = _book("XLSX 工作簿"), _packed("ZIP"), Kind("Parquet 文件")
JSON = Kind("JSON 文本")
UTF_16 = Kind("UTF-16 编码的文本", "请按约定的编码另存")
TEXT = _book("文本（如 CSV）")
EMPTY = Kind("文件是空的（0 字节）", "多半是导出或上传没有完成")
BLANK = Kind("文件是空的，只有空白", "多半是导出没有完成")
LOCKED = Kind("加了密码的工作簿", "请打开它，去掉密码（文件—信息—保护工作簿），另存为约定的格式")
HTML, XML = _book("网页（HTML），只是名字不同"), _book("XML 表格（SpreadsheetML），只是名字不同")


def _mark(start: bytes, kind: Kind, also: bytes = b"") -> tuple[re.Pattern[bytes], re.Pattern[bytes], Kind]:
    return re.compile(start, re.DOTALL), re.compile(also), kind


# What stands at the beginning, and what else must be found at the beginning or the end; the first that fits. Of an
# archive the first name in it is told after 26 bytes.
MARKS = [
    _mark(rb"PK\x03\x04", _book("ODS 工作簿"), rb"mimetypeapplication/vnd\.oasis\.opendocument\.spreadsheet"),
    _mark(
        rb"PK\x03\x04.{26}(\[Content_Types\]|_rels/|docProps/|xl/|customXml/)",
        _book("XLSB 工作簿"),
        rb"xl/workbook\.bin",
    ),
    _mark(rb"PK\x03\x04.{26}(\[Content_Types\]|_rels/|docProps/|word/)", _book("DOCX 文档"), rb"word/document\.xml"),
    _mark(rb"PK\x03\x04.{26}(\[Content_Types\]|_rels/|docProps/|xl/|customXml/|theme/)", XLSX),
    _mark(rb"PK(\x03\x04|\x05\x06|\x07\x08)", ZIP),
    _mark(rb"Rar!\x1a", _packed("RAR")),
    _mark(rb"7z\xbc\xaf\x27\x1c", _packed("7z")),
    _mark(rb"\x1f\x8b", _packed("GZIP")),
    _mark(rb"BZh[1-9]", _packed("BZIP2")),
    _mark(rb"\xfd7zXZ", _packed("XZ")),
    _mark(rb"\x28\xb5\x2f\xfd", _packed("ZSTD")),
    _mark(rb"MSCF\0", _packed("CAB")),
    _mark(rb".{257}ustar", _packed("TAR")),
    _mark(OLE, LOCKED, "EncryptedPackage".encode("utf-16-le")),
    _mark(OLE, _book("旧式 DOC 文档"), "WordDocument".encode("utf-16-le")),
    _mark(OLE, _book("旧式 XLS 工作簿")),
    _mark(rb"PAR1", PARQUET),
    _mark(rb"%PDF-", Kind("PDF 文档")),
    _mark(rb"\x89PNG|\xff\xd8\xff|GIF8|II\*\0|MM\0\*", Kind("图片")),
    _mark(rb"SQLite format 3\0", Kind("SQLite 数据库")),
    _mark(rb"\xff\xfe|\xfe\xff", UTF_16),
    _mark(rb"\0{64}", Kind("一串零字节，没有内容", "多半是传输或磁盘出错，请重新导出、重新上传")),
]
ANY = re.compile(b"|".join(b"(?:%b)" % mark.pattern for mark, _, _ in MARKS), re.DOTALL)
WORDS = [  # the same of texts, behind their mark and blanks
    _mark(rb"<\?xml", XML, rb"urn:schemas-microsoft-com:office:spreadsheet"),
    _mark(rb"<\?xml", HTML, rb"(?i)<(html|table)"),
    _mark(rb"<\?xml", _book("XML 文件")),
    _mark(rb"(?i)<(!doctype|!--|(html|head|body|table|meta|style|script|title|div)\b)", HTML),
    _mark(rb"(?i)mime-version:", _book("网页档案（MHT）")),
    _mark(rb"\{\\rtf", _book("RTF 文档")),
    _mark(rb'\{\s*"|\[\s*\{', JSON),
]


def check_kind(path: Path, promised: str, *own: Kind | None) -> Kind | None:
    """Its kind, one of its own; raises Unreadable when it is empty, or of another."""
    found = kind_of(path)
    if found in own:
        return found
    if found is None:
        raise Unreadable(f"不是可以打开的{promised}：文件已损坏，或没有传完")
    if found in (EMPTY, BLANK):
        raise Unreadable(f"{found.name}；{found.todo}")
    raise Unreadable(f"文件其实是{found.shown}，契约约定{promised}；{found.todo}", found.reason)


def check_packed(path: Path) -> None:
    """Raises Unreadable when the file is an archive."""
    if (found := kind_of(path)) and found.reason == "packed":
        raise Unreadable(f"文件是{found.shown}；{found.todo}", found.reason)


def kind_of(path: Path) -> Kind | None:
    """None for one that begins like no kind we know and is no text."""
    with path.open("rb") as file:
        head = file.read(HEAD)
        if not head:
            return EMPTY
        start = _bare(head)
        if not start and len(head) < HEAD:
            return BLANK
        marked = [(also, kind) for mark, also, kind in MARKS if mark.match(head)] if ANY.match(head) else []
        if not marked:
            return _word(start) or (TEXT if head == head.translate(None, BINARY) else None)
        if marked[0][1] is UTF_16:
            return found if (found := _word(start)) not in (JSON, None) else UTF_16
        if len(marked) > 1:
            with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as whole:
                seen = whole if head.startswith(OLE) else head + whole[-TAIL:]
                return next(kind for also, kind in marked if also.search(seen, 0, MOST))
        return marked[0][1]


def _word(start: bytes) -> Kind | None:
    return next((kind for mark, also, kind in WORDS if mark.match(start) and also.search(start)), None)


def _bare(head: bytes) -> bytes:
    """The first letters of a text, without its mark and blanks; of UTF-16 as ASCII."""
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        head = head.decode("utf-16", "replace").encode("ascii", "replace")
    for mark in (codecs.BOM_UTF8, "\ufeff".encode("gb18030")):
        head = head.removeprefix(mark)
    return head.strip(b" \t\r\n\x1a")
