"""The way of one record: an old person at home, from the department's file to the cell of indicator 15."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ingest.promises.contract import read_contracts
from picture import facts

ROOT = Path(__file__).parents[2]
DATASET = "civil_affairs/elder_profiles"


@dataclass(frozen=True)
class Step:
    room: str  # whose code does it; another word: a place where it lies
    name: str
    en: str
    zh: str


TAKEN_IN = (
    Step("ingest", "landing/inbox.py", "found; one that is still written to is left alone", "找到；还在写的不动"),
    Step("ingest", "reading/delimited.py", "cut into blocks, each row with its number", "切成块，每行带行号"),
    Step(
        "ingest",
        "conforming/citizen.py",
        "checked, a pseudonym in its place; or quarantined",
        "号码查验，换成假名，或隔离",
    ),
    Step("ingest", "landing/land.py", "lands by one rename, whole, with its receipt", "一次改名落湖，完整，附回执"),
)
COMPUTED = {
    "stg_civil_affairs__elder_profiles": (
        "our words for it; the accepted delivery only",
        "换成我们的名称；只取已接收的",
    ),
    "int_home_elders__counted": ("each person once a year: additive measures, kept", "一人一年一次：可加的度量，留存"),
    "int_measures": ("what the accepted deliveries say now", "已接收的交付现在所说"),
    "int_ratios__computed": ("summed to each level, then divided", "加到每一级，然后相除"),
    "int_values__computed": ("all kinds of indicator, and how much is covered", "各类指标，及覆盖多少"),
    "indicator_values": ("the cell: its value, or why there is none", "一格：值，或为什么没有"),
}
SENT_OUT = (
    Step("expectations", "gate.py", "every rule is asked; a critical one blocks", "逐条审核，不过则阻断"),
    Step("warehouse", "releases/publish.py", "only what was audited, byte for byte", "只发布审核过的，逐字节"),
    Step("warehouse", "releases/approval.py", "a person approves, where that is asked", "需要时等人批准"),
    Step("warehouse", "releases/channel.py", "current is swapped by one rename", "一次改名换上 current"),
)


def steps(manifest: dict[str, Any]) -> list[list[Step]]:
    """Three rows: taken in, computed, sent out. What does not exist any more is an error."""
    contract = read_contracts()[DATASET]
    for step in (*TAKEN_IN, *SENT_OUT):
        if not (ROOT / step.room / step.name).exists():
            sys.exit(f"docs/picture/way.py：没有 {step.room}/{step.name} (does not exist)")
    models = [Step("dbt_project", name, *COMPUTED[name]) for name in facts.follow(manifest, [*COMPUTED])]
    return [
        [
            Step("inbox/", contract.example_name, f"what {contract.department} drops", "部门报送的文件"),
            *TAKEN_IN,
            Step("lake/", "delivery=<id>/", "data, rejects and receipt; never changed", "数据、隔离与回执；永不改变"),
        ],
        models,
        [
            Step("build/", "suheng.duckdb", "the snapshot that may go out", "将要发布的快照"),
            *SENT_OUT,
            Step(
                "published/",
                "current/",
                "DuckDB and Parquet for analysts, BI, PostgreSQL",
                "供分析人员、BI、PostgreSQL",
            ),
        ],
    ]
