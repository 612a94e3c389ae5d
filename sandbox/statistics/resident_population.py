"""常住人口: residents by county, age, sex, area and hukou, in whole persons and two vintages."""

from __future__ import annotations

import numpy as np
import polars as pl

from sandbox.paper.defects import Columns, Defect, Defects, ways
from sandbox.paper.inbox import LATE, USUAL, Inbox
from sandbox.province.counts import Floats, Ints
from sandbox.province.frame import read_frame
from sandbox.province.population import count

BASES = {"census_2010": "六普", "census_2020": "七普"}
LAST_YEAR = {"census_2010": 2020, "census_2020": 2025}


def write(inbox: Inbox, year: int) -> None:
    """常住人口_<year>年: every code, age, sex, urban/rural, hukou and basis, zero cells as well; one year is late."""
    codes, _ = read_frame().groups(year)
    with inbox.open(__name__, year, _defects(year), when=LATE if year == inbox.nth(4) else USUAL) as file:
        bases = [basis for basis in BASES if year <= LAST_YEAR[basis]]
        for i, basis in enumerate(bases, 1):
            end = count(basis, year, year, inbox.scale)
            middle = (end + count(basis, year - 1, year, inbox.scale)) / 2
            file.append(_grid(codes, year, BASES[basis], end, middle), i / len(bases))


def _grid(codes: list[str], year: int, basis: str, end: Ints, middle: Floats) -> Columns:
    index = np.indices(end.shape).reshape(end.ndim, -1)
    words = [codes, ["男", "女"], [str(a) for a in range(101)], ["城镇", "乡村"], ["本地户籍", "外来"]]
    code, sex, age, area, hukou = (pl.Series(w).gather(i) for w, i in zip(words, index, strict=True))
    return {
        "年份": pl.repeat(str(year), len(code), eager=True),
        "county_code": code,
        "age_year": age,
        "sex": sex,
        "urban_rural": area,
        "hukou_type": hukou,
        "population_basis": pl.repeat(basis, len(code), eager=True),
        "pop_year_end": pl.Series(end.ravel()).cast(pl.String),
        "pop_mid_year": pl.Series(middle.ravel()).cast(pl.Decimal(12, 1)).cast(pl.String),
    }


def _defects(year: int) -> Defects:
    kinds = [
        *ways("county_code", unknown_region="329904", expired_region="320611" if year > 2020 else "320721"),
        Defect("out_of_range", "age_year", "130"),
        Defect("not_in_codes", "sex", "未知"),
        Defect("required", "age_year", "…"),
        Defect("not_in_codes", "population_basis", "五普"),
        Defect("ragged_row", "*", "fewer"),
    ]
    if year >= 2020:  # before, every valid key is taken by a good row
        kinds += [Defect("number_format", "pop_year_end", "约12人"), Defect("out_of_range", "pop_mid_year", "-0.5")]
    # a key that no good row has: the basis that has ended, or a code that went out of use in 2020
    free = {"population_basis": "六普"} if year > 2020 else {"county_code": "320602"} if year == 2020 else {}
    free |= {"pop_year_end": "3", "pop_mid_year": "3.0"}
    return Defects(kinds, {"age_year": "{}", **free}, {"pop_year_end": "4", "pop_mid_year": "4.5"})
