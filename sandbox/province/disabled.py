"""残疾人: who is on the disability register, and for which months each is entitled to the two subsidies."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import numpy as np

from sandbox.province.citizen import number
from sandbox.province.counts import Bools, Ints, share_out
from sandbox.province.days import compact, day, month_of
from sandbox.province.demography import YEARS
from sandbox.province.draw import Keys, mix, pick, unit
from sandbox.province.frame import read_frame
from sandbox.province.population import by_unit
from sandbox.province.stock import Stock, stock

REGISTERED = 0.0212  # of the residents: 1.8 million in 2020, assumed
LEAVING = 0.04  # share of the register that dies or moves away in a year: assumed
KINDS = ("living", "nursing")
ENTITLED = (0.40, 0.39)  # of the register, to each kind: 17 million payments a year
TURNS = (2010, 30)  # first year and number of the years in which an entitlement begins or ends
UNCERTIFIED = 0.35  # of the children, who have no certificate before they go to school
NEVER = 9999 * 12


class Disabled(NamedTuple):
    """Persons on the register on some day of a year, by unit; days count from 1900-01-01, months from the year 0."""

    unit: Ints
    serial: Ints
    keys: Keys
    birth_year: Ints
    since: Ints
    until: Ints  # left during the year, 0 if not
    certified: Ints  # day of the first certificate
    first: Ints  # (n, 2) the first month of being entitled to each of KINDS
    last: Ints  # (n, 2) and the month after the last

    def stands(self, year: int) -> Bools:
        """Whether on the register at the year end; who left in December is taken off in January."""
        return np.asarray(((self.until == 0) | (self.until >= day(year, 12))) & (self.since < day(year + 1)))

    def is_entitled(self, year: int) -> Bools:
        """(n, 2, 12): to each kind, in each month of the year."""
        month = year * 12 + np.arange(12)
        return np.asarray((self.first[:, :, None] <= month) & (month < self.last[:, :, None]))

    def identify(self, seed: int) -> tuple[Ints, Ints]:
        """(birthdays, citizen numbers without their check characters)."""
        cohort = mix((self.unit * 10_000 + self.birth_year).astype(np.uint64), seed)
        return number(self.unit, self.birth_year, self.serial, pick(cohort, "disabled", 700_000))

    def needs_rehabilitation(self, year: int) -> Bools:
        """Whether the year's assessment finds a need: of most children, and of some adults not the same every year."""
        luck = unit(self.keys, "need") + 0.03 * unit(self.keys, f"need {year}")
        return np.asarray(luck < np.where(year - self.birth_year < 18, 0.9, 0.3))


def find_disabled(year: int, scale: float, seed: int) -> Disabled:
    """Everybody who is on the register on some day of the year, or comes in the January after it."""
    listed = _stock(scale, seed).list(year)
    keys = listed.keys
    came = compact(listed.since) // 10_000
    age = np.interp(unit(keys, "age"), [0, 0.06, 0.5, 0.8, 1], [1, 17, 60, 72, 88]).astype(np.int64)
    birth_year = np.minimum(np.maximum(came, YEARS[0]) - age, came - 1)
    school = day(birth_year + 6 + pick(keys, "school", 11), 3)
    is_late = (came - birth_year < 17) & (unit(keys, "uncertified") < UNCERTIFIED)
    certified = np.where(is_late, np.maximum(school, listed.since), listed.since)
    spans = [_entitle(keys, kind, certified, listed.until) for kind in range(len(KINDS))]
    first, last = (np.stack(side, axis=1) for side in zip(*spans, strict=True))
    return Disabled(listed.unit, listed.serial, keys, birth_year, listed.since, listed.until, certified, first, last)


def _entitle(keys: Keys, kind: int, certified: Ints, until: Ints) -> tuple[Ints, Ints]:
    """(first month, month after the last) entitled to a kind, from the month after certification to that of leaving.

    As many lose it at their turn as others gain it at theirs, so that the share of the entitled stays.
    """
    luck, begins = unit(keys, KINDS[kind]), month_of(certified) + 1
    turn = TURNS[0] * 12 + pick(keys, f"{KINDS[kind]} turn", 12 * TURNS[1])
    gains = (luck >= ENTITLED[kind]) & (luck < 2 * ENTITLED[kind])
    first = np.where(gains, np.maximum(begins, turn), begins)
    last = np.where(gains, NEVER, np.where(luck < ENTITLED[kind], turn, 0))
    return first, np.where(until > 0, np.minimum(last, month_of(until) + 1), last)


@cache
def _stock(scale: float, seed: int) -> Stock:
    """More for a resident in the north, where more people are old."""
    counts = {}
    for year in YEARS[1:]:
        residents = by_unit(year, scale)
        total = round(REGISTERED * int(residents.sum()))
        counts[year] = share_out(total, residents * (1 - 0.08 * read_frame().macro))
    return stock("disabled", counts, LEAVING, seed)
