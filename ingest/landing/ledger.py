"""What the lake has of a dataset, by which it is known whether a file in the inbox is a new delivery."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from ingest.fault import code
from ingest.landing.inbox import Drop
from ingest.landing.receipt import read_receipt, read_receipts
from ingest.promises.contract import Contract
from ingest.promises.vocabulary import ContractError
from ingest.reason import Refusal

Key = tuple[str | None, str]  # period, scope
Content = tuple[str | None, str, str, str]  # the same with sha256 and contract version


@dataclass(frozen=True)
class New:
    """A drop as the delivery that it is: how many of its period and area came before it; which one counts in its stead,
    that was here before but says that it was received later; which one counted when it came; and which one is like it.
    """

    drop: Drop
    arrival: int
    overtaken_by: dict[str, Any] | None
    follows: dict[str, Any] | None
    like: dict[str, Any] | None


@dataclass
class Ledger:
    """The receipts of a dataset, read once for all its files.

    accepted: of each period and area the delivery that counts, the last one to come of those received last; arrivals:
    how many deliveries there are of each; last: of the same bytes for the same period the last one to come; own: with
    them the names and the times of the files that have a receipt of their own.
    """

    dataset: str
    accepted: dict[Key, dict[str, Any]] = field(default_factory=dict)
    arrivals: dict[Key, int] = field(default_factory=dict)
    last: dict[Content, dict[str, Any]] = field(default_factory=dict)
    own: set[tuple[Content, str]] = field(default_factory=set)
    contracts: dict[str, str] = field(default_factory=dict)  # sha256 by version

    def __post_init__(self) -> None:
        for receipt in sorted(read_receipts(self.dataset), key=order):
            self.enter(receipt)

    def enter(self, receipt: dict[str, Any]) -> None:
        """Take note of a delivery that has landed, was refused or withdrawn."""
        key = receipt["period"], receipt["scope"]
        content = (*key, receipt["source_sha256"], receipt["contract_version"])
        if content not in self.last or _dropped(self.last[content]) <= _dropped(receipt):
            self.last[content] = receipt
        self.own |= {(content, receipt["source_file"]), (content, _dropped(receipt))}
        self.arrivals[key] = max(self.arrivals.get(key, 0), receipt.get("arrival", 0) + 1)
        if "contract_sha256" in receipt:
            self.contracts[receipt["contract_version"]] = receipt["contract_sha256"]
        if receipt["outcome"] == "landed" and (key not in self.accepted or order(self.accepted[key]) < order(receipt)):
            self.accepted[key] = receipt

    def check(self, contract: Contract) -> None:
        """Raises ContractError when files were taken in under another contract of the same version."""
        if self.contracts.get(contract.version, contract.sha256) != contract.sha256:
            raise ContractError(
                f"ingest/contracts/{contract.name}.yaml: version: 契约改了而版本仍是 {contract.version}，"
                "已有交付按改动之前的契约接收；请改为新的版本号 (the contract has changed under the same version)"
            )

    def expect(self, drop: Drop) -> New | None:
        """The drop as the next delivery of its period and area, None where the lake has it."""
        new = self._find_new(drop)
        if new is None:
            return None
        arrival = self.arrivals.get(new.key, 0)
        self.arrivals[new.key] = arrival + 1
        return New(new, arrival, self._overtaken_by(new), self.accepted.get(new.key), self._like(new))

    def _find_new(self, drop: Drop) -> Drop | None:
        """The drop as the delivery that it is.

        The same bytes again are a delivery of their own where they take back what came in between, where they were
        dropped again after they had been withdrawn, and where what they were refused for is over.
        """
        if not drop.home.exists():
            return drop
        why = self._why_again(drop, self.last.get(_content(drop)) or read_receipt(drop.home))
        again = replace(drop, again=why)
        return again if why and not again.home.exists() else None

    def _why_again(self, drop: Drop, last: dict[str, Any]) -> str:
        """Why the same bytes are a delivery once more, empty when they are none. last: the last one of them."""
        said, counts = drop.said_at.isoformat(), self.accepted.get(drop.key)
        if last["reason"] == "our_fault":
            if last.get("code", "") is None:  # not of the code
                return f"{code()} {drop.found_at:%Y-%m-%d}"
            return code() if last.get("code") != code() else ""
        if last["reason"] in ("unknown_time", "future_period"):
            return said if _is_timely(drop) else ""
        is_of_before = said <= _dropped(last)
        if last["outcome"] == "withdrawn":
            return "" if is_of_before or said <= last["withdrawn_at"] else said
        if last["outcome"] == "refused" or is_of_before or counts is None or counts["source_sha256"] == drop.sha256:
            return ""
        return "" if self._overtaken_by(drop) else said

    def is_withdrawn(self, drop: Drop) -> bool:
        """Whether it is another drop of what was withdrawn, which says that it was there before, and does not count."""
        content, counts = _content(drop), self.accepted.get(drop.key)
        if counts and counts["source_sha256"] == drop.sha256:
            return False
        is_own = (content, drop.said_at.isoformat()) in self.own
        return not is_own and content in self.last and self.last[content]["outcome"] == "withdrawn"

    def refused_as(self, drop: Drop) -> dict[str, Any] | None:
        """The delivery under another name as which the same bytes were refused, where none has counted since."""
        last, counts = self.last.get(_content(drop)), self.accepted.get(drop.key)
        if last is None or last["outcome"] != "refused" or (_content(drop), drop.file) in self.own:
            return None
        return None if counts and order(counts) > order(last) else last

    def _overtaken_by(self, drop: Drop) -> dict[str, Any] | None:
        """The delivery that counts in its stead: it was here before, but says that it was received later."""
        counts = self.accepted.get(drop.key)
        return counts if counts and counts["received_at"] > drop.received_at.isoformat() else None

    def _like(self, drop: Drop) -> dict[str, Any] | None:
        """The accepted delivery of the same area and period, or of the last one before it; none of what varies."""
        period, scope = drop.key
        before = [key for key in self.accepted if key[1] == scope and key[0] and period and key[0] <= period]
        return self.accepted[max(before, key=str)] if before and drop.contract.combination != "delta" else None


def order(receipt: dict[str, Any]) -> tuple[str, int, str]:
    """As dbt accepts them (dbt_project/macros/read_lake.sql)."""
    return receipt["received_at"], receipt.get("arrival", 0), receipt["delivery_id"]


def _content(drop: Drop) -> Content:
    return (*drop.key, drop.sha256, drop.contract.version)


def _dropped(receipt: dict[str, Any]) -> str:
    """When it was dropped, as it was said."""
    said: str = receipt.get("said_at") or receipt["received_at"]
    return said


def _is_timely(drop: Drop) -> bool:
    try:
        drop.check_time()
    except Refusal:
        return False
    return True
