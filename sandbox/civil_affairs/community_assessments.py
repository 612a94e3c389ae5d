"""和谐社区建设评估: communities of towns and villages of the country, and whether they meet the standard."""

from __future__ import annotations

from functools import cache

import numpy as np
import polars as pl

from sandbox.paper.defects import Defect, Defects, each, ways
from sandbox.paper.inbox import Inbox
from sandbox.paper.variety import write_flags
from sandbox.province.counts import Ints, nearest_numerator, number_off, share_out
from sandbox.province.draw import Keys, generator, mix, pair, unit
from sandbox.province.frame import read_frame
from sandbox.province.towns import list_towns

COMMUNITIES = 21_958  # of the province; at a small scale fewer, but one in each township
KINDS = ["城市社区", "农村社区"]
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


def write(inbox: Inbox, year: int) -> None:
    """和谐社区建设评估_<year>年, as a spreadsheet saves Unicode text: UTF-16, tabs between the cells."""
    towns, town, number = _list(inbox.scale)
    draw, n = generator(inbox.seed, "communities", year), len(town)
    rural = towns["is_rural"].to_numpy()[town].astype(np.int64)
    keys = mix(pair(town, number), inbox.seed)
    met = _meet(keys, towns["unit"].to_numpy()[town], rural, year)
    digits = pl.Series(number).cast(pl.String).str.zfill(3)
    frame = {
        "community_code": towns["township_code"].gather(town) + digits,
        "社区（村）名称": towns["name"].gather(town) + "第" + digits + "社区（模拟）",
        "urban_rural": pl.Series(KINDS).gather(rural),
        "评估年度": pl.repeat(str(year), n, eager=True),
        "is_met": write_flags(met, draw),
    }
    inbox.send(__name__, year, frame, _defects())


@cache
def _list(scale: float) -> tuple[pl.DataFrame, Ints, Ints]:
    """(the townships, the township of each community, its number there)."""
    towns = list_towns().unique("township_code", keep="first", maintain_order=True)
    sizes = 1 + share_out(round(scale * (COMMUNITIES - towns.height)), np.where(towns["is_rural"], 1.3, 1.0))
    town = np.repeat(np.arange(towns.height), sizes)
    return towns, town, number_off(sizes) + 1


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
        *ways("urban_rural", not_in_codes="城乡结合部", required="—"),
        Defect("not_in_codes", "is_met", "待评"),
        Defect("ragged_row", "*", "more"),
        *each("required", is_met="", community_code="暂无"),
        Defect("ragged_row", "*", "fewer"),
    )
    return Defects(kinds, {"community_code": "329999999{:03d}"}, {"is_met": "否"})
