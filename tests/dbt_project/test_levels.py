"""What does not add up over regions is counted at each level: pairs of neighbours, by the list of the real ones."""

import csv

import pytest
import yaml

from ingest import settings
from ingest.promises.plan import read_plan

LEVELS = {"county": slice(0, 6), "city": slice(0, 4), "province": slice(0, 2)}


def test_both_sides_of_a_formula_add_up_or_neither_does():
    files = (settings.ROOT / "dbt_project" / "models" / "intermediate" / "counted").rglob("*.yml")
    models = [model for path in files for model in yaml.safe_load(path.read_text("utf-8")).get("models", [])]
    metas = [model["config"]["meta"] for model in models]
    adds_up = {}
    for meta in metas:
        assert set(meta.get("not_additive", [])) <= set(meta.get("measures", {}))
        adds_up |= {measure: measure not in meta.get("not_additive", []) for measure in meta.get("measures", {})}
    assert not adds_up["adjacent_county_pairs"] and adds_up["pilot_counties"]
    assert not adds_up["cities"] and not adds_up["lowest_township_doses_due"]
    for i in read_plan().indicators:
        readings = [(d["numerator"], d["denominator"]) for d in i.details.values() if "numerator" in d]
        for measures in (i.measures.values(), *readings):
            sides = {adds_up[m] for m in measures if m in adds_up}
            assert len(sides) <= 1, i.indicator


@pytest.fixture(scope="module")
def neighbours() -> list[tuple[str, str]]:
    path = settings.ROOT / "sandbox" / "reference" / "county_adjacency.csv"
    rows = csv.DictReader(line for line in path.read_text("utf-8").splitlines() if not line.startswith("#"))
    return [(r["county_code_a"], r["county_code_b"]) for r in rows if r["cross_province"] == "no"]


def counted(refreshed, level, what):
    rows = refreshed.query(
        f"select v.region_code, v.{what} from marts.indicator_values v join marts.regions r "
        "on v.region_code = r.region_code and r.valid_to is null where v.indicator = 'adjacent_county_bus_rate' "
        f"and v.period = '2023' and r.level = '{level}'"
    )
    return {region: int(number) for region, number in rows}


@pytest.mark.parametrize("level", LEVELS)
def test_a_region_has_the_pairs_that_touch_it_each_once(refreshed, neighbours, level):
    part = LEVELS[level]
    expected: dict[str, int] = {}
    for pair in neighbours:
        for region in {code[part].ljust(6, "0") for code in pair}:
            expected[region] = expected.get(region, 0) + 1
    assert counted(refreshed, level, "denominator") == expected


def test_counties_do_not_add_up_to_cities_nor_cities_to_the_province(refreshed):
    sums = {level: sum(counted(refreshed, level, "denominator").values()) for level in LEVELS}
    assert sums["county"] == 2 * sums["province"] == 482
    assert sums["county"] > sums["city"] > sums["province"]
    linked = {level: sum(counted(refreshed, level, "numerator").values()) for level in LEVELS}
    assert linked["county"] == 2 * linked["province"]


def test_an_indicator_that_does_not_add_up_says_so_and_is_whole_where_it_is_present(refreshed):
    additive = dict(refreshed.query("select indicator, is_additive from marts.indicators where datasets is not null"))
    assert additive["adjacent_county_bus_rate"] is additive["proactive_discovery_rate"] is False
    assert additive["life_expectancy_at_birth"] is False  # three years of a county, one of its city
    assert additive["urban_rural_bus_integration_rate"] is additive["inclusive_kindergarten_coverage"] is True
    covered = refreshed.query(
        "select distinct covered_share, flags from marts.indicator_values "
        "where indicator = 'adjacent_county_bus_rate' and value is not null"
    )
    assert covered == [(1.0, None)]


def test_a_zone_has_no_neighbours_and_no_rate(refreshed):
    zones = refreshed.query(
        "select distinct v.status, v.flags from marts.indicator_values v join marts.regions r "
        "on v.region_code = r.region_code and r.valid_to is null "
        "where v.indicator = 'adjacent_county_bus_rate' and r.level = 'zone'"
    )
    assert zones == [("not_applicable", "no_population")]


def test_before_the_first_pilot_there_is_no_rate_and_then_zero(refreshed):
    rows = refreshed.query(
        "select period, value, status from marts.indicator_values where region_code = '320000' "
        "and indicator = 'urban_rural_bus_integration_rate' and period <= '2022' order by period"
    )
    assert rows == [
        ("2019", None, "not_applicable"),
        ("2020", None, "not_applicable"),
        ("2021", 0.0, "reported"),
        ("2022", 50.0, "reported"),
    ]
