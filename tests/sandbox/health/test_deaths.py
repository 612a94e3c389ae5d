"""Deaths and the life table of the written file: matched, aged and summed by hand, without ingest."""

from __future__ import annotations

import csv
import io
import math
from collections import Counter
from collections.abc import Callable
from datetime import date
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from clerk import Answers, Read, Row, has_valid_check, plain, to_date, to_id

SOURCES = ("死亡登记", "户口注销", "殡葬火化")  # the best first
AGES = (0, 1, *range(5, 90, 5))  # first of each group
GROUP = [max(first for first in AGES if first <= age) for age in range(120)]
NORTH = ("3203", "3207", "3208", "3209", "3213")
YEARS = range(2019, 2026)
NAME = "health/death_registrations/死亡登记_{}年_模拟数据.csv"


def read_rows(path: Path, rejected: set[int]) -> list[Row]:
    """The rows between bars that are not rejected, cells as a clerk reads them."""
    text = io.StringIO(path.read_bytes().decode("utf-8", "replace"), newline="")
    header, *records = csv.reader(text, delimiter="|")
    return [dict(zip(header, map(plain, r), strict=True)) for n, r in enumerate(records, 2) if n not in rejected]


def match(rows: list[Row]) -> list[Row]:
    """One row for each death, of the best source."""
    best: dict[str, Row] = {}
    for row in sorted(rows, key=lambda r: SOURCES.index(r["信息来源"])):
        best.setdefault(row["死亡个案编号"], row)
    return list(best.values())


def age_at_death(row: Row) -> int:
    born, died = to_date(row["出生日期"]), to_date(row["死亡日期"])
    return died.year - born.year - ((died.month, died.day) < (born.month, born.day))


def life_expectancy(died: dict[int, float], seen: dict[int, int], lived: dict[int, float]) -> tuple[float, float]:
    """(years of life at birth, half of their 95 % interval) by the formulas of indicator 13, from the oldest down.

    died: deaths as weighted; seen: as registered; lived: person-years, all by the first age of the group.
    """
    ahead, variance = lived[85] / died[85], 0.0  # e and its variance at the first age of the group above
    for first, after in reversed(list(pairwise(AGES))):
        n, rate = after - first, died.get(first, 0) / lived[first]
        part = {0: 0.07 + 1.7 * rate, 1: 1.6}.get(first, n / 2)
        dying = min(n * rate / (1 + (n - part) * rate), 1.0)
        variance *= (1 - dying) ** 2
        if seen.get(first):
            variance += (n - part + ahead) ** 2 * dying**2 * (1 - dying) / seen[first]
        ahead = n * (1 - dying) + part * dying + (1 - dying) * ahead
    return ahead, 1.96 * math.sqrt(variance)


def expect(deaths: list[Row], people: list[Row]) -> tuple[float, float]:
    died, seen, lived = Counter[int](), Counter[int](), Counter[int]()
    for row in deaths:
        died[GROUP[age_at_death(row)]] += round(10_000 * float(row["漏报调整系数"]))
        seen[GROUP[age_at_death(row)]] += 1
    for row in people:
        lived[GROUP[int(row["年龄"])]] += round(10 * float(row["年平均常住人口"]))
    return life_expectancy({a: n / 10_000 for a, n in died.items()}, seen, {a: n / 10 for a, n in lived.items()})


@pytest.fixture(scope="module")
def registrations(province: Path, answers: Answers) -> Callable[[int], list[Row]]:
    @cache
    def read(year: int) -> list[Row]:
        rejected = {r["record"] for r in answers["rejects"] if r["file"] == NAME.format(year)}
        return read_rows(province / NAME.format(year), rejected)

    return read


@pytest.fixture(scope="module")
def expectancy(registrations: Any, good_rows: Read) -> Any:
    @cache
    def compute(year: int, sexes: str = "男女", cities: tuple[str, ...] = ("32",)) -> tuple[float, float]:
        population = good_rows("statistics/resident_population", f"常住人口_{year}年")
        people = [r for r in population if r["口径"] == "七普" and r["地区代码"].startswith(cities)]
        deaths = [r for r in match(registrations(year)) if r["居住地县区代码"].startswith(cities)]
        return expect([r for r in deaths if r["性别"] in sexes], [r for r in people if r["性别"] in sexes])

    return compute


def test_life_expectancy_by_hand() -> None:
    """M = 0.1 at 40 to 44 and later at 85: 40 + 0.6 x 5 + 0.4 x 2.5 + 0.6 x (40 + 10), as 52.5 x 0.4 x 0.1 is 2.1."""
    lived = dict.fromkeys(AGES, 960.0) | {85: 100.0}
    value, half = life_expectancy({40: 96, 85: 10}, {40: 60, 85: 9}, lived)
    assert value == pytest.approx(74)
    assert half == pytest.approx(1.96 * 2.1)


def test_life_expectancy_prints_79_1_in_2020(expectancy: Any) -> None:
    """表2第13项."""
    value, half = expectancy(2020)
    assert f"{value:.1f}" == "79.1"
    assert abs(value - 79.1) < 0.03
    assert 0.5 < half < 1.5  # as so few deaths make it


def test_life_expectancy_rises_every_year_to_80_3(expectancy: Any) -> None:
    values = [expectancy(year)[0] for year in YEARS]
    assert values == sorted(values)
    assert f"{values[-1]:.1f}" == "80.3"


def test_women_live_about_five_years_longer(expectancy: Any) -> None:
    gaps = [expectancy(year, "女")[0] - expectancy(year, "男")[0] for year in YEARS]
    assert 4.5 < sum(gaps) / len(gaps) < 6.5


def test_the_north_lives_shorter(expectancy: Any) -> None:
    gaps = [expectancy(year)[0] - expectancy(year, cities=NORTH)[0] for year in YEARS]
    assert sum(gaps) / len(gaps) > 0.5


def test_at_ten_times_the_size_the_file_prints_the_same(tmp_path: Path) -> None:
    from sandbox.health.death_registrations import write
    from sandbox.paper.inbox import Inbox
    from sandbox.province.population import count

    inbox = Inbox(tmp_path, scale=0.01, seed=15, years=range(2020, 2021))
    write(inbox, 2020)
    deaths = match(read_rows(tmp_path / NAME.format(2020), {int(str(r["record"])) for r in inbox.key.rejects}))
    ends = [count("census_2020", year, 2020, 0.01).sum(axis=(0, 1, 3, 4)) for year in (2019, 2020)]
    value, half = expect(
        deaths, [{"年龄": str(a), "年平均常住人口": str(n / 2)} for a, n in enumerate(sum(ends).tolist())]
    )
    assert abs(value - 79.1) < 0.03
    assert 0.15 < half < 0.5


def test_a_death_is_in_one_to_three_sources_and_the_worse_ones_mislead(registrations: Any) -> None:
    sources, traps, ages = Counter[int](), Counter[str](), set()
    for year in YEARS:
        rows, best = registrations(year), {r["死亡个案编号"]: r for r in match(registrations(year))}
        sources.update(Counter(r["死亡个案编号"] for r in rows).values())
        for row in rows:
            kept = best[row["死亡个案编号"]]
            traps.update(
                c for c in ("居住地县区代码", "出生日期", "漏报调整系数") if plain_date(row[c]) != plain_date(kept[c])
            )
        ages |= {age_at_death(row) for row in best.values()}
    assert set(sources) == {1, 2, 3}
    assert min(sources.values()) > 0.1 * sum(sources.values())
    assert traps["居住地县区代码"] > 50 and traps["出生日期"] > 20
    assert traps["漏报调整系数"] == sum((n - 1) * times for n, times in sources.items())
    assert {0, 84, 85} <= ages


def plain_date(cell: str) -> object:
    return to_date(cell) if cell.count("-") + cell.count("/") + cell.count("年") else cell


def test_every_county_has_a_death_in_every_year(registrations: Any, good_rows: Read) -> None:
    """Or else it would not have reported."""
    for year in YEARS:
        residents = good_rows("statistics/resident_population", f"常住人口_{year}年")
        assert {r["居住地县区代码"] for r in match(registrations(year))} == {r["地区代码"] for r in residents}


def test_everybody_dies_once_in_the_year_with_a_number_of_the_birth_date(registrations: Any) -> None:
    numbers = Counter[str]()
    for year in YEARS:
        for row in match(registrations(year)):
            assert to_date(row["死亡日期"]).year == year
            assert date(year - 106, 1, 1) < to_date(row["出生日期"]) <= to_date(row["死亡日期"])
            if row["身份证号"]:
                assert has_valid_check(row["身份证号"])
                assert to_id(row["身份证号"])[6:14] == to_date(row["出生日期"]).strftime("%Y%m%d")
                numbers[to_id(row["身份证号"])] += 1
            else:
                assert age_at_death(row) == 0
    assert set(numbers.values()) == {1}
    assert len(numbers) > 4000


def test_a_weight_corrects_what_is_missed_of_infants_and_the_oldest_most(registrations: Any) -> None:
    deaths = [r for year in YEARS for r in match(registrations(year)) if r["信息来源"] == SOURCES[0]]
    assert min(float(r["漏报调整系数"]) for r in deaths) >= 1
    mean = {
        name: sum(float(r["漏报调整系数"]) for r in chosen) / len(chosen)
        for name, chosen in {
            "infants": [r for r in deaths if age_at_death(r) == 0],
            "others": [r for r in deaths if 1 <= age_at_death(r) < 85],
            "oldest": [r for r in deaths if age_at_death(r) >= 85],
        }.items()
    }
    assert 1.02 < mean["others"] < mean["oldest"] < mean["infants"] < 1.5
