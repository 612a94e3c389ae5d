"""The choice of the cells that are hidden, on provinces small enough to be worked by hand: the threshold is 10."""

import importlib.util
import sys

import pytest

from ingest import settings

MODEL = settings.ROOT / "dbt_project" / "models" / "intermediate" / "suppression" / "int_cells__hidden.py"
CITIES = {"320100": ("320102", "320104", "320105", "320106"), "320200": ("320202", "320204", "320205")}
CITY = {county: city for city, counties in CITIES.items() for county in counties}
ABOVE = CITY | {"320100": "south", "320200": "south", "south": "320000"}


@pytest.fixture(scope="module")
def hidden():
    spec = importlib.util.spec_from_file_location("int_cells__hidden", MODEL)
    sys.modules[spec.name] = module = importlib.util.module_from_spec(spec)  # where its dataclasses look for it
    spec.loader.exec_module(module)

    def choose(counties, was=None, since=(), persons=None, sensitive=False):
        """counties: by code the persons of each stratum. was: as they were published; since: those hidden then.

        Returns the regions that are hidden, and those that are held.
        """
        rows = [
            {
                "family": "i", "period": "2021", "block": "all" if sensitive else "area", "indicator": "i",
                "population_basis": "none", "counted": "denominator", "region_code": region,
                "parent_code": ABOVE[region],
                "stratum": stratum, "suppression_threshold": 10, "value": value,
                "persons": (persons or {}).get(region, value),
                "was": then.get(stratum), "least": min(value, then[stratum]) if region in since else None,
                "since": 1 if region in since else None,
            }
            for region, counts, then in added_up(counties, was or {})
            for stratum, value in counts.items()
        ]  # fmt: skip
        chosen = module.choose(rows)
        return {row[1] for row in chosen if row[4]}, {row[1] for row in chosen if row[5]}

    return choose


def added_up(counties, was):
    for region in ABOVE:
        codes = [code for code in counties if code == region or ABOVE[code] == region or region == "south"]
        if codes:
            yield region, total(counties, codes), total(was, [code for code in codes if code in was])


def total(counties, codes):
    parts = {s: [counties[code][s] for code in codes] for code in codes for s in counties[code]}
    return {s: None if None in counts else sum(counts) for s, counts in parts.items()}


def strata(urban, rural, unknown=0):
    return {"urban": urban, "rural": rural, "area_unknown": unknown}


MANY = strata(300, 300, 20)


def test_a_small_count_is_hidden_with_the_county_of_fewest_that_hides_it(hidden):
    counties = {"320102": strata(5, 40), "320104": strata(50, 60), "320105": strata(70, 80), "320202": MANY}
    assert hidden(counties) == ({"320102", "320104"}, set())


def test_none_and_ten_are_not_small_and_nothing_is_hidden(hidden):
    assert hidden({"320102": strata(10, 0), "320104": strata(0, 10), "320202": MANY}) == (set(), set())


def test_doses_and_months_of_few_persons_are_small(hidden):
    counties = {"320102": strata(40, 40), "320104": strata(50, 60), "320202": MANY}
    assert hidden(counties, persons={"320102": 9}) == ({"320102", "320104"}, set())


def test_all_less_the_strata_is_not_to_be_small(hidden):
    assert hidden({"320102": strata(40, 40, 3), "320104": strata(50, 60, 12), "320202": MANY})[0] == {
        "320102",
        "320104",
    }


def test_one_that_has_too_few_of_the_stratum_does_not_hide_and_a_third_is_taken(hidden):
    """5 and 3 are 8 in the towns: whoever sees it knows of each that it is at most 8."""
    counties = {"320102": strata(5, 40), "320104": strata(3, 60), "320105": strata(70, 80), "320202": MANY}
    assert hidden(counties)[0] == {"320102", "320104", "320105"}


def test_one_of_the_other_stratum_alone_hides_nothing(hidden):
    """All in 320104 live in towns: the villagers of both would be those of 320102."""
    counties = {"320102": strata(40, 5), "320104": strata(50, 0), "320105": strata(70, 80), "320202": MANY}
    assert hidden(counties)[0] == {"320102", "320105"}


def test_a_small_city_is_hidden_with_another_and_a_county_in_each(hidden):
    counties = {"320102": strata(4, 90, 0), "320202": strata(200, 100), "320204": strata(100, 200)}
    chosen, held = hidden(counties)
    assert {"320100", "320102", "320200"} < chosen and held == set()
    assert chosen & {"320202", "320204"}


def test_what_is_sensitive_is_hidden_in_all_until_two_are_ten_together(hidden):
    counties = {
        "320102": {"all": 4},
        "320104": {"all": 5},
        "320105": {"all": 40},
        "320106": {"all": 0},
        "320202": {"all": 90},
    }
    assert hidden(counties, sensitive=True)[0] == {"320102", "320104", "320105"}


def test_no_more_is_due_than_there_is_in_the_province(hidden):
    counties = {"320102": strata(5, 40), "320104": strata(2, 60), "320202": strata(0, 80)}
    chosen, held = hidden(counties)
    assert {"320102", "320104"} <= chosen and held == set()


def test_what_was_hidden_stays_hidden_and_nothing_else_is_when_nothing_has_changed(hidden):
    counties = {"320102": strata(5, 40), "320104": strata(50, 60), "320105": strata(30, 40), "320202": MANY}
    assert hidden(counties, was=counties, since={"320102", "320104"}) == ({"320102", "320104"}, set())
    grown = counties | {"320102": strata(50, 40)}
    assert hidden(grown, was=counties, since={"320102", "320104"}) == ({"320102", "320104"}, set())


def test_what_was_shown_hides_nothing_so_that_a_change_to_few_is_held(hidden):
    """All others are known from the publication before: the sum of the city would be the count."""
    before = {"320102": strata(50, 40), "320104": strata(50, 60), "320105": strata(70, 80), "320202": MANY}
    chosen, held = hidden(before | {"320102": strata(5, 40)}, was=before)
    assert chosen == {"320102"}
    assert held == {*before, "320100", "320200", "south", "320000"}


def test_what_changes_together_hides_each_other(hidden):
    before = {"320102": strata(50, 40), "320104": strata(50, 60), "320105": strata(70, 80), "320202": MANY}
    after = before | {"320102": strata(5, 40), "320104": strata(40, 60)}
    assert hidden(after, was=before) == ({"320102", "320104"}, set())


def test_a_change_of_what_is_hidden_is_held_when_it_tells_what_it_was(hidden):
    """From 12 to none: that many it had been at the least."""
    before = {"320102": strata(12, 40), "320104": strata(5, 60), "320105": strata(70, 80), "320202": MANY}
    since = {"320102", "320104"}
    assert hidden(before, was=before, since=since) == (since, set())
    chosen, held = hidden(before | {"320102": strata(0, 40)}, was=before, since=since)
    assert chosen == since and "320000" in held


def test_a_small_count_that_has_been_shown_is_hidden_from_now_on_and_needs_no_other(hidden):
    before = {"320102": strata(5, 40), "320104": strata(50, 60), "320202": MANY}
    assert hidden(before, was=before) == ({"320102"}, {"320102"})


def test_a_year_of_which_nothing_has_come_hides_nothing(hidden):
    assert hidden({"320102": strata(None, None, None)}) == (set(), set())
