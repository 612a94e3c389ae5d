"""What stands: the current publication, the deliveries, what was refused, what is late."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import polars as pl
from rich.console import Console
from rich.table import Column, Table

from ingest import settings
from ingest.contract import Contract, read_contracts
from ingest.period import Period
from warehouse import approval
from warehouse.build import facts_file
from warehouse.channel import current


def receipts() -> pl.DataFrame:
    """One row per delivery of a department, from the lake itself."""
    fields = (
        "department",
        "dataset",
        "period",
        "received_at",
        "due_date",
        "outcome",
        "source_file",
        "rows_read",
        "rows_rejected",
        "message_zh",
    )
    found = [
        json.loads(p.read_text("utf-8"))
        for p in settings.lake().glob("*/*/delivery=*/receipt.json")
        if p.parts[-4] != "plan"
    ]
    rows = [{f: r.get(f) for f in fields} for r in found]
    schema = dict.fromkeys(fields, pl.String) | {"rows_read": pl.Int64, "rows_rejected": pl.Int64}
    return pl.DataFrame(rows, schema=schema).sort("department", "dataset", "received_at")


def next_due(contract: Contract, periods: list[str], today: date) -> tuple[Period, date] | None:
    """The first period after the newest landed one, with its due date, when that has passed; None otherwise."""
    newest = max(periods, default=None)
    if newest is None:
        return None
    if contract.frequency == "m":
        year, month = int(newest[:4]), int(newest[5:])
        following = Period(year + month // 12, month % 12 + 1)
    else:
        following = Period(int(newest[:4]) + contract.every)
    due = following.end + timedelta(days=contract.latency_days)
    return (following, due) if due < today else None


def show(console: Console) -> None:
    release = current()
    if release is None:
        console.print("还没有发布 (nothing published yet)")
    else:
        console.print(
            f"当前发布 {release['version']}  数据至 {release['data_period']}  内容 {release['content_hash'][:12]}"
        )
        if release.get("note_zh"):
            console.print(f"[yellow]{release['note_zh']}[/yellow]")
    if waiting := approval.candidate():
        console.print(f"[yellow]候选 {waiting.version}[/yellow]  {waiting.said}")
    _show_runs(console)
    deliveries = receipts()
    table = Table(
        Column("数据集", no_wrap=True), "采用至", "交付", "退回", "行数", "隔离", "逾期未交（期限）", title="交付"
    )
    today = datetime.now(UTC).date()
    for name, contract in read_contracts().items():
        mine = deliveries.filter(dataset=contract.dataset, department=contract.department)
        landed = mine.filter(outcome="landed")
        late = next_due(contract, landed["period"].to_list(), today)
        table.add_row(
            name,
            str(landed["period"].max() or "—"),
            str(len(mine)),
            str(len(mine) - len(landed)),
            f"{landed['rows_read'].sum():,}",
            f"{landed['rows_rejected'].sum():,}",
            f"{late[0]}（{late[1]}）" if late else "",
        )
    console.print(table)
    for message in deliveries.filter(outcome="refused")["message_zh"]:
        console.print(f"[red]退回[/red] {message}", soft_wrap=True)


def _show_runs(console: Console) -> None:
    for step, label in (("build", "最近一次构建"), ("audit", "最近一次审核")):
        path = facts_file(step)
        if path.exists():
            facts: dict[str, Any] = json.loads(path.read_text("utf-8"))
            verdict = f"，未通过：{'、'.join(facts['blocked'])}" if facts.get("blocked") else ""
            when = datetime.fromtimestamp(path.stat().st_mtime).strftime("%Y-%m-%d %H:%M")
            console.print(f"{label} {when}  运行 {facts['run']}{verdict}")
