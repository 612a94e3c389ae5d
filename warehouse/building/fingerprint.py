"""What went in and what came out, as hashes: the same inputs give the same content."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

import duckdb

from ingest import settings
from warehouse.building import mart

UNHASHED_TABLES = ("release", "quality_results", "revisions")
VOLATILE_COLUMNS = ("received_at", "arrived_at", "checked_at", "published_at")


def inputs_hash(plan_version: str) -> str:
    """Over all deliveries of departments, those that were withdrawn, the plan (with its method version) and the code
    that computes and judges."""
    deliveries = sorted(p.name for p in settings.lake().glob("*/*/delivery=*") if p.parent.parent.name != "plan")
    withdrawn = sorted(p.name for p in settings.lake().glob("*/*/withdrawal=*"))
    return _sha256([plan_version, *deliveries, *withdrawn, *_code()])


def _code() -> Iterable[str]:
    folders = ("dbt_project/models", "dbt_project/macros", "dbt_project/tests", "expectations")
    for folder in folders:
        for path in sorted((settings.ROOT / folder).rglob("*")):
            if path.suffix in (".sql", ".yml", ".yaml", ".py"):
                yield f"{path.relative_to(settings.ROOT)} {hashlib.sha256(path.read_bytes()).hexdigest()}"


def content_hash(snapshot: Path) -> str:
    """sha256 over the sorted rows of all marts except what differs from run to run."""
    said = []
    with duckdb.connect(str(snapshot), read_only=True) as con:
        for table, names in mart.columns(con).items():
            if table in UNHASHED_TABLES:
                continue
            row = ", ".join(f'"{n}"' for n in names if n not in VOLATILE_COLUMNS)
            digest = con.sql(
                f"select sha256(string_agg(h, '' order by h)) from (select sha256(cast(row({row}) as varchar)) as h "
                f'from marts."{table}")'
            ).fetchone()
            said.append(f"{table} {row} {(digest or ('',))[0]}")
    return _sha256(said)


def _sha256(lines: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
