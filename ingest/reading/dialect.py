"""How the records of a text file are written."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

SECOND_BYTES = bytes([*range(0x30, 0x3A), *range(0x40, 0x7F), *range(0x80, 0xFF)])  # of a GB18030 character


@dataclass(frozen=True)
class Dialect:
    """How the records of a text file are written; without a delimiter each line is a record.

    width: fields of a record; 0 where they are not known yet.
    """

    encoding: str
    delimiter: str = ","
    width: int = 0

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
        """By byte: whether a quote after it opens a cell, and a quote before it closes one."""
        return np.isin(np.arange(256), list(f"{self.delimiter}\r\n".encode()))
