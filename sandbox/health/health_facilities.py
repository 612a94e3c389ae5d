"""医疗卫生机构床位: the institutions that have beds, in a workbook."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache

import numpy as np
import polars as pl

from sandbox.paper.defects import Defect, Defects, Row, ways
from sandbox.paper.inbox import Inbox
from sandbox.paper.workbook import Sheet, put_in_words, spoil
from sandbox.province.counts import Ints, share_out
from sandbox.province.days import FIRST_DAY
from sandbox.province.draw import generator, pick, unit
from sandbox.province.frame import read_frame
from sandbox.province.stock import Stock, stock_by_size
from sandbox.province.towns import name_places

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
    return stock_by_size("hospitals", INSTITUTIONS, slice(0, 101), 6, CLOSING, 1.0, seed)


def write(inbox: Inbox, year: int) -> None:
    """医疗卫生机构床位_<year>年: one row per institution, one spoiled row, a total, a footnote."""
    rows = _rows(inbox, year)
    bad, defect = spoil(_defects(year), year - 2019, rows[len(rows) // 3], "institution_id")
    at, beds = len(rows) // 2, sum(row["beds"] for row in rows)
    rows.insert(at, bad)
    rows.append({"序号": "合计", "beds": beds})
    title = f"设有床位的医疗卫生机构（{year}年）"
    inbox.send_workbook(__name__, year, Sheet(title, "单位：张", rows, NOTE, {at: defect}))


def _rows(inbox: Inbox, year: int) -> list[Row]:
    frame, listed = read_frame(), institutions(inbox.seed).list(year)
    keys, labels = listed.keys, frame.labels(year)
    kind = np.searchsorted([0.55, 0.82, 0.97], unit(keys, "type"))
    grade = np.where(kind == 0, np.searchsorted([0.1, 0.35, 0.75], unit(keys, "grade")), 2 + pick(keys, "grade", 2))
    sizes = np.array([900.0, 250.0, 60.0, 25.0])[grade] * (0.5 + unit(keys, "size"))
    beds = share_out(round(inbox.scale * BEDS[year]), np.where(listed.stands(year), sizes, 0))
    in_words = generator(inbox.seed, "hospitals", year).random(len(keys)) < 0.1
    dates = [
        [_show(day, said) if day else None for day, said in zip(days.tolist(), in_words.tolist(), strict=True)]
        for days in (listed.since, listed.until)
    ]
    columns = {
        "序号": range(1, len(keys) + 1),
        "institution_id": [f"H{n:09d}" for n in name_institutions(listed.unit, listed.serial).tolist()],
        "机构/名称": name_places(listed.unit, listed.serial, pl.Series(TYPES).gather(kind)),
        "institution_type": [TYPES[k] for k in kind],
        "grade": [GRADES[g] for g in grade],
        "is_tcm": ["否" if other else "是" for other in pick(keys, "tcm", 8)],
        "beds_approved": [
            n + n // 20 if other else None for n, other in zip(beds.tolist(), pick(keys, "tcm", 8), strict=True)
        ],
        "beds": beds.tolist(),
        "county_code": [labels[u] for u in listed.unit],
        "open_date": dates[0],
        "close_date": dates[1],
    }
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def _show(days: int, in_words: bool) -> date | str:
    """A day as a date cell, or in words."""
    on = FIRST_DAY + timedelta(days=days)
    return put_in_words(on) if in_words else on


def _defects(year: int) -> Defects:
    """One in each year: an institution that is not on the list, or one with other beds again."""
    kinds = (
        *ways("beds", number_format="未核定", out_of_range=99_999),
        Defect("not_in_codes", "institution_type", "门诊部"),
        Defect("unknown_region", "county_code", "329906"),
        Defect("required", "beds", None),
        Defect("date_impossible", "open_date", f"{year}年4月31日"),
    )
    return Defects(kinds, {"institution_id": "H999000001"}, {"beds": 7})
