"""A process that does not outlive the one that began it: its standard input is its lifeline."""

from __future__ import annotations

import os
import runpy
import signal
import sys
import threading


def follow_parent() -> None:
    """From now on, end this process at once when standard input ends, which comes when our parent is gone."""

    def follow() -> None:
        while os.read(0, 1024):
            pass
        os.kill(os.getpid(), signal.SIGKILL)

    threading.Thread(target=follow, daemon=True).start()


if __name__ == "__main__":
    follow_parent()
    sys.argv = sys.argv[1:]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
