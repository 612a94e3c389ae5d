"""What is in folders, to be compared, whenever it came there."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path


def hashes(data: Path, *folders: str) -> dict[str, str]:
    """sha256 by name, from data on, of every file in these folders of it, hidden ones, too."""
    files = [p for folder in folders for p in (data / folder).rglob("*") if p.is_file()]
    return {p.relative_to(data).as_posix(): hashlib.sha256(_read(p)).hexdigest() for p in files}


def _read(path: Path) -> bytes:
    """A receipt without the time at which the file was first seen."""
    said = path.read_bytes()
    return re.sub(rb'"arrived_at": "[^"]*"', b"", said) if path.name == "receipt.json" else said
