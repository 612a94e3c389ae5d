"""Workbooks and Parquet, whose readers a hostile or damaged file can kill, are read in a process beside this one."""

from __future__ import annotations

import atexit
import json
import os
import pickle
import signal
import subprocess
import sys
from collections.abc import Iterator
from multiprocessing import Pipe
from pathlib import Path
from threading import Lock
from typing import Any

import pyarrow as pa

from ingest.exchange import to_numpy
from ingest.fault import admit
from ingest.promises.contract import Contract
from ingest.reading.blocks import Block, Match
from ingest.reason import Interrupted, Refusal, Unreadable
from ingest.settings import LIMITS
from ingest.shape import show_name

OUTSIDE = (-signal.SIGKILL, -signal.SIGTERM, -signal.SIGINT, -signal.SIGHUP)  # no file makes its reader raise these


def read_apart(path: Path, contract: Contract, match: Match) -> Iterator[Block]:
    """Blocks of the contract's columns; raises Refusal, also when the reading process is killed or hangs.

    One process, started with the first file, reads all of them, one after the other. Its memory and its time are
    limited; when it dies only this file is refused. The header is matched here: only here are all contracts known.
    """
    with _taking:  # no two threads ask the same one
        worker = _worker()
        worker.is_free = False
    try:
        worker.ask(path, contract)
        refusal: Refusal | OSError | None = None
        while "end" not in (said := worker.hear()):
            if "header" in said:
                worker.tell(_answer(said["header"], match))
            elif "block" in said:
                with pa.ipc.open_stream(worker.take()) as stream:
                    cells = stream.read_next_batch()
                records = to_numpy(cells.column(cells.num_columns - 1))
                cells = cells.select(cells.schema.names[:-1])
                yield Block(cells, records, said["block"]["encoding"], sheet=said["block"]["sheet"])
            elif "refusal" in said:
                refusal = Refusal(*said["refusal"])
            elif "machine" in said:
                refusal = OSError(*said["machine"])
            else:
                refusal = admit(show_name(path.name), *said["fault"])
        worker.is_free = said["end"]
        if refusal:
            raise refusal
    except (EOFError, ConnectionError):
        raise _ended(worker.bury()) from None
    finally:
        if not worker.is_free:
            worker.bury()


def _ended(code: int | None) -> Refusal:
    """code: that the process ended with by itself, None where it was ended here because it took too long."""
    if code in OUTSIDE:
        name = signal.Signals(-code).name
        return Interrupted(f"读取它的程序被外力中断（{name}），多半是机器的内存不够，不是填报的错；下一夜自动再试")
    how = "很久没有应答" if code is None else signal.Signals(-code).name if code < 0 else f"退出码 {code}"
    return Unreadable(f"读取它的程序被它中断（{how}）：文件已损坏，或大得异常")


def _answer(header: list[str], match: Match) -> dict[str, Any]:
    try:
        return {"wanted": {found: column.name for found, column in match(header).items()}}
    except Refusal as refusal:
        return {"refusal": (str(refusal), refusal.reason)}


class Worker:
    """The process, which ends itself when this one is gone."""

    def __init__(self) -> None:
        self.pipe, theirs = Pipe()
        call = [sys.executable, "-m", "ingest.reading.worker", str(theirs.fileno())]
        silent = subprocess.DEVNULL  # what a library says as it dies may quote a cell
        environment = os.environ | {"ARROW_DEFAULT_MEMORY_POOL": "system", "MALLOC_ARENA_MAX": "2"}
        self.process = subprocess.Popen(
            call, env=environment, stdin=silent, stdout=silent, stderr=silent, pass_fds=[theirs.fileno()]
        )
        theirs.close()
        self.owner, self.is_free = os.getpid(), True

    @property
    def is_ours(self) -> bool:
        """Whether it may be asked: not of a process that was forked since, alive, and done with the last file."""
        is_open = self.owner == os.getpid() and not self.pipe.closed
        return is_open and self.is_free and self.process.poll() is None

    def ask(self, path: Path, contract: Contract) -> None:
        self.pipe.send_bytes(pickle.dumps((path, contract, LIMITS)))

    def tell(self, answer: dict[str, Any]) -> None:
        self.pipe.send_bytes(json.dumps(answer).encode())

    def take(self) -> bytes:
        """What it tells next; raises EOFError when it is dead or takes too long."""
        if not self.pipe.poll(LIMITS.patience):
            raise EOFError
        return self.pipe.recv_bytes()

    def hear(self) -> dict[str, Any]:
        said: dict[str, Any] = json.loads(self.take())
        return said

    def bury(self) -> int | None:
        """End it; returns the code that it ended with by itself, None where it had not."""
        if self.owner != os.getpid():
            return None
        if not self.pipe.closed:
            is_dying = self.pipe.poll(0)
            self.pipe.close()
            try:  # of what it dies is to be told
                self.process.wait(1 if is_dying else 0)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
                return None
        return self.process.wait()


_workers: list[Worker] = []
_taking = Lock()


def _worker() -> Worker:
    """One that runs and is free, or a new one."""
    _workers[:] = [worker for worker in _workers if not worker.pipe.closed]
    found = next((worker for worker in _workers if worker.is_ours), None)
    if found is None:
        _workers.append(found := Worker())
        atexit.register(found.bury)
    return found
