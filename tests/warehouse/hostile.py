"""One of every hostile and broken file that a department can drop, each by how its name is shown."""

from __future__ import annotations

import gzip
import os
import shutil
import zipfile
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import xlsxwriter

from ingest.promises.contract import Contract, read_contracts

NUMBERS = ("320102194001010011", "３２０１０２１９５００１０１００１２", "320102 19600101 0013")  # of nobody
SHAPE = "999999999999999999"
CARE, PAID = "civil_affairs/homecare_services", "civil_affairs/disability_subsidy_payments"
STANDARDS, DOSES = "civil_affairs/minimum_standards", "health/vaccination_events"
WHEN = datetime(2026, 3, 1, tzinfo=UTC).timestamp()


def lay(inbox: Path) -> tuple[set[str], set[str]]:
    """Drop them; returns how those that are refused are shown, and those that are left where they lie."""
    contracts = read_contracts()
    care, doses = inbox / CARE, inbox / DOSES
    for name in (CARE, PAID, STANDARDS, DOSES):
        (inbox / name).mkdir(parents=True, exist_ok=True)
    strays = _strays(inbox)
    texts = _texts(contracts[CARE])
    for name, content in texts.items():
        (Path(os.fsdecode(os.fsencode(care) + b"/" + name))).write_bytes(content)
    _sidecars(care, next(iter(texts.values())))
    (doses / "预防接种记录_2025年_更正.jsonl").write_bytes(b'{"a": ' * 100_000)
    _books(inbox / STANDARDS, contracts[STANDARDS])
    _parquet(inbox / PAID, contracts[PAID])
    refused = set()
    for path in (p for name in (CARE, PAID, STANDARDS, DOSES) for p in (inbox / name).iterdir()):
        shown = path.name
        for number in NUMBERS:
            shown = shown.replace(number, SHAPE)
        shown = os.fsencode(shown).decode("utf-8", "backslashreplace").replace("\n", "\\n")
        is_refused = path.is_file() and not path.is_symlink() and path.suffix not in (".received", ".part")
        if is_refused:
            os.utime(path, (WHEN, WHEN))
            refused.add(shown)
    return refused, strays


def _texts(contract: Contract) -> dict[bytes, bytes]:
    """By the bytes of its name; the first one has nothing wrong but its number of rows."""
    headers = [column.headers[0] for column in contract.columns]
    line = ",".join(headers).encode("gb18030") + b"\n"
    number = NUMBERS[0].encode()
    stem = "上门养老服务记录_2025年09月"
    named: dict[str, bytes] = {
        f"{stem}_1": line + b"1," + number + b"\n",
        f"{stem}_2": b"\x84\x31\x95\x33",  # of GB18030, and nothing else
        f"{stem}_3": gzip.compress(line),
        f"{stem}_4": b"<html><table><tr><td>" + number + b"</td></tr></table></html>",
        f"{stem}_5": b"7z\xbc\xaf\x27\x1c" + bytes(200),
        f"{stem}_6": b"",
        f"{stem}_7": line.replace(b",", b',"', 1) + b'a,"b\n' * 5,
        f"{stem}_8": number + ",张三,2025-09-01,".encode("gb18030") + NUMBERS[1].encode("gb18030") + b"\n",
        f"{stem}_9": b"\x00" * 5000,
        f"{stem}_10": ",".join(headers * 150).encode("gb18030") + b"\n",
        f"{stem}_11": b"\n" * 1_000_000,
        "上门养老服务记录_2099年01月": line,
        "[bold]✓ 已发布\n": line,
        "上门养老服务记录_2025年09月" + "_更正" * 29: line,  # with .csv 248 bytes: none is left for .received
    }
    named |= {f"{stem}_{number}": line + b"%d\n" % n for n, number in enumerate(NUMBERS)}
    return {f"{name}.csv".encode(): content for name, content in named.items()} | {
        "上门养老服务记录_2025年09月.csv".encode("gbk"): line
    }


def _sidecars(folder: Path, content: bytes) -> None:
    """Files of which the one beside tells no time."""
    for month, told in enumerate(("2025年10月9日", "2025-10-09T09:30:00 Asia/Nowhere", "2999-01-01T00:00:00Z"), 1):
        path = folder / f"上门养老服务记录_2025年{month:02}月_10.csv"
        path.write_bytes(content)
        path.with_name(f"{path.name}.received").write_bytes(told.encode("gbk"))


def _strays(inbox: Path) -> set[str]:
    """What is no file to take in."""
    care = inbox / CARE
    os.mkfifo(care / "上门养老服务记录_2025年01月.csv")
    (care / "上门养老服务记录_2025年02月.csv").symlink_to("/etc/passwd")
    (care / "上门养老服务记录_2025年03月.csv").symlink_to("/dev/zero")
    (care / "上门养老服务记录_2025年04月").mkdir()
    (care / "上门养老服务记录_2025年04月" / "上门养老服务记录_2025年04月.csv").touch()
    (care / "上门养老服务记录_2025年05月.csv.part").touch()
    (care / "上门养老服务记录_2025年06月.csv.received").mkdir()
    os.mkfifo(care / "上门养老服务记录_2025年09月_1.csv.received")
    (inbox / "上门养老服务记录_2025年07月.csv").touch()
    (inbox / "civil_affairs" / f"{NUMBERS[0]}.csv").touch()
    (inbox / "民政厅").mkdir()
    names = {f"{CARE}/上门养老服务记录_2025年0{n}月.csv" for n in (1, 2, 3)} | {"民政厅", f"civil_affairs/{SHAPE}.csv"}
    names |= {f"{CARE}/上门养老服务记录_2025年{end}" for end in ("04月", "05月.csv.part", "06月.csv.received")}
    return names | {f"{CARE}/上门养老服务记录_2025年09月_1.csv.received", "上门养老服务记录_2025年07月.csv"}


def _books(folder: Path, contract: Contract) -> None:
    good = folder / "社会救助标准_2025年_1.xlsx"
    with xlsxwriter.Workbook(str(good)) as book:
        sheet = book.add_worksheet(f"表{NUMBERS[0]}")
        sheet.write_row(0, 0, [column.headers[0] for column in contract.columns])
        sheet.write_row(1, 0, [NUMBERS[0]] * len(contract.columns))
    sheet_of = "xl/worksheets/sheet1.xml"
    _spoil(good, folder / "社会救助标准_2025年_2.xlsx", sheet_of, (b'r="A2"', b'r="XFD1048576"'))
    bomb = b"<c><v>1</v></c>" * 10_000_000
    _spoil(
        good, folder / "社会救助标准_2025年_3.xlsx", sheet_of, (b"<sheetData>", b"<sheetData><row>" + bomb + b"</row>")
    )
    _spoil(good, folder / "社会救助标准_2025年_4.xlsx", sheet_of, (b"<sheetData>", b"<sheetData" + b"<" * 1000))
    (folder / "社会救助标准_2025年_5.xlsx").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600))  # encrypted
    (folder / "社会救助标准_2025年_6.xlsx").write_bytes(good.read_bytes()[:3000])
    (folder / "社会救助标准_2025年_7.xlsx").write_bytes(b"")


def _spoil(good: Path, path: Path, part: str, change: tuple[bytes, bytes]) -> None:
    with zipfile.ZipFile(good) as old, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = old.read(name)
            new.writestr(name, content.replace(*change) if name == part else content)


def _parquet(folder: Path, contract: Contract) -> None:
    headers = [column.headers[0] for column in contract.columns]
    names = (f"残疾人两项补贴发放_2025年12月_{n}.parquet" for n in range(1, 9))

    def write(columns: Sequence[pa.Array]) -> Path:
        path = folder / next(names)
        pq.write_table(pa.table(dict(zip(headers, columns, strict=True))), path, compression="zstd")
        return path

    texts = [pa.array(["1"])] * len(headers)
    odd = write(texts)
    odd.write_bytes(odd.read_bytes().replace(headers[0].encode(), b"\xff" * len(headers[0].encode())))
    write([pa.array([Decimal("1.5")], pa.decimal256(60, 2))] * len(headers))
    equal = pa.DictionaryArray.from_arrays(np.zeros(16_000_000, np.int32), [NUMBERS[0]])
    write([equal] * len(headers))
    whole = write(texts).read_bytes()
    (folder / next(names)).write_bytes(whole[:-8])
    (folder / next(names)).write_bytes(whole[:-8] + (1 << 31).to_bytes(4, "little") + b"PAR1")
    write([pa.array([[1]])] * len(headers))


def take_away(data: Path, dataset: str, period: str, province: Path) -> None:
    """As if the delivery had not come yet and lay in the inbox now."""
    for receipt in (data / "lake" / dataset).glob("*/receipt.json"):
        if f'"period": "{period}"' in receipt.read_text("utf-8"):
            shutil.rmtree(receipt.parent)
    (data / "inbox" / dataset).mkdir(parents=True, exist_ok=True)
    for path in (province / dataset).glob(f"*_{period}年*"):
        shutil.copy2(path, data / "inbox" / dataset)
