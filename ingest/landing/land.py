"""Directories that are there complete, by one atomic rename, or not at all."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


@contextmanager
def landing(target: Path) -> Iterator[Path]:
    """A temporary folder beside target that becomes target when the block ends well, and vanishes otherwise.

    Of two processes that land the same target the first one does, the other's work is dropped.
    """
    with drafting(target) as draft:
        yield draft
        for file in draft.iterdir():
            sync(file)
        sync(draft)
        try:
            draft.rename(target)
        except OSError:
            if not target.exists():
                raise
        sync(target.parent)


@contextmanager
def drafting(target: Path) -> Iterator[Path]:
    """A temporary folder beside target, which vanishes when the block ends, if need be when the next one begins."""
    target.parent.mkdir(parents=True, exist_ok=True)
    for left in target.parent.glob(f".{target.name}.*"):
        _sweep(left)
    draft = target.with_name(f".{target.name}.{os.getpid()}")
    draft.mkdir()
    handle = os.open(draft, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield draft
    finally:
        os.close(handle)
        shutil.rmtree(draft, ignore_errors=True)


def _sweep(draft: Path) -> None:
    """Remove the draft of a process that was killed; one that lives holds a lock on its folder."""
    with suppress(FileNotFoundError):
        handle = os.open(draft, os.O_RDONLY)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(draft, ignore_errors=True)
        except BlockingIOError:
            pass
        finally:
            os.close(handle)


def sync(path: Path) -> None:
    """Flush a file or a folder to the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
