"""Public transport prints what the plan printed: counted from the written files, by hand, without ingest."""

from __future__ import annotations

from collections import Counter
from datetime import date
from itertools import combinations
from typing import Any

import pytest
from clerk import Read, Row, plain, to_date

HEIRS = {"320602": "320613", "320611": "320613", "320684": "320614"}
Pair = frozenset[str]


def is_valid(row: Row, since: str, until: str, day: date) -> bool:
    return to_date(row[since]) <= day and (not row[until] or to_date(row[until]) > day)


def pairs_on_the_list(good_rows: Read, year: int, day: date) -> set[Pair]:
    rows = good_rows("transport/county_adjacency", f"县级毗邻关系_{year}年")
    inner = [r for r in rows if r["是否跨省"] == "否" and is_valid(r, "起始日期", "终止日期", day)]
    return {frozenset(HEIRS.get(r[side], r[side]) for side in ("甲县代码", "乙县代码")) for r in inner}


def pairs_on_a_route(rows: list[Row]) -> set[Pair]:
    stops: dict[str, set[str]] = {}
    for r in rows:
        stops.setdefault(r["线路编码"], set()).add(HEIRS.get(r["县区代码"], r["县区代码"]))
    return {frozenset(two) for counties in stops.values() for two in combinations(counties, 2)}


@pytest.fixture
def linked(good_rows: Read) -> Any:
    def count(year: int) -> tuple[int, int, int]:
        """(pairs linked, pairs that any route on the list touches, pairs), by the newest list of neighbours."""
        day = date(year, 12, 31)
        pairs = pairs_on_the_list(good_rows, 2025, day)
        rows = good_rows("transport/bus_routes", f"公交线路站点_{year}年")
        running = [r for r in rows if r["是否营运"] == "是" and is_valid(r, "开通日期", "停运日期", day)]
        return len(pairs & pairs_on_a_route(running)), len(pairs & pairs_on_a_route(rows)), len(pairs)

    return count


def test_linked_neighbours_print_43_in_2020(linked: Any) -> None:
    served, _, pairs = linked(2020)
    assert (served, pairs) == (104, 241)
    assert f"{100 * served / pairs:.0f}" == "43"


@pytest.mark.parametrize(("year", "served"), [(2019, 88), (2023, 188), (2025, 231)])
def test_linked_neighbours_end_short_of_98_under_old_codes_and_new(linked: Any, year: int, served: int) -> None:
    assert linked(year)[::2] == (served, 241)
    assert 100 * served / 241 < 98


@pytest.mark.parametrize("year", [2019, 2021])
def test_routes_suspended_ended_or_not_yet_opened_would_count_too_many(linked: Any, year: int) -> None:
    served, listed, _ = linked(year)
    assert listed > served + 30


def test_2019_names_the_counties_of_2019(good_rows: Read) -> None:
    codes = {y: {r["县区代码"] for r in good_rows("transport/bus_routes", f"公交线路站点_{y}年")} for y in (2019, 2020)}
    assert codes[2019] - codes[2020] == {"320602", "320611", "320684"}
    assert codes[2020] - codes[2019] == {"320613", "320614"}


def test_neighbours_are_the_real_ones(good_rows: Read) -> None:
    """江阴 and 靖江 face each other over the Yangtze; 浦口 borders 和县 in Anhui; every county has a neighbour."""
    rows = good_rows("transport/county_adjacency", "县级毗邻关系_2020年")
    known = {(r["甲县代码"], r["乙县代码"]): (r["毗邻方式"], r["是否跨省"], r["终止日期"]) for r in rows}
    assert known["320281", "321282"] == ("水域", "否", "")
    assert known["320111", "340523"] == ("", "是", "")
    assert known["320102", "320105"][2] == "2013-03-01"
    current = pairs_on_the_list(good_rows, 2020, date(2020, 12, 31))
    assert len(frozenset().union(*current)) == 95
    assert Counter(r["是否跨省"] for r in rows)["是"] == 70


@pytest.fixture
def pilots(sheet_rows: Any) -> Any:
    def read(year: int) -> list[list[Any]]:
        rows = sheet_rows("transport/bus_integration_counties", f"城乡公交一体化试点县_{year}年")
        return [r for r in rows if str(r[2]).startswith("32")]

    return read


def as_day(cell: Any) -> date | None:
    if isinstance(cell, date):
        return cell
    return to_date(cell) if plain(cell) else None


def share_accepted(rows: list[list[Any]], year: int) -> tuple[int, int]:
    last = date(year, 12, 31)
    included = [r for r in rows if (since := as_day(r[4])) and since <= last]
    return sum(r[6] == "通过" and as_day(r[5]) <= last for r in included), len(included)


@pytest.mark.parametrize(
    ("year", "accepted", "included"),
    [(2019, 0, 0), (2020, 0, 0), (2021, 0, 24), (2022, 16, 32), (2023, 26, 56), (2024, 42, 60), (2025, 50, 60)],
)
def test_pilot_counties_accepted_fall_back_as_batches_come_in_and_end_above_80(
    pilots: Any, year: int, accepted: int, included: int
) -> None:
    assert share_accepted(pilots(year), year) == (accepted, included)


def test_the_first_16_were_accepted_in_december_2022(pilots: Any) -> None:
    days = [as_day(r[5]) for r in pilots(2025) if r[6] == "通过"]
    assert sum(day is not None and (day.year, day.month) == (2022, 12) for day in days) == 16
    assert min(day for day in days if day) >= date(2022, 12, 1)


def test_lists_know_of_passes_after_the_year_of_failures_and_of_counties_that_only_applied(pilots: Any) -> None:
    rows = pilots(2023)
    assert sum(r[6] == "通过" for r in rows) == 26 + 2
    assert sum(r[6] == "未通过" for r in rows) == 1
    assert sum(r[4] in (None, "") for r in rows) == 4


def test_public_transport_prints_26_3_by_weight_in_2020(good_rows: Read) -> None:
    rows = good_rows("transport/modal_split_survey", "居民出行方式调查_2020年")
    public = [r for r in rows if r["出行方式"] in ("公共汽电车", "轨道交通")]
    weights = [sum(float(r["权数"]) for r in part) for part in (public, rows)]
    assert f"{100 * weights[0] / weights[1]:.1f}" == "26.3"
    assert 100 * len(public) / len(rows) > 28  # the sample takes more who ride: trips must not be counted


@pytest.mark.parametrize(("year", "least", "most"), [(2019, 97, 99.5), (2020, 100, 100), (2025, 100, 100)])
def test_every_one_of_1203_townships_has_a_village_bus_from_2020(
    good_rows: Read, year: int, least: float, most: float
) -> None:
    rows = good_rows("transport/township_village_bus", f"镇村公交开通情况_{year}年")
    assert len(rows) == len({r["乡镇代码"] for r in rows}) == 1203
    assert least <= 100 * sum(r["是否开通镇村公交"] == "是" for r in rows) / 1203 <= most
