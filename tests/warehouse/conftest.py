"""Builds that stand between audit and publication, without a run of dbt."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import pytest
from unpublished import unpublish

from ingest import settings
from warehouse.building import mart
from warehouse.building.build import snapshot, write_facts
from warehouse.building.fingerprint import content_hash
from warehouse.releases.publish import BUILT

KILLER = [sys.executable, str(Path(__file__).with_name("killer.py"))]


@pytest.fixture
def audited(refreshed, tmp_path):
    """A copy of the refreshed data as it stood before its publication, which is there, too."""
    suheng = refreshed.copy(tmp_path / "data", "airflow", "inbox")
    unpublish(suheng.data)
    return suheng


@pytest.fixture
def lay(tmp_path, monkeypatch) -> Callable[[int], str]:
    """lay(n): an audited build of four tables in a data directory of its own, with every value n; its content."""
    monkeypatch.setenv("SUHENG_DATA", str(tmp_path / "data"))
    for page in ("quality.html", "data_docs/indicators.html"):
        (settings.build() / "audit" / page).parent.mkdir(parents=True, exist_ok=True)
        (settings.build() / "audit" / page).write_text("模拟数据", "utf-8")
    (tmp_path / "data" / "dbt").mkdir()
    (tmp_path / "data" / "dbt" / "manifest.json").write_text("{}", "utf-8")
    columns = {m["name"]: m["columns"] for m in mart.declared()}
    with duckdb.connect(str(tmp_path / "suheng.duckdb")) as con:
        con.execute("create schema marts")
        for table in ("deliveries", "indicator_values", "indicators", "release"):
            typed = ", ".join(f'"{column["name"]}" {column["data_type"]}' for column in columns[table])
            con.execute(f"create table marts.{table} ({typed})")
        con.execute(
            "insert into marts.indicator_values by name select 'i' as indicator, n as region_code, '2025' as period, "
            "'none' as population_basis, 'all' as stratum from range(100) as t (n)"
        )

    with duckdb.connect(str(settings.build() / "work.duckdb")) as con:
        con.execute("create schema intermediate; create table intermediate.int_counts__remembered (since integer)")

    def lay(number: int) -> str:
        shutil.copyfile(tmp_path / "suheng.duckdb", snapshot())
        with duckdb.connect(str(snapshot())) as con:
            con.execute(f"update marts.indicator_values set value = {number}")
        content = content_hash(snapshot())
        write_facts("build", dict.fromkeys(BUILT, "1"))
        write_facts("audit", {"blocked": [], "content_hash": content})
        return content

    return lay


@pytest.fixture
def killed(tmp_path, monkeypatch) -> Iterator[Callable[..., bool]]:
    """killed(step, verb, ...): whether that was killed before its step-th line; False when it ended well."""
    monkeypatch.setenv("SUHENG_DATA", str(tmp_path / "data"))
    with subprocess.Popen(KILLER, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as killer:

        def killed(step: int, verb: str, *arguments: str) -> bool:
            print(json.dumps([step, verb, arguments]), file=killer.stdin, flush=True)
            code = int(killer.stdout.readline())
            assert code in (0, -signal.SIGKILL)
            return code != 0

        yield killed
        killer.stdin.close()
