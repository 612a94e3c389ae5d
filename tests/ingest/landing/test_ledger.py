"""Which delivery counts: the one that came last, whatever it was before; and none under a contract that has changed."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from desk import PEOPLE, Desk, row

from ingest import fault, intake
from ingest.landing import ledger, receipt, settle
from ingest.landing.ledger import Ledger
from ingest.promises.contract import Contract, ContractError, read_contract

DAY = 86_400 * 10**9
FIRST = 1_602_000_000 * 10**9  # 2020-10-06


@pytest.fixture
def known(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """A desk whose contract is the only one there is."""
    monkeypatch.setattr(intake, "read_contracts", lambda: {desk.contract.name: desk.contract})
    return desk


@pytest.fixture
def drop(known: Desk) -> Callable[..., Path]:
    """drop(serial, at): a file of one person at so many nanoseconds after the first."""

    def drop(serial: int, at: int, name: str = "名册_2020年09月.csv") -> Path:
        path = known.write([row(serial)], name)
        os.utime(path, ns=(0, FIRST + at))
        return path

    return drop


def take_all(desk: Desk) -> dict[str, int]:
    desk.said.clear()
    counts = intake.ingest(desk.contract.name, desk.said.append)
    return {outcome: count for outcome, count in counts.items() if count}


def counting(desk: Desk) -> tuple[str, int]:
    """File and number of deliveries of the one that counts for September 2020."""
    accepted = Ledger(desk.contract.name).accepted["2020-09", "320000"]
    return accepted["source_file"], len(list(desk.lake.iterdir()))


@pytest.mark.parametrize("in_place", [True, False])
def test_a_correction_that_is_taken_back_counts_no_more(known: Desk, drop: Callable[..., Path], in_place: bool) -> None:
    """A, then B, then A again."""
    names = ["名册_2020年09月.csv"] * 3 if in_place else [f"名册_2020年09月_{n}.csv" for n in (1, 2, 3)]
    for number, (serial, name) in enumerate(zip((1, 2, 1), names, strict=True)):
        drop(serial, number * DAY, name)
        assert take_all(known) == {"landed": 1, "rows": 1} | ({} if in_place or not number else {"unchanged": number})
    accepted = Ledger(known.contract.name).accepted["2020-09", "320000"]
    first = known.drop(drop(1, 2 * DAY, "名册_2020年09月.csv"))
    assert accepted["source_sha256"] == first.sha256
    assert accepted["received_at"] == first.received_at.isoformat()
    assert "landed" not in take_all(known)
    assert len(list(known.lake.iterdir())) == 3


def test_a_lake_made_anew_of_all_three_files_has_the_same_deliveries(known: Desk, drop: Callable[..., Path]) -> None:
    for number, serial in enumerate((1, 2, 1)):
        drop(serial, number * DAY, f"名册_2020年09月_{number}.csv")
        take_all(known)
    before = sorted(path.name for path in known.lake.iterdir())
    known.lake.rename(known.data / "elsewhere")
    assert take_all(known)["landed"] == 3
    assert sorted(path.name for path in known.lake.iterdir()) == before
    assert counting(known) == ("名册_2020年09月_2.csv", 3)


def test_a_copy_of_what_counts_is_no_delivery(known: Desk, drop: Callable[..., Path]) -> None:
    drop(1, 0)
    drop(1, DAY, "名册_2020年09月（重报）.csv")
    assert take_all(known) == {"landed": 1, "unchanged": 1, "rows": 1}


def test_what_was_refused_is_not_refused_again_for_being_touched(known: Desk, drop: Callable[..., Path]) -> None:
    drop(2, 0)
    bad = known.write(b"x", "名册_2020年09月_更正.csv")
    os.utime(bad, ns=(0, FIRST + DAY))
    assert take_all(known) == {"landed": 1, "refused": 1, "rows": 1}
    os.utime(bad, ns=(0, FIRST + 2 * DAY))
    assert take_all(known) == {"unchanged": 2}


def test_what_was_refused_is_told_to_be_the_same_under_another_name_until_another_counts(
    known: Desk, drop: Callable[..., Path]
) -> None:
    for day, name in enumerate(("名册_2020年09月.csv", "名册_2020年09月_更正.csv")):
        os.utime(known.write(b"x", name), ns=(0, FIRST + day * DAY))
    assert take_all(known) == {"refused": 1, "unchanged": 1}
    _, told = known.said
    assert told.startswith(
        "demo/people/名册_2020年09月_更正.csv：内容与已退回的 名册_2020年09月.csv 相同，没有再收；请"
    )
    assert take_all(known) == {"unchanged": 2}
    assert known.said == [told]
    drop(1, 2 * DAY, "名册_2020年09月_再更正.csv")
    assert take_all(known) == {"landed": 1, "unchanged": 2, "rows": 1}
    take_all(known)
    assert known.said == []


def test_a_file_that_was_refused_itself_is_not_told_to_be_like_another(known: Desk) -> None:
    for name in ("甲.csv", "乙.csv"):
        known.write(b"x", name)
    assert take_all(known) == {"refused": 2}
    assert take_all(known) == {"unchanged": 2}
    assert known.said == []


def test_of_two_files_of_one_second_the_later_counts(known: Desk, drop: Callable[..., Path]) -> None:
    drop(1, 900_000_000, "名册_2020年09月_2.csv")
    drop(2, 100_000_000, "名册_2020年09月_3.csv")
    take_all(known)
    assert counting(known) == ("名册_2020年09月_2.csv", 2)


@pytest.mark.parametrize("serials", [(1, 2), (2, 1), (3, 4), (4, 3)])
def test_of_two_files_of_one_time_that_counts_which_came_to_our_door_later(
    known: Desk, drop: Callable[..., Path], serials: tuple[int, int]
) -> None:
    drop(serials[0], 0, "名册_2020年09月_9.csv")
    take_all(known)
    drop(serials[1], 0, "名册_2020年09月_1.csv")
    take_all(known)
    assert counting(known) == ("名册_2020年09月_1.csv", 2)


def test_a_file_that_comes_later_but_says_that_it_is_older_is_told(known: Desk, drop: Callable[..., Path]) -> None:
    drop(1, DAY)
    take_all(known)
    drop(2, 0, "名册_2020年09月_更正.csv")
    assert take_all(known) == {"landed": 1, "unchanged": 1, "rows": 1}
    (said,) = known.said
    first = known.drop(known.inbox / "名册_2020年09月.csv").delivery_id
    told = f"没有采用：收到时间 2020-10-07 00:00:00（北京时间）早于先到的交付 {first}，以那一次为准"
    assert f"{told}；如果这是更正，请重新保存后再放一次" in said
    assert counting(known) == ("名册_2020年09月.csv", 2)


def test_who_told_an_older_time_beside_the_file_is_advised_to_mend_it_there(
    known: Desk, drop: Callable[..., Path]
) -> None:
    drop(1, DAY)
    take_all(known)
    path = drop(2, 2 * DAY, "名册_2020年09月_更正.csv")
    sidecar = path.with_name(f"{path.name}.received")
    sidecar.write_text("2020-10-05T09:30:00")
    take_all(known)
    (said,) = known.said
    assert "没有采用：收到时间 2020-10-05 09:30:00（北京时间）早于先到的交付" in said
    assert "（旁边有 .received 文件的，改正里面的时间）" in said
    sidecar.write_text("2020-10-09T09:30:00")
    assert take_all(known) == {"landed": 1, "unchanged": 1, "rows": 1}
    assert counting(known) == ("名册_2020年09月_更正.csv", 3)
    first = known.drop(known.inbox / "名册_2020年09月.csv").delivery_id
    told = {r["received_at"][:10]: r["overtaken_by"] for r in receipt.read_receipts(known.contract.name)}
    assert told == {"2020-10-07": None, "2020-10-05": first, "2020-10-09": None}


def test_a_department_reads_in_its_receipt_that_a_delivery_did_not_count(
    known: Desk, drop: Callable[..., Path]
) -> None:
    drop(1, DAY)
    take_all(known)
    first = known.drop(known.inbox / "名册_2020年09月.csv").delivery_id
    late = known.drop(drop(2, 0, "名册_2020年09月_更正.csv")).delivery_id
    take_all(known)
    pages = {
        key: next((known.data / "outbox" / "demo").glob(f"*{key}.html")).read_text("utf-8") for key in (first, late)
    }
    assert f"早于先到的交付 {first}，以那一次为准" in pages[late]
    assert "改正里面的时间）。内容本身：全部接收" in pages[late]
    assert "没有采用" not in pages[first]


def test_a_contract_that_changes_under_the_same_version_is_refused(known: Desk, drop: Callable[..., Path]) -> None:
    drop(1, 0)
    take_all(known)
    known.contract = replace(known.contract, sha256="another")
    with pytest.raises(ContractError, match=r"ingest/contracts/demo/people.yaml: version: .* 1\.0\.0"):
        take_all(known)


def test_under_a_new_version_a_file_is_taken_in_again_and_counts(known: Desk, drop: Callable[..., Path]) -> None:
    drop(1, 0)
    take_all(known)
    known.contract = replace(known.contract, version="1.1.0", sha256="another")
    assert take_all(known) == {"landed": 1, "rows": 1}
    assert Ledger(known.contract.name).accepted["2020-09", "320000"]["contract_version"] == "1.1.0"


def test_what_only_people_read_is_no_change_of_a_contract(people: Contract, tmp_path: Path) -> None:
    path = tmp_path / "demo" / "people.yaml"
    path.parent.mkdir()
    for old, new, is_same in (
        ("description: 每行一人一日", "description: 一人一日一行", True),
        ("S[0-9]{4}", "S[0-9]{5}", False),
    ):
        assert PEOPLE.count(old) == 1
        path.write_text(PEOPLE.replace(old, new), "utf-8")
        assert (read_contract(path).sha256 == people.sha256) == is_same


def test_a_file_that_was_refused_is_taken_in_under_a_contract_that_allows_it(
    known: Desk, drop: Callable[..., Path]
) -> None:
    drop(1, 0)
    allowing, strict = known.contract, replace(known.contract, min_rows=2)
    known.contract = strict
    assert take_all(known) == {"refused": 1, "rows": 1}
    assert take_all(known) == {"unchanged": 1}
    known.contract = replace(allowing, version="1.1.0", sha256="another")
    assert take_all(known) == {"landed": 1, "rows": 1}
    assert take_all(known) == {"unchanged": 1}


def test_our_own_fault_is_tried_again_when_the_code_has_changed_and_not_before(
    known: Desk, drop: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    drop(1, 0)
    with monkeypatch.context() as patch:
        patch.setattr(settle, "count_rows", lambda *_: 1 // 0)
        assert take_all(known) == {"refused": 1}
        assert take_all(known) == {"unchanged": 1}
        for module in (ledger, receipt):
            patch.setattr(module, "code", lambda: "changed, and wrong")
        assert take_all(known) == {"refused": 1}
        assert take_all(known) == {"unchanged": 1}
    assert take_all(known) == {"landed": 1, "rows": 1}
    assert take_all(known) == {"unchanged": 1}
    assert counting(known) == ("名册_2020年09月.csv", 3)


def test_code_that_reads_otherwise_is_told_from_what_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fault, "__file__", str(tmp_path / "fault.py"))
    told = set()
    for text in ("x = 1", "x = 2", "x = 1"):
        (tmp_path / "fault.py").write_text(text)
        told.add(fault.code.__wrapped__())
    assert len(told) == 2
