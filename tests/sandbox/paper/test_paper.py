"""Files are named and headed as their contracts say; defects are planned in turn, each under a key of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest.promises.contract import Contract, read_contracts
from sandbox.paper.defects import Defect, Defects
from sandbox.paper.inbox import Inbox
from sandbox.paper.rows import find_headers


@pytest.fixture
def inbox(tmp_path: Path) -> Inbox:
    return Inbox(tmp_path, scale=0.001, seed=14, years=range(2019, 2022))


@pytest.mark.parametrize("contract", read_contracts().values(), ids=lambda contract: contract.name)
def test_a_file_is_named_as_its_contract_says(inbox: Inbox, contract: Contract) -> None:
    path = inbox.path(f"sandbox.{contract.department}.{contract.dataset}", "2025-09", scope="320500")
    assert path.parent == inbox.root / contract.name
    assert path.name.replace("_模拟数据", "") == contract.example_name


def test_a_year_that_was_not_asked_for_is_the_last_one(inbox: Inbox) -> None:
    assert [inbox.nth(place) for place in range(5)] == [2019, 2020, 2021, 2021, 2021]


def test_headers_are_the_department_s_and_older_ones_on_demand() -> None:
    contract = read_contracts()["education/kindergarten_census"]
    columns = ["kindergarten_id", "机构名称", "county_code"]
    assert find_headers(contract, columns) == ["学校（机构）标识码", "机构名称", "县区代码"]
    assert find_headers(contract, columns, old=["kindergarten_id"])[0] == "机构标识码"


def test_defects_are_planned_in_turn_and_a_repeated_key_is_one_of_them() -> None:
    defects = Defects([Defect("required", "name"), Defect("pattern", "code", "x")], {}, {})
    chosen = defects.choose(4, 1, "code")
    assert [d.reason for d in chosen] == ["pattern", "duplicate_key", "required", "pattern"]
    assert [defects.count(scale) for scale in (0.001, 0.01, 1.0)] == [3, 5, 9]


def test_a_spoilt_row_has_a_key_of_its_own_and_a_repeated_one_keeps_it() -> None:
    defects = Defects([], {"code": "B{:03d}", "person": lambda n: f"nobody {n}"}, {"name": "again"})
    good = {"code": "A001", "name": "one", "person": "somebody"}
    fresh = defects.prepare(Defect("required", "name"), good, 7)
    assert fresh == {"code": "B007", "name": "one", "person": "nobody 7"}
    assert defects.prepare(Defect("duplicate_key", "code"), good, 7) == {**good, "name": "again"}
