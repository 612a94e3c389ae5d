"""One at a time: a refresh, and any build, audit or publication, each hold a file lock that names its process."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

from ingest import settings


class Busy(RuntimeError):
    """Another process holds the lock."""


@contextmanager
def alone(name: str, what: str) -> Iterator[TextIO]:
    """Hold <data>/<name>; yields its file, for children that share the lock. Raises Busy with the holder's pid."""
    settings.data().mkdir(parents=True, exist_ok=True)
    with (settings.data() / name).open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            holder = file.read().strip() or "?"
            raise Busy(f"{what}正在运行（进程 {holder}），本次没有启动 (busy, held by process {holder})") from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield file


@contextmanager
def writing() -> Iterator[TextIO]:
    """The warehouse's one writer."""
    with alone("write.lock", "另一次构建、审核或发布") as file:
        yield file
