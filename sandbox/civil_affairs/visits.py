"""Visits to old people at home: to those who are served, and those that must not count."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import polars as pl

from sandbox.paper.inbox import Inbox
from sandbox.province.citizen import make_strangers
from sandbox.province.counts import Bools, Ints, join, rank_within, take
from sandbox.province.days import day
from sandbox.province.draw import generator, pick, unit
from sandbox.province.elders import People, find_people, write_numbers

MORE_VISITS = 3.0  # a person served has one verified visit and on average so many others in a year
UNVERIFIED = 0.03  # persons with no verified visit, for one who is served
STRANGE = 0.01  # persons who are on no register, for one who is served


class Visited(NamedTuple):
    """Persons of some units who are visited in a year; days count from 1900-01-01."""

    ids: pl.Series
    unit: Ints
    names: Ints
    first: Ints  # day on which a visit can find them at home (or in the institution)
    last: Ints
    verified: Bools  # any of their visits

    @property
    def n(self) -> int:
        return len(self.ids)


class Visits(NamedTuple):
    """Visits of some units in a year, by unit and in the order of their days."""

    visited: Visited
    unit: Ints
    who: Ints  # row of visited
    days: Ints
    verified: Bools


def make_visits(inbox: Inbox, year: int, first: int, last: int, served: Ints) -> Visits:
    """The visits of the units first..last-1; served (107,) persons are to count."""
    draw = generator(inbox.seed, "services", year, first)
    people = _visit(find_people(year, first, last, inbox.scale, inbox.seed), served, year, inbox.seed, draw)
    units = np.arange(first, last)
    strangers = _visit_strangers(np.repeat(units, draw.poisson(STRANGE * served[units])), year, draw)
    visited = join(people, strangers)
    visits = 1 + draw.poisson(MORE_VISITS, visited.n)
    who = np.repeat(np.arange(visited.n), visits)
    is_first = np.diff(who, prepend=-1) > 0
    counts = visited.verified[who] & (is_first | (draw.random(len(who)) < 0.94))
    span = visited.last - visited.first + 1
    days = visited.first[who] + (draw.random(len(who)) * span[who]).astype(np.int64)
    order = np.lexsort((days, visited.unit[who]))
    return Visits(visited, visited.unit[who][order], who[order], days[order], counts[order])


def _visit(people: People, served: Ints, year: int, seed: int, draw: np.random.Generator) -> Visited:
    """The served, and the noise: at home without a verified visit, residents of institutions, persons under 60.

    The served are those of the lowest rank in their unit; a rank belongs to its person, so who is served stays served.
    """
    home, u = people.at_home(year), people.unit
    rank = rank_within(u, np.where(home, unit(people.keys, "served"), 1.0))
    verified = np.where(home, rank < served[u], draw.random(len(u)) < 0.3)
    unverified = home & ~verified & (rank < (served + draw.poisson(UNVERIFIED * served))[u])
    rows = np.flatnonzero(verified | unverified)
    at = take(people, rows)
    ended = np.where(at.until > 0, at.until, day(year + 1))
    last = np.where((at.moved > 0) & ~at.institution, np.minimum(at.moved, ended), ended) - 1
    ids, names = write_numbers(at, seed)[1], pick(at.keys, "name", 40_000)
    return Visited(ids, at.unit, names, np.maximum(at.since, day(year)), last, verified[rows])


def _visit_strangers(units: Ints, year: int, draw: np.random.Generator) -> Visited:
    """Persons who are on nobody's register, one in each of the units."""
    n = len(units)
    ids, names = make_strangers(n, draw), draw.integers(0, 40_000, n)
    return Visited(ids, units, names, np.full(n, day(year)), np.full(n, day(year + 1) - 1), np.ones(n, bool))
