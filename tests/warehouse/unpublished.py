"""The state between audit and publication, had by taking a publication back."""

from __future__ import annotations

import shutil
from pathlib import Path

import duckdb


def unpublish(data: Path) -> None:
    """Put the current publication back where it was between audit and publication."""
    file = data / "build" / "suheng.duckdb"
    shutil.copyfile(data / "published" / "current" / "suheng.duckdb", file)
    with duckdb.connect(str(file)) as con:
        con.execute("delete from marts.release")
