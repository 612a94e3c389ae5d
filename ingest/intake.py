"""A delivery's way from the inbox to the lake: found, read, conformed, its keys checked, landed, answered."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any

from ingest import settings
from ingest.conforming import pseudonym
from ingest.conforming.batch import Batch, beside, conform_blocks
from ingest.conforming.small import File, Read, conform_files
from ingest.fault import admitted, is_error
from ingest.landing import withdraw as decision
from ingest.landing.inbox import Drop, Unread, drops, sandbox_scale
from ingest.landing.land import landing, landing_together, sweep
from ingest.landing.ledger import Ledger, New
from ingest.landing.lots import lots
from ingest.landing.receipt import read_receipt
from ingest.landing.settle import open_facts, settle
from ingest.landing.strays import strays
from ingest.landing.taken import Taken, known, leave, told
from ingest.promises.contract import Contract, read_contracts
from ingest.reading.file import read_file


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
    sweep(settings.lake() / name)
    for stray in strays(contract):
        say(stray)
    for lot, read in beside(partial(_read, contracts=contracts), lots(watch(drops(contract, period)))):
        for taken in _take_lot(lot, read, contracts, ledger) if read else [take_in(lot[0], contracts, ledger)]:
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
        new = ledger.expect(drop)
    except (OSError, Unread) as error:
        return leave(drop, error)
    return _take_alone(new, contracts, ledger) if new else known(drop, ledger)


def _take_alone(new: New, contracts: Mapping[str, Contract], ledger: Ledger) -> Taken:
    try:
        home, by = new.drop.home, new.overtaken_by
        taken = take_to(
            home, new.drop, contracts, arrival=new.arrival, overtaken_by=by, follows=new.follows, like=new.like
        )
        ledger.enter(read_receipt(new.drop.home))
    except (OSError, Unread) as error:
        return leave(new.drop, error)
    return taken


def _read(lot: list[Drop], contracts: Mapping[str, Contract]) -> tuple[list[Drop], list[Read]]:
    """The lot, and what is read of each of its files where there are several."""
    if len(lot) == 1:
        return lot, []
    contract, files = lot[0].contract, [File(drop.path, drop.period, drop.scope) for drop in lot]
    return lot, conform_files(files, contract, contracts, _key(contract))


def _take_lot(lot: list[Drop], read: list[Read], contracts: Mapping[str, Contract], ledger: Ledger) -> Iterator[Taken]:
    """Small files, none of which depends on another (lots.py), the same way as take_in.

    What goes wrong with one of them, but for a refusal, is left to be found out when it is taken in alone.
    """
    scale = sandbox_scale()
    done: list[tuple[New | None, Taken | None]] = []
    with landing_together(lot[0].home.parent) as add:
        for drop, found in zip(lot, read, strict=True):
            new, taken = ledger.expect(drop), None
            if new:
                folder = add(drop.home.name)
                facts = open_facts(drop, scale, new.arrival, new.overtaken_by, new.follows)
                try:
                    receipt = settle(folder, drop, facts, partial(found.give, facts), found.key, new.like)
                    ledger.enter(receipt)
                    taken = told(drop, receipt)
                except BaseException as error:
                    if not is_error(error):
                        raise
                    shutil.rmtree(folder)
            done.append((new, taken))
    for drop, (new, taken) in zip(lot, done, strict=True):  # where there is nothing new another process was faster
        yield taken or (_take_alone(new, contracts, ledger) if new else known(drop, ledger))


def take_to(
    target: Path,
    drop: Drop,
    contracts: Mapping[str, Contract],
    key: str | None = None,
    told_before: Mapping[str, Any] = MappingProxyType({}),
    arrival: int = 0,
    overtaken_by: Mapping[str, Any] | None = None,
    follows: Mapping[str, Any] | None = None,
    like: Mapping[str, Any] | None = None,
) -> Taken:
    """take_in whatever the lake has, to this folder.

    key: the pseudonym key, by default the one in use; told_before: what an earlier receipt tells of the same file;
    arrival: how many deliveries of the same period and area came before it; overtaken_by: the receipt of the one that
    counts in its stead; follows: that of the one that counted when it came; like: that of one that is like it.
    """
    started, contract = time.perf_counter(), drop.contract
    key = key or _key(contract)
    facts = open_facts(drop, sandbox_scale(), arrival, overtaken_by, follows, told_before)

    def read() -> Iterator[Batch]:
        assert drop.period is not None
        blocks = read_file(drop.path, contract, contracts, facts)
        return conform_blocks(blocks, contract, drop.period, drop.scope, key)

    with landing(target) as folder:
        receipt = settle(folder, drop, facts, read, key, like, admitted(drop.name), bool(told_before))
    return told(drop, receipt, time.perf_counter() - started)


def _key(contract: Contract) -> str | None:
    """The pseudonym key, where there are citizen numbers."""
    return pseudonym.read_key() if any(c.kind == "citizen" for c in contract.columns) else None


def withdraw(delivery_id: str, by: str, note: str) -> tuple[dict[str, Any], bool]:
    """Decide that a delivery counts no more and answer its department; returns its receipt and whether that is new.
    Raises NotWithdrawn."""
    from ingest.answering.outbox import answer

    receipt, is_new = decision.withdraw(delivery_id, by, note)
    if contract := read_contracts().get(f"{receipt['department']}/{receipt['dataset']}"):
        answer(contract)
    return receipt, is_new
