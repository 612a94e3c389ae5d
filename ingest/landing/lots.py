"""Small files come by the thousand: those that do not depend on each other are taken in together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ingest.landing.inbox import Drop, Unread
from ingest.landing.ledger import Key

SMALL = 1 << 20  # bytes of a file
FILES = 500  # of a lot
BYTES = 16 << 20  # of all its files
UNPACKED = {"xlsx": 8, "parquet": 8}  # times as much as the file


def lots(found: Iterable[Drop]) -> Iterator[list[Drop]]:
    """The files in lots: small new ones, each with bytes of its own; any other one alone.

    A file may depend on what becomes of those before it that are of the same period and area: whether the bytes that
    the lake has are a delivery again. It comes after the lot that has these.
    """
    lot: list[Drop] = []
    size, ids, keys = 0, set[str](), set[Key]()
    for drop in found:
        bulk = drop.seen.st_size * UNPACKED.get(drop.contract.format, 1)
        is_alone = bulk > SMALL or not _is_new(drop, ids)
        if lot and ((is_alone and drop.key in keys) or len(lot) == FILES or size + bulk > BYTES):
            yield lot
            lot, size, keys = [], 0, set()
        if is_alone:
            yield [drop]
        else:
            lot.append(drop)
            size += bulk
            ids.add(drop.delivery_id)
            keys.add(drop.key)
    if lot:
        yield lot


def _is_new(drop: Drop, ids: set[str]) -> bool:
    """Whether neither the lake nor a lot before has these bytes; not of a file that was taken away."""
    try:
        return not (drop.delivery_id in ids or drop.home.exists())
    except (OSError, Unread):
        return False
