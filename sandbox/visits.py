"""Visits to old people at home: to those who are served, and those that must not count."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from sandbox.apportion import Ints
from sandbox.citizen import make_strangers
from sandbox.draw import generator, pick, unit
from sandbox.inbox import Inbox
from sandbox.persons import People, find_people, take, write_numbers
from sandbox.variety import day

MORE_VISITS = 3.0  # a person served has one verified visit and on average so many others in a year
UNVERIFIED = 0.03  # persons with no verified visit, for one who is served
STRANGE = 0.01  # persons who are on no register, for one who is served


class Visited(NamedTuple):
    """Persons of one unit who are visited in a year; days count from 1900-01-01."""

    ids: pl.Series
    names: Ints
    first: Ints  # day on which a visit can find them at home (or in the institution)
    last: Ints
    verified: NDArray[np.bool_]  # any of their visits

    @property
    def n(self) -> int:
        return len(self.ids)


class Visits(NamedTuple):
    """Visits of some units in a year, by unit and in the order of their days."""

    visited: Visited
    unit: Ints
    who: Ints  # row of visited
    days: Ints
    verified: NDArray[np.bool_]


def make_visits(inbox: Inbox, year: int, u: int, served: int) -> Visits:
    draw = generator(inbox.seed, "services", year, u)
    people = _visit(find_people(year, u, inbox.scale, inbox.seed), served, year, u, inbox.seed, draw)
    strangers = _visit_strangers(int(draw.poisson(STRANGE * served)), year, draw)
    names, first, last = (np.concatenate(pair) for pair in zip(people[1:4], strangers[1:4], strict=True))
    verified = np.concatenate([people.verified, strangers.verified])
    visited = Visited(pl.concat([people.ids, strangers.ids]), names, first, last, verified)
    visits = 1 + draw.poisson(MORE_VISITS, visited.n)
    who = np.repeat(np.arange(visited.n), visits)
    is_first = np.diff(who, prepend=-1) > 0
    counts = verified[who] & (is_first | (draw.random(len(who)) < 0.94))
    days = first[who] + (draw.random(len(who)) * (last - first + 1)[who]).astype(np.int64)
    order = np.argsort(days, kind="stable")
    return Visits(visited, np.full(len(who), u), who[order], days[order], counts[order])


def join(parts: list[Visits], first: int) -> Visits:
    """The visits of units from `first` on as one."""
    visited = [part.visited for part in parts]
    before = np.cumsum([0, *(v.n for v in visited)])
    columns = (np.concatenate([getattr(v, name) for v in visited]) for name in Visited._fields[1:])
    who = np.concatenate([part.who + n for part, n in zip(parts, before, strict=False)])
    unit, days, verified = (np.concatenate([getattr(p, name) for p in parts]) for name in ("unit", "days", "verified"))
    return Visits(Visited(pl.concat([v.ids for v in visited]), *columns), unit, who, days, verified)


def _visit(people: People, served: int, year: int, u: int, seed: int, draw: np.random.Generator) -> Visited:
    """The served, and the noise: at home without a verified visit, residents of institutions, persons under 60.

    The served are those of the lowest rank; a rank belongs to its person, so who is served stays served.
    """
    home, others = np.flatnonzero(people.at_home(year)), np.flatnonzero(~people.at_home(year))
    ranked = home[np.argsort(unit(people.keys[home], "served"), kind="stable")]
    unverified = ranked[served : served + draw.poisson(UNVERIFIED * served)]
    visited = others[draw.random(len(others)) < 0.3]
    at = take(people, np.concatenate([ranked[:served], unverified, visited]))
    ended = np.where(at.until > 0, at.until, day(year + 1))
    last = np.where((at.moved > 0) & ~at.institution, np.minimum(at.moved, ended), ended) - 1
    verified = np.repeat([True, False, True], [served, len(unverified), len(visited)])
    ids = write_numbers(at, u, seed)[1]
    return Visited(ids, pick(at.keys, "name", 40_000), np.maximum(at.since, day(year)), last, verified)


def _visit_strangers(n: int, year: int, draw: np.random.Generator) -> Visited:
    """Persons who are on nobody's register."""
    ids, names = make_strangers(n, draw), draw.integers(0, 40_000, n)
    return Visited(ids, names, np.full(n, day(year)), np.full(n, day(year + 1) - 1), np.ones(n, bool))
