"""Receipts to departments: one for each delivery in the lake, one more where it was withdrawn, each written once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ingest import settings
from ingest.answering.page import write_page
from ingest.answering.reply import Reply, compose
from ingest.answering.withdrawal import compose_withdrawal
from ingest.answering.workbook import write_workbook
from ingest.landing.land import drafting, sync
from ingest.landing.receipt import read_receipt, read_withdrawals
from ingest.promises.contract import Contract
from ingest.words import VERDICT

MANY = 1000  # that are flushed together


def answer(contract: Contract) -> int:
    """Write a receipt for each delivery of the dataset that has none in the outbox; returns how many."""
    room = settings.outbox() / contract.department
    written = [path.stem.split("_")[-2:] for path in room.glob("*.html")]
    answered = {key for verdict, key in written if verdict != VERDICT["withdrawn"]}
    told_back = {key for verdict, key in written if verdict == VERDICT["withdrawn"]}
    deliveries = sorted((settings.lake() / contract.name).glob("delivery=*"))
    new = [folder for folder in deliveries if folder.name.removeprefix("delivery=") not in answered]
    withdrawn = {key: said for key, said in read_withdrawals(contract.name).items() if key not in told_back}
    if not (new or withdrawn):
        return 0
    with drafting(room / contract.dataset) as draft:
        for start in range(0, len(new), MANY):
            for folder in new[start : start + MANY]:
                facts = read_receipt(folder)
                _write(draft, contract, facts, compose(contract, facts, folder / "rejects.parquet"))
            _send(draft, room)
        for key, said in withdrawn.items():
            facts = read_receipt(settings.lake() / contract.name / f"delivery={key}") | said
            _write(draft, contract, facts, compose_withdrawal(contract, facts))
        _send(draft, room)
    return len(new) + len(withdrawn)


def _send(draft: Path, room: Path) -> None:
    for kind in ("xlsx", "html"):  # the page last: where it is, all is
        found = list(draft.glob(f"*.{kind}"))
        sync(*found)
        for path in found:
            path.replace(room / path.name)
        sync(room)


def _write(draft: Path, contract: Contract, facts: dict[str, Any], found: Reply) -> None:
    area = f"_{facts['scope']}" if contract.is_by_city else ""
    name = f"{contract.title}_{facts['period'] or '时期不明'}{area}_{found.verdict}_{facts['delivery_id']}"
    if found.steps and found.outcome != "withdrawn":
        write_workbook(draft / f"{name}.xlsx", found)
    write_page(draft / f"{name}.html", found)
