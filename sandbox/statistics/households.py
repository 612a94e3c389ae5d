"""家庭户数: family households by county, urban and rural."""

from __future__ import annotations

import numpy as np
import polars as pl

from sandbox.paper.defects import Defect, Defects, more_at, ways
from sandbox.paper.inbox import Inbox
from sandbox.province.frame import read_frame
from sandbox.province.population import count

AREAS = ["城镇", "乡村"]
IN_FAMILIES = 0.92  # of residents; the others live in collective households: assumed
SIZE = (2.60, -0.015)  # persons in a family household in 2020 and its yearly change: assumed


def write(inbox: Inbox, year: int) -> None:
    """家庭户数_<year>年: every code, urban and rural, on the census of 2020."""
    codes, _ = read_frame().groups(year)
    persons = count("census_2020", year, year, inbox.scale).sum(axis=(1, 2, 4))
    households = np.rint(persons * IN_FAMILIES / (SIZE[0] + SIZE[1] * (year - 2020))).astype(np.int64)
    index = np.indices(households.shape).reshape(2, -1)
    with inbox.open(__name__, year, _defects(year), n=2 + more_at(inbox.scale), start=2 * year) as file:
        file.append(
            {
                "年份": pl.repeat(str(year), index.shape[1], eager=True),
                "county_code": pl.Series(codes).gather(index[0]),
                "urban_rural": pl.Series(AREAS).gather(index[1]),
                "household_count": pl.Series(households.ravel()).cast(pl.String),
            }
        )


def _defects(year: int) -> Defects:
    kinds = (
        *ways("county_code", unknown_region="329907", expired_region="320611" if year > 2020 else "320721"),
        *ways("urban_rural", not_in_codes="镇区", required="-"),
        Defect("ragged_row", "*", "fewer"),
    )
    # every valid key is taken: the defects are such that their rows have none
    return Defects(kinds, {"household_count": "{}"}, {"household_count": "5"})
