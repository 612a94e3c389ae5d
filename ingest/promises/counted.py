"""The kept models of the dbt project, as their files say: what each counts, from which datasets, told apart by what."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from ingest import settings

INTERMEDIATE = settings.ROOT / "dbt_project" / "models" / "intermediate"
COUNTED = "counted"  # the folder of kept models
OF_MEASURES = ("not_additive", "of_persons", "besides")
SIDES = {"numerator", "denominator", "remainder"}
META = ("measures", *OF_MEASURES, "persons", "strata", "population_bases")


class CountedError(ValueError):
    """A kept model that says of no measure that it counts it, or that counts what another does: names the file."""


@dataclass(frozen=True)
class Counted:
    """What a kept model says of itself: its measures, its datasets, and by block the field that tells its strata.

    bases: the population bases that its measures have; besides: what those are for that no indicator names.
    """

    file: Path
    model: str
    measures: tuple[str, ...]
    datasets: tuple[str, ...]
    fields: Mapping[str, str]
    bases: tuple[str, ...]
    besides: Mapping[str, str]


def read_counted(folder: Path = INTERMEDIATE) -> list[Counted]:
    """The kept models below a folder, by name; the yml beside each model is where it declares its measures."""
    counted: list[Counted] = []
    owners: dict[str, str] = {}
    for path in sorted(folder.rglob("*.sql"), key=lambda path: path.stem):
        sql, beside = path.read_text("utf-8"), path.with_suffix(".yml")
        if not re.search(r"materialized\s*=\s*['\"]kept['\"]", sql):
            if COUNTED in path.relative_to(folder).parts[:-1]:
                raise CountedError(f"{path}: {COUNTED}/ 下的是汇总模型，须写 config(materialized='kept') (not kept)")
            continue
        meta = _read_meta(path)
        measures = tuple(meta.get("measures") or {})
        if not measures:
            raise CountedError(f"{beside}: meta.measures: 汇总模型须写明它计的度量 (its measures)")
        if problem := _fault(meta, measures):
            raise CountedError(f"{beside}: meta.{problem}")
        for measure in measures:
            if measure in owners:
                raise CountedError(f"{path}: {measure}: 已由 {owners[measure]} 计数 (counted by another model)")
        owners |= dict.fromkeys(measures, path.stem)
        read = dict.fromkeys(re.findall(r"ref\(\s*['\"]stg_(\w+?)__(\w+)['\"]\s*\)", sql))
        datasets = tuple("/".join(dataset) for dataset in read)
        bases, besides = tuple(meta.get("population_bases") or ("none",)), meta.get("besides") or {}
        counted.append(Counted(beside, path.stem, measures, datasets, meta.get("strata") or {}, bases, besides))
    return counted


def _fault(meta: Mapping[str, Any], measures: Collection[str]) -> str | None:
    """What is wrong with what a model says of itself: a name that is misspelt here would guard nothing."""
    if unknown := sorted(meta.keys() - META):
        return f"{unknown[0]}: 不认识的键，应为 {'、'.join(META)} 之一 (unknown key)"
    for key in OF_MEASURES:
        if strange := sorted(set(meta.get(key) or ()) - set(measures)):
            return f"{key}: {strange[0]}: 不是 meta.measures 里的度量 (not one of its measures)"
    for measure, persons in (meta.get("persons") or {}).items():
        if strange := sorted({measure, *persons.values()} - {*measures}):
            return f"persons: {strange[0]}: 不是 meta.measures 里的度量 (not one of its measures)"
        if persons.keys() != SIDES:
            return f"persons: {measure}: 应写明 {'、'.join(sorted(SIDES))} 各是哪个度量 (the persons of each side)"
    return None


def _read_meta(path: Path) -> Mapping[str, Any]:
    """What the yml beside a model says of it, nothing where there is none or it says nothing."""
    beside = path.with_suffix(".yml")
    try:
        said = yaml.safe_load(beside.read_text("utf-8")) if beside.exists() else None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise CountedError(f"{beside}: 不是UTF-8编码的YAML (not YAML in UTF-8): {error}") from None
    models: list[dict[str, Any]] = (said or {}).get("models") or []
    own = next((model for model in models if model["name"] == path.stem), {})
    meta: Mapping[str, Any] = (own.get("config") or {}).get("meta") or {}
    return meta
