"""Reading a publication: read-only, locked down, with limits, for SQL that nobody has reviewed."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from ingest import settings

LOCKDOWN = {
    "enable_external_access": "false",
    "allow_community_extensions": "false",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "memory_limit": "2GB",
    "max_temp_directory_size": "0GB",
    "lock_configuration": "true",
}


class NothingPublished(FileNotFoundError):
    """There is no current publication."""


def current_file() -> Path:
    """The current snapshot, by its version's own path: a long reader keeps the version that it opened."""
    link = settings.published() / "current"
    if not link.exists():
        raise NothingPublished("还没有发布；请先运行 suheng refresh (nothing is published yet)")
    return link.resolve() / "suheng.duckdb"


@contextmanager
def reading(seconds: float = 60) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection to the current snapshot; a query is interrupted when `seconds` have passed."""
    con = duckdb.connect(str(current_file()), read_only=True)
    timer = threading.Timer(seconds, con.interrupt)
    try:
        con.execute("set schema 'marts'")
        for setting, value in LOCKDOWN.items():
            con.execute(f"set {setting} = '{value}'")
        timer.start()
        yield con
    finally:
        timer.cancel()
        con.close()
