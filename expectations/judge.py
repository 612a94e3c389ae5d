"""The rules over one snapshot, by Great Expectations."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

import great_expectations as gx
from great_expectations.expectations.core.unexpected_rows_expectation import UnexpectedRowsExpectation
from great_expectations.expectations.metadata_types import FailureSeverity

from expectations.backend import ExpectNoOffendingRows, open_context
from expectations.finding import EXAMPLE_LENGTH, Finding
from expectations.rules import Rule
from expectations.sample import ROWS, open_indicators, show
from expectations.waivers import Waiver


def judge(
    snapshot: Path, previous: Path, found: Sequence[Rule], waivers: Sequence[Waiver]
) -> tuple[list[Finding], dict[str, Any]]:
    """One finding a rule; by table, Great Expectations' own result of all its rules by yes or no."""
    told = open_indicators(snapshot)
    warehouse = open_context().data_sources.add_duckdb(  # a method that exists by the class in expectations.backend
        "snapshot", connection_string=f"duckdb:///{snapshot}", attach={"previous": str(previous)}
    )
    findings: list[Finding] = []
    results = {}
    try:
        for table, group in groupby(found, key=lambda rule: rule.table):
            asset = warehouse.add_table_asset(table)
            batch = asset.add_batch_definition_whole_table("all").get_batch()
            said, results[table] = _judge_table(batch, list(group), waivers, told)
            findings += said
    finally:
        warehouse.close()
    return findings, results


def _judge_table(
    batch: Any, group: Sequence[Rule], waivers: Sequence[Waiver], told: dict[str, bool]
) -> tuple[list[Finding], Any]:
    """All rules by yes or no; then only those that failed again, for their rows. Waivers are counted before."""
    own = {rule.name: [waiver for waiver in waivers if waiver.rule == rule.name] for rule in group}
    counts = {rule: rule.count(own[rule.name]) for rule in group if own[rule.name]}
    counted = _by_rule(_validate(batch, counts, UnexpectedRowsExpectation, "COMPLETE"))
    named = {name: list(_rows(result)[0].values()) for name, result in counted.items() if not _crash(result)}
    queries = {
        rule: rule.waive(w for w, rows in zip(own[rule.name], named.get(rule.name, ()), strict=False) if rows == 1)
        for rule in group
    }
    whole = _validate(batch, queries, ExpectNoOffendingRows, "BOOLEAN_ONLY")
    first = _by_rule(whole)
    failed = {
        rule: query for rule, query in queries.items() if not first[rule.name].success and not _crash(first[rule.name])
    }
    again = _by_rule(_validate(batch, failed, UnexpectedRowsExpectation, "COMPLETE"))
    results = first | again | {name: result for name, result in counted.items() if _crash(result)}
    return [_conclude(r, results[r.name], own[r.name], named.get(r.name, []), told) for r in group], whole


def _validate(batch: Any, queries: dict[Rule, str], kind: type[UnexpectedRowsExpectation], form: str) -> Any:
    suite = gx.ExpectationSuite(form)
    for rule, query in queries.items():
        suite.add_expectation(
            kind(
                unexpected_rows_query=query,
                description=rule.title_zh,
                severity=FailureSeverity(rule.severity),
                meta={"rule": rule.name},
            )
        )
    return batch.validate(suite, result_format=form) if queries else None


def _by_rule(result: Any) -> dict[str, Any]:
    return {r.expectation_config.meta["rule"]: r for r in result.results} if result else {}


def _conclude(
    rule: Rule, result: Any, waivers: Sequence[Waiver], named: Sequence[int], told: dict[str, bool]
) -> Finding:
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
    rows = _rows(result)
    sample = show(rule.table, rows, told, ROWS)
    example = "; ".join(f"{column}={value}" for column, value in sample[0].items() if value is not None)
    return Finding(*said, "failed", rows_found, rows_waived, example[:EXAMPLE_LENGTH], waived, sample, rows)


def _rows(result: Any) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = result.result["details"]["unexpected_rows"]
    return rows


def _crash(result: Any) -> str | None:
    """Why a rule could not be evaluated: GX says it flat, or once for each metric."""
    info = result.exception_info or {}
    said = [info, *(part for part in info.values() if isinstance(part, dict))]
    messages = [" ".join(str(i["exception_message"]).split()) for i in said if i.get("raised_exception")]
    return messages[0] if messages else None
