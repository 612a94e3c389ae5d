"""The records of a delivery: the good ones as typed Parquet, the rejected ones with their reasons."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from ingest.conforming.batch import Batch
from ingest.exchange import to_arrow
from ingest.promises.contract import Contract
from ingest.reason import NO_REJECTS, REJECT, Refusal
from ingest.settings import LIMITS

SHORT = 0.75  # of the length of its like


def write_records(folder: Path, batches: Iterable[Batch], schema: pa.Schema) -> tuple[int, pl.DataFrame]:
    """data.parquet and rejects.parquet; returns how many records and lines were read, and the rejects.

    schema: of a file without any record. With more rejects than LIMITS allow, nothing is read any more.
    """
    read, noted, rejects, batches = 0, 0, [NO_REJECTS], iter(batches)
    first = next(batches, None)
    with _open(folder / "data.parquet", first.records.schema if first else schema) as writer:
        for batch in chain([first] if first else [], batches):
            are_good = batch.is_good.all()
            writer.write_batch(batch.records if are_good else batch.records.filter(to_arrow(batch.is_good)))
            rejects.append(batch.rejects)
            read, noted = read + batch.read, noted + len(batch.rejects)
            if noted > LIMITS.rejects:
                break
    rejected = pl.concat(rejects).sort("record", "column") if noted else NO_REJECTS
    if noted:
        _write(folder / "rejects.parquet", rejected)
    else:
        (folder / "rejects.parquet").write_bytes(_nothing())
    return read, rejected


def _write(target: Path | pa.NativeFile, rejects: pl.DataFrame) -> None:
    """As Parquet; polars would start an engine for a file of a few rows."""
    pq.write_table(rejects.to_arrow(), target, compression="zstd", store_schema=False)


@cache
def _nothing() -> memoryview:
    """The file without any reject, which most deliveries have."""
    _write(sink := pa.BufferOutputStream(), NO_REJECTS)
    return memoryview(sink.getvalue())


def _open(path: Path, schema: pa.Schema) -> pq.ParquetWriter:
    """A writer of records of this schema, where texts of few values are dictionaries."""
    rising = [f.name for f in schema if f.name == "record" or pa.types.is_date(f.type)]
    return pq.ParquetWriter(
        path,
        schema,
        compression="zstd",
        compression_level=1,
        use_dictionary=[f.name for f in schema if pa.types.is_dictionary(f.type)],
        column_encoding=dict.fromkeys(rising, "DELTA_BINARY_PACKED"),
        write_statistics=rising,
        write_batch_size=1 << 13,
        store_schema=False,  # a reader finds texts, not dictionaries
    )


def count_rows(read: int, rejects: pl.DataFrame) -> dict[str, Any]:
    """What a receipt tells of the rows; a row may be rejected for several reasons."""
    rejected = rejects["record"].n_unique() if len(rejects) else 0
    reasons = rejects.group_by("reason").len().sort("reason").rows() if rejected else []
    return {
        "rows_read": read,
        "rows_accepted": read - rejected,
        "rows_rejected": rejected,
        "reject_reasons": {reason: {"rows": n, "zh": REJECT[reason]} for reason, n in reasons},
    }


def check_thresholds(contract: Contract, facts: dict[str, Any]) -> None:
    """Raises Refusal when fewer rows were read, or a larger share rejected, than the contract allows."""
    if facts["rows_read"] < contract.min_rows:
        raise Refusal(f"只有 {facts['rows_read']} 行，契约要求至少 {contract.min_rows} 行", "too_few_rows")
    share = facts["rows_rejected"] / max(facts["rows_read"], 1)
    if (noted := sum(f["rows"] for f in facts["reject_reasons"].values())) > LIMITS.rejects:
        raise Refusal(f"前 {facts['rows_read']:,} 行里已有 {noted:,} 处不合格，其余的没有再检查", "too_many_rejects")
    if share > contract.max_reject_share:
        said = "；".join(f"{f['zh']} {f['rows']} 行" for f in facts["reject_reasons"].values())
        raise Refusal(
            f"{facts['rows_rejected']} 行不合格（{share:.1%}），契约允许 {contract.max_reject_share:.1%}：{said}",
            "too_many_rejects",
        )


def check_length(facts: Mapping[str, Any], like: Mapping[str, Any] | None) -> None:
    """Raises Refusal when a text without a line end at its end is much shorter than one like it that has one."""
    if like and facts.get("is_unended") and not like.get("is_unended"):
        size, theirs = facts["source_bytes"], like["source_bytes"]
        if size < SHORT * theirs:
            raise Refusal(
                f"文件末尾没有换行，只有 {size:,} 字节，而 {like['period']} 的有 {theirs:,} 字节：似乎在传输中断开",
                "cut_off",
            )
