"""The quality report: one page in Chinese that needs nothing but itself."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from html import escape
from itertools import groupby
from pathlib import Path
from string import Template

import duckdb

from expectations.deliveries import write_refused, write_trend
from expectations.finding import Finding
from expectations.names import Names, read_names
from expectations.rules import Rule
from ingest.words import SIMULATED, SIMULATED_NOTE

SEVERITY = {"critical": "阻断发布", "warning": "提示"}
OUTCOME = {"passed": "通过", "failed": "不通过", "crashed": "无法执行"}
PAGE = Path(__file__).with_suffix(".html")


def read_banner(snapshot: Path) -> str:
    """HTML that says that the data are simulated, if they are."""
    with duckdb.connect(str(snapshot), read_only=True) as con:
        simulated = con.execute(
            "select 1 from marts.deliveries where contains(source_file, ?) limit 1", [SIMULATED]
        ).fetchone()
    return f'<p class="banner">{SIMULATED_NOTE}</p>' if simulated else ""


def write_report(
    path: Path,
    snapshot: Path,
    findings: Sequence[Finding],
    rules: Sequence[Rule],
    blocking: int,
    banner: str,
    checked_at: datetime,
) -> None:
    """Write the page: what departments delivered; what does not pass, with rows; the waivers; all rules.

    blocking: how many findings forbid the publication; checked_at: on the clock in China.
    """
    queries = {rule.name: rule.query.format(batch=f"marts.{rule.table}") for rule in rules}
    failed = [finding for finding in findings if finding.outcome != "passed"]
    tables = groupby(findings, key=lambda finding: finding.rule.split("/")[0])
    documented = dict.fromkeys(rule.table for rule in rules)
    page = Template(PAGE.read_text("utf-8"))
    with duckdb.connect(str(snapshot), read_only=True) as con:
        names = read_names(con)
        comments: dict[str, str | None] = dict(
            con.sql("select table_name, comment from duckdb_tables() where schema_name = 'marts'").fetchall()
        )
        refused = con.sql("select count(*) from marts.deliveries where outcome = 'refused'").fetchall()[0][0]
        tiles = {
            "条规则": len(findings),
            "条阻断发布": blocking,
            "条提示": sum(finding.outcome == "failed" and finding.severity == "warning" for finding in failed),
            "行豁免": sum(finding.rows_waived or 0 for finding in findings),
            "份文件曾被退回": refused,
        }
        text = page.substitute(
            banner=banner,
            time=f"{checked_at:%Y-%m-%d %H:%M}",
            rules=len(findings),
            failed=len(failed),
            blocking=blocking,
            verdict="不予发布" if blocking else "可以发布",
            tiles="".join(f"<div><b>{number}</b>{word}</div>" for word, number in tiles.items()),
            findings=_write_findings(failed, names),
            trend=write_trend(con, names),
            refused=write_refused(con, names),
            waivers=_write_waivers(findings),
            docs="、".join(f'<a href="data_docs/{table}.html">{table}</a>' for table in documented),
            tables="".join(
                _write_table(table, comments.get(table) or "", list(group), queries) for table, group in tables
            ),
        )
    path.write_text(text, "utf-8")


def _write_findings(failed: Sequence[Finding], names: Names) -> str:
    """Those that block first."""
    ordered = sorted(failed, key=lambda finding: (finding.outcome != "crashed", finding.severity != "critical"))
    return "<h2>不通过的规则</h2>\n" + "".join(_write_finding(finding, names) for finding in ordered) if failed else ""


def _write_finding(finding: Finding, names: Names) -> str:
    said = f"{finding.rows_found} 行" if finding.rows_found is not None else "规则无法执行，因此阻断发布"
    waived = f"，另有 {finding.rows_waived} 行豁免" if finding.rows_waived else ""
    head = (
        f'<h3 class="{finding.outcome} {finding.severity}"><span class="tag">{SEVERITY[finding.severity]}</span> '
        f"{escape(finding.title_zh)}</h3>\n<p>{said}{waived} <code>{escape(finding.rule)}</code></p>\n"
    )
    if not finding.sample:
        return f"{head}<pre>{escape(finding.example or '')}</pre>\n"
    columns = list(finding.sample[0])
    rows = "".join(
        f"<tr>{''.join(f'<td>{names.cell(column, row[column])}</td>' for column in columns)}</tr>\n"
        for row in finding.sample
    )
    heads = "".join(f"<th>{names.head(column)}</th>" for column in columns)
    more = f"<p>只列前 {len(finding.sample)} 行。</p>\n" if (finding.rows_found or 0) > len(finding.sample) else ""
    return f'{head}<div class="sample"><table>\n<tr>{heads}</tr>\n{rows}</table></div>\n{more}'


def _write_waivers(findings: Sequence[Finding]) -> str:
    lines = [line for finding in findings for line in (finding.waivers or "").splitlines()]
    items = "".join(f"<li>{escape(line)}</li>\n" for line in lines)
    return f"<h2>豁免</h2>\n<ul>\n{items}</ul>\n" if lines else ""


def _write_table(table: str, comment: str, findings: Sequence[Finding], queries: dict[str, str]) -> str:
    rows = "".join(
        f'<tr class="{f.outcome} {f.severity}"><td>{escape(f.title_zh)}{_write_query(f.rule, queries)}</td>'
        f'<td>{SEVERITY[f.severity]}</td><td><span class="tag">{OUTCOME[f.outcome]}</span></td>'
        f'<td class="number">{"" if f.rows_found is None else f.rows_found}</td>'
        f'<td class="number">{f.rows_waived or ""}</td></tr>\n'
        for f in findings
    )
    head = "<th>规则</th><th>级别</th><th>结果</th><th class='number'>不符合的行</th><th class='number'>豁免的行</th>"
    return f"<h3>{escape(table)}</h3>\n<p>{escape(comment)}</p>\n<table>\n<tr>{head}</tr>\n{rows}</table>\n"


def _write_query(rule: str, queries: dict[str, str]) -> str:
    if rule not in queries:
        return f"<br><code>{escape(rule)}</code>"
    query = escape(queries[rule].strip())
    return f"<details><summary><code>{escape(rule)}</code></summary><pre>{query}</pre></details>"
