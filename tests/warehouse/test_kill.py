"""Hard to kill: whatever a night was doing, the next one makes it good, and readers see no difference."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
from endpoint import Endpoint
from hashes import hashes
from unpublished import unpublish

KILLS = int(os.environ.get("SUHENG_TEST_KILLS", "8"))  # make soak: 40
# The share of kills, the command, what appears when the stage has begun, how many of that and then seconds at most.
STAGES = {
    "publish": (1 / 4, "publish", "published/candidates/*", 1, 0.5),
    "audit": (1 / 4, "audit", "build/audit/previous.duckdb", 1, 3.0),
    "build": (1 / 8, "build", "build/work.duckdb", 1, 10.0),
    "ingest": (1 / 4, "ingest", "lake/*/*/delivery=*", 25, 0.2),
    "build of a night": (1 / 8, "refresh", "build/work.duckdb", 1, 10.0),
}


def kill(suheng, command: str, pattern: str, count: int, seconds: float) -> bool:
    """Run a command until `count` files of the pattern are new, kill -9 it `seconds` later; whether it was running."""
    before = set(marks(suheng.data, pattern))
    with (suheng.data.parent / "killed.txt").open("ab") as log:
        call = [sys.executable, "-m", "warehouse.cli", command]
        running = subprocess.Popen(call, cwd=suheng.root, env=suheng.environment, stdout=log, stderr=log)
    while running.poll() is None and len(set(marks(suheng.data, pattern)) - before) < count:
        time.sleep(0.03)
    with contextlib.suppress(subprocess.TimeoutExpired):
        running.wait(seconds)
    running.kill()
    for name in ("refresh.lock", "write.lock"):  # whatever it began shares its locks, and must end with it
        with (suheng.data / name).open("a") as lock:
            acquire(lock)
    return running.wait() == -signal.SIGKILL


def marks(data: Path, pattern: str) -> Iterator[tuple[Path, int]]:
    for path in data.glob(pattern):
        with contextlib.suppress(FileNotFoundError):
            yield path, path.stat().st_ctime_ns


def acquire(lock) -> None:
    for _ in range(40):
        try:
            return fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(0.05)
    raise AssertionError(f"{lock.name}: what was killed left a process behind")


def release(data: Path) -> dict:
    return json.loads((data / "published" / "current" / "release.json").read_text("utf-8"))


def age(data: Path) -> None:
    """Let the current release be of other inputs, so that the next night has something to do."""
    path = data / "published" / "current" / "release.json"
    draft = path.with_suffix(".draft")
    draft.write_text(json.dumps(release(data) | {"inputs_hash": "of an older night"}), "utf-8")
    draft.replace(path.resolve())


@contextmanager
def watching(data: Path) -> Iterator[set[tuple[str, str, int]]]:
    """What a reader sees meanwhile, again and again: the content said and a checksum of the values."""
    seen, over = set(), threading.Event()
    errors: list[Exception] = []

    def watch() -> None:
        while not over.wait(0.5):
            try:
                version = (data / "published" / "current").resolve()
                with duckdb.connect(str(version / "suheng.duckdb"), read_only=True) as con:
                    row = con.sql(
                        "select version, content_hash, (select bit_xor(hash(v)) from marts.indicator_values as v) "
                        "from marts.release"
                    ).fetchone()
                said = json.loads((version / "release.json").read_text("utf-8"))
                assert row[:2] == (said["version"], said["content_hash"])
                seen.add(row[1:])
            except Exception as error:
                errors.append(error)

    reader = threading.Thread(target=watch)
    reader.start()
    try:
        yield seen
    finally:
        over.set()
        reader.join()
    assert errors == []


def lake(data: Path) -> dict[str, str]:
    """sha256 by name of every file of departments in the lake and among the refused, hidden ones, too."""
    return {n: h for n, h in hashes(data, "lake", "refused").items() if not n.startswith("lake/plan/")}


def test_killed_at_random_moments_nothing_is_lost_or_doubled(refreshed, province, tmp_path):
    survivor = refreshed.copy(tmp_path / "data", "airflow", "inbox")
    (survivor.data / "inbox").symlink_to(province)
    expected = release(refreshed.data)["content_hash"]
    draw = random.Random(14)
    with watching(survivor.data) as seen:
        for stage, (share, command, pattern, count, seconds) in STAGES.items():
            killed = 0
            if stage == "build":
                forget(survivor.data / "kept.duckdb", "2023")  # so that there is more to do
            while killed < KILLS * share:
                if stage in ("publish", "audit"):
                    unpublish(survivor.data)
                elif stage == "ingest" and lake(survivor.data) == lake(refreshed.data):
                    shutil.rmtree(survivor.data / "lake" / "education")
                    shutil.rmtree(survivor.data / "refused" / "education")
                elif stage == "build of a night":
                    age(survivor.data)
                killed += kill(survivor, command, pattern, draw.randint(1, count), draw.uniform(0, seconds))
        survivor("refresh")
    assert len(seen) == 1  # one content, before and after
    assert release(survivor.data)["content_hash"] == expected
    assert lake(survivor.data) == lake(refreshed.data)
    assert [p.name for p in (survivor.data / "published").iterdir() if p.name.startswith(".")] == []
    assert list((survivor.data / "published" / "candidates").iterdir()) == []
    assert list(doubled(survivor.data / "kept.duckdb")) == []


def forget(kept: Path, year: str) -> None:
    """As if a year's aggregates had never been kept."""
    with duckdb.connect(str(kept)) as con:
        models = con.execute("select model, inputs_key from keys where year = ?", [year]).fetchall()
        for model, key in models:
            con.execute(f"delete from {model} where inputs_key = ?", [key])
        con.execute("delete from keys where year = ?", [year])
    assert models


def doubled(kept: Path) -> Iterator[str]:
    """Tables of aggregates that hold a row twice, or rows of a key that was not finished."""
    with duckdb.connect(str(kept)) as con:
        for (table,) in con.sql("select table_name from duckdb_columns() where column_name = 'measure'").fetchall():
            rows = f"(select * exclude (value) from {table})"
            if con.sql(f"from {rows} except all from (select distinct * from {rows})").fetchall():
                yield table
            if con.sql(f"from {table} anti join keys using (inputs_key)").fetchall():
                yield table


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
    endpoint = Endpoint()
    (tmp_path / "alerts.txt").write_text(endpoint.url, "utf-8")
    said = poisoned("refresh", ok=False, SUHENG_ALERTS_FILE=str(tmp_path / "alerts.txt"))
    endpoint.close()
    assert "indicator_values/history" in said
    assert "✓ 收尾与告警" in said  # which leaves the night what it is, a failure
    (post,) = endpoint.posts
    assert post["title"].startswith("【模拟数据】苏衡告警 ")
    first, rule, *_ = post["message"].splitlines()
    assert first == "【审核未通过，没有发布】"
    assert rule.endswith("：indicator_values/history")
    assert "运行失败" not in post["message"]
    assert "上一次发布保持不变" in said
    assert (poisoned.data / "published" / "current").readlink() == before
