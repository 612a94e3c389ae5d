"""A delimited file read line by line and letter by letter: what the blocks of the reader must come to."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass, field

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
            are_two = any(all(fields_alone(p, delimiter) == width for p in found.parts(span)) for span in found.spans)
            is_good = found.fields == width and found.is_well_closed and not are_two
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
    spans: list[tuple[int, int]] = field(default_factory=list)  # of the cells of several lines, by their quotes
    is_well_closed: bool = True  # after every cell of several lines comes a delimiter or a line end
    closes: int | None = None  # the line where the first such cell ends, if by a quote that would open none
    opened: int = 0  # where the last cell in quotes begins

    def parts(self, span: tuple[int, int]) -> list[str]:
        """The text up to the end of the line where a cell of several lines opens, without the quote that opens it, and
        the text from the line on where it closes, without that quote."""
        opening, closing = span
        first, second = (f"{self.text[:n]}x{self.text[n + 1 :]}" for n in span)
        return [first[: first.index("\n", opening)], second[second.rindex("\n", 0, closing) + 1 :].removesuffix("\n")]


def fields_alone(line: str, delimiter: str) -> int:
    """A quote that opens a cell but closes none is a letter."""
    found = read_letters(line, delimiter)
    if found.is_open:
        return fields_alone(f"{line[: found.opened]}x{line[found.opened + 1 :]}", delimiter)
    return found.fields


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
            found.spans.append((begins, place - 1))
            found.is_well_closed &= letter in around
            if is_first and text[place - 2] not in around:
                found.closes = text.count("\n", 0, place)
            is_first = False
        if letter == '"' and state == "start":
            state, begins = "quoted", place
        else:
            state = "start" if letter in around else "plain"
            found.fields += letter == delimiter
    found.is_open, found.opened = state == "quoted", begins
    return found
