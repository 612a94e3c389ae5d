"""The command that makes the province."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from ingest import settings
from sandbox import simulate as sandbox


def simulate(
    scale: Annotated[float, typer.Option(help="人口比例，0.001—1 (share of the population)")] = 0.01,
    first: Annotated[int, typer.Option("--from", help="首年 (first year)")] = 2019,
    last: Annotated[int, typer.Option("--to", help="末年 (last year)")] = 2025,
    seed: Annotated[int, typer.Option(help="随机种子 (seed)")] = 14,
    out: Annotated[Path | None, typer.Option(help="收件目录；默认为数据目录下的 inbox")] = None,
) -> None:
    """生成模拟数据：一个合成的省，供试运行 (write a synthetic province to the inbox)."""
    target = (out or settings.inbox()).resolve()
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns) as progress:
        task = progress.add_task("模拟数据")

        def show(done: int, total: int, what: str) -> None:
            progress.update(task, completed=done, total=total, description=what)

        try:
            sandbox.simulate(target, scale, first, last, seed, show)
        except (ValueError, FileExistsError) as error:
            raise typer.BadParameter(str(error)) from None
