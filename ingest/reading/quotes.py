"""Which quotes of a delimited text open and close cells, and which stray ones would swallow the records after them."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field, replace

import numpy as np

from ingest.reading.dialect import Dialect
from ingest.reading.opening import FEW, QUOTE, find_quotes

LINES = 20  # that a record has at most, with those in its quoted cells
NEWLINE = ord("\n")


@dataclass(frozen=True)
class Settled:
    """end: of the records of which all is known; strays: where the lines with a stray quote begin; inside: how many
    line ends are in quoted cells; is_open: the bytes end in a line that a quoted cell does not leave."""

    end: int
    strays: list[int] = field(default_factory=list)
    inside: int = 0
    is_open: bool = False


@dataclass(frozen=True)
class _Record:
    """end: 0 while it is not known; fields: 0 of one that is not closed; cells: the quoted ones of several lines;
    limit: where its LINES lines end."""

    end: int
    fields: int = 0
    cells: tuple[tuple[int, int], ...] = ()
    limit: int = 0


def settle(buffer: bytearray, filled: int, dialect: Dialect, is_first: bool, is_last: bool) -> Settled:
    """What is in quotes in these bytes, which begin with a record, of the first block with the header.

    A cell may have line ends in it only where its closing quote stands before a delimiter or a line end, its record
    has the header's number of fields and at most LINES lines, and the record is not two whole ones where the quotes of
    one such cell are letters. Otherwise the quote that seems to open it is a stray one: its line is no record, nor is
    the line whose quote seems to close it, and those between stand for themselves.
    """
    quotes = find_quotes(buffer, filled, dialect)
    inside = _quoted_newlines(buffer, filled, quotes)
    *starts, last = _line_starts(buffer, [*inside, filled])
    for start in dict.fromkeys([*starts, *([last] if len(quotes) % 2 else [])]):
        if start == last or not _is_right(buffer, filled, start, dialect, is_first):
            rest = _scan(buffer, filled, start, dialect, is_first, is_last)
            return replace(rest, inside=rest.inside + bisect_left(inside, start))
    return Settled(filled if is_last else last, [], len(inside))


def _line_starts(buffer: bytearray, places: list[int]) -> list[int]:
    """Where the record begins that each of these quoted line ends is in; the last place is the end of all."""
    starts, before = [0], -1
    for place in places:
        end = buffer.rfind(b"\n", 0, place)
        starts.append(starts[-1] if end == before >= 0 else end + 1)
        before = place
    return starts[1:]


def _quoted_newlines(buffer: bytearray, filled: int, quotes: np.ndarray) -> list[int]:
    """Positions of the line ends behind an opening quote and before the closing one."""
    if len(quotes) > FEW:
        newlines = np.flatnonzero(np.frombuffer(buffer, np.uint8, filled) == NEWLINE)
        quoted: list[int] = newlines[np.searchsorted(quotes, newlines) % 2 == 1].tolist()
        return quoted
    found: list[int] = []
    for opening, closing in zip(quotes[::2].tolist(), [*quotes[1::2].tolist(), filled], strict=False):
        place = buffer.find(b"\n", opening, closing)
        while place >= 0:
            found.append(place)
            place = buffer.find(b"\n", place + 1, closing)
    return found


def header_end(buffer: bytes | bytearray, filled: int, dialect: Dialect) -> int:
    """Bytes of the header record, which may hold quoted newlines."""
    return _walk(buffer, filled, 0, dialect, True).end


def _scan(buffer: bytearray, filled: int, start: int, dialect: Dialect, is_first: bool, is_last: bool) -> Settled:
    """settle() from a record on, one record with quotes after the other."""
    strays: list[int] = []
    inside, closing = 0, set[int]()
    while (quote := buffer.find(b'"', start, filled)) >= 0:
        line = max(buffer.rfind(b"\n", start, quote) + 1, start)
        record = _walk(buffer, filled, line, dialect, is_last)
        if not record.end:
            return Settled(line, strays, inside)
        if line not in closing and _is_right(buffer, filled, line, dialect, is_first, record):
            inside += buffer.count(b"\n", line, record.end - 1) if record.cells else 0
            start = record.end
            continue
        strays.append(line)
        start = buffer.find(b"\n", line, filled) + 1
        if not start:
            return Settled(filled, strays, inside, is_open=not record.fields)
        if record.cells and not dialect.opens[buffer[(close := record.cells[0][1]) - 1]]:
            closing.add(buffer.rfind(b"\n", 0, close) + 1)
    return Settled(filled if is_last else max(buffer.rfind(b"\n", start, filled) + 1, start), strays, inside)


def _walk(buffer: bytes | bytearray, filled: int, start: int, dialect: Dialect, is_last: bool) -> _Record:
    """The record that begins at start, as its quotes have it."""
    delimiter, place, fields, limit = dialect.delimiter.encode(), start, 1, 0
    cells: list[tuple[int, int]] = []
    while True:
        line_end = buffer.find(b"\n", place, filled)
        is_cut = line_end < 0
        line_end = filled if is_cut else line_end
        quote = buffer.find(b'"', place, line_end) if delimiter else -1
        while quote >= 0 and not (quote == start or dialect.opens[buffer[quote - 1]]):
            quote = buffer.find(b'"', quote + 1, line_end)
        if quote < 0:
            fields += buffer.count(delimiter, place, line_end) if delimiter else 0
            end = filled if is_cut else line_end + 1
            return _Record(0 if is_cut and not is_last else end, fields, tuple(cells), limit or end)
        fields += buffer.count(delimiter, place, quote)
        close = buffer.find(b'"', quote + 1, filled)
        while True:
            if not limit and not -1 < close < line_end:
                limit = _limit(buffer, filled, start)
            if limit and not -1 < close < limit:  # open to the end of what a record may have
                is_known = is_last or buffer.count(b"\n", start, limit) == LINES
                return _Record(limit if is_known else 0, 0, tuple(cells), limit)
            if close + 1 == filled or buffer[close + 1] != QUOTE:
                break
            close = buffer.find(b'"', close + 2, filled)
        if close > line_end:
            cells.append((quote, close))
        place = close + 1


def _limit(buffer: bytes | bytearray, filled: int, start: int) -> int:
    """The end of the LINES lines from here, or of all there are."""
    for _ in range(LINES):
        start = buffer.find(b"\n", start, filled) + 1
        if not start:
            return filled
    return start


def _is_right(
    buffer: bytearray, filled: int, start: int, dialect: Dialect, is_first: bool, record: _Record | None = None
) -> bool:
    """Whether the record that begins at start may have the quoted line ends that it seems to have."""
    record = record or _walk(buffer, filled, start, dialect, True)
    if not record.fields or record.end > record.limit:
        return False
    closed = (close + 1 == filled or dialect.opens[buffer[close + 1]] for _, close in record.cells)
    if not record.cells or (is_first and start == 0) or not dialect.width:
        return all(closed)
    is_two = dialect.width > 1 and any(_parts(buffer, start, record, cell, dialect) for cell in record.cells)
    return record.fields == dialect.width and not is_two and all(closed)


def _parts(buffer: bytearray, start: int, record: _Record, cell: tuple[int, int], dialect: Dialect) -> bool:
    """Whether the record is two, each whole, where the quotes of this cell of several lines are letters."""
    opening, closing = cell
    end = record.end - (buffer[record.end - 1] == NEWLINE)
    first = _fields(buffer, start, buffer.find(b"\n", opening), opening, dialect)
    second = _fields(buffer, buffer.rfind(b"\n", start, closing) + 1, end, closing, dialect)
    return first == second == dialect.width


def _fields(buffer: bytearray, start: int, end: int, stray: int, dialect: Dialect) -> int:
    """Of these bytes by themselves; the quote at stray is a letter, as is one that opens a cell but closes none."""
    delimiter, fields, place = dialect.delimiter.encode(), 1, start
    quote = buffer.find(b'"', start, end)
    while quote >= 0:
        if quote != stray and (quote == start or dialect.opens[buffer[quote - 1]]):
            close = buffer.find(b'"', quote + 1, end)
            while -1 < close < end - 1 and buffer[close + 1] == QUOTE:
                close = buffer.find(b'"', close + 2, end)
            if close > 0:
                fields, place, quote = fields + buffer.count(delimiter, place, quote), close + 1, close
        quote = buffer.find(b'"', quote + 1, end)
    return fields + buffer.count(delimiter, place, end)
