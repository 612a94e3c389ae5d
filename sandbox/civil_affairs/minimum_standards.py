"""社会救助标准: a workbook with a sheet for each kind of support, every county's standards at the year end."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import cache
from itertools import groupby
from typing import NamedTuple

import numpy as np

from sandbox.paper.defects import Defect, Defects, Row, ended_code, ways
from sandbox.paper.inbox import Inbox
from sandbox.paper.workbook import Sheet, put_in_words, spoil
from sandbox.province.draw import generator
from sandbox.province.frame import read, read_frame

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


def write(inbox: Inbox, year: int) -> None:
    """社会救助标准_<year>年; every year another city adds the standards that it replaced in July."""
    standards, draw = list(list_standards(year, inbox.seed)), generator(inbox.seed, "standards", year)
    sheets = []
    for place, (name, title) in enumerate(SHEETS.items()):
        rows = _shape([s for s in standards if s.sheet == name], year, draw)
        bad, defect = spoil(_defects(year), len(SHEETS) * year + place, rows[-2], "area_code")
        sheets.append(Sheet(f"{year}年{title}", UNIT, [*rows, bad], NOTE, {len(rows): defect}, name))
    sheets.append(_sum_up([s for s in standards if s.sheet == "城乡低保" and s.until is None], year))
    inbox.send_workbook(__name__, year, *sheets)


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


def _shape(standards: list[Standard], year: int, draw: np.random.Generator) -> list[Row]:
    """The rows of a sheet, with a mean after each city."""
    names = dict(zip(read_frame().labels(year), read_frame().names, strict=True))
    cities = dict(read("cities.csv").select("city_code", "name").iter_rows())
    rows: list[Row] = []
    for city, part in groupby(standards, lambda s: s.code[:4]):
        own = list(part)
        for s in own:
            since = put_in_words(s.since) if draw.random() < 0.1 else s.since
            rows.append(
                {
                    "序号": len(rows) + 1,
                    "地区/名称": names[s.code],
                    "area_code": s.code,
                    "urban_rural": s.area,
                    "amount_per_month": f"{s.amount:,}元" if draw.random() < 0.03 else s.amount,
                    "valid_from": since,
                    "valid_to": s.until,
                }
            )
        mean = round(sum(s.amount for s in own) / len(own), 1)
        rows.append({"序号": f"{cities[f'{city}00']}平均", "amount_per_month": mean})
    return rows


def _sum_up(standards: list[Standard], year: int) -> Sheet:
    """The last sheet, which holds no record: the means of the cities."""
    cities = dict(read("cities.csv").select("city_code", "name").iter_rows())
    means = []
    for city, part in groupby(standards, lambda s: s.code[:4]):
        amounts = np.array([s.amount for s in part]).reshape(-1, len(AREAS)).mean(axis=0).round(1).tolist()
        means.append({"设区市": cities[f"{city}00"], "平均标准/城市": amounts[0], "平均标准/农村": amounts[1]})
    return Sheet(f"{year}年各设区市低保平均标准", UNIT, means, NOTE, name="各市平均")


def _defects(year: int) -> Defects:
    """One on each sheet, in turn: a good row with one cell spoiled, or, under its key, with another amount."""
    kinds = (
        Defect("unknown_region", "area_code", "329905"),
        Defect("number_format", "amount_per_month", "另行通知"),
        Defect("not_in_codes", "urban_rural", "镇区"),
        Defect("duplicate_key", "area_code"),
        Defect("date_impossible", "valid_from", f"{year}年6月31日"),
        ended_code(year, "area_code"),
        *ways("amount_per_month", out_of_range=98_000, required=None),
        Defect("date_format", "valid_to", "长期"),
    )
    return Defects(kinds, {}, {"amount_per_month": 1})


def _round(amount: float) -> int:
    """To whole 5 yuan."""
    return 5 * round(amount / 5)
