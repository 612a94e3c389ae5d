"""How fast ingest is and how much memory it takes: against a floor and peers, interleaved in one run."""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

FLOOR, PEER = "DuckDB，不检查（下限）", "polars，不检查"
GENERATE = """
from pathlib import Path
from sandbox.specimen import write_contract, write_roll, write_small
folder = Path("{folder}")
write_contract(folder / "bench" / "whole.yaml", True)
write_contract(folder / "bench" / "lean.yaml", False)
write_roll(folder, {rows})
write_small(folder / "small", {files}, {few})
"""
OURS = """
from pathlib import Path
from ingest.promises.contract import read_contract
from ingest.landing.inbox import Drop
from ingest.intake import take_in
contract, file = read_contract(Path("{{folder}}/bench/{dataset}.yaml")), Path("{{source}}")
assert take_in(Drop(file, contract, file.stat()), {{{{contract.name: contract}}}}).outcome == "landed"
"""
PEERS = {
    FLOOR: """
import duckdb
copied = "from read_csv('{utf8}', all_varchar = true, header = true, ignore_errors = true)"
duckdb.execute("set threads = 2; set enable_progress_bar = false")
duckdb.execute(f"copy ({{copied}}) to '{out}' (format parquet, compression zstd)")
""",
    "苏衡，全部列": OURS.format(dataset="whole"),
    "苏衡，不读姓名住址": OURS.format(dataset="lean"),
    PEER: """
import polars
polars.scan_csv("{utf8}", infer_schema=False, truncate_ragged_lines=True).sink_parquet("{out}", compression="zstd")
""",
    "pandas，不检查": """
import pandas
table = pandas.read_csv("{source}", encoding="gb18030", encoding_errors="replace", on_bad_lines="skip", dtype=str)
table.to_parquet("{out}", compression="zstd")
""",
}
FEW = 300  # rows of a small file
SMALL = {
    PEER: """
import glob, polars
for path in glob.glob("{folder}/small/utf8/*.csv"):
    polars.read_csv(path, infer_schema=False, truncate_ragged_lines=True).write_parquet("{out}", compression="zstd")
""",
    "苏衡，全部列": """
from pathlib import Path
from ingest import intake
from ingest.promises.contract import read_contracts
contracts = read_contracts(Path("{folder}"))
intake.read_contracts = lambda: contracts
assert intake.ingest("bench/whole")["landed"] == {files}
""",
}


@dataclass(frozen=True)
class Cost:
    """CPU and wall seconds, and peak memory in MB."""

    cpu: float
    wall: float
    memory: float


def bench(rows: int, files: int, rounds: int, console: Console) -> None:
    """Time a register of persons (12 columns) of so many rows, and so many small files of it, each way so often."""
    with tempfile.TemporaryDirectory(prefix="suheng-bench-") as name:
        folder = Path(name)
        console.print(f"生成 {rows:,} 行的人员名册和 {files:,} 个小文件（模拟数据）……")
        run(GENERATE.format(folder=folder, rows=rows, files=files, few=FEW), dict(os.environ))
        source, out = next(folder.glob("*年*.csv")), folder / "out.parquet"
        places = {"folder": folder, "source": source, "utf8": folder / "utf8.csv", "out": out, "files": files}
        show(measure(PEERS, folder / "data", places, rounds), source.stat().st_size, console)
        show_small(measure(SMALL, folder / "small", places, rounds), files, console)


def measure(ways: Mapping[str, str], data: Path, places: Mapping[str, Any], rounds: int) -> dict[str, Cost]:
    """The median cost of each way to do the same, in turn; what they leave is removed."""
    environment = os.environ | {"SUHENG_DATA": str(data), "SUHENG_PSEUDONYM_KEY": "5f" * 32}
    costs: dict[str, list[Cost]] = {way: [] for way in ways}
    for _ in range(rounds):
        for way, code in ways.items():
            costs[way].append(run(code.format(**places), environment))
            for room in ("lake", "outbox", "refused"):
                shutil.rmtree(data / room, ignore_errors=True)
            places["out"].unlink(missing_ok=True)
    return {
        way: Cost(*(statistics.median(getattr(c, f) for c in cs) for f in ("cpu", "wall", "memory")))
        for way, cs in costs.items()
    }


def run(code: str, environment: dict[str, str]) -> Cost:
    """Run Python code in a process of its own; its cost includes starting Python.

    A child begins with its parent's peak memory, so this process must stay small: it imports nothing that it measures.
    """
    started = time.perf_counter()
    process = subprocess.Popen([sys.executable, "-c", code], env=environment)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"测量失败 (the measured code failed): {code}")
    return Cost(usage.ru_utime + usage.ru_stime, time.perf_counter() - started, usage.ru_maxrss / 1024)


def show(costs: Mapping[str, Cost], size: int, console: Console) -> None:
    headers = ("", "CPU 秒", "比下限", "用时 秒", "比下限", "内存 MB")
    caption = "苏衡读 GB18030，检查、假名化、隔离、去重；DuckDB 和 polars 读事先转成的 UTF-8，pandas 读 GB18030"
    table = Table(*headers, title=f"接收 {size / 1e6:,.0f} MB（模拟数据）", caption=caption)
    floor = costs[FLOOR]
    for name, cost in costs.items():
        ratios = f"{cost.cpu / floor.cpu:.2f}", f"{cost.wall / floor.wall:.2f}"
        table.add_row(name, f"{cost.cpu:.2f}", ratios[0], f"{cost.wall:.2f}", ratios[1], f"{cost.memory:.0f}")
    console.print(table)


def show_small(costs: Mapping[str, Cost], files: int, console: Console) -> None:
    headers = ("", "文件/秒", "每个文件 CPU 毫秒", "用时 秒", "比 polars", "内存 MB")
    caption = (
        "苏衡检查、假名化、隔离、去重，每个文件写成一次交付（数据、隔离、回执）并答复，都落到盘上；polars 只读、只写"
    )
    table = Table(*headers, title=f"接收 {files:,} 个 {FEW} 行的小文件（模拟数据）", caption=caption)
    peer = costs[PEER]
    for name, cost in costs.items():
        each = f"{files / cost.wall:,.0f}", f"{cost.cpu / files * 1000:.1f}"
        table.add_row(name, *each, f"{cost.wall:.2f}", f"{cost.wall / peer.wall:.2f}", f"{cost.memory:.0f}")
    console.print(table)
