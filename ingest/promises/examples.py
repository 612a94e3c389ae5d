"""A worked example of the plan is a dbt unit test of the model that computes its kind."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ingest.promises.clause import HEADLINE
from ingest.promises.plan import Indicator


def unit_test(indicator: Indicator, example: Mapping[str, Any]) -> dict[str, Any]:
    """A worked example is a unit test of the model that computes its kind."""
    measures, ancestors = [], []
    for region, values in example["given"].items():
        for measure, value in values.items():
            name, _, basis = measure.partition("@")
            measures.append(
                {
                    "measure": name,
                    "region_code": region,
                    "period": "2025",
                    "stratum": "all",
                    "population_basis": basis or "none",
                    "value": value,
                }
            )
        for ancestor in dict.fromkeys((region, f"{region[:4]}00", "320000")):
            if ancestor in example["then"]:
                ancestors.append({"region_code": region, "ancestor_code": ancestor})
    # what an example gives for a city or the province is counted there, and must not be summed again
    is_additive = not any(region.endswith("00") for region in example["given"])
    basis = indicator.population_basis[0]
    formula = [
        {
            "indicator": indicator.indicator,
            "detail": HEADLINE,
            "kind": indicator.formula_kind,
            "role": role,
            "measure": measure,
            "factor": float(indicator.formula_factor or 1),
            "is_additive": is_additive,
        }
        for role, measure in indicator.measures.items()
    ]
    expected = [
        {"indicator": indicator.indicator, "region_code": r, "population_basis": basis, "value": v}
        for r, v in example["then"].items()
    ]
    return {
        "name": f"{indicator.indicator}__{example['name']}",
        "model": "int_ratios__computed",
        "given": [
            {"input": "ref('int_formulas__declared')", "rows": formula},
            {
                "input": "ref('stg_plan__bases')",
                "rows": [{"indicator": indicator.indicator, "population_basis": basis, "rank": 1}],
            },
            {"input": "ref('int_measures')", "rows": measures},
            {"input": "ref('int_regions__ancestors')", "rows": ancestors},
        ],
        "expect": {"rows": expected},
    }
