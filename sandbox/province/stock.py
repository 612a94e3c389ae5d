"""Things and persons that come and go: each unit's serial numbers that stand at a year end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from sandbox.province.counts import Floats, Ints, number_off, share_out
from sandbox.province.days import day
from sandbox.province.demography import YEARS
from sandbox.province.draw import Keys, generator, mix, pair, pick
from sandbox.province.population import by_unit

OLDEST = 2000  # what stands at the first year end came in this year or after it


class Listed(NamedTuple):
    """What a snapshot names, ordered by unit; days count from 1900-01-01."""

    unit: Ints
    serial: Ints
    keys: Keys
    since: Ints
    until: Ints  # left during the year, 0 if not

    def stands(self, year: int) -> np.ndarray:
        """Whether it is there at the year end."""
        return np.asarray((self.until == 0) & (self.since < day(year + 1)))


@dataclass(frozen=True)
class Stock:
    """Serials in [low, high) stand at the year ends 2018 to 2026; whoever comes is added above, who leaves is below."""

    name: str
    seed: int
    low: Ints  # (9, units)
    high: Ints

    def list(self, year: int) -> Listed:
        """Everything that stands in a year, leaves in it, or comes in the January after it."""
        i = YEARS.index(year)
        start, counts = self.low[i - 1], self.high[i + 1] - self.low[i - 1]
        u = np.repeat(np.arange(len(counts)), counts)
        serial = number_off(counts) + start[u]
        keys = mix(pair(u, serial), self.seed)
        keys = mix(keys, self.name)
        came = (self.high[:, u] <= serial).sum(axis=0)  # 0: before the first year end
        age = YEARS[0] + 1 - OLDEST
        since = day(np.where(came > 0, YEARS[0] + came, OLDEST + pick(keys, "stock", age))) + pick(keys, "came", 350)
        until = np.where(serial < self.low[i, u], day(year, 1, 15) + pick(keys, "left", 350), 0)
        named = since < day(year + 1, 2)
        return Listed(u[named], serial[named], keys[named], since[named], until[named])


def stock_by_size(
    name: str, totals: dict[int, int], ages: slice, least: int, leaving: float, scale: float, seed: int
) -> Stock:
    """A stock of totals in the province at the ends of the years, at least so many in each unit, the others by the
    persons of some ages.
    """
    persons = by_unit(2020, 1.0, ages).astype(float)
    counts = {y: least + share_out(round(scale * n) - least * len(persons), persons) for y, n in totals.items()}
    return stock(name, counts, leaving, seed)


def stock(name: str, counts: dict[int, Ints], leaving: float, seed: int) -> Stock:
    """A stock of counts[year] (units,) at the ends of the years 2019 to 2025, a share leaving each year.

    The year ends before and after are taken to hold as many as the first and the last.
    """
    ends = [counts[YEARS[1]], *(counts[year] for year in YEARS[1:]), counts[YEARS[-1]]]
    luck = generator(seed, name, "leaving").random(len(ends[0]))
    gone: Floats = np.floor(np.cumsum(leaving * np.stack(ends), axis=0) + luck)
    leave = np.diff(gone, axis=0, prepend=gone[:1]).astype(np.int64)
    low = np.zeros((len(ends), len(ends[0])), np.int64)
    high = low + ends[0]
    for i in range(1, len(ends)):
        low[i] = np.maximum(low[i - 1] + np.minimum(leave[i], ends[i - 1]), high[i - 1] - ends[i])
        high[i] = low[i] + ends[i]
    return Stock(name, seed, low, high)
