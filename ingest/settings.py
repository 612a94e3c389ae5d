"""Where things are, the project and the data directory that SUHENG_DATA names; what is switched on, and the limits."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import time
from pathlib import Path
from zoneinfo import ZoneInfo

ROOT = Path(__file__).resolve().parents[1]
CONTRACTS = ROOT / "ingest" / "contracts"
PLAN = ROOT / "ingest" / "plan" / "2021-2025"
REFERENCE = ROOT / "ingest" / "reference"
SHANGHAI = ZoneInfo("Asia/Shanghai")  # the days of plan, contracts and nights
PERIOD = "^(20[0-9]{2}(-(0[1-9]|1[0-2]))?)?$"  # the year or month to take in, or nothing for all
NIGHT = time(2)  # when the nightly task begins, on the clock in Shanghai


@dataclass(frozen=True)
class Limits:
    """What a file may at most hold and cost to read: generous for real ones.

    A workbook's cells count as far as the sheet reaches, empty ones too: so its reader keeps them.
    """

    memory: int = 4 << 30  # bytes of address space of the process that reads it
    seconds: int = 300  # of CPU time to read it
    patience: int = 1200  # seconds until its next block
    parts: int = 10_000  # of a workbook's archive
    unpacked: int = 4 << 30  # bytes of all parts
    ratio: int = 500  # of unpacked to packed, from 64 MB on
    cells: int = 30_000_000  # of a sheet
    columns: int = 5_000  # of a Parquet file
    groups: int = 50_000  # of rows in it
    rows: int = 100_000_000
    rows_per_byte: int = 8  # a key that tells rows apart takes more than a bit
    chunk: int = 2 << 30  # bytes of one column in one group of rows, unpacked
    rejects: int = 2_000_000  # noted of a file: with more it is not read to its end


LIMITS = Limits()


def data() -> Path:
    """The data directory, absolute: SUHENG_DATA, or data/ in the project."""
    return Path(os.environ.get("SUHENG_DATA") or ROOT / "data").expanduser().resolve()


def inbox() -> Path:
    return data() / "inbox"


def lake() -> Path:
    return data() / "lake"


def refused() -> Path:
    return data() / "refused"


def outbox() -> Path:
    return data() / "outbox"


def build() -> Path:
    return data() / "build"


def published() -> Path:
    return data() / "published"


def require_approval() -> bool:
    """Whether a person signs off what goes out: SUHENG_REQUIRE_APPROVAL is 1 (or 0, the default)."""
    return _is_on("SUHENG_REQUIRE_APPROVAL")


def verbose() -> bool:
    """Whether each file that lands has a line of its own: SUHENG_VERBOSE is 1 (or 0, the default)."""
    return _is_on("SUHENG_VERBOSE")


def _is_on(switch: str) -> bool:
    said = os.environ.get(switch, "0").strip() or "0"
    if said not in ("0", "1"):
        raise ValueError(f"{switch} 应为 0 或 1，现为 {said} (should be 0 or 1)")
    return said == "1"


def embargo() -> time | None:
    """The time of day in Shanghai before which nothing goes out: SUHENG_EMBARGO as HH:MM; None without one."""
    said = os.environ.get("SUHENG_EMBARGO", "").strip()
    try:
        return time.fromisoformat(said) if said else None
    except ValueError:
        raise ValueError(f"SUHENG_EMBARGO 应为 HH:MM，现为 {said} (should be HH:MM)") from None
