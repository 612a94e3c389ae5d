"""What the contracts, the plan and the kept models say becomes files: dbt sources, unit tests, a union, a page."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from ingest import settings
from ingest.promises.contract import read_contracts
from ingest.promises.counted import Counted, read_counted
from ingest.promises.examples import unit_test
from ingest.promises.plan import read_plan
from ingest.promises.reach import check_reach
from ingest.promises.sources import department_source, plan_source
from ingest.promises.strata import strata_page

MODELS = settings.ROOT / "dbt_project" / "models"
DOCS = settings.ROOT / "docs"
NOT_BY_HAND = "suheng generate；请勿手工修改 (generated, do not edit)"
GRAIN = "-- one row per measure, region, period, stratum and population basis: what the accepted deliveries say now"


class _Line(dict[str, Any]):
    """A mapping that is written on one line."""


class _Dumper(yaml.SafeDumper):
    """Without aliases, and rows as lines: to be read."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


_Dumper.add_representer(
    _Line, lambda dumper, line: dumper.represent_mapping("tag:yaml.org,2002:map", line, flow_style=True)
)


def generate() -> dict[Path, str]:
    """Every generated file and what it must hold."""
    plan, contracts, counted = read_plan(settings.PLAN), read_contracts(), read_counted()
    check_reach(settings.PLAN, plan, counted)
    intermediate = MODELS / "intermediate"
    files = {MODELS / "staging" / "plan" / "_sources.yml": _dump({"sources": [plan_source(plan)]})}
    for department in sorted({c.department for c in contracts.values()}):
        source = department_source(department, [c for c in contracts.values() if c.department == department])
        files[MODELS / "staging" / department / "_sources.yml"] = _dump({"sources": [source]})
    files[intermediate / "measures" / "int_measures.sql"] = union(counted)
    for indicator in (i for i in plan.indicators if i.examples):
        path = intermediate / "values" / "examples" / indicator.domain / f"{indicator.indicator}.yml"
        files[path] = _dump({"unit_tests": [unit_test(indicator, example) for example in indicator.examples]})
    files[DOCS / "strata.md"] = strata_page(plan, contracts, counted)
    return files


def write() -> list[Path]:
    """Write what differs and remove what nothing generates any more; returns the files written or removed."""
    files = generate()
    stale = _stale(files)
    for path in stale:
        if path in files:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(files[path], "utf-8")
        else:
            path.unlink()
            if not any(path.parent.iterdir()):
                path.parent.rmdir()
    return stale


def check() -> list[Path]:
    """Generated files that differ from what the contracts, the plan and the kept models say now."""
    return _stale(generate())


def _stale(files: dict[Path, str]) -> list[Path]:
    rooms = (*MODELS.rglob("*.sql"), *MODELS.rglob("*.yml"), *DOCS.glob("*.md"))
    written = [path for path in sorted(rooms) if NOT_BY_HAND in path.read_text("utf-8")]
    differing = [path for path, text in files.items() if not path.exists() or path.read_text("utf-8") != text]
    return differing + [path for path in written if path not in files]


def union(counted: Sequence[Counted]) -> str:
    """The model of all measures: dbt must know each kept model when it parses, and cannot look for them itself."""
    columns = "measure, region_code, period, stratum, population_basis, value"
    selects = [f"select {columns} from {{{{ ref('{model.model}') }}}}\n" for model in counted]
    return f"-- 由汇总模型生成：{NOT_BY_HAND}\n{GRAIN}\n" + "union all\n".join(selects)


def _dump(content: dict[str, Any]) -> str:
    text = yaml.dump(
        {"version": 2, **_in_lines(content)}, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=1000
    )
    return f"# 由数据契约和规划生成：{NOT_BY_HAND}\n{text}"


def _in_lines(content: Any, within: str = "") -> Any:
    """On a line of its own: a row of an input, a column of a table, its settings, a test."""
    if isinstance(content, dict):
        kept = {name: _in_lines(value, name) for name, value in content.items()}
        return _Line(kept) if within in ("rows", "columns", "config", "data_tests") else kept
    return [_in_lines(item, within) for item in content] if isinstance(content, list) else content
