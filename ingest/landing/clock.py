"""When a delivery was received: what its sender says, within what our own clock and its period allow."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from stat import S_ISREG
from typing import Any

from ingest import settings
from ingest.promises.period import Period
from ingest.reason import Refusal

LONGEST = 64  # bytes of a time, and more
APART = timedelta(days=7)  # from when a file says it was dropped to when it was first seen


def read_sidecar(path: Path) -> datetime | None:
    """The time that a sidecar tells (ISO 8601; without a zone it is Shanghai's), None where it tells none."""
    try:
        if not S_ISREG(path.lstat().st_mode):
            return None
        with path.open("rb") as file:
            if len(said := file.read(LONGEST + 1)) > LONGEST:
                return None
        time = datetime.fromisoformat(said.decode("utf-8-sig").strip())
        return (time if time.tzinfo else time.replace(tzinfo=settings.SHANGHAI)).astimezone(UTC)
    except (OSError, ValueError, OverflowError):
        return None


def bound(said_at: datetime, period: Period | None, now: datetime) -> datetime:
    """The time that is said, where it can be: not after now, not before the period began; else now.

    A file that was unpacked or copied has a modification time of its own, as 1980-01-01.
    """
    return said_at if said_at <= now and not (period and _day(said_at) < period.start) else now


def check_told(told_at: datetime | None, file: str, period: Period, now: datetime) -> None:
    """Raises Refusal when a sidecar tells no time, one to come, or one before the period began."""
    if told_at is None:
        raise Refusal(f"旁边的 {file}.received 不是 ISO 8601 时间，如 2025-10-09T09:30:00", "unknown_time")
    said = f"旁边的 {file}.received 写的收到时间 {told_at.astimezone(settings.SHANGHAI):%Y-%m-%d %H:%M}（北京时间）"
    if told_at > now:
        raise Refusal(f"{said}还没有到", "unknown_time")
    if _day(told_at) < period.start:
        raise Refusal(f"{said}早于本期（{period}）开始的 {period.start}", "unknown_time")


def check_period(period: Period, received_at: datetime, now: datetime) -> None:
    """Raises Refusal when the period had not begun, or not ended: a part of it would pass for all."""
    if _day(now) < period.start:
        raise Refusal(f"文件名说是 {period} 的数据，这一期到 {period.start} 才开始", "future_period")
    if _day(received_at) < period.end:
        raise Refusal(
            f"文件名说是 {period} 的数据，收到时（{_day(received_at)}）这一期还没有结束（到 {period.end}），不会完整",
            "future_period",
        )


def is_backdated(receipt: dict[str, Any]) -> bool:
    """Whether it was first seen long after it says that it was dropped."""
    if not receipt.get("arrived_at"):  # taken in before that was kept
        return False
    return datetime.fromisoformat(receipt["arrived_at"]) - datetime.fromisoformat(receipt["received_at"]) > APART


def here(moment: str) -> datetime:
    """On the clock in Shanghai."""
    return datetime.fromisoformat(moment).astimezone(settings.SHANGHAI)


def _day(moment: datetime) -> date:
    return moment.astimezone(settings.SHANGHAI).date()
