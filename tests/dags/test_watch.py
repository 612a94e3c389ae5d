"""The morning watch: at seven it tells of a night that did not end."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pendulum
import pytest
from endpoint import Endpoint

if TYPE_CHECKING:
    from pathlib import Path

    from airflow.dag_processing.dagbag import DagBag


def test_the_watch_is_at_seven_in_shanghai(dagbag: DagBag) -> None:
    from airflow.serialization.encoders import coerce_to_core_timetable
    from airflow.timetables.base import TimeRestriction

    asked = TimeRestriction(earliest=pendulum.datetime(2026, 11, 24, 0, 0, tz="UTC"), latest=None, catchup=True)
    info = coerce_to_core_timetable(dagbag.dags["watch"].timetable).next_dagrun_info(
        last_automated_data_interval=None, restriction=asked
    )
    assert info is not None
    assert info.run_after == pendulum.datetime(2026, 11, 25, 7, tz="Asia/Shanghai")


def test_the_watch_tells_of_a_night_that_did_not_end(
    dagbag: DagBag, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from airflow.utils.db import initdb

    endpoint = Endpoint()
    (tmp_path / "alerts.txt").write_text(endpoint.url, "utf-8")
    monkeypatch.setenv("SUHENG_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("SUHENG_ALERTS_FILE", str(tmp_path / "alerts.txt"))
    initdb()
    assert [dagbag.dags["watch"].test().state for _ in range(2)] == ["success", "success"]
    endpoint.close()
    (post,) = endpoint.posts
    assert "夜间任务到期没有运行到结束：还没有一次运行到结束" in post["message"]
