"""Hard to kill: whatever a night was doing, the next one makes it good."""

import fcntl
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import duckdb

KILLS = int(os.environ.get("SUHENG_TEST_KILLS", "4"))  # make soak: 40


def kill_after(suheng, seconds: float) -> bool:
    """Begin a refresh and kill -9 it; True when it was still running. Returns when nothing of it is left."""
    log = (suheng.data.parent / "killed.txt").open("ab")
    command = [sys.executable, "-m", "warehouse.cli", "refresh"]
    running = subprocess.Popen(command, cwd=suheng.root, env=suheng.environment, stdout=log, stderr=log)
    try:
        running.wait(seconds)
        return False
    except subprocess.TimeoutExpired:
        running.send_signal(signal.SIGKILL)
        running.wait()
    with (suheng.data / "refresh.lock").open("a") as lock:  # its children share the lock while they live
        for _ in range(100):
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return True
            except BlockingIOError:
                time.sleep(0.05)
    raise AssertionError("killed refresh left a process behind")


def deliveries(data: Path) -> set[str]:
    return {
        p.parent.name + p.parent.parent.name
        for p in data.glob("lake/*/*/delivery=*/receipt.json")
        if p.parts[-4] != "plan"
    }


def test_killed_at_random_moments_nothing_is_lost_or_doubled(refreshed, province, tmp_path):
    survivor = type(refreshed)(tmp_path / "data")
    shutil.copytree(province, survivor.data / "inbox")
    draw = random.Random(14)
    killed = 0
    while killed < KILLS:
        if kill_after(survivor, draw.uniform(1, 18)):
            killed += 1
        else:  # it finished: begin again with a build to make, so that the next kill hits something
            shutil.rmtree(survivor.data / "published")
        current = survivor.data / "published" / "current" / "suheng.duckdb"
        if current.exists():  # a reader sees a whole version or none
            assert survivor.query("select count(*) from marts.release") == [(1,)]
    survivor("refresh")
    release = json.loads((survivor.data / "published" / "current" / "release.json").read_text("utf-8"))
    expected = json.loads((refreshed.data / "published" / "current" / "release.json").read_text("utf-8"))
    assert release["content_hash"] == expected["content_hash"]
    assert deliveries(survivor.data) == deliveries(refreshed.data)
    assert list((survivor.data / "lake").rglob(".*")) == []
    assert not (survivor.data / "published" / "candidates").exists() or not list(
        (survivor.data / "published" / "candidates").iterdir()
    )


def test_a_poisoned_build_is_stopped_by_the_gate_and_yesterday_stays(refreshed, tmp_path):
    """The cache of aggregates lies about a year that no delivery explains."""
    poisoned = refreshed.copy(tmp_path / "data", "airflow")
    before = (poisoned.data / "published" / "current").readlink()
    with duckdb.connect(str(poisoned.data / "kept.duckdb")) as con:  # a cache that lies
        con.execute(
            "update int_home_elders__counted set value = value * 2 "
            "where measure = 'home_elders_served' and period = '2023'"
        )
    folder = poisoned.data / "inbox" / "statistics" / "census"
    shutil.copy(next(folder.glob("*2010*")), folder / "人口普查分县资料_2010年_再报_模拟数据.xlsx")
    with (folder / "人口普查分县资料_2010年_再报_模拟数据.xlsx").open("ab") as file:
        file.write(b"\0")  # other bytes, the same sheet: news, so that a build is made
    said = poisoned("refresh", ok=False)
    assert "indicator_values/history" in said
    assert "上一次发布保持不变" in said
    assert (poisoned.data / "published" / "current").readlink() == before
