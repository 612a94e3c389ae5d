"""Eldercare facilities: which of them there are at a year end, where, and which townships they cover."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import numpy as np

from sandbox.province.counts import Ints, join
from sandbox.province.days import day
from sandbox.province.draw import Keys, mix, pick, unit
from sandbox.province.stock import Stock, stock_by_size
from sandbox.province.towns import list_towns, locate, reach_years, rural_shares

INSTITUTION, COMMUNITY, RURAL_HOME, REGIONAL = range(4)
# Townships of 1,203 with a comprehensive facility at the year end. 421: the plan's 35 %; 1,167: 97 %, short of all.
COVERED = {2019: 361, 2020: 421, 2021: 548, 2022: 705, 2023: 880, 2024: 1042, 2025: 1167}
# Institutions are there at every scale, with all their beds; the others as many as the scale asks for. Assumed.
INSTITUTIONS = {2019: 2380, 2020: 2400, 2021: 2410, 2022: 2420, 2023: 2420, 2024: 2410, 2025: 2400}
OTHERS = {2019: 18_400, 2020: 19_600, 2021: 20_100, 2022: 20_300, 2023: 20_500, 2024: 20_600, 2025: 20_600}
CLOSING = 0.02  # share of the facilities that close in a year


class Facilities(NamedTuple):
    """n facilities; number within the unit; town: its place in list_towns(), -1 for none; days as in stock.Listed."""

    unit: Ints
    number: Ints
    keys: Keys
    kind: Ints
    town: Ints
    since: Ints
    until: Ints
    is_centre: np.ndarray


@cache
def _stock(name: str, scale: float, seed: int) -> Stock:
    """Institutions, at least 4 in each unit, or other facilities."""
    totals, least = (INSTITUTIONS, 4) if name == "institutions" else (OTHERS, 0)
    return stock_by_size(name, totals, slice(60, 101), least, CLOSING, scale, seed)


@cache
def years_covered(seed: int) -> Ints:
    """The year in which each place of list_towns() gets a comprehensive facility, as reach_years has it."""
    return reach_years("eldercare", COVERED, seed)


def list_facilities(year: int, scale: float, seed: int) -> Facilities:
    stocks = (_list_stock("institutions", year, 1.0, seed), _list_stock("community", year, scale, seed))
    parts = (*stocks, _list_centres(year, seed))
    return join(*parts)


def _list_stock(name: str, year: int, scale: float, seed: int) -> Facilities:
    u, serial, keys, since, until = _stock(name, scale, seed).list(year)
    town = locate(u, keys, rural_shares(60))
    rural = (town >= 0) & list_towns()["is_rural"].to_numpy()[town]
    home = np.where(rural & (unit(keys, "type") < 0.7), RURAL_HOME, INSTITUTION)
    kind, first = (home, 0) if name == "institutions" else (np.full(len(u), COMMUNITY), 100_000)
    return Facilities(u, first + serial, keys, kind, town, since, until, np.zeros(len(u), bool))


def _list_centres(year: int, seed: int) -> Facilities:
    """One in each township that is reached; here and there another tried the year before and ended on 31 December."""
    towns, reached = list_towns(), years_covered(seed)
    town = np.flatnonzero(towns["township_code"].is_first_distinct().to_numpy() & (reached > 0))
    keys, opened = mix(mix(town.astype(np.uint64), seed), "centres"), reached[town]
    began = np.where(opened == min(COVERED), 2010 + pick(keys, "before", 10), opened)
    since = day(began, 1 + pick(keys, "month", 12), 1 + pick(keys, "day", 28))
    lasting = np.flatnonzero(since < day(year + 1, 2))
    row = np.concatenate([lasting, np.flatnonzero((opened == year + 1) & (pick(keys, "tried", 6) == 0))])
    tried = np.arange(len(row)) >= len(lasting)
    town = town[row]
    return Facilities(
        unit=towns["unit"].to_numpy()[town],
        number=np.where(tried, 300_000, 200_000) + town,
        keys=keys[row],
        kind=np.where(towns["is_rural"].to_numpy()[town], REGIONAL, COMMUNITY),
        town=town,
        since=np.where(tried, day(year, 3, 15), since[row]),
        until=np.where(tried, day(year, 12, 31), 0),
        is_centre=np.ones(len(row), bool),
    )
