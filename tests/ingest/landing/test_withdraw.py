"""A delivery that is withdrawn counts no more; who decided it and why is kept, and nothing is deleted."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from desk import Desk, citizen, everything_written, row

from ingest import intake, settings
from ingest.landing.ledger import Ledger
from ingest.landing.withdraw import NotWithdrawn, find_counting

NAME = "demo/people"


@pytest.fixture
def known(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.setattr(intake, "read_contracts", lambda: {desk.contract.name: desk.contract})
    return desk


def drop(desk: Desk, serial: int, day: int, name: str = "名册_2020年09月.csv") -> str:
    """Drop a file of one person on that day of October 2020 and take all in; returns the id of its delivery."""
    path = desk.write([row(serial)], name)
    moment = datetime(2020, 10, day, tzinfo=UTC).timestamp()
    os.utime(path, (moment, moment))
    take_all(desk)
    return desk.drop(path).delivery_id


def take_all(desk: Desk) -> dict[str, int]:
    counts = intake.ingest(NAME, desk.said.append)
    return {outcome: counts[outcome] for outcome in ("landed", "refused", "unchanged") if counts[outcome]}


def counting() -> str | None:
    """The delivery that counts for September 2020."""
    accepted = Ledger(NAME).accepted.get(("2020-09", "320000"))
    return accepted and accepted["delivery_id"]


def test_the_older_delivery_counts_again_and_then_none(known: Desk) -> None:
    first, second = drop(known, 1, 3), drop(known, 2, 4)
    before = everything_written(known.lake / f"delivery={second}")
    assert counting() == second
    receipt, is_new = intake.withdraw(second, "王五", "口径不对")
    assert is_new
    assert (receipt["delivery_id"], receipt["outcome"]) == (second, "withdrawn")
    assert (receipt["withdrawn_by"], receipt["withdrawn_note"]) == ("王五", "口径不对")
    assert datetime.now(UTC) - datetime.fromisoformat(receipt["withdrawn_at"]) < timedelta(minutes=1)
    assert counting() == first
    now = find_counting(receipt)
    assert now and (now["delivery_id"], now["source_file"]) == (first, "名册_2020年09月.csv")
    intake.withdraw(first, "王五", "全错了")
    assert counting() is None
    assert find_counting(receipt) is None
    assert everything_written(known.lake / f"delivery={second}") == before


def test_the_file_that_is_left_in_the_inbox_is_not_taken_in_anew_and_one_that_is_dropped_again_is(known: Desk) -> None:
    first = drop(known, 1, 3)
    copy = known.write([row(1)], "名册_2020年09月_副本.csv")  # of what counts: there before it was withdrawn
    assert take_all(known) == {"unchanged": 2}
    intake.withdraw(first, "王五", "口径不对")
    known.said.clear()
    assert take_all(known) == {"unchanged": 2}
    (said,) = known.said
    assert said.startswith("demo/people/名册_2020年09月_副本.csv：内容与已撤回的交付相同，而修改时间在撤回之前")
    assert counting() is None
    copy.unlink()
    known.write([row(1)])
    assert take_all(known) == {"landed": 1}
    again = counting()
    assert again not in (None, first)
    assert take_all(known) == {"unchanged": 1}
    intake.withdraw(str(again), "王五", "还是不对")
    assert take_all(known) == {"unchanged": 1}
    assert counting() is None


def test_of_the_bytes_that_were_withdrawn_the_file_that_was_taken_in_before_is_not_told_anything(known: Desk) -> None:
    """A, then B, then A again, which is withdrawn; then B, so that the first A counts."""
    for serial, day in ((1, 3), (2, 4), (1, 5)):
        drop(known, serial, day, f"名册_2020年09月_{day}.csv")
    for _ in range(2):
        intake.withdraw(str(counting()), "王五", "口径不对")
        known.said.clear()
        assert take_all(known) == {"unchanged": 3}
        assert known.said == []
    assert Ledger(NAME).accepted["2020-09", "320000"]["source_file"] == "名册_2020年09月_3.csv"
    drop(known, 1, 6, "名册_2020年09月_6.csv")
    assert known.said == []


def test_what_comes_before_the_withdrawn_one_in_time_can_still_come(known: Desk) -> None:
    second = drop(known, 2, 4)
    intake.withdraw(second, "王五", "口径不对")
    first = drop(known, 1, 3, "名册_2020年09月_补报.csv")
    assert counting() == first


def test_who_was_first_and_why_stays(known: Desk) -> None:
    first = drop(known, 1, 3)
    before, _ = intake.withdraw(first, "王五", "口径不对")
    after, is_new = intake.withdraw(first.upper(), "赵六", "不知道")
    assert not is_new
    assert after == before
    assert len(list(known.lake.glob("withdrawal=*"))) == 1


@pytest.mark.parametrize(
    ("wrong", "by", "note", "said"),
    [
        ("0" * 16, "王五", "错", "没有交付 0000000000000000"),
        ("FIRST6", "王五", "错", "请写全 16 位的交付标识；以 FIRST6 开头的：FIRST（名册_2020年09月.csv）"),
        ("xyz", "王五", "错", "xyz 不是交付标识"),
        (citizen(1), "王五", "错", "999999999999999999 不是交付标识"),
        ("FIRST", " ", "错", "请写明是谁撤回"),
        ("FIRST", "王五", "", "请写明是谁撤回"),
        ("REFUSED", "王五", "错", "REFUSED 已退回，本来就没有计入"),
    ],
)
def test_what_cannot_be_withdrawn_is_told_and_nothing_changes(
    known: Desk, wrong: str, by: str, note: str, said: str
) -> None:
    first = drop(known, 1, 3)
    refused = known.write(b"x", "名册_2020年10月.csv")
    take_all(known)
    ids = {"FIRST6": first[:6], "FIRST": first, "REFUSED": known.drop(refused).delivery_id}
    for word, meant in ids.items():
        wrong, said = wrong.replace(word, meant), said.replace(word, meant)
    with pytest.raises(NotWithdrawn) as error:
        intake.withdraw(wrong, by, note)
    assert said in str(error.value)
    assert counting() == first
    assert not list(settings.lake().rglob("withdrawal=*"))


def test_the_department_is_told_by_whom_and_why_and_no_number_is_written(known: Desk) -> None:
    first = drop(known, 1, 3)
    intake.withdraw(first, "王五", f"{citizen(1)} 不该在里面<b>")
    room = settings.outbox() / "demo"
    assert sorted(p.name for p in room.iterdir()) == [
        f"名册_2020-09_接收_{first}.html",
        f"名册_2020-09_撤回_{first}.html",
    ]
    page = (room / f"名册_2020-09_撤回_{first}.html").read_text("utf-8")
    assert "王五" in page and "999999999999999999 不该在里面&lt;b&gt;" in page and "不再计入统计" in page
    assert citizen(1).encode() not in everything_written(known.data / "lake") + everything_written(
        known.data / "outbox"
    )
    for path in room.iterdir():
        path.unlink()
    take_all(known)  # as after a kill between the decision and the page
    assert len(list(room.iterdir())) == 2


def test_a_decision_is_there_whole_or_not_at_all(known: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    first = drop(known, 1, 3)
    with monkeypatch.context() as patch:
        patch.setattr(json, "dumps", lambda *_, **__: 1 // 0)
        with pytest.raises(ZeroDivisionError):
            intake.withdraw(first, "王五", "口径不对")
    assert counting() == first
    assert intake.withdraw(first, "王五", "口径不对")[1]


def test_a_withdrawal_of_one_area_or_period_leaves_the_others(known: Desk) -> None:
    first, other = drop(known, 1, 3), known.write([row(1, 日期="2020-08-05")], "名册_2020年08月.csv")
    take_all(known)
    intake.withdraw(first, "王五", "口径不对")
    ledger = Ledger(NAME)
    assert set(ledger.accepted) == {("2020-08", "320000")}
    assert ledger.accepted["2020-08", "320000"]["source_file"] == Path(other).name
