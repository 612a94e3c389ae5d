"""The audit of a build: the gate judges the future snapshot against the current publication."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from ingest import settings
from warehouse.building.build import facts_file, snapshot, write_facts
from warehouse.building.fingerprint import content_hash
from warehouse.building.lock import writing

if TYPE_CHECKING:
    from expectations.finding import Finding


NEXT = """
数据错了，请部门更正重报；数据没错而确属例外的，填好 build/audit/waivers/ 里的豁免草稿，
放进 expectations/waivers/，再运行"""


class GateBlocked(ValueError):
    """The gate refuses this build: critical rules failed, or a rule could not be evaluated."""


class NothingBuilt(ValueError):
    """There is no finished build."""


def audit(run: str) -> dict[str, Any]:
    """Judge the build: fills marts.quality_results, writes build/audit.json; GateBlocked when it must not go out."""
    from expectations import gate  # Great Expectations takes seconds to import

    if not (facts_file("build").exists() and snapshot().exists()):
        raise NothingBuilt("没有构建可以审核；请先运行 suheng build (nothing built to audit)")
    current = settings.published() / "current" / "suheng.duckdb"
    with writing():
        out = settings.build() / "audit"
        findings = gate.audit(snapshot(), current.resolve() if current.exists() else None, out)
        gate.record(snapshot(), findings, datetime.now(UTC))
        blockers = gate.blockers(findings)
        verdict = {
            "run": run,
            "content_hash": content_hash(snapshot()),
            "blocked": [f.rule for f in blockers],
            "rules": len(findings),
            "warnings": sum(f.outcome == "failed" and f.severity == "warning" for f in findings),
        }
        write_facts("audit", verdict)
    if blockers:
        said = "\n".join(f"  {f.rule}：{f.title_zh}；{_found(f)}" for f in blockers)
        raise GateBlocked(f"审核未通过，上一次发布保持不变：\n{said}{NEXT if any(f.rows for f in blockers) else ''}")
    return verdict


def _found(finding: Finding) -> str:
    if finding.rows_found is None:
        return f"规则无法执行：{finding.example}"
    return f"{finding.rows_found} 行，例如 {finding.example}"
