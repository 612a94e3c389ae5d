"""Builds that stand between audit and publication, without a run of dbt."""

from __future__ import annotations

import shutil
from collections.abc import Callable

import duckdb
import pytest
import yaml
from unpublished import unpublish

from ingest import settings
from warehouse import mart
from warehouse.build import snapshot, write_facts
from warehouse.fingerprint import content_hash
from warehouse.publish import BUILT


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
    columns = {m["name"]: m["columns"] for m in yaml.safe_load(mart.DECLARED.read_text("utf-8"))["models"]}
    with duckdb.connect(str(tmp_path / "suheng.duckdb")) as con:
        con.execute("create schema marts")
        for table in ("deliveries", "indicator_values", "indicators", "release"):
            typed = ", ".join(f'"{column["name"]}" {column["data_type"]}' for column in columns[table])
            con.execute(f"create table marts.{table} ({typed})")
        con.execute(
            "insert into marts.indicator_values by name select 'i' as indicator, n as region_code, '2025' as period, "
            "'none' as population_basis, 'all' as stratum from range(100) as t (n)"
        )

    def lay(number: int) -> str:
        shutil.copyfile(tmp_path / "suheng.duckdb", snapshot())
        with duckdb.connect(str(snapshot())) as con:
            con.execute(f"update marts.indicator_values set value = {number}")
        content = content_hash(snapshot())
        write_facts("build", dict.fromkeys(BUILT, "1"))
        write_facts("audit", {"blocked": [], "content_hash": content})
        return content

    return lay
