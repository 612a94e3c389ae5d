"""家庭户数: family households by county, urban and rural."""

from __future__ import annotations

import numpy as np
import polars as pl

from sandbox.defects import Defect, Defects, Row, more_at
from sandbox.frame import read_frame
from sandbox.inbox import Inbox
from sandbox.population import count
from sandbox.write import CsvFile

FOLDER = "statistics/households"
COLUMNS = {"year": "年份", "county_code": "地区代码", "urban_rural": "城乡", "household_count": "年末家庭户数"}
AREAS = ["城镇", "乡村"]
IN_FAMILIES = 0.92  # of residents; the others live in collective households: assumed
SIZE = (2.60, -0.015)  # persons in a family household in 2020 and its yearly change: assumed


def write_households(inbox: Inbox, year: int) -> None:
    """家庭户数_<year>年: every code, urban and rural, on the census of 2020."""
    codes, _ = read_frame().groups(year)
    persons = count("census_2020", year, year, inbox.scale).sum(axis=(1, 2, 4))
    households = np.rint(persons * IN_FAMILIES / (SIZE[0] + SIZE[1] * (year - 2020))).astype(np.int64)
    with CsvFile(inbox, FOLDER, f"家庭户数_{year}年", COLUMNS, "utf-8-sig", str(year)) as file:
        file.spoil(_defects(year), 2 + more_at(inbox.scale), 2 * year)
        index = np.indices(households.shape).reshape(2, -1)
        frame = {
            "year": pl.repeat(str(year), index.shape[1], eager=True),
            "county_code": pl.Series(codes).gather(index[0]),
            "urban_rural": pl.Series(AREAS).gather(index[1]),
            "household_count": pl.Series(households.ravel()).cast(pl.String),
        }
        file.append(pl.DataFrame(frame))


def _defects(year: int) -> Defects:
    kinds = (
        Defect("unknown_region", "county_code", "329907"),
        Defect("expired_region", "county_code", "320611" if year > 2020 else "320721"),
        Defect("not_in_codes", "urban_rural", "镇区"),
        Defect("required", "urban_rural", "-"),
        Defect("ragged_row", "*", "fewer"),
    )

    def renew(row: Row, serial: int) -> Row:
        """Every valid key is taken: the defects are such that their rows have none."""
        return {**row, "household_count": str(serial)}

    return Defects(kinds, renew, "county_code", {"household_count": "5"})
