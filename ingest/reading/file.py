"""One file of any format as blocks of raw cells, and what was seen of its layout on the way."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ingest.fold import fold
from ingest.promises.column import Column
from ingest.promises.contract import Contract
from ingest.reading.apart import read_apart
from ingest.reading.blocks import Block
from ingest.reading.delimited import read_delimited
from ingest.reading.dialect import Dialect
from ingest.reading.ends import check_end
from ingest.reading.header import match
from ingest.reading.lines import LINES, read_lines
from ingest.reason import Refusal
from ingest.shape import mask
from ingest.words import listed

READERS = {"csv": read_delimited, "xlsx": read_apart, "jsonl": read_lines, "parquet": read_apart}


def read_file(
    path: Path, contract: Contract, contracts: Mapping[str, Contract], seen: dict[str, Any]
) -> Iterator[Block]:
    """Blocks of the contract's columns; raises Refusal.

    contracts: all there are, to name the one that a wrong file is of. seen: takes `headers`, the headers used in place
    of the present ones by our names, `sheets`, those read of a workbook with the records before each, how many of
    its cells are merged over rows, how many of its rows are hidden and which hidden sheets were not read, and
    `is_unended` where the last line of a text has no line end.
    """
    width = 0

    def matched(header: list[str]) -> dict[str, Column]:
        nonlocal width
        width = len(header)
        found = match(header, contract, contracts)
        if synonyms := {c.name: h for h, c in found.items() if h != fold(c.headers[0])}:
            seen["headers"] = seen.get("headers", {}) | synonyms
        return found

    sheets: list[dict[str, Any]] = []
    last: Block | None = None
    for block in READERS[contract.format](path, contract, matched):
        if block.sheet:
            sheets.append({**block.sheet, "name": mask(block.sheet["name"])})
            seen["sheets"] = sheets
        yield block
        last = block
    if contract.format in ("csv", "jsonl"):
        written = Dialect(contract.encoding, contract.delimiter, width) if contract.format == "csv" else LINES
        if check_end(path, written, last is not None and _ends_broken(last)):
            seen["is_unended"] = True


def _ends_broken(block: Block) -> bool:
    """Whether its last line is no record."""
    last = block.records[-1] if len(block.records) else 0
    return bool(len(block.broken) and block.broken["record"].to_numpy().max() > last)


def check_sheets(contract: Contract, facts: dict[str, Any]) -> None:
    """Raises Refusal when sheets that the contract does not name have records in common: one may be a copy, or old."""
    names, repeated = [sheet["name"] for sheet in facts.get("sheets", [])], facts["reject_reasons"].get("duplicate_key")
    if len(names) > 1 and repeated and not contract.sheets:
        said = listed([f"“{mask(name)}”" for name in names], "张", between="")
        raise Refusal(
            f"工作表{said}都有契约的表头，其中 {repeated['rows']} 行主键重复，分不清以哪一张为准",
            "same_table",
        )
