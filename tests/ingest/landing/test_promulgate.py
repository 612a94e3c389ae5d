"""The plan in the lake: landed once, again when it changes, and only what changed."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from ingest import settings
from ingest.landing.promulgate import promulgate
from ingest.promises.plan import read_plan, tables


@pytest.fixture
def plan(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SUHENG_DATA", str(tmp_path / "data"))
    return Path(shutil.copytree(settings.PLAN, tmp_path / "plan"))


def receipts(table: str) -> list[dict[str, Any]]:
    """Oldest first."""
    found = [
        json.loads(p.read_text("utf-8")) for p in (settings.lake() / "plan" / table).glob("delivery=*/receipt.json")
    ]
    return sorted(found, key=lambda r: (r["received_at"], r["delivery_id"]))


def count() -> dict[str, int]:
    return {table: len(receipts(table)) for table in tables(read_plan(settings.PLAN))}


def test_every_table_of_the_plan_lands_with_its_rows(plan: Path) -> None:
    promulgate(plan)
    for name, frame in tables(read_plan(plan)).items():
        (receipt,) = receipts(name)
        landed = pl.read_parquet(
            settings.lake() / "plan" / name / f"delivery={receipt['delivery_id']}" / "data.parquet"
        )
        assert_frame_equal(landed.select(frame.columns), frame)
        assert landed["record"].to_list() == list(range(1, len(frame) + 1))
        assert (receipt["rows_read"], receipt["outcome"], receipt["period"]) == (
            len(frame),
            "landed",
            read_plan(plan).id,
        )


def test_a_plan_that_says_the_same_lands_nothing(plan: Path) -> None:
    version = promulgate(plan)
    assert promulgate(plan) == version
    assert set(count().values()) == {1}
    elsewhere = shutil.copytree(plan, plan.with_name("elsewhere"))
    assert promulgate(Path(elsewhere)) == version
    assert set(count().values()) == {1}


def change(plan: Path, old: str, new: str) -> None:
    path = plan / "early_childhood" / "inclusive_kindergarten_coverage.yaml"
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


def test_only_what_changed_lands_again_and_going_back_is_a_change(plan: Path) -> None:
    first = promulgate(plan)
    change(plan, "普惠性幼儿园覆盖率", "普惠园覆盖率")
    second = promulgate(plan)
    assert second != first
    assert count() == {**dict.fromkeys(count(), 1), "indicators": 2}
    change(plan, "普惠园覆盖率", "普惠性幼儿园覆盖率")
    assert promulgate(plan) == first
    hashes = [r["source_sha256"] for r in receipts("indicators")]
    assert hashes[0] == hashes[2] != hashes[1]
