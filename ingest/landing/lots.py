"""Small files come by the thousand: those that do not depend on each other are taken in together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ingest.landing.inbox import Drop

SMALL = 1 << 20  # bytes of a file
FILES = 500  # of a lot
BYTES = 16 << 20  # of all its files
UNPACKED = {"xlsx": 8, "parquet": 8}  # times as much as the file


def lots(found: Iterable[Drop]) -> Iterator[list[Drop]]:
    """The files in lots: small new ones, each with bytes of its own; any other one alone.

    A file may depend on what becomes of those before it that are of the same period and area: whether the bytes that
    the lake has are a delivery again. It comes after the lot that has these.
    """
    lot: dict[str, Drop] = {}
    size = 0
    for drop in found:
        bulk = drop.seen.st_size * UNPACKED.get(drop.contract.format, 1)
        is_alone = bulk > SMALL or not _is_new(drop) or drop.delivery_id in lot
        is_bound = is_alone and drop.key in {other.key for other in lot.values()}
        if lot and (is_bound or len(lot) == FILES or size + bulk > BYTES):
            yield list(lot.values())
            lot, size = {}, 0
        if is_alone:
            yield [drop]
        else:
            lot[drop.delivery_id], size = drop, size + bulk
    if lot:
        yield list(lot.values())


def _is_new(drop: Drop) -> bool:
    """Whether the lake has not had these bytes; not of a file that was taken away."""
    try:
        return not drop.home.exists()
    except OSError:
        return False
