"""What the lake has of a dataset, by which it is known whether a file in the inbox is a new delivery."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from ingest.landing.inbox import Drop
from ingest.landing.receipt import read_receipt, read_receipts
from ingest.promises.contract import Contract
from ingest.promises.vocabulary import ContractError

Key = tuple[str | None, str]  # period, scope


@dataclass(frozen=True)
class New:
    """A drop as the delivery that it is: how many of its period and area came before it; which one counts in its stead,
    that was here before but says that it was received later; and which one is like it."""

    drop: Drop
    arrival: int
    overtaken_by: dict[str, Any] | None
    like: dict[str, Any] | None


@dataclass
class Ledger:
    """The receipts of a dataset, read once for all its files.

    accepted: of each period and area the delivery that counts, the last one to come of those received last; arrivals:
    how many deliveries there are of each.
    """

    dataset: str
    accepted: dict[Key, dict[str, Any]] = field(default_factory=dict)
    arrivals: dict[Key, int] = field(default_factory=dict)
    contracts: dict[str, str] = field(default_factory=dict)  # sha256 by version

    def __post_init__(self) -> None:
        for receipt in sorted(read_receipts(self.dataset), key=order):
            self.enter(receipt)

    def enter(self, receipt: dict[str, Any]) -> None:
        """Take note of a delivery that has landed or was refused."""
        key = receipt["period"], receipt["scope"]
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
        counts, arrival = self.accepted.get(new.key), self.arrivals.get(new.key, 0)
        self.arrivals[new.key] = arrival + 1
        is_overtaken = counts and counts["received_at"] > new.received_at.isoformat()
        return New(new, arrival, counts if is_overtaken else None, self._like(new))

    def _find_new(self, drop: Drop) -> Drop | None:
        """The same bytes again are a delivery of their own where they take back what came in between."""
        if not drop.home.exists():
            return drop
        known, counts = read_receipt(drop.home), self.accepted.get(drop.key)
        is_older = known["received_at"] >= drop.received_at.isoformat()
        if is_older or known["outcome"] != "landed" or counts is None or counts["source_sha256"] == drop.sha256:
            return None
        again = replace(drop, is_again=True)
        return None if again.home.exists() or counts["received_at"] > drop.received_at.isoformat() else again

    def _like(self, drop: Drop) -> dict[str, Any] | None:
        """The accepted delivery of the same area and period, or of the last one before it; none of what varies."""
        period, scope = drop.key
        before = [key for key in self.accepted if key[1] == scope and key[0] and period and key[0] <= period]
        return self.accepted[max(before, key=str)] if before and drop.contract.combination != "delta" else None


def order(receipt: dict[str, Any]) -> tuple[str, int, str]:
    """As dbt accepts them (dbt_project/macros/read_lake.sql)."""
    return receipt["received_at"], receipt.get("arrival", 0), receipt["delivery_id"]
