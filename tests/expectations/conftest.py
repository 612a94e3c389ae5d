"""A good build, straight from the columns that the marts declare: the gate's tests run without dbt."""

import shutil
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from warehouse.building import mart


@pytest.fixture(scope="session")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A snapshot in which every rule holds. Read only: spoil a copy."""
    path = tmp_path_factory.mktemp("good") / "suheng.duckdb"
    with duckdb.connect(str(path)) as con:
        con.execute("create schema marts")
        # without the constraints, so that a poison can break them
        for model in mart.declared():
            columns = ", ".join(f'"{column["name"]}" {column["data_type"]}' for column in model["columns"])
            con.execute(f'create table marts."{model["name"]}" ({columns})')
        con.execute(Path(__file__).with_name("good.sql").read_text("utf-8"))
    return path


@pytest.fixture
def spoil(good: Path, tmp_path: Path) -> Callable[..., Path]:
    """A copy of the good build after some statements."""

    def spoil(sql: str = "", name: str = "suheng.duckdb") -> Path:
        snapshot = tmp_path / name
        shutil.copy(good, snapshot)
        with duckdb.connect(str(snapshot)) as con:
            con.execute(sql)
        return snapshot

    return spoil
