"""Small files are read one after the other and conform together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
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
    """A file, what its name says, the period, where it tells one, and the reporting area; seen: as of read_file()."""

    path: Path
    period: Period | None
    scope: str
    seen: dict[str, Any] = field(default_factory=dict)


def conform_files(
    files: Sequence[File], contract: Contract, contracts: Mapping[str, Contract], key: str | None
) -> list[list[Batch] | BaseException]:
    """The batches of each file, as conform_blocks() gives them, or what was raised: Refusal, or any other error, also
    for one that is larger than it looks, and for all when they do not conform together."""
    raw: list[list[Reported] | BaseException] = []
    room = MOST
    for file in files:
        try:
            raw.append(found := _read(file, contract, contracts, room))
            room -= _size(found)
        except BaseException as error:
            if not is_error(error):
                raise
            raw.append(error)
    try:
        batches = iter(
            conform_together([one for found in raw if isinstance(found, list) for one in found], contract, key)
        )
    except BaseException as error:
        if not is_error(error):
            raise
        return [error if isinstance(found, list) else found for found in raw]
    return [found if isinstance(found, BaseException) else _of_file(islice(batches, len(found))) for found in raw]


def _of_file(batches: Iterable[Batch]) -> list[Batch]:
    """Where there are several, a key of one may be in another."""
    found = list(batches)
    return found if len(found) == 1 else [replace(batch, is_distinct=False) for batch in found]


def _read(file: File, contract: Contract, contracts: Mapping[str, Contract], room: int) -> list[Reported]:
    found: list[Reported] = []
    if file.period:
        for block in read_file(file.path, contract, contracts, file.seen):
            found.append(Reported(block, file.period, file.scope))
            if _size(found) > room:
                raise MemoryError("too much to be kept")
    return found


def _size(found: list[Reported]) -> int:
    return sum(one.block.cells.nbytes for one in found)
