"""Resident population by single year of age: the censuses carried from year to year, in two vintages."""

from __future__ import annotations

from functools import cache

import numpy as np
import polars as pl

from sandbox.apportion import Floats, Ints, apportion
from sandbox.defects import Defect, Defects, Row, more_at
from sandbox.frame import read, read_frame
from sandbox.write import USUAL, CsvFile, Inbox

FOLDER = "statistics/resident_population"
YEARS = tuple(range(2018, 2026))
BASES = {"census_2010": "六普", "census_2020": "七普"}
LAST_YEAR = {"census_2010": 2020, "census_2020": 2025}
EDGES = np.array([0, 1, 5, *range(10, 86, 5), 90, 95, 100, 101])
OLDEST = np.array([[0.70, 0.24, 0.052, 0.008], [0.64, 0.27, 0.076, 0.014]])  # 85-89, 90-94, 95-99, 100+ of 85+: assumed
# Births (10,000) of the year, assumed: falling after 2020 as the published birth rates do.
BIRTHS_10K = {2021: 48.0, 2022: 44.5, 2023: 41.5, 2024: 42.0, 2025: 40.5}
MIGRANTS = {1.0: 0.34, 0.0: 0.13, -1.0: 0.07}  # share of residents whose hukou is elsewhere, assumed by macro-region
CHILDREN_2010 = (
    0.975  # children of the 六普 vintage for one of the 七普 vintage: enrolment prints >= 98 there, 96.5 here
)
COLUMNS = {
    "year": "年份",
    "county_code": "地区代码",
    "age_year": "年龄",
    "sex": "性别",
    "urban_rural": "城乡",
    "hukou_type": "户籍类型",
    "population_basis": "口径",
    "pop_year_end": "年末常住人口",
    "pop_mid_year": "年平均常住人口",
}


def smooth(bands: Floats) -> Floats:
    """Persons (..., 19) by age band -> (..., 101) by single year of age.

    The series with the least sum of squared second differences that keeps every band's total; where it would fall
    below a tenth of the band's mean it is lifted and the band scaled back.
    """
    tail = bands[..., -1:] * (OLDEST[:, :] if bands.ndim > 1 else OLDEST.mean(axis=0))
    totals = np.concatenate([bands[..., :-1], tail], axis=-1)
    widths = np.diff(EDGES)
    member = np.repeat(np.eye(len(widths)), widths, axis=1)
    second = np.diff(np.eye(101), n=2, axis=0)
    system = np.block([[2 * second.T @ second, member.T], [member, np.zeros((len(widths), len(widths)))]])
    ages = totals @ np.linalg.inv(system)[:101, 101:].T
    ages = np.maximum(ages, (totals / widths / 10) @ member)
    return np.asarray(ages * ((totals / np.maximum(ages @ member.T, 1e-9)) @ member))


@cache
def survival() -> Floats:
    """(2, 101) share of men and women of an age who are alive a year later: Gompertz, set to the growth of ages 65+ to 2023."""
    ages = np.arange(101)
    dying = np.stack([2.7e-5 * np.exp(0.095 * ages), 1.1e-5 * np.exp(0.100 * ages)])
    return 1.0 - np.minimum(dying + 2e-4, 0.5)


@cache
def estimate(basis: str) -> dict[int, Floats]:
    """Year-end residents (107, 2, 101) by year, at full scale: every year of a basis, whatever is asked for later."""
    totals = {int(y): 1e4 * p for y, p in _province(basis).iter_rows()}
    if basis == "census_2010":
        return {year: _older_vintage(estimate("census_2020")[year], total) for year, total in totals.items()}
    frame, found = read_frame(), {2020: smooth(read_frame().bands.astype(float))}
    for year in range(2021, YEARS[-1] + 1):
        found[year] = _move(_age(found[year - 1], BIRTHS_10K[year] * 1e4), _unit_totals(year, totals[year]))
    for year in range(2019, YEARS[0] - 1, -1):
        found[year] = _move(_age_back(found[year + 1]), _unit_totals(year, totals[year]))
    assert len(frame.codes) == len(found[2020])
    return dict(sorted(found.items()))


def cells(basis: str, year: int, label_year: int) -> Floats:
    """Residents (codes of label_year, 2 sexes, 101 ages, 2 urban/rural, 2 local/migrant) at full scale."""
    frame, ages = read_frame(), np.arange(101)
    persons = estimate(basis)[year]
    town = np.clip(
        frame.urban[:, None] + 0.0025 * (30 - ages) * frame.urban[:, None] * (1 - frame.urban[:, None]), 0, 1
    )
    town = np.minimum(town + 0.008 * (year - 2020) * (1 - town) * 3, 1.0)
    share = np.array([MIGRANTS[m] for m in frame.macro]) * np.where(frame.is_zone, 1.3, 1.0)
    profile = 0.35 + 1.5 * np.exp(-(((ages - 30) / 13) ** 2))
    moved = np.minimum(share[:, None] * profile, 0.9)
    urban = np.stack([town, 1 - town], axis=-1)
    hukou = np.stack([1 - moved, moved], axis=-1)
    split = persons[..., None, None] * urban[:, None, :, :, None] * hukou[:, None, :, None, :]
    codes, group = frame.groups(label_year)
    summed = np.zeros((len(codes), *split.shape[1:]))
    np.add.at(summed, group, split)
    return summed


def count(basis: str, year: int, label_year: int, scale: float) -> Ints:
    """The same in whole persons: each code's cells share out round(scale x its total)."""
    exact = cells(basis, year, label_year)
    flat = exact.reshape(len(exact), -1)
    return apportion(np.rint(scale * flat.sum(axis=1)).astype(np.int64), flat).reshape(exact.shape)


def by_unit(basis: str, year: int, scale: float, ages: slice) -> Ints:
    """Persons (107,) of some ages, as written in the year's file; a merged code's are shared out over its units."""
    codes, group = read_frame().groups(year)
    persons = count(basis, year, year, scale)[:, :, ages].sum(axis=(1, 2, 3, 4))
    weights = np.zeros((len(codes), len(group)))
    weights[group, np.arange(len(group))] = estimate(basis)[year][:, :, ages].sum(axis=(1, 2)) + 1e-9
    return apportion(persons, weights).sum(axis=0)


def write_population(inbox: Inbox, year: int, when: tuple[float, float] = USUAL) -> None:
    """常住人口_<year>年: every code, age, sex, urban/rural, hukou and basis, zero cells as well."""
    codes, _ = read_frame().groups(year)
    with CsvFile(inbox, FOLDER, f"常住人口_{year}年", COLUMNS, "utf-8-sig", str(year), when) as file:
        defects = _defects(year)
        file.spoil(defects, len(defects.kinds) + 1 + more_at(inbox.scale))
        bases = [basis for basis in BASES if year <= LAST_YEAR[basis]]
        for i, basis in enumerate(bases, 1):
            end = count(basis, year, year, inbox.scale)
            middle = (end + count(basis, year - 1, year, inbox.scale)) / 2
            file.append(_grid(codes, year, BASES[basis], end, middle), i / len(bases))


def _grid(codes: list[str], year: int, basis: str, end: Ints, middle: Floats) -> pl.DataFrame:
    index = np.indices(end.shape).reshape(end.ndim, -1)
    words = [codes, ["男", "女"], [str(a) for a in range(101)], ["城镇", "乡村"], ["本地户籍", "外来"]]
    code, sex, age, area, hukou = (pl.Series(w).gather(i) for w, i in zip(words, index, strict=True))
    return pl.DataFrame(
        {
            "year": pl.repeat(str(year), len(code), eager=True),
            "county_code": code,
            "age_year": age,
            "sex": sex,
            "urban_rural": area,
            "hukou_type": hukou,
            "population_basis": pl.repeat(basis, len(code), eager=True),
            "pop_year_end": pl.Series(end.ravel()).cast(pl.String),
            "pop_mid_year": pl.Series(middle.ravel()).cast(pl.Decimal(12, 1)).cast(pl.String),
        }
    )


def _province(basis: str) -> pl.DataFrame:
    return read("province_population.csv").filter(pl.col("population_basis") == basis).select("period", "persons_10k")


def _unit_totals(year: int, province: float) -> Floats:
    """Units drift apart at two fifths of the pace at which their cities did between the censuses."""
    frame = read_frame()
    raw = frame.bands.sum(axis=(1, 2)) * np.exp(0.4 * frame.growth * (year - 2020))
    return np.asarray(raw * province / raw.sum())


def _age(persons: Floats, births: float) -> Floats:
    older = np.zeros_like(persons)
    older[:, :, 1:] = (persons * survival())[:, :, :-1]
    older[:, :, 100] += (persons * survival())[:, :, 100]
    mothers = persons[:, 1, 20:35].sum(axis=1)
    older[:, :, 0] = births * 0.997 * np.array([0.515, 0.485]) * (mothers / mothers.sum())[:, None]
    return older


def _age_back(persons: Floats) -> Floats:
    younger = persons.copy()
    younger[:, :, :99] = persons[:, :, 1:100] / survival()[:, :99]
    return younger


def _move(persons: Floats, totals: Floats) -> Floats:
    """Who came or left makes up the difference to the unit's total: mostly the young, as weights x residents."""
    pull = persons * np.exp(-(((np.arange(101) - 27) / 9) ** 2))
    net = totals - persons.sum(axis=(1, 2))
    return np.asarray(persons + pull * (net / pull.sum(axis=(1, 2)))[:, None, None])


def _older_vintage(persons: Floats, total: float) -> Floats:
    """The same year as estimated from the 2010 census: fewer where cities grew faster than was known, fewer children."""
    other = persons * np.exp(-5 * read_frame().growth)[:, None, None]
    children, all_children = other[:, :, :15].sum(), persons[:, :, :15].sum() * CHILDREN_2010
    factor = np.where(np.arange(101) < 15, all_children / children, (total - all_children) / (other.sum() - children))
    return np.asarray(other * factor)


def _defects(year: int) -> Defects:
    kinds = [
        Defect("unknown_region", "county_code", "329904"),
        Defect("expired_region", "county_code", "320611" if year > 2020 else "320721"),
        Defect("out_of_range", "age_year", "130"),
        Defect("not_in_codes", "sex", "未知"),
        Defect("required", "age_year", "…"),
        Defect("not_in_codes", "population_basis", "五普"),
        Defect("ragged_row", "*", "fewer"),
    ]
    if year >= 2020:  # before, every valid key is taken by a good row
        kinds += [Defect("number_format", "pop_year_end", "约12人"), Defect("out_of_range", "pop_mid_year", "-0.5")]

    def renew(row: Row, serial: int) -> Row:
        """A key that no good row has: the basis that has ended, or a code that went out of use in 2020."""
        row = {**row, "age_year": str(serial), "pop_year_end": "3", "pop_mid_year": "3.0"}
        return row | (
            {"population_basis": "六普"} if year > 2020 else {"county_code": "320602"} if year == 2020 else {}
        )

    return Defects(kinds, renew, "county_code", {"pop_year_end": "4", "pop_mid_year": "4.5"})
