"""One file of any format as blocks of raw cells, and what was seen of its layout on the way."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ingest.promises.column import Column
from ingest.promises.contract import Contract
from ingest.reading.blocks import Block
from ingest.reading.delimited import read_delimited
from ingest.reading.header import fold, match
from ingest.reading.lines import read_lines
from ingest.reading.parquet import read_parquet
from ingest.reading.sheet import read_sheets

READERS = {"csv": read_delimited, "xlsx": read_sheets, "jsonl": read_lines, "parquet": read_parquet}


def read_file(
    path: Path, contract: Contract, contracts: Mapping[str, Contract], seen: dict[str, Any]
) -> Iterator[Block]:
    """Blocks of the contract's columns; raises Refusal.

    contracts: all there are, to name the one that a wrong file is of. seen: takes `headers`, the headers used in place
    of the present ones by our names, and `sheets`, those read of a workbook with the records before each.
    """

    def matched(header: list[str]) -> dict[str, Column]:
        found = match(header, contract, contracts)
        if synonyms := {c.name: h for h, c in found.items() if h != fold(c.headers[0])}:
            seen["headers"] = seen.get("headers", {}) | synonyms
        return found

    sheets: list[dict[str, Any]] = []
    for block in READERS[contract.format](path, contract, matched):
        if block.sheet:
            sheets.append(block.sheet)
            seen["sheets"] = sheets
        yield block
