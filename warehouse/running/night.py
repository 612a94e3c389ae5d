"""The steps of a night, as the DAG and the command line call them."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ingest import intake, settings
from ingest.landing.promulgate import promulgate
from ingest.landing.strays import misplaced
from ingest.promises.contract import read_contracts
from warehouse.building.audit import GateBlocked, audit
from warehouse.building.build import build as make
from warehouse.building.build import write_facts
from warehouse.building.disk import explained
from warehouse.building.fingerprint import inputs_hash
from warehouse.releases import approval, channel
from warehouse.releases.publish import publish
from warehouse.running.output import say
from warehouse.running.progress import tell, watching
from warehouse.running.rekey import follow, rekey
from warehouse.serving import postgres
from warehouse.watching import alerts

__all__ = ["GateBlocked", "audit", "promote", "publish", "rekey"]

APPROVE = "批准"  # the option of the task that asks

audit, publish, rekey = explained()(audit), explained()(publish), explained()(rekey)
promote = explained()(approval.promote)


def datasets() -> list[str]:
    """Every dataset with a contract, as 'department/dataset'. Prints a line for what lies beside their folders."""
    contracts = read_contracts()
    for stray in misplaced(contracts.values()):
        say(stray)
    return list(contracts)


@explained()
def ingest(dataset: str, period: str = "") -> dict[str, int]:
    """Take in one dataset, or its files of one year or month, and answer its department.

    A refused file is a result, not a failure. Prints a line, and one for each file that is refused; with
    SUHENG_VERBOSE=1 one for each that lands, too; on a terminal, how far it is.
    """
    follow()
    started = time.perf_counter()
    with watching(f"入库 {dataset}") as (watch, told):
        counts = intake.ingest(dataset, told, period, settings.verbose(), watch)
    say(tell(dataset, counts, time.perf_counter() - started))
    return counts


@explained()
def build(run: str) -> dict[str, Any]:
    """Build all marts from the lake."""
    follow()
    return make(run)


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


@explained()
def serve() -> dict[str, Any] | None:
    """Copy to PostgreSQL; None without a server, or while the first publication waits for its sign-off."""
    return postgres.serve() if channel.current() else None


def note_failure(run_id: str, key: str, name: str, error: object) -> None:
    """Keep why a task failed, for the end of its run to tell: in words only what our own code says, since a library's
    message may quote a record."""
    is_ours = type(error).__module__.partition(".")[0] in ("ingest", "expectations", "warehouse")
    why = str(error).splitlines()[0] if is_ours else type(error).__name__
    note = {"run_id": run_id, "key": key, "name": name, "why": why, "is_gate": isinstance(error, GateBlocked)}
    _failures().parent.mkdir(parents=True, exist_ok=True)
    with _failures().open("a", encoding="utf-8") as file:  # in one write: tasks may fail side by side
        file.write(json.dumps(note, ensure_ascii=False) + "\n")


@explained()
def end(run: str, run_id: str, states: dict[str, str]) -> dict[str, int]:
    """End a night, whatever became of it: write down that it ended and what failed, and tell who must know.

    states: of its tasks, by their keys. What the gate blocked is told as such, and not as a failure.
    """
    lines = _failures().read_text("utf-8").splitlines() if _failures().exists() else []
    notes = {note["key"]: note for note in map(json.loads, lines) if note["run_id"] == run_id}
    unknown = {"why": "原因见运行日志", "is_gate": False}
    failed = {key: {"name": key, **unknown, **notes.get(key, {})} for key, state in states.items() if state == "failed"}
    facts = {
        "run": run,
        "ended_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "failed": {note["name"]: note["why"] for note in failed.values() if not note["is_gate"]},
        "blocked": alerts.blocked(),
    }
    write_facts("night", facts)
    _failures().unlink(missing_ok=True)
    return alerts.send()


def _failures() -> Path:
    return settings.build() / "failures.jsonl"
