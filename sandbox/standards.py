"""社会救助标准: a workbook with a sheet for each kind of support, every county's standards at the year end."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import cache
from itertools import groupby
from typing import Any, NamedTuple

import numpy as np

from ingest.words import SIMULATED
from sandbox.defects import Defect
from sandbox.draw import generator
from sandbox.frame import read, read_frame
from sandbox.inbox import Inbox
from sandbox.workbook import Sheet, write_workbook

FOLDER = "civil_affairs/minimum_standards"
HEADER = (
    "序号",
    *("地区/名称", "地区/代码"),
    *("城乡", "月标准"),
    *("执行期/起始日期", "执行期/截止日期"),
)
UNIT = "单位：元/人·月"
NOTE = "注：截止日期为空的为现行标准；本表为模拟数据。"
# 低保 by city in 2020, CNY a month: assumed, such that the mean over the 95 counties is 771 (the plan, line 73).
DIBAO = {
    **{"3201": 890, "3202": 980, "3203": 620, "3204": 925, "3205": 1045, "3206": 740, "3207": 620},
    **{"3208": 630, "3209": 640, "3210": 730, "3211": 770, "3212": 720, "3213": 610},
}
GROWTH = 0.05  # in a year: assumed
APART = 6  # counties of 苏北 with a lower standard in the country; from 2020 on none (表1, line 144)
DESTITUTE = 1.36  # times 低保, where the plan (line 811) asks for 1.3: assumed
CARE = {"护理补贴全自理": 0.10, "护理补贴半护理": 0.35, "护理补贴全护理": 0.75}  # times 低保: assumed
AREAS = ("城市", "农村")
SHEETS = {
    "城乡低保": "最低生活保障标准",
    "特困供养": "特困人员基本生活标准",
    **{name: f"特困人员照料{name[:4]}标准（{name[4:]}）" for name in CARE},
}


class Standard(NamedTuple):
    """CNY a month for one person; until is None while it is in force."""

    sheet: str
    code: str
    area: str
    amount: int
    since: date
    until: date | None


def write_standards(inbox: Inbox, year: int) -> None:
    """社会救助标准_<year>年; every year another city adds the standards that it replaced in July."""
    standards, draw = list(list_standards(year, inbox.seed)), generator(inbox.seed, "standards", year)
    sheets = []
    for place, (name, title) in enumerate(SHEETS.items()):
        own = [s for s in standards if s.sheet == name]
        rows, defect = _shape(own, year, place, draw)
        heading = f"{year}年{title}（{SIMULATED}）"
        sheets.append(Sheet(heading, UNIT, HEADER, rows, NOTE, {len(rows) - 1: defect}, name))
    sheets.append(_sum_up([s for s in standards if s.sheet == "城乡低保" and s.until is None], year))
    write_workbook(inbox, FOLDER, f"社会救助标准_{year}年", str(year), *sheets)


def list_standards(year: int, seed: int) -> Iterator[Standard]:
    """The standards of all counties (development zones have none of their own), by code."""
    labels, zones = read_frame().labels(year), read_frame().is_zone
    cities = sorted(DIBAO)
    for code in sorted({label for label, zone in zip(labels, zones, strict=True) if not zone}):
        replaced = [(date(year - 1, 7, 1), date(year, 7, 1))] if code[:4] == cities[year % 13] else []
        for since, until in [*replaced, (date(year, 7, 1), None)]:
            town = _round(DIBAO[code[:4]] * (1 + GROWTH) ** (since.year - 2020))
            country = _round(0.88 * town) if code in list_apart(since.year, seed) else town
            for area, amount in zip(AREAS, (town, country), strict=True):
                yield Standard("城乡低保", code, area, amount, since, until)
                yield Standard("特困供养", code, area, _round(DESTITUTE * amount), since, until)
            for sheet, share in CARE.items():
                yield Standard(sheet, code, "城乡统一", _round(share * town), since, until)


@cache
def list_apart(year: int, seed: int) -> list[str]:
    """The counties whose standards in town and country differ in a year."""
    frame = read_frame()
    north = [code for code, macro in zip(frame.codes, frame.macro, strict=True) if macro < 0 and code[4] != "7"]
    return generator(seed, "apart").choice(north, APART, replace=False).tolist() if year < 2020 else []


def _shape(
    standards: list[Standard], year: int, place: int, draw: np.random.Generator
) -> tuple[list[list[Any]], Defect]:
    """(rows with a mean after each city, and a spoiled one at the end; what is wrong with it)."""
    names = dict(zip(read_frame().labels(year), read_frame().names, strict=True))
    cities = dict(read("cities.csv").select("city_code", "name").iter_rows())
    rows: list[list[Any]] = []
    for city, part in groupby(standards, lambda s: s.code[:4]):
        own = list(part)
        for s in own:
            since = f"{s.since.year}年{s.since.month}月{s.since.day}日" if draw.random() < 0.1 else s.since
            amount = f"{s.amount:,}元" if draw.random() < 0.03 else s.amount
            rows.append([len(rows) + 1, names[s.code], s.code, s.area, amount, since, s.until])
        mean = round(sum(s.amount for s in own) / len(own), 1)
        rows.append([f"{cities[f'{city}00']}平均", None, None, None, mean, None, None])
    row, defect = _spoil(rows[-2], year, len(SHEETS) * year + place)
    return [*rows, row], defect


def _sum_up(standards: list[Standard], year: int) -> Sheet:
    """The last sheet, which holds no record: the means of the cities."""
    cities = dict(read("cities.csv").select("city_code", "name").iter_rows())
    means = []
    for city, part in groupby(standards, lambda s: s.code[:4]):
        amounts = np.array([s.amount for s in part]).reshape(-1, len(AREAS))
        means.append([cities[f"{city}00"], *amounts.mean(axis=0).round(1).tolist()])
    title = f"{year}年各设区市低保平均标准（{SIMULATED}）"
    return Sheet(title, UNIT, ("设区市", "平均标准/城市", "平均标准/农村"), means, NOTE, name="各市平均")


def _spoil(good: list[Any], year: int, serial: int) -> tuple[list[Any], Defect]:
    """A row like a good one with one cell spoiled, or, under the good one's key, with another amount."""
    kinds = (
        (2, "329905", Defect("unknown_region", "area_code")),
        (4, "另行通知", Defect("number_format", "amount_per_month")),
        (3, "镇区", Defect("not_in_codes", "urban_rural")),
        (4, 1, Defect("duplicate_key", "area_code")),
        (5, f"{year}年6月31日", Defect("date_impossible", "valid_from")),
        (2, "320684" if year > 2020 else "320721", Defect("expired_region", "area_code")),
        (4, 98_000, Defect("out_of_range", "amount_per_month")),
        (4, None, Defect("required", "amount_per_month")),
        (6, "长期", Defect("date_format", "valid_to")),
    )
    column, value, defect = kinds[serial % len(kinds)]
    return [*good[:column], value, *good[column + 1 :]], defect


def _round(amount: float) -> int:
    """To whole 5 yuan."""
    return 5 * round(amount / 5)
