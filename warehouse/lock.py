"""One writer at a time: the build and the publication are guarded by a file lock, whoever starts them."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager

from ingest import settings


class Busy(RuntimeError):
    """Another process is building or publishing."""


@contextmanager
def writing() -> Iterator[None]:
    """Hold the warehouse's write lock; raises Busy when another process holds it."""
    settings.data().mkdir(parents=True, exist_ok=True)
    path = settings.data() / "write.lock"
    with path.open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            raise Busy(
                f"另一个进程（{file.read().strip() or '未知'}）正在构建或发布，请稍后再试 (another writer is busy)"
            ) from None
        file.truncate(0)
        file.write(f"pid {os.getpid()}")
        file.flush()
        yield
