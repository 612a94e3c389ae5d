"""The process that reads a file in its parent's place, within limits, and tells block by block what it finds."""

from __future__ import annotations

import errno
import json
import pickle
import resource
import sys
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import pyarrow as pa

from ingest.fault import frames
from ingest.promises.column import Column
from ingest.promises.contract import Contract
from ingest.reading.blocks import Block
from ingest.reading.parquet import read_parquet
from ingest.reading.workbook.sheet import read_sheets
from ingest.reason import Refusal
from ingest.settings import Limits

READERS = {"xlsx": read_sheets, "parquet": read_parquet}
OF_THE_FILE = (None, errno.EINVAL, errno.ENOMEM)  # a library's own, a wrong offset, more memory than it may have
TIRED = 1 << 20  # KB: with so much memory it ends, and the next file has a fresh process


def serve(parent: Connection) -> None:
    """Read file after file. What is asked is trusted and comes pickled, what is told is JSON and Arrow.

    Told of a file: {header} when one is found, answered by {wanted: our name by header} or {refusal: (message,
    reason)}; {block} and its cells with their record numbers as an Arrow stream; at its end {end: whether the process
    stays}, or in its place {refusal}, {machine: (errno, text)} or {fault: (kind, trace)}.
    """
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a dump would hold personal data
    with suppress(OSError):  # where memory runs out, it is the first to go
        Path("/proc/self/oom_score_adj").write_text("1000")
    while True:
        try:
            path, contract, limits = pickle.loads(parent.recv_bytes())
        except EOFError:
            return
        try:
            _limit(limits)
            for block in READERS[contract.format](path, contract, lambda h, c=contract: _match(parent, h, c)):  # type: ignore[misc]
                _send(parent, block)
        except Refusal as refusal:
            _tell(parent, refusal=(str(refusal), refusal.reason))
        except (pa.ArrowInvalid, pa.ArrowIndexError) as error:  # of a damaged file: what it holds does not fit together
            _tell(parent, refusal=(f"文件已损坏（{type(error).__name__}）", "unreadable"))
        except (MemoryError, pa.ArrowMemoryError):
            _tell(parent, refusal=("读取它要用的内存超过了允许的上限", "too_large"))
        except (BrokenPipeError, ConnectionResetError):
            return
        except OSError as error:
            if error.errno in OF_THE_FILE:
                _tell(parent, refusal=(f"文件已损坏（{type(error).__name__}）", "unreadable"))
            else:
                _tell(parent, machine=(error.errno, error.strerror))
        except BaseException as error:
            _tell(parent, fault=(type(error).__name__, frames(error)))
        is_tired = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss > TIRED
        _tell(parent, end=not is_tired)


def _limit(limits: Limits) -> None:
    used = resource.getrusage(resource.RUSAGE_SELF)
    until = int(used.ru_utime + used.ru_stime) + 1 + limits.seconds
    for what, soft in ((resource.RLIMIT_AS, limits.memory), (resource.RLIMIT_CPU, until)):
        hard = resource.getrlimit(what)[1]
        resource.setrlimit(what, (soft if hard == resource.RLIM_INFINITY else min(soft, hard), hard))


def _tell(parent: Connection, **said: Any) -> None:
    parent.send_bytes(json.dumps(said).encode())


def _match(parent: Connection, header: list[str], contract: Contract) -> dict[str, Column]:
    _tell(parent, header=header)
    answer = json.loads(parent.recv_bytes())
    if "refusal" in answer:
        raise Refusal(*answer["refusal"])
    columns = {c.name: c for c in contract.read_columns}
    return {header: columns[name] for header, name in answer["wanted"].items()}


def _send(parent: Connection, block: Block) -> None:
    cells = block.cells.append_column("", pa.array(block.records))
    cells.validate(full=True)
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, cells.schema) as stream:
        stream.write_batch(cells)
    _tell(parent, block={"encoding": block.encoding, "sheet": block.sheet})
    parent.send_bytes(sink.getvalue())


if __name__ == "__main__":
    serve(Connection(int(sys.argv[1])))
