"""困难群众主动发现机制评估: the conclusions of each year, from which the state of a city must be derived."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache
from typing import Any, NamedTuple

import numpy as np

from ingest.words import SIMULATED
from sandbox.defects import Defect
from sandbox.draw import generator
from sandbox.frame import read
from sandbox.inbox import Inbox
from sandbox.workbook import Sheet, write_workbook

FOLDER = "civil_affairs/proactive_discovery_assessments"
HEADER = (
    "序号",
    *("设区市/名称", "设区市/代码"),
    *("评估情况/机制内容", "评估情况/评估日期", "评估情况/评估结论"),
)
NOTE = "注：本表只列当年作出的结论，已建成的方面抽查复评；模拟数据。"
COMPONENTS = ["监测预警平台", "网格化走访排查", "社会力量参与"]
FIRST = 2019
# Cities with all three components at the year's end: 2 of 13 in 2020, the plan's 15 %; all of them in 2025.
BUILT = {2019: 1, 2020: 2, 2021: 4, 2022: 6, 2023: 8, 2024: 11, 2025: 13}
SET_BACK, REVOKED = (
    3,
    2023,
)  # the place of the city that loses a component, and the year; it is built again a year later


class Conclusion(NamedTuple):
    city: str
    component: int
    on: date
    result: str


@cache
def assess(seed: int) -> dict[int, list[Conclusion]]:
    """Conclusions by year. What is not built is assessed every year, what is built now and then; 苏南 comes first."""
    cities = read("cities.csv")
    lead = cities["macro_region"].replace_strict({"south": 1.0, "central": 0.0, "north": -1.0}).to_numpy()
    draw = generator(seed, "discovery")
    queue = cities["city_code"].gather(np.argsort(draw.normal(0, 0.8, len(lead)) - lead, kind="stable")).to_list()
    found: dict[int, list[Conclusion]] = {year: [] for year in BUILT}
    for place, city in enumerate(queue):
        # one city more than counted has all of them while one is set back
        done = next(year for year, n in BUILT.items() if place < n + (year == REVOKED))
        order = draw.permutation(len(COMPONENTS)).tolist()
        for rank, component in enumerate(order):
            built = max(FIRST, done - (len(COMPONENTS) - 1 - rank))
            for year in BUILT:
                results = _conclude(year, built, draw)
                if place == SET_BACK and rank == 1 and year >= REVOKED:
                    results = {REVOKED: ["撤销"], REVOKED + 1: ["已建成"]}.get(year, [])
                days = sorted(date(year, 2, 10) + timedelta(days=int(d)) for d in draw.choice(320, len(results), False))
                found[year] += [Conclusion(city, component, *each) for each in zip(days, results, strict=True)]
    return {year: sorted(conclusions) for year, conclusions in found.items()}


def _conclude(year: int, built: int, draw: np.random.Generator) -> list[str]:
    """What is concluded on a component in a year, in order: some are built only when assessed again."""
    if year < built:
        return ["未建成"]
    if year == built:
        return ["未建成", "已建成"] if draw.random() < 0.3 else ["已建成"]
    return ["已建成"] if draw.random() < 0.3 else []


def write_discovery(inbox: Inbox, year: int) -> None:
    """困难群众主动发现机制评估_<year>年: one row per conclusion, one spoiled row, a total, a footnote."""
    names = dict(read("cities.csv").select("city_code", "name").iter_rows())
    draw = generator(inbox.seed, "discovery", year)
    rows: list[list[Any]] = []
    for number, (city, component, on, result) in enumerate(assess(inbox.seed)[year], 1):
        shown = on if draw.random() < 0.8 else f"{on.year}年{on.month}月{on.day}日"
        rows.append([number, names[city], city, COMPONENTS[component], shown, result])
    at = len(rows)
    row, defect = _spoil([at + 1, *rows[-1][1:]], year)
    rows += [row, ["合计", None, None, None, None, f"{at}项"]]
    title = f"困难群众主动发现机制建设评估结果（{year}年）（{SIMULATED}）"
    sheet = Sheet(title, "单位：项", HEADER, rows, NOTE, {at: defect})
    write_workbook(inbox, FOLDER, f"困难群众主动发现机制评估_{year}年", str(year), sheet)


def _spoil(row: list[Any], year: int) -> tuple[list[Any], Defect]:
    """The last row again with one cell that cannot be taken, or with another result under the same key."""
    kinds = (
        (5, "基本建成", Defect("not_in_codes", "result")),
        (2, "3299", Defect("pattern", "city_code")),
        (4, date(year + 1, 1, 8), Defect("outside_period", "assess_date")),
        (3, "信息渠道", Defect("not_in_codes", "component")),
        (4, "第四季度", Defect("date_format", "assess_date")),
        (5, None, Defect("required", "result")),
        (5, "未建成", Defect("duplicate_key", "city_code")),
    )
    column, value, defect = kinds[year - FIRST]
    return [*row[:column], value, *row[column + 1 :]], defect
