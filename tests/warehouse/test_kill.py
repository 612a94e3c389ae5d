"""Hard to kill: whatever a night was doing, the next one makes it good, and readers see no difference."""

from __future__ import annotations

import contextlib
import fcntl
import json
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
import pytest
from endpoint import Endpoint
from hashes import hashes
from kept import doubled, forget, kept_rows
from soak import KILLS
from unpublished import unpublish

SUHENG = [sys.executable, "-m", "warehouse.cli"]
AGGREGATES = "--select +config.materialized:kept --exclude-resource-type test unit_test"
COUNT = [sys.executable, "-c", f"from warehouse.building.build import build; build('', *'{AGGREGATES}'.split())"]
# The command, what appears when the stage has begun, how many of that and then seconds at most.
STAGES = {
    "publish": ([*SUHENG, "publish"], "published/candidates/*", 1, 0.5),
    "audit": ([*SUHENG, "audit"], "build/audit/previous.duckdb", 1, 3.0),
    "ingest": ([*SUHENG, "ingest"], "lake/*/*/delivery=*", 25, 0.2),
    "aggregates": (COUNT, "build/work.duckdb", 1, 3.0),
    "build": ([*SUHENG, "build"], "build/work.duckdb", 1, 10.0),
    "night": ([*SUHENG, "refresh"], "build/work.duckdb", 1, 10.0),
}


def kill(suheng, command: list[str], pattern: str, count: int, seconds: float) -> bool:
    """Run a command until `count` files of the pattern are new, kill -9 it `seconds` later; whether it was running."""
    before = set(marks(suheng.data, pattern))
    with (suheng.data.parent / "killed.txt").open("ab") as log:
        running = subprocess.Popen(command, cwd=suheng.root, env=suheng.environment, stdout=log, stderr=log)
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


@pytest.fixture
def survivor(refreshed, province, tmp_path):
    """A copy of the refreshed data that is killed and killed again, while a reader watches: it sees one content."""
    survivor = refreshed.copy(tmp_path / "data", "airflow", "inbox")
    (survivor.data / "inbox").symlink_to(province)
    with watching(survivor.data) as seen:
        yield survivor
    assert len(seen) == 1
    assert release(survivor.data)["content_hash"] == release(refreshed.data)["content_hash"]
    assert [p.name for p in (survivor.data / "published").iterdir() if p.name.startswith(".")] == []
    assert list((survivor.data / "published" / "candidates").iterdir()) == []


def kill_often(survivor, stage: str, prepare) -> None:
    command, pattern, count, seconds = STAGES[stage]
    draw, killed = random.Random(stage), 0
    while killed < KILLS:
        prepare()
        killed += kill(survivor, command, pattern, draw.randint(1, count), draw.uniform(0, seconds))


@pytest.mark.parametrize("stage", ["publish", "audit"])
def test_a_publication_killed_at_random_moments_is_made_good_by_the_next(survivor, stage):
    kill_often(survivor, stage, lambda: unpublish(survivor.data))
    unpublish(survivor.data)
    survivor("audit")
    survivor("publish")


def test_nothing_that_was_taken_in_when_killed_is_lost_or_doubled(survivor, refreshed):
    def prepare() -> None:
        if lake(survivor.data) == lake(refreshed.data):
            shutil.rmtree(survivor.data / "lake" / "education")
            shutil.rmtree(survivor.data / "refused" / "education")

    kill_often(survivor, "ingest", prepare)
    survivor("ingest")
    assert lake(survivor.data) == lake(refreshed.data)


def test_no_aggregate_is_kept_half_when_its_computation_is_killed(survivor, refreshed):
    before = kept_rows(refreshed.data / "kept.duckdb")

    def prepare() -> None:
        forget(survivor.data / "kept.duckdb", "2023")

    kill_often(survivor, "aggregates", prepare)
    subprocess.run(COUNT, cwd=survivor.root, env=survivor.environment, check=True, stdout=subprocess.DEVNULL)
    assert list(doubled(survivor.data / "kept.duckdb")) == []
    assert kept_rows(survivor.data / "kept.duckdb") == before


@pytest.mark.soak
@pytest.mark.parametrize("stage", ["build", "night"])
def test_a_build_killed_at_random_moments_is_made_good_by_the_next_night(survivor, stage):
    if stage == "build":
        forget(survivor.data / "kept.duckdb", "2023")  # so that there is more to do
    kill_often(survivor, stage, lambda: age(survivor.data))
    age(survivor.data)
    survivor("refresh")
    assert list(doubled(survivor.data / "kept.duckdb")) == []


@pytest.mark.soak
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
