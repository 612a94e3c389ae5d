"""城乡公交一体化试点县: the list of pilot counties as it stands each spring, with what was concluded on them."""

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

FOLDER = "transport/bus_integration_counties"
HEADER = (
    "序号",
    *("试点县（市、区）/名称", "试点县（市、区）/代码"),
    *("纳入情况/批次", "纳入情况/纳入日期"),
    *("验收情况/验收日期", "验收情况/验收结论"),
)
NOTE = "注：本表为报送时的名单，批次为空的为已申报、未纳入；模拟数据。"
FIRST = 2019
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


def write_pilots(inbox: Inbox, year: int) -> None:
    """城乡公交一体化试点县_<year>年: the list of March of the year after, one spoiled row, a total, a footnote."""
    names, shown = dict(zip(read_frame().codes, read_frame().names, strict=True)), date(year + 1, 3, 1)
    rows: list[list[Any]] = []
    pilots = plan_pilots(inbox.seed)
    for place, pilot in enumerate(pilots[: APPLIED.get(year, INCLUDED.get(year, 0) + 4)]):
        is_included, passed = (
            place < INCLUDED.get(year, 0),
            pilot.passed if pilot.passed and pilot.passed < shown else None,
        )
        result = "通过" if passed else None
        if place == FAILED and year == 2023:
            passed, result = date(2023, 11, 20), "未通过"
        start = [pilot.batch, pilot.included] if is_included else [None, None]
        rows.append([place + 1, names[pilot.code], pilot.code, *start, _vary(passed, place), result])
    at = len(rows)
    row, defect = _spoil(rows, year, pilots[-1].code)
    total = INCLUDED.get(year, 0)
    rows += [row, ["合计", None, None, None, f"{total}个", None, f"{sum(r[6] == '通过' for r in rows)}个"]]
    title = f"城乡公交一体化试点县（市、区）名单（{year}年）（{SIMULATED}）"
    sheet = Sheet(title, "单位：个", HEADER, rows, NOTE, {at: defect})
    write_workbook(inbox, FOLDER, f"城乡公交一体化试点县_{year}年", str(year), sheet)


def _vary(on: date | None, place: int) -> date | str | None:
    return f"{on.year}年{on.month}月{on.day}日" if on and place % 5 == 3 else on


def _spoil(rows: list[list[Any]], year: int, unused: str) -> tuple[list[Any], Defect]:
    """A row of a county that is not on the list of the year, or a second row under the last one's key."""
    kinds = (
        (2, "329907", Defect("unknown_region", "county_code")),
        (2, "320721", Defect("expired_region", "county_code")),
        (3, 120, Defect("out_of_range", "batch")),
        (4, "2022年2月30日", Defect("date_impossible", "included_date")),
        (6, "整改", Defect("not_in_codes", "result")),
        (5, "上半年", Defect("date_format", "accepted_date")),
        (6, "未通过", Defect("duplicate_key", "county_code")),
    )
    column, value, defect = kinds[year - FIRST]
    if defect.reason == "duplicate_key":
        return [len(rows) + 1, *rows[-1][1:column], value], defect
    spoiled = [len(rows) + 1, "待核县", "320111", 1, date(2021, 6, 1), None, None]
    spoiled[column] = value
    return spoiled, defect
