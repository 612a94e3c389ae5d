"""The suheng command: each verb calls the function that the DAG calls, too."""

from __future__ import annotations

import os
import re
import sys
import time
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from ingest import settings
from sandbox.command import simulate
from warehouse.building.dev import dev
from warehouse.building.disk import explained
from warehouse.releases.decisions import approve, reject, release, rollback, tell, withdraw
from warehouse.running.output import speak_utf8
from warehouse.serving.ask import describe, query
from warehouse.serving.diff import diff

app = typer.Typer(no_args_is_help=True, add_completion=False, help="苏衡：公共服务监测数据管道与仓库 (Suheng)")
app.command(help="生成沙盘省的部门报送文件（模拟数据）")(simulate)
app.command(help="在便笺目录里运行 dbt，不碰构建与发布：suheng dev -- show --select board")(dev)
app.command(help="批准候选版本；禁发期已过即发布")(approve)
app.command(help="退回候选版本；数据、规划或代码有变之前不再提交批准")(reject)
app.command(help="发布已批准且禁发期已过的候选版本")(release)
app.command(help="撤回当前发布，退到更早的一版（默认上一版）")(rollback)
app.command(help="撤回一次交付：不再计入，数据和回执仍保存")(withdraw)
app.command(help="在当前发布上运行只读 SQL")(query)
app.command(help="与上一版（或指定的一版）相比，哪些值、状态、交付不同")(diff)
app.command(help="一张表的各列是什么，代码是什么意思；不写表名则列出所有的表")(describe)
console = Console()

Verbose = Annotated[bool, typer.Option("--verbose", help="接收的文件也各有一行（SUHENG_VERBOSE=1）")]


def _say_each_file(verbose: bool) -> None:
    """For the tasks, which run in a process of their own."""
    if verbose:
        os.environ["SUHENG_VERBOSE"] = "1"


def _run() -> str:
    return f"manual-{datetime.now(settings.SHANGHAI):%Y%m%dT%H%M%S}"


@app.command(help="接收收件箱中的文件；不给数据集则全部接收")
def ingest(
    datasets: Annotated[list[str] | None, typer.Argument(help="部门/数据集")] = None,
    verbose: Verbose = False,
) -> None:
    from warehouse.running import night

    _say_each_file(verbose)
    known = night.datasets()
    for name in datasets or known:
        if name not in known:
            raise typer.BadParameter(f"没有数据集 {name}；已有：{'、'.join(known)}")
        night.ingest(name)


@app.command(help="由数据湖构建全部数据集市")
def build() -> None:
    from warehouse.running import night

    facts = night.build(_run())
    examples = f"，有变动的算例和单元测试 {facts['examples']} 个" if facts["examples"] else ""
    typer.echo(f"{facts['models']} 个模型，{facts['tests']} 个测试{examples}，{facts['seconds']} 秒")
    for kept in facts["kept_recomputed"]:
        typer.echo(f"  重算 {kept}")
    if not facts["kept_recomputed"]:
        typer.echo("  没有重算汇总：它们读的交付和代码都没有变，沿用留存的")
    for test in facts["warned"]:
        typer.echo(f"  警告 {test} 行")


@app.command(help="审核构建结果")
def audit(
    rule: Annotated[str, typer.Option("--rule", help="不审核，只列出这条规则发现的每一行")] = "",
) -> None:
    from warehouse.running import night

    if rule:
        from warehouse.watching.offending import show_offending

        show_offending(rule, console)
        return
    verdict = night.audit(_run())
    typer.echo(f"审核通过：{verdict['rules']} 条规则，{verdict['warnings']} 条警告")


@app.command(help="发布审核通过的构建")
def publish() -> None:
    from warehouse.running import night

    tell(night.publish(_run()))


@app.command(help="运行每夜任务：接收、构建、审核、发布")
def refresh(
    period: Annotated[str, typer.Option(help="只接收这一年（2021）或这一月（2021-03）的文件，默认全部")] = "",
    verbose: Verbose = False,
) -> None:
    from warehouse.running import embedded

    _say_each_file(verbose)
    if not re.fullmatch(settings.PERIOD, period):
        raise typer.BadParameter(f"--period 应如 2021 或 2021-03，现为 {period}")
    raise typer.Exit(0 if embedded.run_nightly(period) else 1)


@app.command(help="把当前发布复制到 PostgreSQL（SUHENG_SERVING）")
def serve() -> None:
    from warehouse.serving.postgres import serve

    served = serve()
    said = "已复制" if served and served["is_new"] else "PostgreSQL 里已是"
    typer.echo(f"{said} {served['version']}" if served else "没有设置 SUHENG_SERVING，不复制")


@app.command(help="查看发布、交付与逾期")
def status(everything: Annotated[bool, typer.Option("--all", help="长的清单也逐项列出")] = False) -> None:
    from warehouse.watching.status import show

    show(console, everything)


@app.command(help="把新的退回、逾期、审核未通过、运行失败或未按时运行告诉该知道的人")
def alert() -> None:
    from warehouse.watching import alerts

    counts = alerts.send()
    if not counts["addresses"]:
        typer.echo("没有设置告警地址（SUHENG_ALERTS_FILE），不发告警")
    else:
        typer.echo(
            f"{counts['addresses']} 个地址：已告知 {counts['told']}，没有送到 {counts['failed']}，其余没有新的情况"
        )
    raise typer.Exit(1 if counts["failed"] else 0)


@app.command(help="更换假名化密钥：个人数据用新密钥重新接收")
def rekey(
    new_key_file: Annotated[Path | None, typer.Option(help="新密钥文件；没有则生成")] = None,
    drop_superseded: Annotated[bool, typer.Option(help="丢弃原文件已不在的被替代交付")] = False,
) -> None:
    from warehouse.running import night

    night.rekey(new_key_file, drop_superseded, typer.echo)


@app.command(help="测量接收的速度与内存（模拟数据）")
def bench(
    rows: Annotated[int, typer.Option(help="行数")] = 2_000_000,
    files: Annotated[int, typer.Option(help="小文件数")] = 2_000,
    rounds: Annotated[int, typer.Option(help="每种做法的次数")] = 3,
) -> None:
    from sandbox.bench import bench as measure

    measure(rows, files, rounds, console)


@app.command(help="由数据契约、规划和汇总模型重新生成 dbt 源、单元测试、int_measures 和分组说明")
def generate(check: Annotated[bool, typer.Option("--check", help="只检查，不写入")] = False) -> None:
    from ingest.promises import generate as generation

    stale = generation.check() if check else generation.write()
    for path in stale:
        typer.echo(f"{'过期' if check else '已写' if path.exists() else '已删'} {path}")
    raise typer.Exit(1 if check and stale else 0)


def main() -> None:
    """Errors for the person who must act: one message, no traceback."""
    import duckdb

    speak_utf8()
    os.environ["TZ"] = settings.SHANGHAI.key  # what people read, logs too, is in China's time on any machine
    time.tzset()
    try:
        with explained():
            app()
    except (ValueError, RuntimeError, OSError, duckdb.Error) as error:
        said = Text.assemble((type(error).__name__, "red"), f" {error}")
        Console(stderr=True, soft_wrap=True).print(said)
        sys.exit(1)


if __name__ == "__main__":
    main()
