"""Take in a dataset: every file of the inbox becomes a delivery, once."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import chain, count
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa

from ingest.conforming import pseudonym
from ingest.conforming.batch import conform_block
from ingest.conforming.keys import Keys, are_in, hash_keys
from ingest.landing.inbox import Drop, Moving, drops, sandbox_scale
from ingest.landing.land import home, landing, open_data, refuse, write_receipt
from ingest.promises.column import Column
from ingest.promises.contract import Contract, read_contracts
from ingest.reading.blocks import Block
from ingest.reading.delimited import read_delimited
from ingest.reading.exchange import to_arrow, to_numpy
from ingest.reading.header import fold, match
from ingest.reading.lines import read_lines
from ingest.reading.parquet import read_parquet
from ingest.reading.sheet import read_sheets
from ingest.reason import REJECT, Refusal, reject

READERS = {"csv": read_delimited, "xlsx": read_sheets, "jsonl": read_lines, "parquet": read_parquet}


def ingest(name: str, say: Any = print, period: str = "") -> dict[str, int]:
    """Take in all files of 'department/dataset'; returns counts of files by what became of them, and of rows.

    period: only files of that year ('2021', with its months) or month ('2021-03').
    """
    contracts = read_contracts()
    counts = dict.fromkeys(("landed", "refused", "unchanged", "moving", "rows", "rejects"), 0)
    for drop in drops(contracts[name], period):
        outcome, read, rejected = take_in(drop, contracts, say)
        counts[outcome] += 1
        counts["rows"] += read
        counts["rejects"] += rejected
    return counts


def take_in(drop: Drop, contracts: dict[str, Contract], say: Any = print) -> tuple[str, int, int]:
    """One file: ('landed' | 'refused' | 'unchanged' | 'moving', rows read, rows rejected).

    A file that is written to or taken away while it is read is left for the next time: half a file is no delivery.
    """
    try:
        target = home(drop)
        return ("unchanged", 0, 0) if target.exists() else take_to(target, drop, contracts, say)
    except OSError:
        if not drop.has_changed():
            raise
        say(f"{drop.name}：读取时文件被改动或移走，留待下次 (the file changed while it was read)")
        return "moving", 0, 0


def take_to(
    target: Path,
    drop: Drop,
    contracts: dict[str, Contract],
    say: Any = print,
    key: str | None = None,
    told: Mapping[str, Any] = MappingProxyType({}),
) -> tuple[str, int, int]:
    """take_in whatever the lake has, to this folder.

    key: the pseudonym key, by default the one in use; told: what an earlier receipt tells of the same file.
    """
    started = time.perf_counter()
    facts = {name: told.get(name, fact) for name, fact in drop.facts.items()}
    facts |= {"rows_read": 0, "rows_accepted": 0, "rows_rejected": 0, "reject_reasons": {}}
    facts |= {"sandbox_scale": sandbox_scale(), "reason": None, "message_zh": None}
    with landing(target) as folder:
        refused = None
        try:
            if not drop.is_named_well:
                raise Refusal(f"文件名不符合规则，应如 {drop.contract.example_name}", "unknown_name")
            _conform_file(drop, contracts, folder, facts, key)
            _check_thresholds(drop.contract, facts)
        except Refusal as refusal:
            refused = refusal
        if drop.has_changed():
            raise Moving(drop.path)
        if refused:
            (folder / "data.parquet").unlink(missing_ok=True)
            say(refuse(folder, drop, refused, {**facts, "rows_accepted": 0}))
            return "refused", facts["rows_read"], 0
        write_receipt(folder, {**facts, "outcome": "landed"})
    seconds = time.perf_counter() - started
    rejected = f"，隔离 {facts['rows_rejected']:,} 行" if facts["rows_rejected"] else ""
    speed = f"{facts['rows_read'] / seconds:,.0f} 行/秒"
    say(f"{drop.name}：{facts['rows_read']:,} 行{rejected}，{seconds:.1f} 秒（{speed}）")
    return "landed", facts["rows_read"], facts["rows_rejected"]


def _conform_file(
    drop: Drop, contracts: dict[str, Contract], folder: Path, facts: dict[str, Any], key: str | None
) -> None:
    contract = drop.contract
    if any(c.kind == "citizen" for c in contract.columns):
        key = key or pseudonym.read_key()
        facts |= {"pseudonym_algorithm": pseudonym.ALGORITHM, "pseudonym_key_id": pseudonym.key_id(key)}
    data = folder / "data.parquet"
    for seed in count():
        rejects, facts["rows_read"], repeated = _write_data(drop, contracts, data, facts, key, seed)
        if not repeated or are_in(data, repeated):
            break
    rejects.sort("record", "column").write_parquet(folder / "rejects.parquet")
    facts["rows_rejected"] = rejects["record"].n_unique()
    facts["rows_accepted"] = facts["rows_read"] - facts["rows_rejected"]
    reasons = rejects.group_by("reason").len().sort("reason")
    facts["reject_reasons"] = {r: {"rows": n, "zh": REJECT[r]} for r, n in reasons.iter_rows()}


def _write_data(
    drop: Drop, contracts: dict[str, Contract], data: Path, facts: dict[str, Any], key: str | None, seed: int
) -> tuple[pl.DataFrame, int, list[pa.RecordBatch]]:
    """Write the good records; returns the rejects, the number of records read and the keys held to be repeated."""
    contract, keys, read = drop.contract, Keys(), 0
    rejects, repeated = [reject([], "", "")], []
    batches = _beside(lambda b: conform_block(b, drop, key), _blocks(drop, contracts, facts))
    first = next(batches, None)
    with open_data(data, first.records.schema if first else contract.arrow_schema) as writer:
        for batch in chain([first] if first else [], batches):
            good = np.flatnonzero(batch.is_good)
            again = good[keys.meet(hash_keys(batch.records, contract.key, seed)[good])]
            if len(again):
                repeated.append(batch.records.select(list(contract.key)).take(to_arrow(again)))
                rejects.append(reject(to_numpy(batch.records["record"])[again], contract.key[0], "duplicate_key"))
                batch.is_good[again] = False
            writer.write_batch(batch.records.filter(to_arrow(batch.is_good)))
            rejects.append(batch.rejects)
            read += batch.read
    return pl.concat(rejects), read, repeated


def _check_thresholds(contract: Contract, facts: dict[str, Any]) -> None:
    if facts["rows_read"] < contract.min_rows:
        raise Refusal(f"只有 {facts['rows_read']} 行，契约要求至少 {contract.min_rows} 行", "too_few_rows")
    share = facts["rows_rejected"] / max(facts["rows_read"], 1)
    if share > contract.max_reject_share:
        said = "；".join(f"{f['zh']} {f['rows']} 行" for f in facts["reject_reasons"].values())
        raise Refusal(
            f"{facts['rows_rejected']} 行不合格（{share:.1%}），契约允许 {contract.max_reject_share:.1%}：{said}",
            "too_many_rejects",
        )


def _blocks(drop: Drop, contracts: dict[str, Contract], facts: dict[str, Any]) -> Iterator[Block]:
    contract = drop.contract
    sheets: list[dict[str, Any]] = []

    def matched(header: list[str]) -> dict[str, Column]:
        found = match(header, contract, contracts)
        if synonyms := {c.name: h for h, c in found.items() if h != fold(c.headers[0])}:
            facts["headers"] = facts.get("headers", {}) | synonyms
        return found

    for block in READERS[contract.format](drop.path, contract, matched):
        if block.sheet:
            sheets.append(block.sheet)
            facts["sheets"] = sheets
        yield block


def _beside(work: Any, items: Iterable[Any]) -> Iterator[Any]:
    """work(item) in order, in a thread of its own: while one is worked on, the next is read and the last written."""
    with ThreadPoolExecutor(1) as pool:
        last: Future[Any] | None = None
        for item in items:
            last, done = pool.submit(work, item), last
            if done:
                yield done.result()
        if last:
            yield last.result()
