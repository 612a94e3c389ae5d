"""Every row of target_progress against methods.md 2 and 3, worked out anew from the published values and the plan."""

from __future__ import annotations

import math
from collections import Counter

import pytest

from ingest.promises.plan import read_plan

COLUMNS = (
    "indicator, region_code, period, population_basis, status, flags, value, baseline, required_path, shortfall,"
    " attainment, attainment_uncapped, is_met, is_met_within_tolerance"
)
START, END, LEAST = 2020, 2025, 0.8
SCORES = ("shortfall", "attainment", "attainment_uncapped", "is_met", "is_met_within_tolerance")


@pytest.fixture(scope="module")
def values(refreshed):
    """(indicator, region, basis) -> year -> (status, flags, value, covered share, kind)."""
    found = {}
    for i, region, period, basis, *said in refreshed.query(
        "select indicator, region_code, period, population_basis, status, coalesce(flags, ''), value, covered_share,"
        f" period_kind from marts.indicator_values where stratum = 'all' and period >= '{START}'"
        " and period_kind in ('year', 'school_year', 'pooled_3_years')"
    ):
        found.setdefault((i, region, basis), {})[int(period)] = said
    return found


def score(indicator, value, path):
    target, kind = float(indicator.target.value), indicator.target.kind
    sign, noise = -1 if indicator.direction == "lower_better" else 1, 1e-9 * abs(target)
    short, attained = max(sign * (path - value), 0), 100.0
    if kind.startswith("cumulative"):
        attained = 100 * max(value, 0) / path if path else None
    elif sign == 1:
        attained = 100 * value / target
    elif value > 0:
        attained = 100 * target / value
    gain, tolerance = sign * (value - target), float(indicator.target.tolerance or 0)
    is_strict = kind in ("more_than", "less_than", "cumulative_more_than")
    return {
        "shortfall": 0 if short <= noise else short,
        "attainment": None if attained is None else min(attained, 100),
        "attainment_uncapped": attained,
        "is_met": gain > noise if is_strict else gain >= -noise,
        "is_met_within_tolerance": gain > noise if is_strict else gain + tolerance >= -noise,
    }


def expected(indicator, region, basis, years):
    """(year, what the row must say) of one series."""
    target, kind = float(indicator.target.value), indicator.target.kind
    sign = -1 if indicator.direction == "lower_better" else 1
    noise, is_province = 1e-9 * abs(target), region == "320000"
    is_headline = basis == indicator.population_basis[0]

    def is_scored(year):
        _, _, value, share, period_kind = years[year]
        return value is not None and not period_kind.startswith("pooled") and (1 if share is None else share) >= LEAST

    scored = {year: years[year][2] for year in sorted(years) if is_scored(year)}
    baseline = None
    if indicator.target.baseline_kind == "exact":
        baseline = float(indicator.target.baseline) if is_province else scored.get(START)
    begins, start = (START, baseline) if baseline is not None else next(iter(scored.items()), (None, None))

    for year, (status, flags, value, _, period_kind) in years.items():
        if kind.startswith("cumulative"):
            path = target * min(12 * (year - START), 60) / 60
        elif kind in ("floor", "ceiling"):
            path = target
        elif start is None or year < begins:
            path = None
        elif sign * (start - target) >= -noise or year >= END:
            path = target
        else:
            path = start + (target - start) * (year - begins) / (END - begins)
        row = dict.fromkeys(SCORES)
        if is_scored(year) and is_headline:
            row = score(indicator, value, path)
            half_unit = 0.5 / 10 ** (indicator.printed_baseline_decimals or 0)
            if is_province and year == START and baseline is not None and abs(value - baseline) <= half_unit + noise:
                row["shortfall"] = 0  # it prints the baseline
        if status in ("not_applicable", "suppressed"):
            said = "not_applicable"
        elif value is None:
            said = "missing"
        elif row["is_met"] is None:
            said = "not_comparable"
        elif row["is_met_within_tolerance"]:
            said = "met"
        elif year >= END:
            said = "missed"
        else:
            is_short = baseline is not None and sign * (target - baseline) > noise
            tenth = 0.1 * (abs(target - baseline) if is_short else 0.1 * target)
            worse = "behind" if row["shortfall"] <= tenth + noise else "at_risk"
            said = "on_track" if row["shortfall"] == 0 else worse
        is_without_path = status == "not_applicable"
        from_first = (
            baseline is None and kind in ("at_least", "at_most", "about", "more_than", "less_than") and path is not None
        )
        marks = {
            "no_baseline": baseline is None and not is_without_path,
            "partial": "partial" in flags,
            "pooled": period_kind.startswith("pooled") and value is not None,
            "suppressed": status == "suppressed",
            "path_from_first_observation": from_first and not is_without_path,
            "within_tolerance_only": bool(row["is_met_within_tolerance"] and not row["is_met"]),
        }
        yield (
            year,
            row
            | {
                "status": said,
                "flags": {mark for mark, is_so in marks.items() if is_so},
                "value": value,
                "baseline": None if is_without_path else baseline,
                "required_path": None if is_without_path else path,
            },
        )


def test_every_row_of_target_progress_is_what_the_methods_say(refreshed, values):
    wanted = {}
    for indicator in read_plan().indicators:
        for (name, region, basis), years in values.items():
            if name == indicator.indicator and (region == "320000" or indicator.local_target == "same"):
                for year, row in expected(indicator, region, basis, years):
                    wanted[name, region, str(year), basis] = row
    names = [name.strip() for name in COLUMNS.split(",")][4:]
    found = {
        tuple(row[:4]): dict(zip(names, row[4:], strict=True))
        for row in refreshed.query(f"select {COLUMNS} from marts.target_progress")
    }
    assert found.keys() == wanted.keys()
    for key, row in found.items():
        row["flags"] = set((row["flags"] or "").split(";")) - {""}
        for name, value in row.items():
            other = wanted[key][name]
            if isinstance(value, float) and isinstance(other, float | int):
                assert math.isclose(value, other, rel_tol=1e-9, abs_tol=1e-9), (key, name, value, other)
            else:
                assert value == other, (key, name, value, other)
    counts = Counter(row["status"] for row in found.values())
    assert {"met", "missed", "on_track", "behind", "at_risk", "not_comparable", "not_applicable"} <= counts.keys()
    assert any("path_from_first_observation" in row["flags"] for row in found.values())
