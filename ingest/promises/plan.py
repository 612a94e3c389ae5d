"""What the province promises: a plan and its indicators, one YAML file each, read and turned into tables."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl

from ingest import glossary, settings
from ingest.promises.clause import FORMULAS as FORMULA_ROLES
from ingest.promises.clause import HEADLINE, PARTS, PLAN, read_clause, read_keys
from ingest.promises.target import PlanError, Target, parse_target

__all__ = ["Indicator", "Plan", "PlanError", "Target", "parse_target", "read_plan", "tables"]

Types = dict[str, Any]
DECIMAL = pl.Decimal(18, 4)
COLUMNS = (
    "indicator plan sequence domain domain_zh name_zh name_en unit direction attribute service_tier lead_department_zh"
    " printed_baseline printed_target target_kind target baseline baseline_kind tolerance local_target"
    " formula_kind lowest_level published_decimals printed_baseline_decimals definition_zh definition_source"
    " document source_line source_text is_cumulative is_sensitive is_gross"
)
TYPES: Types = {
    **dict.fromkeys(COLUMNS.split(), pl.String),
    **dict.fromkeys(("target", "baseline", "tolerance"), DECIMAL),
    **dict.fromkeys(("sequence", "published_decimals", "printed_baseline_decimals", "source_line"), pl.Int32),
    **dict.fromkeys(("is_cumulative", "is_sensitive", "is_gross"), pl.Boolean),
}
FORMULAS: Types = dict.fromkeys(("indicator", "detail", "kind", "role", "measure"), pl.String) | {"factor": DECIMAL}
DETAILS: Types = dict.fromkeys(("indicator", "detail", "name_zh", "lowest_level"), pl.String)
DETAILS["is_by_stratum"] = pl.Boolean
STRATA: Types = {"indicator": pl.String, "stratum": pl.String}
CHOICES: Types = dict.fromkeys(("indicator", "choice", "item"), pl.String) | {"value": DECIMAL}
CHOICES |= dict.fromkeys(("chosen", "reason_zh", "alternatives_zh"), pl.String)
BASES: Types = {"indicator": pl.String, "population_basis": pl.String, "rank": pl.Int32}
PLANS: Types = dict.fromkeys(("plan", "baseline_period", "end_period", "first_period"), pl.String)
PLANS |= dict.fromkeys(("method_version", "suppression_threshold"), pl.Int32) | {"least_covered_share": DECIMAL}


@dataclass(frozen=True)
class Indicator:
    """One file: block_key for its block.key, the target as parsed, null for the parts its formula does not name."""

    indicator: str
    domain: str
    sequence: int
    name_zh: str
    name_en: str
    unit: str
    direction: str
    attribute: str
    service_tier: str
    lead_department_zh: str
    printed_baseline: str
    printed_target: str
    printed_line: int | None
    target: Target
    local_target: str
    definition_zh: str
    definition_source: str
    formula_kind: str
    measures: Mapping[str, str]  # of the formula, by role
    formula_factor: Decimal | None
    population_basis: tuple[str, ...]  # the first is the headline
    lowest_level: str
    published_decimals: int
    printed_baseline_decimals: int | None
    equalization_class: str
    equalization_population: str | None
    strata: tuple[str, ...]  # beside all
    strata_reason: str | None  # why there are none, or not all of them, where the data would tell them
    sensitive: bool  # records of which small counts are never shown below the province
    gross: bool  # the numerator is no part of the denominator: more than all is possible
    details: Mapping[str, Any]  # other readings, published beside the headline: name -> zh, its formula, level
    choices: Mapping[str, Any]  # name -> value and reason
    examples: tuple[Mapping[str, Any], ...]  # name, given: region -> measure -> number, then: region -> number or null


@dataclass(frozen=True)
class Plan:
    """plan.yaml and the indicators by sequence; domains are id -> Chinese name in the plan's order."""

    id: str
    title: str
    document: str
    text: list[str]  # its lines
    baseline_period: str
    end_period: str
    first_period: str
    method_version: int
    suppression_threshold: int
    least_covered_share: Decimal  # of a value that is scored
    domains: Mapping[str, str]
    awaited: list[str]  # measures that formulas name and no model counts yet
    indicators: tuple[Indicator, ...]


def read_plan(folder: Path = settings.PLAN) -> Plan:
    """One plan: plan.yaml and every <domain>/<indicator>.yaml; raises PlanError naming file and key."""
    path = folder / "plan.yaml"
    raw = read_keys(path, PLAN)
    own, raw["least_covered_share"] = raw.pop("indicators"), Decimal(str(raw["least_covered_share"]))
    try:
        raw["domains"] = {d["id"]: d["name_zh"] for d in sorted(raw["domains"], key=lambda d: int(d["order"]))}
    except (KeyError, TypeError, ValueError) as error:
        raise PlanError(f"{path}: domains: 每个领域应有 id、name_zh、order (wrong or missing: {error})") from None
    files = sorted(folder.glob("*/*.yaml"))
    for file in files:
        if file.parent.name not in raw["domains"]:
            raise PlanError(f"{file}: domain: 领域“{file.parent.name}”不在 {path.name} 中 (unknown domain)")
    indicators = sorted((_read_indicator(file, own) for file in files), key=lambda i: i.sequence)
    for key in ("sequence", "indicator", "name_zh", "name_en"):
        for value, count in Counter(getattr(i, key) for i in indicators).items():
            if count > 1:
                twice = "、".join(f"{i.domain}/{i.indicator}.yaml" for i in indicators if getattr(i, key) == value)
                raise PlanError(f"{folder}: {twice}: {key}: {value} 重复 (used twice)")
    if missing := set(range(1, own + 1)) - {i.sequence for i in indicators}:
        raise PlanError(f"{path}: indicators: 缺少第 {sorted(missing)} 项 (sequence numbers without a file)")
    return Plan(**raw, text=(folder / "plan.txt").read_text("utf-8").splitlines(), indicators=tuple(indicators))


def tables(plan: Plan) -> dict[str, pl.DataFrame]:
    """Rows for the lake: indicators, formulas (a row per measure), bases (rank 1 is the headline), plan (one row).

    details are the other readings of an indicator, strata those it has beside all; choices have a row per item.
    """
    indicators = [
        vars(i)
        | vars(i.target)
        | {"plan": plan.id, "domain_zh": plan.domains[i.domain], "document": plan.document}
        | {"source_line": i.printed_line, "source_text": plan.text[i.printed_line - 1] if i.printed_line else None}
        | {"target": i.target.value, "target_kind": i.target.kind}
        | {"is_cumulative": i.target.kind.startswith("cumulative"), "is_sensitive": i.sensitive, "is_gross": i.gross}
        for i in plan.indicators
    ]
    formulas = [
        (i.indicator, HEADLINE, i.formula_kind, role, measure, i.formula_factor)
        for i in plan.indicators
        for role, measure in i.measures.items()
    ] + [
        (i.indicator, name, "ratio", role, detail[role], Decimal(str(detail["factor"])))
        for i in plan.indicators
        for name, detail in i.details.items()
        for role in FORMULA_ROLES["ratio"]
        if role in detail
    ]
    details = [
        (i.indicator, name, detail["zh"], detail.get("level", "province"), "by_stratum" in detail)
        for i in plan.indicators
        for name, detail in i.details.items()
    ]
    strata = [(i.indicator, stratum) for i in plan.indicators for stratum in i.strata]
    choices = [
        (i.indicator, name, item, number, _said(choice["value"]), choice["reason"], choice["alternatives"])
        for i in plan.indicators
        for name, choice in i.choices.items()
        for item, number in _items(choice["value"])
    ]
    bases = [(i.indicator, basis, rank) for i in plan.indicators for rank, basis in enumerate(i.population_basis, 1)]
    own = {"plan": plan.id, **vars(plan)}
    return {
        "indicators": pl.DataFrame([[row[c] for c in TYPES] for row in indicators], TYPES, orient="row"),
        "formulas": pl.DataFrame(formulas, FORMULAS, orient="row"),
        "details": pl.DataFrame(details, DETAILS, orient="row"),
        "strata": pl.DataFrame(strata, STRATA, orient="row"),
        "bases": pl.DataFrame(bases, BASES, orient="row"),
        "choices": pl.DataFrame(choices, CHOICES, orient="row"),
        "plan": pl.DataFrame([[own[c] for c in PLANS]], PLANS, orient="row"),
        "vocabulary": glossary.read_vocabulary(),
    }


def _items(value: Any) -> list[tuple[str | None, Decimal | None]]:
    """What a model reads of a choice: its number, the numbers of its items, or the places of those in an order."""
    if isinstance(value, list):
        return [(item, Decimal(place)) for place, item in enumerate(value, 1)]
    items = value.items() if isinstance(value, dict) else [(None, value)]
    return [(item, None if isinstance(said, str) else Decimal(str(said))) for item, said in items]


def _said(value: Any) -> str:
    said = [f"{item}={number}" for item, number in value.items()] if isinstance(value, dict) else value
    return ";".join(said) if isinstance(said, list) else str(said)


def _read_indicator(path: Path, own: int) -> Indicator:
    raw, target = read_clause(path, own)
    said = {k: v for k, v in raw.items() if not k.startswith("target.") and k not in PARTS}
    keys: dict[str, Any] = {"strata_reason": None, "sensitive": False, "gross": False, "details": {}, "choices": {}}
    keys |= {k.replace(".", "_"): v for k, v in said.items()}
    keys |= {k: tuple(raw.get(k, ())) for k in ("population_basis", "strata", "examples")}
    keys["measures"] = {role: raw[f"formula.{role}"] for role in FORMULA_ROLES[raw["formula.kind"]]}
    keys["formula_factor"] = Decimal(str(raw["formula.factor"])) if "formula.factor" in raw else None
    return Indicator(**keys, indicator=path.stem, domain=path.parent.name, target=target)
