"""A CSV file as byte blocks that end where a record ends."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from ingest.reason import Unreadable

BLOCK = 8 << 20
LONGEST_RECORD = 8 << 20
QUOTE = ord('"')
STARTS = np.isin(np.arange(256), list(b",\r\n"))  # a quote after one of these opens a cell


def cut(path: Path, size: int | None = None) -> Iterator[bytes]:
    """Record-aligned byte blocks, header first in the first one; raises Unreadable when a quote is never closed.

    In GB18030 and UTF-8 the bytes of newline, quote and comma never occur inside a multibyte character, so a block
    ends at the last newline outside quotes: the last one before which the number of quotes is even.
    """
    size, tail = size or BLOCK, b""
    with path.open("rb", buffering=0) as file:
        start = file.read(3).removeprefix(codecs.BOM_UTF8)
        while raw := start + file.read(size):
            start = b""
            buffer = tail + raw if tail else raw
            end = _last_record_end(buffer)
            if end < 0 and len(buffer) > LONGEST_RECORD + size:
                raise Unreadable("有一行超过 8 MB：引号可能没有成对")
            if end >= 0:
                yield buffer[: end + 1]
            tail = buffer[end + 1 :]
    if len(_quotes(tail)) % 2:
        raise Unreadable("文件在引号之内结束：引号没有成对，或文件不完整")
    if tail:
        yield tail


def header_end(buffer: bytes) -> int:
    """Bytes of the header record, which may hold quoted newlines."""
    quotes, newline = _quotes(buffer), buffer.find(b"\n")
    while newline >= 0 and np.searchsorted(quotes, newline) % 2:
        newline = buffer.find(b"\n", newline + 1)
    return newline + 1 or len(buffer)


def _last_record_end(buffer: bytes) -> int:
    quotes, newline = _quotes(buffer), buffer.rfind(b"\n")
    while newline >= 0 and (before := int(np.searchsorted(quotes, newline))) % 2:
        newline = buffer.rfind(b"\n", 0, int(quotes[before - 1]))
    return newline


def _quotes(buffer: bytes) -> np.ndarray:
    """Positions of the quotes that open and close cells, in turn; in an unquoted cell a quote is a letter."""
    if b'"' not in buffer:
        return np.empty(0, np.int64)
    data = np.frombuffer(buffer, np.uint8)
    quotes = np.flatnonzero(data == QUOTE)
    opens = STARTS[data[quotes - 1]] | (quotes == 0)
    doubled = np.diff(quotes, prepend=-1) == 1  # of "" inside a quoted cell, the first closes and the second opens
    if (opens | doubled)[::2].all():
        return quotes
    kept: list[int] = []
    for quote, is_start in zip(quotes.tolist(), opens.tolist(), strict=True):
        if len(kept) % 2 or is_start or kept[-1:] == [quote - 1]:
            kept.append(quote)
    return np.array(kept, np.int64)
