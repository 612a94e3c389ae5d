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
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import polars as pl
import pyarrow.parquet as pq
import pytest

from warehouse.disk import DiskRefused, explain, explained


def mount(*arguments: object) -> None:
    done = subprocess.run(["mount", *map(str, arguments)], capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"不能挂载 (cannot mount here): {done.stderr.strip()}")


@pytest.fixture
def disk(tmp_path) -> Iterator[Path]:
    """A disk of 160 MB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount("-t", "tmpfs", "-o", "size=160m", "tmpfs", folder)
    yield folder
    subprocess.run(["umount", "--lazy", folder], check=True)


@contextmanager
def full(disk: Path, left: int) -> Iterator[None]:
    """Only `left` bytes are free meanwhile."""
    ballast = disk / "ballast"
    with ballast.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, shutil.disk_usage(disk).free - left)
    yield
    ballast.unlink()


def published(data: Path) -> tuple[Path, str]:
    """Which version is current, and the bytes of its snapshot."""
    current = data / "published" / "current"
    return current.readlink(), hashlib.sha256((current / "suheng.duckdb").read_bytes()).hexdigest()


def test_every_stage_on_a_full_disk_says_so_in_one_line_and_succeeds_when_there_is_room(refreshed, province, disk):
    suheng = refreshed.copy(disk / "data", "airflow", "inbox")
    (suheng.data / "inbox").symlink_to(province)
    before, expected = published(suheng.data), suheng.query("select content_hash from marts.release")
    shutil.rmtree(suheng.data / "lake" / "statistics" / "resident_population")
    for left, *command in (
        (0, "refresh"),
        (50_000, "ingest", "statistics/resident_population"),
        (100_000, "build"),
        (1_000_000, "audit"),
        (300_000, "publish"),
    ):
        with full(disk, left):
            told = suheng(*command, ok=False)
        assert (
            len(re.findall(rf"^(✗|DiskRefused) 磁盘已满，剩余 0 MB：{suheng.data}.*；请清理磁盘或扩容", told, re.M))
            == 1
        )
        assert "Traceback" not in told
        assert published(suheng.data) == before
        if command != ["refresh"]:
            suheng(*command)
    assert published(suheng.data)[0] != before[0]
    assert suheng.query("select content_hash from marts.release") == expected


def test_a_read_only_lake_is_named_and_the_next_night_takes_the_file_in(refreshed, province, tmp_path):
    suheng = refreshed.copy(tmp_path / "data", "airflow", "inbox")
    (suheng.data / "inbox").symlink_to(province)
    lake, before = suheng.data / "lake", published(suheng.data)
    shutil.rmtree(lake / "statistics" / "census")
    mount("--bind", lake, lake)
    try:
        mount("-o", "remount,bind,ro", lake)
        told = suheng("refresh", ok=False)
    finally:
        subprocess.run(["umount", "--lazy", lake], check=True)
    said = f"磁盘是只读的：{lake}/statistics/census；请把它挂载为可写，然后重新运行 (Read-only file system)"
    assert told.count(said) == 1
    assert "↻" not in told
    assert "上一次发布保持不变" in told.splitlines()[-1]
    assert published(suheng.data) == before
    assert "接收" in suheng("ingest", "statistics/census")


@contextmanager
def file_limit(size: int) -> Iterator[None]:
    """No process may write a file beyond `size` bytes meanwhile: a refusal for those, too, who cannot mount a disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_file_that_may_not_grow_is_named_in_one_line_and_the_next_run_succeeds(audited, province):
    before = published(audited.data)
    (audited.data / "inbox").symlink_to(province)
    shutil.rmtree(audited.data / "lake" / "transport" / "bus_routes")
    for command in (("ingest", "transport/bus_routes"), ("audit",), ("publish",)):
        with file_limit(20_000):
            told = audited(*command, ok=False)
        assert re.fullmatch(rf"DiskRefused 文件超过了允许的大小：{audited.data}.*；请提高.*（ulimit -f）.*\n", told)
        assert published(audited.data) == before
    assert "接收" in audited("ingest", "transport/bus_routes")
    audited("publish")


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
