"""When things run: at 02:00 Shanghai every night, ingest what came, then build, audit and publish if it is news.

A history that was sent again can be taken in year by year: airflow backfill create --dag-id history --from-date
2019-01-01 --to-date 2025-01-01. A year that brought news calls for a night, which computes anew only what read a
changed delivery: of the two, nights alone build and publish, one after the other.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Any

from airflow.providers.standard.operators.trigger_dagrun import TriggerDagRunOperator
from airflow.sdk import (
    DAG,
    AssetAlias,
    CronPartitionTimetable,
    CronTriggerTimetable,
    ExceptionRetryPolicy,
    Param,
    RetryAction,
    RetryRule,
    chain,
    task,
)

from ingest.settings import NIGHT, PERIOD, SHANGHAI
from warehouse.running.handover import CANDIDATE, PUBLICATION, serve, tell

PUBLISHED = AssetAlias("suheng_published")  # one of the two: what was built is out, or waits

# The night's name is the moment it was due, on the wall clock of Shanghai: a retry or a cleared task keeps it.
RUN = "{{ dag_run.run_after.astimezone(shanghai).strftime('%Y%m%dT%H%M%S') }}"

# One slot, made by `airflow pools set duckdb_writer 1 ...` when production is set up; if it is missing the tasks never
# start, and dagrun_timeout ends the night as failed. dag.test() asks no pool; there a lock guards the one writer.
WRITER = "duckdb_writer"

# A wrong value or a mistake in code is as wrong the second time, a full disk as full; only the machine's other failures
# are tried again.
HOPELESS = [ValueError, TypeError, LookupError, ImportError, "warehouse.building.disk.DiskRefused"]
MISTAKES = RetryRule(HOPELESS, RetryAction.FAIL, reason="重试无益")


def report(context: dict[str, Any]) -> None:
    """Log one line that names the failed task and why, and keep it for the night's end; readers still have the last
    publication."""
    from warehouse.running import night

    instance, error = context["ti"], context.get("exception")
    name = instance.task.task_display_name
    logging.getLogger(__name__).error("夜间任务“%s”失败，未发布：%s", name, " ".join(str(error).split())[:300])
    is_one_of_many = instance.map_index >= 0
    key = f"{instance.task_id}_{instance.map_index}" if is_one_of_many else instance.task_id
    night.note_failure(context["run_id"], key, " ".join(filter(None, [name, instance.rendered_map_index])), error)


COMMON: dict[str, Any] = {
    "catchup": False,
    "max_active_runs": 1,
    "dagrun_timeout": timedelta(hours=6),
    "user_defined_macros": {"shanghai": SHANGHAI},
    "default_args": {
        "retries": 2,
        "retry_delay": timedelta(seconds=5),
        "retry_exponential_backoff": 2.0,
        "max_retry_delay": timedelta(minutes=1),
        "retry_policy": ExceptionRetryPolicy([MISTAKES]),
        "execution_timeout": timedelta(hours=2),
        "on_failure_callback": report,
    },
}


def take_in(period: str) -> Any:
    """The tasks until it is known whether there is news, the last of which is returned.

    period: a template of the year or month whose files are taken in, empty for all.
    """

    @task(task_display_name="数据集清单")
    def datasets() -> list[str]:
        from warehouse.running import night

        return night.datasets()

    @task(task_display_name="入库", map_index_template="{{ task.op_kwargs['dataset'] }}")
    def ingest(dataset: str, period: str) -> dict[str, int]:
        from warehouse.running import night

        return night.ingest(dataset, period)

    @task.short_circuit(task_display_name="有无新数据")
    def has_news() -> bool:
        from warehouse.running import night

        return night.has_news()

    news = has_news()
    chain(ingest.partial(period=period).expand(dataset=datasets()), news)
    return news


# A plain cron, not CronPartitionTimetable: a night takes whatever lies in the inbox, so its date is no partition of the
# data and a backfill would repeat tonight; dag.test() gives no partition key; and the event of a partitioned run does
# not wake consumers that are scheduled on the asset itself.
with DAG(
    "nightly",
    dag_display_name="夜间刷新",
    description="入库、建库、质量审核、发布；没有新数据则在入库后结束",
    # No start date, and no past to run immediately: a new installation, whose inbox is empty, waits for the night.
    schedule=CronTriggerTimetable(f"{NIGHT:%-M %-H} * * *", timezone=SHANGHAI.key, run_immediately=timedelta(0)),
    params={"period": Param("", type="string", pattern=PERIOD, title="只接收这一年或月的文件")},
    **COMMON,
):

    @task(task_display_name="建库", pool=WRITER)
    def build(run: str) -> dict[str, Any]:
        from warehouse.running import night

        return night.build(run)

    @task(task_display_name="质量审核", pool=WRITER)
    def audit(run: str) -> dict[str, Any]:
        from warehouse.running import night

        return night.audit(run)

    @task(task_display_name="发布", pool=WRITER, outlets=[PUBLISHED])
    def publish(run: str, *, outlet_events: Any = None) -> dict[str, Any]:
        from warehouse.running import night

        release = night.publish(run)
        outlet_events[PUBLISHED].add(CANDIDATE if night.candidate() else PUBLICATION, extra=tell(release))
        return release

    # A teardown: it runs whatever became of the others, even where nothing is new, and the night's state is theirs.
    @task(task_display_name="收尾与告警")
    def end(run: str, *, ti: Any = None) -> dict[str, int]:
        from warehouse.running import night

        return night.end(run, ti.run_id, ti.get_task_states(dag_id=ti.dag_id, run_ids=[ti.run_id])[ti.run_id])

    last = end(RUN).as_teardown(on_failure_fail_dagrun=False)
    chain(take_in("{{ params.period }}"), build(RUN), audit(RUN), publish(RUN), serve(), last)

with DAG(
    "history",
    dag_display_name="历史补算",
    description="逐年接收历史文件，由 airflow backfill 启动；有新数据则启动一次夜间刷新",
    schedule=CronPartitionTimetable("0 3 1 1 *", timezone=SHANGHAI.key, key_format="%Y"),
    end_date=datetime(2000, 1, 1, tzinfo=SHANGHAI),  # so it never runs by itself: the schedule only names the years
    **COMMON,
):
    call = TriggerDagRunOperator(
        task_id="call_night", task_display_name="启动夜间刷新", trigger_dag_id="nightly", logical_date=None
    )
    chain(take_in("{{ dag_run.partition_key }}"), call)
