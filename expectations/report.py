"""The quality report: one page in Chinese that needs nothing but itself."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from html import escape
from itertools import groupby
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING

import duckdb

from ingest.inbox import SIMULATED

if TYPE_CHECKING:
    from expectations.gate import Finding

SEVERITY = {"critical": "阻断发布", "warning": "提示"}
OUTCOME = {"passed": "通过", "failed": "不通过", "crashed": "无法执行"}
PAGE = Path(__file__).with_suffix(".html")


def write_report(
    path: Path, snapshot: Path, findings: Sequence[Finding], blocking: int, waivers: Sequence[str], checked_at: datetime
) -> None:
    """Write the page: the rules table by table with their outcome, and the waivers in force.

    blocking: how many findings forbid the publication; checked_at: on the clock in China.
    """
    with duckdb.connect(str(snapshot), read_only=True) as con:
        comments: dict[str, str | None] = dict(
            con.sql("select table_name, comment from duckdb_tables() where schema_name = 'marts'").fetchall()
        )
        simulated = con.execute(
            "select 1 from marts.deliveries where contains(source_file, ?) limit 1", [SIMULATED]
        ).fetchone()
    failed = [finding for finding in findings if finding.outcome != "passed"]
    tables = groupby(findings, key=lambda finding: finding.rule.split("/")[0])
    page = Template(PAGE.read_text("utf-8"))
    path.write_text(
        page.substitute(
            banner=f'<p class="banner">{SIMULATED}：由沙盘生成，不是江苏省的实际情况</p>' if simulated else "",
            time=f"{checked_at:%Y-%m-%d %H:%M}",
            rules=len(findings),
            failed=len(failed),
            blocking=blocking,
            verdict="不予发布" if blocking else "可以发布",
            tables="".join(_write_table(table, comments.get(table) or "", list(group)) for table, group in tables),
            waivers=_write_list("有效的豁免", waivers),
        ),
        "utf-8",
    )


def _write_table(table: str, comment: str, findings: Sequence[Finding]) -> str:
    rows = "".join(
        f'<tr class="{f.outcome} {f.severity}"><td>{escape(f.title_zh)}<br><code>{escape(f.rule)}</code></td>'
        f"<td>{SEVERITY[f.severity]}</td><td>{OUTCOME[f.outcome]}</td>"
        f"<td>{'' if f.rows_found is None else f.rows_found}</td><td>{escape(f.example or '')}</td></tr>\n"
        for f in findings
    )
    head = "<tr><th>规则</th><th>级别</th><th>结果</th><th>不符合的行数</th><th>例</th></tr>"
    return f"<h2>{escape(table)}</h2>\n<p>{escape(comment)}</p>\n<table>\n{head}\n{rows}</table>\n"


def _write_list(title: str, lines: Sequence[str]) -> str:
    items = "".join(f"<li>{escape(line)}</li>\n" for line in lines)
    return f"<h2>{title}</h2>\n<ul>\n{items}</ul>\n" if lines else ""
