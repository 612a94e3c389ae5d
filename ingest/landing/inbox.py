"""What departments have dropped: the files of a dataset, in the order in which they were received."""

from __future__ import annotations

import hashlib
import json
import os
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from ingest import settings
from ingest.landing import clock
from ingest.landing.folder import folder_of, is_file, is_ours, look, may_read, why_closed
from ingest.promises.contract import Contract, find_named, read_contracts
from ingest.promises.period import Period, match_name, period_of
from ingest.promises.region import PROVINCE, read_regions
from ingest.reading.kind import check_packed
from ingest.reason import Refusal
from ingest.shape import show_name
from ingest.words import SIMULATED


class Moving(OSError):
    """A file that is still being written, or was taken away."""


class Unread(Exception):
    """A file that cannot be read to its end: of which nothing is known, not even which delivery it is."""


@dataclass(frozen=True)
class Drop:
    """One file in the inbox."""

    path: Path
    contract: Contract
    seen: os.stat_result  # when it was found
    again: str = ""  # why these bytes are a delivery once more: the time of another drop, or the code and day of a try
    found_at: datetime = field(default_factory=lambda: datetime.now(UTC))  # by our own clock

    @cached_property
    def file(self) -> str:
        """The file's name as it can be shown and written."""
        return show_name(self.path.name)

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
        """Raises Refusal unless the name gives a period and, where it gives a reporting area, one of the cities; tells
        of what was packed, which has the archive's name, that it was, and of another dataset's file where it belongs.
        """
        is_city = not self.contract.is_by_city or self.scope in read_regions().cities
        if self.period is None or not is_city:
            check_packed(self.path)
            if self.period is None and (theirs := find_named(self.path.name, read_contracts().values())):
                whose = f"{theirs.department_zh}《{theirs.title}》"
                raise Refusal(f"文件名是{whose}的，应放到 inbox/{theirs.name}/，不是这里", "wrong_dataset")
            raise Refusal(f"文件名不符合规则，应如 {self.contract.example_name}", "unknown_name")

    def check_time(self) -> None:
        """Raises Refusal when the sidecar tells no time that can be, or the period was not there to be told of."""
        assert self.period is not None
        if self.has_sidecar:
            clock.check_told(self.told_at, self.file, self.period, self.found_at)
        clock.check_period(self.period, self.received_at, self.found_at)

    def has_changed(self) -> bool:
        """Whether the file was written to, taken away, or another put in its place since it was found."""
        try:
            now = self.path.lstat()
        except OSError:
            return True
        return any(getattr(now, f) != getattr(self.seen, f) for f in ("st_mtime_ns", "st_size", "st_ino", "st_mode"))

    @property
    def sidecar(self) -> Path:
        """<file>.received, which may tell the time of the drop."""
        return self.path.with_name(self.path.name + ".received")

    @cached_property
    def has_sidecar(self) -> bool:
        with suppress(OSError):  # none, or the file's own name is as long as a name can be
            return bool(self.sidecar.lstat())
        return False

    @cached_property
    def told_at(self) -> datetime | None:
        return clock.read_sidecar(self.sidecar) if self.has_sidecar else None

    @cached_property
    def said_at(self) -> datetime:
        """Time of the drop as it is said: by the sidecar, else by the modification time."""
        seconds, nanoseconds = divmod(self.seen.st_mtime_ns, 10**9)
        return self.told_at or datetime.fromtimestamp(seconds, UTC).replace(microsecond=nanoseconds // 1000)

    @cached_property
    def received_at(self) -> datetime:
        """The same where it can be, else by our own clock."""
        return clock.bound(self.said_at, self.period, self.found_at)

    @cached_property
    def sha256(self) -> str:
        try:
            return digest(self.path)
        except OSError as error:
            if self.has_changed():
                raise
            raise Unread(error.strerror) from None

    @cached_property
    def delivery_id(self) -> str:
        """Hash of what was delivered (never of output bytes): source, dataset, period, scope, contract version; and
        why it is one again, where the same was delivered before."""
        said = [self.sha256, self.contract.name, str(self.period or ""), self.scope, self.contract.version]
        said += [] if self.period else [self.path.name]  # what is wrong is the name
        said += [self.again] if self.again else []
        return hashlib.sha256("\n".join(said).encode("utf-8", "surrogateescape")).hexdigest()[:16]

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
            "said_at": self.said_at.isoformat(),
            "arrived_at": self.found_at.isoformat(),
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
    now = datetime.now(UTC)
    files = ((path, seen) for path, seen in look(folder_of(contract)) if is_ours(path) and is_file(path, seen))
    found = [Drop(path, contract, seen, found_at=now) for path, seen in files if may_read(path)]
    found = [d for d in found if not why_closed(d.sidecar)]  # another time than it tells would count
    if period:
        found = [d for d in found if f"{d.period}-".startswith(f"{period}-")]
    return sorted(found, key=lambda d: (d.received_at, d.path.name))


def sandbox_scale() -> float | None:
    """The scale of the sandbox that made this inbox, None for real data."""
    marker = settings.inbox() / f"{SIMULATED}.json"
    return float(json.loads(marker.read_text("utf-8"))["scale"]) if marker.exists() else None
