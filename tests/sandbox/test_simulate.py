"""What the simulator promises of its files: the same bytes, the same times, the answers beside them."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import python_calamine
from clerk import Answers

from ingest.promises.contract import Contract, read_contracts
from ingest.promises.period import period_of
from ingest.reason import ADVICE, REJECT
from sandbox.simulate import find_dataset, simulate

# What ingest's own tests make, and no department of the sandbox does.
RARE = {
    "stray_quote",
    "repeated_key",
    "control_character",
    "error_cell",
    "no_value",
    "region_length",
    "bare_number",
    "scientific",
}
RARE |= {"too_many_decimals", "nothing_date", "time_of_day", "date_order", "personal_number", "contradiction"}
RARE |= {"other_year"}
# A workbook that kills, our own faults, the time beside a file, what is packed or cut off: tests/ingest makes these.
UNHEARD = {
    "too_large",
    "our_fault",
    "unknown_time",
    "future_period",
    "packed",
    "cut_off",
    "merged_cells",
    "same_table",
}
SMALL: dict[str, Any] = {"scale": 0.001, "first": 2020, "last": 2020}


def fingerprint(root: Path) -> dict[str, tuple[str, int]]:
    """(sha256, modification time) of every file by its path."""
    files = (p for p in root.rglob("*") if p.is_file())
    return {
        p.relative_to(root).as_posix(): (hashlib.sha256(p.read_bytes()).hexdigest(), p.stat().st_mtime_ns)
        for p in files
    }


@pytest.fixture(scope="module")
def one_year(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("one_year")
    simulate(root / "inbox", seed=14, **SMALL)
    return root


@pytest.mark.parametrize("contract", read_contracts().values(), ids=lambda contract: contract.name)
def test_every_contract_has_a_module_that_writes_its_files(contract: Contract) -> None:
    assert callable(find_dataset(contract).write)


def test_a_contract_without_such_a_module_is_told_which_file_to_add() -> None:
    contract = replace(read_contracts()["education/school_census"], dataset="school_meals")
    with pytest.raises(ValueError, match=r"sandbox/education/school_meals\.py"):
        find_dataset(contract)


def test_the_same_arguments_give_the_same_bytes_and_times_whatever_was_there_before(
    one_year: Path, tmp_path: Path
) -> None:
    stale = tmp_path / "inbox" / "education" / "kindergarten_census" / "旧文件.csv"
    stale.parent.mkdir(parents=True)
    stale.write_text("stale")
    (tmp_path / "inbox" / "模拟数据.json").write_text("{}")
    simulate(tmp_path / "inbox", seed=14, **SMALL)
    assert fingerprint(tmp_path) == fingerprint(one_year)


def test_another_seed_gives_another_province(one_year: Path, tmp_path: Path) -> None:
    simulate(tmp_path / "inbox", seed=15, **SMALL)
    ours, theirs = fingerprint(one_year / "inbox"), fingerprint(tmp_path / "inbox")
    same = {name for name in ours if theirs[name][0] == ours[name][0]}
    assert ours.keys() == theirs.keys()
    assert same <= {name for name in ours if name.startswith("statistics/census")}


def test_a_year_does_not_depend_on_the_years_around_it(one_year: Path, province: Path) -> None:
    """But for the one year that is sent late and the one that is corrected."""
    alone, among = fingerprint(one_year / "inbox"), fingerprint(province)
    of_year = {name for name in alone.keys() & among.keys() if "_2020" in Path(name).name}
    changed = {name.split("/")[1] for name in of_year if alone[name] != among[name]}
    assert changed == {"kindergarten_census", "resident_population"}
    assert {name.rsplit("/", 1)[0] for name in of_year} == set(read_contracts())


def test_a_foreign_directory_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "kept.txt").write_text("mine")
    with pytest.raises(FileExistsError):
        simulate(tmp_path, seed=14, **SMALL)
    assert (tmp_path / "kept.txt").read_text() == "mine"


@pytest.mark.parametrize("wrong", [{"scale": 0.0001}, {"scale": 2.0}, {"first": 2018}, {"first": 2022}, {"last": 2026}])
def test_arguments_outside_the_calibration_are_refused(tmp_path: Path, wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        simulate(tmp_path / "inbox", seed=14, **SMALL | wrong)


def test_every_file_says_that_it_is_simulated(province: Path) -> None:
    files = [p for p in province.rglob("*") if p.is_file()]
    assert [p for p in files if "模拟数据" not in p.name] == []
    for path in (p for p in files if p.suffix == ".xlsx" and "重报" not in p.name):  # which is cut off
        sheet = python_calamine.CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0)
        assert "模拟数据" in str(sheet.to_python()[0][0])
    marker = json.loads((province / "模拟数据.json").read_text("utf-8"))
    assert (marker["simulated"], marker["scale"], marker["seed"]) == (True, 0.001, 14)


def test_the_answer_key_meets_every_reason_twice_and_in_several_datasets(
    answers: Answers,
) -> None:
    reasons = Counter(r["reason"] for r in answers["rejects"])
    assert set(reasons) == set(REJECT) - RARE
    assert min(reasons.values()) >= 2
    assert {r["file"].rsplit("/", 1)[0] for r in answers["rejects"]} == set(read_contracts())
    assert {r["reason"] for r in answers["refused"]} == set(ADVICE) - UNHEARD


def test_added_rows_have_one_defect_each(answers: Answers) -> None:
    assert max(Counter((r["file"], r["record"]) for r in answers["rejects"]).values()) == 1


def test_every_period_keeps_a_file_that_is_not_refused(province: Path, answers: Answers) -> None:
    refused = {r["file"] for r in answers["refused"]}
    for contract in read_contracts().values():
        kept = {p for p, f in periods(province, contract) if f.relative_to(province).as_posix() not in refused}
        first = 2018 if contract.dataset == "vaccination_events" else 2019  # a dose may be given the year before
        years = [2010, 2020] if contract.dataset == "census" else range(first, 2026)
        months = [f"-{m:02d}" for m in range(1, 13)] if contract.frequency == "m" else [""]
        assert kept == {f"{year}{month}" for year in years for month in months}


def test_files_are_received_in_time_but_for_the_late_one(province: Path, answers: Answers) -> None:
    late = {}
    for contract in read_contracts().values():
        for _, path in periods(province, contract):
            period = period_of(path.name, contract.filename)
            assert period
            received = (datetime.fromtimestamp(path.stat().st_mtime, UTC) + timedelta(hours=8)).date()
            days = (received - period.end).days
            assert days > 0
            if days > contract.latency_days:
                late[path.relative_to(province).as_posix()] = days - contract.latency_days
    assert late == {entry["file"]: entry["days"] for entry in answers["late"]}
    assert len(late) == 1


def test_what_is_sent_again_comes_later(province: Path, answers: Answers) -> None:
    (again,), (corrected,) = answers["same_bytes"], answers["superseded"]
    first, second = province / again["same_as"], province / again["file"]
    assert first.read_bytes() == second.read_bytes()
    assert first.stat().st_mtime < second.stat().st_mtime
    wrong, right = province / corrected["file"], province / corrected["by"]
    assert wrong.read_bytes() != right.read_bytes()
    assert wrong.stat().st_mtime < right.stat().st_mtime


def test_good_cells_are_as_various_as_real_ones(province: Path) -> None:
    def read(name: str) -> str:
        return (province / "civil_affairs" / f"{name}_模拟数据.csv").read_bytes().decode("gb18030", "replace")

    register = read("elder_profiles/老年人基本信息_2021年")
    old, lower, quoted, blank = r"(?m)^[0-9]{15},", r"(?m)^[0-9]{17}x,", r"(?m)^'[0-9]{17}", r"(?m)^ [0-9]{17}"
    dates = (
        r",\d{4}/\d{1,2}/\d{1,2},",
        r",\d{4}\.\d{1,2}\.\d{1,2},",
        r",\d{4}年\d{1,2}月\d{1,2}日,",
        r",(19|20)\d{6},",
    )
    for form in (old, lower, quoted, blank, "[０-９]{17}", ",——,", ",暂无,", *dates, "\n（“老宅”", "𬱖", "㛃"):
        assert re.search(form, register), form
    fees = read("homecare_services/上门养老服务记录_2021年06月")
    assert re.search(r'"1,[0-9]{3}\.[05]0"', fees) and "元\n" in fees


def periods(province: Path, contract: Contract) -> list[tuple[str, Path]]:
    """(period, file) of the files whose names fit the contract."""
    files = sorted((province / contract.name).iterdir())
    found = [(period_of(f.name, contract.filename), f) for f in files]
    return [(str(period), f) for period, f in found if period]
