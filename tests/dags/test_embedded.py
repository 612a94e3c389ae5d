"""The embedded night as a process: told apart, refused, stopped, killed, and run where nothing is new."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from json import loads
from pathlib import Path

import psutil  # type: ignore[import-untyped]
import pytest

from ingest import settings
from warehouse.embedded import alone, environment

REFRESH = [sys.executable, "-m", "warehouse.cli", "refresh"]


@contextlib.contextmanager
def running_night(data: Path) -> Iterator[tuple[subprocess.Popen[str], psutil.Process]]:
    """A refresh over `data` whose night has begun: our child, which waits, and its child, which works."""
    environment = os.environ | {"SUHENG_DATA": str(data)}
    with subprocess.Popen(REFRESH, env=environment, stdout=subprocess.PIPE, text=True) as ours:
        try:
            assert ours.stdout
            assert "夜间刷新" in ours.stdout.readline()
            (night,) = psutil.Process(ours.pid).children()
            yield ours, night
        finally:
            ours.kill()


def refresh(data: Path) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"SUHENG_DATA": str(data)}
    return subprocess.run(REFRESH, env=environment, capture_output=True, text=True, check=False)


def is_gone(night: psutil.Process, within: float) -> bool:
    """Whether every process of the night's session ends in time; a zombie, which its parent must reap, has ended."""
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        alive = [p for p in psutil.process_iter() if in_session(p, night.pid) and p.status() != psutil.STATUS_ZOMBIE]
        if not alive:
            return True
        time.sleep(0.02)
    return False


def in_session(process: psutil.Process, session: int) -> bool:
    with contextlib.suppress(ProcessLookupError):
        return os.getsid(process.pid) == session
    return False


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_stopped_night_says_so_within_a_second(tmp_path: Path, number: signal.Signals, code: int) -> None:
    with running_night(tmp_path) as (ours, night):
        stopped = time.monotonic()
        ours.send_signal(number)
        rest, _ = ours.communicate(timeout=5)
        assert time.monotonic() - stopped < 1
        assert ours.returncode == code
        assert rest.splitlines()[-1] == "已中断；上一次发布保持不变"
        assert is_gone(night, within=0.5)
    with alone(tmp_path / "refresh.lock"):
        pass


def test_a_night_does_not_outlive_the_command_that_began_it(tmp_path: Path) -> None:
    with running_night(tmp_path) as (ours, night):
        ours.kill()
        assert is_gone(night, within=2)
    with alone(tmp_path / "refresh.lock"):
        pass


def test_a_second_refresh_is_refused_and_told_which_process_runs(tmp_path: Path) -> None:
    with running_night(tmp_path) as (ours, night):
        second = refresh(tmp_path)
        assert second.returncode == 1
        assert f"另一次刷新正在运行（进程 {ours.pid}），本次没有启动" in second.stderr
        assert "Traceback" not in second.stderr
        assert second.stdout == ""
        assert night.is_running()


def test_the_night_does_not_see_the_settings_of_another_airflow(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SUHENG_DATA", str(tmp_path / "数据 100%25"))
    monkeypatch.setenv("AIRFLOW__DATABASE__SQL_ALCHEMY_CONN", "postgresql://production/airflow")
    monkeypatch.setenv("AIRFLOW__CORE__EXECUTOR", "CeleryExecutor")
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    seen = environment()
    assert "AIRFLOW__CORE__EXECUTOR" not in seen
    assert "PYTHONDONTWRITEBYTECODE" not in seen
    ask = "from airflow import settings; print(settings.engine.url.database)"
    answer = subprocess.run([sys.executable, "-c", ask], env=seen, capture_output=True, text=True, check=True)
    assert answer.stdout.splitlines()[-1] == str(tmp_path / "数据 100%25" / "airflow" / "airflow.db")


def test_the_publication_event_names_version_and_content(refreshed: Path) -> None:
    with contextlib.closing(sqlite3.connect(refreshed / "airflow" / "airflow.db")) as metadata:
        ((extra,),) = metadata.execute("select extra from asset_event").fetchall()
    release = loads((refreshed / "published" / "current" / "release.json").read_text())
    assert loads(extra) == {key: release[key] for key in ("version", "content_hash")}


def test_a_night_without_news_ends_well_and_changes_nothing(refreshed: Path, tmp_path: Path) -> None:
    data = shutil.copytree(refreshed, tmp_path / "data", symlinks=True)
    before = (data / "published" / "current").readlink()
    night = refresh(data)
    lines = night.stdout.splitlines()
    assert (night.returncode, night.stderr) == (0, "")
    assert lines[-1].startswith("没有新的数据，上一次发布保持不变，共 ")
    assert sum("✓ 入库 " in line for line in lines) == len(list(settings.CONTRACTS.glob("*/*.yaml")))
    assert not any(task in line for line in lines for task in ("✓ 建库", "✓ 质量审核", "✓ 发布"))
    assert (data / "published" / "current").readlink() == before


def test_a_failure_is_told_in_a_line_and_kept_in_full(refreshed: Path, tmp_path: Path) -> None:
    data = shutil.copytree(refreshed, tmp_path / "data", symlinks=True)
    shutil.rmtree(data / "lake")
    (data / "lake").write_text("a file where the lake should be")
    before = (data / "published" / "current").readlink()
    night = refresh(data)
    assert night.returncode == 1
    assert "Traceback" not in night.stdout + night.stderr
    assert any("✗ 入库 " in line for line in night.stdout.splitlines())
    assert night.stdout.splitlines()[-1].startswith("刷新失败；上一次发布保持不变。完整记录：")
    (log,) = sorted((data / "logs").glob("*.log"))[-1:]
    assert "Traceback" in log.read_text()
    assert (data / "published" / "current").readlink() == before
