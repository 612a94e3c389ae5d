"""Receipts to departments: one for each delivery in the lake, written once."""

from __future__ import annotations

from pathlib import Path

from ingest import settings
from ingest.answering.page import write_page
from ingest.answering.reply import compose
from ingest.answering.workbook import write_workbook
from ingest.landing.land import drafting, sync
from ingest.landing.receipt import read_receipt
from ingest.promises.contract import Contract

MANY = 1000  # that are flushed together


def answer(contract: Contract) -> int:
    """Write a receipt for each delivery of the dataset that has none in the outbox; returns how many."""
    room = settings.outbox() / contract.department
    answered = {path.stem.rpartition("_")[2] for path in room.glob("*.html")}
    deliveries = sorted((settings.lake() / contract.name).glob("delivery=*"))
    new = [folder for folder in deliveries if folder.name.removeprefix("delivery=") not in answered]
    if not new:
        return 0
    with drafting(room / contract.dataset) as draft:
        for start in range(0, len(new), MANY):
            for folder in new[start : start + MANY]:
                _write(draft, contract, folder)
            for kind in ("xlsx", "html"):  # the page last: where it is, all is
                found = list(draft.glob(f"*.{kind}"))
                sync(*found)
                for path in found:
                    path.replace(room / path.name)
                sync(room)
    return len(new)


def _write(draft: Path, contract: Contract, delivery: Path) -> None:
    facts = read_receipt(delivery)
    found = compose(contract, facts, delivery / "rejects.parquet")
    area = f"_{facts['scope']}" if contract.is_by_city else ""
    name = f"{contract.title}_{facts['period'] or '时期不明'}{area}_{found.verdict}_{facts['delivery_id']}"
    if found.steps:
        write_workbook(draft / f"{name}.xlsx", found)
    write_page(draft / f"{name}.html", found)
