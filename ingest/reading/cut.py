"""A file as byte blocks that end where a record ends."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from io import BufferedReader, TextIOWrapper
from pathlib import Path

import numpy as np

from ingest.reason import Unreadable

BLOCK = 20 << 20
LEAST = 16  # so that, half full, it has room for a character
LONGEST_RECORD = 8 << 20
QUOTE = ord('"')
FEW = 10_000
SECOND_BYTES = bytes([*range(0x30, 0x3A), *range(0x40, 0x7F), *range(0x80, 0xFF)])  # of a GB18030 character


@dataclass(frozen=True)
class Dialect:
    """How the records of a text file are written; without a delimiter each line is a record."""

    encoding: str
    delimiter: str = ","

    @property
    def is_raw(self) -> bool:
        """Whether the bytes can be cut and parsed as they are, since no character holds the delimiter's byte.

        In GB18030 and UTF-8 newline, quote and comma never occur inside a multibyte character; in GB18030 | does.
        """
        is_inside = self.encoding == "gb18030" and (self.delimiter or ",").encode() in SECOND_BYTES
        return self.encoding != "utf-16" and not is_inside

    @property
    def written(self) -> str:
        """The encoding of the blocks."""
        return self.encoding if self.is_raw else "utf-8"

    @cached_property
    def opens(self) -> np.ndarray:
        """By byte: whether a quote after it opens a cell."""
        return np.isin(np.arange(256), list(f"{self.delimiter}\r\n".encode()))


def cut(path: Path, dialect: Dialect, size: int | None = None) -> Iterator[memoryview]:
    """Record-aligned byte blocks, header first in the first one; raises Unreadable when a quote is never closed.

    A block ends at the last newline outside quotes: the last one before which the number of quotes is even.
    All blocks are views of one buffer: a block is good until the next one is asked for.
    """
    size = min(size or BLOCK, 2 * path.stat().st_size)  # a small file needs no large buffer
    buffer, kept = bytearray(max(size, LEAST)), 0
    with _open(path, dialect) as file:
        while count := _fill(file, memoryview(buffer)[kept:]):
            filled = kept + count
            end = _last_record_end(buffer, filled, dialect) + 1
            if end:
                yield memoryview(buffer)[:end]
            elif filled > LONGEST_RECORD + size:
                raise Unreadable("有一行超过 8 MB：引号可能没有成对" if dialect.delimiter else "有一行超过 8 MB")
            kept = filled - end
            whole = bytearray(2 * len(buffer)) if 2 * kept > len(buffer) else buffer
            whole[:kept], buffer = buffer[end:filled], whole
    if len(_quotes(buffer, kept, dialect)) % 2:
        raise Unreadable("文件在引号之内结束：引号没有成对，或文件不完整")
    if kept:
        yield memoryview(buffer)[:kept]


def header_end(block: bytes, dialect: Dialect) -> int:
    """Bytes of the header record, which may hold quoted newlines."""
    quotes, newline = _quotes(block, len(block), dialect), block.find(b"\n")
    while newline >= 0 and np.searchsorted(quotes, newline) % 2:
        newline = block.find(b"\n", newline + 1)
    return newline + 1 or len(block)


def _open(path: Path, dialect: Dialect) -> BufferedReader | TextIOWrapper:
    """The file behind a byte order mark; as text where its bytes cannot be parsed as they are."""
    file = path.open("rb")
    if file.peek(3)[:3] == codecs.BOM_UTF8:
        file.seek(3)
    return file if dialect.is_raw else TextIOWrapper(file, dialect.encoding, "replace", newline="\n")


def _fill(file: BufferedReader | TextIOWrapper, room: memoryview) -> int:
    """Read bytes, of text as UTF-8, into room for at least four; returns how many, 0 at the end."""
    if isinstance(file, BufferedReader):
        return file.readinto(room)
    text = file.read(len(room) // 4).encode()
    room[: len(text)] = text
    return len(text)


def _last_record_end(buffer: bytearray, filled: int, dialect: Dialect) -> int:
    quotes, newline = _quotes(buffer, filled, dialect), buffer.rfind(b"\n", 0, filled)
    while newline >= 0 and (before := int(np.searchsorted(quotes, newline))) % 2:
        newline = buffer.rfind(b"\n", 0, int(quotes[before - 1]))
    return newline


def _quotes(buffer: bytes | bytearray, filled: int, dialect: Dialect) -> np.ndarray:
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
