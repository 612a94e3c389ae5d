"""What a command says: names of files are UTF-8 under any locale, and a reader that has gone stops nothing."""

from __future__ import annotations

import os
import sys
from io import TextIOWrapper

from rich.console import Console


class Screen(Console):
    """Standard output for lines of any length, which goes on when nobody reads it any more."""

    def __init__(self) -> None:
        super().__init__(highlight=False, soft_wrap=True)

    def on_broken_pipe(self) -> None:
        forget_output()


def say(line: str) -> None:
    try:
        print(line, flush=True)
    except BrokenPipeError:
        forget_output()


def forget_output() -> None:
    """From now on, what this process writes to standard output goes nowhere."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)


def speak_utf8() -> None:
    """Begin this process again in Python's UTF-8 mode where file names would be read otherwise; from then on what a
    terminal cannot show is shown by its code."""
    if sys.getfilesystemencoding().lower() != "utf-8":
        os.execve(sys.executable, [sys.executable, *sys.orig_argv[1:]], os.environ | {"PYTHONUTF8": "1"})
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
