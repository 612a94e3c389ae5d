"""No cell says that it is whole while a county or a zone is missing, whichever of them reports nothing."""

from __future__ import annotations

from contextlib import chdir

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

INPUTS = (
    "staging.stg_plan__formulas",
    "staging.stg_plan__bases",
    "staging.stg_plan__choices",
    "intermediate.int_formulas__declared",
    "intermediate.int_regions__ancestors",
    "intermediate.int_measures",
)
YEARS = ("2021", "2022", "2023")  # as many as a county's life table pools
KEY = "indicator, detail, region_code, period, population_basis"
RATIOS, TABLES = "int_ratios__computed", "int_life_tables__pooled"


@pytest.fixture(scope="module")
def tables(refreshed):
    """A database in memory with three years' measures and all else that the models read."""
    con = duckdb.connect()
    con.execute("attach ':memory:' as work; use work; create schema staging; create schema intermediate")
    with chdir(refreshed.data), duckdb.connect("build/work.duckdb", read_only=True) as built:
        for name in INPUTS:
            given = built.sql(f"select * from {name}").to_arrow_table()
            con.register("given", given)
            con.execute(f"create table {name} as select * from given")
    con.execute(f"delete from intermediate.int_measures where period not in {YEARS}")
    yield con
    con.close()


@pytest.fixture(scope="module")
def compiled(refreshed):
    """The SQL that the night ran, by model."""
    folder = refreshed.data / "dbt" / "compiled" / "suheng" / "models" / "intermediate" / "values"
    return {model: (folder / f"{model}.sql").read_text("utf-8") for model in (RATIOS, TABLES)}


def read(con, sql):
    """Rows in lists by their first column."""
    found = {}
    for first, *rest in con.execute(sql).fetchall():
        found.setdefault(first, []).append(tuple(rest))
    return found


def whole_cells(con, compiled):
    """How many cells say 1, each of which has all measures of all its counties and zones."""
    formulas = {}
    for indicator, detail, measure in con.execute(
        "select distinct indicator, detail, measure from intermediate.int_formulas__declared where is_additive"
    ).fetchall():
        formulas.setdefault((indicator, detail), set()).add(measure)
    members = read(con, "select ancestor_code, region_code from intermediate.int_regions__ancestors")
    there = {
        measure: set(rows)
        for measure, rows in read(
            con, "select measure, region_code, period, stratum, population_basis from intermediate.int_measures"
        ).items()
    }
    whole = 0
    for indicator, detail, region, period, basis, stratum in con.execute(
        f"select {KEY}, stratum from ({compiled[RATIOS]}) where covered_share >= 1"
    ).fetchall():
        for measure in formulas.get((indicator, detail), ()):
            for (unit,) in members[region]:
                keys = {(unit, period, stratum, kind) for kind in (basis, "none")}
                assert keys & there[measure], (indicator, detail, region, period, stratum, measure, unit)
        whole += (indicator, detail) in formulas
    there = {measure: {row[:2] for row in rows} for measure, rows in there.items()}
    for indicator, _, region, period, *_ in con.execute(
        f"select {KEY} from ({compiled[TABLES]}) where covered_share >= 1 and is_complete"
    ).fetchall():
        units = [unit for (unit,) in members[region]]
        for year in YEARS if units == [region] else (period,):
            missing = [(m, u) for m in formulas[indicator, "headline"] for u in units if (u, year) not in there[m]]
            assert not missing, (indicator, region, year)
        whole += 1
    return whole


def test_what_says_that_it_is_whole_is_whole(tables, compiled):
    assert whole_cells(tables, compiled) > 5000


@settings(max_examples=10)
@given(data=st.data())
def test_whichever_area_reports_nothing_no_cell_above_it_says_that_it_is_whole(tables, compiled, data):
    """One area or several, of one measure or of all, in one year or in all."""
    units, measures = (
        [first for (first,) in tables.execute(f"select distinct {what} order by 1").fetchall()]
        for what in (
            "region_code from intermediate.int_regions__ancestors",
            "measure from intermediate.int_formulas__declared where is_additive",
        )
    )
    silent = data.draw(st.lists(st.sampled_from(units), min_size=1, max_size=3, unique=True))
    untold = data.draw(st.one_of(st.just(measures), st.sampled_from(measures).map(lambda measure: [measure])))
    period = data.draw(st.sampled_from([*YEARS, "%"]))
    tables.execute("begin")
    try:
        tables.execute(
            "delete from intermediate.int_measures where list_contains(?, region_code)"
            " and list_contains(?, measure) and period like ?",
            [silent, untold, period],
        )
        assert whole_cells(tables, compiled) > 0
    finally:
        tables.execute("rollback")


@pytest.mark.parametrize("unit", ["320571", "320506"])
def test_a_zone_that_is_missing_makes_its_city_and_the_province_partial_as_a_county_does(tables, compiled, unit):
    above = (
        f"select region_code, covered_share from ({compiled[RATIOS]}) where stratum = 'all' and period = '2023'"
        " and indicator = 'inclusive_kindergarten_coverage' and detail = 'headline' order by 1"
    )
    before = dict(tables.execute(above).fetchall())
    tables.execute("begin")
    tables.execute(f"delete from intermediate.int_measures where region_code = '{unit}'")
    after = dict(tables.execute(above).fetchall())
    tables.execute("rollback")
    fallen = {region for region, share in before.items() if share == 1 and after.get(region, 0) < 1}
    assert fallen == {unit, "320500", "south", "320000"}
