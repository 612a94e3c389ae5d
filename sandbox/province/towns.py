"""Townships: which of them are rural, and in which of its unit's a facility or person is."""

from __future__ import annotations

from functools import cache

import numpy as np
import polars as pl

from sandbox.province.counts import Floats, Ints
from sandbox.province.draw import Keys, generator, unit
from sandbox.province.frame import read_frame, read_points, read_townships
from sandbox.province.population import cells

RURAL_FIRST = ("township", "town", "street", "other")  # the kinds in the order in which they are taken for rural


@cache
def list_towns() -> pl.DataFrame:
    """township_code, name, county_code, county_name, kind, unit, is_rural; by unit, the urban ones first.

    The list does not say which are rural: of each county as many are taken to be as its share of rural residents asks.
    港闸 has those of 崇川, with which it was merged.
    """
    frame, parts = read_frame(), []
    for u, code in enumerate(frame.labels(2023)):
        own = read_townships().filter(pl.col("county_code") == code)
        rural = rural_shares()[u]
        number = max(round(rural * own.height), int(rural > 0.01))
        number = min(number, own.height - int(rural < 0.99))
        order = np.argsort([RURAL_FIRST.index(kind) for kind in own["kind"]], kind="stable")
        is_rural = np.isin(np.arange(own.height), order[: max(number, 0)])
        parts.append(own.with_columns(unit=pl.lit(u), is_rural=pl.Series(is_rural, dtype=pl.Boolean)))
    return pl.concat(parts).sort("unit", "is_rural", "township_code")


@cache
def read_towns(u: int) -> pl.DataFrame:
    """The township-level codes and names of a unit, the urban ones first; one zone has none."""
    return list_towns().filter(pl.col("unit") == u)


@cache
def rural_shares(first: int = 0, last: int = 100) -> Floats:
    """Share (107,) of rural residents among those of these ages, at the end of 2020."""
    _, group = read_frame().groups(2020)
    persons = cells("census_2020", 2020, 2020)[:, :, first : last + 1].sum(axis=(1, 2, 4))
    return np.asarray(persons[:, 1] / persons.sum(axis=1))[group]


def choose_towns(units: Ints, keys: Keys, rural: Floats) -> Ints:
    """The place of each one's township in read_towns(its unit): a rural one for the unit's share (107,), 0 if none."""
    urban, rest = _count_towns()[units].T
    is_rural = ((unit(keys, "rural") < rural[units]) & (rest > 0)) | (urban == 0)
    luck = unit(keys, "town")
    return np.asarray(np.where(is_rural, urban + np.floor(luck * rest), np.floor(luck * urban))).astype(np.int64)


@cache
def _count_towns() -> Ints:
    """Urban and rural towns of each unit, (107, 2)."""
    towns, units = list_towns(), len(read_frame().codes)
    return np.bincount(2 * towns["unit"].to_numpy() + towns["is_rural"].to_numpy(), minlength=2 * units).reshape(-1, 2)


def locate(units: Ints, keys: Keys, rural: Floats) -> Ints:
    """The place of each one's township in list_towns(), as choose_towns has it; -1 in a unit without any."""
    of_town = list_towns()["unit"].to_numpy()
    first = np.searchsorted(of_town, units)
    has_any = np.searchsorted(of_town, units, side="right") > first
    return np.where(has_any, first + choose_towns(units, keys, rural), -1)


def scatter(units: Ints, keys: Keys) -> tuple[pl.Series, pl.Series]:
    """Longitudes and latitudes as texts, each somewhere around the point of its unit."""
    points = np.array(read_points())[units].T + 0.1 * (np.stack([unit(keys, "lon"), unit(keys, "lat")]) - 0.5)
    lon, lat = (pl.Series([f"{x:.6f}" for x in axis]) for axis in points)
    return lon, lat


def name_places(units: Ints, number: Ints, kind: str | pl.Series) -> pl.Series:
    """Such as 玄武区第1幼儿园（模拟）: numbers are from 0 on."""
    return (
        pl.Series(read_frame().names).gather(units) + "第" + pl.Series(number + 1).cast(pl.String) + kind + "（模拟）"
    )


def reach_years(name: str, reached: dict[int, int], seed: int) -> Ints:
    """The year in which each place of list_towns() is reached, where reached[year] of the townships are by its end.

    The year after the last where it is not; 0 for what has a township's code and is none. 苏南 and towns come first.
    """
    towns = list_towns()
    real = towns.filter(pl.col("kind") != "other").unique("township_code", keep="first", maintain_order=True)
    lead = read_frame().macro[real["unit"].to_numpy()] - 0.5 * real["is_rural"].to_numpy()
    order = np.argsort(generator(seed, name, "reach").normal(0, 1.2, len(lead)) - lead, kind="stable")
    years = min(reached) + np.searchsorted(list(reached.values()), np.argsort(order), side="right")
    known = dict(zip(real["township_code"], years.tolist(), strict=True))
    return towns["township_code"].replace_strict(known, default=0, return_dtype=pl.Int64).to_numpy()
