"""Deliveries in the lake: complete directories that appear by one atomic rename, with their receipts."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from ingest import settings
from ingest.contract import Contract
from ingest.inbox import SCOPE, Drop
from ingest.reason import ADVICE, Refusal


def home(drop: Drop) -> Path:
    return settings.lake() / drop.contract.department / drop.contract.dataset / f"delivery={drop.delivery_id}"


@contextmanager
def landing(target: Path) -> Iterator[Path]:
    """A temporary folder beside target that becomes target when the block ends well, and vanishes otherwise.

    Of two processes that land the same target the first one does, the other's work is dropped.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    for left in target.parent.glob(f".{target.name}.*"):
        _sweep(left)
    draft = target.with_name(f".{target.name}.{os.getpid()}")
    draft.mkdir()
    handle = os.open(draft, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield draft
        for file in draft.iterdir():
            sync(file)
        os.fsync(handle)
        try:
            draft.rename(target)
        except OSError:
            if not target.exists():
                raise
        sync(target.parent)
    finally:
        os.close(handle)
        shutil.rmtree(draft, ignore_errors=True)


def _sweep(draft: Path) -> None:
    """Remove the draft of a process that was killed; one that lives holds a lock on its folder."""
    with suppress(FileNotFoundError):
        handle = os.open(draft, os.O_RDONLY)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(draft, ignore_errors=True)
        except BlockingIOError:
            pass
        finally:
            os.close(handle)


def sync(path: Path) -> None:
    """Flush a file or a folder to the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def open_data(path: Path, contract: Contract) -> pq.ParquetWriter:
    """A writer of records; pseudonyms are all different and record numbers rise by one: neither wants a dictionary."""
    coded = [c.name for c in contract.columns if c.kind != "citizen"]
    return pq.ParquetWriter(
        path,
        contract.arrow_schema,
        compression="zstd",
        compression_level=1,
        use_dictionary=coded,
        column_encoding={"record": "DELTA_BINARY_PACKED"},
    )


def write_receipt(folder: Path, drop: Drop, facts: dict[str, Any]) -> None:
    """receipt.json: what was delivered, when, what became of it; readable by clerks and by dbt."""
    contract, period = drop.contract, drop.period
    due = period.end + timedelta(days=contract.latency_days) if period else None
    receipt = {
        "delivery_id": drop.delivery_id,
        "department": contract.department,
        "dataset": contract.dataset,
        "contract_version": contract.version,
        "period": str(period) if period else None,
        "scope": SCOPE,
        "combination": contract.combination,
        "received_at": drop.received_at.isoformat(),
        "due_date": due.isoformat() if due else None,
        "source_file": drop.path.name,
        "source_sha256": drop.sha256,
        "source_bytes": drop.seen.st_size,
        "is_simulated": drop.is_simulated,
        **facts,
    }
    text = json.dumps(receipt, ensure_ascii=False, indent=1) + "\n"
    (folder / "receipt.json").write_text(text, "utf-8")


def refuse(folder: Path, drop: Drop, refusal: Refusal, facts: dict[str, Any]) -> str:
    """Keep the file in refused/ and write a receipt that says what to do; returns the message."""
    contract, advice = drop.contract, ADVICE[refusal.reason]
    message = f"{contract.department_zh}《{contract.title}》文件 {drop.path.name} 已退回：{refusal}。{advice}。"
    kept = settings.refused() / drop.contract.name / drop.delivery_id
    kept.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = kept / f".{drop.path.name}.{os.getpid()}"
    shutil.copy2(drop.path, draft)
    draft.replace(kept / drop.path.name)
    write_receipt(folder, drop, {**facts, "outcome": "refused", "reason": refusal.reason, "message_zh": message})
    return message
