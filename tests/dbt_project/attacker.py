"""An attacker who has the files of one publication or of several, and a linear program: the least and the most that
each hidden count can be, since counts are whole, not negative, at most their denominator and at most their total."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import duckdb
import numpy as np
from scipy.optimize import linprog
from scipy.sparse import coo_array

PROVINCE = "320000"
INCLUSIVE, ENROLMENT = "inclusive_kindergarten_coverage", "preschool_gross_enrolment"
RATIO, GROSS, UNDER = ("numerator", "denominator", "remainder"), ("numerator", "denominator"), ("denominator",)
# what each counts in persons, or in what belongs to one person each (doses, person-months)
PERSONS = {
    "child_immunization_rate": RATIO,
    "childcare_places_per_1000": UNDER,
    "children_in_difficulty_coverage": RATIO,
    "home_care_service_share": RATIO,
    INCLUSIVE: RATIO,
    ENROLMENT: GROSS,
    "two_subsidies_precision": RATIO,
}
SENSITIVE = ("children_in_difficulty_coverage", "two_subsidies_precision")
BLOCKS = {"area": ("urban", "rural"), "residence": ("local", "migrant")}

Series = tuple[str, str, str]  # indicator, period, basis
Values = dict[tuple[str, ...], dict[str, float]]  # series, region and stratum: RATIO
Term = dict[object, float]  # what is unknown, how many times; None: what is known


def read_values(con: duckdb.DuckDBPyConnection, table: str) -> Values:
    rows = con.sql(
        "select indicator, period, population_basis, region_code, stratum, numerator, denominator "
        f"from {table} where indicator in {tuple(PERSONS)} and numerator is not null and denominator is not null"
    ).fetchall()
    return {
        tuple(key): dict(zip(RATIO, map(float, (over, under, under - over)), strict=True)) for *key, over, under in rows
    }


def read_true(data: Path) -> Values:
    """What nobody outside sees."""
    with duckdb.connect(str(data / "build" / "work.duckdb"), read_only=True) as con:
        return read_values(con, "(from intermediate.int_values__computed where detail = 'headline')")


@dataclass(frozen=True)
class Publication:
    """What the files of a publication say, and nothing else."""

    shown: Values
    hidden: set[tuple[str, ...]]  # indicator, period, region, stratum
    parents: dict[str, str]  # region: the one above it
    least: int

    @classmethod
    def read(cls, data: Path) -> Publication:
        files = (data / "published" / "current").resolve() / "parquet"
        with duckdb.connect() as con:
            hidden = con.sql(
                "select distinct indicator, period, region_code, stratum "
                f"from '{files}/indicator_values.parquet' where status = 'suppressed'"
            ).fetchall()
            regions = con.sql(
                "select region_code, case level when 'macro_region' then '320000' when 'city' then macro_region_code "
                f"else city_code end from '{files}/regions.parquet' "
                "where valid_to is null and level in ('macro_region', 'city', 'county', 'zone')"
            ).fetchall()
            least = con.sql(f"select max(suppression_threshold) from '{files}/indicators.parquet'").fetchall()
            shown = read_values(con, f"'{files}/indicator_values.parquet'")
        return cls(shown, set(hidden), dict(regions), least[0][0])

    def learn(self, values: Values) -> Publication:
        """The same after these have become known."""
        known = {(*key[:2], *key[3:]) for key in values}
        return replace(self, shown=self.shown | values, hidden=self.hidden - known)

    def within(self, region: str) -> set[str]:
        """The region and all below it."""
        return {region}.union(*(self.within(child) for child, above in self.parents.items() if above == region))


@dataclass
class Attack:
    """What is known of counts of a year, by the strata of a block ('all': those of a sensitive indicator)."""

    indicators: Sequence[str]
    period: str
    block: str
    unknown: dict[object, int] = field(default_factory=dict)
    equal: list[Term] = field(default_factory=list)
    at_least_0: list[Term] = field(default_factory=list)
    targets: dict[tuple[str, ...], tuple[Term, float, float]] = field(default_factory=dict)  # term, truth, what is due

    def read(self, one: Publication, true: Values, moved: Iterable[str] = (), name: str = "") -> None:
        """Add a publication; moved: the regions whose counts are others than in the publications with another name."""
        strata = BLOCKS.get(self.block, ("all",))
        series = sorted({k[:3] for k in true if k[0] in self.indicators and k[1] == self.period})
        for key in series:
            sides = [side for side in ("numerator", "denominator") if side in PERSONS[key[0]]]
            terms = {
                (side, region, stratum): self._term(one, key, side, region, stratum, name if region in moved else "")
                for side in sides
                for region in (*one.parents, PROVINCE)
                for stratum in strata
            }
            for side in sides:
                for stratum in strata:
                    for parent in sorted(set(one.parents.values())):
                        below = [r for r, above in one.parents.items() if above == parent]
                        if any((*key, r, stratum) in true for r in below):  # some are not counted by county
                            children = [scale(terms[side, r, stratum], -1) for r in below]
                            self.equal.append(add(terms[side, parent, stratum], *children))
            self._bound(one, key, terms, strata, true, name)

    def _term(self, one: Publication, series: Series, side: str, region: str, stratum: str, name: str) -> Term:
        if (series[0], series[1], region, stratum) not in one.hidden:
            return {None: one.shown.get((*series, region, stratum), {}).get(side, 0.0)}
        who: tuple[str, ...] = (series[0], series[2], side)
        is_leaf = region not in one.parents.values()
        if is_leaf and series[0] == ENROLMENT and side == "numerator":
            who = (INCLUSIVE, "none", "denominator")  # the same children
        unknown = (*who, region, stratum, name)
        self.unknown.setdefault(unknown, len(self.unknown))
        return {unknown: 1.0}

    def _bound(
        self, one: Publication, series: Series, terms: dict, strata: Sequence[str], true: Values, name: str
    ) -> None:
        """Whole counts are not negative; of those of a region whose stratum nobody knows, too."""
        parts = PERSONS[series[0]]

        def total(regions: Iterable[str], stratum: str) -> dict[str, float]:
            counts = [true.get((*series, region, stratum), {}) for region in regions]
            return {part: sum(count.get(part, 0.0) for count in counts) for part in parts}

        # of a county whose strata have not come all is known to be unknown
        told = {r for r in one.parents if all((*series, r, s) in true for s in strata)}
        counties = {r for r in told if not any(one.parents[below] == r for below in told)}
        of_all = total(counties, "all")
        sums = {s: total([PROVINCE], s) for s in strata}
        sums[f"{self.block}_unknown"] = {p: of_all[p] - sum(count[p] for count in sums.values()) for p in parts}
        for region in one.parents:
            whole = total(counties & one.within(region), "all")
            truth = {s: total([region], s) for s in strata}
            cells = {(s, p): self._part(terms, p, region, s) for s in strata for p in parts}
            if self.block != "all":
                unknown = f"{self.block}_unknown"
                truth[unknown] = {p: whole[p] - sum(count[p] for count in truth.values()) for p in parts}
                cells |= {(unknown, p): add({None: whole[p]}, *(scale(cells[s, p], -1) for s in strata)) for p in parts}
            for (stratum, part), term in cells.items():
                if term.keys() != {None}:
                    self.at_least_0.append(term)
                    if truth[stratum][part] > 0:
                        due = min(one.least, self._due(part, parts, whole, sums[stratum], of_all))
                        self.targets[name, *series, part, region, stratum] = term, truth[stratum][part], due

    def _part(self, terms: dict, part: str, region: str, stratum: str) -> Term:
        if part != "remainder":
            return terms[part, region, stratum]
        return add(terms["denominator", region, stratum], scale(terms["numerator", region, stratum], -1))

    def _due(self, part: str, parts: Sequence[str], whole: dict, those: dict, of_all: dict) -> float:
        """No more than what is published above allows: of the region, of the stratum, and all others of each."""
        ends = ("numerator", "remainder") if part == "denominator" and "remainder" in parts else (part,)
        if self.block == "all":
            return sum(those[p] for p in ends)
        return sum(min(whole[p], those[p], of_all[p] - those[p], of_all[p] - whole[p]) for p in ends)

    def find(self, only: Iterable[tuple[str, ...]] | None = None) -> Iterator[str]:
        """The counts above 0 that are known within less than is due; only: of these targets."""
        names = sorted(self.targets if only is None else only)
        truth, due = (np.array([self.targets[n][k] for n in names]) for k in (1, 2))
        matrix, known = self._matrix([self.targets[n][0] for n in names])
        low, high = truth.copy(), truth.copy()
        system = self._system()
        for at, _ in enumerate(names):
            for sign in (1, -1):
                if width(low[at], high[at]) < due[at]:
                    found = linprog(sign * matrix[[at]].toarray()[0], **system)
                    assert found.status == 0, found.message
                    counts = matrix @ found.x + known
                    np.minimum(low, counts, out=low)
                    np.maximum(high, counts, out=high)
        for n, least, most, wanted, count in zip(names, low, high, due, truth, strict=True):
            if width(least, most) < wanted:
                yield f"{n} is {count:g}: from {least:g} to {most:g}, of {wanted:g} due"

    def _system(self) -> dict:
        equal, equal_to = self._matrix(self.equal)
        bounds, above = self._matrix(self.at_least_0)
        return {"A_eq": equal, "b_eq": -equal_to, "A_ub": -bounds, "b_ub": above, "bounds": (0, None)}

    def _matrix(self, terms: Sequence[Term]) -> tuple[coo_array, np.ndarray]:
        """Terms as rows over what is unknown, and what is known of each."""
        entries = [(n, self.unknown[u], times) for n, t in enumerate(terms) for u, times in t.items() if u is not None]
        rows, columns, times = zip(*entries, strict=True) if entries else ((), (), ())
        matrix = coo_array((times, (rows, columns)), shape=(len(terms), len(self.unknown))).tocsr()
        return matrix, np.array([t.get(None, 0.0) for t in terms])


def width(low: float, high: float) -> float:
    """How far whole numbers between the two may be apart."""
    return np.floor(high + 1e-6) - np.ceil(low - 1e-6)


def add(*terms: Term) -> Term:
    total: Term = defaultdict(float)
    for term in terms:
        for unknown, times in term.items():
            total[unknown] += times
    return {unknown: times for unknown, times in total.items() if times or unknown is None}


def scale(term: Term, times: float) -> Term:
    return {unknown: times * n for unknown, n in term.items()}


def tables(true: Values, indicators: Iterable[str] = PERSONS) -> Iterator[Attack]:
    """One on each year and block of strata of some indicators; those of the same children are attacked at once."""
    for family in {(INCLUSIVE, ENROLMENT) if i in (INCLUSIVE, ENROLMENT) else (i,) for i in indicators}:
        for period in sorted({key[1] for key in true if key[0] in family}):
            strata = {key[4] for key in true if key[0] in family and key[1] == period}
            for block in ["all"] if family[0] in SENSITIVE else [b for b, own in BLOCKS.items() if strata & {*own}]:
                yield Attack(family, period, block)
