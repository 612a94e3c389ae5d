"""The gate: judge a future publication by every rule, against the one before it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple, dataclass, fields
from datetime import UTC, date, datetime
from itertools import groupby
from pathlib import Path
from typing import Any

import duckdb
import great_expectations as gx
from great_expectations.expectations.core.unexpected_rows_expectation import UnexpectedRowsExpectation

from expectations import rules
from expectations.backend import ExpectNoOffendingRows, open_context
from expectations.report import write_report
from expectations.rules import Rule
from expectations.waivers import WAIVERS, Waiver, read_waivers
from ingest import settings

EXAMPLE_LENGTH = 300  # characters


@dataclass(frozen=True)
class Finding:
    """What one rule says of one build."""

    rule: str  # <table>/<rule>
    title_zh: str
    severity: str  # critical, warning
    outcome: str  # passed, failed, crashed
    rows_found: int | None  # rows that offend; None when the rule could not be evaluated
    example: str | None  # the first of them, or why the rule could not be evaluated


def audit(
    snapshot: Path, previous: Path | None, out: Path, *, waivers: Path = WAIVERS, today: date | None = None
) -> list[Finding]:
    """Judge marts.* of a snapshot; reads only, and leaves out/quality.html.

    previous: the snapshot published last, None before the first. today: the day that waivers expire by, by default
    today in China. Returns one finding a rule, and one on expired waivers. Raises ValueError on a rule or waiver that
    cannot be read, duckdb.Error on a snapshot that cannot be opened.
    """
    out.mkdir(parents=True, exist_ok=True)
    found = rules.read_rules()
    written = read_waivers([rule.name for rule in found], waivers)
    today = today or datetime.now(settings.SHANGHAI).date()
    current = [waiver for waiver in written if today <= waiver.until]
    before = _copy_previous(snapshot, previous, out / "previous.duckdb")
    try:
        findings = _judge(snapshot, before, found, current)
    finally:
        before.unlink()
    findings.append(_expired([waiver for waiver in written if today > waiver.until]))
    waived = [waiver.said for waiver in current]
    write_report(
        out / "quality.html", snapshot, findings, len(blockers(findings)), waived, datetime.now(settings.SHANGHAI)
    )
    return findings


def blockers(findings: Sequence[Finding]) -> list[Finding]:
    """The findings that forbid publication: critical rules that failed, and any rule that could not be evaluated."""
    return [f for f in findings if f.outcome == "crashed" or (f.outcome == "failed" and f.severity == "critical")]


def record(snapshot: Path, findings: Sequence[Finding], checked_at: datetime) -> None:
    """Write the findings into marts.quality_results, in place of those of an earlier audit of this build."""
    columns = ", ".join(field.name for field in fields(Finding))
    moment = checked_at.astimezone(UTC).replace(tzinfo=None)
    with duckdb.connect(str(snapshot)) as con:
        con.begin()
        con.execute("delete from marts.quality_results")
        con.executemany(
            f"insert into marts.quality_results ({columns}, checked_at) values (?, ?, ?, ?, ?, ?, ?)",
            [(*astuple(finding), moment) for finding in findings],
        )
        con.commit()
        con.execute("checkpoint")


def _copy_previous(snapshot: Path, previous: Path | None, copy: Path) -> Path:
    """The last publication, or nothing, in the structure of this build: so rules need no special case."""
    copy.unlink(missing_ok=True)  # of an audit that was killed
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
    return copy


def _judge(snapshot: Path, previous: Path, found: Sequence[Rule], waivers: Sequence[Waiver]) -> list[Finding]:
    warehouse = open_context().data_sources.add_duckdb(  # a method that exists by the class in expectations.backend
        "snapshot", connection_string=f"duckdb:///{snapshot}", attach={"previous": str(previous)}
    )
    findings = []
    try:
        for table, group in groupby(found, key=lambda rule: rule.table):
            asset = warehouse.add_table_asset(table)
            findings += _judge_table(asset.add_batch_definition_whole_table("all").get_batch(), list(group), waivers)
    finally:
        warehouse.close()
    return findings


def _judge_table(batch: Any, group: Sequence[Rule], waivers: Sequence[Waiver]) -> list[Finding]:
    """All rules by yes or no; then only those that failed again, for their rows."""
    queries = {rule.name: rule.waive(waivers) for rule in group}
    first = _validate(batch, queries, ExpectNoOffendingRows, "BOOLEAN_ONLY")
    failed = {name: queries[name] for name, result in first.items() if not result.success and not _crash(result)}
    again = _validate(batch, failed, UnexpectedRowsExpectation, "COMPLETE") if failed else {}
    return [_conclude(rule, (first | again)[rule.name]) for rule in group]


def _validate(batch: Any, queries: dict[str, str], kind: type[UnexpectedRowsExpectation], form: str) -> dict[str, Any]:
    suite = gx.ExpectationSuite(form)
    for name, query in queries.items():
        suite.add_expectation(kind(unexpected_rows_query=query, meta={"rule": name}))
    return {r.expectation_config.meta["rule"]: r for r in batch.validate(suite, result_format=form).results}


def _conclude(rule: Rule, result: Any) -> Finding:
    said = (rule.name, rule.title_zh, rule.severity)
    if (crash := _crash(result)) is not None:
        return Finding(*said, "crashed", None, crash[:EXAMPLE_LENGTH])
    if result.success:
        return Finding(*said, "passed", 0, None)
    row = result.result["details"]["unexpected_rows"][0]
    example = "; ".join(f"{column}={value}" for column, value in row.items() if value is not None)
    return Finding(*said, "failed", result.result["observed_value"], example[:EXAMPLE_LENGTH])


def _crash(result: Any) -> str | None:
    """Why a rule could not be evaluated: GX says it flat, or once for each metric."""
    info = result.exception_info or {}
    said = [info, *(part for part in info.values() if isinstance(part, dict))]
    messages = [" ".join(str(i["exception_message"]).split()) for i in said if i.get("raised_exception")]
    return messages[0] if messages else None


def _expired(waivers: Sequence[Waiver]) -> Finding:
    outcome, example = ("failed", waivers[0].said[:EXAMPLE_LENGTH]) if waivers else ("passed", None)
    return Finding("waivers/expired", "豁免都在有效期内", "warning", outcome, len(waivers), example)
