"""What is dear is made once for all tests: the small province, and one night's refresh of it."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import hypothesis
import pytest

from ingest import settings

KEY = "5f" * 32  # the tests' own pseudonym key; the user's key file is never touched

REBUILD = (
    "import json, sys; from warehouse.building.build import build; print(json.dumps(build('test', *sys.argv[1:])))"
)

hypothesis.settings.register_profile("unhurried", deadline=None)  # the machine may be busy
hypothesis.settings.load_profile("unhurried")


def made_once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], object]) -> Path:
    """A folder that one of the test processes makes and all share."""
    base = factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "shared" / name
    folder.parent.mkdir(exist_ok=True)
    with folder.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "made").exists():
            folder.mkdir()  # not again after a failure: the others must fail, too
            make(folder)
            (folder / "made").touch()
    return folder


@pytest.fixture(scope="session")
def province(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The inbox of a province at scale 0.001, 2019 to 2025, seed 14; its answer_key.json stands beside it."""
    from sandbox.simulate import simulate

    def make(folder: Path) -> None:
        simulate(folder / "inbox", scale=0.001, first=2019, last=2025, seed=14)

    return made_once(tmp_path_factory, "province", make) / "inbox"


@dataclass(frozen=True)
class Suheng:
    """The suheng command on a data directory of its own, as a user runs it."""

    data: Path
    root: Path = settings.ROOT

    def __call__(self, *arguments: str, ok: bool = True, **environment: str) -> str:
        """Run `suheng ...`; returns what it printed, asserting its success (or failure)."""
        done = subprocess.run(
            [sys.executable, "-m", "warehouse.cli", *arguments],
            cwd=self.root,
            env=self.environment | environment,
            check=False,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert (done.returncode == 0) == ok, done.stdout
        return done.stdout

    def rebuild(self, *selection: str) -> dict[str, Any]:
        """Build the models selected, by default all, without dbt's tests; returns what a build tells."""
        call = [sys.executable, "-c", REBUILD, *selection, "--exclude-resource-type", "test", "unit_test"]
        said = subprocess.run(call, cwd=self.root, env=self.environment, check=True, stdout=subprocess.PIPE, text=True)
        facts: dict[str, Any] = json.loads(said.stdout)
        return facts

    @property
    def environment(self) -> dict[str, str]:
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("SUHENG_", "AIRFLOW", "PYTHONDONT"))}
        return kept | {"SUHENG_DATA": str(self.data), "SUHENG_PSEUDONYM_KEY": KEY, "COLUMNS": "200"}

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        """Rows of the current publication."""
        import duckdb

        with duckdb.connect(str(self.data / "published" / "current" / "suheng.duckdb"), read_only=True) as con:
            return con.sql(sql).fetchall()

    def copy(self, to: Path, *leave: str) -> Suheng:
        """The same data in another place, without the named parts."""
        shutil.copytree(self.data, to, symlinks=True, ignore=lambda d, _: set(leave) if Path(d) == self.data else set())
        return Suheng(to)


@pytest.fixture(scope="session")
def refreshed(province: Path, tmp_path_factory: pytest.TempPathFactory) -> Suheng:
    """A data directory after one `suheng refresh` on the province. Read only: take a copy to change it."""

    def make(folder: Path) -> None:
        shutil.copytree(province, folder / "data" / "inbox")
        shutil.copy(province.parent / "answer_key.json", folder)
        output = Suheng(folder / "data")("refresh")
        (folder / "refresh.txt").write_text(output, "utf-8")

    return Suheng(made_once(tmp_path_factory, "refreshed", make) / "data")
