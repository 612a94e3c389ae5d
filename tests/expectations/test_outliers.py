"""A value that leaves the usual range of its own indicator and region is found, and it is the year that is off."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb
import pytest

from expectations.rules import read_rules

(RULE,) = (rule for rule in read_rules() if rule.name == "indicator_values/outliers")
YEARS = [str(year) for year in range(2019, 2029)]
PHYSICIANS = [3.06, 3.16, 3.29, 3.43, 3.58, 3.71, 3.84]  # per 1,000 residents of the province
CITIES = [f"32{number:02}00" for number in range(1, 14)]
Values = Sequence[float | None]


@pytest.fixture(scope="module")
def con():
    with duckdb.connect() as con:
        con.execute(
            "create schema marts; create table marts.regions as select '320000' as region_code, 'province' as level, "
            "null::date as valid_to union all select '320101', 'county', null union all "
            "select '329900', 'city', date '2001-01-01' union all select unnest(?), 'city', null",
            [CITIES],
        )
        yield con


@pytest.fixture
def find(con):
    """The rows found in an indicator's values by region: period, usual range and the period it is taken from."""

    def find(
        values: Values | dict[str, Values],
        kind: str = "ratio",
        unit: str = "人",
        of: int | None = None,  # the denominator
        width: float | None = None,  # of the confidence interval
        periods: Sequence[str] = YEARS,
        basis: str = "census_2020",
        stratum: str = "all",
    ) -> list[tuple[str, str, float, float, str]]:
        series = values if isinstance(values, dict) else {"320000": values}
        cells = [(r, p, v) for r, own in series.items() for p, v in zip(periods, own, strict=False)]
        con.execute("create or replace temp table cells (region_code varchar, period varchar, value double)")
        con.executemany("insert into cells values (?, ?, ?)", cells)
        con.execute(
            "create or replace table marts.indicators as select 'i' as indicator, ? as unit, ? as formula_kind, "
            "2 as published_decimals, 'health/health_personnel' as datasets, false as is_gross",
            [unit, kind],
        )
        con.execute(
            "create or replace table marts.indicator_values as select 'i' as indicator, region_code, period, value, "
            "? as population_basis, ? as stratum, if(length(period) = 4, 'year', 'quarter') as period_kind, "
            "value as value_rounded, value - width / 2 as value_lower, value + width / 2 as value_upper, "
            "value * denominator / if(? = '%', 100, 1) as numerator, denominator "
            "from cells cross join (select ?::double as denominator, ?::double as width)",
            [basis, stratum, unit, of, width],
        )
        con.execute(f"select * from ({RULE.query.format(batch='marts.indicator_values')}) order by all")
        return [(region, period, low, high, by) for _, region, period, _, _, _, low, high, by, *_ in con.fetchall()]

    return find


def named(found: list[tuple[str, str, float, float, str]]) -> list[tuple[str, str]]:
    return [(region, period) for region, period, *_ in found]


def off(year: int, factor: float, values: Values = PHYSICIANS) -> list[float]:
    """The series with one year, counted from 0, too great by a factor."""
    return [value * (factor if n == year else 1) for n, value in enumerate(values)]


@pytest.mark.parametrize("factor", [0, 0.1, 0.72 / 3.84, 2, 10])
@pytest.mark.parametrize("year", range(7))
@pytest.mark.parametrize("region", ["320000", "320500"])
def test_the_year_that_is_off_is_named_and_no_other(find, year, factor, region):
    """3.84 was 0.72 for want of an end of registration; nothing, a tenth, twice and ten times are other mistakes."""
    assert named(find({region: off(year, factor)})) == [(region, YEARS[year])]


def test_the_usual_range_is_that_of_the_year_before_with_the_median_change_and_a_third(find):
    """Changes 1, 1, 8, -6, 1: median 1. From 12 comes 13; a third less than 12 is -4, as much more is +6."""
    assert find([10, 11, 12, 20, 14, 15]) == [("320000", "2022", 9.0, 19.0, "2021")]
    assert find([10, 11, 12, 19, 14, 15]) == []
    assert find([10, 11, 12, 9, 14, 15]) == []
    # against 12 and against 14 (13 is the year before 14, a third of 14 less): the earlier one is told
    assert find([10, 11, 12, 8, 14, 15]) == [("320000", "2022", 9.0, 19.0, "2021")]


def test_the_first_year_is_judged_by_the_second(find):
    """Changes 11, 1, 1: median 1. From 13 comes 12; a third of 13 less is 7.67, half of it more is 18.5."""
    assert find([2, 13, 14, 15]) == [("320000", "2019", 7.67, 18.5, "2020")]


@pytest.mark.parametrize("values", [[9, 1], [9, 9, 1], [9, 1, 9], [1, 9, 9], [9, 9, 9, 1], [1, 9, 9, 9], [9, 9, 1, 9]])
def test_of_two_years_the_later_is_named_and_of_three_the_one(find, values):
    year = len(values) - 1 if len(values) == 2 else values.index(1)
    assert named(find(values)) == [("320000", YEARS[year])]


def test_a_first_year_has_no_history(find):
    assert find([0.0]) == []


@pytest.mark.parametrize("after", range(1, 6))
def test_a_new_level_is_told_once_in_its_first_year_however_long_it_lasts(find, after):
    """So its waiver holds."""
    assert named(find([9.0, 9.1, 8.9, 9.0, 3.0, 3.1, 2.9, 3.0, 3.0][: 4 + after])) == [("320000", "2023")]


def test_two_years_that_are_off_are_both_named(find):
    assert named(find([9, 9, 9, 1, 1, 9, 9])) == [("320000", "2022"), ("320000", "2023")]


def test_a_fall_after_years_that_rise_ever_faster_is_a_fall_of_the_last(find):
    assert named(find([4, 4, 4.1, 4.4, 5.2, 6.8, 2.7])) == [("320000", "2025")]


def test_a_year_that_is_missing_is_passed_over(find):
    """From 12 in 2021 the usual change of 1 makes 14 in 2023, as if 2022 were there."""
    assert find([10, 11, 12, None, 14, 15]) == []
    assert find([10, 11, 12, None, 8, 15]) == [("320000", "2023", 10.0, 20.0, "2021")]


@pytest.mark.parametrize(
    ("values", "found"),
    [
        ([80, 80, 80, 90], []),
        ([80, 80, 80, 90.1], [("320000", "2022", 70.0, 90.0, "2021")]),
        ([80, 80, 80, 69.9], [("320000", "2022", 70.0, 90.0, "2021")]),
        ([12, 12, 12, 8], []),
        ([12, 12, 12, 7.9], [("320000", "2022", 8.0, 18.0, "2021")]),
    ],
)
def test_a_share_changes_by_no_more_than_ten_points_and_a_third(find, values, found):
    assert find(values, unit="%") == found


@pytest.mark.parametrize(
    ("kind", "unit", "values", "found"),
    [
        ("area_share", "%", [10, 10, 10, 100], []),  # all townships in one year
        ("area_share", "%", [60, 60, 60, 39.9], [("320000", "2022", 40.0, 80.0, "2021")]),
        ("mean", "年", [15, 15, 15, 13.4], [("320000", "2022", 13.5, 16.67, "2021")]),
        ("life_table", "岁", [80, 80, 80, 82.1], [("320000", "2022", 78.0, 82.05, "2021")]),
        ("decline", "%", [5, 5, 5, -15], []),
        ("decline", "%", [5, 5, 5, -16], [("320000", "2022", -15.0, 25.0, "2021")]),
        ("cumulative", "万人次", [60, 120, 180, 240], []),
        ("cumulative", "万人次", [60, 120, 180, 90], [("320000", "2022", 150.0, 420.0, "2021")]),
        ("a_kind_to_come", "次", [9, 9, 9, 5.9], [("320000", "2022", 6.0, 13.5, "2021")]),
    ],
)
def test_some_kinds_have_limits_of_their_own(find, kind, unit, values, found):
    assert find(values, kind=kind, unit=unit) == found


def test_numbers_of_few_may_change_by_chance(find):
    """Of 1,000 residents 15 physicians: a standard error of 4, of two years 4 × √2, four times that 22.6.

    Of 10,000 residents 150 have one of 12.3: four times that × √2 is 69.5, more than a third.
    """
    assert find([15, 15, 15, 0], of=1) == []
    assert find([15, 15, 15, 37], of=1) == []
    assert find([15, 15, 15, 38], of=1) == [("320000", "2022", -7.63, 37.63, "2021")]
    assert find([15, 15, 15, 8.1], of=10) == []
    assert find([15, 15, 15, 8], of=10) == [("320000", "2022", 8.05, 22.5, "2021")]


def test_areas_of_few_may_change_by_chance(find):
    """6 of 8: (7 × 3) / 10³ is the square of 0.145; × √2, four times, 82 points. 60 of 80: 0.0477 makes 27."""
    assert find([75, 75, 75, 0], kind="area_share", unit="%", of=8) == []
    assert find([75, 75, 75, 48.75], kind="area_share", unit="%", of=80) == []
    assert named(find([75, 75, 75, 47.5], kind="area_share", unit="%", of=80)) == [("320000", "2022")]


def test_where_an_interval_is_published_it_tells_what_chance_does(find):
    """3.92 wide: a standard error of 1; 4 × √2 is 5.66."""
    assert find([80, 80, 80, 85.6], kind="life_table", unit="岁", width=3.92) == []
    assert named(find([80, 80, 80, 85.7], kind="life_table", unit="岁", width=3.92)) == [("320000", "2022")]


def test_where_cities_differ_from_year_to_year_a_city_may_and_the_province_may_not(find):
    """City c of -6 to 6 goes from 100 to 100 + 2 c and back: 39 changes, beside the median in which it stands still.

    With city 0 falling at last, the 20th of their 39 sizes is 0.06 / 0.94: × 1.4826 × 6 is 56.78 %.
    """
    cities = {code: [100, 100 + 2 * c, 100, 100 + 2 * c] for c, code in enumerate(CITIES, -6)}
    assert find(cities) == []
    assert find(cities | {CITIES[6]: [100, 100, 100, 44]}) == []
    assert find(cities | {CITIES[6]: [100, 100, 100, 43]}) == [(CITIES[6], "2022", 43.22, 156.78, "2021")]
    assert named(find(cities | {"320000": [100, 100, 100, 44]})) == [("320000", "2022")]


def test_a_mistake_of_all_cities_in_one_year_is_no_difference_between_them(find):
    values = {code: off(3, 0.2, [5 + n / 10] * 7) for n, code in enumerate(CITIES)}
    assert named(find(values)) == [(code, "2022") for code in CITIES]


def test_a_quarter_is_compared_with_that_of_another_year(find):
    quarters = [f"{year}-Q{q}" for year in range(2019, 2023) for q in range(1, 5)]
    values = [10, 40, 20, 80] * 4
    assert find(values, periods=quarters) == []
    assert named(find([*values[:-1], 20], periods=quarters)) == [("320000", "2022-Q4")]


@pytest.mark.parametrize(
    ("region", "how"),
    [
        ("320101", {}),  # a county: another rule's
        ("329900", {}),  # a city that is no more
        ("320000", {"stratum": "urban"}),
        ("320000", {"basis": "census_2010"}),
    ],
)
def test_these_are_not_judged(find, region, how):
    assert find({region: off(3, 10)}, **how) == []


def test_more_than_all_is_for_another_rule_and_does_not_break_this_one(find):
    assert named(find([90, 90, 90, 140], unit="%", of=10_000)) == [("320000", "2022")]
    assert named(find([90, 90, 90, -140], unit="%", of=10_000)) == [("320000", "2022")]
