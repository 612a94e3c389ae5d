"""The kept models of the dbt project, as their files say: what each counts, from which datasets, told apart by what."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from ingest import settings

INTERMEDIATE = settings.ROOT / "dbt_project" / "models" / "intermediate"


class CountedError(ValueError):
    """A kept model that says of no measure that it counts it, or that counts what another does: names the file."""


@dataclass(frozen=True)
class Counted:
    """What a kept model says of itself: its measures, its datasets, and by block the field that tells its strata."""

    model: str
    measures: tuple[str, ...]
    datasets: tuple[str, ...]
    fields: Mapping[str, str]


def read_counted(folder: Path = INTERMEDIATE) -> list[Counted]:
    """The kept models below a folder, by name; the yml beside each model is where it declares its measures."""
    counted: list[Counted] = []
    owners: dict[str, str] = {}
    for path in sorted(folder.rglob("*.sql"), key=lambda path: path.stem):
        sql, meta = path.read_text("utf-8"), _read_meta(path)
        if not re.search(r"materialized\s*=\s*['\"]kept['\"]", sql):
            continue
        measures = tuple(meta.get("measures") or {})
        if not measures:
            raise CountedError(f"{path.with_suffix('.yml')}: meta.measures: 汇总模型须写明它计的度量 (its measures)")
        for measure in measures:
            if measure in owners:
                raise CountedError(f"{path}: {measure}: 已由 {owners[measure]} 计数 (counted by another model)")
        owners |= dict.fromkeys(measures, path.stem)
        read = dict.fromkeys(re.findall(r"ref\(\s*['\"]stg_(\w+?)__(\w+)['\"]\s*\)", sql))
        datasets = tuple("/".join(dataset) for dataset in read)
        counted.append(Counted(path.stem, measures, datasets, meta.get("strata") or {}))
    return counted


def _read_meta(path: Path) -> Mapping[str, dict[str, str]]:
    """What the yml beside a model says of it, nothing where there is none or it says nothing."""
    beside = path.with_suffix(".yml")
    try:
        said = yaml.safe_load(beside.read_text("utf-8")) if beside.exists() else None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise CountedError(f"{beside}: 不是UTF-8编码的YAML (not YAML in UTF-8): {error}") from None
    models: list[dict[str, Any]] = (said or {}).get("models") or []
    own = next((model for model in models if model["name"] == path.stem), {})
    meta: Mapping[str, dict[str, str]] = (own.get("config") or {}).get("meta") or {}
    return meta
