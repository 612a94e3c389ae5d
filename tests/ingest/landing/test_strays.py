"""What is no file to take in is told, and neither opened, nor followed, nor waited for."""

from __future__ import annotations

import os
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import pytest
from desk import Desk, citizen, row

from ingest import intake, settings
from ingest.landing.inbox import drops
from ingest.landing.strays import misplaced, strays

MASKED = "名称里的 9 代替了可能是公民身份号码的数字，名称不得带有号码，请改名"


def told(lines: list[str]) -> dict[str, str]:
    """What is said of each, by its path from the inbox."""
    return dict(line.split("：", 1) for line in lines)


def test_what_is_no_whole_file_is_left_and_told(desk: Desk) -> None:
    """Folders, links, pipes, and files that a transfer or an editor has not finished with."""
    good = desk.write([row(1)])
    partial = [
        f"名册_2020年10月.csv{end}" for end in (".part", ".filepart", ".crdownload", ".tmp", ".TMP", ".bak", "~")
    ]
    for name in partial:
        desk.write(b"x", name)
    inner = desk.inbox / "名册_2020年11月" / "里面"
    inner.mkdir(parents=True)
    for place in (inner, inner.parent):
        (place / "名册_2020年11月.csv").touch()
    (desk.inbox / "名册_2020年12月.csv").symlink_to(good)
    (desk.inbox / "名册_2020年07月.csv").symlink_to("/etc/passwd")
    os.mkfifo(desk.inbox / "名册_2021年01月.csv")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(os.path.relpath(desk.inbox / "s"))
    assert [d.path for d in drops(desk.contract)] == [good]
    said = {path.removeprefix("demo/people/"): what for path, what in told(strays(desk.contract)).items()}
    assert {name for name, what in said.items() if what.startswith("传输中的或备份的文件，")} == set(partial)
    advice = "等传完、去掉 .part 后缀，备份的移走；请把文件本身放到 inbox/demo/people/"
    assert said["名册_2020年10月.csv.part"] == f"传输中的或备份的文件，没有接收；{advice} (not taken in)"
    assert said["名册_2020年11月"].startswith("文件夹，内有 2 个文件，没有接收；请把文件本身放到 inbox/demo/people/")
    assert {name for name, what in said.items() if what.startswith("链接，")} == {
        "名册_2020年12月.csv",
        "名册_2020年07月.csv",
    }
    assert {name for name, what in said.items() if what.startswith("管道、设备之类，")} == {"名册_2021年01月.csv", "s"}
    assert len(said) == len(partial) + 1 + 2 + 2


def test_what_operating_systems_and_office_programs_drop_is_left_alone_quietly(desk: Desk) -> None:
    good = desk.write([row(1)])
    for name in ("Thumbs.db", "THUMBS.DB", "desktop.ini", "Icon\r", ".DS_Store", "._名册_2020年09月.csv"):
        desk.write(b"x", name)
    for name in ("~$名册_2020年09月.xlsx", ".~lock.名册_2020年09月.csv#", ".~名册_2020年09月.xlsx"):
        desk.write(b"x", name)
    for folder in ("__MACOSX", "@eaDir", "$RECYCLE.BIN"):
        (desk.inbox / folder).mkdir()
    (settings.inbox() / "Thumbs.db").touch()
    (settings.inbox() / "System Volume Information").mkdir()
    assert [d.path for d in drops(desk.contract)] == [good]
    assert [*strays(desk.contract), *misplaced([desk.contract])] == []


def test_a_sidecar_without_its_file_or_that_is_none_is_told(desk: Desk) -> None:
    for name in ("名册_2020年09月.csv", "名册_2020年10月.csv", "名册_2020年08月.csv"):
        desk.write([row(1)], name)
    desk.write(b"2020-10-08T09:30:00", "名册_2020年09月.csv.received")
    desk.write(b"2020-10-08T09:30:00", "名册_2019年09月.csv.received")
    (desk.inbox / "名册_2020年10月.csv.received").mkdir()
    os.mkfifo(desk.inbox / "名册_2020年08月.csv.received")
    said = told(strays(desk.contract))
    assert said["demo/people/名册_2019年09月.csv.received"].startswith("旁边没有它所说的文件")
    for month in ("08", "10"):
        assert said[f"demo/people/名册_2020年{month}月.csv.received"].startswith("应是写着时间的普通文件")
    assert len(said) == 3
    outcomes = [desk.take(drop.path).outcome for drop in drops(desk.contract)]
    assert sorted(outcomes) == ["landed", "refused", "refused"]


def test_what_lies_beside_the_folders_of_departments_and_datasets_is_told(desk: Desk) -> None:
    good = desk.write([row(1)])
    inbox = settings.inbox()
    (inbox / "模拟数据.json").write_text('{"scale": 1}')
    (inbox / "名册_2020年09月.csv").touch()
    (inbox / "花名册.csv").touch()
    (inbox / "demo" / f"{citizen(1)}.csv").touch()
    (inbox / "demo" / "other").mkdir()
    (inbox / "nobody" / "people").mkdir(parents=True)
    (inbox / "nobody" / "people" / "名册_2020年09月.csv").touch()
    said = told(misplaced([desk.contract]))
    assert said.keys() == {
        "名册_2020年09月.csv",
        "花名册.csv",
        f"demo/999999999999999999.csv（{MASKED}）",
        "demo/other",
        "nobody",
    }
    assert said["花名册.csv"].startswith("放错了位置的文件，没有接收；请放到 inbox/<部门>/<数据集>/，名称见")
    assert said["名册_2020年09月.csv"].startswith("放错了位置的文件，没有接收；请放到 inbox/demo/people/ (")
    assert said["nobody"].startswith("文件夹，内有 1 个文件，没有接收")
    assert [d.path for d in drops(desk.contract)] == [good]
    assert strays(desk.contract) == []


def test_who_wrote_a_number_into_a_name_is_told_what_the_nines_are(desk: Desk) -> None:
    file = desk.take(desk.write([row(1)], f"{citizen(1)}_2020年09月.csv")).said
    assert "文件 999999999999999999_2020年09月.csv 已退回：" in file and file.endswith(f"{MASKED}。")
    (desk.inbox / citizen(2)).mkdir()
    (folder,) = strays(desk.contract)
    assert folder.startswith(f"demo/people/999999999999999999（{MASKED}）：文件夹，")
    assert "9 代替" not in desk.take(desk.write(b"x", "名册_2020年10月.csv")).said


@pytest.mark.parametrize("of", ["demo/people", "demo"])
def test_a_folder_that_is_a_link_is_not_followed(desk: Desk, tmp_path: Path, of: str) -> None:
    desk.write([row(1)])
    folder = settings.inbox() / of
    folder.rename(tmp_path / "elsewhere")
    folder.symlink_to(tmp_path / "elsewhere")
    assert drops(desk.contract) == []
    (line,) = [*strays(desk.contract), *misplaced([desk.contract])]
    assert line.startswith(f"{of}：目录是链接，里面的文件都没有接收")


def test_an_inbox_that_is_a_link_is_the_inbox(desk: Desk, tmp_path: Path) -> None:
    desk.write([row(1)])
    settings.inbox().rename(tmp_path / "elsewhere")
    settings.inbox().symlink_to(tmp_path / "elsewhere")
    assert len(drops(desk.contract)) == 1
    assert [*strays(desk.contract), *misplaced([desk.contract])] == []


def test_a_long_list_is_cut_with_a_count(desk: Desk) -> None:
    for n in range(50):
        desk.write(b"", f"{n:02}.part")
    lines = strays(desk.contract)
    assert len(lines) == 21
    assert lines[-1].startswith("……另有 30 项没有接收")


def test_a_sidecar_that_a_bad_disk_does_not_give_is_told_as_that(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(path: Path, *arguments: Any, **named: Any) -> IO[Any]:
        if path == bad:
            raise OSError(5, "Input/output error", str(path))
        return open_path(path, *arguments, **named)

    desk.write([row(1)])
    other = desk.write([row(2)], "名册_2020年10月.csv")
    bad = desk.write(b"2020-10-09T09:30:00", "名册_2020年09月.csv.received")
    open_path = Path.open
    monkeypatch.setattr(Path, "open", fail)
    assert [d.path for d in drops(desk.contract)] == [other]
    (line,) = strays(desk.contract)
    assert line.startswith(
        "demo/people/名册_2020年09月.csv.received：读不出来（Input/output error），它所说的文件没有接收"
    )


@pytest.fixture
def nobody(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A data directory of a user who is not root, whom modes do not bind."""
    with tempfile.TemporaryDirectory() as made:
        monkeypatch.setenv("SUHENG_DATA", made)
        is_root = os.geteuid() == 0
        if is_root:  # nothing is imported as another: Python may lie where only root reads
            os.chown(made, 65534, 65534)
            os.seteuid(65534)
        yield Path(made)
        if is_root:
            os.seteuid(0)
        for path in Path(made).rglob("*"):
            path.chmod(0o700)


@pytest.mark.parametrize("of", ["demo/people", "demo", "."])
def test_a_folder_that_may_not_be_opened_is_told(desk: Desk, nobody: Path, of: str) -> None:
    place = nobody / "inbox" / "demo" / "people"
    place.mkdir(parents=True)
    (place / "名册_2020年09月.csv").touch()
    closed = nobody / "inbox" / of
    closed.chmod(0)
    try:
        assert drops(desk.contract) == []
        (line,) = [*strays(desk.contract), *misplaced([desk.contract])]
        assert line.startswith(f"{'inbox' if of == '.' else of}：我方没有权限打开这个目录")
    finally:
        closed.chmod(0o700)


def test_a_file_that_may_not_be_read_is_told_and_the_others_are_found(desk: Desk, nobody: Path) -> None:
    office = Desk(nobody, desk.contract)
    closed = office.write([row(1)])
    other = office.write([row(2)], "名册_2020年10月.csv")
    closed.chmod(0)
    assert [d.path for d in drops(desk.contract)] == [other]
    (line,) = strays(desk.contract)
    assert line.startswith("demo/people/名册_2020年09月.csv：我方没有权限读取，没有接收")
    closed.chmod(0o600)
    assert [d.path.name for d in drops(desk.contract)] == [closed.name, other.name]
    assert strays(desk.contract) == []


def test_a_sidecar_that_may_not_be_read_is_told_and_its_file_waits(desk: Desk, nobody: Path) -> None:
    office = Desk(nobody, desk.contract)
    path = office.write([row(1)])
    other = office.write([row(2)], "名册_2020年10月.csv")
    sidecar = path.with_name(f"{path.name}.received")
    sidecar.write_text("2020-10-09T09:30:00")
    sidecar.chmod(0)
    assert [d.path for d in drops(desk.contract)] == [other]
    (line,) = strays(desk.contract)
    assert line.startswith(
        "demo/people/名册_2020年09月.csv.received：读不出来（Permission denied），它所说的文件没有接收"
    )
    sidecar.chmod(0o600)
    first, _ = drops(desk.contract)
    assert (first.path, first.received_at.isoformat()) == (path, "2020-10-09T01:30:00+00:00")
    assert strays(desk.contract) == []


def test_a_file_that_a_bad_disk_does_not_give_is_told_and_the_others_are_taken_in(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ingest.landing import inbox

    def fail(path: Path) -> str:
        if path == bad:
            raise OSError(5, "Input/output error", str(path))
        return digest(path)

    digest, bad = inbox.digest, desk.write([row(1)], f"名册_2020年09月_{citizen(1)}.csv")
    desk.write([row(2)], "名册_2020年10月.csv")
    monkeypatch.setattr(inbox, "digest", fail)
    monkeypatch.setattr(intake, "read_contracts", lambda: {desk.contract.name: desk.contract})
    counts = intake.ingest("demo/people", desk.said.append)
    assert (counts["landed"], counts["moving"]) == (1, 1)
    assert desk.said[0].startswith("demo/people/名册_2020年09月_999999999999999999.csv：读不出来（Input/output error）")
