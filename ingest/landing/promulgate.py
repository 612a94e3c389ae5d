"""The plan lands in the lake like any delivery, so that dbt reads nothing but sources."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path

import polars as pl

from ingest import settings
from ingest.landing.land import landing
from ingest.landing.receipt import PLAN, read_receipts, write_receipt
from ingest.promises.plan import read_plan, tables
from ingest.promises.region import PROVINCE


def promulgate(folder: Path = settings.PLAN) -> str:
    """Land each table of the plan whose content differs from its newest delivery; returns the plan's version."""
    plan = read_plan(folder)
    hashes = {name: _land(name, frame, plan.id) for name, frame in tables(plan).items()}
    return hashlib.sha256(json.dumps(hashes, sort_keys=True).encode()).hexdigest()[:12]


def _land(name: str, frame: pl.DataFrame, period: str) -> str:
    content = hashlib.sha256(frame.write_json().encode() + repr(frame.schema).encode()).hexdigest()
    newest = max(read_receipts(f"{PLAN}/{name}"), key=lambda r: (r["received_at"], r["delivery_id"]), default=None)
    if newest is not None and newest["source_sha256"] == content:
        return content
    received_at = datetime.now(UTC).isoformat()
    delivery_id = hashlib.sha256(f"{content}\n{name}\n{received_at}".encode()).hexdigest()[:16]
    with landing(settings.lake() / PLAN / name / f"delivery={delivery_id}") as draft:
        frame.with_row_index("record", 1).with_columns(pl.col("record").cast(pl.Int64)).write_parquet(
            draft / "data.parquet"
        )
        facts = {
            "delivery_id": delivery_id,
            "department": PLAN,
            "dataset": name,
            "contract_version": "1.0.0",
            "period": period,
            "scope": PROVINCE,
            "combination": "snapshot",
            "received_at": received_at,
            "source_file": f"ingest/plan/{period}",
            "source_sha256": content,
            "rows_read": len(frame),
            "rows_accepted": len(frame),
        }
        write_receipt(draft, facts)
    return content
