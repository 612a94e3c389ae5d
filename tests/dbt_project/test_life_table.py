"""Life expectancy by a life table of its own, in numpy, of the same measures: the build's value, and any others'."""

from __future__ import annotations

from contextlib import chdir
from decimal import Decimal

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

AGES = ["0", "1_4", *(f"{a}_{a + 4}" for a in range(5, 85, 5)), "85_plus"]
SEXES = {"headline": [0, 1], "male": [0], "female": [1]}
POOLED_YEARS, MIN_PERSON_YEARS = 3, 5000
COLUMNS = "detail, region_code, period, population_basis, value, value_lower, value_upper, covered_share, gap"
INPUTS = (
    "staging.stg_plan__formulas",
    "staging.stg_plan__bases",
    "staging.stg_plan__choices",
    "intermediate.int_regions__ancestors",
    "intermediate.int_measures",
)


def expectancy(deaths, observed, lived):
    """(e0, half of its 95 % interval) by deaths (19,), those observed and person-years; NaN where there is no table."""
    with np.errstate(divide="ignore", invalid="ignore"):
        rate = np.where(deaths == 0, 0.0, np.where(lived == 0, np.nan, deaths / lived))
    n = np.array([1, 4, *[5] * 16])
    within = np.array([0.07 + 1.7 * rate[0], 1.6, *[2.5] * 16])  # a: years lived in the group by those who die in it
    q = n * rate[:-1] / (1 + (n - within) * rate[:-1])
    q[(q > 1) | (q < 0)] = 1
    survivors = np.concatenate([[1.0], np.cumprod(1 - q)])
    if deaths[-1] == 0 or np.isnan(rate).any():
        return np.nan, np.nan
    lived_in = np.append(survivors[1:] * n + within * -np.diff(survivors), survivors[-1] / rate[-1])
    ahead = np.array([lived_in[x:].sum() for x in range(19)])
    after = np.divide(ahead, survivors, out=np.zeros(19), where=survivors > 0)[1:]
    variance = [
        s**2 * (width - a + e) ** 2 * x**2 * (1 - x) / d
        for s, width, a, e, x, d in zip(survivors, n, within, after, q, observed, strict=False)
        if d > 0
    ]
    return ahead[0], 1.96 * np.sqrt(sum(variance))


def read_measures(con):
    """(measure, county, year, basis) -> (2 sexes, 19 ages)."""
    found = {}
    rows = con.execute(
        "select measure, region_code, period, population_basis, stratum, value from intermediate.int_measures "
        "where measure in ('deaths', 'deaths_observed', 'person_years')"
    ).fetchall()
    for measure, county, period, basis, stratum, value in rows:
        sex, age = stratum.split("_", 1)
        table = found.setdefault((measure, county, int(period), basis), np.zeros((2, 19)))
        table[["male", "female"].index(sex), AGES.index(age)] = value
    return found


def read_members(con):
    """Region -> its counties and zones, by the table that says who adds up to whom."""
    members = {}
    for county, region in con.execute(
        "select region_code, ancestor_code from intermediate.int_regions__ancestors"
    ).fetchall():
        members.setdefault(region, []).append(county)
    return members


def expect(measures, members):
    """(detail, region, year, basis) -> (e0, half of its interval, why there is none), NaN where there is none.

    A county reads three years, all of them; any other region its counties that have both sides in the one year.
    """
    expected = {}
    for basis in {basis for measure, _, _, basis in measures if measure == "person_years"}:
        lived = {(c, y): t for (m, c, y, b), t in measures.items() if (m, b) == ("person_years", basis)}
        dead, seen = (
            {(c, y): t for (m, c, y, _), t in measures.items() if m == d} for d in ("deaths", "deaths_observed")
        )
        for region, counties in members.items():
            pooled = POOLED_YEARS if region in counties else 1
            years = sorted({y for c, y in lived})
            for year in years:
                window = [(c, y) for c in counties for y in range(year - pooled + 1, year + 1) if (c, y) in lived]
                paired = [key for key in window if key in dead]
                whole = len(paired) == pooled if pooled > 1 else bool(paired)
                for detail, rows in SEXES.items() if window else ():
                    sums = [
                        sum((side[key][rows] for key in paired), np.zeros((len(rows), 19)))
                        for side in (dead, seen, lived)
                    ]
                    enough = pooled == 1 or min(sums[2].sum(axis=1)) >= MIN_PERSON_YEARS
                    found, why = (np.nan, np.nan), None
                    if whole and enough:
                        found = expectancy(*(table.sum(axis=0) for table in sums))
                        nobody = sums[0][:, -1].sum() == 0
                        why = None if not np.isnan(found[0]) else "few_deaths" if nobody else "few_person_years"
                    elif year in [y for _, y in paired]:
                        why = "few_years" if year - pooled + 1 < years[0] else "few_person_years" if whole else None
                    expected[detail, region, str(year), basis] = *found, why
    return expected


def assert_agree(rows, expected):
    """rows in the order of COLUMNS; returns how many have a value."""
    computed = {tuple(row[:4]): (*row[4:7], row[-1]) for row in rows}
    assert computed.keys() == expected.keys()
    valued = 0
    for key, (value, half, why) in expected.items():
        e0, low, high, gap = computed[key]
        assert gap == why, key
        if np.isnan(value):
            assert (e0, low, high) == (None, None, None), key
        else:
            assert e0 == pytest.approx(value, abs=1e-9, rel=1e-12), key
            assert (low, high) == pytest.approx((value - half, value + half), abs=1e-9, rel=1e-12), key
            valued += 1
    return valued


@pytest.fixture(scope="module")
def work(refreshed):
    return refreshed.data / "build" / "work.duckdb"


@pytest.fixture(scope="module")
def inputs(work):
    """The tables that the models read, by name; the views among them name files of the data directory."""
    with chdir(work.parents[1]), duckdb.connect(str(work), read_only=True) as con:
        return {name: con.sql(f"select * from {name}").to_arrow_table() for name in INPUTS}


@pytest.fixture(scope="module")
def compiled(refreshed):
    """The SQL that the night ran, by model."""
    folder = refreshed.data / "dbt" / "compiled" / "suheng" / "models" / "intermediate" / "values"
    return {model: (folder / f"int_life_tables__{model}.sql").read_text("utf-8") for model in ("pooled", "computed")}


def in_memory(inputs, threads=2):
    """The inputs in a database of the same name, to be changed."""
    con = duckdb.connect(config={"threads": threads})
    con.execute("attach ':memory:' as work; use work; create schema staging; create schema intermediate")
    for name, table in inputs.items():
        con.register("given", table)
        con.execute(f"create table {name} as select * from given")
    return con


def run(con, compiled):
    """The two models over the tables of the catalog work; rows in the order of COLUMNS."""
    con.execute(f"create table intermediate.int_life_tables__pooled as {compiled['pooled']}")
    return con.execute(f"select {COLUMNS} from ({compiled['computed']}) order by all").fetchall()


def test_the_build_agrees_with_a_life_table_of_its_own_at_every_level(work):
    with duckdb.connect(str(work), read_only=True) as con:
        rows = con.execute(f"select {COLUMNS} from intermediate.int_life_tables__computed").fetchall()
        valued = assert_agree(rows, expect(read_measures(con), read_members(con)))
        gaps = dict(
            con.execute("select gap, count(*) from intermediate.int_life_tables__computed group by gap").fetchall()
        )
    assert valued > 300
    # a thousandth of a county is never 5,000 men; before 2021 there are no three years, and on the census of 2010 never
    assert gaps.keys() == {None, "few_person_years", "few_years", "few_deaths"}
    assert gaps["few_years"] == 4 * 106 * len(SEXES)
    assert gaps["few_person_years"] == 5 * 106 * len(SEXES)
    assert gaps[None] == valued


def test_at_a_hundred_times_the_size_counties_and_zones_have_tables_too_and_they_agree(inputs, compiled):
    with in_memory(inputs) as con:
        con.execute("update intermediate.int_measures set value = value * 100")
        rows = run(con, compiled)
        assert_agree(rows, expect(read_measures(con), read_members(con)))
    units = [r for r in rows if r[0] == "headline" and r[3] == "census_2020" and r[1].isdigit() and r[1][4:] != "00"]
    assert {r[-1] for r in units} == {None, "few_deaths", "few_years"}
    assert sum(r[4] is not None for r in units) > 300


def test_one_thread_and_four_give_the_same_bits(inputs, compiled):
    results = []
    for threads in (1, 4):
        with in_memory(inputs, threads) as con:
            con.execute("update intermediate.int_measures set value = value * 100")
            results.append(run(con, compiled))
    assert results[0] == results[1]


def test_the_province_is_not_the_mean_of_its_cities_and_women_live_longer(work):
    with duckdb.connect(str(work), read_only=True) as con:
        rows = con.execute(
            "select detail, region_code, value from intermediate.int_life_tables__computed "
            "where period = '2020' and population_basis = 'census_2020' and region_code like '32%00'"
        ).fetchall()
    value = {(detail, region): v for detail, region, v in rows}
    cities = [v for (detail, region), v in value.items() if detail == "headline" and region != "320000"]
    assert len(cities) == 13
    assert abs(np.mean(cities) - value["headline", "320000"]) > 0.01
    assert 4 < value["female", "320000"] - value["male", "320000"] < 7
    assert f"{value['headline', '320000']:.1f}" == "79.1"


few = st.integers(0, 3).flatmap(lambda digits: st.integers(0, 10**digits))
persons = st.lists(st.tuples(few, few, few), min_size=38, max_size=38)  # lived, dead, seen of each sex and age
reports = st.lists(st.booleans(), min_size=4, max_size=4)


@settings(max_examples=25, deadline=None)
@given(counties=st.lists(st.tuples(persons, reports), min_size=1, max_size=3))
def test_any_deaths_and_population_agree(inputs, compiled, counties):
    """Deaths that are none, more than the living, or not reported in a year; pools that are too short or too small."""
    codes = [f"32010{i + 2}" for i in range(len(counties))]
    strata = [f"{sex}_{age}" for sex in ("male", "female") for age in AGES]
    rows = [
        {"measure": measure, "region_code": code, "period": period, "stratum": stratum, "population_basis": basis}
        | value
        for code, (table, reported) in zip(codes, counties, strict=True)
        for period, is_there in zip(("2019", "2020", "2021", "2022"), reported, strict=True)
        for stratum, (lived, dead, seen) in zip(strata, table, strict=True)
        for measure, basis, value in (
            ("person_years", "census_2020", {"value": Decimal(lived * 10)}),
            ("deaths", "none", {"value": Decimal(dead) * 5 / 4}),
            ("deaths_observed", "none", {"value": Decimal(min(seen, dead))}),
        )
        if is_there or measure == "person_years"
    ]
    measures = inputs["intermediate.int_measures"]
    members = inputs["intermediate.int_regions__ancestors"]
    made = {
        "intermediate.int_measures": pa.Table.from_pylist(rows, measures.schema),
        "intermediate.int_regions__ancestors": members.filter(pc.is_in(members["region_code"], pa.array(codes))),
    }
    with in_memory(inputs | made) as con:
        assert_agree(run(con, compiled), expect(read_measures(con), read_members(con)))
