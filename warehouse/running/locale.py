"""Names of files are UTF-8 and output never fails, whatever the locale of the machine is."""

from __future__ import annotations

import os
import sys
from io import TextIOWrapper


def speak_utf8() -> None:
    """Begin this process again in Python's UTF-8 mode where file names would be read otherwise; from then on what a
    terminal cannot show is shown by its code."""
    if sys.getfilesystemencoding().lower() != "utf-8":
        os.execve(sys.executable, [sys.executable, *sys.orig_argv[1:]], os.environ | {"PYTHONUTF8": "1"})
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
