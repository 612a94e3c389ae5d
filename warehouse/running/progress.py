"""How a night tells what it does: a line for each dataset and task, on a terminal how far it is."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from ingest.landing.inbox import Drop
from ingest.shape import mask
from ingest.taken import told_rows
from warehouse.running.output import Screen, say

Watch = Callable[[list[Drop]], Iterable[Drop]]
Say = Callable[[str], object]


def tell(dataset: str, counts: Mapping[str, int], seconds: float) -> str:
    """'     1.2 秒  ✓ 入库 civil_affairs/cinerary_facilities：7 个文件，3,813 行，隔离 105 行（3,177 行/秒）'."""
    files = sum(counts[outcome] for outcome in ("landed", "refused", "moving"))
    said = []
    if files:
        said = [f"{files} 个文件", told_rows(counts["rows"], counts["rejects"])]
        said += [f"退回 {counts['refused']} 个文件"] if counts["refused"] else []
        said += [f"留待下次 {counts['moving']} 个文件"] if counts["moving"] else []
    elif counts["unchanged"]:
        said = ["没有新的文件"]
    speed = f"（{counts['rows'] / seconds:,.0f} 行/秒）" if counts["rows"] else ""
    return f"{seconds:8.1f} 秒  ✓ 入库 {dataset}：{'，'.join(said) or '没有文件'}{speed}"


@contextmanager
def watching(what: str) -> Iterator[tuple[Watch, Say]]:
    """watch hands on files and, on a terminal, shows how many of them are done; say prints above that."""
    if not sys.stdout.isatty():
        yield iter, say
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    console = Screen()
    with Progress(*columns, console=console, transient=True) as bar:

        def watch(found: list[Drop]) -> Iterator[Drop]:
            task = bar.add_task(what, total=len(found))
            for drop in found:
                yield drop
                bar.advance(task)

        yield watch, lambda line: console.print(line, markup=False)


def listener(console: Console) -> Any:
    """An Airflow listener that prints a line as each task ends: seconds, its Chinese name, and why it failed.

    What ends well as one of many has said so itself, with its numbers.
    """
    from airflow.sdk._shared.listeners import hookimpl

    class Listener:
        started = 0.0
        told: tuple[str, ...] = ()

        def end(self, mark: str, instance: Any, *why: str) -> None:
            name = " ".join(filter(None, [instance.task.task_display_name, instance.rendered_map_index]))
            console.print(f"{time.monotonic() - self.started:8.1f} 秒  {mark} {name}")
            for line in ("同上",) if why and why == self.told else why:
                console.print(f"{'':14}{mask(line)[:300]}", markup=False)
            self.told = why or self.told

        @hookimpl
        def on_task_instance_running(self) -> None:
            self.started = time.monotonic()

        @hookimpl
        def on_task_instance_success(self, task_instance: Any) -> None:
            if task_instance.map_index < 0:
                self.end("[green]✓[/]", task_instance)

        @hookimpl
        def on_task_instance_failed(self, task_instance: Any, error: BaseException | str | None) -> None:
            why = (str(error).strip() or type(error).__name__).splitlines()[:5]
            if task_instance.state == "up_for_retry":
                self.end("[yellow]↻[/]", task_instance, f"第 {task_instance.try_number} 次没有成功，稍后重试：", *why)
            else:
                self.end("[red]✗[/]", task_instance, *why)

    return Listener()
