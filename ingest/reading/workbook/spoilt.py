"""The cells of a sheet that have no value: an error, or a formula that nobody computed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import IO
from xml.parsers import expat

from ingest.reading.workbook.reference import number_of
from ingest.reason import SPOILT

Spoilt = dict[int, dict[int, str]]  # by row and column, 0-based, what a cell shows that has no value: #N/A, or =

MARKS = (b'"e"', b"'e'"), (b"<f", b":f")  # of the type of an error cell, of the name of a formula
FORMULA = re.compile(rb"<f[\s/>]"), re.compile(rb":f[\s/>]")


def is_suspect(xml: bytes) -> bool:
    """Whether a piece of a sheet may hold such a cell. Most hold none, and need not be parsed."""
    error, formula = (any(mark in xml for mark in marks) for marks in MARKS)
    return error or (formula and any(pattern.search(xml) for pattern in FORMULA))


def find_spoilt(sheet: IO[bytes], is_stale: bool) -> Spoilt:
    """The cells without a value. A cell or row that does not say where it stands follows the one before.

    is_stale: the formulas are to be computed when the workbook is opened. Software that cannot compute writes 0 in
    their place, or nothing, and only what is neither is a value then.
    """
    cells = _Cells(is_stale)
    cells.parser.ParseFile(sheet)
    return cells.spoilt


class _Cells:
    """Listens to a parser, to the end of a cell only where the cell is an error or a formula."""

    def __init__(self, is_stale: bool):
        self.spoilt: Spoilt = {}
        self.is_stale = is_stale
        self.row, self.place = -1, (-1, -1)  # of the last row and cell
        self.kind = "n"
        self.shown: str | None = None  # None: no value is written
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._start

    def _start(self, name: str, about: Mapping[str, str]) -> None:
        name = name[name.find(":") + 1 :]
        self.parser.CharacterDataHandler = self._text if name == "v" else None
        if name == "c":
            self.place = _place(about["r"]) if "r" in about else (self.row, self.place[1] + 1)
            self.kind, self.shown = about.get("t", "n"), None
            self.parser.EndElementHandler = self._end if self.kind == "e" else None
        elif name == "f":
            self.parser.EndElementHandler = self._end
        elif name == "v":
            self.shown = ""
        elif name == "row":
            self.row = int(about.get("r", self.row + 2)) - 1
            self.place = self.row, -1

    def _text(self, text: str) -> None:
        self.shown = (self.shown or "") + text

    def _end(self, name: str) -> None:
        if name[name.find(":") + 1 :] == "c" and (what := self._judge((self.shown or "").strip())):
            row, column = self.place
            self.spoilt.setdefault(row, {})[column] = what

    def _judge(self, shown: str) -> str | None:
        if self.kind == "e":
            return shown if SPOILT.get(shown) == "error_cell" else "#N/A"
        if shown:
            return "=" if self.is_stale and self.kind == "n" and float(shown) == 0 else None
        is_text = self.kind == "str" and self.shown is not None  # a formula may give an empty text
        return "=" if self.is_stale or not is_text else None


def _place(reference: str) -> tuple[int, int]:
    letters = reference.rstrip("0123456789")
    return int(reference[len(letters) :]) - 1, number_of(letters)
