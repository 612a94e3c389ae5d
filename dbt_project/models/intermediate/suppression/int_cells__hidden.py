# one row per indicator, region, period and stratum that is not shown (hidden): a small count of persons, or one that
# would help to find such a count; or of which no change is shown (held), since it would tell one (docs/suppression.md)
"""Which cells are hidden: while what is shown tells too much of a hidden count, one more region is hidden with it."""

from collections import defaultdict
from dataclasses import dataclass, field
from functools import cache

import pyarrow as pa

PROVINCE = "320000"
COLUMNS = (
    "family, period, block, indicator, population_basis, counted, region_code, parent_code, stratum, "
    "suppression_threshold, persons, value, was, least, since"
)
TEXTS, FLAGS = ("indicator", "region_code", "period", "stratum"), ("is_hidden", "is_held")
SCHEMA = pa.schema([*((name, pa.string()) for name in TEXTS), *((name, pa.bool_()) for name in FLAGS)])


@dataclass
class Unit:
    """A region in a table, hidden or shown as one."""

    counts: dict = field(
        default_factory=dict
    )  # (thing, stratum): how many, of all publications that hide it the fewest
    secret: set = field(default_factory=set)  # those of them that are above 0, now or in the last publication
    since: int = 0  # the publication that hid it first; 0: this one
    is_small: bool = False
    is_known: bool = True  # has been shown as it is now: to hide it hides nothing

    @property
    def is_plain(self):
        """All in one stratum (a county without a village): known to be their total, which is shown."""
        return len({stratum for (_, stratum), count in self.counts.items() if count > 0}) <= 1


class Table:
    """All that is counted of the same persons in a year, by the strata of a block, over all regions below the province.

    Between the regions that are hidden under a shown one, persons of one part (who count in the numerator, who do not)
    can be exchanged while each region keeps its total and each stratum its sum. So each count lies between Fréchet's
    bounds, apart by the least of region, stratum, and all others of each; where totals are hidden, too, by the sum.
    """

    def __init__(self, rows):
        self.threshold = rows[0]["suppression_threshold"]
        self.names = sorted({(row["indicator"], row["stratum"]) for row in rows if "unknown" not in row["stratum"]})
        self.units, self.above = defaultdict(Unit), {}
        for row in rows:
            if row["value"] is not None or row["since"] is not None:
                self.take(row)
        self.below = {top: {r for r, above in self.above.items() if above == top} for top in {*self.above.values()}}
        things, strata = (sorted({key[n] for unit in self.units.values() for key in unit.counts}) for n in (0, 1))
        self.parts = {thing: sorted(self.part(thing, things)) for thing in things}
        self.strata, self.has_totals = strata, "all" not in strata
        own = {region: frozenset(thing for thing, _ in unit.counts) for region, unit in self.units.items()}
        self.bottoms = {r: own[r].difference(*(own[b] for b in self.below.get(r, ()))) for r in own}
        self.leaves = {region: self.find_leaves(region) for region in [*self.units, *self.below, PROVINCE]}
        self.pools = {strong: self.exchanged(self.leaves[PROVINCE] & {*self.units}, strong) for strong in (False, True)}
        self.small = {region for region, unit in self.units.items() if unit.is_small or unit.since}
        self.hidden, self.is_held = {region for region in self.small if not self.units[region].is_known}, False
        self.count, self.total, self.limit = cache(self.count), cache(self.total), cache(self.limit)

    def take(self, row):
        unit = self.units[row["region_code"]]
        self.above[row["region_code"]] = row["parent_code"]
        key = (row["indicator"], row["population_basis"], row["counted"]), row["stratum"]
        value, was, since = int(row["value"] or 0), row["was"], row["since"]
        unit.counts[key] = value if since is None else min(value, int(row["least"]))
        if value > 0 or (was or 0) > 0:
            unit.secret.add(key)
        unit.is_small |= value > 0 and row["persons"] < self.threshold
        unit.is_known &= since is None and was is not None and was == row["value"]
        unit.since = max(unit.since, since or 0)

    @staticmethod
    def part(thing, things):
        """Who counts in the denominator counts in the numerator or in the remainder; each is told for itself."""
        parts = {(*thing[:2], part) for part in ("numerator", "remainder")}
        return parts if thing[2] == "denominator" and parts <= {*things} else {thing}

    def find_leaves(self, region):
        own = [region] if self.bottoms.get(region) else []
        return frozenset(own).union(*map(self.find_leaves, self.below.get(region, ())))

    def exchanged(self, leaves, strong):
        """Those whose persons may be of another stratum; strong: for whom knows where no village is, too."""
        return frozenset(leaf for leaf in leaves if not (strong and self.has_totals and self.units[leaf].is_plain))

    def kind(self, leaf):
        """Exchanged are those hidden for as long, under one shown region, who count in the same indicators."""
        since, top = self.units[leaf].since, self.above[leaf]
        while top in self.hidden and (not since or 0 < self.units[top].since <= since):
            top = self.above[top]
        return since, top, self.bottoms[leaf]

    def count(self, part, stratum, leaves):
        return sum(self.units[leaf].counts.get((part, stratum), 0) for leaf in leaves if part in self.bottoms[leaf])

    def total(self, part, leaves):
        return sum(self.count(part, stratum, leaves) for stratum in self.strata)

    def width(self, part, stratum, own, among):
        """Of the count of one region, whose leaves are own, among the leaves of a kind that are exchanged."""
        those = self.count(part, stratum, among)
        if not self.has_totals:
            return those if own and among - own else 0
        one, of_all = self.total(part, own), self.total(part, among)
        return min(one, those, of_all - those, of_all - one)

    def limit(self, thing, stratum, region, strong):
        """What is due: the threshold, or all that there is, were everything hidden."""
        pool = self.pools[strong]
        of_all = sum(self.width(part, stratum, self.leaves[region] & pool, pool) for part in self.parts[thing])
        return min(self.threshold, of_all)

    def group(self, top):
        """The hidden regions that are not told apart from above, each with its hidden leaves."""
        found = {}
        for region in sorted(self.below.get(top, set()) & self.hidden):
            inner = self.group(region)
            found |= inner | {region: frozenset([region, *inner]) & self.leaves[region]}
        return found

    def find_told(self, group, strong):
        """The first count of a group that is known within less than is due: its region, thing and stratum."""
        kinds = defaultdict(set)
        for leaf in self.exchanged(frozenset().union(*group.values()), strong):
            kinds[self.kind(leaf)].add(leaf)
        kinds = [frozenset(leaves) for leaves in kinds.values()]
        for region, leaves in group.items():
            unit = self.units[region]
            if strong and self.has_totals and unit.is_plain:
                continue
            own = [(leaves & kind, kind) for kind in kinds if leaves & kind]
            for thing, stratum in sorted(unit.secret):
                have = sum(self.width(part, stratum, *of) for part in self.parts[thing] for of in own)
                if have < self.limit(thing, stratum, region, strong):
                    return region, thing, stratum
        return None

    def find_other(self, top, group, region, thing, stratum):
        """The region that is hidden next: a lower one, with many on both sides, of few persons."""

        def loss(other):
            parts, own = self.parts[thing], self.leaves[other]
            both = [(self.count(part, stratum, own), self.total(part, own)) for part in parts]
            ample = sum(min(self.threshold, n, total - n if self.has_totals else n) for n, total in both)
            return other in self.below, -ample, sum(total for _, total in both), other

        shown = {other for parent in (top, *group) for other in self.below.get(parent, ())} - self.hidden
        able = {other for other in shown if not self.units[other].is_known}
        has_own = any(part in self.bottoms[leaf] for leaf in group[region] for part in self.parts[thing])
        outside = {other for other in able if not has_own or not self.leaves[other] <= self.leaves[region]}
        return min(outside or able, key=loss, default=None)

    def cover(self, top):
        """Hide more under a shown region until none of its hidden counts is told, at last the region itself."""
        while told := next(filter(None, (self.find_told(group := self.group(top), s) for s in (False, True))), None):
            other = self.find_other(top, group, *told)
            if other is None and (top == PROVINCE or self.units[top].is_known):
                self.is_held = any(unit.is_known or unit.since for unit in self.units.values())
                return
            self.hidden.add(other or top)
            if other is None:
                return

    def choose(self):
        before = None
        while before != self.hidden:
            before = set(self.hidden)
            for top in sorted(self.below, key=lambda r: (len(self.leaves[r]), r)):
                if top not in self.hidden:
                    self.cover(top)
        return self

    def tell(self):
        """(indicator, region, stratum, whether it is hidden, whether it is held)."""
        hidden = self.small if self.is_held else self.small | self.hidden
        regions = {*self.units, PROVINCE} if self.is_held else hidden
        # what has been shown as it is cannot be hidden again: it is not published, no more
        held = {r for r in regions if self.is_held or self.units[r].is_known}
        return [(i, region, s, region in hidden, region in held) for i, s in self.names for region in regions]


def choose(rows):
    """Of rows of COLUMNS those of SCHEMA, sorted."""
    tables = defaultdict(list)
    for row in rows:
        tables[row["period"], row["family"], row["block"]].append(row)
    told = ((period, cell) for (period, *_), its in tables.items() for cell in Table(its).choose().tell())
    return sorted((indicator, region, period, *decided) for period, (indicator, region, *decided) in told)


def model(dbt, session):
    dbt.config(materialized="table")
    found = dbt.ref("int_counts__compared").project(COLUMNS).order("all").fetchall()
    chosen = choose([dict(zip(COLUMNS.split(", "), row, strict=True)) for row in found])
    return pa.Table.from_pylist([dict(zip(SCHEMA.names, row, strict=True)) for row in chosen], SCHEMA)
