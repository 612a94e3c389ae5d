"""A delivery that is withdrawn: a decision beside it in the lake, by which it counts no more; nothing is deleted."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from ingest import settings
from ingest.landing.land import landing
from ingest.landing.ledger import Ledger
from ingest.landing.receipt import PLAN, read_receipts
from ingest.shape import mask


class NotWithdrawn(ValueError):
    """There is no such delivery, it counts for nothing anyway, or nobody says who withdraws it and why."""


def withdraw(delivery_id: str, by: str, note: str) -> tuple[dict[str, Any], bool]:
    """Decide that a delivery does not count; returns its receipt with the decision, and whether it was not withdrawn
    before: who was first, and why, stays. Raises NotWithdrawn."""
    receipt = _find(delivery_id.strip().lower())
    if receipt["outcome"] == "withdrawn":
        return receipt, False
    if receipt["outcome"] == "refused":
        raise NotWithdrawn(f"{receipt['delivery_id']} 已退回，本来就没有计入，不必撤回 (it was refused)")
    if not by.strip() or not note.strip():
        raise NotWithdrawn("请写明是谁撤回（--by）、为什么（--note） (say who withdraws it, and why)")
    said = {"outcome": "withdrawn", "withdrawn_at": datetime.now(UTC).isoformat()}
    said |= {"withdrawn_by": mask(by.strip()), "withdrawn_note": mask(note.strip())}
    name, own = f"{receipt['department']}/{receipt['dataset']}", receipt["delivery_id"]
    with landing(settings.lake() / name / f"withdrawal={own}") as draft:
        (draft / "decision.json").write_text(
            json.dumps({"delivery_id": own, **said}, ensure_ascii=False, indent=1) + "\n", "utf-8"
        )
    return _find(own), True


def find_counting(receipt: Mapping[str, Any]) -> dict[str, Any] | None:
    """The receipt of the delivery that counts for the same period and area, None where none does."""
    ledger = Ledger(f"{receipt['department']}/{receipt['dataset']}")
    return ledger.accepted.get((receipt["period"], receipt["scope"]))


def _find(delivery_id: str) -> dict[str, Any]:
    if not re.fullmatch("[0-9a-f]{4,16}", delivery_id):
        raise NotWithdrawn(f"{mask(delivery_id)} 不是交付标识：它在回执上，16 位 0-9 和 a-f (no delivery id)")
    found = [r for r in read_receipts() if r["delivery_id"].startswith(delivery_id)]
    if len(delivery_id) < 16:
        there = "；".join(f"{r['delivery_id']}（{r['source_file']}）" for r in found[:5]) or "没有"
        raise NotWithdrawn(f"请写全 16 位的交付标识；以 {delivery_id} 开头的：{there} (not the whole id)")
    if not found and any(settings.lake().glob(f"{PLAN}/*/delivery={delivery_id}")):
        raise NotWithdrawn(f"{delivery_id} 是规划，不是部门的交付；要改规划请改 ingest/plan/ (the plan is no delivery)")
    if not found:
        raise NotWithdrawn(f"没有交付 {delivery_id}；交付标识在回执上 (no such delivery)")
    return found[0]
