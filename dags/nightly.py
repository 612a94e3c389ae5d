"""When things run: at 02:00 Shanghai every night, ingest what came, then build, audit and publish if it is news."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any

from airflow.sdk import DAG, Asset, CronTriggerTimetable, ExceptionRetryPolicy, RetryAction, RetryRule, chain, task

PUBLICATION = Asset("suheng_publication")

# The night's name is the moment it was due, on the wall clock of Shanghai: a retry or a cleared task keeps it.
RUN = "{{ dag_run.run_after.astimezone(dag.timezone).strftime('%Y%m%dT%H%M%S') }}"

# One slot, made by `airflow pools set duckdb_writer 1 ...` when production is set up; if it is missing the tasks never
# start, and dagrun_timeout ends the night as failed. dag.test() asks no pool; there a lock guards the one writer.
WRITER = "duckdb_writer"

# A wrong value or a mistake in code is as wrong the second time, a full disk as full; only the machine's other failures
# are tried again.
HOPELESS = [ValueError, TypeError, LookupError, ImportError, "warehouse.disk.DiskRefused"]
MISTAKES = RetryRule(HOPELESS, RetryAction.FAIL, reason="重试无益")


def report(context: dict[str, Any]) -> None:
    """Log one line that names the failed task and why; readers still have the last publication."""
    why = " ".join(str(context.get("exception")).split())[:300]
    logging.getLogger(__name__).error("夜间任务“%s”失败，未发布：%s", context["ti"].task.task_display_name, why)


# A plain cron, not CronPartitionTimetable: a night takes whatever lies in the inbox, so its date is no partition of the
# data and a backfill would repeat tonight; dag.test() gives no partition key; and the event of a partitioned run does
# not wake consumers that are scheduled on the asset itself.
with DAG(
    "nightly",
    dag_display_name="夜间刷新",
    description="入库、建库、质量审核、发布；没有新数据则在入库后结束",
    # No start date, and no past to run immediately: a new installation, whose inbox is empty, waits for the night.
    schedule=CronTriggerTimetable("0 2 * * *", timezone="Asia/Shanghai", run_immediately=timedelta(0)),
    catchup=False,
    max_active_runs=1,
    dagrun_timeout=timedelta(hours=6),
    default_args={
        "retries": 2,
        "retry_delay": timedelta(seconds=5),
        "retry_exponential_backoff": 2.0,
        "max_retry_delay": timedelta(minutes=1),
        "retry_policy": ExceptionRetryPolicy([MISTAKES]),
        "execution_timeout": timedelta(hours=2),
        "on_failure_callback": report,
    },
) as dag:

    @task(task_display_name="数据集清单")
    def datasets() -> list[str]:
        from warehouse import night

        return night.datasets()

    @task(task_display_name="入库", map_index_template="{{ task.op_kwargs['dataset'] }}")
    def ingest(dataset: str) -> dict[str, int]:
        from warehouse import night

        return night.ingest(dataset)

    @task.short_circuit(task_display_name="有无新数据")
    def has_news() -> bool:
        from warehouse import night

        return night.has_news()

    @task(task_display_name="建库", pool=WRITER)
    def build(run: str) -> dict[str, Any]:
        from warehouse import night

        return night.build(run)

    @task(task_display_name="质量审核", pool=WRITER)
    def audit(run: str) -> dict[str, Any]:
        from warehouse import night

        return night.audit(run)

    @task(task_display_name="发布", pool=WRITER, outlets=[PUBLICATION])
    def publish(run: str, *, outlet_events: Any = None) -> dict[str, Any]:
        from warehouse import night

        release = night.publish(run)
        outlet_events[PUBLICATION].extra = {key: release[key] for key in ("version", "content_hash")}
        return release

    chain(ingest.expand(dataset=datasets()), has_news(), build(RUN), audit(RUN), publish(RUN))
