"""A full disk, a read-only lake: one line for the person who must act, and nothing published is touched."""

from __future__ import annotations

import errno
import hashlib
import os
import re
import resource
import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import duckdb
import polars as pl
import pyarrow.parquet as pq
import pytest
from hashes import hashes
from unpublished import unpublish

from warehouse.building.disk import DiskRefused, explain, explained


def mount(*arguments: object) -> bool:
    return subprocess.run(["mount", *map(str, arguments)], capture_output=True, check=False).returncode == 0


@pytest.fixture
def disk(tmp_path) -> Iterator[tuple[Path, Callable[[int], AbstractContextManager[None]]]]:
    """A disk of 160 MB and what fills it but for some bytes; where none can be mounted, a limit on each file."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if not mount("-t", "tmpfs", "-o", "size=160m", "tmpfs", folder):
        yield folder, file_limit
        return

    @contextmanager
    def fill(left: int) -> Iterator[None]:
        with (folder / "ballast").open("wb") as ballast:
            os.posix_fallocate(ballast.fileno(), 0, shutil.disk_usage(folder).free - left)
        yield
        (folder / "ballast").unlink()

    yield folder, fill
    subprocess.run(["umount", "--lazy", folder], check=True)


@contextmanager
def file_limit(size: int) -> Iterator[None]:
    """No process may write a file beyond `size` bytes meanwhile."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def published(data: Path) -> tuple[Path, str]:
    """Which version is current, and the bytes of its snapshot."""
    current = data / "published" / "current"
    return current.readlink(), hashlib.sha256((current / "suheng.duckdb").read_bytes()).hexdigest()


STAGES = {  # how much room is left, and what is run in it
    "refresh": (1_000, "refresh"),
    "ingest": (50_000, "ingest", "statistics/resident_population"),
    "build": (100_000, "build"),
    "audit": (100_000, "audit"),
    "publish": (100_000, "publish"),
}


@pytest.mark.parametrize("stage", STAGES)
def test_every_stage_on_a_full_disk_says_so_in_one_line_and_succeeds_when_there_is_room(
    refreshed, province, disk, stage
):
    folder, full = disk
    suheng = refreshed.copy(folder / "data", "airflow", "inbox")
    unpublish(suheng.data)
    (suheng.data / "inbox").symlink_to(province)
    before, expected = published(suheng.data), suheng.query("select content_hash from marts.release")
    shutil.rmtree(suheng.data / "lake" / "statistics" / "resident_population")
    left, *command = STAGES[stage]
    with full(left):
        told = suheng(*command, ok=False)
    wrong = f"(磁盘已满，剩余 0 MB|文件超过了允许的大小|磁盘读写出错)：{suheng.data}.*；请.*，然后重新运行"
    assert len(re.findall(f"^(✗|DiskRefused) {wrong}", told, re.M)) == 1
    assert "Traceback" not in told
    assert published(suheng.data) == before
    if stage == "ingest":
        suheng(*command)
        assert hashes(suheng.data, "lake") == hashes(refreshed.data, "lake")
    elif stage in ("audit", "publish"):
        suheng(*command)
        suheng("publish", ok=stage == "audit")
        assert published(suheng.data)[0] != before[0]
        assert suheng.query("select content_hash from marts.release") == expected


@pytest.mark.soak
def test_a_night_on_a_full_disk_is_made_good_when_there_is_room(refreshed, province, disk):
    folder, full = disk
    suheng = refreshed.copy(folder / "data", "airflow", "inbox")
    (suheng.data / "inbox").symlink_to(province)
    before, expected = published(suheng.data), suheng.query("select content_hash from marts.release")
    shutil.rmtree(suheng.data / "lake" / "statistics" / "resident_population")
    for left, command in ((1_000, "refresh"), (100_000, "build")):
        with full(left):
            suheng(command, ok=False)
    suheng("refresh")
    assert published(suheng.data)[0] != before[0]
    assert suheng.query("select content_hash from marts.release") == expected


def test_a_read_only_lake_is_named_and_the_next_run_takes_the_file_in(refreshed, province, tmp_path):
    suheng = refreshed.copy(tmp_path / "data", "airflow", "inbox")
    (suheng.data / "inbox").symlink_to(province)
    lake, before = suheng.data / "lake", published(suheng.data)
    shutil.rmtree(lake / "statistics" / "census")
    with read_only(lake):
        told = suheng("ingest", "statistics/census", ok=False)
    wrong = f"(磁盘是只读的|没有权限读写)：{lake}/statistics/census；请.*，然后重新运行"
    assert re.fullmatch(rf"DiskRefused {wrong} \(.*\)\n", told)
    assert published(suheng.data) == before
    assert "✓ 入库 statistics/census：2 个文件" in suheng("ingest", "statistics/census")


@contextmanager
def read_only(folder: Path) -> Iterator[None]:
    if mount("--bind", folder, folder):
        try:
            assert mount("-o", "remount,bind,ro", folder)
            yield
        finally:
            subprocess.run(["umount", "--lazy", folder], check=True)
    elif os.geteuid() != 0:
        (folder / "statistics").chmod(0o555)
        yield
        (folder / "statistics").chmod(0o755)
    else:
        pytest.skip("root 写得进任何目录，而这里不能挂载 (root may write everywhere, and mount nothing here)")


def write_all(folder: Path) -> dict[str, object]:
    """How each engine writes a file that is too large."""
    table = pl.DataFrame({"a": range(50_000)})
    return {
        "python": lambda: (folder / "a.txt").write_text("a" * 200_000),
        "polars": lambda: table.write_parquet(folder / "a.parquet", compression="uncompressed"),
        "pyarrow": lambda: pq.write_table(table.to_arrow(), folder / "b.parquet", compression="none"),
        "duckdb": lambda: duckdb.sql(f"copy (from range(99999)) to '{folder}/c.parquet' (compression uncompressed)"),
        "sqlite": lambda: sqlite3.connect(folder / "a.db").execute(f"create table a as select '{'a' * 200_000}'"),
    }


@pytest.mark.parametrize("engine", list(write_all(Path())))
def test_every_engine_is_understood(tmp_path, monkeypatch, engine):
    monkeypatch.setenv("SUHENG_DATA", str(tmp_path))
    with pytest.raises(DiskRefused, match=r"文件超过了允许的大小|磁盘读写出错"), file_limit(100_000), explained():
        write_all(tmp_path)[engine]()


def test_an_error_that_is_not_the_disks_passes_as_it_is():
    for error in (ValueError("列名不对"), OSError(errno.ECONNRESET, "reset"), duckdb.Error("no such table")):
        assert explain(error) is None
        with pytest.raises(type(error)) as raised, explained():
            raise error
        assert raised.value is error


def test_a_file_that_is_not_ours_to_read_is_named(tmp_path):
    said = explain(PermissionError(errno.EACCES, "Permission denied", str(tmp_path / "a.csv")))
    assert said == f"没有权限读写：{tmp_path}/a.csv；请检查所有者与权限，然后重新运行 (Permission denied)"
