"""A name that reaches no value is told with its file and its key, whoever wrote it."""

from __future__ import annotations

import re
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from ingest import settings
from ingest.promises.counted import INTERMEDIATE, CountedError, read_counted
from ingest.promises.plan import PlanError, read_plan
from ingest.promises.reach import check_reach

PLACES = "early_childhood/childcare_places_per_1000.yaml"
POPULATION = "counted/statistics/int_population__counted.yml"
HOUSEHOLDS = "counted/statistics/int_households__counted.yml"
MISTAKES = {  # file, what stands there, what is written instead, what is told
    "misspelt": (PLACES, r"\bchildcare_places\b", "childcare_place", "formula.numerator: .*是不是 childcare_places"),
    "unknown": (PLACES, r"\bchildcare_places\b", "zzz", "formula.numerator: zzz: 没有汇总模型计这个度量，"),
    "weights": (
        PLACES,
        "population: population_year_end",
        "population: population_yearend",
        "equalization.population: .*是不是",
    ),
    "awaited": (
        "plan.yaml",
        "sports_area_m2,",
        "sports_area,",
        "sports_area_per_capita.yaml: formula.numerator: .*sports_area",
    ),
    "counted now": (
        "plan.yaml",
        r"(awaited:.*\n  \[)",
        r"\1townships, ",
        "awaited: townships: 已由 int_townships__counted 计",
    ),
    "for nobody": ("plan.yaml", r"(awaited:.*\n  \[)", r"\1zzz, ", "awaited: zzz: 没有指标用它"),
    "basis": (
        PLACES,
        r"(?s)population_basis: [^\n]*(.*)examples:.*",
        r"population_basis: [none]\1examples: []",
        "population_basis: none: population_year_end 没有",
    ),
    "base": (
        POPULATION,
        r"\[census_2020, census_2010\]",
        "[census_2010]",
        "population_basis: census_2020: population_year_end 没有",
    ),
    "besides": (
        HOUSEHOLDS,
        r"besides: \{households:",
        "besides: {urban_households: 无, households:",
        "meta.besides: urban_households: ",
    ),
    "unused": (
        HOUSEHOLDS,
        r"besides: \{households: ",
        "besides: {} #",
        "meta.measures: households: 没有指标用它；是不是 urban_households",
    ),
    "meta": (POPULATION, "of_persons:", "of_person:", "meta.of_person: 不认识的键"),
    "persons": (
        POPULATION,
        r"of_persons: \[population_year_end,",
        "of_persons: [population_yearend,",
        "meta.of_persons: population_yearend: 不是",
    ),
    "persons behind": (
        "counted/health/int_immunization__counted.yml",
        "remainder: children_with_doses_missed",
        "remainder: children_missed",
        "meta.persons: children_missed: 不是",
    ),
    "persons of each side": (
        "counted/health/int_immunization__counted.yml",
        ", remainder: children_with_doses_missed",
        "",
        "meta.persons: programme_doses_due: 应写明",
    ),
    "kept": (
        "counted/statistics/int_townships__counted.sql",
        "materialized='kept'",
        "materialized='table'",
        "statistics/int_townships__counted.sql: counted/ 下的是汇总模型",
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_each_mistake_is_told_with_its_file_and_its_key(tmp_path: Path, mistake: str) -> None:
    file, old, new, told = MISTAKES[mistake]
    plan = Path(shutil.copytree(settings.PLAN, tmp_path / "plan"))
    models = Path(shutil.copytree(INTERMEDIATE, tmp_path / "models"))
    path = (models if file.startswith("counted/") else plan) / file
    text = path.read_text("utf-8")
    changed = re.sub(old, new, text)
    assert changed != text
    path.write_text(changed, "utf-8")
    with pytest.raises((PlanError, CountedError)) as error:
        check_reach(plan, read_plan(plan), read_counted(models))
    assert re.match(f"{re.escape(str(tmp_path))}.*{told}", str(error.value))


def test_what_is_there_reaches_its_values() -> None:
    check_reach(settings.PLAN, read_plan(), read_counted())


def test_a_detail_names_what_is_counted() -> None:
    plan = read_plan()
    first = next(i for i in plan.indicators if any("numerator" in d for d in i.details.values()))
    name, detail = next((n, d) for n, d in first.details.items() if "numerator" in d)
    wrong = replace(first, details={**first.details, name: {**detail, "numerator": "zzz"}})
    indicators = tuple(wrong if i is first else i for i in plan.indicators)
    with pytest.raises(PlanError, match=rf"{first.indicator}.yaml: details.{name}.numerator: zzz: 没有汇总模型"):
        check_reach(settings.PLAN, replace(plan, indicators=indicators), read_counted())
