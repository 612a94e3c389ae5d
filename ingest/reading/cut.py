"""A file as byte blocks that end where a record ends."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from dataclasses import dataclass
from io import BufferedReader, TextIOWrapper
from itertools import accumulate, pairwise
from pathlib import Path

import numpy as np

from ingest.exchange import portions
from ingest.reading.dialect import Dialect
from ingest.reading.quotes import settle
from ingest.reason import Unreadable

BLOCK = 20 << 20
LEAST = 16  # so that, half full, it has room for a character
LONGEST_RECORD = 8 << 20
MOST_LINES = 1 << 20  # at once: an empty line, too, becomes a row of cells
BLANKED = b"\x1e"  # begins a line that was taken out


@dataclass(frozen=True)
class Part:
    """Bytes of whole records, good until the next ones are asked for; of the first block with the header.

    strays: the lines with a stray quote, by their number in the block from 0; in the bytes each is BLANKED and blanks,
    which is no record. inside: how many line ends are in quoted cells.
    """

    data: memoryview
    strays: list[tuple[int, bytes]]
    inside: int


def cut(path: Path, dialect: Dialect, size: int | None = None) -> Iterator[Part]:
    """Record-aligned byte blocks; raises Unreadable when a record is too long, or the last one cut off.

    All are views of one buffer."""
    size = min(size or BLOCK, 2 * path.stat().st_size)  # a small file needs no large buffer
    buffer, kept, is_first = bytearray(max(size, LEAST)), 0, True
    with _open(path, dialect) as file:
        portions = _Portions(file)
        while (count := portions.fill(memoryview(buffer)[kept:])) or kept:
            filled = kept + count
            found = settle(buffer, filled, dialect, is_first, not count)
            if found.is_open:
                raise Unreadable("文件在引号之内结束：文件不完整，或最后一行的引号没有成对")
            if found.end:
                strays = [_blank(buffer, line, filled, dialect) for line in found.strays]
                numbers = accumulate(count_ends(buffer, *span) for span in pairwise([0, *found.strays]))
                yield Part(memoryview(buffer)[: found.end], list(zip(numbers, strays, strict=True)), found.inside)
                is_first = False
            elif filled > LONGEST_RECORD + size:
                raise Unreadable("有一行超过 8 MB：引号可能没有成对" if dialect.delimiter else "有一行超过 8 MB")
            kept = filled - found.end
            whole = bytearray(2 * len(buffer)) if 2 * kept > len(buffer) else buffer
            whole[:kept], buffer = buffer[found.end : filled], whole


def _blank(buffer: bytearray, line: int, filled: int, dialect: Dialect) -> bytes:
    """Take a line out; returns what it was."""
    end = buffer.find(b"\n", line, filled)
    end = filled if end < 0 else end
    while end > line + 1 and buffer[end - 1] == ord("\r"):
        end -= 1
    taken = bytes(buffer[line:end])
    no_record = BLANKED + (dialect.delimiter.encode() if dialect.width == 1 else b"")
    buffer[line:end] = no_record.ljust(len(taken))[: len(taken)]
    return taken


def count_ends(text: bytes | bytearray, start: int, end: int) -> int:
    """Line ends as every program counts them: of CR CR LF, too, which some make of CR LF, the first CR is one."""
    return text.count(b"\n", start, end) + text.count(b"\r", start, end) - text.count(b"\r\n", start, end)


def _open(path: Path, dialect: Dialect) -> BufferedReader | TextIOWrapper:
    """The file behind a byte order mark; as text where its bytes cannot be parsed as they are."""
    file = path.open("rb")
    if file.peek(3)[:3] == codecs.BOM_UTF8:
        file.seek(3)
    return file if dialect.is_raw else TextIOWrapper(file, dialect.encoding, "replace", newline="\n")


class _Portions:
    """The bytes of a file, of text as UTF-8; those with more than MOST_LINES lines little by little."""

    def __init__(self, file: BufferedReader | TextIOWrapper) -> None:
        self.file, self.left = file, memoryview(b"")

    def fill(self, room: memoryview) -> int:
        """Read into room for at least four bytes; returns how many, 0 at the end."""
        if not self.left:
            count = self._read(room)
            read = np.frombuffer(room, np.uint8, count)
            if sum(np.count_nonzero(portion == ord("\n")) for portion in portions(read)) <= MOST_LINES:
                return count
            self.left = memoryview(bytes(room[:count]))
        portion = self.left[: min(MOST_LINES, len(room))]
        room[: len(portion)] = portion
        self.left = self.left[len(portion) :]
        return len(portion)

    def _read(self, room: memoryview) -> int:
        if isinstance(self.file, BufferedReader):
            return self.file.readinto(room)
        text = self.file.read(len(room) // 4).encode()
        room[: len(text)] = text
        return len(text)
