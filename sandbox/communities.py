"""和谐社区建设评估: communities of towns and villages of the country, and whether they meet the standard."""

from __future__ import annotations

from functools import cache

import numpy as np
import polars as pl

from sandbox.apportion import Ints, nearest_numerator, share_out
from sandbox.defects import Defect, Defects, Row
from sandbox.draw import Keys, generator, mix, unit
from sandbox.frame import read_frame
from sandbox.inbox import Inbox
from sandbox.towns import list_towns
from sandbox.variety import write_words
from sandbox.write import CsvFile

FOLDER = "civil_affairs/community_assessments"
COLUMNS = {
    "community_code": "社区（村）代码",
    "name": "社区（村）名称",
    "urban_rural": "类型",
    "assess_year": "评估年度",
    "is_met": "是否达标",
}
COMMUNITIES = 21_958  # of the province; at a small scale fewer, but one in each township
KINDS, YES = ["城市社区", "农村社区"], ["否", "是"]
# Per cent that meet the standard, (urban, rural); 2020: 表1, line 145. The others are assumed.
MET = {
    2019: (97.2, 94.1),
    2020: (99.0, 97.0),
    2021: (99.1, 97.4),
    2022: (99.2, 97.7),
    2023: (99.3, 98.0),
    2024: (99.4, 98.2),
    2025: (99.5, 98.5),
}


def write_communities(inbox: Inbox, year: int) -> None:
    """和谐社区建设评估_<year>年, as a spreadsheet saves Unicode text: UTF-16, tabs between the cells."""
    towns, town, number = _list(inbox.scale)
    draw, n = generator(inbox.seed, "communities", year), len(town)
    rural = towns["is_rural"].to_numpy()[town].astype(np.int64)
    keys = mix(town.astype(np.uint64) << np.uint64(32) | number.astype(np.uint64), inbox.seed)
    met = _meet(keys, towns["unit"].to_numpy()[town], rural, year)
    digits = pl.Series(number).cast(pl.String).str.zfill(3)
    frame = pl.DataFrame(
        {
            "community_code": towns["township_code"].gather(town) + digits,
            "name": towns["name"].gather(town) + "第" + digits + "社区（模拟）",
            "urban_rural": pl.Series(KINDS).gather(rural),
            "assess_year": pl.repeat(str(year), n, eager=True),
            "is_met": write_words(YES, met, draw),
        }
    )
    name = f"和谐社区建设评估_{year}年"
    with CsvFile(inbox, FOLDER, name, COLUMNS, "utf-16", str(year), delimiter="\t") as file:
        file.spoil(_defects())
        file.append(frame)


@cache
def _list(scale: float) -> tuple[pl.DataFrame, Ints, Ints]:
    """(the townships, the township of each community, its number there)."""
    towns = list_towns().unique("township_code", keep="first", maintain_order=True)
    sizes = 1 + share_out(round(scale * (COMMUNITIES - towns.height)), np.where(towns["is_rural"], 1.3, 1.0))
    town = np.repeat(np.arange(towns.height), sizes)
    return towns, town, np.arange(len(town)) - np.repeat(np.cumsum(sizes) - sizes, sizes) + 1


def _meet(keys: Keys, units: Ints, rural: Ints, year: int) -> Ints:
    """1 for those who meet it: who does in one year does in the next, too, and 苏南 is ahead."""
    luck = unit(keys, "met") - 0.2 * read_frame().macro[units]
    met = np.zeros(len(keys), np.int64)
    for area, share in enumerate(MET[year]):
        own = np.flatnonzero(rural == area)
        met[own[np.argsort(luck[own], kind="stable")][: nearest_numerator(share, len(own))]] = 1
    return met


def _defects() -> Defects:
    kinds = (
        Defect("pattern", "community_code", "32010200201"),
        Defect("not_in_codes", "urban_rural", "城乡结合部"),
        Defect("required", "urban_rural", "—"),
        Defect("not_in_codes", "is_met", "待评"),
        Defect("ragged_row", "*", "more"),
        Defect("required", "is_met", ""),
        Defect("required", "community_code", "暂无"),
        Defect("ragged_row", "*", "fewer"),
    )

    def renew(row: Row, serial: int) -> Row:
        return {**row, "community_code": f"329999999{serial:03d}"}

    return Defects(kinds, renew, "community_code", {"is_met": "否"})
