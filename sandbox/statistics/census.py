"""人口普查分县资料: two workbooks under the codes of the census year, scaled, with city subtotals."""

from __future__ import annotations

import numpy as np
import polars as pl

from sandbox.paper.defects import Defect, Row
from sandbox.paper.inbox import Inbox
from sandbox.paper.workbook import Sheet
from sandbox.province.counts import Ints, apportion
from sandbox.province.frame import BANDS, SEXES, census_bands, read, read_frame

PERIODS = (2010, 2020)  # whatever is asked for
NOTE = "注：本表为模拟数据，按比例缩小；三个只有总数的功能区由所在市的余数推出。"
# Rows added under codes that have none of their own.
ADDED = {
    2010: {
        "320371": Defect("required", "female_15_19", "…"),
        "320199": Defect("unknown_region", "county_code", "320199"),
    },
    2020: {
        "320602": Defect("number_format", "male_0", "1O2"),
        "329903": Defect("unknown_region", "county_code", "329903"),
    },
}


def write(inbox: Inbox, year: int) -> None:
    """人口普查分县资料_<year>年: 男 and 女 by age band; numbers are whole persons at the scale of the sandbox."""
    by_city: dict[str, list[Row]] = {}
    for code, name, persons in _units(year):
        exact = persons.astype(float).reshape(1, -1)
        scaled = apportion(np.rint(inbox.scale * exact.sum(axis=1)).astype(np.int64), exact).reshape(2, -1)
        by_city.setdefault(code[:4], []).append({"地区": name, "county_code": code, **_cells(scaled)})
    names = dict(read("cities.csv").select("city_code", "name").iter_rows())
    rows = [_sum("江苏省", [r for part in by_city.values() for r in part])]
    for city, part in by_city.items():
        rows += [_sum(f"{names[city + '00']}合计", part), *part]
    spoiled = dict(enumerate(ADDED[year].values(), len(rows)))
    rows += [d.change({**rows[-1], "地区": "待核地区", "county_code": code}) for code, d in ADDED[year].items()]
    title = f"{year}年人口普查分县（市、区）、分年龄、分性别人口"
    inbox.send_workbook(__name__, year, Sheet(title, "单位：人", rows, NOTE, spoiled))


def _units(year: int) -> list[tuple[str, str, Ints]]:
    """(code, name, persons (2, 19)) in the order of the codes."""
    if year == 2020:
        frame = read_frame()
        return list(zip(frame.codes, frame.names, frame.bands, strict=True))
    totals = read("census_totals.csv").filter(pl.col("census_year") == year)
    names = dict(totals.select("region_code", "region_name").iter_rows())
    bands = sorted(census_bands(year).items())
    return [(code, names[code], persons) for code, persons in bands if not code.endswith("00")]


def _cells(persons: Ints) -> Row:
    """Both sexes' totals, then men and women of each band in turn."""
    totals = dict(zip(("合计/男", "合计/女"), persons.sum(axis=1).tolist(), strict=True))
    bands = [f"{sex}_{band.replace('-', '_').replace('+', '_plus')}" for band in BANDS for sex in SEXES]
    return totals | dict(zip(bands, persons.T.ravel().tolist(), strict=True))


def _sum(name: str, rows: list[Row]) -> Row:
    numbers = list(rows[0])[2:]
    return {"地区": name, "county_code": None} | {n: sum(row[n] for row in rows) for n in numbers}
