"""Which keys came before: against a set, one key at a time; and what happens when two keys have one hash."""

from __future__ import annotations

import subprocess
import sys
import uuid
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from desk import Desk, citizen, row
from hypothesis import given
from hypothesis import strategies as st

from ingest import settings
from ingest.conforming import keys
from ingest.conforming.keys import Keys, find_contradicted, hash_keys

HASHES = st.lists(st.integers(0, 9) | st.sampled_from([2**64 - 1, 2**63, 1 << 20, (1 << 20) + 1]), max_size=40)


@given(st.lists(HASHES, max_size=6))
def test_keys_that_came_before_are_known_as_a_set_knows_them(batches: list[list[int]]) -> None:
    keys, seen = Keys(), set[int]()
    for batch in batches:
        expected = []
        for n, key in enumerate(max(key, 1) for key in batch):
            if key in seen:
                expected.append(n)
            seen.add(key)
        assert keys.meet(np.array(batch, np.uint64)).tolist() == expected


def test_a_million_keys_are_kept_apart_while_the_table_grows() -> None:
    draw, keys = np.random.default_rng(14), Keys()
    hashes = draw.integers(0, 2**64, 1_200_000, np.uint64)
    hashes[1_000_000:] = hashes[:200_000]
    repeated = [start + keys.meet(hashes[start : start + 90_000]) for start in range(0, len(hashes), 90_000)]
    assert np.array_equal(np.concatenate(repeated), np.arange(1_000_000, 1_200_000))
    assert keys.count == 1_000_000
    assert len(keys.table) >= 2 * keys.count


KEY = st.fixed_dictionaries(
    {
        "person": st.sampled_from([None, *(uuid.uuid5(uuid.NAMESPACE_OID, name) for name in "甲乙丙")]),
        "day": st.sampled_from([None, date(1970, 1, 1), date(2020, 9, 5)]),
        "place": st.sampled_from([None, "", "甲", "乙"]),
        "amount": st.sampled_from([None, Decimal("1.00"), Decimal("1.01")]),
    }
)
TYPES = {"person": pa.uuid(), "day": pa.date32(), "place": pa.string(), "amount": pa.decimal128(12, 2)}


def batch_of(keys: list[dict[str, Any]], is_coded: bool) -> pa.RecordBatch:
    arrays = {n: pa.array([None if k[n] is None else getattr(k[n], "bytes", k[n]) for k in keys],
                          pa.binary(16) if n == "person" else t) for n, t in TYPES.items()}  # fmt: skip
    arrays["person"] = pa.ExtensionArray.from_storage(pa.uuid(), arrays["person"])
    arrays["place"] = arrays["place"].dictionary_encode() if is_coded else arrays["place"]
    return pa.RecordBatch.from_pydict(arrays)


@given(st.lists(KEY, min_size=1, max_size=12), st.booleans(), st.integers(0, 3))
def test_equal_keys_have_equal_hashes_however_they_are_batched(
    keys: list[dict[str, Any]], is_coded: bool, seed: int
) -> None:
    names = tuple(TYPES)
    whole = hash_keys(batch_of(keys, is_coded), names, seed).tolist()
    alone = [hash_keys(batch_of([key], not is_coded), names, seed)[0] for key in keys]
    assert whole == alone
    assert len(set(whole)) == len({tuple(key[n] for n in names) for key in keys})


def test_a_key_is_in_the_file_or_not(tmp_path: Any) -> None:
    keys = [{"person": uuid.UUID(int=n), "day": None, "place": "甲乙"[n % 2], "amount": Decimal(n)} for n in range(9)]
    pq.write_table(pa.Table.from_batches([batch_of(keys, False)]), tmp_path / "data.parquet", row_group_size=4)
    data, names = tmp_path / "data.parquet", tuple(TYPES)
    found = find_contradicted(data, [batch_of(keys[3:5], True), batch_of([*keys[7:], keys[3]], True)], names)
    assert found is not None
    assert len(found) == 0
    other = [keys[3], keys[4] | {"day": date(2020, 9, 5)}]
    assert find_contradicted(data, [batch_of(other, True)], names) is None


def test_records_whose_keys_share_a_hash_are_not_taken_for_one(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    seeds = []

    def weak(batch: pa.RecordBatch, key: tuple[str, ...], seed: int) -> np.ndarray:
        seeds.append(seed)
        hashes = hash_keys(batch, key, seed)
        return hashes % np.uint64(5) if seed < 2 else hashes

    monkeypatch.setattr(keys, "hash_keys", weak)
    found = desk.take([*map(row, range(30)), row(7), row(40)])
    assert found.rejects == [(32, "person_key", "duplicate_key")]
    assert [r["record"] for r in found.rows] == [*range(2, 32), 33]
    assert seeds == [0, 1, 2]
    assert found.receipt["rows_read"] == 32


def test_a_key_that_may_be_empty_is_one_key(desk: Desk) -> None:
    columns = tuple(replace(c, required=False) for c in desk.contract.columns)
    found = desk.take([row(1), row(2), row(3)], columns=columns, key=("guardian_key", "provider"))
    assert found.rejects == [(3, "guardian_key", "duplicate_key"), (4, "guardian_key", "duplicate_key")]
    assert citizen(1) not in str(found.receipt)


def test_half_a_second_is_not_spent_on_what_a_csv_file_does_not_need(desk: Desk) -> None:
    path = desk.write([*map(row, range(30)), [], row(1), row(40, 身份证号="３２０１０２"), row(50, 日期="近期")[:-1]])
    code = f"""
import sys
from pathlib import Path
sys.path.insert(0, {str(settings.ROOT / "tests" / "ingest")!r})
from desk import Desk, PEOPLE
from ingest.promises.contract import read_contract
folder = Path({str(desk.data)!r})
contract = folder / "demo" / "people.yaml"
contract.parent.mkdir()
contract.write_text(PEOPLE, "utf-8")
found = Desk(folder, read_contract(contract)).take(Path({str(path)!r}))
assert found.outcome == "landed", found
assert "行/秒" in found.said
print(*sorted({{"pandas", "duckdb", "pydantic"}} & set(sys.modules)))
"""
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.split() == []
