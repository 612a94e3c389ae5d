"""What stands: the current publication, the runs, the deliveries, what was refused, what is late."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import groupby
from typing import Any

import polars as pl
from rich.console import Console
from rich.table import Column, Table
from rich.text import Text

from ingest import settings
from ingest.landing import clock
from ingest.landing.strays import misplaced, strays
from ingest.promises.contract import read_contracts
from warehouse.building.build import facts_file, read_facts
from warehouse.releases import approval
from warehouse.releases.channel import current
from warehouse.watching.service import (
    STATES,
    overdue,
    receipts,
    refusals,
    service_levels,
    shortened,
    told_refused,
    unreplaced,
)


def show(console: Console, everything: bool = False) -> None:
    """everything: long lists in full."""
    short = "、".join if everything else shortened
    release = current()
    if release is None:
        console.print("还没有发布 (nothing published yet)")
    else:
        console.print(
            f"当前发布 {release['version']}（{_published(release)}，北京时间）  数据至 {release['data_period']}"
            f"  内容 {release['content_hash'][:12]}"
        )
        if release.get("note_zh"):
            console.print(f"[yellow]{release['note_zh']}[/yellow]")
    if waiting := approval.candidate():
        console.print(f"[yellow]候选 {waiting.version}[/yellow]  {waiting.said}")
    _show_runs(console)
    deliveries, today = receipts(), datetime.now(settings.SHANGHAI).date()
    levels = service_levels(today, deliveries)
    numbers = (Column(head, justify="right", no_wrap=True) for head in ("交付", "隔离行", *STATES.values()))
    table = Table(Column("数据集", no_wrap=True), "采用至", *numbers, box=None, pad_edge=False)
    for department, contracts in groupby(read_contracts().values(), lambda contract: contract.department):
        table.add_row(f"[bold]{department}[/bold]")
        for contract in contracts:
            mine = deliveries.filter(name=contract.name)
            landed = mine.filter(outcome="landed")
            counts = (len(levels.filter(name=contract.name, state=state)) for state in STATES)
            table.add_row(
                f"  {contract.dataset}",
                str(landed["period"].max() or "—"),
                str(len(mine)),
                str(landed["rows_rejected"].sum()),
                *(str(count or "") for count in counts),
            )
    console.print(table)
    for head, group in refusals(deliveries):
        for said in told_refused(head, group["source_file"].to_list(), group["message_zh"].to_list()):
            _tell(console, "退回", "red", said)
    for who, what in overdue(levels, today).group_by("who", maintain_order=True).agg(pl.col("what")).iter_rows():
        _tell(console, "逾期", "red", f"{who}：{short(what)}")
    for name, period, key, by, note in (
        unreplaced(deliveries, "withdrawn")
        .select("name", "period", "delivery_id", "withdrawn_by", "withdrawn_note")
        .iter_rows()
    ):
        _tell(console, "撤回", "yellow", f"{name} {period} 的交付 {key}，由 {by}：{note}；此后还没有收下新的")
    backdated = deliveries.filter("is_backdated")
    if len(backdated):
        apart = f"{len(backdated):,} 次交付自称的收到时间比我方第一次见到它早 {clock.APART.days} 天以上"
        names = short(backdated["name"].unique(maintain_order=True).to_list())
        _tell(console, "时间", "yellow", f"{apart}：{names}")
    for stray in inbox_strays():
        _tell(console, "没有接收", "yellow", stray)


def _published(release: dict[str, Any]) -> str:
    moment = datetime.fromisoformat(release["published_at"]).replace(tzinfo=UTC)
    return f"{moment.astimezone(settings.SHANGHAI):%Y-%m-%d %H:%M}"


def inbox_strays() -> list[str]:
    """All that lies in the inbox and is not taken in."""
    contracts = read_contracts().values()
    return [*misplaced(contracts), *(line for contract in contracts for line in strays(contract))]


def _tell(console: Console, head: str, style: str, said: str) -> None:
    """A line that may hold what departments wrote: never markup."""
    console.print(Text.assemble((head, style), " ", said), soft_wrap=True)


def _show_runs(console: Console) -> None:
    for step, label in (("night", "最近一次夜间任务"), ("build", "最近一次构建"), ("audit", "最近一次审核")):
        if facts := read_facts(step):
            failed = facts.get("blocked") or list(facts.get("failed", ()))
            verdict = f"，未通过：{'、'.join(failed)}" if failed else ""
            ended = datetime.fromtimestamp(facts_file(step).stat().st_mtime, settings.SHANGHAI)
            console.print(f"{label} {ended:%Y-%m-%d %H:%M}  运行 {facts['run']}{verdict}")
