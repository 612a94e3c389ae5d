"""Every row that a rule of the gate finds, in the build that stands or else in what went out last."""

from __future__ import annotations

from rich.console import Console

from warehouse.building.build import snapshot
from warehouse.releases import channel
from warehouse.serving.ask import show
from warehouse.serving.reader import current_file


def show_offending(rule: str, console: Console) -> None:
    """As the audit judges: a build against the current publication, that against the one before it."""
    from expectations import gate

    if snapshot().exists():
        judged, previous = snapshot(), current_file() if channel.current() else None
    else:
        judged = current_file()
        older = channel.before(judged.parent.name)
        previous = older[-1] / judged.name if older else None
    rows = gate.find(rule, judged, previous)
    if rows:
        show({column: [row[column] for row in rows] for column in rows[0]}, console)
    console.print(f"{rule}：{len(rows):,} 行")
