"""义务教育优质均衡评估结果: the conclusions of each year, from which the state of a county must be derived."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache
from typing import NamedTuple

import numpy as np

from sandbox.paper.defects import Defect, Defects, Row, ways
from sandbox.paper.inbox import Inbox
from sandbox.paper.workbook import Sheet, put_in_words, spoil
from sandbox.province.draw import generator
from sandbox.province.frame import read_frame

NOTE = "注：本表只列当年作出的结论，为模拟数据。"
SINCE = 2019  # whatever is asked for: the state of a county follows from all conclusions
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


def write(inbox: Inbox, year: int) -> None:
    """义务教育优质均衡评估结果_<year>年: one row per conclusion, one spoiled row, a total, a footnote."""
    names = dict(zip(read_frame().labels(year), read_frame().names, strict=True))
    draw = generator(inbox.seed, "evaluations", year)
    rows: list[Row] = []
    for number, (code, level, result) in enumerate(conclude(inbox.seed)[year], 1):
        on = date(year, 4, 1) + timedelta(days=int(draw.integers(0, 240)))
        rows.append(
            {
                "序号": number,
                "评估单位/名称": names.get(code, code),
                "eval_unit_code": code,
                "eval_date": on if draw.random() < 0.8 else put_in_words(on),
                "level": level,
                "result": result,
                "batch": int(draw.integers(1, 4)),
            }
        )
    at = len(rows)
    bad, defect = spoil(_defects(year), year - SINCE, rows[-1] | {"序号": at + 1}, "eval_unit_code")
    rows += [bad, {"序号": "合计", "result": f"{at}项"}]
    title = f"义务教育优质均衡发展督导评估结果（{year}年）"
    inbox.send_workbook(__name__, year, Sheet(title, "单位：个", rows, NOTE, {at: defect}))


def _defects(year: int) -> Defects:
    """One in each year: a county that has no conclusion in it, or a second conclusion under the last row's key."""
    kinds = (
        Defect("date_impossible", "eval_date", f"{year}年2月30日"),
        Defect("not_in_codes", "result", "暂缓"),
        Defect("outside_period", "eval_date", date(year - 1, 12, 20)),
        *ways("eval_unit_code", unknown_region="329905", expired_region="320611"),
        Defect("out_of_range", "batch", 120),
    )
    fresh = {"评估单位/名称": "待核单位", "eval_unit_code": "320571", "eval_date": date(year, 5, 20), "level": "省级"}
    return Defects(kinds, fresh | {"result": "未通过", "batch": 1}, {"result": "未通过"})
