"""城乡公交一体化试点县: the list of pilot counties as it stands each spring, with what was concluded on them."""

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

NOTE = "注：本表为报送时的名单，批次为空的为已申报、未纳入；模拟数据。"
APPLIED = {2019: 8, 2020: 24}  # listed before there was a batch; from 2021 on four more than are included
INCLUDED = {2021: 24, 2022: 32, 2023: 56, 2024: 60, 2025: 60}  # counties of all batches
# The first 16 were accepted in December 2022 (published). 16/32 = 50 %, 26/56 = 46.4 % as the third batch comes in,
# 42/60 = 70 %, 50/60 = 83.3 %: above the target of 80.
PASSED = {2022: 16, 2023: 26, 2024: 42, 2025: 50}
EARLY = 2  # of those accepted in a year so many already by February: the list of the year before shows them
FAILED = 30  # the place in the queue of a county that failed in 2023 and passed in 2024
OWN = {"320611", "320613", "320614"}  # codes that changed in 2020: left out of the pilot


class Pilot(NamedTuple):
    """One county's course; no date where it never comes to it."""

    code: str
    batch: int
    included: date
    passed: date | None


@cache
def plan_pilots(seed: int) -> list[Pilot]:
    """The 60 pilot counties in the order of their inclusion, and four that only apply; 苏南 comes first."""
    frame, draw = read_frame(), generator(seed, "pilots")
    keen = np.argsort(draw.normal(0, 1.2, len(frame.codes)) - frame.macro, kind="stable")
    queue = [frame.codes[i] for i in keen if not frame.is_zone[i] and frame.codes[i] not in OWN]
    found = []
    for place, code in enumerate(queue[: max(INCLUDED.values()) + 4]):
        batch = next((n for n, total in enumerate(INCLUDED.values(), 1) if place < total), len(INCLUDED) + 1)
        included = date(2020 + batch, 3, 1) + timedelta(days=int(draw.integers(0, 200)))
        year = next((y for y, total in PASSED.items() if place < total), None)
        found.append(Pilot(code, batch, included, _pass_day(place, year, draw) if year else None))
    return found


def _pass_day(place: int, year: int, draw: np.random.Generator) -> date:
    if year == min(PASSED):
        return date(year, 12, int(draw.integers(5, 29)))
    is_early = place < PASSED[year - 1] + EARLY
    return date(year, 1, 8) + timedelta(days=int(draw.integers(0, 40) if is_early else draw.integers(90, 330)))


def write(inbox: Inbox, year: int) -> None:
    """城乡公交一体化试点县_<year>年: the list of March of the year after, one spoiled row, a total, a footnote."""
    names, shown = dict(zip(read_frame().codes, read_frame().names, strict=True)), date(year + 1, 3, 1)
    rows: list[Row] = []
    included = INCLUDED.get(year, 0)
    for place, pilot in enumerate(plan_pilots(inbox.seed)[: APPLIED.get(year, included + 4)]):
        passed = pilot.passed if pilot.passed and pilot.passed < shown else None
        result = "通过" if passed else None
        if place == FAILED and year == 2023:
            passed, result = date(2023, 11, 20), "未通过"
        rows.append(
            {
                "序号": place + 1,
                "试点县（市、区）/名称": names[pilot.code],
                "county_code": pilot.code,
                "batch": pilot.batch if place < included else None,
                "included_date": pilot.included if place < included else None,
                "accepted_date": put_in_words(passed) if passed and place % 5 == 3 else passed,
                "result": result,
            }
        )
    at, passes = len(rows), sum(r["result"] == "通过" for r in rows)
    bad, defect = spoil(_defects(), year - 2019, rows[-1] | {"序号": at + 1}, "county_code")
    rows += [bad, {"序号": "合计", "included_date": f"{included}个", "result": f"{passes}个"}]
    title = f"城乡公交一体化试点县（市、区）名单（{year}年）"
    inbox.send_workbook(__name__, year, Sheet(title, "单位：个", rows, NOTE, {at: defect}))


def _defects() -> Defects:
    """One in each year: a county that is not on the list of the year, or a second row under the last one's key."""
    kinds = (
        *ways("county_code", unknown_region="329907", expired_region="320721"),
        Defect("out_of_range", "batch", 120),
        Defect("date_impossible", "included_date", "2022年2月30日"),
        Defect("not_in_codes", "result", "整改"),
        Defect("date_format", "accepted_date", "上半年"),
    )
    fresh = {"试点县（市、区）/名称": "待核县", "county_code": "320111", "batch": 1, "included_date": date(2021, 6, 1)}
    return Defects(kinds, fresh | {"accepted_date": None, "result": None}, {"result": "未通过"})
