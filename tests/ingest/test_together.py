"""Small files taken in together: each becomes what it becomes alone, to the byte."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from desk import HEADER, KEY, PEOPLE, Desk, citizen, csv_bytes, row
from sheets import write_book

from ingest import intake, settings
from ingest.conforming import small
from ingest.landing.inbox import Drop, drops
from ingest.landing.ledger import Ledger
from ingest.promises.contract import Contract

FIRST = 1_633_500_000 * 10**9  # 2021-10-06
MONTHS = [(year, month) for year in (2019, 2020) for month in range(1, 13)]
CODES = ("320102", "320508", "320205")  # of three cities
BY_CITY = "^名册_(?P<scope>32[0-9]{2}00)_(?P<year>20[0-9]{2})年(?P<month>[0-9]{2})月"


def rows_of(number: int, day: str) -> list[list[str]]:
    """What the file of this number holds: most is good."""
    always = {"县区代码": CODES[number % 3], "机构": f"夕阳红{number % 40}"}
    rows = [row(n, **{"日期": f"{day}-{n % 28 + 1:02d}"} | always) for n in range(20 + number % 7)]
    bad = [
        {"日期": "2018-12-31"},
        {"身份证号": citizen(3)[:16]},
        {"县区代码": "320103"},  # 白下区, until 2013
        {"县区代码": "320382"},
        {"机构": "夕阳\x0b红"},
        {"机构": "— "},
        {"费用": "￥1,280.5"},
        {"次数": "多", "类别": "助浴"},
        {},
    ]
    rows[4] = row(4, **{"日期": f"{day}-05"} | always | bad[number % len(bad)])
    rows += [rows[1]] * (number % 5 == 0)  # a key that comes twice
    return rows


def names() -> Iterator[str]:
    """Of each month, of one of three cities, then again, corrected."""
    for again in ("", "_更正"):
        for number, (year, month) in enumerate(MONTHS):
            yield f"名册_{CODES[number % 3][:4]}00_{year}年{month:02d}月{again}"


def write_csv(path: Path, rows: list[list[str]], number: int) -> None:
    content = csv_bytes([HEADER, *rows])
    if number % 6 == 1:
        content = content.replace(b"S0001", b"S0001,1", 1)  # a field too many
    if number % 6 == 2:
        content = content.replace("夕阳红".encode("gb18030"), b"\xcf\xff", 1)
    path.write_bytes(
        content if number % 11 else [b"", b"\xff\xfe", csv_bytes([HEADER]), b"a,b\n1,2\n"][number // 11 % 4]
    )


def write_lines(path: Path, rows: list[list[str]], number: int) -> None:
    lines = [json.dumps(dict(zip(HEADER, cells, strict=True)), ensure_ascii=False) for cells in rows]
    path.write_text("\n".join([*lines, "{" * (number % 4)]), "utf-8")


def write_parquet(path: Path, rows: list[list[str]], number: int) -> None:
    table = pa.table([pa.array(c, pa.string()) for c in zip(*rows, strict=True)], HEADER)
    pq.write_table(table, path)
    path.write_bytes(path.read_bytes()[: -(number % 10 == 3) or None])


def write_sheet(path: Path, rows: list[list[str]], number: int) -> None:
    write_book(path, [["名册"] * (number % 2), HEADER, *rows])


WRITERS: dict[str, Callable[[Path, list[list[str]], int], None]] = {
    "csv": write_csv,
    "jsonl": write_lines,
    "parquet": write_parquet,
    "xlsx": write_sheet,
}


def put(desk: Desk, name: str, content: bytes, at: int) -> Path:
    path = desk.write(content, name)
    os.utime(path, ns=(0, FIRST + at))
    return path


def known(desk: Desk, monkeypatch: pytest.MonkeyPatch, **changes: Any) -> Desk:
    """The desk, whose contract with these changes is the only one there is."""
    office = replace(desk, contract=replace(desk.contract, **changes))
    monkeypatch.setattr(intake, "read_contracts", lambda: {office.contract.name: office.contract})
    return office


def landed(data: Path) -> dict[str, bytes]:
    """Every file of the lake and of what was refused, but for when it was."""
    found = [p for room in ("lake", "refused") for p in (data / room).rglob("*") if p.is_file()]
    return {
        p.relative_to(data).as_posix(): re.sub(rb'("arrived_at": )"[^"]*"', rb"\1null", p.read_bytes()) for p in found
    }


def take_alone(contract: Contract) -> None:
    for drop in drops(contract):
        intake.take_in(drop, {contract.name: contract})


def never(*_: object, **__: object) -> None:
    raise AssertionError("a file was taken in alone")


@pytest.mark.parametrize("kind", WRITERS)
def test_files_taken_in_together_become_what_each_becomes_alone(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    office = known(desk, monkeypatch, format=kind, filename=re.compile(BY_CITY), min_rows=1, max_reject_share=0.3)
    office.inbox.mkdir(parents=True)
    for number, name in enumerate(names()):
        path = office.inbox / f"{name}.{kind}"
        WRITERS[kind](path, rows_of(number, re.sub(r".*(\d{4})年(\d\d)月.*", r"\1-\2", name)), number)
        os.utime(path, ns=(0, FIRST + number // 2))
    write_csv(office.inbox / f"名册_2020年13月.{kind}", [], 1)
    with monkeypatch.context() as patch:
        patch.setattr(intake, "take_to", never)
        counts = intake.ingest(office.contract.name, office.said.append)
    together = landed(office.data)
    (office.data / "lake").rename(office.data / "before")
    take_alone(office.contract)
    alone = landed(office.data)
    assert [name for name in alone | together if alone.get(name) != together.get(name)] == []
    receipts = [r for path, r in together.items() if path.endswith("receipt.json")]
    assert len(receipts) == 49 == counts["landed"] + counts["refused"]
    reasons = {reason for r in receipts for reason in json.loads(r)["reject_reasons"]}
    assert reasons >= {"outside_period", "id_format", "outside_scope", "expired_region", "control_character"}
    assert reasons >= {"number_format", "not_in_codes", "duplicate_key"}


def test_a_fault_that_files_share_is_found_out_in_each_alone(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    office = known(desk, monkeypatch)
    for month in range(1, 10):
        put(office, f"名册_2020年{month:02d}月.csv", csv_bytes([HEADER, row(1, 日期=f"2020-{month:02d}-01")]), month)
    monkeypatch.setattr(small, "conform_together", lambda *_: 1 // 0)
    counts = intake.ingest(office.contract.name, office.said.append)
    assert (counts["landed"], counts["rows"], office.said) == (9, 9, [])
    assert [r["arrival"] for r in Ledger(office.contract.name).accepted.values()] == [0] * 9


def test_the_fault_of_one_file_is_its_refusal_and_the_others_land(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    office = known(desk, monkeypatch)
    paths = [put(office, f"名册_2020年0{month}月.csv", csv_bytes([HEADER, row(1)]), month) for month in (7, 8, 9)]
    for module in (small, intake):
        read = module.read_file

        def fail(path: Path, *rest: Any, read: Any = read) -> Any:
            return read(path, *rest) if path != paths[1] else [1 // 0]

        monkeypatch.setattr(module, "read_file", fail)
    counts = intake.ingest(office.contract.name, office.said.append)
    assert (counts["landed"], counts["refused"]) == (2, 1)
    assert "名册_2020年08月.csv 已退回：读取时程序出错" in office.said[0]
    assert "名册_2020年08月.csv：ZeroDivisionError" in capfd.readouterr().err


def test_a_file_that_is_written_to_meanwhile_is_left_and_the_others_land(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = known(desk, monkeypatch)
    paths = [put(office, f"名册_2020年0{month}月.csv", csv_bytes([HEADER, row(1)]), month) for month in (7, 8, 9)]
    read = small.read_file

    def grow(path: Path, *rest: Any) -> Any:
        if path == paths[1]:
            path.write_bytes(path.read_bytes() + csv_bytes([row(2)]))
        return read(path, *rest)

    monkeypatch.setattr(small, "read_file", grow)
    counts = intake.ingest(office.contract.name, office.said.append)
    assert (counts["landed"], counts["moving"], len(list(office.lake.iterdir()))) == (2, 1, 2)
    assert "名册_2020年08月.csv：读取时文件被改动或移走" in office.said[0]


def test_what_is_more_than_it_looks_is_taken_in_alone(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    office = known(desk, monkeypatch)
    for month in (7, 8, 9):
        put(office, f"名册_2020年0{month}月.csv", csv_bytes([HEADER, row(1, 日期=f"2020-0{month}-01")]), month)
    alone: list[Drop] = []
    take_to = intake.take_to
    monkeypatch.setattr(intake, "take_to", lambda to, drop, *a, **k: alone.append(drop) or take_to(to, drop, *a, **k))
    first = next(small.read_file(office.inbox / "名册_2020年07月.csv", office.contract, {}, {}))
    monkeypatch.setattr(small, "MOST", int(first.cells.nbytes * 2.5))
    counts = intake.ingest(office.contract.name, office.said.append)
    assert counts["landed"] == 3
    assert [drop.file for drop in alone] == ["名册_2020年09月.csv"]


KILLED = """
import os, signal, sys
from pathlib import Path
from ingest import intake
from ingest.landing import land
from ingest.promises.contract import read_contract

rename, done = land._rename, []

def rename_or_die(draft, target):
    if len(done) == int(sys.argv[2]):
        os.kill(os.getpid(), signal.SIGKILL)
    done.append(target)
    rename(draft, target)

land._rename = rename_or_die
contract = read_contract(Path(sys.argv[1]))
intake.read_contracts = lambda: {contract.name: contract}
intake.ingest(contract.name)
"""


@pytest.mark.parametrize("step", [0, 1, 5])
def test_who_is_killed_while_they_land_leaves_whole_ones_and_the_next_one_has_the_same_lake(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, step: int, tmp_path: Path
) -> None:
    """Six deliveries of one month and one time: which one counts is known by how they came."""
    path = tmp_path / "contracts" / "demo" / "people.yaml"
    path.parent.mkdir(parents=True)
    path.write_text(PEOPLE, "utf-8")
    office = known(desk, monkeypatch)
    for number in range(6):
        put(office, f"名册_2020年09月_{number}.csv", csv_bytes([HEADER, row(number)]), 0)
    call = [sys.executable, "-c", KILLED, str(path), str(step)]
    environment = os.environ | {"SUHENG_DATA": str(office.data), "SUHENG_PSEUDONYM_KEY": KEY}
    done = subprocess.run(call, cwd=settings.ROOT, env=environment, check=False, capture_output=True)
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()
    folders = list(office.lake.glob("delivery=*"))
    assert len(folders) == step
    assert all(len(list(folder.iterdir())) == 3 for folder in folders)
    intake.ingest(office.contract.name, office.said.append)
    after_a_kill = landed(office.data)
    (office.data / "lake").rename(office.data / "before")
    intake.ingest(office.contract.name, office.said.append)
    assert landed(office.data) == after_a_kill
    assert Ledger(office.contract.name).accepted["2020-09", "320000"]["source_file"] == "名册_2020年09月_5.csv"
