"""医疗卫生机构床位: the institutions that have beds, in a workbook."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache
from typing import Any

import numpy as np

from ingest.words import SIMULATED
from sandbox.apportion import Ints, share_out
from sandbox.defects import Defect
from sandbox.draw import generator, pick, unit
from sandbox.frame import read_frame
from sandbox.inbox import Inbox
from sandbox.population import by_unit
from sandbox.stock import Stock, stock
from sandbox.variety import FIRST_DAY
from sandbox.workbook import Sheet, write_workbook

FOLDER = "health/health_facilities"
HEADER = (
    "序号",
    *("机构/编码", "机构/名称", "机构/类别", "机构/等级", "机构/是否中医"),
    *("床位/核定", "床位/实有"),
    "县区代码",
    *("起止/开业日期", "起止/停业日期"),
)
NOTE = "注：只列设有床位的机构，为模拟数据。"
TYPES = ["医院", "乡镇卫生院", "社区卫生服务中心", "妇幼保健院"]
GRADES = ["三级", "二级", "一级", None]
# Assumed, but the beds of 2020: 535,000 published.
INSTITUTIONS = {2019: 2850, 2020: 2900, 2021: 2950, 2022: 3000, 2023: 3040, 2024: 3070, 2025: 3090}
BEDS = {2019: 516_000, 2020: 535_000, 2021: 548_000, 2022: 559_000, 2023: 571_000, 2024: 582_000, 2025: 590_000}
CLOSING = 0.004


def name_institutions(units: Ints, serial: Ints) -> Ints:
    """Numbers of institutions (the code without its H): 7 digits of the serial behind the unit's."""
    return units * 1_000_000 + serial


@cache
def institutions(seed: int) -> Stock:
    """At least 6 in each unit."""
    residents = by_unit("census_2020", 2020, 1.0, slice(0, 101)).astype(float)
    n = len(residents)
    return stock("hospitals", {y: 6 + share_out(i - 6 * n, residents) for y, i in INSTITUTIONS.items()}, CLOSING, seed)


def write_hospitals(inbox: Inbox, year: int) -> None:
    """医疗卫生机构床位_<year>年: one row per institution, one spoiled row, a total, a footnote."""
    rows = _rows(inbox, year)
    spoiled, defect = _spoil(rows[len(rows) // 3], year)
    at, beds = len(rows) // 2, sum(row[7] for row in rows)
    rows.insert(at, spoiled)
    rows.append(["合计", *[None] * 6, beds, *[None] * 3])
    title = f"设有床位的医疗卫生机构（{year}年）（{SIMULATED}）"
    sheet = Sheet(title, "单位：张", HEADER, rows, NOTE, {at: defect})
    write_workbook(inbox, FOLDER, f"医疗卫生机构床位_{year}年", str(year), sheet)


def _rows(inbox: Inbox, year: int) -> list[list[Any]]:
    frame, listed = read_frame(), institutions(inbox.seed).list(year)
    keys, labels = listed.keys, frame.labels(year)
    kind = np.searchsorted([0.55, 0.82, 0.97], unit(keys, "type"))
    grade = np.where(kind == 0, np.searchsorted([0.1, 0.35, 0.75], unit(keys, "grade")), 2 + pick(keys, "grade", 2))
    sizes = np.array([900.0, 250.0, 60.0, 25.0])[grade] * (0.5 + unit(keys, "size"))
    beds = share_out(round(inbox.scale * BEDS[year]), np.where(listed.stands(year), sizes, 0))
    in_words = (generator(inbox.seed, "hospitals", year).random(len(keys)) < 0.1).astype(int)
    columns = (
        listed.unit,
        listed.serial,
        kind,
        grade,
        pick(keys, "tcm", 8),
        beds,
        listed.since,
        listed.until,
        in_words,
    )
    return [
        [
            number,
            f"H{name_institutions(u, serial):09d}",
            f"{frame.names[u]}第{serial + 1}{TYPES[k]}（模拟）",
            TYPES[k],
            GRADES[g],
            "是" if tcm == 0 else "否",
            n + n // 20 if tcm else None,
            n,
            labels[u],
            _show(since, said),
            _show(until, said) if until else None,
        ]
        for number, (u, serial, k, g, tcm, n, since, until, said) in enumerate(
            zip(*(c.tolist() for c in columns), strict=True), 1
        )
    ]


def _show(days: int, in_words: int) -> date | str:
    """A day as a date cell, or in words."""
    on = FIRST_DAY + timedelta(days=days)
    return f"{on.year}年{on.month}月{on.day}日" if in_words else on


def _spoil(row: list[Any], year: int) -> tuple[list[Any], Defect]:
    """A row of an institution that is not on the list, or the row again with other beds."""
    kinds = (
        (7, "未核定", Defect("number_format", "beds")),
        (7, 99_999, Defect("out_of_range", "beds")),
        (3, "门诊部", Defect("not_in_codes", "institution_type")),
        (8, "329906", Defect("unknown_region", "county_code")),
        (7, None, Defect("required", "beds")),
        (9, f"{year}年4月31日", Defect("date_impossible", "open_date")),
        (7, 7, Defect("duplicate_key", "institution_id")),
    )
    column, value, defect = kinds[year - 2019]
    fresh = list(row)
    fresh[column] = value
    if defect.reason != "duplicate_key":
        fresh[1] = "H999000001"
    return fresh, defect
