"""Drafts of waivers: the rows that block a publication, named by their keys, for a person to decide on."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import yaml

from expectations.finding import Finding

FOLDER = "waivers"  # beside the quality report
KEYS = (
    "indicator", "detail", "region_code", "period", "population_basis", "stratum",
    "department", "dataset", "scope", "delivery_id", "value_text",
)  # fmt: skip
HEAD = """\
# {title}
# 豁免草稿：只留核实过确属实情的行，填上批准人（by）、理由（reason）、截止日期（until），放进 expectations/waivers/
"""


def write_drafts(folder: Path, blockers: Sequence[Finding]) -> None:
    """A file for each rule that found rows, which is no waiver until somebody has filled it in."""
    for finding in blockers:
        rows = [{key: row[key] for key in KEYS if row.get(key) is not None} for row in finding.rows]
        if rows and all(rows):
            folder.mkdir(exist_ok=True)
            text = yaml.safe_dump(rows, allow_unicode=True, default_flow_style=None, sort_keys=False, width=10_000)
            draft = f"rule: {finding.rule}\nrows:\n{text}by:\nreason:\nuntil:\n"
            (folder / name_draft(finding)).write_text(HEAD.format(title=finding.title_zh) + draft, "utf-8")


def name_draft(finding: Finding) -> str:
    return finding.rule.replace("/", "__") + ".yaml"
