"""Every rule fires on a build that is poisoned for it, and no rule on the good build."""

from datetime import date
from pathlib import Path

import pytest
from poisons import (
    COUNTY,
    HIDE,
    NO_VALUE,
    POISONS,
    RESTATEMENTS,
    SHARED,
    STRATA,
    cell,
    delete,
    repeat,
    survey,
)

from expectations import gate
from expectations.rules import read_rules
from expectations.waivers import WAIVERS

WARNINGS = {
    "indicator_values/jumps", "indicator_values/unreported", "indicator_values/repeated", "indicator_values/baseline",
    "deliveries/reject_share", "deliveries/volume", "deliveries/copies", "deliveries/future", "deliveries/unreplaced",
    "service_levels/late", "service_levels/missing", "waivers/expired",
}  # fmt: skip


@pytest.fixture
def fired(spoil, tmp_path):
    """Examine the good build after some statements; returns the rules that do not pass, with the rows they found."""

    def audit(sql: str = "", previous: Path | None = None) -> dict[str, int]:
        day, copy = date(2026, 3, 1), tmp_path / "previous.duckdb"
        found, _ = gate.examine(spoil(sql), previous, copy, read_rules(), WAIVERS, day)
        findings = [f for f in found if f.outcome != "passed"]
        assert {f.outcome for f in findings} <= {"failed"}, findings
        assert all(f.example for f in findings)
        return {f.rule: f.rows_found for f in findings}

    return audit


def test_the_good_build_passes_every_rule(fired):
    assert fired() == {}


def test_the_good_build_passes_after_its_own_publication(fired, good):
    assert fired(previous=good) == {}


@pytest.mark.parametrize("rule", POISONS)
def test_a_build_that_is_poisoned_for_a_rule_fires_it_alone(fired, rule):
    rows, statements = POISONS[rule]
    assert fired("".join(statements)) == {rule: rows}


@pytest.mark.parametrize("name", SHARED)
def test_what_two_rules_see_fires_both(fired, name):
    rows, sql = SHARED[name]
    assert fired(sql) == rows


@pytest.mark.parametrize("name", RESTATEMENTS)
def test_what_is_published_does_not_change(fired, spoil, name):
    rows, sql, before = RESTATEMENTS[name]
    assert fired(sql, spoil(before, "published.duckdb")) == rows


def test_every_rule_has_a_poison_that_fires_it_alone():
    alone = {*POISONS, *(next(iter(rows)) for rows, *_ in RESTATEMENTS.values() if len(rows) == 1)}
    assert alone == {rule.name for rule in read_rules()}


def test_rules_are_critical_unless_they_are_known_as_warnings():
    assert {rule.name for rule in read_rules() if rule.severity == "warning"} == WARNINGS - {"waivers/expired"}


RESTATED = survey("value = value + 0.04, value_rounded = round(value::decimal(9, 4) + 0.04, 1)", "320000")


@pytest.mark.parametrize(
    ("published", "fires"),
    [
        pytest.param(
            delete("deliveries", "dataset = 'survey' and period = '2019'"), False, id="a_delivery_of_its_year"
        ),
        pytest.param(delete("deliveries", "dataset = 'survey' and period = '2021'"), True, id="none_of_a_later_year"),
        pytest.param(delete("deliveries", "dataset = 'survey' and period = '2020'"), True, id="not_the_next_year"),
        pytest.param(delete("deliveries", "dataset = 'deaths'"), True, id="none_of_another_dataset"),
        pytest.param(delete("deliveries", "dataset = 'divisions' and period = '2021'"), False, id="new_divisions"),
        pytest.param("update marts.indicators set definition_zh = '旧定义';", False, id="a_new_definition"),
        pytest.param("update marts.indicators set lead_department_zh = '别处';", True, id="no_new_department"),
    ],
)
def test_a_restated_value_is_explained_by(fired, spoil, published, fires):
    """published: what the publication before did not have, or had otherwise."""
    previous = spoil(published, "published.duckdb")
    assert fired(RESTATED, previous) == ({"indicator_values/history": 1} if fires else {})


def test_the_next_years_delivery_explains_a_year_that_is_still_open(fired, spoil):
    opened = "update marts.indicators set years_open = 1 where indicator = 'public_safety_perception';"
    for period, rows in (("2020", {}), ("2021", {"indicator_values/history": 1})):
        before = spoil(delete("deliveries", f"dataset = 'survey' and period = '{period}'"), "published.duckdb")
        assert fired(opened + RESTATED, before) == rows


def test_a_refused_delivery_explains_nothing(fired, good):
    new = repeat(
        "deliveries", "outcome = 'refused'", "'new' as delivery_id, 'survey' as dataset, 'public_safety' as department"
    )
    assert fired(new + RESTATED, good) == {"indicator_values/history": 1}


def test_a_half_is_rounded_away_from_zero(fired):
    halves = {"320000": (98.65, 98.7), "320100": (98.64999, 98.6), "320200": (98.35, 98.4), "320300": (96.25, 96.3)}
    rows = (survey(f"value = {value}, value_rounded = {printed}", code) for code, (value, printed) in halves.items())
    assert fired("".join(rows)) == {}


def test_two_hidden_counties_of_a_city_that_add_up_to_many_pass_and_their_sum_is_not_compared(fired):
    assert fired(cell(HIDE, STRATA.replace("= '320101'", "in ('320101', '320102')"))) == {}


def test_a_partial_sum_is_the_sum_of_those_who_reported(fired):
    """One county missing: the sums above it are without it, and only the missing report is said."""
    above = COUNTY.replace("= '320101'", "in ('320100', 'south', '320000')")
    rest = "numerator - (select numerator from gone)", "denominator - (select denominator from gone)"
    rate = "100 * numerator::double / denominator::double"
    found = fired(
        f"create temp table gone as from marts.indicator_values where {COUNTY};"
        + cell(f"numerator = {rest[0]}, denominator = {rest[1]}, covered_share = 0.99, flags = 'partial'", above)
        + cell(f"value = {rate}, value_rounded = round(({rate})::decimal(18, 9), 1)", above)
        + cell(f"status = 'missing', numerator = null, denominator = null, covered_share = null, {NO_VALUE}", COUNTY)
    )
    assert found == {"indicator_values/unreported": 1}
