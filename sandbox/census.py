"""人口普查分县资料: two workbooks under the codes of the census year, scaled, with city subtotals."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl

from ingest.words import SIMULATED
from sandbox.apportion import Ints, apportion
from sandbox.defects import Defect
from sandbox.frame import census_bands, read, read_frame
from sandbox.inbox import Inbox
from sandbox.workbook import Sheet, write_workbook

FOLDER = "statistics/census"
AGES = ("0岁", "1—4岁", *(f"{a}—{a + 4}岁" for a in range(5, 85, 5)), "85岁及以上")
HEADER = ("地区", "地区代码", "合计/男", "合计/女", *(f"{age}/{sex}" for age in AGES for sex in "男女"))
NOTE = "注：本表为模拟数据，按比例缩小；三个只有总数的功能区由所在市的余数推出。"
# Rows added under codes that have none of their own: (code, defect, header of its column).
ADDED = {
    2010: (
        ("320371", Defect("required", "female_15_19", "…"), "15—19岁/女"),
        ("320199", Defect("unknown_region", "county_code"), ""),
    ),
    2020: (
        ("320602", Defect("number_format", "male_0", "1O2"), "0岁/男"),
        ("329903", Defect("unknown_region", "county_code"), ""),
    ),
}


def write_census(inbox: Inbox, year: int) -> None:
    """人口普查分县资料_<year>年: 男 and 女 by age band; numbers are whole persons at the scale of the sandbox."""
    rows: list[list[Any]] = []
    by_city: dict[str, list[list[Any]]] = {}
    for code, name, persons in _units(year):
        exact = persons.astype(float).reshape(1, -1)
        scaled = apportion(np.rint(inbox.scale * exact.sum(axis=1)).astype(np.int64), exact).reshape(2, -1)
        by_city.setdefault(code[:4], []).append([name, code, *_cells(scaled)])
    names = dict(read("cities.csv").select("city_code", "name").iter_rows())
    rows.append(_sum("江苏省", [r for part in by_city.values() for r in part]))
    for city, part in by_city.items():
        rows += [_sum(f"{names[city + '00']}合计", part), *part]
    defects: dict[int, Defect] = {}
    good = rows[-1]
    for code, defect, header in ADDED[year]:
        defects[len(rows)] = defect
        values = dict(zip(HEADER, ["待核地区", code, *good[2:]], strict=True)) | (
            {header: defect.cell} if header else {}
        )
        rows.append(list(values.values()))
    title = f"{year}年人口普查分县（市、区）、分年龄、分性别人口（{SIMULATED}）"
    sheet = Sheet(title, "单位：人", HEADER, rows, NOTE, defects)
    write_workbook(inbox, FOLDER, f"人口普查分县资料_{year}年", str(year), sheet)


def _units(year: int) -> list[tuple[str, str, Ints]]:
    """(code, name, persons (2, 19)) in the order of the codes."""
    if year == 2020:
        frame = read_frame()
        return list(zip(frame.codes, frame.names, frame.bands, strict=True))
    totals = read("census_totals.csv").filter(pl.col("census_year") == year)
    names = dict(totals.select("region_code", "region_name").iter_rows())
    bands = sorted(census_bands(year).items())
    return [(code, names[code], persons) for code, persons in bands if not code.endswith("00")]


def _cells(persons: Ints) -> list[int]:
    """Both sexes' totals, then men and women of each band in turn."""
    return [*persons.sum(axis=1).tolist(), *persons.T.ravel().tolist()]


def _sum(name: str, rows: list[list[Any]]) -> list[Any]:
    return [name, None, *np.sum([r[2:] for r in rows], axis=0).tolist()]
