"""Nothing that is hidden can be had from what is published: an attacker subtracts, over levels, strata and publications."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import duckdb
import numpy as np
import pytest

# what each counts in persons, or in what each belongs to one person (doses, person-months): small ones are hidden
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
SENSITIVE = ("children_in_difficulty_coverage", "two_subsidies_precision")
BLOCKS = {"all": "all", "urban": "area", "rural": "area", "local": "residence", "migrant": "residence"}
CHILDREN = ("inclusive_kindergarten_coverage", "preschool_gross_enrolment")  # the second counts the first's denominator
COUNTED = "numerator, denominator, denominator - numerator"

Cell = tuple[str, str]  # region, stratum
Counts = tuple[float, ...]  # numerator, denominator, remainder
Values = dict[tuple[str, ...], Counts]


class Publication:
    """What the files of a publication say, and nothing else."""

    def __init__(self, data: Path) -> None:
        self.folder = (data / "published" / "current").resolve()
        with duckdb.connect() as con:
            for table in ("indicator_values", "regions", "indicators"):
                con.execute(f"create view {table} as from '{self.folder}/parquet/{table}.parquet'")
            rows = con.sql(
                f"select indicator, period, population_basis, region_code, stratum, status, {COUNTED} "
                f"from indicator_values where indicator in {tuple(PERSONS)} and (status = 'suppressed' or denominator is not null)"
            ).fetchall()
            self.hidden = {(i, p, r, s) for i, p, _, r, s, status, *_ in rows if status == "suppressed"}
            self.shown = {tuple(key): tuple(map(float, c)) for *key, status, a, b, d in rows if status != "suppressed"
                          for c in [(a, b, d)]}  # fmt: skip
            self.series = sorted({(i, p, basis) for i, p, basis, *_ in rows})
            self.parents = dict(
                con.sql(
                    "select region_code, case level when 'macro_region' then '320000' when 'city' then macro_region_code "
                    "else city_code end from regions where valid_to is null and level in ('macro_region', 'city', 'county', 'zone')"
                ).fetchall()
            )
            ((self.least,),) = con.sql("select max(suppression_threshold) from indicators").fetchall()


@pytest.fixture(scope="module")
def published(refreshed) -> Publication:
    return Publication(refreshed.data)


@pytest.fixture(scope="module")
def true(refreshed) -> Values:
    """What nobody outside sees: (indicator, period, basis, region, stratum) -> the counts."""
    with duckdb.connect(str(refreshed.data / "build" / "work.duckdb"), read_only=True) as con:
        rows = con.sql(
            f"select indicator, period, population_basis, region_code, stratum, {COUNTED} "
            f"from intermediate.int_values__computed where detail = 'headline' and indicator in {tuple(PERSONS)} and denominator is not null"
        ).fetchall()
    return {tuple(key): tuple(map(float, (a, b, d))) for *key, a, b, d in rows}


def in_scope(indicator: str, region: str, stratum: str) -> bool:
    return region != "320000" and (indicator in SENSITIVE or stratum != "all")


def small(indicator: str, counts: Counts, least: int) -> bool:
    return any(0 < count < least for name, count in zip(WHOLE, counts, strict=True) if name in PERSONS[indicator])


def solve(equations: Iterable[tuple[dict[Cell, int], Counts]], last: str) -> Iterator[tuple[dict[Cell, float], Counts]]:
    """Reduced row echelon form: what follows of unknown cells, written in those of one stratum as far as can be."""
    rows = list(equations)
    unknown = sorted(dict.fromkeys(cell for terms, _ in rows for cell in terms), key=lambda cell: cell[1] == last)
    place = {cell: n for n, cell in enumerate(unknown)}
    matrix = np.zeros((len(rows), len(unknown) + 3))
    for line, (terms, total) in zip(matrix, rows, strict=True):
        line[[place[cell] for cell in terms]] = list(terms.values())
        line[len(unknown) :] = total
    done = 0
    for column in range(len(unknown)):
        pivots = np.flatnonzero(np.abs(matrix[done:, column]) > 1e-9)
        if not pivots.size:
            continue
        matrix[[done, done + pivots[0]]] = matrix[[done + pivots[0], done]]
        matrix[done] /= matrix[done, column]
        factors = matrix[:, column].copy()
        factors[done] = 0
        matrix -= np.outer(factors, matrix[done])
        done += 1
    for line in matrix[:done]:
        terms = {unknown[n]: line[n] for n in np.flatnonzero(np.abs(line[: len(unknown)]) > 1e-9)}
        yield terms, tuple(line[len(unknown) :].tolist())


def equate(
    one: Publication, series: tuple[str, str, str], block: str, true: Values
) -> Iterator[tuple[dict[Cell, int], Counts]]:
    """All additive relations between the cells of a series: terms of hidden ones, and what those add up to.

    The strongest attacker: knows which stratum is empty where, and where nobody's is unknown.
    """
    strata = [stratum for stratum, its in BLOCKS.items() if its == block]

    parts = {r: [true.get((*series, r, stratum)) for stratum in strata] for r in one.parents if block != "all"}
    totals = {region: true.get((*series, region, "all")) for region in parts}
    whole = {r for r, its in parts.items() if all(its) and np.allclose(np.sum(its, axis=0), totals[r])}
    plain = {region for region in whole if (0, 0, 0) in parts[region]}

    def known(cell: Cell) -> Counts | None:
        region, stratum = cell
        if (*series[:2], *cell) not in one.hidden:
            return one.shown.get((*series, *cell), (0, 0, 0))
        if region in plain:
            return parts[region][strata.index(stratum)]
        return None

    def relate(terms: dict[Cell, int]) -> tuple[dict[Cell, int], Counts]:
        values = {cell: known(cell) for cell in terms}
        total = np.sum([-terms[c] * np.array(v) for c, v in values.items() if v is not None] or [[0, 0, 0]], axis=0)
        return {cell: terms[cell] for cell, value in values.items() if value is None}, tuple(total)

    for stratum in strata:
        for parent in dict.fromkeys(one.parents.values()):
            children = [(region, stratum) for region, above in one.parents.items() if above == parent]
            yield relate({(parent, stratum): 1} | dict.fromkeys(children, -1))
    for region in whole:
        yield relate(dict.fromkeys(((region, stratum) for stratum in strata), 1) | {(region, "all"): -1})


def attack(
    one: Publication, true: Values
) -> Iterator[tuple[tuple[str, str, str], list[tuple[dict[Cell, float], Counts]]]]:
    """For each series and each stratum with hidden cells: what follows of them."""
    for series in one.series:
        for stratum in sorted({s for i, p, _, s in one.hidden if (i, p) == series[:2]}):
            yield series, list(solve(equate(one, series, BLOCKS[stratum], true), stratum))


def leaks(one: Publication, series: tuple[str, str, str], derived: Iterable[tuple[dict, Counts]]) -> Iterator[str]:
    for terms, total in derived:
        said = f"{series}: {sorted(terms)} = {total}"
        if len(terms) == 1:
            yield f"determined, {said}"
        elif (
            len({stratum for _, stratum in terms}) == 1
            and min(terms.values()) > 0
            and small(series[0], total, one.least)
        ):
            yield f"a small sum, {said}"


def test_every_small_count_is_hidden_and_others_are_shown(published, true):
    scope = {key: counts for key, counts in true.items() if in_scope(key[0], *key[3:])}
    tiny = {(i, p, r, s) for (i, p, _, r, s), counts in scope.items() if small(i, counts, published.least)}
    assert len(tiny) > 100
    assert tiny <= published.hidden
    assert all(in_scope(i, r, s) for i, _, r, s in published.hidden)
    assert {i for i, *_ in published.hidden} == set(PERSONS)
    shown = {key for key in scope if key in published.shown}
    assert len(shown) > len(scope) / 4
    assert not [key for key in shown if small(key[0], published.shown[key], published.least)]


def test_subtraction_within_a_level_over_levels_and_from_the_totals_gives_no_hidden_count(published, true):
    found, attacked = [], 0
    for series, block in systems(published):
        derived = list(solve(equate(published, series, block, true)))
        attacked += sum(len(terms) for terms, _ in derived)
        found += leaks(published, series, derived)
    assert attacked > 1000
    assert found == []


def test_the_attack_succeeds_where_one_county_is_hidden_alone(published, true):
    """The attack itself: of two counties hidden in one city, one is betrayed."""
    series = next((i, p, b) for i, p, b in published.series if i == "home_care_service_share")
    hidden, keys = published.hidden, sorted(k for k in published.hidden if k[:2] == series[:2] and k[3] == "urban")
    region = next(r for _, _, r, _ in keys if sum(published.parents[k[2]] == published.parents[r] for k in keys) >= 2)
    city = published.parents[region]
    bare = {k for k in hidden if published.parents[k[2]] != city or k[2] == region}
    seen = published.shown | {k: v for k, v in true.items() if k[0] == series[0] and (k[0], k[1], *k[3:]) not in bare}
    betrayed = type("Betrayed", (), vars(published) | {"hidden": bare, "shown": seen})
    derived = dict(
        (next(iter(terms)), total) for terms, total in solve(equate(betrayed, series, "area", true)) if len(terms) == 1
    )
    assert derived[region, "urban"] == pytest.approx(true[(*series, region, "urban")])


def test_what_two_indicators_count_is_hidden_in_both_and_the_strata_of_a_block_together(published, true):
    one, other = ({(p, r, s) for i, p, r, s in published.hidden if i == indicator} for indicator in CHILDREN)
    for indicator, basis, here in ((CHILDREN[0], "none", other), (CHILDREN[1], "census_2020", one)):
        shown = {(p, r, s) for i, p, b, r, s in published.shown if (i, b) == (indicator, basis) and s != "all"}
        assert len(shown) > 100
        assert not shown & here
    for indicator, period, region, stratum in published.hidden:
        pair = {s for s, block in BLOCKS.items() if block == BLOCKS[stratum]}
        seen = {
            s
            for s in pair
            if any((indicator, period, b, region, s) in published.shown for b in ("none", "census_2020", "census_2010"))
        }
        assert not seen, (indicator, period, region)
