"""What lies in the inbox: which files count, in which order, and under which name they are known."""

from __future__ import annotations

import hashlib
import os
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from desk import HEADER, Desk, csv_bytes, row

from ingest.landing.inbox import drops, sandbox_scale


def set_time(path: Path, moment: datetime) -> None:
    os.utime(path, (moment.timestamp(), moment.timestamp()))


def test_a_dataset_without_a_folder_has_no_files(desk: Desk) -> None:
    assert drops(desk.contract) == []


def test_only_the_departments_own_files_count(desk: Desk) -> None:
    names = [
        "名册_2020年09月.csv",
        ".名册_2020年09月.csv.part",
        "~$名册_2020年09月.xlsx",
        "名册_2020年09月.csv.received",
        "说明.txt",
    ]
    for name in names:
        desk.write(b"2020-10-01" if name.endswith("received") else b"x", name)
    (desk.inbox / "旧").mkdir()
    assert {d.path.name for d in drops(desk.contract)} == {"名册_2020年09月.csv", "说明.txt"}


def test_files_are_taken_in_the_order_in_which_they_came(desk: Desk) -> None:
    for name, hour in (("名册_2020年01月.csv", 3), ("名册_2020年02月.csv", 1), ("名册_2020年03月.csv", 2)):
        set_time(desk.write(b"x", name), datetime(2021, 1, 1, hour, tzinfo=UTC))
    assert [str(d.period) for d in drops(desk.contract)] == ["2020-02", "2020-03", "2020-01"]


def test_files_of_the_same_second_are_taken_by_name(desk: Desk) -> None:
    for month in ("03", "01", "02"):
        set_time(desk.write(b"x", f"名册_2020年{month}月.csv"), datetime(2021, 1, 1, tzinfo=UTC))
    assert [str(d.period) for d in drops(desk.contract)] == ["2020-01", "2020-02", "2020-03"]


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        ("2020-10-08T17:30:00+08:00\n", datetime(2020, 10, 8, 9, 30, tzinfo=UTC)),
        ("2020-10-08T09:30:00Z", datetime(2020, 10, 8, 9, 30, tzinfo=UTC)),
        (" 2020-10-08 09:30:00+00:00 ", datetime(2020, 10, 8, 9, 30, tzinfo=UTC)),
    ],
)
def test_a_sidecar_says_when_a_file_was_received(desk: Desk, written: str, moment: datetime) -> None:
    path = desk.write([row(1)])
    set_time(path, datetime(2024, 1, 1, tzinfo=UTC))
    assert desk.drop(path).received_at == datetime(2024, 1, 1, tzinfo=UTC)
    path.with_name(path.name + ".received").write_text(written, "utf-8")
    assert desk.drop(path).received_at == moment
    assert desk.take(path).receipt["received_at"] == moment.isoformat()


def test_a_sidecar_without_a_zone_means_the_time_of_shanghai(desk: Desk) -> None:
    path = desk.write(b"x")
    path.with_name(path.name + ".received").write_text("2020-10-08T17:30:00", "utf-8")
    assert desk.drop(path).received_at == datetime(2020, 10, 8, 9, 30, tzinfo=UTC)


def test_a_sidecar_that_notepad_has_saved_is_read(desk: Desk) -> None:
    path = desk.write(b"x")
    path.with_name(path.name + ".received").write_text("2020-10-08T17:30:00", "utf-8-sig")
    assert desk.drop(path).received_at == datetime(2020, 10, 8, 9, 30, tzinfo=UTC)


@pytest.mark.parametrize("kind", ["no time", "no text", "a folder"])
def test_a_sidecar_that_is_no_time_refuses_its_file_alone(desk: Desk, kind: str) -> None:
    path = desk.write([row(1)])
    sidecar = path.with_name(path.name + ".received")
    if kind == "a folder":
        sidecar.mkdir()
    else:
        sidecar.write_bytes("2020年10月8日".encode("utf-8" if kind == "no time" else "gb18030"))
    found = desk.take(path)
    assert (found.outcome, found.receipt["reason"]) == ("refused", "unknown_time")
    assert "名册_2020年09月.csv.received" in found.said
    assert desk.take(desk.write([row(1)], "名册_2020年10月.csv")).outcome == "landed"


def test_the_time_of_a_drop_is_kept_to_the_microsecond(desk: Desk) -> None:
    path = desk.write(b"x")
    os.utime(path, ns=(0, 1_600_000_000_123_456_789))
    assert desk.drop(path).received_at == datetime(2020, 9, 13, 12, 26, 40, 123456, tzinfo=UTC)


def test_a_name_that_is_another_datasets_is_told_where_it_belongs(desk: Desk) -> None:
    found = desk.take(desk.write([row(1)], "幼儿园基层统计_2025学年_模拟数据.csv"))
    assert (found.outcome, found.receipt["reason"]) == ("refused", "wrong_dataset")
    assert "文件名是省教育厅《幼儿园基层统计》的，应放到 inbox/education/kindergarten_census/，不是这里" in found.said


def test_a_line_break_in_a_name_breaks_no_line(desk: Desk) -> None:
    found = desk.take(desk.write([row(1)], "名册\n✓ 已发布.csv"))
    assert found.outcome == "refused"
    assert r"名册\n✓ 已发布.csv" in found.said
    assert "\n" not in found.said


@pytest.mark.parametrize("name", [b"\xc3\xfb\xb2\xe1_2020.csv", "名册_2020年09月".encode() + b"_x" * 112 + b".csv"])
def test_a_name_that_is_not_utf8_or_as_long_as_can_be_is_refused_like_any_other(desk: Desk, name: bytes) -> None:
    desk.inbox.mkdir(parents=True)
    path = Path(os.fsdecode(os.fsencode(desk.inbox) + b"/" + name))
    path.write_bytes(csv_bytes([HEADER, row(1)]))
    found = desk.take(path)
    assert (found.outcome, found.receipt["reason"]) == ("refused", "unknown_name")
    shown = "\\xc3\\xfb\\xb2\\xe1_2020.csv" if name[0] == 0xC3 else path.name
    assert found.receipt["source_file"] == shown
    assert shown in found.said
    kept = desk.data / "refused" / "demo" / "people" / found.receipt["delivery_id"]
    assert [p.name for p in kept.iterdir()] == [path.name]


def test_each_wrong_name_of_the_same_bytes_is_told(desk: Desk) -> None:
    found = [desk.take(desk.write(b"x", name)) for name in ("名册.csv", "名册_2020年.csv", "名册.csv")]
    assert [delivery.outcome for delivery in found] == ["refused", "refused", "unchanged"]
    assert [delivery.receipt["source_file"] for delivery in found[:2]] == ["名册.csv", "名册_2020年.csv"]


def test_a_delivery_is_known_by_what_was_delivered_and_under_which_contract(desk: Desk) -> None:
    path = desk.write(b"some bytes")
    said = [hashlib.sha256(b"some bytes").hexdigest(), "demo/people", "2020-09", "320000", "1.0.0"]
    drop = desk.drop(path)
    assert drop.delivery_id == hashlib.sha256("\n".join(said).encode()).hexdigest()[:16]
    set_time(path, datetime(2020, 1, 1, tzinfo=UTC))
    assert desk.drop(path).delivery_id == drop.delivery_id
    assert desk.drop(desk.write(b"some bytes", "名册_2020年09月（重报）.csv")).delivery_id == drop.delivery_id
    others = [desk.drop(desk.write(b"other bytes")), desk.drop(desk.write(b"some bytes", "名册_2020年10月.csv"))]
    others += [
        replace(drop, contract=replace(desk.contract, version="1.1.0")),
        desk.drop(desk.write(b"some bytes", "名册")),
    ]
    assert len({drop.delivery_id, *(d.delivery_id for d in others)}) == 5


def test_a_file_has_changed_when_it_is_written_or_gone(desk: Desk) -> None:
    path = desk.write(b"x")
    drop = desk.drop(path)
    assert not drop.has_changed()
    path.write_bytes(b"xy")
    assert drop.has_changed()
    drop = desk.drop(path)
    os.utime(path, ns=(0, drop.seen.st_mtime_ns + 1_000_000))
    assert drop.has_changed()
    path.unlink()
    assert drop.has_changed()


def test_the_sandbox_marks_its_inbox_and_its_files(desk: Desk) -> None:
    assert sandbox_scale() is None
    (desk.data / "inbox").mkdir(parents=True)
    (desk.data / "inbox" / "模拟数据.json").write_text('{"scale": 0.001}', "utf-8")
    assert sandbox_scale() == 0.001
    assert desk.drop(desk.write(b"x", "名册_2020年09月_模拟数据.csv")).is_simulated
    assert not desk.drop(desk.write(b"x")).is_simulated
