"""困难群众主动发现机制评估: the conclusions of each year, from which the state of a city must be derived."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache
from typing import NamedTuple

import numpy as np

from sandbox.paper.defects import Defect, Defects, Row
from sandbox.paper.inbox import Inbox
from sandbox.paper.workbook import Sheet, put_in_words, spoil
from sandbox.province.draw import generator
from sandbox.province.frame import read

NOTE = "注：本表只列当年作出的结论，已建成的方面抽查复评；模拟数据。"
COMPONENTS = ["监测预警平台", "网格化走访排查", "社会力量参与"]
SINCE = 2019  # whatever is asked for: the state of a city follows from all conclusions
# Cities with all three components at the year's end: 2 of 13 in 2020, the plan's 15 %; all of them in 2025.
BUILT = {2019: 1, 2020: 2, 2021: 4, 2022: 6, 2023: 8, 2024: 11, 2025: 13}
# The place of the city that loses a component, and the year; it is built again a year later.
SET_BACK, REVOKED = 3, 2023


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
            built = max(SINCE, done - (len(COMPONENTS) - 1 - rank))
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


def write(inbox: Inbox, year: int) -> None:
    """困难群众主动发现机制评估_<year>年: one row per conclusion, one spoiled row, a total, a footnote."""
    names = dict(read("cities.csv").select("city_code", "name").iter_rows())
    draw = generator(inbox.seed, "discovery", year)
    rows: list[Row] = []
    for number, (city, component, on, result) in enumerate(assess(inbox.seed)[year], 1):
        rows.append(
            {
                "序号": number,
                "设区市/名称": names[city],
                "city_code": city,
                "component": COMPONENTS[component],
                "assess_date": on if draw.random() < 0.8 else put_in_words(on),
                "result": result,
            }
        )
    at = len(rows)
    bad, defect = spoil(_defects(year), year - SINCE, rows[-1] | {"序号": at + 1}, "city_code")
    rows += [bad, {"序号": "合计", "result": f"{at}项"}]
    title = f"困难群众主动发现机制建设评估结果（{year}年）"
    inbox.send_workbook(__name__, year, Sheet(title, "单位：项", rows, NOTE, {at: defect}))


def _defects(year: int) -> Defects:
    """One in each year: a cell that cannot be taken, or another result under the last row's key."""
    kinds = (
        Defect("not_in_codes", "result", "基本建成"),
        Defect("pattern", "city_code", "3299"),
        Defect("outside_period", "assess_date", date(year + 1, 1, 8)),
        Defect("not_in_codes", "component", "信息渠道"),
        Defect("date_format", "assess_date", "第四季度"),
        Defect("required", "result", None),
    )
    return Defects(kinds, {}, {"result": "未建成"})
