"""A developer's dbt: on the lake as it is, in a scratch folder, so that no build and no publication is touched."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer

from ingest import settings
from ingest.landing.promulgate import promulgate
from warehouse.building.build import DBT_PROJECT, MANIFEST, read_facts, snapshot
from warehouse.building.lock import alone, writing

SCRATCH, TARGET = "dev", "target"


def dev(
    arguments: Annotated[list[str], typer.Argument(help="-- 之后是 dbt 的参数，如 show --select board")],
    fresh: Annotated[bool, typer.Option("--fresh", help="丢弃便笺目录，从最近一次构建重新开始")] = False,
) -> None:
    promulgate()
    folder = settings.data() / SCRATCH
    with alone("dev.lock", "另一次 suheng dev"):
        if fresh or not folder.exists():
            with writing():
                _begin(folder)
        ways: dict[str, str | Path] = {
            "project-dir": DBT_PROJECT,
            "profiles-dir": DBT_PROJECT,
            "target-path": TARGET,
            "log-path": "logs",
        }
        folders = [part for name, way in ways.items() for part in (f"--{name}", str(folder / way))]
        call = [sys.executable, "-P", "-c", "from dbt.cli.main import cli; cli()", *arguments, *folders]
        # named from within, as a build names them: then only what was changed differs from the publication's manifest
        environment = os.environ | {"SUHENG_DATA": "."}
        if (published := settings.published() / "current").joinpath(MANIFEST).exists():
            environment |= {"DBT_STATE": str(published)}
        code = subprocess.run(call, env=environment, cwd=folder, check=False).returncode
    raise typer.Exit(code)


def _begin(folder: Path) -> None:
    """The lake and what is published as they are; of the tables of the last build, copies."""
    shutil.rmtree(folder, ignore_errors=True)
    draft = folder.with_name(f".{folder.name}")
    shutil.rmtree(draft, ignore_errors=True)
    (draft / "build").mkdir(parents=True)
    for room in ("lake", "published"):
        (draft / room).symlink_to(Path("..") / room)
    is_whole = snapshot().exists() and read_facts("build")  # no build has failed half-way
    marts = snapshot() if is_whole else settings.published() / "current" / snapshot().name
    tables = (marts, settings.build() / "work.duckdb")
    parsed = settings.data() / "dbt" / "partial_parse.msgpack"
    copies = {settings.data() / "kept.duckdb": draft, parsed: draft / TARGET, **dict.fromkeys(tables, draft / "build")}
    for file, to in copies.items():
        if file.exists():
            to.mkdir(exist_ok=True)
            shutil.copyfile(file, to / file.name)
    draft.rename(folder)
