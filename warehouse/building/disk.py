"""What a disk refuses to take, in one line for the person who must act."""

from __future__ import annotations

import errno
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ingest import settings

ADVICE = {  # what is wrong, what to do
    errno.ENOSPC: ("磁盘已满，剩余 {free:,} MB", "请清理磁盘或扩容"),
    errno.EDQUOT: ("磁盘配额已用完", "请清理文件或提高配额"),
    errno.EFBIG: ("文件超过了允许的大小", "请提高进程的文件大小上限（ulimit -f）"),
    errno.EROFS: ("磁盘是只读的", "请把它挂载为可写"),
    errno.EACCES: ("没有权限读写", "请检查所有者与权限"),
    errno.EPERM: ("没有权限读写", "请检查所有者与权限"),
    errno.EIO: ("磁盘读写出错", "请检查磁盘"),
}
# DuckDB, polars, dbt and Great Expectations pass on only the system's words; SQLite, which holds the metadata of the
# embedded night, has its own.
WORDS = {os.strerror(code): code for code in ADVICE} | {
    "database or disk is full": errno.ENOSPC,
    "attempt to write a readonly database": errno.EROFS,
    "disk I/O error": errno.EIO,
}


class DiskRefused(RuntimeError):
    """The disk is full, read-only or not ours: a person must act, trying again would not help."""


@contextmanager
def explained() -> Iterator[None]:
    """Raise DiskRefused in place of an error that comes from the disk, whichever engine met it; others pass."""
    try:
        yield
    except DiskRefused:
        raise
    except Exception as error:
        if (why := explain(error)) is None:
            raise
        raise DiskRefused(why) from error


def explain(error: Exception) -> str | None:
    """Which file or folder, what is wrong and what to do; None when the error is not the disk's."""
    code = _code(error)
    return None if code is None else _say(code, _path(error))


def explain_full() -> str | None:
    """The same for what fails in a way of its own when a disk of ours is full; None when none is."""
    return _say(errno.ENOSPC, _fullest()) if _free(_fullest()) < 1_000_000 else None


def _say(code: int, path: Path) -> str:
    (wrong, advice), free = ADVICE[code], _free(path) // 1_000_000
    from ingest.shape import mask  # only here: the scheduler reads this module, and shapes need an engine

    return f"{wrong.format(free=free)}：{mask(str(path))}；{advice}，然后重新运行 ({os.strerror(code)})"


def _code(error: Exception) -> int | None:
    if isinstance(error, OSError) and error.errno in ADVICE:
        return error.errno
    return next((code for words, code in WORDS.items() if words in str(error)), None)


def _path(error: Exception) -> Path:
    named = getattr(error, "filename", None)
    if isinstance(named, str):
        return Path(named)
    quoted = re.search(r"""["'](/[^"']+)["']""", str(error))
    return Path(quoted[1]) if quoted else _fullest()


def _fullest() -> Path:
    """Of our folders, which may lie on several disks."""
    rooms = (settings.data(), settings.lake(), settings.refused(), settings.build(), settings.published())
    return min(rooms, key=_free)


def _free(path: Path) -> int:
    """Bytes that we may still write where path is, or will be."""
    return shutil.disk_usage(next(p for p in (path, *path.absolute().parents) if p.exists())).free
