"""One clause of the plan: a YAML file flattened to block.key names, every value checked before anyone uses it."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

from ingest.promises.target import PlanError, Target, count_decimals, parse_target

FORMULAS: dict[str, tuple[str, ...]] = {  # the measures that each kind names, by their roles
    **dict.fromkeys(("ratio", "area_share", "mean", "survey"), ("numerator", "denominator")),
    "cumulative": ("numerator",),
    "precision": ("paid", "wrong", "omitted"),
    "life_table": ("deaths", "deaths_observed", "population"),
    "decline": (),
    "lower_of_two": (),
}
HEADLINE = "headline"  # the detail that is none
ROLES = tuple(dict.fromkeys(role for roles in FORMULAS.values() for role in roles))
BARE = ("life_table", "decline", "lower_of_two")  # kinds without a factor
PARTS = {f"formula.{part}" for part in (*ROLES, "factor")}
TEXT, PERIOD, NAME = r".+", r"[0-9]{4}", r"[a-z][a-z0-9_]*"
NUMBER, COUNT = r"[0-9]{1,14}(\.[0-9]{1,4})?", r"[1-9][0-9]{0,8}"
PLAN = {  # key -> pattern of the value's text; null is an empty text
    **dict.fromkeys(("id", "title", "document"), TEXT),
    **dict.fromkeys(("baseline_period", "end_period", "first_period"), PERIOD),
    **dict.fromkeys(("method_version", "suppression_threshold", "indicators"), COUNT),
    "least_covered_share": r"0\.[0-9]{1,4}",
    "domains": r"\[\{.+\}\]",
    "awaited": rf"\[('{NAME}'(, '{NAME}')*)?\]",
}
INDICATOR = {
    **dict.fromkeys(("name_zh", "name_en", "unit", "lead_department_zh", "definition.zh"), TEXT),
    **dict.fromkeys(("printed.baseline", "printed.target"), TEXT),
    **dict.fromkeys(("target.kind", "target.baseline_kind", *(f"formula.{role}" for role in ROLES)), NAME),
    **dict.fromkeys(("target.value", "target.tolerance", "formula.factor"), NUMBER),
    "target.baseline": rf"({NUMBER})?",
    "target.cumulative": r"inferred",
    "sequence": COUNT,
    "printed.line": rf"({COUNT})?",
    "direction": r"higher_better|lower_better",
    "attribute": r"binding|anticipatory",
    "service_tier": r"basic|inclusive_non_basic",
    "local_target": r"same|none",
    "lowest_level": r"province|city|county",
    "definition.source": r"derived|plan_note_[0-9]+",
    "formula.kind": "|".join(FORMULAS),
    "population_basis": r"\['(none|census_2020|census_2010|census_2020', 'census_2010|census_2010', 'census_2020)'\]",
    "published_decimals": r"[0-4]",
    "printed_baseline_decimals": r"[0-4]?",
    "equalization.class": r"weighted|equal_units|none",
    "equalization.population": rf"({NAME})?",
    "strata": r"\[('urban', 'rural')?(, )?('local', 'migrant')?\]",
    "strata_reason": TEXT,
    **dict.fromkeys(("sensitive", "gross"), r"True"),
    "details": r"\{.+\}",
    "choices": r"\{.+\}",
    "examples": r"\[.*\]",
}
DETAIL = {
    **dict.fromkeys(("numerator", "denominator"), NAME),
    "zh": TEXT,
    "factor": NUMBER,
    "level": r"province|city|county",
    "by_stratum": r"True",
}
CHOICE = ("value", "reason", "alternatives")
RATIO = {"numerator", "denominator", "factor"}
INTEGERS = {"method_version", "suppression_threshold", "indicators", "sequence", "printed.line", "published_decimals"}
OPTIONAL = {
    *("target.tolerance", "target.cumulative", "strata", "strata_reason", "sensitive", "gross", "details", "choices"),
    *PARTS,
}
REGION = r"[0-9]{6}([0-9]{3})?|south|central|north"


def read_keys(path: Path, keys: Mapping[str, str], optional: Collection[str] = ()) -> dict[str, Any]:
    """One file as dotted key -> value, every value matching its pattern; raises PlanError naming file and key."""
    try:
        raw = yaml.load(path.read_text("utf-8"), Loader=yaml.CSafeLoader)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise PlanError(f"{path}: 不是UTF-8编码的YAML (not YAML in UTF-8): {error}") from None
    if not isinstance(raw, dict):
        raise PlanError(f"{path}: 应为键值表 (a mapping is expected)")
    blocks = {key.partition(".")[0] for key in keys if "." in key}
    flat: dict[str, Any] = {}
    for key, value in raw.items():
        is_block = key in blocks and isinstance(value, dict)
        flat |= {f"{key}.{inner}": v for inner, v in value.items()} if is_block else {str(key): value}
    if unknown := sorted(flat.keys() - keys.keys()):
        raise PlanError(f"{path}: {unknown[0]}: 不认识的键 (unknown key)")
    if missing := sorted(keys.keys() - flat.keys() - set(optional)):
        raise PlanError(f"{path}: {missing[0]}: 缺少 (missing key)")
    for key, value in flat.items():
        fits = re.fullmatch(keys[key], "" if value is None else str(value), re.DOTALL)
        # Unquoted, a printed 4.50 would be read as 4.5.
        quoted = isinstance(value, str)
        misread = (keys[key] in (TEXT, PERIOD) and not quoted) or (key in INTEGERS and quoted)
        if not fits or misread:
            raise PlanError(f"{path}: {key}: 值“{value}”不合要求 (does not fit {keys[key]})")
    return flat


def read_clause(path: Path, own: int) -> tuple[dict[str, Any], Target]:
    """One indicator's keys and its target; own is how many indicators the plan itself prints. Raises PlanError."""
    raw = read_keys(path, INDICATOR, OPTIONAL)
    kind = raw["formula.kind"]
    parts = {f"formula.{part}" for part in (*FORMULAS[kind], *(() if kind in BARE else ("factor",)))}
    for key in sorted((PARTS & raw.keys()) ^ parts):
        raise PlanError(f"{path}: {key}: {'多余' if key in raw else '缺少'} (as formula.kind is {kind})")
    if (raw["sequence"] <= own) != (raw["printed.line"] is not None):
        raise PlanError(f"{path}: printed.line: 规划自有的{own}项写行号，增设的写null (null only for one we added)")
    if (raw["equalization.class"] == "weighted") != (raw["equalization.population"] is not None):
        raise PlanError(f"{path}: equalization.population: weighted才写、也必须写 (with class weighted, and only then)")
    for name, choice in raw.get("choices", {}).items():
        if not isinstance(choice, dict) or choice.keys() != {*CHOICE} or not all(choice.values()):
            raise PlanError(f"{path}: choices.{name}: 应恰有 {'、'.join(CHOICE)}，都不为空 (these, and none empty)")
    for name, detail in raw.get("details", {}).items():
        if not re.fullmatch(NAME, str(name)) or name == HEADLINE:
            raise PlanError(f"{path}: details.{name}: 标识应为小写英文，不能是 {HEADLINE} (not a name for a detail)")
        if problem := _fault(detail, raw):
            raise PlanError(f"{path}: details.{name}: {problem}")
    for place, example in enumerate(raw["examples"]):
        if not _is_example(example, raw):
            raise PlanError(f"{path}: examples.{place}: 应为name、given、then，只用本公式的量 (its formula's measures)")
    try:
        inferred = "target.cumulative" in raw
        target = parse_target(raw["printed.target"], raw["printed.baseline"], raw["direction"], inferred)
    except PlanError as error:
        raise PlanError(f"{path}: printed: {error}") from None
    printed = {f"target.{key}": value for key, value in vars(target).items()}
    printed["printed_baseline_decimals"] = count_decimals(raw["printed.baseline"])
    for key, value in printed.items():
        if (_number(raw.get(key)) if isinstance(value, Decimal) else raw.get(key)) != value:
            written, printed_so = ("null" if said is None else f"“{said}”" for said in (raw.get(key), value))
            raise PlanError(f"{path}: {key}: 写的是{written}，按原文应为{printed_so} (not what is printed)")
    return raw, target


def _number(value: Any) -> Decimal | None:
    return None if value is None else Decimal(str(value))


def _fault(detail: Any, raw: Mapping[str, Any]) -> str | None:
    """What is wrong with a detail: a small cell must not be told by another reading of it."""
    fits = isinstance(detail, dict) and detail.keys() <= DETAIL.keys() and "zh" in detail
    if not fits or not all(re.fullmatch(DETAIL[key], str(value)) for key, value in detail.items()):
        return f"只能有 {'、'.join(DETAIL)}，必有 zh (unknown or wrong key)"
    if detail.keys() & RATIO != (set() if raw["formula.kind"] == "life_table" else RATIO):
        return "寿命表的细分不写公式，其他的写 numerator、denominator、factor (a formula, but not for a life table)"
    if detail.get("level", "province") != "province" and (raw.get("sensitive") or detail.get("by_stratum")):
        return "敏感指标和按类别的细分只在全省公布 (province only)"
    return None


def _is_example(example: Any, raw: Mapping[str, Any]) -> bool:
    if not isinstance(example, dict) or example.keys() != {"name", "given", "then"}:
        return False
    named = [raw.get(f"formula.{role}") for role in ROLES]
    measures = {m for m in named if m} | {f"{m}@{basis}" for m in named if m for basis in raw["population_basis"]}
    given, then = example["given"], example["then"]
    return (
        re.fullmatch(NAME, str(example["name"])) is not None
        and all(isinstance(part, dict) and part for part in (given, then))
        and all(isinstance(r, str) and re.fullmatch(REGION, r) for r in (*given, *then))
        and all(isinstance(row, dict) and row and row.keys() <= measures for row in given.values())
        and all(type(v) in (int, float) for row in given.values() for v in row.values())
        and all(v is None or type(v) in (int, float) for v in then.values())
    )
