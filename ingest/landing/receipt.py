"""The receipt that lies beside a delivery's data: what was delivered, when, and what became of it."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ingest import settings
from ingest.fault import code
from ingest.landing.inbox import Drop
from ingest.reason import ADVICE, Interrupted, Refusal
from ingest.shape import mask, told_masked

PLAN = "plan"  # the province's own folder beside those of the departments
NOTHING_READ = {"rows_read": 0, "rows_accepted": 0, "rows_rejected": 0, "reject_reasons": {}}


def write_receipt(folder: Path, facts: Mapping[str, Any], outcome: str = "landed") -> dict[str, Any]:
    """receipt.json, readable by clerks and by dbt. facts: of a file, or of a table of the plan."""
    receipt = {**NOTHING_READ, "reason": None, "message_zh": None, **facts, "outcome": outcome}
    (folder / "receipt.json").write_text(json.dumps(receipt, ensure_ascii=False, indent=1) + "\n", "utf-8")
    return receipt


def read_receipt(folder: Path) -> dict[str, Any]:
    facts: dict[str, Any] = json.loads((folder / "receipt.json").read_text("utf-8"))
    return facts


def read_receipts(dataset: str = "*/*") -> Iterator[dict[str, Any]]:
    """The receipts of all deliveries in the lake, of 'department/dataset' or of all departments.

    One that was withdrawn has that as its outcome, with when, by whom and why.
    """
    withdrawn = read_withdrawals(dataset)
    for path in settings.lake().glob(f"{dataset}/delivery=*/receipt.json"):
        if dataset != "*/*" or path.parts[-4] != PLAN:
            receipt = read_receipt(path.parent)
            yield receipt | withdrawn.get(receipt["delivery_id"], {})


def read_withdrawals(dataset: str = "*/*") -> dict[str, dict[str, Any]]:
    """What was decided on the deliveries that were withdrawn, by their ids."""
    paths = settings.lake().glob(f"{dataset}/withdrawal=*/decision.json")
    return {path.parent.name.removeprefix("withdrawal="): json.loads(path.read_text("utf-8")) for path in paths}


def refuse(folder: Path, drop: Drop, refusal: Refusal, facts: Mapping[str, Any]) -> dict[str, Any]:
    """Keep the file in refused/, and nothing of it in the lake but a receipt that says what to do."""
    contract, advice = drop.contract, ADVICE[refusal.reason]
    message = mask(f"{contract.department_zh}《{contract.title}》文件 {drop.file} 已退回：{refusal}。{advice}。")
    message += f"{said}。" if (said := told_masked(drop.path.name)) else ""
    kept = settings.refused() / drop.contract.name / drop.delivery_id
    kept.mkdir(parents=True, exist_ok=True, mode=0o700)
    for left in kept.glob(".*"):
        left.unlink(missing_ok=True)  # of a process that was killed
    draft = kept / f".{os.getpid()}"  # the file's own name may be as long as a name can be
    shutil.copy2(drop.path, draft)
    draft.replace(kept / drop.path.name)
    (folder / "data.parquet").unlink(missing_ok=True)
    found = {"rows_accepted": 0, "reason": refusal.reason, "message_zh": message}
    if refusal.reason == "our_fault":
        found["code"] = None if isinstance(refusal, Interrupted) else code()
    return write_receipt(folder, {**facts, **found}, "refused")
