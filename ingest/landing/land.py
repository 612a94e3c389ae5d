"""Deliveries in the lake: complete directories that appear by one atomic rename, with their receipts."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from ingest import settings
from ingest.landing.inbox import Drop
from ingest.reason import ADVICE, Refusal


def home(drop: Drop) -> Path:
    return settings.lake() / drop.contract.department / drop.contract.dataset / f"delivery={drop.delivery_id}"


@contextmanager
def landing(target: Path) -> Iterator[Path]:
    """A temporary folder beside target that becomes target when the block ends well, and vanishes otherwise.

    Of two processes that land the same target the first one does, the other's work is dropped.
    """
    with drafting(target) as draft:
        yield draft
        for file in draft.iterdir():
            sync(file)
        sync(draft)
        try:
            draft.rename(target)
        except OSError:
            if not target.exists():
                raise
        sync(target.parent)


@contextmanager
def drafting(target: Path) -> Iterator[Path]:
    """A temporary folder beside target, which vanishes when the block ends, if need be when the next one begins."""
    target.parent.mkdir(parents=True, exist_ok=True)
    for left in target.parent.glob(f".{target.name}.*"):
        _sweep(left)
    draft = target.with_name(f".{target.name}.{os.getpid()}")
    draft.mkdir()
    handle = os.open(draft, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield draft
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


def open_data(path: Path, schema: pa.Schema) -> pq.ParquetWriter:
    """A writer of records of this schema, where texts of few values are dictionaries."""
    rising = [f.name for f in schema if f.name == "record" or pa.types.is_date(f.type)]
    return pq.ParquetWriter(
        path,
        schema,
        compression="zstd",
        compression_level=1,
        use_dictionary=[f.name for f in schema if pa.types.is_dictionary(f.type)],
        column_encoding=dict.fromkeys(rising, "DELTA_BINARY_PACKED"),
        write_statistics=rising,
        write_batch_size=1 << 13,
        store_schema=False,  # a reader finds texts, not dictionaries
    )


def write_receipt(folder: Path, receipt: Mapping[str, Any]) -> None:
    """receipt.json: what was delivered, when, what became of it; readable by clerks and by dbt."""
    text = json.dumps(receipt, ensure_ascii=False, indent=1) + "\n"
    (folder / "receipt.json").write_text(text, "utf-8")


def read_receipts() -> Iterator[dict[str, Any]]:
    """The receipts of all deliveries of departments in the lake."""
    for path in settings.lake().glob("*/*/delivery=*/receipt.json"):
        if path.parts[-4] != "plan":
            yield json.loads(path.read_text("utf-8"))


def refuse(folder: Path, drop: Drop, refusal: Refusal, facts: dict[str, Any]) -> str:
    """Keep the file in refused/ and write a receipt that says what to do; returns the message."""
    contract, advice = drop.contract, ADVICE[refusal.reason]
    message = f"{contract.department_zh}《{contract.title}》文件 {drop.path.name} 已退回：{refusal}。{advice}。"
    kept = settings.refused() / drop.contract.name / drop.delivery_id
    kept.mkdir(parents=True, exist_ok=True, mode=0o700)
    for left in kept.glob(".*"):
        left.unlink(missing_ok=True)  # of a process that was killed
    draft = kept / f".{drop.path.name}.{os.getpid()}"
    shutil.copy2(drop.path, draft)
    draft.replace(kept / drop.path.name)
    write_receipt(folder, {**facts, "outcome": "refused", "reason": refusal.reason, "message_zh": message})
    return message
