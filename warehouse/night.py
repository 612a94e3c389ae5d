"""The steps of a night, as the DAG and the command line call them."""

from __future__ import annotations

from typing import Any

from ingest import intake
from ingest.contract import read_contracts
from ingest.promulgate import promulgate
from warehouse.audit import GateBlocked, audit
from warehouse.build import build
from warehouse.disk import explained
from warehouse.fingerprint import inputs_hash
from warehouse.publish import current, publish

__all__ = ["GateBlocked", "audit", "build", "datasets", "has_news", "ingest", "publish"]

build, audit, publish = explained()(build), explained()(audit), explained()(publish)


def datasets() -> list[str]:
    """Every dataset with a contract, as 'department/dataset'."""
    return list(read_contracts())


@explained()
def ingest(dataset: str) -> dict[str, int]:
    """Take in one dataset; a refused file is a result, not a failure."""
    return intake.ingest(dataset, say=lambda line: print(line, flush=True))


@explained()
def has_news() -> bool:
    """Whether deliveries, plan, methods or code differ from what the current publication was made of."""
    release: dict[str, Any] | None = current()
    return release is None or release["inputs_hash"] != inputs_hash(promulgate())
