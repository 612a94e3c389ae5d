"""What the picture of the architecture shows, read from the code: who imports whom, which models read which."""

from __future__ import annotations

import ast
import itertools
import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

import grimp
import rooms

ROOT = Path(__file__).parents[2]
PACKAGES = ("warehouse", "expectations", "ingest", "sandbox")
Edges = dict[tuple[str, str], int]


def imports() -> tuple[Edges, dict[str, Edges]]:
    """How many times a module of one room imports one of another: between the rooms, and inside each package."""
    graph = grimp.build_graph(*PACKAGES, cache_dir=None)
    between: Counter[tuple[str, str]] = Counter()
    inside: dict[str, Counter[tuple[str, str]]] = {package: Counter() for package in PACKAGES}
    for module in sorted(graph.modules):
        for used in sorted(graph.find_modules_directly_imported_by(module)):
            (package, part), (its, other) = _place(module), _place(used)
            if package != its:
                between[package, its] += 1
            elif part and other and part != other:
                inside[package][part, other] += 1
    for path in sorted((ROOT / "dags").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            top = node.module.split(".")[0] if isinstance(node, ast.ImportFrom) and node.module else ""
            if top in PACKAGES:
                between["dags", top] += 1
    return dict(between), {package: dict(edges) for package, edges in inside.items()}


def _place(module: str) -> tuple[str, str]:
    """'warehouse.building.lock' -> ('warehouse', 'building'), 'warehouse.cli' -> ('warehouse', 'cli.py')."""
    package, *rest = module.split(".")
    if not rest:
        return package, ""
    return package, rest[0] if (ROOT / package / rest[0]).is_dir() else f"{rest[0]}.py"


def parts(package: str) -> list[str]:
    """What is in a package: its packages, or, where there are none, its modules."""
    here = sorted((ROOT / package).iterdir())
    packages = [path.name for path in here if (path / "__init__.py").exists()]
    modules = [path.name for path in here if path.suffix == ".py" and not path.name.startswith("__")]
    return packages or modules


def starter(folder: str) -> str:
    """The part of the warehouse that runs what is in a folder, as a process of its own."""
    for path in sorted((ROOT / "warehouse").rglob("*.py")):
        if f'settings.ROOT / "{folder}"\n' in path.read_text("utf-8"):
            return path.relative_to(ROOT / "warehouse").parts[0]
    sys.exit(f"warehouse/ 里没有运行 {folder}/ 的 (nothing runs it)")


def models(manifest: dict[str, Any]) -> tuple[Counter[str], Edges]:
    """How many models are in each folder, and how many of one read one of another."""
    nodes = {key: node for key, node in manifest["nodes"].items() if node["resource_type"] == "model"}
    folder = {key: _folder(node["path"]) for key, node in nodes.items()}
    edges = Counter(
        (folder[key], folder[used])
        for key, node in nodes.items()
        for used in node["depends_on"]["nodes"]
        if used in nodes and folder[used] != folder[key]
    )
    return Counter(folder.values()), dict(edges)


def _folder(path: str) -> str:
    """'staging/health/stg_….sql' -> 'staging', 'intermediate/counted/health/int_….sql' -> 'counted'."""
    first, *rest = path.split("/")
    return rest[0] if first == "intermediate" and len(rest) > 1 else first


def follow(manifest: dict[str, Any], way: list[str]) -> list[str]:
    """The way itself, if each of its models reads the one before."""
    above = {key.split(".")[-1]: names for key, names in manifest["parent_map"].items() if key.startswith("model.")}
    for here, following in itertools.pairwise(way):
        read = {name.split(".")[-1] for name in above.get(following, [])}
        # who reads all counts may find them by itself, when it runs
        if here not in read and not (here.endswith("__counted") and not any(n.endswith("__counted") for n in read)):
            sys.exit(f"{following} 不读 {here} (does not read it)")
    return way


def read_manifest() -> dict[str, Any]:
    """dbt's own account of the project."""
    with tempfile.TemporaryDirectory() as folder:
        dbt = ROOT / "dbt_project"
        call = [
            sys.executable,
            "-W",
            "ignore",
            "-m",
            "dbt.cli.main",
            "parse",
            "--project-dir",
            str(dbt),
            "--profiles-dir",
            str(dbt),
        ]
        subprocess.run(
            [*call, "--target-path", folder, "--log-path", folder],
            env=os.environ | {"SUHENG_DATA": folder}, cwd=dbt, check=True, stdout=subprocess.DEVNULL,
        )  # fmt: skip
        return json.loads((Path(folder) / "manifest.json").read_text("utf-8"))


def short(room: str) -> str:
    """The Chinese name of a room: what its sentence says before the colon, if that is short."""
    name = rooms.sentence(room, "zh").split("：")[0] if (ROOT / room).is_dir() else ""
    return name if 0 < len(name) <= 4 else ""
