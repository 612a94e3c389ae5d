"""常住人口: residents by county, age, sex, area and hukou, in whole persons and two vintages."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import polars as pl

from sandbox.apportion import Floats, Ints, apportion
from sandbox.defects import Defect, Defects, Row
from sandbox.demography import estimate
from sandbox.frame import read_frame
from sandbox.inbox import USUAL, Inbox
from sandbox.write import CsvFile

FOLDER = "statistics/resident_population"
BASES = {"census_2010": "六普", "census_2020": "七普"}
LAST_YEAR = {"census_2010": 2020, "census_2020": 2025}
MIGRANTS = {1.0: 0.34, 0.0: 0.13, -1.0: 0.07}  # share of residents whose hukou is elsewhere, assumed by macro-region
YOUNGER_TOWNS = 0.01  # how much rarer the rural share gets with each year of age below the mean: assumed
LEAVING_LAND = 0.02  # share of rural residents who become urban in a year: assumed
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


def cells(basis: str, year: int, label_year: int) -> Floats:
    """Residents (codes of label_year, 2 sexes, 101 ages, 2 urban/rural, 2 local/migrant) at full scale."""
    frame, ages = read_frame(), np.arange(101)
    persons, town = estimate(basis)[year], frame.urban[:, None]
    mean_age = (persons.sum(axis=1) @ ages / persons.sum(axis=(1, 2)))[:, None]
    rural = (1 - town) * (1 + YOUNGER_TOWNS * town * (ages - mean_age)) * (1 - LEAVING_LAND) ** (year - 2020)
    share = np.array([MIGRANTS[m] for m in frame.macro]) * np.where(frame.is_zone, 1.3, 1.0)
    profile = 0.35 + 1.5 * np.exp(-(((ages - 30) / 13) ** 2))
    moved = np.minimum(share[:, None] * profile, 0.9)
    urban = np.stack([1 - rural, rural], axis=-1)
    hukou = np.stack([1 - moved, moved], axis=-1)
    split = persons[..., None, None] * urban[:, None, :, :, None] * hukou[:, None, :, None, :]
    codes, group = frame.groups(label_year)
    summed = np.zeros((len(codes), *split.shape[1:]))
    np.add.at(summed, group, split)
    return summed


@lru_cache(maxsize=4)
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
    return np.asarray(apportion(persons, weights).sum(axis=0))


def write_population(inbox: Inbox, year: int, when: tuple[float, float] = USUAL) -> None:
    """常住人口_<year>年: every code, age, sex, urban/rural, hukou and basis, zero cells as well."""
    codes, _ = read_frame().groups(year)
    with CsvFile(inbox, FOLDER, f"常住人口_{year}年", COLUMNS, "utf-8-sig", str(year), when) as file:
        file.spoil(_defects(year))
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
        free = {"population_basis": "六普"} if year > 2020 else {"county_code": "320602"} if year == 2020 else {}
        return {**row, "age_year": str(serial), "pop_year_end": "3", "pop_mid_year": "3.0", **free}

    return Defects(kinds, renew, "county_code", {"pop_year_end": "4", "pop_mid_year": "4.5"})
