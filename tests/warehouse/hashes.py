"""What is in folders, to be compared."""

from __future__ import annotations

import hashlib
from pathlib import Path


def hashes(data: Path, *folders: str) -> dict[str, str]:
    """sha256 by name, from data on, of every file in these folders of it, hidden ones, too."""
    files = [p for folder in folders for p in (data / folder).rglob("*") if p.is_file()]
    return {p.relative_to(data).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}
