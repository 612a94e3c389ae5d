"""Take in a dataset: every file of the inbox becomes a delivery, once."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa

from ingest import citizen, pseudonym
from ingest.blocks import Block, read_blocks
from ingest.conform import conform
from ingest.contract import Contract, read_contracts
from ingest.decode import decode
from ingest.header import fold, match, read_header
from ingest.inbox import Drop, Moving, drops, sandbox_scale
from ingest.land import home, landing, open_data, refuse, write_receipt
from ingest.reason import REJECT, REJECTS, Refusal
from ingest.region import read_regions
from ingest.shape import shapes
from ingest.unique import drop_duplicates

WORKERS = 2


def ingest(name: str, say: Any = print) -> dict[str, int]:
    """Take in all files of 'department/dataset'; returns counts of files by what became of them, and of rows."""
    contracts = read_contracts()
    counts = dict.fromkeys(("landed", "refused", "unchanged", "moving", "rows", "rejects"), 0)
    for drop in drops(contracts[name]):
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
        return ("unchanged", 0, 0) if target.exists() else _take_in(drop, contracts, target, say)
    except OSError:
        if not drop.has_changed():
            raise
        say(f"{drop.name}：读取时文件被改动或移走，留待下次 (the file changed while it was read)")
        return "moving", 0, 0


def _take_in(drop: Drop, contracts: dict[str, Contract], target: Path, say: Any) -> tuple[str, int, int]:
    started = time.perf_counter()
    facts: dict[str, Any] = {"rows_read": 0, "rows_accepted": 0, "rows_rejected": 0, "reject_reasons": {}}
    facts |= {"sandbox_scale": sandbox_scale(), "reason": None, "message_zh": None}
    with landing(target) as folder:
        refused = None
        try:
            if drop.period is None:
                raise Refusal(f"文件名不符合规则，应如 {drop.contract.example_name}", "unknown_name")
            _conform_file(drop, contracts, folder, facts)
            _check_thresholds(drop.contract, facts)
        except Refusal as refusal:
            refused = refusal
        if drop.has_changed():
            raise Moving(drop.path)
        if refused:
            (folder / "data.parquet").unlink(missing_ok=True)
            say(refuse(folder, drop, refused, {**facts, "rows_accepted": 0}))
            return "refused", facts["rows_read"], 0
        write_receipt(folder, drop, {**facts, "outcome": "landed"})
    seconds = time.perf_counter() - started
    rejected = f"，隔离 {facts['rows_rejected']:,} 行" if facts["rows_rejected"] else ""
    speed = f"{facts['rows_read'] / seconds:,.0f} 行/秒"
    say(f"{drop.name}：{facts['rows_read']:,} 行{rejected}，{seconds:.1f} 秒（{speed}）")
    return "landed", facts["rows_read"], facts["rows_rejected"]


def _conform_file(drop: Drop, contracts: dict[str, Contract], folder: Path, facts: dict[str, Any]) -> None:
    contract = drop.contract
    key = pseudonym.read_key() if any(c.kind == "citizen" for c in contract.columns) else None
    if key:
        facts |= {"pseudonym_algorithm": pseudonym.ALGORITHM, "pseudonym_key_id": pseudonym.key_id(key)}
    rejects, rows = [], 0
    data = folder / "data.parquet"
    with open_data(data, contract) as writer:
        for batch, bad, read in _in_threads(lambda b: conform_block(b, drop, key), _blocks(drop, contracts)):
            writer.write_batch(batch)
            rejects.append(bad)
            rows += read
    rejects.append(drop_duplicates(data, contract))
    all_rejects = pl.concat(rejects).sort("record", "column")
    all_rejects.write_parquet(folder / "rejects.parquet")
    facts["rows_read"] = rows
    facts["rows_rejected"] = all_rejects["record"].n_unique()
    facts["rows_accepted"] = rows - facts["rows_rejected"]
    reasons = all_rejects.group_by("reason").len().sort("reason")
    facts["reject_reasons"] = {r: {"rows": n, "zh": REJECT[r]} for r, n in reasons.iter_rows()}


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


def _blocks(drop: Drop, contracts: dict[str, Contract]) -> Iterator[Block]:
    contract = drop.contract
    if contract.format == "xlsx":
        from ingest.sheet import find_header, read_rows, read_sheet

        rows, merged = read_sheet(drop.path)
        header, start = find_header(rows, merged, {fold(h) for c in contract.columns for h in c.headers})
        return iter([read_rows(rows, start, header, match(header, contract, contracts), contract)])
    header = [fold(h) for h in read_header(drop.path, contract.encoding)]
    return read_blocks(drop.path, header, match(header, contract, contracts), contract.encoding)


def conform_block(block: Block, drop: Drop, key: str | None) -> tuple[pa.RecordBatch, pl.DataFrame, int]:
    """(kept rows in the lake's schema, rejects, records read) of one block."""
    contract, regions = drop.contract, read_regions()
    assert drop.period is not None
    typed: dict[str, pl.Series] = {}
    rejects = [
        pl.DataFrame([(r, "*", "ragged_row", s) for r, s in block.ragged], schema=REJECTS, orient="row"),
    ]
    good = np.ones(block.cells.num_rows, bool)
    for column in contract.columns:
        cells = block.cells.column(column.name)
        coded = pa.types.is_dictionary(cells.type)
        texts = decode(cells.dictionary if coded else cells, block.encoding)
        values, reasons = conform(column, texts, drop.period, regions)
        if coded:
            index = pl.Series(cells.indices)
            values = values.gather(index)
            reasons = None if reasons is None else reasons.gather(index)
        typed[column.name] = values
        if reasons is not None and reasons.null_count() < len(reasons):
            bad = reasons.is_not_null().arg_true()
            found = texts.gather(index.gather(bad)) if coded else texts.gather(bad)
            good[bad.to_numpy()] = False
            rejects.append(
                pl.DataFrame(
                    {
                        "record": block.records[bad.to_numpy()],
                        "column": pl.repeat(column.name, len(bad), eager=True),
                        "reason": reasons.gather(bad),
                        "shape": shapes(found),
                    },
                    schema=REJECTS,
                )
            )
    keep = pl.Series(good)
    arrays: list[pa.Array] = [pa.array(block.records[good])]
    for column in contract.columns:
        values = typed[column.name].filter(keep)
        if column.kind == "citizen":
            arrays.append(citizen.pseudonymise(values, str(key)))
        elif column.kind == "boolean":
            arrays.append((values == "true").to_arrow())
        else:
            arrays.append(values.to_arrow().cast(column.arrow_type))
    batch = pa.RecordBatch.from_arrays(arrays, schema=contract.arrow_schema)
    return batch, pl.concat(rejects), block.cells.num_rows + len(block.ragged)


def _in_threads(work: Any, items: Iterable[Any]) -> Iterator[Any]:
    """work(item) in order, a few at a time: memory is bounded by the queue."""
    waiting: deque[Future[Any]] = deque()
    with ThreadPoolExecutor(WORKERS) as pool:
        for item in items:
            waiting.append(pool.submit(work, item))
            if len(waiting) > WORKERS:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
