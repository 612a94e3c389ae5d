"""The quality report: one page in Chinese that needs nothing but itself."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby
from pathlib import Path

import duckdb

from expectations.deliveries import read_returned, read_trend
from expectations.finding import Finding
from expectations.names import read_names
from expectations.rules import Rule
from ingest.pages import render
from ingest.words import SIMULATED


def is_simulated(snapshot: Path) -> bool:
    with duckdb.connect(str(snapshot), read_only=True) as con:
        told = "select count(*) > 0 from marts.deliveries where contains(source_file, ?)"
        return bool(con.execute(told, [SIMULATED]).fetchall()[0][0])


def write_report(
    path: Path,
    snapshot: Path,
    findings: Sequence[Finding],
    rules: Sequence[Rule],
    blocking: int,
    simulated: bool,
    checked_at: datetime,
) -> None:
    """Write the page: what departments delivered; what does not pass, with rows; the waivers; all rules.

    blocking: how many findings forbid the publication; checked_at: on the clock in China.
    """
    failed = [finding for finding in findings if finding.outcome != "passed"]
    with duckdb.connect(str(snapshot), read_only=True) as con:
        names = read_names(con)
        comments: dict[str, str | None] = dict(
            con.sql("select table_name, comment from duckdb_tables() where schema_name = 'marts'").fetchall()
        )
        returned = con.sql("select count(*) from marts.deliveries where outcome = 'refused'").fetchall()[0][0]
        render.write(
            path,
            "expectations/report.html.j2",
            is_simulated=simulated,
            checked_at=checked_at,
            names=names,
            blocking=blocking,
            tiles={
                "条规则": len(findings),
                "条阻断发布": blocking,
                "条提示": sum(finding.outcome == "failed" and finding.severity == "warning" for finding in failed),
                "行豁免": sum(finding.rows_waived or 0 for finding in findings),
                "份文件曾被退回": returned,
            },
            trend=read_trend(con, names),
            # those that block first
            failed=sorted(failed, key=lambda finding: (finding.outcome != "crashed", finding.severity != "critical")),
            returned=read_returned(con, names),
            waivers=[line for finding in findings for line in (finding.waivers or "").splitlines()],
            docs=dict.fromkeys(rule.table for rule in rules),
            findings=findings,
            tables=[
                (table, comments.get(table) or "", list(group))
                for table, group in groupby(findings, key=lambda finding: finding.rule.split("/")[0])
            ],
            queries={rule.name: rule.query.format(batch=f"marts.{rule.table}").strip() for rule in rules},
        )
