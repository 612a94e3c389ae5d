"""义务教育优质均衡评估结果: the conclusions of each year, from which the state of a county must be derived."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache
from typing import Any, NamedTuple

import numpy as np

from ingest.words import SIMULATED
from sandbox.defects import Defect
from sandbox.draw import generator
from sandbox.frame import read_frame
from sandbox.inbox import Inbox
from sandbox.workbook import Sheet, write_workbook

FOLDER = "education/balanced_evaluations"
HEADER = (
    "序号",
    *("评估单位/名称", "评估单位/代码"),
    *("评估情况/认定日期", "评估情况/评估层级", "评估情况/评估结论"),
    "批次",
)
NOTE = "注：本表只列当年作出的结论，为模拟数据。"
FIRST = 2019
# Counties that have passed at the year's end: 18 of 95 in 2020, the plan's 18.9 %; 54 of 95 in 2025, short of 60 %.
PASSED = {2019: 10, 2020: 18, 2021: 25, 2022: 32, 2023: 40, 2024: 47, 2025: 54}
# 崇川 passed and 港闸 failed before they were merged, so the new 崇川 has not passed until it is evaluated itself;
# 海门 keeps as a district what it had as a city.
MERGING = {2019: [("320602", "通过"), ("320611", "未通过"), ("320684", "通过")], 2022: [("320613", "通过")]}
MERGED = {2020: {"320602": "", "320684": "320614"}}  # what becomes of a pass under an old code; "" where it ends
FAILS, REVOKED, NATIONAL = 2021, 2022, 2021  # years of a failure, of a revocation, of the first national conclusions


class Conclusion(NamedTuple):
    code: str
    level: str
    result: str


@cache
def conclude(seed: int) -> dict[int, list[Conclusion]]:
    """Conclusions by year. Two counties are set back: one fails before it passes, one that had passed is revoked."""
    frame = read_frame()
    own = {code for part in MERGING.values() for code, _ in part} | {"320614"}
    keen = np.argsort(generator(seed, "evaluations").normal(0, 0.8, len(frame.codes)) - frame.macro, kind="stable")
    queue = [frame.codes[i] for i in keen if not frame.is_zone[i] and frame.codes[i] not in own]
    passed: list[str] = []
    found: dict[int, list[Conclusion]] = {}
    for year, target in PASSED.items():
        results = list(MERGING.get(year, []))
        passed = [heir for code in passed if (heir := MERGED.get(year, {}).get(code, code))]
        if year == REVOKED:
            results.append((passed.pop(2), "撤销"))
        if year == FAILS:
            results.append((queue[10], "未通过"))
        wanted = target - len(passed) - sum(result == "通过" for _, result in results)
        results += [(code, "通过") for code in queue[:wanted]]
        queue = queue[wanted:]
        found[year] = [Conclusion(code, "省级", result) for code, result in sorted(results)]
        if year >= NATIONAL:  # the national evaluation follows the provincial one and does not count
            followed = passed[year - NATIONAL :: 9][:3]
            found[year] += [Conclusion(c, "国家级", "通过" if i else "未通过") for i, c in enumerate(followed)]
        passed += [code for code, result in results if result == "通过"]
    return found


def write_evaluations(inbox: Inbox, year: int) -> None:
    """义务教育优质均衡评估结果_<year>年: one row per conclusion, one spoiled row, a total, a footnote."""
    names = dict(zip(read_frame().labels(year), read_frame().names, strict=True))
    draw = generator(inbox.seed, "evaluations", year)
    rows: list[list[Any]] = []
    for number, (code, level, result) in enumerate(conclude(inbox.seed)[year], 1):
        on = date(year, 4, 1) + timedelta(days=int(draw.integers(0, 240)))
        shown = on if draw.random() < 0.8 else f"{on.year}年{on.month}月{on.day}日"
        rows.append([number, names.get(code, code), code, shown, level, result, int(draw.integers(1, 4))])
    at = len(rows)
    row, defect = _spoil([at + 1, *rows[-1][1:]], year)
    rows += [row, ["合计", None, None, None, None, f"{at}项", None]]
    title = f"义务教育优质均衡发展督导评估结果（{year}年）（{SIMULATED}）"
    sheet = Sheet(title, "单位：个", HEADER, rows, NOTE, {at: defect})
    write_workbook(inbox, FOLDER, f"义务教育优质均衡评估结果_{year}年", str(year), sheet)


def _spoil(row: list[Any], year: int) -> tuple[list[Any], Defect]:
    """A row of a county that has no conclusion in the year, or a second conclusion under the last row's key."""
    kinds = (
        (3, f"{year}年2月30日", Defect("date_impossible", "eval_date")),
        (5, "暂缓", Defect("not_in_codes", "result")),
        (3, date(year - 1, 12, 20), Defect("outside_period", "eval_date")),
        (2, "329905", Defect("unknown_region", "eval_unit_code")),
        (2, "320611", Defect("expired_region", "eval_unit_code")),
        (6, 120, Defect("out_of_range", "batch")),
        (5, "未通过", Defect("duplicate_key", "eval_unit_code")),
    )
    column, value, defect = kinds[year - FIRST]
    if defect.reason == "duplicate_key":
        return [*row[:column], value, *row[column + 1 :]], defect
    spoiled = [row[0], "待核单位", "320571", date(year, 5, 20), "省级", "未通过", 1]
    spoiled[column] = value
    return spoiled, defect
