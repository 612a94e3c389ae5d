"""The gate: judge a future publication by every rule, against the one before it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields
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
from expectations.sample import open_indicators, show
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
    rows_found: int | None  # rows that offend and are not waived; None when the rule could not be evaluated
    rows_waived: int | None = 0
    example: str | None = None  # the first that was found, or why the rule could not be evaluated
    waivers: str | None = None  # each in a line of its own
    sample: list[dict[str, Any]] = field(default_factory=list)  # the first rows found, as they may be shown


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
    queries = {rule.name: rule.query.format(batch=f"marts.{rule.table}") for rule in found}
    now = datetime.now(settings.SHANGHAI)
    write_report(out / "quality.html", snapshot, findings, queries, len(blockers(findings)), now)
    return findings


def blockers(findings: Sequence[Finding]) -> list[Finding]:
    """The findings that forbid publication: critical rules that failed, and any rule that could not be evaluated."""
    return [f for f in findings if f.outcome == "crashed" or (f.outcome == "failed" and f.severity == "critical")]


def record(snapshot: Path, findings: Sequence[Finding], checked_at: datetime) -> None:
    """Write the findings into marts.quality_results, in place of those of an earlier audit of this build."""
    columns = [column.name for column in fields(Finding) if column.name != "sample"]
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
    told = open_indicators(snapshot)
    warehouse = open_context().data_sources.add_duckdb(  # a method that exists by the class in expectations.backend
        "snapshot", connection_string=f"duckdb:///{snapshot}", attach={"previous": str(previous)}
    )
    findings = []
    try:
        for table, group in groupby(found, key=lambda rule: rule.table):
            asset = warehouse.add_table_asset(table)
            batch = asset.add_batch_definition_whole_table("all").get_batch()
            findings += _judge_table(batch, list(group), waivers, told)
    finally:
        warehouse.close()
    return findings


def _judge_table(batch: Any, group: Sequence[Rule], waivers: Sequence[Waiver], told: set[str]) -> list[Finding]:
    """All rules by yes or no; then only those that failed again, for their rows. Waivers are counted before."""
    own = {rule.name: [waiver for waiver in waivers if waiver.rule == rule.name] for rule in group}
    counts = {rule.name: rule.count(own[rule.name]) for rule in group if own[rule.name]}
    counted = _validate(batch, counts, UnexpectedRowsExpectation, "COMPLETE")
    named = {name: list(_rows(result)[0].values()) for name, result in counted.items() if not _crash(result)}
    queries = {
        rule.name: rule.waive(w for w, rows in zip(own[rule.name], named.get(rule.name, ()), strict=False) if rows == 1)
        for rule in group
    }
    first = _validate(batch, queries, ExpectNoOffendingRows, "BOOLEAN_ONLY")
    failed = {name: queries[name] for name, result in first.items() if not result.success and not _crash(result)}
    again = _validate(batch, failed, UnexpectedRowsExpectation, "COMPLETE")
    results = first | again | {name: result for name, result in counted.items() if _crash(result)}
    return [_conclude(r, results[r.name], own[r.name], named.get(r.name, []), told) for r in group]


def _validate(batch: Any, queries: dict[str, str], kind: type[UnexpectedRowsExpectation], form: str) -> dict[str, Any]:
    if not queries:
        return {}
    suite = gx.ExpectationSuite(form)
    for name, query in queries.items():
        suite.add_expectation(kind(unexpected_rows_query=query, meta={"rule": name}))
    return {r.expectation_config.meta["rule"]: r for r in batch.validate(suite, result_format=form).results}


def _conclude(rule: Rule, result: Any, waivers: Sequence[Waiver], named: Sequence[int], told: set[str]) -> Finding:
    """named: how many rows each waiver names, then how many there are; empty where there are no waivers, or a crash."""
    said = (rule.name, rule.title_zh, rule.severity)
    if (crash := _crash(result)) is not None:
        waived = "\n".join(waiver.say() for waiver in waivers) or None
        return Finding(*said, "crashed", None, None, crash[:EXAMPLE_LENGTH], waived)
    waived = "\n".join(waiver.say(rows) for waiver, rows in zip(waivers, named, strict=False)) or None
    rows_found = 0 if result.success else result.result["observed_value"]
    rows_waived = named[-1] - rows_found if named else 0
    if result.success:
        return Finding(*said, "passed", rows_found, rows_waived, None, waived)
    sample = show(rule.table, _rows(result), told)
    example = "; ".join(f"{column}={value}" for column, value in sample[0].items() if value is not None)
    return Finding(*said, "failed", rows_found, rows_waived, example[:EXAMPLE_LENGTH], waived, sample)


def _rows(result: Any) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = result.result["details"]["unexpected_rows"]
    return rows


def _crash(result: Any) -> str | None:
    """Why a rule could not be evaluated: GX says it flat, or once for each metric."""
    info = result.exception_info or {}
    said = [info, *(part for part in info.values() if isinstance(part, dict))]
    messages = [" ".join(str(i["exception_message"]).split()) for i in said if i.get("raised_exception")]
    return messages[0] if messages else None


def _expired(waivers: Sequence[Waiver]) -> Finding:
    said = "\n".join(waiver.say() for waiver in waivers) or None
    first = said and said.splitlines()[0][:EXAMPLE_LENGTH]
    outcome = "failed" if waivers else "passed"
    return Finding("waivers/expired", "豁免都在有效期内", "warning", outcome, len(waivers), 0, first, said)
