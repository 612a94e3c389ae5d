"""Shares of townships and of cities, against the list of the real ones: which counts where, and in which stratum."""

import csv
from collections import Counter

import pytest

from ingest import settings

SHARES = ("township_comprehensive_eldercare_coverage", "public_cinerary_coverage")


@pytest.fixture(scope="module")
def listed() -> Counter[str]:
    """Townships and sub-districts by county or zone; the list has 苏州工业园区 under a later code."""
    path = settings.ROOT / "sandbox" / "reference" / "townships.csv"
    rows = csv.DictReader(line for line in path.read_text("utf-8").splitlines() if not line.startswith("#"))
    return Counter(r["county_code"].replace("320576", "320571") for r in rows if r["kind"] != "other")


def cells(refreshed, indicator, period, what):
    rows = refreshed.query(
        f"select v.region_code, v.stratum, {what} from marts.indicator_values v join marts.regions r "
        "on v.region_code = r.region_code and r.valid_to is null where r.level in ('county', 'zone') "
        f"and v.indicator = '{indicator}' and v.period = '{period}'"
    )
    return {(region, stratum): value for region, stratum, value in rows}


@pytest.mark.parametrize("indicator", SHARES)
@pytest.mark.parametrize("period", ["2019", "2023"])
def test_a_county_or_zone_has_the_townships_that_are_listed_under_it(refreshed, listed, indicator, period):
    """The merged 崇川 in 2019 as well."""
    found = cells(refreshed, indicator, period, "v.denominator")
    townships = {region: int(value) for (region, stratum), value in found.items() if stratum == "all" and value}
    assert townships == listed
    assert sum(townships.values()) == 1203
    assert townships["320613"] == 16 and townships["320371"] == 6


@pytest.mark.parametrize("indicator", SHARES)
def test_urban_and_rural_townships_make_up_all(refreshed, indicator):
    for what in ("v.numerator", "v.denominator"):
        found = cells(refreshed, indicator, "2023", what)
        for region in {region for region, _ in found}:
            urban, rural = (found[region, stratum] for stratum in ("urban", "rural"))
            assert urban + rural == found[region, "all"], (region, what)


def test_a_zone_without_townships_has_no_share_and_none_by_area(refreshed):
    found = cells(refreshed, SHARES[0], "2023", "v.status || ' ' || v.flags")
    assert {found["320772", stratum] for stratum in ("all", "urban", "rural")} == {"not_applicable no_population"}


def test_urban_and_rural_beds_leave_out_only_institutions_whose_township_nobody_knows(refreshed):
    found = cells(refreshed, "nursing_bed_share", "2023", "v.denominator")
    total = {s: sum(v for (_, stratum), v in found.items() if stratum == s) for s in ("all", "urban", "rural")}
    assert 0.97 < (total["urban"] + total["rural"]) / total["all"] < 1


def test_only_the_province_has_a_share_of_cities(refreshed):
    rows = refreshed.query(
        "select region_code, period, numerator, denominator from marts.indicator_values "
        "where indicator = 'proactive_discovery_rate' and value is not null order by period"
    )
    assert {(region, denominator) for region, _, _, denominator in rows} == {("320000", 13)}
    assert [int(numerator) for _, _, numerator, _ in rows] == [1, 2, 4, 6, 8, 11, 13]
