"""The nightly DAG as written: when it runs, in what order, and what it does about failures."""

from __future__ import annotations

import subprocess
import sys
from datetime import timedelta
from subprocess import SubprocessError
from typing import TYPE_CHECKING

import pendulum
import pytest

from ingest import settings

if TYPE_CHECKING:
    from airflow.dag_processing.dagbag import DagBag
    from airflow.sdk import DAG

TASKS = ["datasets", "ingest", "has_news", "build", "audit", "publish", "serve"]


def test_every_dag_file_imports(dagbag: DagBag) -> None:
    assert dagbag.import_errors == {}
    assert set(dagbag.dags) == {"approval", "history", "nightly", "watch"}


def test_parsing_imports_no_engine() -> None:
    # The scheduler parses every half minute; a second of imports each time would be a core for nothing.
    parse = (
        "import sys; from airflow.dag_processing.dagbag import DagBag; DagBag(sys.argv[1]).dags['nightly'];"
        "print({'polars', 'duckdb', 'great_expectations', 'dbt', 'warehouse.running.night'} & set(sys.modules))"
    )
    run = subprocess.run(
        [sys.executable, "-c", parse, str(settings.ROOT / "dags")], capture_output=True, text=True, check=True
    )
    assert run.stdout.splitlines()[-1] == "set()"


@pytest.mark.parametrize(
    ("after", "due"),
    [
        ("2026-11-23T17:59", "2026-11-24T02:00"),  # 01:59 in Shanghai: the same night
        ("2026-11-23T18:01", "2026-11-25T02:00"),  # 02:01 in Shanghai: the next
    ],
)
def test_the_next_night_is_at_two_in_shanghai(nightly: DAG, after: str, due: str) -> None:
    from airflow.serialization.encoders import coerce_to_core_timetable
    from airflow.timetables.base import TimeRestriction

    asked = TimeRestriction(earliest=pendulum.parse(after, tz="UTC"), latest=None, catchup=True)  # type: ignore[arg-type]
    info = coerce_to_core_timetable(nightly.timetable).next_dagrun_info(
        last_automated_data_interval=None, restriction=asked
    )
    assert info is not None
    assert info.run_after == pendulum.parse(due, tz="Asia/Shanghai")


def test_a_new_installation_waits_for_the_night_and_one_that_was_down_makes_up_for_the_last(nightly: DAG) -> None:
    from airflow.serialization.encoders import coerce_to_core_timetable
    from airflow.timetables.base import DataInterval, TimeRestriction

    timetable, now = coerce_to_core_timetable(nightly.timetable), pendulum.now("UTC")
    asked = TimeRestriction(earliest=nightly.start_date, latest=None, catchup=nightly.catchup)
    days = {}
    for ran in (None, DataInterval.exact(pendulum.datetime(2026, 1, 1, 18))):
        info = timetable.next_dagrun_info(last_automated_data_interval=ran, restriction=asked)
        assert info is not None
        days[ran is None] = (info.run_after - now).total_seconds() / 86400
    assert 0 < days[True] <= 1
    assert -1 <= days[False] <= 0


def test_nights_neither_overlap_nor_pile_up(nightly: DAG) -> None:
    assert nightly.max_active_runs == 1
    assert nightly.catchup is False
    assert nightly.dagrun_timeout == timedelta(hours=6)


def test_the_order_is_ingest_news_build_audit_publish_end(nightly: DAG) -> None:
    followed_by = {task.task_id: sorted(task.downstream_task_ids) for task in nightly.tasks}
    assert followed_by == {
        "datasets": ["ingest"],
        "ingest": ["has_news"],
        "has_news": ["build"],
        "build": ["audit"],
        "audit": ["publish"],
        "publish": ["serve"],
        "serve": ["end"],
        "end": [],
    }


def test_the_end_runs_whatever_became_of_the_others_and_the_nights_state_is_theirs(nightly: DAG) -> None:
    """A leaf that succeeds would turn a failed night into a success: Airflow leaves a teardown out."""
    end = nightly.get_task("end")
    assert (end.is_teardown, end.on_failure_fail_dagrun) == (True, False)
    assert end.trigger_rule == "all_done_setup_success"
    assert not any(task.is_setup for task in nightly.tasks)


def test_nothing_is_published_unless_all_before_it_succeeded(nightly: DAG) -> None:
    assert {nightly.get_task(task).trigger_rule for task in TASKS} == {"all_success"}


def test_only_publish_announces_a_publication(nightly: DAG) -> None:
    announced = {task: [asset.name for asset in nightly.get_task(task).outlets] for task in TASKS}
    assert announced.pop("publish") == ["suheng_published"]
    assert set(map(tuple, announced.values())) == {()}


def test_whoever_writes_duckdb_waits_for_the_one_slot(nightly: DAG) -> None:
    assert [task for task in TASKS if nightly.get_task(task).pool == "duckdb_writer"] == ["build", "audit", "publish"]


def test_every_task_is_bounded_and_named_in_chinese(nightly: DAG) -> None:
    for task in nightly.tasks:
        assert task.execution_timeout == timedelta(hours=2)
        assert task.on_failure_callback
        assert any("一" <= letter <= "龥" for letter in task.task_display_name)


def test_the_machine_is_given_two_more_chances_and_the_gate_and_a_full_disk_none(nightly: DAG) -> None:
    from airflow.sdk import RetryAction

    from warehouse.building.disk import DiskRefused
    from warehouse.running.night import GateBlocked

    for task in map(nightly.get_task, TASKS):
        assert task.retries == 2
        assert task.retry_delay <= timedelta(seconds=10)
        assert task.retry_policy is not None
        outcomes = {
            error: task.retry_policy.evaluate(error("…"), try_number=1, max_tries=2).action
            for error in (GateBlocked, DiskRefused, ValueError, KeyError, OSError, SubprocessError, MemoryError)
        }
        assert outcomes == {
            GateBlocked: RetryAction.FAIL,
            DiskRefused: RetryAction.FAIL,
            ValueError: RetryAction.FAIL,
            KeyError: RetryAction.FAIL,
            OSError: RetryAction.DEFAULT,
            SubprocessError: RetryAction.DEFAULT,
            MemoryError: RetryAction.DEFAULT,
        }


def test_the_scheduler_reads_back_the_dag_it_was_given(nightly: DAG) -> None:
    from airflow.serialization.serialized_objects import DagSerialization

    written = DagSerialization.serialize_dag(nightly)
    read = DagSerialization.deserialize_dag(written)
    assert read.dag_id == "nightly"
    assert set(read.task_dict) == {*TASKS, "end"}
    assert (read.get_task("end").is_teardown, read.get_task("end").on_failure_fail_dagrun) == (True, False)
    assert read.get_task("publish").upstream_task_ids == {"audit"}
    assert DagSerialization.serialize_dag(nightly) == written
    assert read.get_task("publish").pool == "duckdb_writer"
    assert read.get_task("publish").outlets[0].name == "suheng_published"


def test_history_is_taken_in_year_by_year_when_it_is_backfilled_and_never_by_itself(dagbag: DagBag) -> None:
    from airflow.serialization.encoders import coerce_to_core_timetable
    from airflow.timetables.base import DagRunInfo, TimeRestriction

    history = dagbag.dags["history"]
    years = pendulum.datetime(2019, 1, 1, tz="Asia/Shanghai"), pendulum.datetime(2021, 12, 31, tz="Asia/Shanghai")
    timetable = coerce_to_core_timetable(history.timetable)
    infos = list(timetable.iter_partition_dagrun_infos(earliest=years[0], latest=years[1]))
    assert [info.partition_key for info in infos] == ["2019", "2020", "2021"]
    asked = TimeRestriction(earliest=history.start_date, latest=history.end_date, catchup=history.catchup)
    ran: list[DagRunInfo | None] = [None, *infos]
    assert [timetable.next_dagrun_info_v2(last_dagrun_info=last, restriction=asked) for last in ran] == [None] * 4
    assert history.get_task("ingest").partial_kwargs["op_kwargs"] == {"period": "{{ dag_run.partition_key }}"}
    assert dagbag.dags["nightly"].get_task("ingest").partial_kwargs["op_kwargs"] == {"period": "{{ params.period }}"}


def test_of_all_dags_nights_alone_write_the_build_and_history_calls_for_one(dagbag: DagBag) -> None:
    """Two that build in turn would audit and publish each other's."""
    writers = {dag.dag_id: [t.task_id for t in dag.tasks if t.task_id in TASKS[3:6]] for dag in dagbag.dags.values()}
    assert writers == {"nightly": ["build", "audit", "publish"], "history": [], "approval": [], "watch": []}
    history = dagbag.dags["history"]
    followed_by = {task.task_id: sorted(task.downstream_task_ids) for task in history.tasks}
    assert followed_by == {
        "datasets": ["ingest"],
        "ingest": ["has_news"],
        "has_news": ["call_night"],
        "call_night": [],
    }
    assert history.get_task("call_night").trigger_dag_id == "nightly"
    assert (history.max_active_runs, dagbag.dags["nightly"].max_active_runs) == (1, 1)
