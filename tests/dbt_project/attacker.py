"""An attacker who has the files of a publication, and subtracts: over levels, strata, indicators and publications."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np

# what each counts in persons, or in what belongs to one person each (doses, person-months): small ones are hidden
WHOLE = ("numerator", "denominator", "remainder")
PERSONS = {
    "child_immunization_rate": WHOLE,
    "childcare_places_per_1000": ("denominator",),
    "children_in_difficulty_coverage": WHOLE,
    "home_care_service_share": WHOLE,
    "inclusive_kindergarten_coverage": WHOLE,
    "preschool_gross_enrolment": ("numerator", "denominator"),
    "two_subsidies_precision": WHOLE,
}
BLOCKS = {"all": "all", "urban": "area", "rural": "area", "local": "residence", "migrant": "residence"}
COUNTS = "numerator, denominator, denominator - numerator"

Series = tuple[str, str, str]  # indicator, period, basis
Cell = tuple[str, str]  # region, stratum
Counts = tuple[float, float, float]  # WHOLE
Values = dict[tuple[str, ...], Counts]  # series and cell: counts
Equation = tuple[dict[Cell, float], Counts]  # how many times which unknown cells, and what they add up to


def is_small(indicator: str, counts: Counts, least: int) -> bool:
    return any(0 < count < least for name, count in zip(WHOLE, counts, strict=True) if name in PERSONS[indicator])


def read_values(con: duckdb.DuckDBPyConnection, table: str) -> Values:
    rows = con.sql(
        f"select indicator, period, population_basis, region_code, stratum, {COUNTS} from {table} "
        f"where indicator in {tuple(PERSONS)} and numerator is not null and denominator is not null"
    ).fetchall()
    return {tuple(key): (float(over), float(under), float(rest)) for *key, over, under, rest in rows}


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
        return Publication(self.shown | values, self.hidden - known, self.parents, self.least)


def equate(one: Publication, series: Series, block: str, true: Values) -> Iterator[Equation]:
    """All additive relations between the hidden cells of a series.

    true: the strongest attacker knows which stratum is empty where (a county without a village), and where nobody's
    stratum is unknown, so that the two are the total.
    """
    strata = [stratum for stratum, its in BLOCKS.items() if its == block]
    parts = {r: [true.get((*series, r, stratum)) for stratum in strata] for r in one.parents if block != "all"}
    whole = {r for r, its in parts.items() if all(its) and np.allclose(np.sum(its, axis=0), true[*series, r, "all"])}

    def know(region: str, stratum: str) -> Counts | None:
        if (*series[:2], region, stratum) not in one.hidden:
            return one.shown.get((*series, region, stratum), (0, 0, 0))
        return true[*series, region, stratum] if region in whole and (0, 0, 0) in parts[region] else None

    def relate(terms: dict[Cell, float]) -> Equation:
        known = {cell: counts for cell in terms if (counts := know(*cell)) is not None}
        total = np.sum([[0, 0, 0], *([-terms[c] * n for n in counts] for c, counts in known.items())], axis=0)
        return {cell: times for cell, times in terms.items() if cell not in known}, tuple(total.tolist())

    for stratum in strata:
        for parent in dict.fromkeys(one.parents.values()):
            children = [(region, stratum) for region, above in one.parents.items() if above == parent]
            yield relate({(parent, stratum): 1.0} | dict.fromkeys(children, -1.0))
    for region in sorted(whole):
        yield relate({(region, "all"): -1.0} | dict.fromkeys(((region, stratum) for stratum in strata), 1.0))


def solve(equations: Iterable[Equation], last: str) -> Iterator[Equation]:
    """Reduced row echelon form: all that follows, said of the cells of one stratum as far as can be."""
    rows = list(equations)
    unknown = sorted(dict.fromkeys(cell for terms, _ in rows for cell in terms), key=lambda cell: cell[1] == last)
    place = {cell: n for n, cell in enumerate(unknown)}
    matrix = np.zeros((len(rows), len(unknown) + 3))
    for line, (terms, total) in zip(matrix, rows, strict=True):
        line[[place[cell] for cell in terms]] = list(terms.values())
        line[len(unknown) :] = total
    done = 0
    for column in range(len(unknown)):
        pivots = done + np.flatnonzero(np.abs(matrix[done:, column]) > 1e-9)
        if pivots.size:
            matrix[[done, pivots[0]]] = matrix[[pivots[0], done]]
            matrix[done] /= matrix[done, column]
            factors = matrix[:, column].copy()
            factors[done] = 0
            matrix -= np.outer(factors, matrix[done])
            done += 1
    for line in matrix[:done]:
        over, under, rest = line[len(unknown) :].tolist()
        yield {unknown[n]: line[n] for n in np.flatnonzero(np.abs(line[: len(unknown)]) > 1e-9)}, (over, under, rest)


def find_leaks(one: Publication, series: Series, derived: Iterable[Equation]) -> Iterator[str]:
    """Hidden cells that are determined, and small sums of hidden cells; but the province's own total is no secret."""
    for terms, total in derived:
        strata = {stratum for _, stratum in terms}
        if len(terms) == 1:
            yield f"{series}: {terms} are {total}"
        elif (
            len(strata) == 1
            and min(terms.values()) > 0
            and is_small(series[0], total, one.least)
            and not np.allclose(total, one.shown[*series, "320000", *strata])
        ):
            yield f"{series}: {sorted(terms)} add up to {total}"


def attack(one: Publication, true: Values) -> Iterator[tuple[Series, list[Equation]]]:
    """What follows of the hidden cells, series by series."""
    for indicator, period, basis in sorted({key[:3] for key in one.shown}):
        for stratum in sorted({s for i, p, _, s in one.hidden if (i, p) == (indicator, period)}):
            series = (indicator, period, basis)
            yield series, list(solve(equate(one, series, BLOCKS[stratum], true), stratum))
