"""When a delivery was received: as its sender says where that can be, and always by our own clock, too."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from desk import Desk, row

from ingest.landing import clock


def at(path: Path, moment: datetime) -> Path:
    os.utime(path, (moment.timestamp(), moment.timestamp()))
    return path


def beside(path: Path, told: str) -> Path:
    path.with_name(path.name + ".received").write_text(told, "utf-8")
    return path


@pytest.mark.parametrize("impossible", [datetime(2199, 1, 1, tzinfo=UTC), datetime(1980, 1, 1, tzinfo=UTC)])
def test_a_modification_time_that_cannot_be_gives_way_to_our_own_clock(desk: Desk, impossible: datetime) -> None:
    """Set in the future, or before the period began, as by what unpacks an archive without times."""
    found = desk.take(at(desk.write([row(1)]), impossible))
    assert found.outcome == "landed"
    assert found.receipt["received_at"] == found.receipt["arrived_at"]
    assert found.receipt["said_at"] == impossible.isoformat()
    assert datetime.now(UTC) - datetime.fromisoformat(found.receipt["arrived_at"]) < timedelta(minutes=1)


def test_a_file_that_says_it_is_of_the_future_does_not_come_again_every_night(desk: Desk) -> None:
    path = at(desk.write([row(1)]), datetime(2199, 1, 1, tzinfo=UTC))
    assert [desk.take(path).outcome for _ in range(3)] == ["landed", "unchanged", "unchanged"]
    desk.take(desk.write([row(2)], "名册_2020年09月_更正.csv"))
    assert desk.take(path).outcome == "unchanged"


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ("2999-01-01T00:00:00+08:00", "写的收到时间 2999-01-01 00:00（北京时间）还没有到"),
        ("2020-08-31T23:59:00+08:00", "写的收到时间 2020-08-31 23:59（北京时间）早于本期（2020-09）开始的 2020-09-01"),
        ("1" * 100_000, "不是 ISO 8601 时间"),
        ("0001-01-01T00:00:00+23:59", "不是 ISO 8601 时间"),
    ],
)
def test_a_sidecar_that_tells_a_time_which_cannot_be_refuses_its_file_until_it_is_mended(
    desk: Desk, told: str, said: str
) -> None:
    path = beside(at(desk.write([row(1)]), datetime(2020, 10, 3, tzinfo=UTC)), told)
    found = desk.take(path)
    assert (found.outcome, found.receipt["reason"]) == ("refused", "unknown_time")
    assert f"旁边的 名册_2020年09月.csv.received {said}" in found.said
    assert desk.take(path).outcome == "unchanged"
    assert desk.take(beside(path, "2020-10-08T09:30:00")).outcome == "landed"
    assert desk.take(path).outcome == "unchanged"


@pytest.mark.parametrize(
    ("name", "moment", "combination", "outcome"),
    [
        # on the last day of September in China, and the moment before it
        ("名册_2020年09月.csv", datetime(2020, 9, 29, 16, tzinfo=UTC), "period", "landed"),
        ("名册_2020年09月.csv", datetime(2020, 9, 29, 15, 59, tzinfo=UTC), "period", "refused"),
        ("名册_2020年09月.csv", datetime(2020, 9, 29, 15, 59, tzinfo=UTC), "delta", "refused"),
        ("名册_2020年09月.csv", datetime(2020, 9, 29, 15, 59, tzinfo=UTC), "snapshot", "refused"),
        ("名册_2099年01月.csv", datetime(2020, 10, 8, tzinfo=UTC), "snapshot", "refused"),
    ],
)
def test_a_period_is_told_of_when_it_is_over(
    desk: Desk, name: str, moment: datetime, combination: str, outcome: str
) -> None:
    found = desk.take(at(desk.write([row(1)], name), moment), combination=combination)
    assert found.outcome == outcome
    assert found.receipt["reason"] == ("future_period" if outcome == "refused" else None)


def test_a_file_that_was_refused_for_coming_early_is_taken_in_when_it_is_dropped_again_in_time(desk: Desk) -> None:
    path = at(desk.write([row(1)]), datetime(2020, 9, 15, tzinfo=UTC))
    assert [desk.take(path).outcome for _ in range(2)] == ["refused", "unchanged"]
    at(path, datetime(2020, 10, 8, tzinfo=UTC))
    assert [desk.take(path).outcome for _ in range(2)] == ["landed", "unchanged"]


def test_who_says_that_a_file_is_older_than_it_was_seen_is_told_apart() -> None:
    arrived = datetime(2020, 10, 30, tzinfo=UTC)
    said = {"arrived_at": arrived.isoformat()}
    week = timedelta(days=7)
    assert not clock.is_backdated({**said, "received_at": (arrived - week).isoformat()})
    assert clock.is_backdated({**said, "received_at": (arrived - week - timedelta(seconds=1)).isoformat()})
    assert not clock.is_backdated({"received_at": "2020-10-08T00:00:00+00:00"})  # of an earlier version
