"""Where things are: the project, and the data directory that SUHENG_DATA names."""

from __future__ import annotations

import os
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
