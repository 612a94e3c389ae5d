"""A delivery's way from the inbox to the lake: found, read, conformed, its keys checked, landed, answered."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pyarrow as pa

from ingest.conforming import pseudonym
from ingest.conforming.batch import conform_blocks
from ingest.conforming.keys import are_in, reject_repeated
from ingest.fault import admitted
from ingest.landing import withdraw as decision
from ingest.landing.inbox import Drop, Moving, Unread, drops, sandbox_scale
from ingest.landing.land import landing
from ingest.landing.ledger import Ledger
from ingest.landing.receipt import NOTHING_READ, read_receipt, refuse, write_receipt
from ingest.landing.records import check_length, check_thresholds, count_rows, write_records
from ingest.landing.strays import strays
from ingest.promises.contract import Contract, read_contracts
from ingest.reading.file import check_sheets, read_file
from ingest.reason import Refusal
from ingest.shape import mask

WITHDRAWN = "内容与已撤回的交付相同，而修改时间在撤回之前，没有接收；确要再报，请重新保存后再放一次 (withdrawn before)"


@dataclass(frozen=True)
class Taken:
    """What became of a file: landed, refused, unchanged (the lake has it) or moving (left for the next time)."""

    outcome: str
    rows: int = 0
    rejects: int = 0
    said: str = ""  # for who must act, or who wants to know
    is_warning: bool = False


def ingest(
    name: str,
    say: Callable[[str], object] = print,
    period: str = "",
    verbose: bool = False,
    watch: Callable[[list[Drop]], Iterable[Drop]] = iter,
) -> dict[str, int]:
    """Take in all files of 'department/dataset' and answer its department; returns counts of files and of rows.

    period: only files of that year ('2021', with its months) or month ('2021-03'). say: is told of each file that is
    refused or left, if verbose of each that lands, too. watch: hands the files on, and sees how far we are.
    """
    from ingest.answering.outbox import answer  # only here: who takes in one file alone writes no pages

    contracts = read_contracts()
    contract, ledger = contracts[name], Ledger(name)
    ledger.check(contract)
    counts = dict.fromkeys(("landed", "refused", "unchanged", "moving", "rows", "rejects"), 0)
    for stray in strays(contract):
        say(stray)
    for drop in watch(drops(contract, period)):
        taken = take_in(drop, contracts, ledger)
        counts[taken.outcome] += 1
        counts["rows"] += taken.rows
        counts["rejects"] += taken.rejects
        if taken.said and (verbose or taken.is_warning or taken.outcome != "landed"):
            say(taken.said)
    answer(contract)
    return counts


def take_in(drop: Drop, contracts: Mapping[str, Contract], ledger: Ledger | None = None) -> Taken:
    """One file, once. One that is written to or taken away while it is read is left: half a file is no delivery.

    ledger: what the lake has of the dataset, read anew where there is none.
    """
    ledger = ledger or Ledger(drop.contract.name)
    try:
        new = ledger.find_new(drop)
        if new is None:
            return Taken("unchanged", said=f"{drop.name}：{WITHDRAWN}" if ledger.is_withdrawn(drop) else "")
        overtaken = ledger.overtaken_by(new)
        taken = take_to(new.home, new, contracts, arrival=ledger.arrivals.get(new.key, 0), like=ledger.like(new))
        ledger.enter(read_receipt(new.home))
    except Unread as error:
        return Taken(
            "moving", said=f"{drop.name}：读不出来（{error}），没有接收；请检查它的权限和磁盘 (cannot be read)"
        )
    except OSError as error:
        if not drop.has_changed():
            raise OSError(error.errno, error.strerror, mask(str(error.filename or ""))) from None
        said = f"{drop.name}：读取时文件被改动或移走，留待下次 (the file changed while it was read)"
        return Taken("moving", said=said)
    if taken.outcome == "landed" and overtaken:
        return replace(taken, said=f"{taken.said}；{told_overtaken(new, overtaken)}", is_warning=True)
    return taken


def withdraw(delivery_id: str, by: str, note: str) -> tuple[dict[str, Any], bool]:
    """Decide that a delivery counts no more and answer its department; returns its receipt and whether that is new.
    Raises NotWithdrawn."""
    from ingest.answering.outbox import answer

    receipt, is_new = decision.withdraw(delivery_id, by, note)
    if contract := read_contracts().get(f"{receipt['department']}/{receipt['dataset']}"):
        answer(contract)
    return receipt, is_new


def told_overtaken(drop: Drop, by: Mapping[str, Any]) -> str:
    """That a file which came later says that it is older, and so does not count."""
    theirs, before = f"{drop.received_at:%Y-%m-%d %H:%M:%S}", by["received_at"][:19].replace("T", " ")
    return (
        f"没有采用：修改时间 {theirs} 早于先到的 {by['source_file']}（{before}，均为世界时）；"
        "如果这是更正，请重新保存后再放一次 (it came later but says that it is older)"
    )


def take_to(
    target: Path,
    drop: Drop,
    contracts: Mapping[str, Contract],
    key: str | None = None,
    told: Mapping[str, Any] = MappingProxyType({}),
    arrival: int = 0,
    like: Mapping[str, Any] | None = None,
) -> Taken:
    """take_in whatever the lake has, to this folder.

    key: the pseudonym key, by default the one in use; told: what an earlier receipt tells of the same file; arrival:
    how many deliveries of the same period and area came before it; like: the receipt of one that is like it.
    """
    started, refusal = time.perf_counter(), None
    facts: dict[str, Any] = {**NOTHING_READ, "sandbox_scale": sandbox_scale()}
    facts |= {name: told.get(name, fact) for name, fact in {**drop.facts, "arrival": arrival}.items()}
    with landing(target) as folder:
        try:
            drop.check_name()
            if not told:
                drop.check_time()
            _land(drop, contracts, folder, facts, key)
            check_thresholds(drop.contract, facts)
            check_length(facts, like)
        except Refusal as found:
            refusal = found
        if drop.has_changed():
            raise Moving(drop.path)
        if refusal:
            return Taken("refused", facts["rows_read"], said=refuse(folder, drop, refusal, facts))
        write_receipt(folder, facts)
    rows, rejects, seconds = facts["rows_read"], facts["rows_rejected"], time.perf_counter() - started
    said = f"{drop.name}：{told_rows(rows, rejects)}，{seconds:.1f} 秒（{rows / seconds:,.0f} 行/秒）"
    return Taken("landed", rows, rejects, said)


def told_rows(rows: int, rejects: int) -> str:
    """'1,200 行，隔离 3 行'."""
    return f"{rows:,} 行" + (f"，隔离 {rejects:,} 行" if rejects else "")


def _land(drop: Drop, contracts: Mapping[str, Contract], folder: Path, facts: dict[str, Any], key: str | None) -> None:
    """Write the file's good records and its rejects to the folder; facts: takes what its receipt tells of them."""
    contract, period = drop.contract, drop.period
    assert period is not None
    if any(c.kind == "citizen" for c in contract.columns):
        key = key or pseudonym.read_key()
        facts |= {"pseudonym_algorithm": pseudonym.ALGORITHM, "pseudonym_key_id": pseudonym.key_id(key)}
    with admitted(drop.name):
        for seed in count():
            repeated: list[pa.RecordBatch] = []
            blocks = read_file(drop.path, contract, contracts, facts)
            batches = conform_blocks(blocks, contract, period, drop.scope, key)
            distinct = reject_repeated(batches, contract.key, seed, repeated)
            read, rejects = write_records(folder, distinct, contract.arrow_schema)
            if not repeated or are_in(folder / "data.parquet", repeated):
                facts |= count_rows(read, rejects)
                check_sheets(contract, facts)
                return
