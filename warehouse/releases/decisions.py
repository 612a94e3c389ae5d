"""The commands by which a person decides what goes out."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

import typer

from ingest import settings

Version = Annotated[str, typer.Argument(help="候选版本，见 suheng status")]
Name = Annotated[str, typer.Option("--by", help="谁决定")]
Note = Annotated[str, typer.Option("--note", help="理由、文号")]


def approve(version: Version, by: Name, note: Note = "") -> None:
    from warehouse.releases import approval

    held = approval.decide(version, "approved", by, note)
    tell(approval.promote() or held)


def reject(version: Version, by: Name, note: Note) -> None:
    from warehouse.releases import approval

    approval.decide(version, "rejected", by, note)
    typer.echo(f"已退回 {version}；当前发布保持不变")


def release() -> None:
    from warehouse.releases import approval

    gone_out = approval.promote()
    if gone_out is None:
        waiting = approval.candidate()
        typer.echo(f"{waiting.version}：{waiting.said}" if waiting else "没有等待发布的候选")
    else:
        tell(gone_out)


def rollback(
    by: Name, note: Note, version: Annotated[str | None, typer.Argument(help="退到哪一版，默认上一版")] = None
) -> None:
    from warehouse.releases import approval

    back = approval.rollback(version, by, note)
    typer.echo(f"当前发布已退到 {back['version']}（数据至 {back['data_period']}）；撤回的各版不再发布")


def withdraw(
    delivery: Annotated[str, typer.Argument(help="交付标识，在回执上")],
    by: Annotated[str, typer.Option("--by", help="谁撤回")],
    note: Annotated[str, typer.Option("--note", help="理由")],
) -> None:
    from ingest.intake import withdraw
    from ingest.landing.withdraw import find_counting

    receipt, is_new = withdraw(delivery, by, note)
    what = f"{receipt['department']}/{receipt['dataset']} {receipt['period']} 的交付 {receipt['delivery_id']}"
    if is_new:
        counts = find_counting(receipt)
        now = f"以 {counts['delivery_id']}（{counts['source_file']}）为准" if counts else "没有采用的交付"
        typer.echo(f"已撤回 {what}（{receipt['source_file']}），数据和回执仍保存；下一次刷新起，这一期{now}")
    else:
        at = datetime.fromisoformat(receipt["withdrawn_at"]).astimezone(settings.SHANGHAI)
        said = f"由 {receipt['withdrawn_by']} 于 {at:%Y-%m-%d %H:%M} 撤回（{receipt['withdrawn_note']}）"
        typer.echo(f"{what} 早已{said}，没有改动")


def tell(release: dict[str, Any]) -> None:
    """What became of a publication."""
    from warehouse.releases import approval

    waiting = approval.candidate()
    if waiting and waiting.version == release["version"]:
        typer.echo(f"候选 {waiting.version}（数据至 {release['data_period']}）：{waiting.said}")
    else:
        typer.echo(f"已发布 {release['version']}（数据至 {release['data_period']}）")
