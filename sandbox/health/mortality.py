"""Deaths of a year: who dies where and when, what is registered of it, and what each registered death stands for."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sandbox.province.citizen import number
from sandbox.province.counts import Floats, Ints, list_members, rank_within, take
from sandbox.province.course import spread
from sandbox.province.days import compact, day
from sandbox.province.demography import survival
from sandbox.province.draw import generator, pick
from sandbox.province.frame import read_frame
from sandbox.province.population import count

# Years of life at birth. 2020: the plan, 表2; by 2025 within half a year of 80 and beyond it.
EXPECTANCY = {2019: 78.85, 2020: 79.10, 2021: 79.35, 2022: 79.58, 2023: 79.82, 2024: 80.06, 2025: 80.30}
OF_WOMEN = 1.06  # women's mortality against the one that ages the population: five years of life ahead of men
OF_INFANTS = 0.0019  # mortality of the age that the curve of old age leaves out
REGISTERED = (0.76, 0.90, 0.82)  # deaths that any source knows in 2019: of infants, of others, at 85 and over: assumed
IMPROVING = 0.005  # of these shares in a year: assumed
FOUND = (0.82, 0.55, 0.45)  # registered deaths that each source knows: assumed
STANDS_FOR = np.array([1.00, 1.05, 1.10])  # a death that only a worse source knows stands for more
DEAD = 107  # the pair of area codes for the dead, behind those of the units
GROUPS = np.array([0, 1, *range(5, 90, 5)])  # first age of each group of the life table


class Deaths(NamedTuple):
    """Registered deaths in the order of their days, which count from 1900-01-01."""

    place: Ints  # of the code of residence, among the year's
    sex: Ints
    age: Ints  # completed years
    born: Ints
    died: Ints
    seventeen: Ints  # the citizen number, without its check character
    sources: Ints  # the first source knows of it: 1, the second: 2, the third: 4
    weight: Floats  # true deaths for it, if its best source were the first; 4 decimals only when written


def find_deaths(year: int, scale: float, seed: int) -> Deaths:
    """Everybody of the year whose death a source knows; weighted, the province's life table prints the year's value."""
    draw = generator(seed, "deaths", year)
    ends = count("census_2020", year, year, scale) + count("census_2020", year - 1, year, scale)
    persons = ends.sum(axis=(3, 4)) / 2
    counts = _place(persons, year, seed, draw)
    place, sex, age = list_members(counts)
    dead = _date(year, place, sex, age, draw)
    known = np.bincount(dead.age, weights=STANDS_FOR[best(dead.sources)] * dead.weight, minlength=101)
    factor = rescale(_groups(known.astype(np.float64)), _groups(persons.sum(axis=(0, 1))), EXPECTANCY[year])
    return dead._replace(weight=dead.weight * factor)


def expectancy(deaths: Floats, persons: Floats) -> float:
    """Years of life at birth by deaths and person-years (19,) of the groups 0, 1-4, 5-9, ..., 85+ (Chiang)."""
    rate, n = deaths / persons, np.diff(GROUPS)
    lived = np.where(n == 5, 2.5, 1.6)  # by those who die in the group
    lived[0] = 0.07 + 1.7 * rate[0]
    dying = np.minimum(n * rate[:-1] / (1 + (n - lived) * rate[:-1]), 1)
    alive = np.cumprod(np.append(1, 1 - dying))
    return float(np.sum(n * alive[1:] - lived * np.diff(alive)) + alive[-1] / rate[-1])


def rescale(deaths: Floats, persons: Floats, target: float) -> float:
    """The factor of all deaths at which the life table gives the target."""
    low, high = 0.1, 10.0
    for _ in range(60):
        middle = np.sqrt(low * high)
        low, high = (middle, high) if expectancy(middle * deaths, persons) > target else (low, middle)
    return float(middle)


def best(sources: Ints) -> Ints:
    """The first of the sources that know of a death: 0, 1 or 2."""
    return np.asarray(np.where(sources & 1, 0, np.where(sources & 2, 1, 2)))


def _registered(year: int) -> Floats:
    """Share (101,) of the deaths of an age that any source knows."""
    infants, others, old = (share + IMPROVING * (year - 2019) for share in REGISTERED)
    return np.repeat([infants, others, old], [1, 84, 16])


def _place(persons: Floats, year: int, seed: int, draw: np.random.Generator) -> Ints:
    """Registered deaths (codes, 2, 101), whole.

    A city has of any run of ages within one of what is expected there, so that hardly a city has none at 85 and over;
    in which of its counties they happen is drawn, as the interval of a life table takes for granted.
    """
    codes, group = read_frame().groups(year)
    dying = (1 - survival()) * np.array([[1.0], [OF_WOMEN]])
    dying[:, 0] = OF_INFANTS
    risk = persons * dying / spread("survival", year, seed)[np.unique(group, return_index=True)[1], None, None]
    level = rescale(_groups(risk.sum(axis=(0, 1))), _groups(persons.sum(axis=(0, 1))), EXPECTANCY[year])
    expected = level * risk * _registered(year)
    placed = np.zeros(expected.shape, np.int64)
    city = np.array([code[:4] for code in codes])
    for rows in (np.flatnonzero(city == c) for c in np.unique(city)):
        whole = expected[rows].sum(axis=0)
        run = np.append(whole[0], whole[1, ::-1])  # men from birth on, then women from the oldest down
        men, women = np.diff(np.floor(np.cumsum(run) + draw.random()), prepend=0).astype(np.int64).reshape(2, -1)
        shares = np.where(whole > 0, expected[rows] / np.where(whole > 0, whole, 1), 1 / len(rows))
        drawn = draw.multinomial(np.stack([men, women[::-1]]), np.moveaxis(shares, 0, -1))
        placed[rows] = np.moveaxis(drawn, -1, 0)
    empty = np.flatnonzero(placed.sum(axis=(1, 2)) == 0)  # without a row it would not have reported
    placed.reshape(len(codes), -1)[empty, expected.reshape(len(codes), -1)[empty].argmax(axis=1)] = 1
    return placed


def _date(year: int, place: Ints, sex: Ints, age: Ints, draw: np.random.Generator) -> Deaths:
    """When each was born and died: before or after the birthday of the year, infants soon after birth.

    Whoever should die before a birthday on 1 January dies on it, a year older.
    """
    n, first, last = len(age), int(day(year)), int(day(year + 1)) - 1
    older = age + np.where(age == 100, draw.integers(0, 5, n), 0)
    before = (age > 0) & (draw.random(n) < 0.5)
    birth_year = year - older - before
    serial = 100_000 * (year - 2019) + rank_within(birth_year, np.arange(n))
    born, seventeen = number(DEAD, birth_year, serial, pick(birth_year.astype(np.uint64), "dead", 700_000))
    birthday = day(np.full(n, year), compact(born) // 100 % 100, compact(born) % 100)
    start = np.where(before, first, birthday)
    span = np.where(before, np.maximum(birthday - first, 1), last + 1 - birthday)
    died = start + np.floor(draw.random(n) ** np.where(age > 0, 1, 4) * span).astype(np.int64)
    age = np.minimum(year - birth_year - (died < birthday), 100)
    subsets = np.array([[b >> s & 1 for s in range(3)] for b in range(1, 8)])
    chances = np.where(subsets, FOUND, 1 - np.array(FOUND)).prod(axis=1)
    sources = 1 + draw.choice(7, n, p=chances / chances.sum())
    dead = Deaths(place, sex, age, born, died, seventeen, sources, 1 / _registered(year)[age])
    return take(dead, np.argsort(died, kind="stable"))


def _groups(ages: Floats) -> Floats:
    """By single year (101,) -> by group of the life table (19,)."""
    return np.asarray(np.add.reduceat(ages, GROUPS))
