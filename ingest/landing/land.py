"""Directories that are there complete, by one atomic rename, or not at all."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

FLUSHES = 8  # at a time


@contextmanager
def landing(target: Path) -> Iterator[Path]:
    """A temporary folder beside target that becomes target when the block ends well, and vanishes otherwise.

    Of two processes that land the same target the first one does, the other's work is dropped.
    """
    with drafting(target) as draft:
        yield draft
        for path in (*draft.iterdir(), draft):
            sync(path)
        _rename(draft, target)
        sync(target.parent)


@contextmanager
def landing_together(room: Path) -> Iterator[Callable[[str], Path]]:
    """add(name) makes a temporary folder; when the block ends well those that are still there become room/name.

    In their order, each by a rename of its own, and none before all are on the disk: whoever is killed in between
    leaves the first ones whole and nothing of the others.
    """
    targets: dict[Path, Path] = {}

    def add(name: str) -> Path:
        folder = draft / f"{len(targets)}"  # of another name: it is no delivery yet
        targets[folder] = room / name
        folder.mkdir()
        return folder

    with drafting(room / "together") as draft:
        yield add
        targets = {folder: target for folder, target in targets.items() if folder.exists()}
        sync(*(path for folder in targets for path in (*folder.iterdir(), folder)))
        for folder, target in targets.items():
            _rename(folder, target)
        sync(room)


@contextmanager
def drafting(target: Path) -> Iterator[Path]:
    """A temporary folder beside target, which vanishes when the block ends, if need be when the next one begins."""
    target.parent.mkdir(parents=True, exist_ok=True)
    for left in target.parent.glob(f".{target.name}.*"):
        _sweep(left)
    draft = target.with_name(f".{target.name}.{os.getpid()}")
    handle = _hold(draft)
    try:
        yield draft
    finally:
        os.close(handle)
        shutil.rmtree(draft, ignore_errors=True)


def _hold(draft: Path) -> int:
    """Make the folder and lock it; anew where another process swept it before it was locked."""
    while True:
        draft.mkdir()
        with suppress(FileNotFoundError):
            handle = os.open(draft, os.O_RDONLY)
            fcntl.flock(handle, fcntl.LOCK_EX)
            if draft.exists():
                return handle
            os.close(handle)


def sweep(room: Path) -> None:
    """Remove what processes that were killed have left in the room."""
    for left in room.glob(".*"):
        _sweep(left)


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


def _rename(draft: Path, target: Path) -> None:
    try:
        draft.rename(target)
    except OSError:
        if not target.exists():
            raise


def sync(*paths: Path) -> None:
    """Flush files and folders to the disk, several side by side, which takes a tenth of the time."""
    if len(paths) < 2:
        list(map(_sync, paths))
        return
    with ThreadPoolExecutor(FLUSHES) as pool:
        list(pool.map(_sync, paths))


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
