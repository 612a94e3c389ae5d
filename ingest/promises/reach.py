"""Whether what the plan's formulas name is counted, and what is counted is named: a misspelt name reaches no value."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path

from ingest.promises.counted import Counted, CountedError
from ingest.promises.plan import Indicator, Plan, PlanError

NONE = "none"  # the basis of what is no population


def check_reach(folder: Path, plan: Plan, models: Sequence[Counted]) -> None:
    """Raises PlanError or CountedError naming file and key. folder: of the plan."""
    counted = {measure: model for model in models for measure in model.measures}
    named: set[str] = set()
    for indicator in plan.indicators:
        file = folder / indicator.domain / f"{indicator.indicator}.yaml"
        for key, measure in _named(indicator):
            named.add(measure)
            if measure not in counted and measure not in plan.awaited:
                raise PlanError(f"{file}: {key}: {measure}: {_nobody(measure, [*counted, *plan.awaited])}")
        _check_bases(file, indicator, counted)
    for measure in plan.awaited:
        if measure in counted:
            raise PlanError(
                f"{folder / 'plan.yaml'}: awaited: {measure}: 已由 {counted[measure].model} 计 (counted now)"
            )
        if measure not in named:
            raise PlanError(f"{folder / 'plan.yaml'}: awaited: {measure}: 没有指标用它 (no indicator names it)")
    for measure, model in counted.items():
        if (measure in named) == (measure in model.besides):
            raise CountedError(f"{model.file}: {_besides(measure, measure in named, [*named])}")


def _named(indicator: Indicator) -> Iterator[tuple[str, str]]:
    """(key, measure) of all that an indicator's file names."""
    yield from ((f"formula.{role}", measure) for role, measure in indicator.measures.items())
    for name, detail in indicator.details.items():
        yield from ((f"details.{name}.{role}", detail[role]) for role in ("numerator", "denominator") if role in detail)
    if indicator.equalization_population:
        yield "equalization.population", indicator.equalization_population


def _check_bases(file: Path, indicator: Indicator, counted: Mapping[str, Counted]) -> None:
    """A value on a basis needs each measure on it or on none, and one of them on it."""
    measures = set(indicator.measures.values())
    if not measures or not measures <= counted.keys():
        return
    bases = {measure: counted[measure].bases for measure in measures}
    for basis in indicator.population_basis:
        without = sorted(m for m, said in bases.items() if basis not in said and NONE not in said)
        if without or not any(basis in said for said in bases.values()):
            who = "、".join(without or sorted(measures))
            raise PlanError(f"{file}: population_basis: {basis}: {who} 没有这个口径 (no measure has this basis)")


def _nobody(measure: str, known: Sequence[str]) -> str:
    return f"没有汇总模型计这个度量，plan.yaml 的 awaited 里也没有{_ask(measure, known)} (nobody counts it)"


def _besides(measure: str, is_named: bool, named: Sequence[str]) -> str:
    if is_named:
        return f"meta.besides: {measure}: 规划的公式用它，不必另写用途 (a formula of the plan names it)"
    asked = _ask(measure, named)
    return f"meta.measures: {measure}: 没有指标用它{asked}；另有用途的写在 meta.besides (no indicator names it)"


def _ask(measure: str, known: Sequence[str]) -> str:
    """'；是不是 nursing_beds？', empty where nothing is like it."""
    near = get_close_matches(measure, known, 1)
    return f"；是不是 {near[0]}？" if near else ""
