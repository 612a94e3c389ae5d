"""A delimited file read line by line and letter by letter: what the blocks of the reader must come to."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass

from ingest.reading.dialect import Dialect

Record = tuple[int, list[str]]


def read_slowly(data: bytes, dialect: Dialect, width: int) -> tuple[list[Record], list[int]]:
    """The records that have `width` fields, and the numbers of the lines that are none.

    A line of nothing but commas, quotes and blanks is counted and left out. Raises EOFError within a quoted cell that
    begins in the last line.
    """
    lines = re.findall(r"[^\n]*\n|[^\n]+", data.decode(dialect.encoding))
    delimiter = dialect.delimiter
    records: list[Record] = []
    broken: list[int] = []
    closing: set[int] = set()
    at = accounted = number = 0
    while at < len(lines):
        number += 1
        tries = (read_letters("".join(lines[at : at + n]), delimiter) for n in range(1, 21))
        found = next((f for f in tries if not f.is_open), None)
        text = found.text if found else "".join(lines[at : at + 20])
        count = text.count("\n") + (not text.endswith("\n"))
        if found and count > 1 and at:
            both_whole = all(lines[n].count(delimiter) + 1 == width for n in (at, at + count - 1))
            is_good = found.fields == width and found.is_well_closed and not both_whole
        else:
            is_good = found is not None
        if at in closing or not is_good:
            if found is None and not text.endswith("\n") and text.count("\n") == 0:
                raise EOFError
            closes = read_letters(text, delimiter).closes
            closing |= set() if closes is None else {at + closes}
            broken.append(number)
            count = 1
        elif at:
            (row,) = csv.reader([text], delimiter=delimiter)
            if len(row) == width and any(row):
                records.append((number, row))
            elif len(row) != width and any(cell.strip(', "\t') for cell in row):
                broken.append(number)
        accounted += count
        at += count
    assert accounted == len(lines)  # every line is of a record, within its cells, broken or blank
    return records, broken


@dataclass
class Letters:
    """A text as RFC 4180 has it, where a quote opens only at the start of a cell."""

    text: str
    is_open: bool = False  # it ends within quotes
    fields: int = 1
    is_well_closed: bool = True  # after every cell of several lines comes a delimiter or a line end
    closes: int | None = None  # the line where the first such cell ends, if by a quote that would open none


def read_letters(text: str, delimiter: str) -> Letters:
    found, state, begins, is_first = Letters(text), "start", 0, True
    around = f"{delimiter}\r\n"
    for place, letter in enumerate([*text, "\n"]):
        if state == "quoted":
            state = "closed" if letter == '"' else "quoted"
            continue
        if state == "closed" and letter == '"' and place < len(text):
            state = "quoted"
            continue
        if state == "closed" and "\n" in text[begins:place]:
            found.is_well_closed &= letter in around
            if is_first and text[place - 2] not in around:
                found.closes = text.count("\n", 0, place)
            is_first = False
        if letter == '"' and state == "start":
            state, begins = "quoted", place
        else:
            state = "start" if letter in around else "plain"
            found.fields += letter == delimiter
    found.is_open = state == "quoted"
    return found
