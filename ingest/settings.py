"""Where things are: the project, and the data directory that SUHENG_DATA names."""

from __future__ import annotations

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
CONTRACTS = ROOT / "ingest" / "contracts"
PLAN = ROOT / "ingest" / "plan" / "2021-2025"
REFERENCE = ROOT / "ingest" / "reference"


def data() -> Path:
    """The data directory, absolute: SUHENG_DATA, or data/ in the project."""
    return Path(os.environ.get("SUHENG_DATA") or ROOT / "data").expanduser().resolve()


def inbox() -> Path:
    return data() / "inbox"


def lake() -> Path:
    return data() / "lake"


def refused() -> Path:
    return data() / "refused"


def build() -> Path:
    return data() / "build"


def published() -> Path:
    return data() / "published"
