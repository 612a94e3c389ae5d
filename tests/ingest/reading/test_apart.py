"""What kills, hangs or floods the process that reads a file ends with that file."""

from __future__ import annotations

import io
import os
import re
import signal
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pyarrow as pa
import pytest
from desk import HEADER, Desk, citizen, row
from sheets import write_book, write_sheets

from ingest import intake
from ingest.fault import admitted
from ingest.landing import settle
from ingest.landing.receipt import read_receipts
from ingest.reading import apart
from ingest.reading.blocks import Match
from ingest.reason import Refusal

BOOK, PARQUET = "名册_2020年09月.xlsx", "名册_2020年09月.parquet"


@pytest.fixture
def office(desk: Desk) -> Desk:
    return replace(desk, contract=replace(desk.contract, format="xlsx"))


@pytest.fixture
def books(office: Desk, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.setattr(intake, "read_contracts", lambda: {office.contract.name: office.contract})
    for month, serial in ((8, 1), (9, 2), (10, 3)):
        rows = [HEADER, row(serial, 日期=f"2020-{month:02d}-05")]
        write_book(office.inbox / f"名册_2020年{month:02d}月.xlsx", rows)
    return office


def take_all(desk: Desk) -> tuple[int, int]:
    counts = intake.ingest(desk.contract.name, desk.said.append)
    return counts["landed"], counts["refused"]


def spoil(path: Path, part: str, change: Callable[[bytes], bytes]) -> None:
    """Change one part of the workbook."""
    with zipfile.ZipFile(io.BytesIO(path.read_bytes())) as old, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, change(old.read(name)) if name == part else old.read(name))


@pytest.mark.parametrize("cell", [b"XFD1048576", b"A99999999999", b"ZZZZZZZZ9", b"XFD99999"])
def test_a_cell_far_away_is_the_refusal_of_its_file_alone(books: Desk, cell: bytes) -> None:
    spoil(books.inbox / BOOK, "xl/worksheets/sheet1.xml", lambda xml: xml.replace(b'r="A2"', b'r="' + cell + b'"'))
    assert take_all(books) == (2, 1)
    (said,) = books.said
    assert BOOK in said and "远在数据区之外" in said


def test_a_file_that_needs_more_memory_than_its_reader_may_have_is_refused(
    books: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(apart, "LIMITS", replace(apart.LIMITS, memory=1 << 30))
    spoil(books.inbox / BOOK, "xl/worksheets/sheet1.xml", lambda xml: xml.replace(b'r="A2"', b'r="Z999999"'))
    assert take_all(books) == (2, 1)
    assert "读取它的程序被它中断（SIGABRT）" in books.said[0]
    apart._worker().bury()  # the limits of the next one are its own


def test_a_file_whose_reader_hangs_is_refused(office: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_book(office.inbox / BOOK, [HEADER, row(1)])
    assert office.take(path).outcome == "landed"
    os.kill(apart._worker().process.pid, signal.SIGSTOP)
    monkeypatch.setattr(apart, "LIMITS", replace(apart.LIMITS, patience=0.1))
    found = office.take(path, version="1.0.1")
    assert (found.outcome, found.receipt["reason"]) == ("refused", "unreadable")
    assert "读取它的程序被它中断（很久没有应答）" in found.receipt["message_zh"]


def test_a_file_whose_reader_is_killed_from_outside_is_tried_again_the_next_night(
    office: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As by the machine where memory runs out: once a day until it can be read, and no receipt says it is at fault."""
    path = write_book(office.inbox / BOOK, [HEADER, row(1)])
    drop, contracts = office.drop(path), {office.contract.name: office.contract}
    with monkeypatch.context() as dying:
        dying.setattr(apart.Worker, "ask", lambda worker, *_: worker.process.kill())
        tries = [
            intake.take_in(replace(drop, found_at=drop.found_at + timedelta(days)), contracts) for days in (0, 1, 1)
        ]
    assert [taken.outcome for taken in tries] == ["refused", "refused", "unchanged"]
    receipts = list(read_receipts(office.contract.name))
    assert {(r["reason"], r["code"]) for r in receipts} == {("our_fault", None)}
    assert all("被外力中断（SIGKILL）" in r["message_zh"] and "不是填报的错" in r["message_zh"] for r in receipts)
    last = intake.take_in(replace(drop, found_at=drop.found_at + timedelta(2)), contracts)
    assert last.outcome == "landed"


def test_one_process_reads_all_files_and_a_dead_one_is_replaced(office: Desk) -> None:
    path = write_book(office.inbox / BOOK, [HEADER, row(1)])
    office.take(path)
    first = apart._worker()
    office.take(path, version="1.0.1")
    office.take(path, version="1.0.2", sheets=re.compile("没有"))  # refused
    assert apart._worker() is first
    first.process.kill()
    first.process.wait()
    assert office.take(path, version="1.0.3").outcome == "landed"
    assert apart._worker() is not first


def test_a_file_that_is_left_half_read_does_not_come_up_in_the_next_one(office: Desk) -> None:
    sheets = {"甲": [HEADER, row(1)], "乙": [HEADER, row(2)]}
    blocks = apart.read_apart(write_sheets(office.inbox / BOOK, sheets), office.contract, columns_of(office))
    next(blocks)
    assert len(office.take(write_book(office.inbox / BOOK, [HEADER, row(3)])).rows) == 1
    blocks.close()


def columns_of(desk: Desk) -> Match:
    columns = {c.headers[0]: c for c in desk.contract.columns}
    return lambda header: {h: columns[h] for h in header if h in columns}


def test_what_nobody_foresaw_is_our_fault_and_the_log_tells_where_but_not_what(
    office: Desk, capfd: pytest.CaptureFixture[str]
) -> None:
    path = write_book(office.inbox / BOOK, [HEADER, row(1)])
    with pytest.raises(Refusal, match="KeyError") as refused:
        list(apart.read_apart(path, replace(office.contract, format="csv"), lambda header: {}))
    assert refused.value.reason == "our_fault"
    assert "worker.py" in capfd.readouterr().err


class PanicException(BaseException):
    """As the libraries in Rust raise it."""


@pytest.mark.parametrize("error", [ZeroDivisionError, pa.ArrowInvalid, MemoryError, PanicException])
def test_an_error_of_ours_is_the_refusal_of_the_file(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], error: type[BaseException]
) -> None:
    def fail(*_: object) -> None:
        raise error(f"cell {citizen(1)}")

    monkeypatch.setattr(settle, "write_records", fail)
    found = desk.take([row(1)])
    assert (found.outcome, found.receipt["reason"]) == ("refused", "our_fault")
    log = capfd.readouterr().err
    assert f"名册_2020年09月.csv：{error.__name__}" in log and "settle.py" in log
    assert citizen(1) not in log + str(found.receipt)


@pytest.mark.parametrize(
    "error",
    [OSError(28, "No space left on device"), pa.ArrowInvalid("x: No space left on device"), KeyboardInterrupt()],
)
def test_an_error_of_the_machine_or_its_user_is_none(error: BaseException) -> None:
    with pytest.raises(type(error)), admitted("a file"):
        raise error
