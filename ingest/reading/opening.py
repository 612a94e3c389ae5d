"""The quotes of a delimited text that open and close cells, of whatever number of lines."""

from __future__ import annotations

import numpy as np

from ingest.reading.dialect import Dialect

QUOTE = ord('"')
FEW = 10_000


def find_quotes(buffer: bytes | bytearray, filled: int, dialect: Dialect) -> np.ndarray:
    """Positions of the quotes that open and close cells, in turn; in an unquoted cell a quote is a letter."""
    if not dialect.delimiter or buffer.find(b'"', 0, filled) < 0:
        return np.empty(0, np.int64)
    data, quotes = np.frombuffer(buffer, np.uint8, filled), _find(buffer, filled)
    opens = dialect.opens[data[quotes - 1]] | (quotes == 0)
    doubled = np.diff(quotes, prepend=-1) == 1  # of "" inside a quoted cell, the first closes and the second opens
    if (opens | doubled)[::2].all():
        return quotes
    kept: list[int] = []
    for quote, is_start in zip(quotes.tolist(), opens.tolist(), strict=True):
        if len(kept) % 2 or is_start or kept[-1:] == [quote - 1]:
            kept.append(quote)
    return np.array(kept, np.int64)


def _find(buffer: bytes | bytearray, filled: int) -> np.ndarray:
    """Positions of all quotes; where they are few, one after the other is faster than byte by byte."""
    found = [buffer.find(b'"', 0, filled)]
    while found[-1] >= 0:
        if len(found) > FEW:
            return np.flatnonzero(np.frombuffer(buffer, np.uint8, filled) == QUOTE)
        found.append(buffer.find(b'"', found[-1] + 1, filled))
    return np.array(found[:-1], np.int64)
