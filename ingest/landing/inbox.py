"""What departments have dropped: the files of a dataset, in the order in which they were received."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from ingest import settings
from ingest.promises.contract import Contract
from ingest.promises.period import Period, period_of
from ingest.promises.region import PROVINCE, read_regions
from ingest.reason import Refusal
from ingest.words import SIMULATED


class Moving(OSError):
    """A file that is still being written, or was taken away."""


@dataclass(frozen=True)
class Drop:
    """One file in the inbox."""

    path: Path
    contract: Contract
    seen: os.stat_result  # when it was found

    @property
    def name(self) -> str:
        return f"{self.contract.name}/{self.path.name}"

    @cached_property
    def period(self) -> Period | None:
        return period_of(self.path.name, self.contract.filename)

    @cached_property
    def scope(self) -> str:
        """The reporting area: the city that the file name tells, else the province."""
        found = self.contract.filename.search(self.path.name)
        return (found and found.groupdict().get("scope")) or PROVINCE

    def check_name(self) -> None:
        """Raises Refusal unless the name gives a period and, where it gives a reporting area, one of the cities."""
        is_city = not self.contract.is_by_city or self.scope in read_regions().cities
        if self.period is None or not is_city:
            raise Refusal(f"文件名不符合规则，应如 {self.contract.example_name}", "unknown_name")

    def has_changed(self) -> bool:
        """Whether the file was written to, or taken away, since it was found."""
        if not self.path.exists():
            return True
        now = self.path.stat()
        return (now.st_mtime_ns, now.st_size) != (self.seen.st_mtime_ns, self.seen.st_size)

    @cached_property
    def received_at(self) -> datetime:
        """Time of the drop: the sidecar <file>.received (ISO 8601) if there is one, else the modification time."""
        sidecar = self.path.with_name(self.path.name + ".received")
        if sidecar.exists():
            try:
                time = datetime.fromisoformat(sidecar.read_text("utf-8").strip())
            except ValueError:
                raise ValueError(f"{sidecar}: 不是 ISO 8601 时间 (not an ISO 8601 time)") from None
            return (time if time.tzinfo else time.astimezone()).astimezone(UTC)
        return datetime.fromtimestamp(int(self.seen.st_mtime), UTC)

    @cached_property
    def sha256(self) -> str:
        return digest(self.path)

    @property
    def delivery_id(self) -> str:
        """Hash of what was delivered (never of output bytes): source, dataset, period, scope, contract version."""
        said = [self.sha256, self.contract.name, str(self.period or ""), self.scope, self.contract.version]
        return hashlib.sha256("\n".join(said).encode()).hexdigest()[:16]

    @property
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
            "period": str(period) if period else None,
            "scope": self.scope,
            "combination": contract.combination,
            "received_at": self.received_at.isoformat(),
            "due_date": due.isoformat() if due else None,
            "source_file": self.path.name,
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
    """The dataset's files, of a year or month if one is given, oldest first; ~$ files are an office program's locks."""
    folder = settings.inbox() / contract.department / contract.dataset
    names = (p for p in folder.glob("*") if not p.name.startswith((".", "~$")) and p.suffix != ".received")
    found = [Drop(p, contract, p.stat()) for p in names if p.is_file()]
    if period:
        found = [d for d in found if f"{d.period}-".startswith(f"{period}-")]
    return sorted(found, key=lambda d: (d.received_at, d.path.name))


def sandbox_scale() -> float | None:
    """The scale of the sandbox that made this inbox, None for real data."""
    marker = settings.inbox() / f"{SIMULATED}.json"
    return float(json.loads(marker.read_text("utf-8"))["scale"]) if marker.exists() else None
