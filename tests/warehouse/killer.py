"""Kill -9 at an exact step: for each line it is told, this script forks a child that traces itself to its end.

A script of its own, because a process may only fork safely before it has threads.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path
from types import FrameType
from typing import Any

import pandas  # noqa: F401  DuckDB would import it in every child

from ingest import intake
from ingest.answering import outbox
from ingest.conforming import pseudonym
from ingest.landing import land, receipt
from ingest.landing import withdraw as withdrawing
from ingest.promises.contract import read_contracts
from warehouse.releases import approval, channel
from warehouse.releases import publish as publication
from warehouse.running import rekey as rekeying


def serve() -> None:
    """Lines [step, verb, arguments]: the child is killed before the `step`-th line of the verb's files."""
    read_contracts()  # once for all children
    for line in sys.stdin:
        step, verb, arguments = json.loads(line)
        child = os.fork()
        if child == 0:
            do, files = VERBS[verb]
            trace(step, files)
            do(*arguments)
            os._exit(0)
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)


def trace(step: int, files: set[str]) -> None:
    seen = set()

    def line(frame: FrameType, event: str, _: Any) -> Any:
        if frame.f_code.co_filename not in files:
            return None
        if event == "line":
            seen.add((frame.f_code.co_filename, frame.f_lineno))
            if len(seen) == step:
                os.kill(os.getpid(), signal.SIGKILL)
        return line

    sys.settrace(line)


def publish(run: str) -> None:
    channel.GRACE_SECONDS = -1
    publication.publish(run)


def promote() -> None:
    approval.promote()


def ingest(dataset: str) -> None:
    intake.ingest(dataset, say=lambda line: None)


def withdraw(delivery: str) -> None:
    intake.withdraw(delivery, "王五", "口径不对")


def rekey(new_key_file: str) -> None:
    rekeying.rekey(Path(new_key_file), say=lambda line: None)


PUBLISHING = {land.__file__, publication.__file__, channel.__file__, approval.__file__}
VERBS = {
    "publish": (publish, PUBLISHING),
    "promote": (promote, PUBLISHING),
    "ingest": (ingest, {land.__file__, receipt.__file__}),
    "withdraw": (withdraw, {land.__file__, withdrawing.__file__, outbox.__file__}),
    "rekey": (rekey, {pseudonym.__file__, rekeying.__file__}),
}

if __name__ == "__main__":
    serve()
