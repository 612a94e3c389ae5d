"""When the night is watched: at 07:00 Shanghai, who must know is told if it did not end, or what is overdue since."""

from __future__ import annotations

from datetime import timedelta

from airflow.sdk import DAG, CronTriggerTimetable, task

from ingest.settings import SHANGHAI

# A scheduler that stands still tells nobody: where that matters, a cron of its own runs `suheng alert` instead.
with DAG(
    "watch",
    dag_display_name="晨间值守",
    description="夜间任务没有按时结束、失败或有新的逾期，告知该知道的人",
    schedule=CronTriggerTimetable("0 7 * * *", timezone=SHANGHAI.key, run_immediately=timedelta(0)),
    catchup=False,
    max_active_runs=1,
    dagrun_timeout=timedelta(hours=1),
    default_args={"retries": 2, "retry_delay": timedelta(minutes=1), "execution_timeout": timedelta(minutes=10)},
) as dag:

    @task(task_display_name="告警")
    def alert() -> dict[str, int]:
        from warehouse.watching import alerts

        return alerts.send()

    alert()
