"""One night on this machine alone: the nightly DAG by dag.test(), on SQLite, in a process that can be stopped."""

from __future__ import annotations

import contextlib
import gc
import os
import resource
import signal
import subprocess
import sys
import time
import traceback
from datetime import datetime
from types import FrameType
from typing import Any
from urllib.parse import quote

from rich.console import Console

from ingest import settings
from warehouse.building.disk import explain, explain_full
from warehouse.building.lifeline import follow_parent
from warehouse.building.lock import alone
from warehouse.releases.approval import candidate
from warehouse.running.locale import speak_utf8
from warehouse.running.progress import listener

DAGS = settings.ROOT / "dags"
FAILED, OUT = 1, 2  # exit codes of a night: what failed came before, or after, the publication


def run_nightly(period: str = "") -> bool:
    """Run one night to its end, in a process of its own; True if it succeeded, with or without news.

    period: take in only the files of that year or month.

    Tasks' own lines and one line per task go to standard output, everything else to logs/<run>.log in the data
    directory. Raises Busy if another refresh runs, SystemExit (130, 143) if SIGINT or SIGTERM stopped it.
    """
    console = Console(highlight=False, soft_wrap=True)
    at = datetime.now(settings.SHANGHAI).replace(microsecond=0)
    log = settings.data() / "logs" / f"{at:%Y%m%dT%H%M%S}.log"
    with alone("refresh.lock", "另一次刷新") as lock:
        log.parent.mkdir(exist_ok=True)
        with log.open("w") as file:
            # The night runs in a session of its own, so that one killpg ends Airflow, the task and dbt together, in the
            # middle of a query too, where Python's signal handlers wait and Airflow would make Ctrl-C a retry. It may
            # be killed at any point: what is published changes by one rename. Its standard input is its lifeline: when
            # this process is gone it ends itself, and until then it shares the lock.
            child = subprocess.Popen(
                [sys.executable, "-m", "warehouse.running.embedded", at.isoformat(), period],
                env=environment(),
                stdin=subprocess.PIPE,
                stderr=file,
                start_new_session=True,
                pass_fds=[lock.fileno()],
            )

        def stop(number: int, frame: FrameType | None) -> None:
            raise SystemExit(128 + number)

        before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            code = child.wait()
        except SystemExit:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGKILL)
            child.wait()
            console.print("[yellow]已中断；上一次发布保持不变[/]")
            raise
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = (datetime.now(settings.SHANGHAI) - at).total_seconds()
    cpu, memory = usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024
    console.print(f"用时 {seconds:.0f} 秒，CPU {cpu:.0f} 秒，峰值内存 {memory:.0f} MB")
    if code == OUT:
        console.print(f"[yellow]已发布，但其后的步骤没有完成。完整记录：{log}[/]")
    elif code:
        ended = f"（被信号 {signal.Signals(-code).name} 终止）" if code < 0 else ""
        console.print(f"[red]刷新失败{ended}；上一次发布保持不变。完整记录：{log}[/]")
    return code == 0


def environment() -> dict[str, str]:
    """Our environment with Airflow's settings replaced by our own, and byte code allowed (imports take a third)."""
    home = settings.data() / "airflow"
    inherited = {k: v for k, v in os.environ.items() if not k.startswith("AIRFLOW__")}
    inherited.pop("PYTHONDONTWRITEBYTECODE", None)
    return inherited | {
        "PYTHONUNBUFFERED": "1",
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__DAGS_FOLDER": str(DAGS),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{quote(str(home))}/airflow.db",
        "AIRFLOW__LOGGING__LOGGING_LEVEL": "WARNING",
        "AIRFLOW__LOGGING__BASE_LOG_FOLDER": str(home / "logs"),  # a % in the path would spoil Airflow's own default
        "AIRFLOW__LOGGING__COLORED_CONSOLE_LOG": "False",
    }


def run_dag(at: datetime, period: str) -> int:
    """Run the nightly DAG as of `at` in this process, whose environment is environment(); 0, FAILED or OUT.

    period: take in only the files of that year or month.
    """
    console = Console(highlight=False, soft_wrap=True)
    console.print(f"[bold]夜间刷新[/] {at:%Y%m%dT%H%M%S}")
    started = time.monotonic()
    # Metadata last one night: 0.2 s to make, and there is nothing to migrate, repair or grow. History is the lake's.
    for old in (settings.data() / "airflow").glob("airflow.db*"):
        old.unlink()
    # Airflow logs to what is standard output when it is imported; that is the log file here, the screen is the tasks'.
    with contextlib.redirect_stdout(sys.stderr):
        import structlog
        from airflow.dag_processing.dagbag import DagBag
        from airflow.sdk.listener import get_listener_manager
        from airflow.utils.db import initdb

        structlog.configure(logger_factory=structlog.WriteLoggerFactory(sys.stderr))
        initdb()
        bag = DagBag(DAGS)
    for error in bag.import_errors.values():
        print(error, file=sys.stderr)
        console.print(error.strip().splitlines()[-1], style="red", markup=False)
    if bag.import_errors:
        return FAILED
    listeners: Any = get_listener_manager()
    listeners.add_listener(listener(console))
    run = bag.dags["nightly"].test(run_after=at, logical_date=at, run_conf={"period": period})
    is_new, waiting = run.get_task_instance("publish").state == "success", candidate()
    if run.state == "success":
        outcome = "[green]已发布[/]" if is_new else "没有新的数据，上一次发布保持不变"
        if waiting:
            outcome = f"[yellow]候选 {waiting.version}：{waiting.said}[/]"
        console.print(f"{outcome}，共 {time.monotonic() - started:.1f} 秒")
    return 0 if run.state == "success" else OUT if is_new and not waiting else FAILED


if __name__ == "__main__":
    follow_parent()
    speak_utf8()
    gc.set_threshold(100_000)  # imports make objects that stay; looking for garbage among them takes 1.5 s
    code = FAILED
    try:
        code = run_dag(datetime.fromisoformat(sys.argv[1]), sys.argv[2])
    except Exception as error:  # Airflow itself cannot go on: without room for its metadata it fails in many ways
        why = explain(error) or explain_full() or str(error)
        Console(soft_wrap=True).print(f"✗ {why}", markup=False, highlight=False, style="red")
        with contextlib.suppress(OSError):  # the log may lie on the disk that is full
            traceback.print_exc()
    with contextlib.suppress(OSError):
        sys.stderr.flush()
    os._exit(code)  # an orderly exit takes Airflow 2 s more, and nothing is left to put in order
