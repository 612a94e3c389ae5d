"""The steps of a night, as the DAG and the command line call them."""

from __future__ import annotations

from typing import Any

from ingest import intake
from ingest.contract import read_contracts
from ingest.promulgate import promulgate
from warehouse import approval
from warehouse.audit import GateBlocked, audit
from warehouse.build import build
from warehouse.disk import explained
from warehouse.fingerprint import inputs_hash
from warehouse.publish import publish
from warehouse.serving import serve

__all__ = ["GateBlocked", "audit", "build", "promote", "publish", "serve"]

APPROVE = "批准"  # the option of the task that asks

build, audit, publish = explained()(build), explained()(audit), explained()(publish)
promote, serve = explained()(approval.promote), explained()(serve)


def datasets() -> list[str]:
    """Every dataset with a contract, as 'department/dataset'."""
    return list(read_contracts())


@explained()
def ingest(dataset: str, period: str = "") -> dict[str, int]:
    """Take in one dataset, or its files of one year or month; a refused file is a result, not a failure."""
    return intake.ingest(dataset, say=lambda line: print(line, flush=True), period=period)


@explained()
def has_news() -> bool:
    """Whether deliveries, plan, methods or code differ from what is published, waits, or was refused by a person."""
    return inputs_hash(promulgate()) not in approval.settled()


def candidate() -> dict[str, Any] | None:
    """The release that waits for a sign-off or for the end of its embargo; None when nothing waits."""
    waiting = approval.candidate()
    return waiting.release if waiting else None


@explained()
def decide(version: str, answer: dict[str, Any]) -> bool:
    """Take Airflow's answer on a candidate; whether it is approved. No answer in time decides nothing: it lapses."""
    by = (answer["responded_by_user"] or {}).get("name")
    if by is None:
        print(f"{version} 逾期未批 (no answer in time)", flush=True)
        return False
    decision: approval.Decision = "approved" if answer["chosen_options"] == [APPROVE] else "rejected"
    approval.decide(version, decision, by, str(answer["params_input"].get("note", "")))
    return decision == "approved"
