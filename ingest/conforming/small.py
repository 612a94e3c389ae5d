"""Small files are read one after the other and conform together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

from ingest.conforming.batch import Batch
from ingest.conforming.together import Reported, conform_together
from ingest.fault import is_error
from ingest.promises.contract import Contract
from ingest.promises.period import Period
from ingest.reading.file import read_file

MOST = 64 << 20  # bytes of raw cells that are kept


@dataclass(frozen=True)
class File:
    """A file and what its name says: the period, where it tells one, and the reporting area."""

    path: Path
    period: Period | None
    scope: str


@dataclass(frozen=True)
class Read:
    """What was read of a file: its batches, as conform_blocks() gives them, or what was raised; seen: by read_file();
    key: of the pseudonyms."""

    found: list[Batch] | BaseException
    seen: dict[str, Any]
    key: str | None

    def give(self, facts: dict[str, Any]) -> list[Batch]:
        """The batches; raises what was raised. facts: takes what was seen."""
        facts |= self.seen
        if isinstance(self.found, BaseException):
            raise self.found
        return self.found


def conform_files(
    files: Sequence[File], contract: Contract, contracts: Mapping[str, Contract], key: str | None
) -> list[Read]:
    """What was read of each file; an error where one is larger than it looks, and for all that do not conform
    together."""
    raw: list[list[Reported] | BaseException] = []
    seen: list[dict[str, Any]] = [{} for _ in files]
    room = MOST
    for file, facts in zip(files, seen, strict=True):
        try:
            raw.append(found := _read(file, contract, contracts, facts, room))
            room -= _size(found)
        except BaseException as error:
            if not is_error(error):
                raise
            raw.append(error)
    blocks = [one for found in raw if isinstance(found, list) for one in found]
    try:
        batches = iter(conform_together(blocks, contract, key))
    except BaseException as error:
        if not is_error(error):
            raise
        raw = [error if isinstance(found, list) else found for found in raw]
    ready = [_of_file(islice(batches, len(found))) if isinstance(found, list) else found for found in raw]
    return [Read(found, facts, key) for found, facts in zip(ready, seen, strict=True)]


def _of_file(batches: Iterable[Batch]) -> list[Batch]:
    """Where there are several, a key of one may be in another."""
    found = list(batches)
    return found if len(found) == 1 else [replace(batch, is_distinct=False) for batch in found]


def _read(
    file: File, contract: Contract, contracts: Mapping[str, Contract], seen: dict[str, Any], room: int
) -> list[Reported]:
    found: list[Reported] = []
    if file.period:
        for block in read_file(file.path, contract, contracts, seen):
            found.append(Reported(block, file.period, file.scope))
            if _size(found) > room:
                raise MemoryError("too much to be kept")
    return found


def _size(found: list[Reported]) -> int:
    return sum(one.block.cells.nbytes for one in found)
