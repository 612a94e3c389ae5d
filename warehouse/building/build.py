"""One build: a fresh work file and the future snapshot, made by dbt in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, TextIO

import duckdb

from ingest import settings
from ingest.landing.promulgate import promulgate
from ingest.promises.plan import read_plan
from warehouse.building.fingerprint import inputs_hash
from warehouse.building.lock import writing

DBT_PROJECT = settings.ROOT / "dbt_project"
MANIFEST = "manifest.json"  # what dbt knows of the code that built a publication, kept with it


class ModelFailed(ValueError):
    """A model or test of dbt failed: the message names it. Trying again would not help."""


class BuildBroken(RuntimeError):
    """dbt itself did not finish."""


def snapshot() -> Path:
    """The future publication: one constant name, since DuckDB names the catalog after the file."""
    return settings.build() / "suheng.duckdb"


def build(run: str, *dbt_arguments: str) -> dict[str, Any]:
    """Build all marts from the lake; returns what went in, the kept aggregates that were recomputed and the seconds."""
    started = time.perf_counter()
    with writing() as lock:
        plan_version, plan = promulgate(), read_plan()
        inputs = inputs_hash(plan_version)
        before = kept_keys()
        settings.build().mkdir(parents=True, exist_ok=True)
        for verdict in ("audit", "build"):  # first, so that what is half done never looks finished
            facts_file(verdict).unlink(missing_ok=True)
        for file in (snapshot(), settings.build() / "work.duckdb"):
            for path in (file, file.with_name(file.name + ".wal")):
                path.unlink(missing_ok=True)  # rebuilding in place would double the file
        results = run_dbt(lock, "build", *(dbt_arguments or _selection()))
        facts = {
            "run": run,
            "plan_version": plan_version,
            "method_version": str(plan.method_version),
            "inputs_hash": inputs,
            "kept_recomputed": sorted(f"{model} {year}" for model, year, _ in kept_keys() - before),
            "models": sum(r["unique_id"].startswith("model.") for r in results),
            "tests": sum(r["unique_id"].startswith("test.") for r in results),
            "examples": sum(r["unique_id"].startswith("unit_test.") for r in results),
            "warned": [f"{r['unique_id'].split('.')[2]} {r['failures']}" for r in results if r["status"] == "warn"],
            "seconds": round(time.perf_counter() - started, 1),
        }
        write_facts("build", facts)
    return facts


def _selection() -> list[str]:
    """All but the tests of sources; of unit tests those of what differs from the current publication's code."""
    published = settings.published() / "current"
    if not (published / MANIFEST).exists():
        return ["--exclude-resource-type", "unit_test", "--exclude", "source:*"]
    return ["--selector", "changed", "--state", str(published)]


def facts_file(step: str) -> Path:
    """What a finished step left: build/build.json, build/audit.json, build/night.json, build/alerts.json."""
    return settings.build() / f"{step}.json"


def read_facts(step: str) -> dict[str, Any] | None:
    """The same, None when the step has not finished."""
    path = facts_file(step)
    return json.loads(path.read_text("utf-8")) if path.exists() else None


def write_facts(step: str, facts: dict[str, Any]) -> None:
    """Say that a step is finished: the file appears whole or not at all."""
    settings.build().mkdir(parents=True, exist_ok=True)
    draft = facts_file(step).with_suffix(".draft")
    draft.write_text(json.dumps(facts, ensure_ascii=False, indent=1), "utf-8")
    draft.replace(facts_file(step))


def kept_keys() -> set[tuple[str, str, str]]:
    """(model, year, key) of every aggregate in kept.duckdb."""
    path = settings.data() / "kept.duckdb"
    if not path.exists():
        return set()
    with duckdb.connect(str(path)) as con:  # read-write: a log left by a killed run has to be replayed
        if not con.sql("select 1 from duckdb_tables() where table_name = 'keys'").fetchall():
            return set()
        return set(con.sql("select model, year, inputs_key from keys").fetchall())


def run_dbt(lock: TextIO, command: str, *arguments: str) -> list[dict[str, Any]]:
    """dbt in a process of its own (in this one it would leave the files open), which shares the lock while it lives."""
    target, logs = settings.data() / "dbt", settings.data() / "logs"
    logs.mkdir(parents=True, exist_ok=True)
    # named from within: with paths that are the same everywhere, what dbt has parsed serves any copy of the data
    environment = os.environ | {"SUHENG_DATA": ".", "DBT_USE_COLORS": "false"}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    folders = ["--project-dir", DBT_PROJECT, "--profiles-dir", DBT_PROJECT, "--target-path", target, "--log-path", logs]
    dbt_main = [
        "-P",
        "-m",
        "warehouse.building.lifeline",
        "dbt.cli.main",
    ]  # -P: the data directory has a folder dbt, too
    call = [sys.executable, *dbt_main, command, *map(str, folders), *arguments]
    (target / "run_results.json").unlink(missing_ok=True)
    with subprocess.Popen(
        call,
        env=environment,
        cwd=settings.data(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        pass_fds=[lock.fileno()],
    ) as dbt:
        assert dbt.stdout
        said = dbt.stdout.read()
    (logs / "dbt.txt").write_text(said, "utf-8")
    path = target / "run_results.json"
    results: list[dict[str, Any]] = json.loads(path.read_text("utf-8"))["results"] if path.exists() else []
    if dbt.returncode:
        failed = [r for r in results if r["status"] in ("error", "fail", "runtime error")]
        why = "\n".join(f"{r['unique_id']}: {(r['message'] or '').strip()[:1000]}" for r in failed)
        if why:
            raise ModelFailed(f"dbt 的模型或测试未通过（日志 {logs / 'dbt.txt'}）：\n{why}")
        why = said.partition("Encountered an error:")[2].strip() or said
        tail = "\n".join(why.splitlines()[-30:])
        raise BuildBroken(f"dbt 没有运行完（退出码 {dbt.returncode}，日志 {logs / 'dbt.txt'}）：\n{tail}")
    return results
