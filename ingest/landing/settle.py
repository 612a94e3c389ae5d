"""What becomes of a delivery in its folder: its records land, or the file is refused; either way it has a receipt."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from itertools import count
from pathlib import Path
from types import MappingProxyType
from typing import Any

import polars as pl
import pyarrow as pa

from ingest.conforming import pseudonym
from ingest.conforming.batch import Batch
from ingest.conforming.keys import find_contradicted, reject_contradicted, reject_repeated
from ingest.landing.inbox import Drop, Moving
from ingest.landing.receipt import NOTHING_READ, refuse, write_receipt
from ingest.landing.records import check_length, check_thresholds, count_rows, write_records
from ingest.reading.file import check_sheets
from ingest.reason import Refusal


def open_facts(
    drop: Drop,
    scale: float | None,
    arrival: int,
    overtaken_by: Mapping[str, Any] | None = None,
    follows: Mapping[str, Any] | None = None,
    told: Mapping[str, Any] = MappingProxyType({}),
) -> dict[str, Any]:
    """What the receipt tells before the file is read. told: by an earlier one of the same file."""
    facts: dict[str, Any] = {**NOTHING_READ, "sandbox_scale": scale}
    others = {"overtaken_by": overtaken_by, "follows": follows}
    place = {"arrival": arrival} | {name: other and other["delivery_id"] for name, other in others.items()}
    return facts | {name: told.get(name, fact) for name, fact in {**drop.facts, **place}.items()}


def settle(
    folder: Path,
    drop: Drop,
    facts: dict[str, Any],
    read: Callable[[], Iterable[Batch]],
    key: str | None,
    like: Mapping[str, Any] | None = None,
    guard: AbstractContextManager[None] | None = None,
    is_known: bool = False,
) -> dict[str, Any]:
    """Write records, rejects and receipt to the folder; returns the receipt.

    read: gives the file's batches, from the beginning each time; raises Refusal. key: of pseudonyms. like: the receipt
    of a delivery that is like it. guard: is around reading and writing. is_known: an earlier receipt tells of the file.
    Raises Moving when the file was changed meanwhile: half a file is no delivery.
    """
    refusal = None
    try:
        drop.check_name()
        if not is_known:
            drop.check_time()
        if key:
            facts |= {"pseudonym_algorithm": pseudonym.ALGORITHM, "pseudonym_key_id": pseudonym.key_id(key)}
        with guard or nullcontext():
            _write(folder, drop, facts, read)
        check_thresholds(drop.contract, facts)
        check_length(facts, like)
    except Refusal as found:
        refusal = found
    if drop.has_changed():
        raise Moving(drop.path)
    return refuse(folder, drop, refusal, facts) if refusal else write_receipt(folder, facts)


def _write(folder: Path, drop: Drop, facts: dict[str, Any], read: Callable[[], Iterable[Batch]]) -> None:
    """The good records and the rejects; facts: takes what the receipt tells of them.

    Where different keys had the same hash, or an upsert and a deletion the same key, everything is read again.
    """
    contract, contradicted = drop.contract, pl.DataFrame()
    for seed in count():
        repeated: list[pa.RecordBatch] = []
        clear = reject_contradicted(read(), contract, contradicted) if len(contradicted) else read()
        rows, rejects = write_records(folder, reject_repeated(clear, contract, seed, repeated), contract.arrow_schema)
        found = find_contradicted(folder / "data.parquet", repeated, contract.key) if repeated else contradicted.clear()
        if found is not None and len(found) == 0:
            facts |= count_rows(rows, rejects)
            check_sheets(contract, facts)
            return
        contradicted = contradicted if found is None else pl.concat([contradicted, found], how="diagonal")
