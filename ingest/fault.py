"""What nobody foresaw: the file is refused as our own fault, and the trace is logged without a word of its content."""

from __future__ import annotations

import errno
import hashlib
import os
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib.metadata import version
from pathlib import Path

from ingest.reason import Refusal

MACHINE = [
    os.strerror(code)
    for code in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EACCES, errno.EPERM, errno.EIO)
]
LIBRARIES = ("duckdb", "numpy", "polars", "pyarrow", "python-calamine")
SAID = "读取时程序出错（{}），是我方的程序没有料到，不是填报的错"


@contextmanager
def admitted(file: str) -> Iterator[None]:
    """Raise a Refusal in place of any error that neither is one nor comes from the machine."""
    try:
        yield
    except (Refusal, OSError):
        raise
    except BaseException as error:
        is_machine = any(words in str(error) for words in MACHINE)  # some engines pass on only the system's words
        if is_machine or not is_error(error):
            raise
        raise admit(file, type(error).__name__, frames(error)) from None


def is_error(error: BaseException) -> bool:
    """Whether something went wrong; else somebody wants to end."""
    is_panic = type(error).__name__ == "PanicException"  # of Rust, each library has a class of its own
    return isinstance(error, Exception) or is_panic


def frames(error: BaseException) -> list[str]:
    """Where it was raised, without its message, which may quote a cell."""
    return [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(error.__traceback__)]


def admit(file: str, kind: str, trace: list[str]) -> Refusal:
    """Log the trace; returns the refusal of the file."""
    print("\n  ".join([f"{file}：{kind}", *trace]), file=sys.stderr, flush=True)
    return Refusal(SAID.format(kind), "our_fault")


@cache
def code() -> str:
    """Tells one state of the code that reads from another: after it has changed, our own faults are tried again."""
    here = Path(__file__).parent
    said = [f"{path.relative_to(here)} {path.read_text('utf-8')}" for path in sorted(here.rglob("*.py"))]
    said += [f"{library} {version(library)}" for library in LIBRARIES]
    return hashlib.sha256("\n".join(said).encode()).hexdigest()[:16]
