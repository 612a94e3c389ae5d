"""The embedded night as a process: told apart, refused, stopped, killed, and run where nothing is new."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from hashlib import sha256
from json import dumps, loads
from pathlib import Path
from typing import TYPE_CHECKING

import psutil  # type: ignore[import-untyped]
import pytest

from ingest import settings
from warehouse.building.lock import alone
from warehouse.running.embedded import environment

if TYPE_CHECKING:
    from tests.conftest import Suheng

REFRESH = [sys.executable, "-m", "warehouse.cli", "refresh"]


@contextlib.contextmanager
def running_night(seen: dict[str, str]) -> Iterator[tuple[subprocess.Popen[str], psutil.Process]]:
    """A refresh whose night has begun, in the environment given: our child, which waits, and its child, which works."""
    with subprocess.Popen(REFRESH, env=seen, stdout=subprocess.PIPE, text=True) as ours:
        try:
            assert ours.stdout
            assert "夜间刷新" in ours.stdout.readline()
            (night,) = psutil.Process(ours.pid).children()
            yield ours, night
        finally:
            ours.kill()


def empty(data: Path) -> dict[str, str]:
    """The environment of a command over an empty data directory."""
    return os.environ | {"SUHENG_DATA": str(data)}


def is_gone(night: psutil.Process, within: float) -> bool:
    """Whether every process of the night's session ends in time.

    A zombie, which its parent must reap, has ended when its threads have: until then they hold its files.
    """
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        alive = [p for p in psutil.process_iter() if in_session(p, night.pid) and not has_ended(p)]
        if not alive:
            return True
        time.sleep(0.02)
    return False


def has_ended(process: psutil.Process) -> bool:
    return process.status() == psutil.STATUS_ZOMBIE and process.num_threads() == 1


def in_session(process: psutil.Process, session: int) -> bool:
    with contextlib.suppress(ProcessLookupError):
        return os.getsid(process.pid) == session
    return False


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_stopped_night_says_so_within_a_second(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: signal.Signals, code: int
) -> None:
    with running_night(empty(tmp_path)) as (ours, night):
        stopped = time.monotonic()
        ours.send_signal(number)
        rest, _ = ours.communicate(timeout=5)
        assert time.monotonic() - stopped < 1
        assert ours.returncode == code
        assert rest.splitlines()[-1] == "已中断；上一次发布保持不变"
        assert is_gone(night, within=0.5)
    monkeypatch.setenv("SUHENG_DATA", str(tmp_path))
    with alone("refresh.lock", "刷新"):
        pass


def test_a_night_does_not_outlive_the_command_that_began_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with running_night(empty(tmp_path)) as (ours, night):
        ours.kill()
        assert is_gone(night, within=2)
    monkeypatch.setenv("SUHENG_DATA", str(tmp_path))
    with alone("refresh.lock", "刷新"):
        pass


def test_a_second_refresh_is_refused_and_told_which_process_runs(tmp_path: Path) -> None:
    with running_night(empty(tmp_path)) as (ours, night):
        second = subprocess.run(REFRESH, env=empty(tmp_path), capture_output=True, text=True, check=False)
        assert (second.returncode, second.stdout) == (1, "")
        assert f"另一次刷新正在运行（进程 {ours.pid}），本次没有启动" in second.stderr
        assert "Traceback" not in second.stderr
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
    answer = subprocess.run(
        [sys.executable, "-c", ask], env=seen, cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert [path.name for path in tmp_path.iterdir()] == ["数据 100%25"]  # no folder of its own beside the data's
    assert answer.stdout.splitlines()[-1] == str(tmp_path / "数据 100%25" / "airflow" / "airflow.db")


def test_a_night_tells_one_line_per_task_in_order(refreshed: Suheng) -> None:
    told = [
        line.split("秒  ")[1]
        for line in (refreshed.data.parent / "refresh.txt").read_text().splitlines()
        if "秒  " in line
    ]
    datasets = sorted(f"{path.parent.name}/{path.stem}" for path in settings.CONTRACTS.glob("*/*.yaml"))
    assert told[0] == "✓ 数据集清单"
    taken = sorted(told[1 : len(datasets) + 1])
    assert [line.split("：")[0] for line in taken] == [f"✓ 入库 {dataset}" for dataset in datasets]
    assert all(re.search(r"：[0-9]+ 个文件，[0-9,]+ 行.*（[0-9,]+ 行/秒）$", line) for line in taken)
    assert told[len(datasets) + 1 :] == ["✓ 有无新数据", "✓ 建库", "✓ 质量审核", "✓ 发布", "✓ 收尾与告警"]


def test_the_publication_event_names_version_and_content(refreshed: Suheng) -> None:
    with contextlib.closing(sqlite3.connect(refreshed.data / "airflow" / "airflow.db")) as metadata:
        ((extra,),) = metadata.execute("select extra from asset_event").fetchall()
    release = loads((refreshed.data / "published" / "current" / "release.json").read_text())
    assert loads(extra) == {key: release[key] for key in ("version", "content_hash")}


def test_a_night_stopped_in_the_middle_of_a_build_leaves_the_publication_as_it_was(
    refreshed: Suheng, province: Path, tmp_path: Path
) -> None:
    """tests/warehouse/test_kill.py shows that the next night makes it good."""
    suheng = refreshed.copy(tmp_path / "data", "inbox")
    (suheng.data / "inbox").symlink_to(province)
    current = suheng.data / "published" / "current"
    release = loads((current / "release.json").read_text())
    (current / "release.json").chmod(0o644)
    (current / "release.json").write_text(dumps(release | {"inputs_hash": "of an older night"}))
    published, before = sha256((current / "suheng.duckdb").read_bytes()).hexdigest(), current.readlink()
    with running_night(suheng.environment) as (ours, night):
        while not any("dbt.cli.main" in process.cmdline() for process in night.children()):
            assert ours.poll() is None
            time.sleep(0.02)
        time.sleep(3)  # dbt has parsed the project and writes the snapshot
        ours.terminate()
        rest, _ = ours.communicate(timeout=5)
        assert ours.returncode == 143
        assert is_gone(night, within=0.5)
    assert "✓ 有无新数据" in rest
    assert "✓ 建库" not in rest
    assert current.readlink() == before
    assert sha256((current / "suheng.duckdb").read_bytes()).hexdigest() == published


def test_a_mistake_is_told_at_once_in_a_line_and_kept_in_full(refreshed: Suheng, tmp_path: Path) -> None:
    suheng = refreshed.copy(tmp_path / "data", "inbox")
    for dataset in ("civil_affairs/elder_profiles", "health/immunization_cards"):
        shutil.copytree(refreshed.data / "inbox" / dataset, suheng.data / "inbox" / dataset)
        shutil.rmtree(suheng.data / "lake" / dataset)
    before = (suheng.data / "published" / "current").readlink()
    told = suheng("refresh", ok=False, SUHENG_PSEUDONYM_KEY="too short").splitlines()
    first, *others = [n for n, line in enumerate(told) if "✗ 入库 " in line]
    assert "civil_affairs/elder_profiles" in "".join(told[n] for n in (first, *others))
    assert (
        told[first + 1].strip()
        == "假名化密钥 SUHENG_PSEUDONYM_KEY 应为至少64位十六进制数字 (at least 64 hexadecimal digits)"
    )
    assert {told[n + 1].strip() for n in others} == {"同上"}
    assert told[-1].startswith("刷新失败；上一次发布保持不变。完整记录：")
    assert not any("Traceback" in line or "↻" in line for line in told)
    log = Path(told[-1].split("：")[1])
    assert "Traceback" in log.read_text()
    assert "夜间任务“入库”失败" in log.read_text()
    night = loads((suheng.data / "build" / "night.json").read_text())
    assert night["failed"]["入库 civil_affairs/elder_profiles"] == told[first + 1].strip()
    assert (suheng.data / "published" / "current").readlink() == before
