"""The approval DAG as written: it waits for a person until the next night, and forces nothing out."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from warehouse.running import night

if TYPE_CHECKING:
    from airflow.dag_processing.dagbag import DagBag
    from airflow.sdk import DAG


@pytest.fixture(scope="session")
def approval(dagbag: DagBag) -> DAG:
    return dagbag.dags["approval"]


def test_a_candidate_wakes_it_and_only_what_is_released_is_announced(approval: DAG) -> None:
    assert [asset.name for asset in approval.timetable.asset_condition.objects] == ["suheng_candidate"]
    announced = {task.task_id: [asset.name for asset in task.outlets] for task in approval.tasks}
    assert announced.pop("release") == ["suheng_publication"]
    assert set(map(tuple, announced.values())) == {()}


def test_no_answer_is_a_refusal_before_the_next_night(approval: DAG) -> None:
    sign_off = approval.get_task("sign_off")
    assert sign_off.defaults == ["退回"]
    assert sign_off.options == [night.APPROVE, "退回"]
    assert sign_off.response_timeout < timedelta(hours=24)


def test_the_order_is_candidate_sign_off_embargo_release(approval: DAG) -> None:
    assert {task.task_id: sorted(task.downstream_task_ids) for task in approval.tasks} == {
        "candidate": ["decide", "needs_approval"],
        "needs_approval": ["embargo", "sign_off"],
        "sign_off": ["decide"],
        "decide": ["embargo"],
        "embargo": ["release"],
        "release": ["serve"],
        "serve": [],
    }
