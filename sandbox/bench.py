"""How fast ingest is and how much memory it takes: against a floor and peers, interleaved in one run."""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

ROWS_AT_FULL_SCALE = 18_500_000
FLOOR = "下限：DuckDB 读已转码的 UTF-8，不作检查"
GENERATE = """
from pathlib import Path
from sandbox.elders import write_elders
from sandbox.inbox import Inbox
write_elders(Inbox(Path("{inbox}"), {scale}, 14), 2020)
source = next(Path("{inbox}").rglob("*.csv"))
Path("{utf8}").write_bytes(source.read_bytes().decode("gb18030", "replace").encode())
"""
OURS = "苏衡：GB18030，检查、假名化、隔离"
PEERS = {
    FLOOR: """
import duckdb
copied = "from read_csv('{utf8}', all_varchar = true, header = true, ignore_errors = true)"
duckdb.execute(f"set threads = 2; copy ({{copied}}) to '{out}' (format parquet, compression zstd)")
""",
    OURS: """
from ingest.contract import read_contracts
from ingest.inbox import drops
from ingest.intake import take_in
contracts = read_contracts()
for drop in drops(contracts["civil_affairs/elder_profiles"]):
    take_in(drop, contracts, str)
""",
    "polars：读已转码的 UTF-8，不作检查": """
import polars
polars.scan_csv("{utf8}", infer_schema=False, truncate_ragged_lines=True).sink_parquet("{out}", compression="zstd")
""",
    "pandas：读 GB18030，不作检查": """
import pandas
table = pandas.read_csv("{source}", encoding="gb18030", encoding_errors="replace", on_bad_lines="skip", dtype=str)
table.to_parquet("{out}", compression="zstd")
""",
}


@dataclass(frozen=True)
class Cost:
    """CPU and wall seconds, and peak memory in MB."""

    cpu: float
    wall: float
    memory: float


def bench(rows: int, rounds: int, console: Console) -> None:
    """Time one year's register of elderly persons (13 columns, 11 kept) of about `rows` rows, `rounds` times each."""
    with tempfile.TemporaryDirectory(prefix="suheng-bench-") as folder:
        inbox = Path(folder) / "data" / "inbox"
        console.print(f"生成约 {rows:,} 行的老年人基本信息（模拟数据）……")
        utf8 = Path(folder) / "utf8.csv"
        run(GENERATE.format(inbox=inbox, scale=rows / ROWS_AT_FULL_SCALE, utf8=utf8), dict(os.environ))
        source = next(inbox.rglob("*.csv"))
        costs: dict[str, list[Cost]] = {name: [] for name in PEERS}
        for round_ in range(rounds):
            for name, code in PEERS.items():
                out = Path(folder) / f"{round_}.parquet"
                environment = os.environ | {
                    "SUHENG_DATA": str(Path(folder) / "data"),
                    "SUHENG_PSEUDONYM_KEY": "5f" * 32,
                }
                costs[name].append(run(code.format(utf8=utf8, source=source, out=out), environment))
                _clear(Path(folder) / "data" / "lake", out)
        show(costs, source.stat().st_size, console)


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


def _clear(lake: Path, out: Path) -> None:
    shutil.rmtree(lake, ignore_errors=True)
    out.unlink(missing_ok=True)


def show(costs: dict[str, list[Cost]], size: int, console: Console) -> None:
    table = Table(
        "",
        "CPU 秒",
        "与下限之比",
        "用时 秒",
        "与下限之比",
        "峰值内存 MB",
        title=f"接收 {size / 1e6:,.0f} MB（模拟数据）",
    )
    middle = {
        n: Cost(*(statistics.median(getattr(c, f) for c in cs) for f in ("cpu", "wall", "memory")))
        for n, cs in costs.items()
    }
    floor = middle[FLOOR]
    for name, cost in middle.items():
        ratios = f"{cost.cpu / floor.cpu:.2f}", f"{cost.wall / floor.wall:.2f}"
        table.add_row(name, f"{cost.cpu:.2f}", ratios[0], f"{cost.wall:.2f}", ratios[1], f"{cost.memory:.0f}")
    console.print(table)
