"""Residents by single year of age and sex, at full scale: the censuses carried from year to year, in two vintages."""

from __future__ import annotations

from functools import cache

import numpy as np
import polars as pl

from sandbox.province.counts import Floats
from sandbox.province.frame import read, read_frame

YEARS = tuple(range(2018, 2026))
EDGES = np.array([0, 1, 5, *range(10, 86, 5), 90, 95, 100, 101])
OLDEST = np.array([[0.70, 0.24, 0.052, 0.008], [0.64, 0.27, 0.076, 0.014]])  # 85-89, 90-94, 95-99, 100+ of 85+: assumed
# Births (10,000 persons) of the year, assumed: falling after 2020 as the published birth rates do.
BIRTHS_10K = {2021: 48.0, 2022: 44.5, 2023: 41.5, 2024: 42.0, 2025: 40.5}
# Children of the 六普 vintage for one of the 七普 vintage: enrolment prints at least 98 there and 96.5 here.
CHILDREN_2010 = 0.975
# The same of 15 to 17: senior-secondary enrolment prints at least 99 there (表1) and 97.3 here.
YOUTHS_2010 = 0.980


def smooth(bands: Floats) -> Floats:
    """Persons (units, 2 sexes, 19 bands) -> (units, 2, 101) by single year of age.

    The series with the least sum of squared second differences that keeps every band's total; where it would fall
    below a tenth of the band's mean it is lifted and the band scaled back.
    """
    totals = np.concatenate([bands[..., :-1], bands[..., -1:] * OLDEST], axis=-1)
    widths = np.diff(EDGES)
    member = np.repeat(np.eye(len(widths)), widths, axis=1)
    second = np.diff(np.eye(101), n=2, axis=0)
    system = np.block([[2 * second.T @ second, member.T], [member, np.zeros((len(widths), len(widths)))]])
    ages = totals @ np.linalg.inv(system)[:101, 101:].T
    ages = np.maximum(ages, (totals / widths / 10) @ member)
    return np.asarray(ages * ((totals / np.maximum(ages @ member.T, 1e-9)) @ member))


@cache
def survival() -> Floats:
    """(2, 101) share of men and women of an age alive a year later: Gompertz, set to the 65+ published for 2023."""
    ages = np.arange(101)
    dying = np.stack([2.7e-5 * np.exp(0.095 * ages), 1.1e-5 * np.exp(0.100 * ages)])
    return 1.0 - np.minimum(dying + 2e-4, 0.5)


@cache
def estimate(basis: str) -> dict[int, Floats]:
    """Year-end residents (107, 2, 101) by year, at full scale: every year of a basis, whatever is asked for later."""
    totals = {int(y): 1e4 * p for y, p in _province(basis).iter_rows()}
    if basis == "census_2010":
        return {year: _older_vintage(estimate("census_2020")[year], total) for year, total in totals.items()}
    found = {2020: smooth(read_frame().bands.astype(float))}
    for year in range(2021, YEARS[-1] + 1):
        found[year] = _move(_age(found[year - 1], BIRTHS_10K[year] * 1e4), _unit_totals(year, totals[year]))
    for year in range(2019, YEARS[0] - 1, -1):
        found[year] = _move(_age_back(found[year + 1]), _unit_totals(year, totals[year]))
    return dict(sorted(found.items()))


def _province(basis: str) -> pl.DataFrame:
    return read("province_population.csv").filter(pl.col("population_basis") == basis).select("period", "persons_10k")


def _unit_totals(year: int, province: float) -> Floats:
    """Units drift apart at two fifths of the pace at which their cities did between the censuses."""
    frame = read_frame()
    raw = frame.bands.sum(axis=(1, 2)) * np.exp(0.4 * frame.growth * (year - 2020))
    return np.asarray(raw * province / raw.sum())


def _age(persons: Floats, births: float) -> Floats:
    older = np.zeros_like(persons)
    older[:, :, 1:] = (persons * survival())[:, :, :-1]
    older[:, :, 100] += (persons * survival())[:, :, 100]
    mothers = persons[:, 1, 20:35].sum(axis=1)
    older[:, :, 0] = births * 0.997 * np.array([0.515, 0.485]) * (mothers / mothers.sum())[:, None]
    return older


def _age_back(persons: Floats) -> Floats:
    younger = persons.copy()
    younger[:, :, :99] = persons[:, :, 1:100] / survival()[:, :99]
    return younger


def _move(persons: Floats, totals: Floats) -> Floats:
    """Who came or left makes up the difference to the unit's total: mostly the young, as weights x residents."""
    pull = persons * np.exp(-(((np.arange(101) - 27) / 9) ** 2))
    net = totals - persons.sum(axis=(1, 2))
    return np.asarray(persons + pull * (net / pull.sum(axis=(1, 2)))[:, None, None])


def _older_vintage(persons: Floats, total: float) -> Floats:
    """The same year as estimated from the 2010 census: fewer where cities grew fast, fewer children."""
    other = persons * np.exp(-5 * read_frame().growth)[:, None, None]
    group = np.repeat([0, 1, 2], [15, 3, 83])
    there, here = (np.bincount(group, p.sum(axis=(0, 1))) for p in (other, persons))
    wanted = here * [CHILDREN_2010, YOUTHS_2010, 0.0]
    wanted[2] = total - wanted.sum()
    return np.asarray(other * (wanted / there)[group])
