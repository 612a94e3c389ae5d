"""What departments have dropped: the files of a dataset, in the order in which they were received."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from stat import S_ISDIR, S_ISREG
from typing import Any

from ingest import settings
from ingest.promises.contract import Contract
from ingest.promises.period import Period, match_name, period_of
from ingest.promises.region import PROVINCE, read_regions
from ingest.reading.kind import check_packed
from ingest.reason import Refusal
from ingest.words import SIMULATED

PARTIAL = ("~", ".bak", ".crdownload", ".download", ".filepart", ".part", ".partial", ".tmp")  # how their names end


class Moving(OSError):
    """A file that is still being written, or was taken away."""


@dataclass(frozen=True)
class Drop:
    """One file in the inbox."""

    path: Path
    contract: Contract
    seen: os.stat_result  # when it was found
    is_again: bool = False  # whether it takes back what came after the same bytes before

    @property
    def file(self) -> str:
        """The file's name as it can be shown and written: what is not UTF-8 in it by its bytes, a line break by its
        code."""
        name = os.fsencode(self.path.name).decode("utf-8", "backslashreplace")
        return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in name)

    @property
    def name(self) -> str:
        return f"{self.contract.name}/{self.file}"

    @cached_property
    def period(self) -> Period | None:
        return period_of(self.path.name, self.contract.filename)

    @cached_property
    def scope(self) -> str:
        """The reporting area: the city that the file name tells, else the province."""
        found = match_name(self.path.name, self.contract.filename)
        return (found and found.groupdict().get("scope")) or PROVINCE

    @property
    def key(self) -> tuple[str | None, str]:
        """What it is of, and replaces an earlier delivery of: period and area."""
        return str(self.period) if self.period else None, self.scope

    def check_name(self) -> None:
        """Raises Refusal unless the name gives a period and, where it gives a reporting area, one of the cities; of
        what was packed, which has the archive's name, that it was."""
        is_city = not self.contract.is_by_city or self.scope in read_regions().cities
        if self.period is None or not is_city:
            check_packed(self.path)
            raise Refusal(f"文件名不符合规则，应如 {self.contract.example_name}", "unknown_name")
        if self.sidecar.exists() and self.told_at is None:
            raise Refusal(f"旁边的 {self.file}.received 不是 ISO 8601 时间，如 2025-10-09T09:30:00", "unknown_time")

    def has_changed(self) -> bool:
        """Whether the file was written to, or taken away, since it was found."""
        if not self.path.exists():
            return True
        now = self.path.stat()
        return (now.st_mtime_ns, now.st_size) != (self.seen.st_mtime_ns, self.seen.st_size)

    @property
    def sidecar(self) -> Path:
        """<file>.received, which may tell the time of the drop."""
        return self.path.with_name(self.path.name + ".received")

    @cached_property
    def told_at(self) -> datetime | None:
        """The time that the sidecar tells (ISO 8601; without a zone it is Shanghai's), None where it tells none."""
        try:
            time = datetime.fromisoformat(self.sidecar.read_text("utf-8-sig").strip())
        except (OSError, ValueError):
            return None
        return (time if time.tzinfo else time.replace(tzinfo=settings.SHANGHAI)).astimezone(UTC)

    @cached_property
    def received_at(self) -> datetime:
        """Time of the drop: that which the sidecar tells, else the modification time."""
        seconds, nanoseconds = divmod(self.seen.st_mtime_ns, 10**9)
        return self.told_at or datetime.fromtimestamp(seconds, UTC).replace(microsecond=nanoseconds // 1000)

    @cached_property
    def sha256(self) -> str:
        return digest(self.path)

    @cached_property
    def delivery_id(self) -> str:
        """Hash of what was delivered (never of output bytes): source, dataset, period, scope, contract version; and the
        time, where the same was delivered before."""
        said = [self.sha256, self.contract.name, str(self.period or ""), self.scope, self.contract.version]
        said += [self.received_at.isoformat()] if self.is_again else []
        return hashlib.sha256("\n".join(said).encode()).hexdigest()[:16]

    @cached_property
    def home(self) -> Path:
        """The delivery's folder in the lake."""
        return settings.lake() / self.contract.name / f"delivery={self.delivery_id}"

    @property
    def facts(self) -> dict[str, Any]:
        """What its receipt tells before it is read."""
        contract, period = self.contract, self.period
        due = contract.due_date(period) if period else None
        return {
            "delivery_id": self.delivery_id,
            "department": contract.department,
            "dataset": contract.dataset,
            "contract_version": contract.version,
            "contract_sha256": contract.sha256,
            "period": str(period) if period else None,
            "scope": self.scope,
            "combination": contract.combination,
            "received_at": self.received_at.isoformat(),
            "due_date": due.isoformat() if due else None,
            "source_file": self.file,
            "source_sha256": self.sha256,
            "source_bytes": self.seen.st_size,
            "is_simulated": self.is_simulated,
        }

    @property
    def is_simulated(self) -> bool:
        return SIMULATED in self.path.name


def digest(path: Path) -> str:
    """sha256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def drops(contract: Contract, period: str = "") -> list[Drop]:
    """The dataset's files, of a year or month if one is given, oldest first."""
    found = [Drop(p, contract, p.stat()) for p in _there(contract) if _is_ours(p) and _is_file(p)]
    if period:
        found = [d for d in found if f"{d.period}-".startswith(f"{period}-")]
    return sorted(found, key=lambda d: (d.received_at, d.path.name))


def strays(contract: Contract) -> list[str]:
    """What lies in the dataset's folder and is no file to take in, each with what it is."""
    said = []
    for path in filter(_is_ours, _there(contract)):
        if not _is_file(path):
            name = Drop(path, contract, path.lstat()).name
            mode = path.lstat().st_mode
            kind = "文件夹" if S_ISDIR(mode) else "传输中的或备份的文件" if S_ISREG(mode) else "不是普通文件"
            said.append(f"{name}：{kind}，没有接收；请把文件本身放到 inbox/{contract.name}/ (not taken in)")
    return said


def _there(contract: Contract) -> list[Path]:
    return sorted((settings.inbox() / contract.department / contract.dataset).glob("*"))


def _is_ours(path: Path) -> bool:
    """Hidden files and ~$ are an office program's or a transfer's own; a sidecar goes with its file."""
    return not path.name.startswith((".", "~$")) and path.suffix != ".received"


def _is_file(path: Path) -> bool:
    """Whether it is a whole file: no folder, link, pipe or device, and not on its way or a copy kept aside."""
    return S_ISREG(path.lstat().st_mode) and not path.name.lower().endswith(PARTIAL)


def sandbox_scale() -> float | None:
    """The scale of the sandbox that made this inbox, None for real data."""
    marker = settings.inbox() / f"{SIMULATED}.json"
    return float(json.loads(marker.read_text("utf-8"))["scale"]) if marker.exists() else None
