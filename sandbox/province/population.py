"""常住人口: residents by county, age, sex, area and hukou, in whole persons and two vintages."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from sandbox.province.counts import Floats, Ints, apportion
from sandbox.province.demography import estimate
from sandbox.province.frame import read_frame

MIGRANTS = {1.0: 0.34, 0.0: 0.13, -1.0: 0.07}  # share of residents whose hukou is elsewhere, assumed by macro-region
YOUNGER_TOWNS = 0.01  # how much rarer the rural share gets with each year of age below the mean: assumed
LEAVING_LAND = 0.02  # share of rural residents who become urban in a year: assumed


def cells(basis: str, year: int, label_year: int) -> Floats:
    """Residents (codes of label_year, 2 sexes, 101 ages, 2 urban/rural, 2 local/migrant) at full scale."""
    frame, ages = read_frame(), np.arange(101)
    persons, town = estimate(basis)[year], frame.urban[:, None]
    mean_age = (persons.sum(axis=1) @ ages / persons.sum(axis=(1, 2)))[:, None]
    rural = (1 - town) * (1 + YOUNGER_TOWNS * town * (ages - mean_age)) * (1 - LEAVING_LAND) ** (year - 2020)
    share = np.array([MIGRANTS[m] for m in frame.macro]) * np.where(frame.is_zone, 1.3, 1.0)
    profile = 0.35 + 1.5 * np.exp(-(((ages - 30) / 13) ** 2))
    moved = np.minimum(share[:, None] * profile, 0.9)
    urban = np.stack([1 - rural, rural], axis=-1)
    hukou = np.stack([1 - moved, moved], axis=-1)
    split = persons[..., None, None] * urban[:, None, :, :, None] * hukou[:, None, :, None, :]
    codes, group = frame.groups(label_year)
    summed = np.zeros((len(codes), *split.shape[1:]))
    np.add.at(summed, group, split)
    return summed


@lru_cache(maxsize=4)
def count(basis: str, year: int, label_year: int, scale: float) -> Ints:
    """The same in whole persons: each code's cells share out round(scale x its total)."""
    exact = cells(basis, year, label_year)
    flat = exact.reshape(len(exact), -1)
    return apportion(np.rint(scale * flat.sum(axis=1)).astype(np.int64), flat).reshape(exact.shape)


def by_unit(year: int, scale: float, ages: slice = slice(0, 101)) -> Ints:
    """Persons (107,) of some ages on the census of 2020, as written in the year's file; a merged code's are shared out
    over its units.
    """
    basis, (codes, group) = "census_2020", read_frame().groups(year)
    persons = count(basis, year, year, scale)[:, :, ages].sum(axis=(1, 2, 3, 4))
    weights = np.zeros((len(codes), len(group)))
    weights[group, np.arange(len(group))] = estimate(basis)[year][:, :, ages].sum(axis=(1, 2)) + 1e-9
    return np.asarray(apportion(persons, weights).sum(axis=0))
