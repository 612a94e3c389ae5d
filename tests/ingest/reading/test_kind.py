"""Whatever a file is called, its first bytes say what it is, and the clerk is told what to do with it."""

from __future__ import annotations

import bz2
import codecs
import gzip
import io
import json
import lzma
import tarfile
import zipfile
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from desk import GOOD, HEADER, Desk, csv_bytes, row
from sheets import write_book

from ingest.promises.contract import Contract, read_contracts

GB18030, UTF_8 = (csv_bytes([HEADER, row(1), row(2)], encoding) for encoding in ("gb18030", "utf-8"))
TABLE = f"<table><tr><td>{'</td><td>'.join(HEADER)}</td></tr></table>"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)


def packed(parts: dict[str, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            is_stored = name == "mimetype"  # as OpenDocument wants it
            archive.writestr(name, data, zipfile.ZIP_STORED if is_stored else zipfile.ZIP_DEFLATED)
    return made.getvalue()


def tar() -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as archive:
        member = tarfile.TarInfo("名册.csv")
        member.size = len(GB18030)
        archive.addfile(member, io.BytesIO(GB18030))
    return made.getvalue()


def book(tmp_path: Path) -> bytes:
    return write_book(tmp_path / "made.xlsx", [HEADER, row(1)]).read_bytes()


def parquet() -> bytes:
    sink = pa.BufferOutputStream()
    pq.write_table(pa.table({h: [c] for h, c in zip(HEADER, row(1), strict=True)}), sink)
    return bytes(sink.getvalue())


ODS = packed({"mimetype": b"application/vnd.oasis.opendocument.spreadsheet", "content.xml": b"<x/>"})
OFFICE = {"[Content_Types].xml": b"<Types/>", "_rels/.rels": b"<x/>"}
MHT = "MIME-Version: 1.0\r\nContent-Type: multipart/related\r\n\r\n" + TABLE
SPREADSHEETML = '<?xml version="1.0"?>\n<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"/>'
UNPACK, SAVE, EXPORT = (
    "请解压，报送里面的文件",
    "请用表格软件打开，另存为约定的格式",
    "请从业务系统按约定的格式重新导出",
)
FOREIGN = {  # what is dropped: what it is called and what is to be done
    "zip": (packed({"名册_2020年09月.csv": GB18030}), " ZIP 压缩包", UNPACK),
    "zip of a workbook that is stored in it": (packed({"名册.xlsx": packed(OFFICE)}), " ZIP 压缩包", UNPACK),
    "gzip": (gzip.compress(GB18030), " GZIP 压缩包", UNPACK),
    "bzip2": (bz2.compress(GB18030), " BZIP2 压缩包", UNPACK),
    "xz": (lzma.compress(GB18030), " XZ 压缩包", UNPACK),
    "tar": (tar(), " TAR 压缩包", UNPACK),
    "rar": (b"Rar!\x1a\x07\x01\x00" + bytes(range(256)), " RAR 压缩包", UNPACK),
    "7z": (b"7z\xbc\xaf\x27\x1c\x00\x04" + bytes(range(256)), " 7z 压缩包", UNPACK),
    "xls": (OLE + "Workbook".encode("utf-16-le"), "旧式 XLS 工作簿", SAVE),
    "workbook with a password": (OLE * 99 + "EncryptedPackage".encode("utf-16-le"), "加了密码的工作簿", "去掉密码"),
    "ods": (ODS, " ODS 工作簿", SAVE),
    "xlsb": (packed({**OFFICE, "xl/workbook.bin": b"x"}), " XLSB 工作簿", SAVE),
    "docx": (packed({**OFFICE, "word/document.xml": b"<x/>"}), " DOCX 文档", SAVE),
    "html in GBK": (f"<html><meta charset=gbk>{TABLE}</html>".encode("gbk"), "网页（HTML）", SAVE),
    "html behind a mark and blanks": (f"\ufeff\r\n <TABLE>{TABLE}".encode(), "网页（HTML）", SAVE),
    "html in UTF-16": (f"<!DOCTYPE html>{TABLE}".encode("utf-16"), "网页（HTML）", SAVE),
    "xhtml": (f'<?xml version="1.0"?><html>{TABLE}</html>'.encode(), "网页（HTML）", SAVE),
    "mht": (MHT.encode("gbk"), "网页档案（MHT）", SAVE),
    "xml of a spreadsheet": (SPREADSHEETML.encode(), " XML 表格（SpreadsheetML）", SAVE),
    "pdf": (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", " PDF 文档", EXPORT),
    "picture": (b"\x89PNG\r\n\x1a\n" + bytes(99), "图片", EXPORT),
    "nothing but zeros": (bytes(5000), "一串零字节", "重新上传"),
}
EMPTY = {
    "no byte": (b"", "文件是空的（0 字节）"),
    "blank lines": (b" \r\n\r\n\t\r\n", "文件是空的，只有空白"),
    "a mark alone": (codecs.BOM_UTF8, "文件是空的，只有空白"),
    "a mark of GB18030 alone": ("\ufeff".encode("gb18030"), "文件是空的，只有空白"),
    "a mark of UTF-16 alone": (codecs.BOM_UTF16_LE, "文件是空的，只有空白"),
}
FORMATS = {
    "csv": " gb18030 编码的 CSV",
    "xlsx": " XLSX 工作簿",
    "jsonl": "每行一个对象的 JSON Lines",
    "parquet": " Parquet 文件",
}


def refusal(desk: Desk, content: bytes, kind: str) -> tuple[str, str]:
    office = replace(desk, contract=replace(desk.contract, format=kind, version=kind))
    receipt = office.take(office.write(content, f"名册_2020年09月.{kind}")).receipt
    return receipt["reason"], receipt["message_zh"]


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("case", FOREIGN)
def test_a_file_of_another_kind_is_named_with_what_is_to_be_done(desk: Desk, case: str, kind: str) -> None:
    content, name, todo = FOREIGN[case]
    reason, message = refusal(desk, content, kind)
    assert f"文件其实是{name}" in message and f"，契约约定{FORMATS[kind]}；" in message and todo in message
    assert reason == ("packed" if todo == UNPACK else "unreadable")


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("case", EMPTY)
def test_an_empty_file_is_told_as_such(desk: Desk, case: str, kind: str) -> None:
    content, said = EMPTY[case]
    reason, message = refusal(desk, content, kind)
    assert (reason, said in message) == ("unreadable", True)


def test_each_format_of_ours_is_named_under_the_name_of_the_others(desk: Desk, tmp_path: Path) -> None:
    lines = json.dumps(GOOD, ensure_ascii=False).encode()
    ours = {
        "csv": (UTF_8, "文本（如 CSV）"),
        "xlsx": (book(tmp_path), " XLSX 工作簿"),
        "jsonl": (lines, " JSON 文本"),
        "parquet": (parquet(), " Parquet 文件"),
    }
    for kind, promised in FORMATS.items():
        for other, (content, name) in ours.items():
            if other != kind and (other, kind) != ("csv", "jsonl"):
                reason, message = refusal(desk, content, kind)
                assert reason == "unreadable"
                assert f"文件其实是{name}，契约约定{promised}；" in message
    assert "没有一行是 JSON 对象" in refusal(desk, UTF_8, "jsonl")[1]
    listed = json.dumps([GOOD, GOOD], ensure_ascii=False, indent=1).encode()
    assert "没有一行是 JSON 对象：像是一个 JSON 数组" in refusal(desk, listed, "jsonl")[1]


def test_an_archive_is_named_whatever_its_name_says(desk: Desk) -> None:
    for name in ("名册_2020年09月.csv.gz", "名册.gz", "九月.zip"):
        message = desk.take(desk.write(gzip.compress(GB18030), name)).receipt["message_zh"]
        assert "文件是 GZIP 压缩包；请解压" in message
    assert desk.take(desk.write(GB18030, "九月.gz")).receipt["reason"] == "unknown_name"


@pytest.mark.parametrize("contract", read_contracts().values(), ids=lambda contract: contract.name)
def test_no_header_of_a_contract_is_taken_for_another_kind(desk: Desk, contract: Contract) -> None:
    office = replace(desk, contract=replace(contract, format="csv", encoding="gb18030", delimiter=","))
    header = [[column.headers[0] for column in contract.columns]]
    receipt = office.take(office.write(csv_bytes(header), contract.example_name)).receipt
    assert (receipt["reason"], receipt["rows_read"]) in [("too_few_rows", 0), (None, 0)]
