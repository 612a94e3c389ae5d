"""The gate: judge a future publication by every rule, against the one before it."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import fields
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb

from expectations.docs import write_docs
from expectations.drafts import FOLDER, write_drafts
from expectations.finding import EXAMPLE_LENGTH, Finding
from expectations.judge import judge
from expectations.report import is_simulated, write_report
from expectations.rules import Rule, read_rules
from expectations.sample import open_indicators, show
from expectations.waivers import WAIVERS, Waiver, read_waivers
from ingest import settings


def audit(
    snapshot: Path, previous: Path | None, out: Path, *, waivers: Path = WAIVERS, today: date | None = None
) -> list[Finding]:
    """Judge marts.* of a snapshot; reads only, and leaves out/quality.html, out/data_docs and drafts of waivers.

    previous: the snapshot published last, None before the first. today: the day that waivers expire by, by default
    today in China. Returns one finding a rule, and one on expired waivers. Raises ValueError on a rule or waiver that
    cannot be read, duckdb.Error on a snapshot that cannot be opened.
    """
    shutil.rmtree(out, ignore_errors=True)  # of an audit before
    out.mkdir(parents=True)
    rules, now = read_rules(), datetime.now(settings.SHANGHAI)
    findings, results = examine(snapshot, previous, out / "previous.duckdb", rules, waivers, today or now.date())
    simulated = is_simulated(snapshot)
    write_docs(out / "data_docs", results, simulated)
    write_drafts(out / FOLDER, blockers(findings))
    write_report(out / "quality.html", snapshot, findings, rules, len(blockers(findings)), simulated, now)
    return findings


def examine(
    snapshot: Path, previous: Path | None, copy: Path, rules: Sequence[Rule], waivers: Path, today: date
) -> tuple[list[Finding], dict[str, Any]]:
    """The findings alone, and Great Expectations' own results by table; copy: where the previous snapshot may lie."""
    written = read_waivers([rule.name for rule in rules], waivers)
    _copy_previous(snapshot, previous, copy)
    try:
        findings, results = judge(snapshot, copy, rules, [waiver for waiver in written if today <= waiver.until])
    finally:
        copy.unlink()
    return [*findings, _expired([waiver for waiver in written if today > waiver.until])], results


def find(name: str, snapshot: Path, previous: Path | None) -> list[dict[str, Any]]:
    """Every row that a rule finds, waived ones too, as it may be shown. Raises ValueError on an unknown rule."""
    rules = {rule.name: rule for rule in read_rules()}
    if name not in rules:
        raise ValueError(f"没有规则 {name}；已有：{'、'.join(rules)} (no such rule)")
    query = rules[name].waive([]).format(batch=f"marts.{rules[name].table}")
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "previous.duckdb"
        _copy_previous(snapshot, previous, copy)
        with duckdb.connect(str(snapshot), read_only=True) as con:
            con.execute(f"attach '{copy}' as previous (read_only)")
            found = con.sql(query)
            rows = [dict(zip(found.columns, row, strict=True)) for row in found.fetchall()]
    return show(rules[name].table, rows, open_indicators(snapshot))


def blockers(findings: Sequence[Finding]) -> list[Finding]:
    """The findings that forbid publication: critical rules that failed, and any rule that could not be evaluated."""
    return [f for f in findings if f.outcome == "crashed" or (f.outcome == "failed" and f.severity == "critical")]


def record(snapshot: Path, findings: Sequence[Finding], checked_at: datetime) -> None:
    """Write the findings into marts.quality_results, in place of those of an earlier audit of this build."""
    columns = [column.name for column in fields(Finding) if column.name not in ("sample", "rows")]
    moment = checked_at.astimezone(UTC).replace(tzinfo=None)
    with duckdb.connect(str(snapshot)) as con:
        con.begin()
        con.execute("delete from marts.quality_results")
        con.executemany(
            f"insert into marts.quality_results ({', '.join(columns)}, checked_at) "
            f"values ({', '.join('?' * len(columns))}, ?)",
            [(*(getattr(finding, column) for column in columns), moment) for finding in findings],
        )
        con.commit()
        con.execute("checkpoint")


def _copy_previous(snapshot: Path, previous: Path | None, copy: Path) -> None:
    """The last publication, or nothing, in the structure of this build: so rules need no special case."""
    with duckdb.connect(str(copy)) as con:
        con.execute("create schema marts")
        for alias, path in (("future", snapshot), ("published", previous)):
            if path is not None:
                con.execute(f"""attach '{str(path).replace("'", "''")}' as {alias} (read_only)""")
        columns = con.sql(
            "select database_name, table_name, column_name from duckdb_columns() "
            "where schema_name = 'marts' and database_name in ('future', 'published')"
        ).fetchall()
        published = {(table, column) for database, table, column in columns if database == "published"}
        for table in sorted({table for database, table, _ in columns if database == "future"}):
            con.execute(f'create table marts."{table}" as from future.marts."{table}" limit 0')
            own = [c for database, t, c in columns if (database, t) == ("future", table) and (t, c) in published]
            if own:
                names = ", ".join(f'"{column}"' for column in own)
                con.execute(f'insert into marts."{table}" by name select {names} from published.marts."{table}"')


def _expired(waivers: Sequence[Waiver]) -> Finding:
    said = "\n".join(waiver.say() for waiver in waivers) or None
    first = said and said.splitlines()[0][:EXAMPLE_LENGTH]
    outcome = "failed" if waivers else "passed"
    return Finding("waivers/expired", "豁免都在有效期内", "warning", outcome, len(waivers), 0, first, said)
