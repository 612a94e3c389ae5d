"""What a candidate waits for: a person's sign-off until the next night, then the end of its embargo."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from airflow.providers.standard.operators.hitl import HITLOperator
from airflow.providers.standard.sensors.date_time import DateTimeSensorAsync
from airflow.sdk import DAG, Param, chain, task
from airflow.sdk.exceptions import AirflowSkipException

from warehouse.running.handover import CANDIDATE, PUBLICATION, serve, tell

WAITING = "ti.xcom_pull(task_ids='candidate')"

with DAG(
    "approval",
    dag_display_name="发布审批",
    description="候选版本等待批准和禁发期；逾期未批即作罢，也可以用 suheng approve 批准",
    schedule=[CANDIDATE],
    catchup=False,
    max_active_runs=1,
    default_args={"retries": 2, "retry_delay": timedelta(seconds=5)},
) as dag:

    @task(task_display_name="候选版本")
    def candidate() -> dict[str, Any]:
        from warehouse.running import night

        if (waiting := night.candidate()) is None:
            raise AirflowSkipException("没有等待的候选版本")
        return waiting

    @task.short_circuit(task_display_name="需要批准吗", ignore_downstream_trigger_rules=False)
    def needs_approval(waiting: dict[str, Any]) -> bool:
        return waiting["lapses_at"] is not None

    sign_off = HITLOperator(
        task_id="sign_off",
        task_display_name="批准",
        subject=f"发布 {{{{ {WAITING}['version'] }}}}？",
        body=f"数据至 {{{{ {WAITING}['data_period'] }}}}，内容 {{{{ {WAITING}['content_hash'][:12] }}}}。"
        f"预览：published/preview/quality.html",
        options=["批准", "退回"],
        defaults="退回",
        params={"note": Param("", type="string", title="理由、文号")},
        response_timeout=timedelta(hours=23),
    )

    @task.short_circuit(task_display_name="记录决定")
    def decide(waiting: dict[str, Any], answer: dict[str, Any]) -> bool:
        from warehouse.running import night

        return night.decide(waiting["version"], answer)

    embargo = DateTimeSensorAsync(
        task_id="embargo",
        task_display_name="禁发期",
        target_time=f"{{{{ {WAITING}['embargo_until'] or '2000-01-01T00:00:00+00:00' }}}}",
        trigger_rule="none_failed_min_one_success",
    )

    @task(task_display_name="发布", pool="duckdb_writer", outlets=[PUBLICATION])
    def release(*, outlet_events: Any = None) -> dict[str, Any]:
        from warehouse.running import night

        if (gone_out := night.promote()) is None:
            raise AirflowSkipException("候选版本已不在等待")
        outlet_events[PUBLICATION].extra = tell(gone_out)
        return gone_out

    waiting = candidate()
    asked = needs_approval(waiting)
    decided = decide(waiting, sign_off.output)
    chain(asked, sign_off, decided, embargo, release(), serve())
    asked >> embargo
