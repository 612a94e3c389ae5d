"""卫生人员: physicians, nurses and others, who is registered where, and the general practitioners among them."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import numpy as np

from sandbox.health.health_facilities import institutions, name_institutions
from sandbox.province.citizen import number
from sandbox.province.counts import Bools, Ints, join, nearest_numerator, rank_within, share_out, take
from sandbox.province.course import numerators, spread
from sandbox.province.days import day
from sandbox.province.draw import Keys, pick, unit
from sandbox.province.frame import read_frame
from sandbox.province.population import by_unit
from sandbox.province.stock import Listed, Stock, stock

# Physicians per 1,000 residents and general practitioners per 10,000. 2020: the plan, 表2. By 2025 the first falls
# short of 3.9 and the second passes 4.5.
PHYSICIANS = {2019: 3.06, 2020: 3.16, 2021: 3.29, 2022: 3.43, 2023: 3.58, 2024: 3.71, 2025: 3.83}
GENERAL = {2019: 3.92, 2020: 4.07, 2021: 4.17, 2022: 4.27, 2023: 4.37, 2024: 4.47, 2025: 4.58}
NURSES, OTHERS = 1.1, 0.35  # for one physician; 3.47 nurses per 1,000 residents in 2020
LEAVING = 0.025  # share of each profession that leaves the register in a year
SECOND, OUTDATED = 0.08, 0.01  # physicians with a second site; with a main site that was never given up
GROUPS = ("physicians", "nurses", "others")


class Spells(NamedTuple):
    """One registration each, those of a person together; days count from 1900-01-01."""

    group: Ints  # index in GROUPS
    keys: Keys  # the person's
    seventeen: Ints  # the person's citizen number, without its check character
    general: Bools
    unit: Ints  # where the institution is
    institution: Ints
    primary: Bools
    since: Ints
    until: Ints  # 0 if not ended


def physicians(year: int, scale: float, seed: int) -> Ints:
    """Physicians and assistants registered at the year end, by unit (107,)."""
    return numerators("physicians", PHYSICIANS[year], by_unit(year, scale), year, seed, capped=False, factor=1000)


def general_practitioners(year: int, scale: float, seed: int) -> Ints:
    """General practitioners among them, by unit (107,): the whole number nearest to the printed rate.

    So few are shared out over the cities first: at a small scale the large counties would take them all.
    """
    residents = by_unit(year, scale)
    total = nearest_numerator(GENERAL[year], int(residents.sum()), 10_000)
    weights, caps = residents * spread("general_practitioners", year, seed), physicians(year, scale, seed)
    city = np.unique([code[:4] for code in read_frame().codes], return_inverse=True)[1]
    members = [np.flatnonzero(city == c) for c in range(city.max() + 1)]
    totals = share_out(total, np.array([weights[m].sum() for m in members]), np.array([caps[m].sum() for m in members]))
    found = np.zeros_like(caps)
    for m, n in zip(members, totals.tolist(), strict=True):
        found[m] = share_out(n, weights[m], caps[m])
    return found


@cache
def _stocks(scale: float, seed: int) -> tuple[Stock, ...]:
    """One for each of GROUPS; nobody's unit is without any: 其他 are at least one."""
    counts = {year: physicians(year, scale, seed) for year in PHYSICIANS}
    nurses = {year: np.floor(NURSES * n).astype(np.int64) for year, n in counts.items()}
    others = {year: 1 + np.floor(OTHERS * n).astype(np.int64) for year, n in counts.items()}
    return tuple(stock(g, c, LEAVING, seed) for g, c in zip(GROUPS, (counts, nurses, others), strict=True))


def find_spells(year: int, scale: float, seed: int) -> Spells:
    """Every registration of a year's file: main sites, second sites, ended and renewed registrations."""
    parts = [_main_spells(i, s.list(year), year, scale, seed) for i, s in enumerate(_stocks(scale, seed))]
    main = join(*parts)
    renewed = _renewed_on(main.keys)
    now = (main.until == 0) & (main.since < day(year)) & (renewed >= day(year)) & (renewed < day(year + 1))
    lasting = (main.group == 0) & (main.until == 0) & (main.since < day(year))
    since = np.where((main.until == 0) & (renewed > main.since) & (renewed < day(year + 1)), renewed, main.since)
    second, old = lasting & (unit(main.keys, "second") < SECOND), lasting & (unit(main.keys, "outdated") < OUTDATED)
    where = (main.unit + 1 + pick(main.keys, "elsewhere", 106)) % 107
    here = np.where(unit(main.keys, "far") < 0.5, where, main.unit)
    clinics = 900_000 + pick(main.keys, "clinic", 500)
    spells = [
        main._replace(since=since),
        take(main._replace(until=renewed - 40), now),  # retired, then registered again
        take(main._replace(unit=here, institution=name_institutions(here, clinics), primary=~second), second),
        take(main._replace(unit=where, institution=name_institutions(where, clinics), since=main.since - 800), old),
    ]
    order = np.concatenate([np.arange(len(main.keys)), *(np.flatnonzero(rows) for rows in (now, second, old))])
    return take(join(*spells), np.argsort(order, kind="stable"))


def _main_spells(group: int, listed: Listed, year: int, scale: float, seed: int) -> Spells:
    """The main site of everybody of a group; general practitioners are the physicians of the lowest rank."""
    u, keys, n = listed.unit, listed.keys, len(listed.unit)
    ranked = unit(keys, "general")
    general = ranked < 0.13  # of those who left or are still to come
    if group == 0:
        stands = listed.stands(year)
        first = rank_within(u, np.where(stands, ranked, 2.0)) < general_practitioners(year, scale, seed)[u]
        general = np.where(stands, first, general)
    homes = institutions(seed)
    low, high = homes.low[-1], homes.high[0]  # open all the time
    bedded = low[u] + pick(keys, "institution", 10**6) % (high - low)[u]
    clinic = 800_000 + pick(keys, "institution", 500)
    institution = name_institutions(u, np.where(unit(keys, "bedded") < 0.75, bedded, clinic))
    came = 1900 + (listed.since / 365.25).astype(np.int64)
    birth_year = np.clip(came - 24 - pick(keys, "born", 24), 1967, 1999)  # no number is an old person's
    seventeen = number(u, birth_year, listed.serial * len(GROUPS) + group, np.zeros(n, np.int64))[1]
    primary = np.ones(n, bool)
    return Spells(np.full(n, group), keys, seventeen, general, u, institution, primary, listed.since, listed.until)


def _renewed_on(keys: Keys) -> Ints:
    """The day of registering again: for most people none before 2040."""
    return day(2019 + pick(keys, "renewed", 60), 4) + pick(keys, "renewal", 240)
