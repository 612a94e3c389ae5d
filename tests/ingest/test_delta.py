"""Changes by key: an upsert is a whole record, a deletion tells only which one."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from desk import GOOD, HEADER, PEOPLE, Desk, citizen, csv_bytes, row

from ingest.answering import expected
from ingest.promises.contract import ContractError, read_contract
from ingest.reading import cut

OPERATION = """      - {name: operation, physicalName: 操作, description: 作, logicalType: string,
         physicalType: VARCHAR, required: true,
         enum: [{value: upsert, label: 新增}, {value: upsert, label: 变更}, {value: delete, label: 注销}]}
"""
DELTA = PEOPLE.replace("value: period}", "value: delta}") + OPERATION


def contract_of(folder: Path, text: str) -> Path:
    path = folder / "demo" / "people.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    return path


@pytest.fixture
def office(desk: Desk, tmp_path: Path) -> Desk:
    """A desk that sends changes."""
    return replace(desk, contract=read_contract(contract_of(tmp_path / "contracts", DELTA)))


def change(operation: str, serial: int, **cells: str) -> list[str]:
    return [*row(serial, **cells), operation]


def deletion(serial: int, **cells: str) -> list[str]:
    empty = dict.fromkeys(HEADER, "")
    return [*(empty | {"身份证号": citizen(serial), "日期": "2020-09-05"} | cells).values(), "注销"]


def test_a_deletion_tells_no_more_than_its_key(office: Desk) -> None:
    rows = [change("新增", 1), deletion(2), change("变更", 3), change("注销", 4), change("新增", 5, 县区代码="")]
    found = office.take(csv_bytes([[*HEADER, "操作"], *rows]))
    assert found.rejects == [(6, "county_code", "required")]
    assert [r["operation"] for r in found.rows] == ["upsert", "delete", "upsert", "delete"]
    assert [r["county_code"] for r in found.rows] == ["320102", None, "320102", "320102"]
    assert found.receipt["combination"] == "delta"
    schema = pq.read_schema(found.folder / "data.parquet")
    assert [n for n in schema.names if not schema.field(n).nullable] == [
        "record", "person_key", "event_date", "operation",
    ]  # fmt: skip


def test_a_deletion_must_tell_its_key_and_what_it_tells_must_be_right(office: Desk) -> None:
    rows = [deletion(1, 日期=""), deletion(2, 身份证号="—"), deletion(3, 县区代码="999999"), [*deletion(4)[:-1], ""]]
    found = office.take(csv_bytes([[*HEADER, "操作"], *rows]))
    assert found.rejects == [
        (2, "event_date", "required"),
        (3, "person_key", "required"),
        (4, "county_code", "unknown_region"),
        (5, "county_code", "required"),
        (5, "operation", "required"),
        (5, "service", "required"),
    ]


def test_where_one_file_upserts_and_deletes_one_key_neither_counts_whatever_their_order(office: Desk) -> None:
    rows = [
        change("新增", 1),
        change("变更", 2),
        deletion(1),
        deletion(3),
        change("变更", 1),
        change("变更", 2),
        deletion(3),
    ]
    rows += [deletion(4), change("新增", 4, 次数="多"), change("新增", 4, 日期="2020-09-06")]
    found = office.take(csv_bytes([[*HEADER, "操作"], *rows]))
    contradicted = [(n, "person_key", "contradiction") for n in (2, 4, 6)]
    again = [(n, "person_key", "duplicate_key") for n in (7, 8)]
    assert found.rejects == [*contradicted, *again, (10, "times", "number_format")]
    assert [(r["record"], r["operation"]) for r in found.rows] == [
        (3, "upsert"), (5, "delete"), (9, "delete"), (11, "upsert"),
    ]  # fmt: skip
    assert found.receipt["reject_reasons"]["contradiction"]["rows"] == 3
    said = expected.place(office.contract, "person_key", "contradiction", None, "320000")
    assert said == "身份证号、日期：在一个文件中不能有两行相同"


def test_a_contradiction_is_found_wherever_the_blocks_end(office: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cut, "BLOCK", 1500)
    rows = [*(change("新增", n) for n in range(99)), deletion(0), deletion(98)]
    found = office.take(csv_bytes([[*HEADER, "操作"], *rows]))
    assert found.rejects == [(n, "person_key", "contradiction") for n in (2, 100, 101, 102)]
    assert [r["record"] for r in found.rows] == [*range(3, 100)]


def test_a_deletion_in_json_is_as_short_as_it_can_be(office: Desk) -> None:
    desk = replace(office, contract=replace(office.contract, format="jsonl"))
    short = {"身份证号": citizen(2), "日期": "2020-09-05", "操作": "注销"}
    lines = [json.dumps(o, ensure_ascii=False) for o in ({**GOOD, "身份证号": citizen(1), "操作": "变更"}, short)]
    found = desk.take(desk.write("\n".join(lines).encode()))
    assert (found.rejects, [r["operation"] for r in found.rows]) == ([], ["upsert", "delete"])


WRONG = [
    (OPERATION, ""),
    ("label: 注销", "label: 注销}, {value: merge, label: 合并"),
    (", {value: delete, label: 注销}", ""),
    ("required: true,\n         enum: [{value: upsert", "enum: [{value: upsert"),
    ("name: operation", "name: operations"),
]


@pytest.mark.parametrize(("old", "new"), WRONG)
def test_a_delta_needs_an_operation_that_upserts_and_deletes(tmp_path: Path, old: str, new: str) -> None:
    assert old in DELTA
    with pytest.raises(ContractError, match=r"people\.yaml: operation: .*upsert"):
        read_contract(contract_of(tmp_path, DELTA.replace(old, new)))
